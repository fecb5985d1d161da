/* libc.c: functions of the C library that must end in the runtime, or that Emscripten 3.1.6 would take from its JS. */
#include "host.h"
#include "switch.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static ssize_t output_vector(int fd, const struct iovec *v, int n) {
    size_t done = 0;
    for (int i = 0; i < n; i++)
        done += rt_output(fd, v[i].iov_base, v[i].iov_len);
    return (ssize_t)done;
}

/* Emscripten's linker takes ours; wasi-libc's exit() has other functions beside it, so there it is wrapped. */
#ifdef __EMSCRIPTEN__
_Noreturn void exit(int code) { rt_exit(code); }
#else
_Noreturn void __wrap_exit(int code) { rt_exit(code); }
#endif

_Noreturn void abort(void) {
    gr_trap(0, "abort() called");
    __builtin_trap();
}

#ifdef __EMSCRIPTEN__

#include <pthread.h>
#include <wasi/api.h>

/* errno belongs to the goroutine. libc declares this const, so compilers keep the address over a switch to another
 * worker, and may. */
int *__errno_location(void) {
    static int nobodys; /* constructors; instances that only look on */
    G *g = port_get_g();
    M *m = port_get_m();
    return g ? &g->ctx.err : m ? &m->err : &nobodys;
}
/* By this name libc itself. */
__attribute__((alias("__errno_location"))) int *___errno_location(void);

/* Everything that libc writes ends here. */
__wasi_errno_t __wasi_fd_write(__wasi_fd_t fd, const __wasi_ciovec_t *v, size_t n, __wasi_size_t *written) {
    if (fd != 1 && fd != 2)
        return __WASI_ERRNO_BADF;
    *written = (size_t)output_vector((int)fd, (const struct iovec *)v, (int)n);
    return __WASI_ERRNO_SUCCESS;
}

_Noreturn void __wasi_proc_exit(__wasi_exitcode_t code) { rt_exit((int)code); }

_Noreturn void __assert_fail(const char *what, const char *file, int line, const char *func) {
    char text[256];
    snprintf(text, sizeof text, "assertion failed: %s (%s:%d, %s)", what, file, line, func ? func : "?");
    gr_trap(0, text);
    __builtin_trap();
}

static int time_of(clockid_t id, struct timespec *t) {
    double ms = id == CLOCK_REALTIME ? host_date() : host_now();
    t->tv_sec = (time_t)(ms / 1e3);
    t->tv_nsec = (long)((ms - (double)t->tv_sec * 1e3) * 1e6);
    return 0;
}
int clock_gettime(clockid_t id, struct timespec *t) { return time_of(id, t); }
int __clock_gettime(clockid_t id, struct timespec *t) { return time_of(id, t); }

time_t time(time_t *t) {
    time_t now = (time_t)(host_date() / 1e3);
    if (t)
        *t = now;
    return now;
}

double emscripten_get_now(void) { return host_now(); }
double emscripten_date_now(void) { return host_date(); }

/* Called by malloc's sbrk for more memory. */
int emscripten_resize_heap(size_t bytes) {
    size_t now = __builtin_wasm_memory_size(0), pages = (bytes + 65535) >> 16;
    if (pages <= now)
        return 1;
    size_t more = now / 4 < 16384 ? now / 4 : 16384; /* by at least a quarter, so that it does not happen often */
    if (pages < now + more && __builtin_wasm_memory_grow(0, more) != (size_t)-1)
        return 1;
    now = __builtin_wasm_memory_size(0);
    return pages <= now || __builtin_wasm_memory_grow(0, pages - now) != (size_t)-1;
}

/* libc calls these for M0, from a constructor. No thread here is a page's main thread: all may block. */
void __set_thread_state(pthread_t self, int is_main_browser_thread, int is_main_runtime_thread, int can_block);
void __emscripten_init_main_thread_js(pthread_t self) { __set_thread_state(self, 0, 0, 1); }
void _emscripten_init_main_thread_js(pthread_t self) { __set_thread_state(self, 0, 0, 1); }
int _emscripten_default_pthread_stack_size(void) { return 65536; }

/* Asked for by libc's code for proxying calls to a page's main thread, which never happens here. */
_Noreturn void emscripten_unwind_to_js_event_loop(void) { __builtin_trap(); }
double emscripten_receive_on_main_thread_js(int function, int n, const double *args) {
    (void)function, (void)n, (void)args;
    __builtin_trap();
}
int emscripten_webgl_create_context(const char *target, const void *attributes) {
    (void)target, (void)attributes;
    return 0;
}
int emscripten_set_canvas_element_size(const char *target, int width, int height) {
    (void)target, (void)width, (void)height;
    return -1;
}

/* No files but gr_readfile's. */
__wasi_errno_t __wasi_fd_close(__wasi_fd_t fd) { return fd > 2 ? __WASI_ERRNO_BADF : __WASI_ERRNO_SUCCESS; }
__wasi_errno_t __wasi_fd_seek(__wasi_fd_t fd, __wasi_filedelta_t by, __wasi_whence_t whence, __wasi_filesize_t *at) {
    (void)by, (void)whence, (void)at;
    return fd > 2 ? __WASI_ERRNO_BADF : __WASI_ERRNO_SPIPE;
}

/* Large copies, one instruction. */
void *emscripten_memcpy_big(void *to, const void *from, size_t n) {
    gr_copy(to, from, n);
    return to;
}

#else

/* libc's files were compiled without threads: a plain variable, whose value the switch keeps for each goroutine. Here
 * it must not be named as <errno.h> does: as _Thread_local, LLVM 14 links it to a wrong address. */
extern int libc_errno __asm__("errno");
int *rt_errno_location(void) { return &libc_errno; }

ssize_t __real_writev(int fd, const struct iovec *v, int n);
ssize_t __real_write(int fd, const void *buf, size_t n);

ssize_t __wrap_writev(int fd, const struct iovec *v, int n) {
    return fd == 1 || fd == 2 ? output_vector(fd, v, n) : __real_writev(fd, v, n);
}
ssize_t __wrap_write(int fd, const void *buf, size_t n) {
    return fd == 1 || fd == 2 ? (ssize_t)rt_output(fd, buf, n) : __real_write(fd, buf, n);
}

#endif
