/* stdio.c: stdio's locks, which belong to goroutines. The C library's own belong to threads: while a goroutine
 * waits for stdin inside of fgets, another one of the same M would get in as if it were the same thread, and one of
 * another M would block that M.
 *
 * A lock is a word, 0 free, 1 held, 2 held and perhaps waited for, with a semaphore beside it. With Emscripten they
 * stand in the FILE where musl's own locks do; wasi-libc has none, so there the functions that may wait for stdin are
 * wrapped (build.sh) and stdin has the only lock.
 */
#include "core/exit.h"
#include "sync/sema.h"
#include "wasm/libc/own.h"
#include "wasm/port/switch.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <wchar.h>

#define FLUSH_NS (100 * GR_MILLISECOND) /* how long the end of the program waits for one who is writing */

/* Where the parts of one lock are. */
typedef struct Lock {
    uint32_t *word, *sema;
    const void **owner; /* the goroutine, or an M without one; NULL: nobody */
} Lock;

static _Atomic(const void *) flusher; /* who flushes at the program's end: no lock keeps it from that */
static gr_site lock_site = {"flockfile", "stdio", 0, 0};

static const void *me(void) {
    static const char constructors; /* before there is an M */
    const void *g = port_get_g(), *m = port_get_m();
    return g ? g : m ? m : &constructors;
}

static bool try_word(uint32_t *word) {
    uint32_t free = 0;
    return __atomic_compare_exchange_n(word, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
static bool word_taken(uint32_t *word) { return __atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0; }

/* At the end: a goroutine that holds it and runs will let go soon; one that is parked has left the FILE in order. */
static bool wait_at_end(uint32_t *word) {
    int64_t until = port_now_ns() + FLUSH_NS;
    while (word_taken(word)) {
        if (!port_has_threads() || rt_config.sim || port_now_ns() > until)
            return false;
        port_futex_wait(word, 2, GR_MILLISECOND);
    }
    return true;
}

/* Without a P, or before there are goroutines. In sim the holder is parked, and goes on only after us. */
static bool wait_as_thread(uint32_t *word) {
    while (word_taken(word)) {
        if (rt_config.sim)
            return false;
        port_futex_wait(word, 2, GR_MILLISECOND);
    }
    return true;
}

static bool wait_for(Lock l) {
    if (__builtin_expect(atomic_load(&flusher) == me(), 0))
        return wait_at_end(l.word);
    G *g = port_get_g();
    if (!g || rt_gstate(g) != G_RUNNING)
        return wait_as_thread(l.word);
    while (word_taken(l.word))
        rt_sema_acquire(l.sema, false, WAIT_MUTEX, &lock_site);
    return true;
}

static bool is_mine(Lock l) {
    const void *self = me();
    return self && __atomic_load_n(l.owner, __ATOMIC_RELAXED) == self;
}

/* True: it is to be unlocked again. False: it is the caller's already, or cannot be had. */
static bool lock(Lock l) {
    if (is_mine(l) || (!try_word(l.word) && !wait_for(l)))
        return false;
    __atomic_store_n(l.owner, me(), __ATOMIC_RELAXED);
    return true;
}

static void unlock(Lock l) {
    __atomic_store_n(l.owner, NULL, __ATOMIC_RELAXED);
    if (__atomic_exchange_n(l.word, 0, __ATOMIC_RELEASE) != 2)
        return;
    G *g = port_get_g();
    /* Who waits is woken by somebody with a P, as in rt_stdin_read. Not at the end, which parks nowhere. */
    bool away = g && rt_gstate(g) == G_SYSCALL && atomic_load(&flusher) != me();
    if (away)
        gr_exitsyscall();
    if (g && rt_gstate(g) == G_RUNNING)
        rt_sema_release(l.sema, false, &lock_site);
    port_futex_wake(l.word, 1 << 30); /* and those who wait as threads */
    if (away)
        gr_entersyscall_at(&lock_site);
}

void rt_stdio_flush(void) {
    const void *nobody = NULL;
    if (!atomic_compare_exchange_strong(&flusher, &nobody, me()))
        return; /* somebody is at it, or has failed at it */
    fflush(NULL);
    atomic_store(&flusher, NULL);
}

/* The runtime's share of fflush(f): a line that the goroutine has begun goes out. A bar of progress is to be seen. */
static int flushed(FILE *f, int result) {
    G *g = port_get_g();
    if (g && (!f || f == stdout))
        rt_output_flush_line(g, 1);
    if (g && (!f || f == stderr))
        rt_output_flush_line(g, 2);
    return result;
}

static gr_site stdin_site = {"read", "stdin", 0, 0};

/* In a system call the goroutine comes back for it: waiting for the host is the runtime's. */
ssize_t rt_stdin_read(void *to, size_t n) {
    G *g = port_get_g();
    if (!g)
        return -EAGAIN; /* before gr_main, or in a report of a failure */
    bool in_syscall = rt_gstate(g) == G_SYSCALL;
    if (in_syscall)
        gr_exitsyscall();
    ptrdiff_t got = gr_stream_read_at(gr_stdin(), to, n, &stdin_site);
    if (in_syscall)
        gr_entersyscall_at(&stdin_site);
    return got < 0 ? -EIO : (ssize_t)got;
}

#ifdef __EMSCRIPTEN__

/* musl's FILE, the same in Emscripten 3.1.6 to 6.0.5. Its lock is below 0 as long as there are no threads; here it
 * never is, so that every function of stdio calls __lockfile. */
typedef struct MuslFile {
    unsigned flags;
    unsigned char *rpos, *rend;
    int (*close)(FILE *);
    unsigned char *wend, *wpos, *mustbezero_1, *wbase;
    size_t (*read)(FILE *, unsigned char *, size_t);
    size_t (*write)(FILE *, const unsigned char *, size_t);
    off_t (*seek)(FILE *, off_t, int);
    unsigned char *buf;
    size_t buf_size;
    FILE *prev, *next;
    int fd, pipe_pid;
    long lockcount; /* of flockfile */
    int mode;
    uint32_t lock; /* Lock.word */
    int lbf;
    void *cookie;
    off_t off;
    char *getln_buf;
    void *mustbezero_2;
    unsigned char *shend;
    off_t shlim, shcnt;
    const void *owner; /* musl's prev_locked */
    uint32_t sema;     /* musl's next_locked */
} MuslFile;

static MuslFile *musl(FILE *f) { return (MuslFile *)(void *)f; }
static Lock lock_of(FILE *f) { return (Lock){&musl(f)->lock, &musl(f)->sema, &musl(f)->owner}; }

/* In place of musl's functions of these names. */
int __lockfile(FILE *f) { return lock(lock_of(f)); }
void __unlockfile(FILE *f) { unlock(lock_of(f)); }

static void count_lock(FILE *f) {
    if (is_mine(lock_of(f)))
        musl(f)->lockcount++;
}
void flockfile(FILE *f) {
    lock(lock_of(f));
    count_lock(f);
}
int ftrylockfile(FILE *f) {
    Lock l = lock_of(f);
    if (!is_mine(l)) {
        if (!try_word(l.word))
            return -1;
        __atomic_store_n(l.owner, me(), __ATOMIC_RELAXED);
    }
    count_lock(f);
    return 0;
}
void funlockfile(FILE *f) {
    if (is_mine(lock_of(f)) && --musl(f)->lockcount == 0)
        unlock(lock_of(f));
}
void __unlist_locked_file(FILE *f) { (void)f; }
void __register_locked_file(FILE *f, void *self) { (void)f, (void)self; }
void __do_orphaned_stdio_locks(void) {}

/* The list of open files. musl starts threads under this lock too, so it is one of the runtime's, and nobody may park
 * with it. */
static rt_mutex list_lock;
static FILE *first_file;

FILE **__ofl_lock(void) {
    rt_lock(&list_lock, RANK_FILES);
    return &first_file;
}
void __ofl_unlock(void) { rt_unlock(&list_lock); }
FILE *__ofl_add(FILE *f) {
    musl(f)->lock = 0;
    FILE **first = __ofl_lock();
    musl(f)->next = *first;
    if (*first)
        musl(*first)->prev = f;
    *first = f;
    __ofl_unlock();
    return f;
}

/* ---- fflush: musl's waits for files while it holds the list's lock ---- */

static int flush_locked(FILE *f) {
    MuslFile *m = musl(f);
    if (m->wpos != m->wbase) {
        m->write(f, NULL, 0);
        if (!m->wpos)
            return EOF;
    }
    if (m->rpos != m->rend)
        m->seek(f, m->rpos - m->rend, SEEK_CUR);
    m->wpos = m->wbase = m->wend = NULL;
    m->rpos = m->rend = NULL;
    return 0;
}

static int flush_one(FILE *f) {
    bool locked = lock(lock_of(f));
    int result = flush_locked(f);
    if (locked)
        unlock(lock_of(f));
    return result;
}

/* A file that has something buffered; *locked: its lock has been taken, so it cannot be closed. NULL: none is left. */
static FILE *next_unflushed(bool at_end, bool *locked, bool *busy) {
    FILE *f = *__ofl_lock();
    for (; f; f = musl(f)->next) {
        if (musl(f)->wpos == musl(f)->wbase)
            continue;
        *locked = !is_mine(lock_of(f)) && try_word(lock_of(f).word);
        if (*locked)
            __atomic_store_n(lock_of(f).owner, me(), __ATOMIC_RELAXED);
        if (*locked || at_end || is_mine(lock_of(f)))
            break;
        *busy = true;
    }
    __ofl_unlock();
    return f;
}

static int flush_all(void) {
    bool at_end = atomic_load(&flusher) == me(), locked, busy;
    int result = flush_one(stdout) | flush_one(stderr);
    do {
        busy = false;
        for (FILE *f; (f = next_unflushed(at_end, &locked, &busy)) != NULL;) {
            int one = flush_locked(f);
            if (locked)
                unlock(lock_of(f));
            result |= one;
        }
        if (busy && port_get_g() && rt_gstate(port_get_g()) == G_RUNNING)
            gr_sleep(GR_MILLISECOND); /* who writes may wait for long; and gr_yield_at has programs alone as callers */
        else
            break;
    } while (true);
    return result;
}

int fflush(FILE *f) { return flushed(f, f ? flush_one(f) : flush_all()); }
int fflush_unlocked(FILE *f) { return flushed(f, f ? flush_locked(f) : flush_all()); }

/* musl's take the lock word themselves. */
int getc(FILE *f) {
    bool locked = lock(lock_of(f));
    int c = getc_unlocked(f);
    if (locked)
        unlock(lock_of(f));
    return c;
}
int fgetc(FILE *f) { return getc(f); }
int _IO_getc(FILE *f) { return getc(f); }
int getchar(void) { return getc(stdin); }

int putc(int c, FILE *f) {
    bool locked = lock(lock_of(f));
    c = putc_unlocked(c, f);
    if (locked)
        unlock(lock_of(f));
    return c;
}
int fputc(int c, FILE *f) { return putc(c, f); }
int _IO_putc(int c, FILE *f) { return putc(c, f); }
int putchar(int c) { return putc(c, stdout); }

void rt_stdio_setup(void) {
    FILE *standard[] = {stdin, stdout, stderr};
    for (int i = 0; i < 3; i++)
        musl(standard[i])->lock = 0;
    /* The runtime collects lines, goroutine by goroutine. */
    setvbuf(stdout, NULL, _IONBF, 0);
    setvbuf(stderr, NULL, _IONBF, 0);
}

#else

static struct {
    uint32_t word, sema;
    const void *owner;
} stdin_lock;

static bool lock_stdin(FILE *f) {
    return f == stdin && lock((Lock){&stdin_lock.word, &stdin_lock.sema, &stdin_lock.owner});
}
static void unlock_stdin(bool locked) {
    if (locked)
        unlock((Lock){&stdin_lock.word, &stdin_lock.sema, &stdin_lock.owner});
}

/* WRAP(type of the result, name, parameters, arguments, the FILE): see build.sh, which lists the names too. */
#define WRAP(type, name, params, args, f)                                                                              \
    type __real_##name params;                                                                                         \
    type __wrap_##name params {                                                                                        \
        bool locked = lock_stdin(f);                                                                                   \
        type result = __real_##name args;                                                                              \
        unlock_stdin(locked);                                                                                          \
        return result;                                                                                                 \
    }
WRAP(int, getc, (FILE * f), (f), f)
WRAP(int, fgetc, (FILE * f), (f), f)
WRAP(int, getchar, (void), (), stdin)
WRAP(char *, fgets, (char *s, int n, FILE *f), (s, n, f), f)
WRAP(size_t, fread, (void *to, size_t size, size_t n, FILE *f), (to, size, n, f), f)
WRAP(int, ungetc, (int c, FILE *f), (c, f), f)
WRAP(ssize_t, getline, (char **line, size_t *n, FILE *f), (line, n, f), f)
WRAP(ssize_t, getdelim, (char **line, size_t *n, int end, FILE *f), (line, n, end, f), f)
WRAP(int, vfscanf, (FILE * f, const char *format, va_list ap), (f, format, ap), f)
WRAP(int, vfwscanf, (FILE * f, const wchar_t *format, va_list ap), (f, format, ap), f)
WRAP(wint_t, fgetwc, (FILE * f), (f), f)
WRAP(wint_t, getwc, (FILE * f), (f), f)
WRAP(wint_t, getwchar, (void), (), stdin)
WRAP(wint_t, ungetwc, (wint_t c, FILE *f), (c, f), f)
WRAP(wchar_t *, fgetws, (wchar_t * s, int n, FILE *f), (s, n, f), f)

int __real_fflush(FILE *f);
int __wrap_fflush(FILE *f) { return flushed(f, __real_fflush(f)); }

#endif
