// replaced.mjs: the names that the runtime and its ports define in the place of the C library or the compiler, with
// the reason. What begins with _ and another _ or a capital is not listed: C keeps such names for compilers and
// their libraries.

/** @type {{ names: string, why: string }[]} */
export const REPLACED = [
  { names: 'malloc calloc realloc free memalign aligned_alloc posix_memalign malloc_usable_size valloc pvalloc',
    why: 'native, builds with --check only: what is freed twice or written to beyond its end is found ' +
      '(runtime/check/heap.c)' },
  { names: 'main', why: 'native: the program begins in the runtime, which calls gr_main' },
  { names: 'sleep usleep nanosleep clock_nanosleep thrd_sleep', why: 'the goroutine sleeps, not its thread' },
  { names: 'clock clock_gettime clock_getres gettimeofday time times timespec_get ftime',
    why: 'one clock, virtual where that is asked for' },
  { names: 'arc4random arc4random_buf arc4random_uniform getentropy getrandom',
    why: 'chance comes from the seed where that is asked for' },
  { names: 'emscripten_date_now emscripten_get_now emscripten_get_now_res',
    why: 'the same clock: Emscripten would ask JavaScript' },
  { names: 'exit _exit quick_exit atexit at_quick_exit abort raise',
    why: 'the end of the program is the runtime\'s: output goes out, exit codes are Go\'s' },
  { names: 'signal pthread_sigmask sigpending', why: 'signals are the goroutine\'s' },
  { names: 'gmtime gmtime_r localtime localtime_r mktime timegm difftime strftime strftime_l ' +
    'wcsftime wcsftime_l strptime daylight timezone tzname tzset',
    why: 'the calendar without JavaScript, the same in both ports' },
  { names: 'fflush fflush_unlocked flockfile ftrylockfile funlockfile fgetc fputc getc getchar putc putchar',
    why: 'locks of stdio belong to goroutines' },
  { names: 'fallocate fallocate64 ftruncate ftruncate64 posix_fadvise posix_fadvise64 ' +
    'posix_fallocate posix_fallocate64 truncate truncate64 umask',
    why: 'files in the program\'s memory' },
  { names: 'setjmp longjmp _setjmp _longjmp', why: 'by a switch, without JavaScript' },
  { names: 'clearenv reallocarray secure_getenv system',
    why: 'headers declare them and the library has them not, or asks JavaScript' },
  { names: 'emscripten_memcpy_big emscripten_num_logical_cores emscripten_receive_on_main_thread_js ' +
    'emscripten_resize_heap emscripten_set_canvas_element_size emscripten_unwind_to_js_event_loop ' +
    'emscripten_webgl_create_context _emscripten_default_pthread_stack_size _emscripten_init_main_thread_js',
    why: 'what Emscripten\'s library wants of JavaScript that is not there' },
];
