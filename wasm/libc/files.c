/* files.c: the files of a program: a list in its own memory, so that all workers and both drivers share it and
 * the host can read it at any time, also after the program was stopped (wasm/host/files.mjs). The host's files (load
 * option `files`) are in it from the start; their bytes are fetched when they are first needed.
 *
 * Invariant: what `next`, `name`, `data`, `size` and `host_name` of a file in the list say is true of every moment,
 * so an entry is filled before it is linked, and memory is given back only after nothing points to it. Otherwise a
 * host that looks after stop() would read anything. Hence the release stores (PUT).
 */
#include "drive/clock.h"
#include "wasm/libc/files.h"
#include "wasm/port/host.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PUT(to, value) __atomic_store_n(&(to), (value), __ATOMIC_RELEASE)

_Static_assert(offsetof(RtFile, name) == 4 && offsetof(RtFile, data) == 8 && offsetof(RtFile, size) == 12,
               "the loader's layout");
_Static_assert(offsetof(RtFile, mode) == 16 && offsetof(RtFile, host_name) == 20, "the loader's layout");

rt_mutex rt_files_lock;

static struct {
    uint32_t magic, version;
    RtFile *first;
    uint32_t listed; /* 1: the host's are in it */
    uint32_t last_ino;
    int64_t now_ns; /* since 1970, when the lock was taken */
} files = {.magic = RT_FILES_MAGIC, .version = RT_FILES_VERSION, .last_ino = 1};
static RtFile root = {.name = "", .mode = S_IFDIR | 0777, .ino = 1};

/* Where the list begins: {u32 magic, u32 version, u32 first, u32 listed}, for wasm/host/files.mjs. */
EXPORT(gr_files) const uint32_t *gr_files(void) { return &files.magic; }

/* ---- names --------------------------------------------------------------------------------------------------- */

/* Appends the parts of path to the n bytes in `to`. The new length, or a negative errno. */
static int add_parts(char *to, int n, const char *path) {
    while (*path) {
        size_t len = strcspn(path, "/");
        if (len == 2 && path[0] == '.' && path[1] == '.') {
            while (n > 0 && to[n - 1] != '/')
                n--;
            if (n > 0)
                n--;
        } else if (len > 0 && !(len == 1 && path[0] == '.')) {
            if (n + len + 2 > RT_PATH_MAX || len > 255)
                return -ENAMETOOLONG;
            if (n > 0)
                to[n++] = '/';
            memcpy(to + n, path, len);
            n += (int)len;
        }
        path += len + (path[len] == '/');
    }
    return n;
}

int rt_path(const char *base, const char *path, char *to) {
    if (!path)
        return -EFAULT;
    if (!*path)
        return -ENOENT;
    int n = *path == '/' ? 0 : add_parts(to, 0, base);
    if (n >= 0)
        n = add_parts(to, n, path);
    if (n < 0)
        return n;
    to[n] = 0;
    return 0;
}

const char *rt_file_base(const RtFile *f) {
    const char *slash = strrchr(f->name, '/');
    return slash ? slash + 1 : f->name;
}

RtFile *rt_file_find(const char *name) {
    if (!*name)
        return &root;
    for (RtFile *f = files.first; f; f = f->next)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

/* The rest of f's name below folder, NULL: it is not below it. */
static const char *below(const RtFile *f, const char *folder) {
    size_t n = strlen(folder);
    if (n == 0)
        return f->name;
    return strncmp(f->name, folder, n) == 0 && f->name[n] == '/' ? f->name + n + 1 : NULL;
}

/* By inode, which rises with each new one: a place stays right when others come and go. */
RtFile *rt_folder_next(const RtFile *folder, uint32_t *at) {
    RtFile *next = NULL;
    for (RtFile *f = files.first; f; f = f->next) {
        const char *rest = below(f, folder->name);
        if (rest && !strchr(rest, '/') && f->ino > *at && (!next || f->ino < next->ino))
            next = f;
    }
    if (next)
        *at = next->ino;
    return next;
}

bool rt_folder_is_empty(const RtFile *f) {
    uint32_t at = 0;
    return !rt_folder_next(f, &at);
}

/* ---- the list ------------------------------------------------------------------------------------------------ */

void rt_file_touch(RtFile *f) { f->mtime_ns = files.now_ns; }

/* An entry without a look at its folder. NULL: no memory. */
static RtFile *enter(const char *name, uint32_t mode) {
    RtFile *f = calloc(1, sizeof *f);
    if (!f || !(f->name = strdup(name))) {
        free(f);
        return NULL;
    }
    f->mode = mode;
    f->ino = ++files.last_ino;
    rt_file_touch(f);
    f->next = files.first;
    PUT(files.first, f);
    return f;
}

static void unlink_entry(RtFile *f) {
    RtFile **at = &files.first;
    while (*at != f)
        at = &(*at)->next;
    PUT(*at, f->next);
}

/* The folders a file of the host's lies in. */
static void enter_folders(const char *name) {
    char path[RT_PATH_MAX];
    strcpy(path, name);
    for (char *slash = path; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = 0;
        if (!rt_file_find(path))
            enter(path, S_IFDIR | 0777);
        *slash = '/';
    }
}

static void enter_host_file(const char *host_name) {
    char name[RT_PATH_MAX];
    double size = port_host_file_size(host_name, strlen(host_name));
    if (rt_path("", host_name, name) != 0 || rt_file_find(name) || !(size >= 0 && size <= (double)RT_FILE_MAX))
        return;
    enter_folders(name);
    RtFile *f = enter(name, S_IFREG | 0666);
    char *copy = f ? strdup(host_name) : NULL;
    if (copy) {
        f->size = (uint32_t)size;
        PUT(f->host_name, copy);
    }
}

/* The host's files; and where tmpfile() puts its own. */
static void enter_all(void) {
    uint32_t bytes = port_host_strings(HOST_FILES, NULL);
    char *names = malloc(bytes + 1);
    if (names) {
        port_host_strings(HOST_FILES, names);
        for (const char *s = names; s < names + bytes; s += strlen(s) + 1)
            enter_host_file(s);
        free(names);
    }
    if (!rt_file_find("tmp"))
        enter("tmp", S_IFDIR | 0777);
}

/* Not clock_gettime: the last flush of a program comes here, on any stack, and must not park. */
void rt_files_enter(void) {
    int64_t now = port_get_m() ? rt_wall_unparked() : 0; /* else a constructor's, before the runtime is set up */
    rt_lock(&rt_files_lock, RANK_FILES);
    files.now_ns = now;
    if (!files.listed) {
        enter_all();
        PUT(files.listed, 1);
    }
}

void rt_files_leave(void) { rt_unlock(&rt_files_lock); }

/* Whether there is a folder for a file of this name, and it may be changed. */
static int check_folder(const char *name) {
    char path[RT_PATH_MAX];
    strcpy(path, name);
    char *slash = strrchr(path, '/');
    if (!slash)
        return 0;
    *slash = 0;
    RtFile *folder = rt_file_find(path);
    if (!folder)
        return -ENOENT;
    if (!S_ISDIR(folder->mode))
        return -ENOTDIR;
    return folder->mode & S_IWUSR ? 0 : -EACCES;
}

int rt_file_make(const char *name, uint32_t mode, RtFile **f) {
    int error = check_folder(name);
    if (error)
        return error;
    *f = enter(name, mode);
    return *f ? 0 : -ENOSPC;
}

static void destroy(RtFile *f) {
    free(f->data);
    free(f->host_name);
    free(f->name);
    free(f);
}

int rt_file_remove(RtFile *f) {
    int error = f == &root ? -EBUSY : check_folder(f->name);
    if (error)
        return error;
    unlink_entry(f);
    f->removed = true;
    if (f->opens == 0)
        destroy(f);
    return 0;
}

void rt_file_drop(RtFile *f) {
    if (--f->opens == 0 && f->removed)
        destroy(f);
}

/* Gives f another name; false: no memory. */
static bool set_name(RtFile *f, const char *a, const char *b) {
    size_t n = strlen(a);
    char *name = malloc(n + strlen(b) + 2), *old = f->name;
    if (!name)
        return false;
    strcpy(name, a);
    if (*b) {
        name[n] = '/';
        strcpy(name + n + 1, b);
    }
    PUT(f->name, name);
    free(old);
    return true;
}

int rt_file_rename(RtFile *f, const char *to) {
    int error = f == &root || !*to ? -EBUSY : check_folder(f->name);
    if (!error)
        error = check_folder(to);
    if (error || strcmp(f->name, to) == 0)
        return error;
    RtFile target = {.name = (char *)(uintptr_t)to}, *there = rt_file_find(to);
    if (S_ISDIR(f->mode) && below(&target, f->name))
        return -EINVAL;
    if (there && S_ISDIR(there->mode) != S_ISDIR(f->mode))
        return S_ISDIR(f->mode) ? -ENOTDIR : -EISDIR;
    if (there && S_ISDIR(there->mode) && !rt_folder_is_empty(there))
        return -ENOTEMPTY;
    char old[RT_PATH_MAX];
    strcpy(old, f->name);
    for (RtFile *g = files.first; S_ISDIR(f->mode) && g; g = g->next) {
        const char *rest = below(g, old);
        if (rest && strlen(to) + 1 + strlen(rest) >= RT_PATH_MAX)
            return -ENAMETOOLONG;
    }
    if (there)
        rt_file_remove(there);
    if (!set_name(f, to, ""))
        return -ENOSPC;
    for (RtFile *g = files.first; S_ISDIR(f->mode) && g; g = g->next) {
        const char *rest = below(g, old);
        if (rest && !set_name(g, to, rest))
            return -ENOSPC;
    }
    return 0;
}

/* ---- bytes --------------------------------------------------------------------------------------------------- */

int rt_file_load(RtFile *f) {
    if (!f->host_name)
        return 0;
    uint8_t *data = malloc(f->size + 1);
    if (!data)
        return -ENOMEM;
    char *name = f->host_name;
    port_host_file_read(name, strlen(name), data);
    f->room = f->size + 1;
    PUT(f->data, data);
    PUT(f->host_name, NULL);
    free(name);
    return 0;
}

/* Room for `need` bytes, half as many again if that can be had. The old bytes stay readable until the new ones are in
 * place. */
static int reserve(RtFile *f, uint32_t need) {
    if (need <= f->room)
        return 0;
    uint64_t more = (uint64_t)need + need / 2;
    uint32_t room = more > RT_FILE_MAX ? (uint32_t)RT_FILE_MAX : (uint32_t)more;
    uint8_t *data = malloc(room), *old = f->data;
    if (!data)
        data = malloc(room = need);
    if (!data)
        return -ENOSPC;
    if (f->size > 0)
        memcpy(data, old, f->size);
    PUT(f->data, data);
    f->room = room;
    free(old);
    return 0;
}

int rt_file_resize(RtFile *f, int64_t size) {
    if (size < 0)
        return -EINVAL;
    if (size > RT_FILE_MAX)
        return -EFBIG;
    int error = rt_file_load(f);
    if (!error)
        error = reserve(f, (uint32_t)size);
    if (error)
        return error;
    if (size > f->size)
        memset(f->data + f->size, 0, (size_t)size - f->size);
    PUT(f->size, (uint32_t)size);
    rt_file_touch(f);
    return 0;
}

ssize_t rt_file_read(RtFile *f, void *to, size_t n, int64_t at) {
    if (at < 0)
        return -EINVAL;
    int error = rt_file_load(f);
    if (error || n == 0 || at >= f->size)
        return error;
    if (n > f->size - (size_t)at)
        n = f->size - (size_t)at;
    memcpy(to, f->data + at, n);
    return (ssize_t)n;
}

ssize_t rt_file_write(RtFile *f, const void *from, size_t n, int64_t at) {
    if (at < 0)
        return -EINVAL;
    if (n == 0)
        return 0;
    if (at > RT_FILE_MAX - (int64_t)n)
        return -EFBIG;
    int error = rt_file_load(f);
    if (!error && at + (int64_t)n > f->size) {
        error = reserve(f, (uint32_t)at + (uint32_t)n);
        if (!error && at > f->size)
            memset(f->data + f->size, 0, (size_t)at - f->size);
    }
    if (error)
        return error;
    memcpy(f->data + at, from, n);
    if (at + (int64_t)n > f->size)
        PUT(f->size, (uint32_t)at + (uint32_t)n);
    rt_file_touch(f);
    return (ssize_t)n;
}
