/* fds.c: the system calls that Emscripten's C library makes for descriptors and files: what it would otherwise
 * take from its JS. 0 is the program's stdin, whose reader parks; 1 and 2 are its output; the others lie in its
 * memory (wasm/libc/files.c).
 *
 * Where musl wants -errno, a call gives that; where it wants WASI's error numbers, they are the same ones, positive.
 */
#include "core/park.h"
#include "drive/clock.h"
#include "host/output.h"
#include "wasm/libc/files.h"
#include "wasm/libc/own.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <wasi/api.h>

#define MAX_FDS 1024

/* What is not in memory. */
typedef enum Kind { KIND_FILE, KIND_INPUT, KIND_OUTPUT, KIND_NULL, KIND_RANDOM } Kind;

/* An open file: what descriptors that dup() made have in common. */
typedef struct Open {
    Kind kind;
    int out;      /* KIND_OUTPUT: 1 or 2 */
    RtFile *file; /* KIND_FILE: a file or a folder */
    int64_t at;   /* where the next read or write begins; of a folder: entries told */
    int flags;    /* O_ACCMODE, O_APPEND, … */
    uint32_t refs;
} Open;

/* Guarded by rt_files_lock. */
static Open standard[3] = {
    {.kind = KIND_INPUT, .flags = O_RDONLY, .refs = 1},
    {.kind = KIND_OUTPUT, .out = 1, .flags = O_WRONLY, .refs = 1},
    {.kind = KIND_OUTPUT, .out = 2, .flags = O_WRONLY, .refs = 1},
};
static Open *fds[MAX_FDS] = {&standard[0], &standard[1], &standard[2]};
static char cwd[RT_PATH_MAX]; /* as names of files are */
static uint32_t umask_bits = 022;

static Open *open_of(long fd) { return fd >= 0 && fd < MAX_FDS ? fds[fd] : NULL; }

static int free_fd(int from) {
    for (int fd = from; fd < MAX_FDS; fd++)
        if (!fds[fd])
            return fd;
    return -EMFILE;
}

static void release(Open *o) {
    if (--o->refs > 0)
        return;
    if (o->file)
        rt_file_drop(o->file);
    if (o < standard || o > standard + 2)
        free(o);
}

/* ---- reading, writing ---------------------------------------------------------------------------------------- */

static bool may_read(const Open *o) { return (o->flags & O_ACCMODE) != O_WRONLY; }
static bool may_write(const Open *o) { return (o->flags & O_ACCMODE) != O_RDONLY; }

/* The lock is held. at NULL: where the descriptor stands. */
static ssize_t read_file(Open *o, const __wasi_iovec_t *v, size_t n, int64_t *at) {
    int64_t *pos = at ? at : &o->at;
    ssize_t done = 0;
    if (S_ISDIR(o->file->mode))
        return -EISDIR;
    for (size_t i = 0; i < n; i++) {
        ssize_t k = rt_file_read(o->file, v[i].buf, v[i].buf_len, *pos);
        if (k < 0)
            return done ? done : k;
        *pos += k;
        done += k;
        if ((size_t)k < v[i].buf_len)
            break;
    }
    return done;
}

static ssize_t write_file(Open *o, const __wasi_ciovec_t *v, size_t n, int64_t *at) {
    int64_t *pos = at ? at : &o->at;
    ssize_t done = 0;
    if (o->flags & O_APPEND)
        *pos = o->file->size;
    for (size_t i = 0; i < n; i++) {
        ssize_t k = rt_file_write(o->file, v[i].buf, v[i].buf_len, *pos);
        if (k < 0)
            return done ? done : k;
        *pos += k;
        done += k;
    }
    return done;
}

static __wasi_errno_t result(ssize_t n, __wasi_size_t *done) {
    if (n < 0)
        return (__wasi_errno_t)-n;
    *done = (__wasi_size_t)n;
    return __WASI_ERRNO_SUCCESS;
}

/* The descriptor for reading or writing, the lock being held; NULL: *error says why not. */
static Open *usable(__wasi_fd_t fd, bool write, ssize_t *error) {
    Open *o = open_of((long)fd);
    if (o && (write ? may_write(o) : may_read(o)))
        return o;
    *error = -EBADF;
    return NULL;
}

static ssize_t fill_random(const __wasi_iovec_t *v, size_t n) {
    ssize_t done = 0;
    for (size_t i = 0; i < n; i++) {
        rt_random_bytes(v[i].buf, v[i].buf_len);
        done += (ssize_t)v[i].buf_len;
    }
    return done;
}

static ssize_t read_any(__wasi_fd_t fd, const __wasi_iovec_t *v, size_t n, int64_t *at) {
    ssize_t got = 0;
    Kind kind = KIND_NULL;
    rt_files_enter();
    Open *o = usable(fd, false, &got);
    if (o) {
        kind = o->kind;
        if (kind == KIND_FILE)
            got = read_file(o, v, n, at);
        else if (at)
            got = -ESPIPE;
    }
    rt_files_leave();
    if (got != 0 || at)
        return got;
    if (kind == KIND_RANDOM)
        return fill_random(v, n);
    if (kind != KIND_INPUT)
        return 0;
    while (n > 0 && v->buf_len == 0)
        v++, n--;
    return n > 0 ? rt_stdin_read(v->buf, v->buf_len) : 0;
}

__wasi_errno_t __wasi_fd_read(__wasi_fd_t fd, const __wasi_iovec_t *v, size_t n, __wasi_size_t *done) {
    return result(read_any(fd, v, n, NULL), done);
}
__wasi_errno_t __wasi_fd_pread(__wasi_fd_t fd, const __wasi_iovec_t *v, size_t n, __wasi_filesize_t at,
                               __wasi_size_t *done) {
    int64_t pos = (int64_t)at;
    return result(read_any(fd, v, n, &pos), done);
}

static ssize_t output(int fd, const __wasi_ciovec_t *v, size_t n) {
    ssize_t done = 0;
    for (size_t i = 0; i < n; i++)
        done += (ssize_t)rt_output(fd, v[i].buf, v[i].buf_len);
    return done;
}

static ssize_t write_any(__wasi_fd_t fd, const __wasi_ciovec_t *v, size_t n, int64_t *at) {
    /* What nearly every program prints with, without the lock: the table's entry is one word. */
    Open *o = (fd == 1 || fd == 2) && !at ? __atomic_load_n(&fds[fd], __ATOMIC_ACQUIRE) : NULL;
    if (o == &standard[1] || o == &standard[2])
        return output(o->out, v, n);
    ssize_t put = 0;
    int out = 0;
    rt_files_enter();
    if ((o = usable(fd, true, &put)) != NULL) {
        if (o->kind == KIND_FILE)
            put = write_file(o, v, n, at);
        else if (at)
            put = -ESPIPE;
        else if (o->kind == KIND_OUTPUT)
            out = o->out;
        else
            for (size_t i = 0; i < n; i++)
                put += (ssize_t)v[i].buf_len;
    }
    rt_files_leave();
    return out ? output(out, v, n) : put;
}

__wasi_errno_t __wasi_fd_write(__wasi_fd_t fd, const __wasi_ciovec_t *v, size_t n, __wasi_size_t *done) {
    return result(write_any(fd, v, n, NULL), done);
}
__wasi_errno_t __wasi_fd_pwrite(__wasi_fd_t fd, const __wasi_ciovec_t *v, size_t n, __wasi_filesize_t at,
                                __wasi_size_t *done) {
    int64_t pos = (int64_t)at;
    return result(write_any(fd, v, n, &pos), done);
}

static int64_t seek(Open *o, int64_t by, int whence) {
    if (o->kind != KIND_FILE)
        return o->kind == KIND_NULL ? 0 : -ESPIPE;
    int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? o->at : o->file->size;
    if (whence < SEEK_SET || whence > SEEK_END || by > RT_FILE_MAX || from + by < 0)
        return -EINVAL;
    return o->at = from + by;
}

__wasi_errno_t __wasi_fd_seek(__wasi_fd_t fd, __wasi_filedelta_t by, __wasi_whence_t whence, __wasi_filesize_t *at) {
    rt_files_enter();
    Open *o = open_of((long)fd);
    int64_t to = o ? seek(o, by, whence) : -EBADF;
    rt_files_leave();
    if (to < 0)
        return (__wasi_errno_t)-to;
    *at = (__wasi_filesize_t)to;
    return __WASI_ERRNO_SUCCESS;
}

__wasi_errno_t __wasi_fd_close(__wasi_fd_t fd) {
    rt_files_enter();
    Open *o = open_of((long)fd);
    if (o) {
        fds[fd] = NULL;
        release(o);
    }
    rt_files_leave();
    return o ? __WASI_ERRNO_SUCCESS : __WASI_ERRNO_BADF;
}

static bool is_open(long fd) {
    rt_files_enter();
    bool open = open_of(fd) != NULL;
    rt_files_leave();
    return open;
}

__wasi_errno_t __wasi_fd_sync(__wasi_fd_t fd) { return is_open((long)fd) ? __WASI_ERRNO_SUCCESS : __WASI_ERRNO_BADF; }
long __syscall_fdatasync(long fd) { return is_open(fd) ? 0 : -EBADF; }

/* isatty() asks so: none is a terminal, since what the host does with the bytes is its own business. */
__wasi_errno_t __wasi_fd_fdstat_get(__wasi_fd_t fd, __wasi_fdstat_t *s) {
    memset(s, 0, sizeof *s);
    s->fs_filetype = __WASI_FILETYPE_REGULAR_FILE;
    return is_open((long)fd) ? __WASI_ERRNO_SUCCESS : __WASI_ERRNO_BADF;
}
long __syscall_ioctl(long fd, long request, ...) {
    (void)request;
    return is_open(fd) ? -ENOTTY : -EBADF;
}

/* ---- opening ------------------------------------------------------------------------------------------------- */

/* The path as seen from the folder dir. The lock is held. */
static int path_at(long dir, long path, char *to) {
    const char *text = (const char *)path;
    if (dir == AT_FDCWD || (text && *text == '/'))
        return rt_path(cwd, text, to);
    Open *o = open_of(dir);
    if (!o)
        return -EBADF;
    if (o->kind != KIND_FILE || !S_ISDIR(o->file->mode))
        return -ENOTDIR;
    return rt_path(o->file->name, text, to);
}

/* What there is at a path, with the error for what there is not. The lock is held. */
static int find_at(long dir, long path, RtFile **f) {
    char name[RT_PATH_MAX];
    int error = path_at(dir, path, name);
    if (error)
        return error;
    if ((*f = rt_file_find(name)) != NULL) {
        const char *text = (const char *)path;
        return text[strlen(text) - 1] == '/' && !S_ISDIR((*f)->mode) ? -ENOTDIR : 0;
    }
    for (char *slash; (slash = strrchr(name, '/')) != NULL;) { /* below a file there is nothing */
        *slash = 0;
        RtFile *above = rt_file_find(name);
        if (above)
            return S_ISDIR(above->mode) ? -ENOENT : -ENOTDIR;
    }
    return -ENOENT;
}

/* Files that are no files. */
static const struct {
    const char *path;
    Kind kind;
    int out;
} devices[] = {{"dev/null", KIND_NULL, 0},     {"dev/stdin", KIND_INPUT, 0},    {"dev/stdout", KIND_OUTPUT, 1},
               {"dev/stderr", KIND_OUTPUT, 2}, {"dev/urandom", KIND_RANDOM, 0}, {"dev/random", KIND_RANDOM, 0}};

static bool find_device(long dir, long path, Open *o) {
    char name[RT_PATH_MAX];
    if (path_at(dir, path, name) != 0)
        return false;
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        if (strcmp(devices[i].path, name) == 0) {
            o->kind = devices[i].kind;
            o->out = devices[i].out;
            return true;
        }
    }
    return false;
}

/* open() of an existing file. */
static int check_flags(const RtFile *f, int flags) {
    int access = flags & O_ACCMODE;
    if ((flags & O_CREAT) && (flags & O_EXCL))
        return -EEXIST;
    if ((flags & O_DIRECTORY) && !S_ISDIR(f->mode))
        return -ENOTDIR;
    if (S_ISDIR(f->mode) && access != O_RDONLY)
        return -EISDIR;
    if ((access != O_WRONLY && !(f->mode & S_IRUSR)) || (access != O_RDONLY && !(f->mode & S_IWUSR)))
        return -EACCES;
    return 0;
}

/* The file for open(), made or emptied if the flags say so. */
static int find_or_make(long dir, long path, int flags, uint32_t mode, RtFile **f) {
    int error = find_at(dir, path, f);
    if (!error)
        error = check_flags(*f, flags);
    else if (error == -ENOENT && (flags & O_CREAT)) {
        char name[RT_PATH_MAX];
        error = path_at(dir, path, name);
        return error ? error : rt_file_make(name, S_IFREG | (mode & ~umask_bits & 0777), f);
    }
    if (!error && (flags & O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY)
        error = rt_file_resize(*f, 0);
    return error;
}

static int open_at(long dir, long path, int flags, uint32_t mode) {
    Open made = {.flags = flags & ~(O_CREAT | O_EXCL | O_TRUNC), .refs = 1}, *o;
    int fd = free_fd(0);
    if (fd < 0)
        return fd;
    if (!find_device(dir, path, &made)) {
        int error = find_or_make(dir, path, flags, mode, &made.file);
        if (error)
            return error;
    }
    if ((o = malloc(sizeof *o)) == NULL)
        return -ENOMEM;
    *o = made;
    if (o->file)
        o->file->opens++;
    fds[fd] = o;
    return fd;
}

long __syscall_openat(long dir, long path, long flags, ...) {
    va_list ap;
    va_start(ap, flags);
    uint32_t mode = flags & O_CREAT ? va_arg(ap, uint32_t) : 0;
    va_end(ap);
    rt_files_enter();
    int fd = open_at(dir, path, (int)flags, mode);
    rt_files_leave();
    return fd;
}
long __syscall_open(long path, long flags, ...) {
    va_list ap;
    va_start(ap, flags);
    uint32_t mode = flags & O_CREAT ? va_arg(ap, uint32_t) : 0;
    va_end(ap);
    return __syscall_openat(AT_FDCWD, path, flags, mode);
}

static int dup_to(long fd, long to, bool or_above) {
    Open *o = open_of(fd);
    if (!o || to < 0 || to >= MAX_FDS)
        return o ? -EINVAL : -EBADF;
    if (or_above && (to = free_fd((int)to)) < 0)
        return (int)to;
    if (fds[to] == o)
        return (int)to;
    if (fds[to])
        release(fds[to]);
    o->refs++;
    __atomic_store_n(&fds[to], o, __ATOMIC_RELEASE);
    return (int)to;
}

static int locked_dup(long fd, long to, bool or_above) {
    rt_files_enter();
    int made = dup_to(fd, to, or_above);
    rt_files_leave();
    return made;
}
long __syscall_dup(long fd) { return locked_dup(fd, 0, true); }
long __syscall_dup3(long fd, long to, long flags) {
    (void)flags;
    return fd == to ? -EINVAL : to < 0 || to >= MAX_FDS ? -EBADF : locked_dup(fd, to, false);
}

static long fcntl_open(Open *o, long cmd, long arg) {
    switch (cmd) {
    case F_GETFD:
    case F_SETFD:
        return 0;
    case F_GETFL:
        return o->flags;
    case F_SETFL:
        o->flags = (o->flags & O_ACCMODE) | ((int)arg & ~O_ACCMODE);
        return 0;
    case F_SETLK:
    case F_SETLKW:
        return 0; /* there is one process */
    case F_GETLK:
        ((struct flock *)arg)->l_type = F_UNLCK;
        return 0;
    default:
        return -EINVAL;
    }
}

long __syscall_fcntl64(long fd, long cmd, ...) {
    va_list ap;
    va_start(ap, cmd);
    long arg = cmd == F_GETFL || cmd == F_GETFD || cmd == F_GETOWN ? 0 : va_arg(ap, long);
    va_end(ap);
    if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
        return locked_dup(fd, arg, true);
    rt_files_enter();
    Open *o = open_of(fd);
    long got = o ? fcntl_open(o, cmd, arg) : -EBADF;
    rt_files_leave();
    return got;
}

/* ---- what there is, and what it is called -------------------------------------------------------------------- */

static void tell(const Open *o, const RtFile *f, struct stat *s) {
    memset(s, 0, sizeof *s);
    s->st_nlink = 1;
    s->st_blksize = 4096;
    s->st_mode = f ? f->mode : o->kind == KIND_INPUT || o->kind == KIND_OUTPUT ? S_IFIFO | 0600 : S_IFCHR | 0666;
    if (!f)
        return;
    s->st_ino = f->ino;
    s->st_size = f->size;
    s->st_blocks = (blkcnt_t)(f->size / 512 + (f->size % 512 > 0));
    s->st_mtim.tv_sec = (time_t)(f->mtime_ns / 1000000000);
    s->st_mtim.tv_nsec = (long)(f->mtime_ns % 1000000000);
    s->st_atim = s->st_ctim = s->st_mtim;
}

static long stat_fd(long fd, long buf) {
    rt_files_enter();
    Open *o = open_of(fd);
    if (o)
        tell(o, o->file, (struct stat *)buf);
    rt_files_leave();
    return o ? 0 : -EBADF;
}

static long stat_at(long dir, long path, long buf) {
    RtFile *f = NULL;
    Open device = {0};
    rt_files_enter();
    int error = find_device(dir, path, &device) ? 0 : find_at(dir, path, &f);
    if (!error)
        tell(&device, f, (struct stat *)buf);
    rt_files_leave();
    return error;
}

long __syscall_fstat64(long fd, long buf) { return stat_fd(fd, buf); }
long __syscall_stat64(long path, long buf) { return stat_at(AT_FDCWD, path, buf); }
long __syscall_lstat64(long path, long buf) { return stat_at(AT_FDCWD, path, buf); }
long __syscall_fstatat64(long dir, long path, long buf, long flags) {
    return (flags & AT_EMPTY_PATH) && !*(const char *)path ? stat_fd(dir, buf) : stat_at(dir, path, buf);
}
long __syscall_newfstatat(long dir, long path, long buf, long flags) {
    return __syscall_fstatat64(dir, path, buf, flags);
}

/* What a path names, for one that changes or checks it; the lock is held until rt_files_leave. */
static int enter_at(long dir, long path, RtFile **f) {
    rt_files_enter();
    return find_at(dir, path, f);
}
static long leave_with(long value) {
    rt_files_leave();
    return value;
}

long __syscall_faccessat(long dir, long path, long mode, long flags) {
    (void)flags;
    RtFile *f;
    Open device = {0};
    rt_files_enter();
    if (find_device(dir, path, &device))
        return leave_with(mode & X_OK ? -EACCES : 0);
    int error = find_at(dir, path, &f);
    if (!error && ((mode & R_OK && !(f->mode & S_IRUSR)) || (mode & W_OK && !(f->mode & S_IWUSR)) ||
                   (mode & X_OK && !(f->mode & S_IXUSR) && !S_ISDIR(f->mode))))
        error = -EACCES;
    return leave_with(error);
}
long __syscall_access(long path, long mode) { return __syscall_faccessat(AT_FDCWD, path, mode, 0); }

static int unlink_or_rmdir(RtFile *f, bool folder) {
    if (folder && !S_ISDIR(f->mode))
        return -ENOTDIR;
    if (!folder && S_ISDIR(f->mode))
        return -EISDIR;
    return folder && !rt_folder_is_empty(f) ? -ENOTEMPTY : rt_file_remove(f);
}
long __syscall_unlinkat(long dir, long path, long flags) {
    RtFile *f;
    int error = enter_at(dir, path, &f);
    return leave_with(error ? error : unlink_or_rmdir(f, flags & AT_REMOVEDIR));
}
long __syscall_unlink(long path) { return __syscall_unlinkat(AT_FDCWD, path, 0); }
long __syscall_rmdir(long path) { return __syscall_unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

long __syscall_mkdirat(long dir, long path, long mode) {
    char name[RT_PATH_MAX];
    RtFile *f;
    int error = enter_at(dir, path, &f);
    if (error != -ENOENT)
        return leave_with(error ? error : -EEXIST);
    error = path_at(dir, path, name);
    return leave_with(error ? error : rt_file_make(name, S_IFDIR | ((uint32_t)mode & ~umask_bits & 0777), &f));
}
long __syscall_mkdir(long path, long mode) { return __syscall_mkdirat(AT_FDCWD, path, mode); }

long __syscall_renameat(long from_dir, long from, long to_dir, long to) {
    char name[RT_PATH_MAX];
    RtFile *f;
    int error = enter_at(from_dir, from, &f);
    if (!error)
        error = path_at(to_dir, to, name);
    return leave_with(error ? error : rt_file_rename(f, name));
}
long __syscall_rename(long from, long to) { return __syscall_renameat(AT_FDCWD, from, AT_FDCWD, to); }

long __syscall_fchmodat(long dir, long path, long mode, ...) {
    RtFile *f;
    int error = enter_at(dir, path, &f);
    if (!error)
        f->mode = (f->mode & S_IFMT) | ((uint32_t)mode & 07777);
    return leave_with(error);
}
long __syscall_chmod(long path, long mode) { return __syscall_fchmodat(AT_FDCWD, path, mode); }

/* The file of a descriptor, for one that changes it; the lock is held until rt_files_leave. */
static int enter_fd(long fd, Open **o) {
    rt_files_enter();
    *o = open_of(fd);
    return !*o ? -EBADF : !(*o)->file ? -EINVAL : 0;
}
long __syscall_fchmod(long fd, long mode) {
    Open *o;
    int error = enter_fd(fd, &o);
    if (!error)
        o->file->mode = (o->file->mode & S_IFMT) | ((uint32_t)mode & 07777);
    return leave_with(error);
}

static long truncate_fd(long fd, int64_t size, bool only_grow) {
    Open *o;
    int error = enter_fd(fd, &o);
    if (!error && (!may_write(o) || S_ISDIR(o->file->mode)))
        error = -EINVAL;
    if (!error && !(only_grow && size <= o->file->size))
        error = rt_file_resize(o->file, size);
    return leave_with(error);
}
static long truncate_at(long path, int64_t size) {
    RtFile *f;
    int error = enter_at(AT_FDCWD, path, &f);
    if (!error)
        error = S_ISDIR(f->mode) ? -EISDIR : !(f->mode & S_IWUSR) ? -EACCES : rt_file_resize(f, size);
    return leave_with(error);
}
static long allocate_fd(long fd, long mode, int64_t at, int64_t n) {
    return mode ? -EOPNOTSUPP : at < 0 || n <= 0 ? -EINVAL : truncate_fd(fd, at + n, true);
}

/* The functions, not their system calls, whose 64 bits are whole or in halves by Emscripten's version. */
static int posix_result(long error) {
    if (error == 0)
        return 0;
    errno = (int)-error;
    return -1;
}
int ftruncate(int fd, off_t size) { return posix_result(truncate_fd(fd, size, false)); }
int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }
int truncate(const char *path, off_t size) { return posix_result(truncate_at((long)path, size)); }
int truncate64(const char *path, off_t size) { return truncate(path, size); }
int posix_fallocate(int fd, off_t at, off_t n) { return (int)-allocate_fd(fd, 0, at, n); }
int posix_fallocate64(int fd, off_t at, off_t n) { return posix_fallocate(fd, at, n); }
int fallocate(int fd, int mode, off_t at, off_t n) { return posix_result(allocate_fd(fd, mode, at, n)); }
int fallocate64(int fd, int mode, off_t at, off_t n) { return fallocate(fd, mode, at, n); }
int posix_fadvise(int fd, off_t at, off_t n, int advice) {
    (void)at, (void)n, (void)advice;
    return is_open(fd) ? 0 : EBADF;
}
int posix_fadvise64(int fd, off_t at, off_t n, int advice) { return posix_fadvise(fd, at, n, advice); }

long __syscall_utimensat(long dir, long path, long times, long flags) {
    (void)flags;
    const struct timespec *t = (const struct timespec *)times;
    RtFile *f = NULL;
    Open *o = NULL;
    int error = path ? enter_at(dir, path, &f) : enter_fd(dir, &o);
    if (!error && o)
        f = o->file;
    if (!error && t && t[1].tv_nsec != UTIME_NOW && t[1].tv_nsec != UTIME_OMIT)
        f->mtime_ns = t[1].tv_sec * INT64_C(1000000000) + t[1].tv_nsec;
    else if (!error && !(t && t[1].tv_nsec == UTIME_OMIT))
        rt_file_touch(f);
    return leave_with(error);
}

/* ---- folders ------------------------------------------------------------------------------------------------- */

/* One entry at `to`; its bytes, 0: no room. */
static long put_entry(char *to, long room, const char *name, uint32_t ino, bool folder, int64_t next) {
    size_t need = (offsetof(struct dirent, d_name) + strlen(name) + 1 + 7) & ~(size_t)7;
    if ((long)need > room)
        return 0;
    struct dirent *e = (struct dirent *)(void *)to;
    e->d_ino = ino;
    e->d_off = next;
    e->d_reclen = (unsigned short)need;
    e->d_type = folder ? DT_DIR : DT_REG;
    strcpy(e->d_name, name);
    return (long)need;
}

/* Entries 0 and 1 are . and .. */
static long put_entries(Open *o, char *to, long room) {
    long done = 0;
    for (;;) {
        uint32_t at = o->at < 2 ? 0 : (uint32_t)o->at - 2;
        RtFile *f = o->at < 2 ? o->file : rt_folder_next(o->file, &at);
        if (!f)
            return done;
        const char *name = o->at == 0 ? "." : o->at == 1 ? ".." : rt_file_base(f);
        int64_t next = o->at < 2 ? o->at + 1 : 2 + (int64_t)at;
        long n = put_entry(to + done, room - done, name, f->ino, S_ISDIR(f->mode), next);
        if (n == 0)
            return done ? done : -EINVAL;
        done += n;
        o->at = next;
    }
}

long __syscall_getdents64(long fd, long to, long room) {
    Open *o;
    int error = enter_fd(fd, &o);
    if (!error && !S_ISDIR(o->file->mode))
        error = -ENOTDIR;
    return leave_with(error ? error : put_entries(o, (char *)to, room));
}

static int enter_folder(const RtFile *f) {
    if (!S_ISDIR(f->mode))
        return -ENOTDIR;
    strcpy(cwd, f->name);
    return 0;
}
long __syscall_chdir(long path) {
    RtFile *f;
    int error = enter_at(AT_FDCWD, path, &f);
    return leave_with(error ? error : enter_folder(f));
}
long __syscall_fchdir(long fd) {
    Open *o;
    int error = enter_fd(fd, &o);
    return leave_with(error ? error : enter_folder(o->file));
}

/* The bytes with the NUL. */
long __syscall_getcwd(long buf, long size) {
    rt_files_enter();
    long n = (long)strlen(cwd) + 2;
    if (n <= size) {
        *(char *)buf = '/';
        strcpy((char *)buf + 1, cwd);
    }
    return leave_with(n <= size ? n : -ERANGE);
}

mode_t umask(mode_t mask) {
    rt_files_enter();
    uint32_t old = umask_bits;
    umask_bits = mask & 0777;
    rt_files_leave();
    return old;
}

static long tell_system(long size, long buf) {
    struct statfs *s = (struct statfs *)buf;
    if ((size_t)size < sizeof *s)
        return -EINVAL;
    memset(s, 0, sizeof *s);
    s->f_bsize = s->f_frsize = 4096;
    s->f_namelen = 255;
    return 0;
}
long __syscall_statfs64(long path, long size, long buf) {
    RtFile *f;
    int error = enter_at(AT_FDCWD, path, &f);
    return leave_with(error ? error : tell_system(size, buf));
}
long __syscall_fstatfs64(long fd, long size, long buf) { return is_open(fd) ? tell_system(size, buf) : -EBADF; }

/* ---- waiting for descriptors --------------------------------------------------------------------------------- */

/* All are ready at any time: reading stdin parks, and only its goroutine. */
long __syscall_poll(long at, long n, long timeout) {
    (void)timeout;
    struct pollfd *p = (struct pollfd *)at;
    long n_ready = 0;
    for (long i = 0; i < n; i++) {
        p[i].revents = p[i].fd < 0 ? 0 : is_open(p[i].fd) ? p[i].events & (POLLIN | POLLOUT) : POLLNVAL;
        n_ready += p[i].revents != 0;
    }
    return n_ready;
}

static long keep_open(long n, fd_set *set) {
    long count = 0;
    for (long fd = 0; set && fd < n; fd++) {
        if (!FD_ISSET(fd, set))
            continue;
        if (!is_open(fd))
            return -EBADF;
        count++;
    }
    return count;
}
long __syscall__newselect(long n, long reads, long writes, long others, long timeout) {
    (void)timeout;
    long a = keep_open(n, (fd_set *)reads), b = keep_open(n, (fd_set *)writes);
    if (a < 0 || b < 0)
        return -EBADF;
    if (others)
        FD_ZERO((fd_set *)others);
    return a + b;
}

/* ---- gr_readfile --------------------------------------------------------------------------------------------- */

char *port_readfile(const char *path, size_t *n) {
    RtFile *f;
    char *text = NULL;
    int error = enter_at(AT_FDCWD, (long)path, &f);
    if (!error && !S_ISDIR(f->mode) && (text = malloc((size_t)f->size + 1)) != NULL) {
        ssize_t got = rt_file_read(f, text, f->size, 0);
        if (got >= 0) {
            text[got] = 0;
            *n = (size_t)got;
        } else {
            free(text);
            text = NULL;
        }
    }
    rt_files_leave();
    return text;
}
