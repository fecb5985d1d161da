/* libc.c: functions of the C library that must end in the runtime, or that Emscripten 3.1.6 would take from its JS. */
#include "core/exit.h"
#include "core/sched.h"
#include "host/output.h"
#include "wasm/libc/own.h"
#include "wasm/port/switch.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

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

_Noreturn void __wasi_proc_exit(__wasi_exitcode_t code) { rt_exit((int)code); }

/* Called by malloc's sbrk for more memory. */
int emscripten_resize_heap(size_t bytes) {
    size_t now = __builtin_wasm_memory_size(0), pages = (bytes >> 16) + (bytes % 65536 != 0);
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

/* Large copies, one instruction. */
void *emscripten_memcpy_big(void *to, const void *from, size_t n) {
    port_copy(to, from, n);
    return to;
}

#else

/* libc's files were compiled without threads: a plain variable, whose value the switch keeps for each goroutine. Here
 * it must not be named as <errno.h> does: as _Thread_local, LLVM 14 links it to a wrong address. */
extern int libc_errno __asm__("errno");
int *rt_errno_location(void) { return &libc_errno; }

static ssize_t output_vector(int fd, const struct iovec *v, int n) {
    size_t done = 0;
    for (int i = 0; i < n; i++)
        done += rt_output(fd, v[i].iov_base, v[i].iov_len);
    return (ssize_t)done;
}

ssize_t __real_writev(int fd, const struct iovec *v, int n);
ssize_t __real_write(int fd, const void *buf, size_t n);

ssize_t __wrap_writev(int fd, const struct iovec *v, int n) {
    return fd == 1 || fd == 2 ? output_vector(fd, v, n) : __real_writev(fd, v, n);
}
ssize_t __wrap_write(int fd, const void *buf, size_t n) {
    return fd == 1 || fd == 2 ? (ssize_t)rt_output(fd, buf, n) : __real_write(fd, buf, n);
}

ssize_t __real_readv(int fd, const struct iovec *v, int n);
ssize_t __real_read(int fd, void *buf, size_t n);

ssize_t __wrap_read(int fd, void *buf, size_t n) {
    if (fd != 0 || n == 0)
        return __real_read(fd, buf, n);
    ssize_t got = rt_stdin_read(buf, n);
    if (got >= 0)
        return got;
    errno = (int)-got;
    return -1;
}
ssize_t __wrap_readv(int fd, const struct iovec *v, int n) {
    if (fd != 0)
        return __real_readv(fd, v, n);
    while (n > 0 && v->iov_len == 0)
        v++, n--;
    return n > 0 ? __wrap_read(0, v->iov_base, v->iov_len) : 0;
}

#endif
