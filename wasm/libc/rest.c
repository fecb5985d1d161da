/* rest.c: functions of the C library that ask for what a program here has not got, such as users, links, sockets
 * and other processes. They answer as a system would that has one user, 0, and none of the rest. Emscripten would
 * take them from its JS. */
#define _GNU_SOURCE
#include "core/sched.h"
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

char *secure_getenv(const char *name) { return getenv(name); }

/* There is no shell. */
int system(const char *command) {
    if (!command)
        return 0;
    errno = ENOSYS;
    return -1;
}

#ifdef __EMSCRIPTEN__

#include "wasm/libc/files.h"
#include <sys/stat.h>

int emscripten_num_logical_cores(void) { return rt_sched.procs; }

long __syscall_getuid32(void) { return 0; }
long __syscall_geteuid32(void) { return 0; }
long __syscall_getgid32(void) { return 0; }
long __syscall_getegid32(void) { return 0; }

/* A file has no owner that could be another's; that there is one is all that can be said. */
static long check_path(long path) {
    struct stat s;
    return stat((const char *)path, &s) == 0 ? 0 : -errno;
}
long __syscall_chown32(long path, long owner, long group) {
    (void)owner, (void)group;
    return check_path(path);
}
long __syscall_lchown32(long path, long owner, long group) { return __syscall_chown32(path, owner, group); }
long __syscall_fchown32(long fd, long owner, long group) {
    (void)owner, (void)group;
    struct stat s;
    return fstat((int)fd, &s) == 0 ? 0 : -EBADF;
}
long __syscall_fchownat(long dir, long path, long owner, long group, long flags) {
    (void)owner, (void)group;
    struct stat s;
    return fstatat((int)dir, (const char *)path, &s, (int)flags) == 0 ? 0 : -errno;
}

/* No links: what there is, is none (EINVAL); realpath() relies on that. */
long __syscall_readlink(long path, long to, long n) {
    (void)to, (void)n;
    long error = check_path(path);
    return error ? error : -EINVAL;
}
long __syscall_readlinkat(long dir, long path, long to, long n) {
    (void)to, (void)n;
    struct stat s;
    return fstatat((int)dir, (const char *)path, &s, 0) == 0 ? -EINVAL : -errno;
}
long __syscall_symlink(long to, long path) { return (void)to, (void)path, -EPERM; }
long __syscall_symlinkat(long to, long dir, long path) { return (void)to, (void)dir, (void)path, -EPERM; }
long __syscall_linkat(long a, long from, long b, long to, long flags) {
    (void)a, (void)from, (void)b, (void)to, (void)flags;
    return -EPERM;
}
long __syscall_mknod(long path, long mode, long device) { return (void)path, (void)mode, (void)device, -EPERM; }
long __syscall_mknodat(long dir, long path, long mode, long device) {
    (void)dir, (void)path, (void)mode, (void)device;
    return -EPERM;
}

/* No channels between processes, no network. */
long __syscall_pipe(long fds) { return (void)fds, -ENOSYS; }
#define NO_SOCKETS(name, error)                                                                                        \
    long __syscall_##name(long a, long b, long c, long d, long e, long f) {                                            \
        (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;                                                          \
        return -error;                                                                                                 \
    }
NO_SOCKETS(socket, EAFNOSUPPORT)
NO_SOCKETS(bind, ENOTSOCK)
NO_SOCKETS(connect, ENOTSOCK)
NO_SOCKETS(listen, ENOTSOCK)
NO_SOCKETS(accept4, ENOTSOCK)
NO_SOCKETS(getpeername, ENOTSOCK)
NO_SOCKETS(getsockname, ENOTSOCK)
NO_SOCKETS(getsockopt, ENOTSOCK)
NO_SOCKETS(recvfrom, ENOTSOCK)
NO_SOCKETS(recvmsg, ENOTSOCK)
NO_SOCKETS(sendmsg, ENOTSOCK)
NO_SOCKETS(sendto, ENOTSOCK)

int clearenv(void) {
    static char *none[1];
    environ = none;
    return 0;
}
void *reallocarray(void *p, size_t n, size_t size) {
    size_t bytes;
    if (!__builtin_mul_overflow(n, size, &bytes))
        return realloc(p, bytes);
    errno = ENOMEM;
    return NULL;
}

#endif
