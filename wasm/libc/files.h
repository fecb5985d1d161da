/* files.h: the files of a program, which lie in its own memory (wasm/libc/files.c), for those who open them: the C
 * library's system calls (wasm/libc/fds.c) and gr_readfile. */
#ifndef RT_LIBC_FILES_H
#define RT_LIBC_FILES_H

#include "core/sched.h"
#include <sys/types.h>

#define RT_FILES_MAGIC 0x53465247u /* "GRFS" */
#define RT_FILES_VERSION 1
#define RT_PATH_MAX 1024         /* bytes of a path with its NUL */
#define RT_FILE_MAX 0x7fffffffLL /* bytes of a file */

/* A file or a folder. JS has it from wasm/host/format.mjs up to host_name; each change leaves the list walkable,
 * since the host may look at it after the program was stopped anywhere. */
typedef struct RtFile {
    struct RtFile *next; /* of all, in no order */
    char *name;          /* path from the root, without a slash in front */
    uint8_t *data;       /* its bytes; NULL: none, or the host still has them */
    uint32_t size;       /* in bytes */
    uint32_t mode;       /* S_IFREG or S_IFDIR, and permissions */
    char *host_name;     /* what the host calls it, while its bytes were not asked for; NULL: they are here */
    uint32_t room;       /* bytes at data */
    uint32_t ino;        /* st_ino; the root has 1 */
    uint32_t opens;      /* descriptors that use it */
    bool removed;        /* it has no name any more and goes with the last descriptor */
    int64_t mtime_ns;    /* since 1970 */
} RtFile;

/* Guards all files and all descriptors. Held over nothing that may park. */
extern rt_mutex rt_files_lock;
void rt_files_enter(void);
void rt_files_leave(void);

/* All below: the lock is held; 0 or a negative errno, unless said otherwise. */

/* The path in `to` (RT_PATH_MAX bytes), as names of files are: from the root, without . and .. */
int rt_path(const char *base, const char *path, char *to);
/* NULL: there is none of that name. "" is the root. */
RtFile *rt_file_find(const char *name);
/* A new one, whose folder must exist. */
int rt_file_make(const char *name, uint32_t mode, RtFile **f);
int rt_file_remove(RtFile *f);
int rt_file_rename(RtFile *f, const char *to);
bool rt_folder_is_empty(const RtFile *f);
/* The bytes are in memory afterwards. */
int rt_file_load(RtFile *f);
int rt_file_resize(RtFile *f, int64_t size);
/* Bytes done; both must be in range as pread and pwrite want it. */
ssize_t rt_file_read(RtFile *f, void *to, size_t n, int64_t at);
ssize_t rt_file_write(RtFile *f, const void *from, size_t n, int64_t at);
void rt_file_drop(RtFile *f); /* a descriptor less */
void rt_file_touch(RtFile *f);
/* The folder's entry after the one with inode *at, which it then is; NULL: there is no more. */
RtFile *rt_folder_next(const RtFile *folder, uint32_t *at);
/* The last part of a name. */
const char *rt_file_base(const RtFile *f);

#endif
