// What a program may name and wasm has not: refused when it is built, with what to use instead.

/** @param {string} names separated by blanks; a star stands for any letters @returns {RegExp} */
const any = (names) => new RegExp(`^(?:${names.trim().split(/\s+/).join('|').replaceAll('*', '\\w*')})$`);

/** @type {[RegExp, string][]} first that fits */
const REFUSED = [
  [any('system popen pclose'),
    'there is no shell and no other program; gr_await asks the host for what C cannot do'],
  [any('fork vfork _Fork clone daemon'), 'there is one process; gr_go starts a goroutine'],
  [any(`execl execlp execle execv execvp execve execvpe fexecve posix_spawn posix_spawnp wait waitpid waitid wait3
    wait4`), 'there are no other programs; gr_await asks the host for what C cannot do'],
  [any('pipe pipe2 socketpair mkfifo mkfifoat'), 'there are no pipes; a channel (gr_chan_make) joins goroutines'],
  [any('pthread_mutex_* pthread_spin_*'), 'threads belong to the runtime; gr_mutex locks among goroutines'],
  [any('pthread_rwlock*'), 'threads belong to the runtime; gr_rwmutex locks among goroutines'],
  [any('pthread_cond_* pthread_condattr_*'), 'threads belong to the runtime; gr_cond waits among goroutines'],
  [any('pthread_once call_once'), 'threads belong to the runtime; gr_once does it once among goroutines'],
  [any('pthread_key_* pthread_getspecific pthread_setspecific tss_*'),
    'threads belong to the runtime; a _Thread_local variable is the goroutine\'s own'],
  [any('pthread_barrier* sem_*'),
    'threads belong to the runtime; gr_waitgroup and gr_semaphore wait among goroutines'],
  [any('pthread_sigmask'), ''],
  [/^(pthread_(?!self$|equal$)|thrd_|mtx_|cnd_)/, 'threads belong to the runtime; gr_go starts a goroutine'],
  [any(`sigaltstack sigsuspend sigpause sigset sighold sigignore sigrelse sigqueue psiginfo pause`),
    'nobody sends signals but the program itself: signal, sigaction and raise are there'],
  [any('alarm ualarm setitimer getitimer timer_create timer_delete timer_settime timer_gettime timer_getoverrun'),
    'no signal comes from a clock; gr_timer and gr_ticker are there'],
  [any(`socket connect bind listen accept accept4 send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg
    getsockopt setsockopt getpeername getsockname shutdown sockatmark getaddrinfo getnameinfo gethostby*
    getservby* getprotoby*`), 'there are no sockets; gr_fetch asks the network by URL'],
  [any('dlopen dlsym dlclose dlerror'), 'a program is one module; give all its sources to one build'],
  [any('mmap munmap msync memfd_create mlock2 remap_file_pages'),
    'files cannot be mapped; read and malloc are there'],
  [/^_ZN[VK]*St3__2\d+(recursive_|timed_|recursive_timed_|shared_|shared_timed_|__shared_)?mutex/,
    'threads belong to the runtime; gr_mutex and gr_rwmutex lock among goroutines'],
  [/^_ZN[VK]*St3__2\d+(condition_variable|thread|__assoc_sub_state|future|promise|barrier|latch)/,
    'threads belong to the runtime; gr_go starts a goroutine, channels and gr_cond wait among them'],
  [any('__cxa_throw __cxa_allocate_exception __cxa_begin_catch _Unwind_*'),
    'C++ exceptions are not there; give errors back as values, or end the program with gr_panic'],
  [any('emscripten_*'), 'a program does not know its host is JavaScript; gr_await and gr_fetch ask the host'],
];

/** @param {string} name @returns {string | undefined} what to do instead */
export function refusal(name) {
  return REFUSED.find(([names]) => names.test(name))?.[1] || undefined;
}
