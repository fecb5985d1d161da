/* heap.c: malloc and free of a program built with --check: finds memory that is freed twice, that was never given,
 * that was written to beyond its ends or after it was freed.
 *
 * They stand before the C library's for the whole program, the library and the runtime included: what getline gives is
 * freed by the program, what the program gives getline is made larger there. In wasm the linker leads every call here
 * (--wrap); natively they are defined and the library's own calls come here too.
 *
 * A block, in memory of the library's:
 *
 *     [ … ][ Block ][ guard ][ what the program has, `size` bytes ][ guard ]
 *
 * All blocks stand in a table by address, so that a pointer is judged without looking at what it points to. A freed
 * block stays in it, filled with a pattern, until QUARANTINE bytes have been freed after it; then, and every now and
 * then before, it is looked whether the pattern is still there. Reading freed memory is not seen, but a pointer read
 * there leads nowhere (ubsan.c's type_mismatch knows it).
 *
 * A mistake here is a fatal error and no panic, as in Go where memory is damaged: who did it may have gone on for long.
 *
 * Nothing here may park, and a lock is held for some instructions only.
 */
#include "base/hooks.h"
#include "check/heap.h"
#include "core/panic.h"
#include "core/sched.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define QUARANTINE (4 << 20) /* bytes of freed blocks that are kept, */
#define TOO_LARGE (1 << 20)  /* of blocks smaller than this: larger ones are given back at once */
#define LOOKED_AT_BYTES 4096 /* of a freed block, at its beginning and at its end */
#define LOOKS_PER_FREE 2     /* freed blocks that are looked at whenever one is freed */
#define GUARD_BYTES 16
#define GUARD 0xfb
#define FREED 0xfd /* ubsan.c knows this one */
#define BUCKETS (1 << 14)
#define SUSPECT_NS (100 * GR_MILLISECOND) /* how long who fails waits for the lock */
#define LEAST_ALIGN 16

/* ---- the C library's ------------------------------------------------------------------------------------------- */

#ifdef __wasm__
#define OURS(name) __wrap_##name
#define LIBRARYS(name) __real_##name
#else
#define OURS(name) name
#define LIBRARYS(name) __libc_##name
#endif

#ifdef __wasm__
/* The loader knows by it that there are checks (wasm/host/damage.mjs). */
void rt_heap_checked(void);
__attribute__((used, export_name("gr_checked"))) void rt_heap_checked(void) {}
#endif

void *LIBRARYS(malloc)(size_t size);
void LIBRARYS(free)(void *p);

void *OURS(malloc)(size_t size);
void *OURS(calloc)(size_t n, size_t size);
void *OURS(realloc)(void *p, size_t size);
void OURS(free)(void *p);
void *OURS(memalign)(size_t align, size_t size);
void *OURS(aligned_alloc)(size_t align, size_t size);
int OURS(posix_memalign)(void **p, size_t align, size_t size);
size_t OURS(malloc_usable_size)(void *p);

/* ---- blocks ---------------------------------------------------------------------------------------------------- */

/* Who did something, and where; either may not be known. */
typedef struct Who {
    uint64_t goid;
    gr_site *site;
} Who;

typedef struct Block {
    uintptr_t seal;      /* seal_of(it), 0: it was given back. First, so what is written beyond a block breaks it */
    struct Block *next;  /* in its bucket */
    struct Block *later; /* of freed ones: freed next */
    void *raw;           /* what the library gave */
    size_t size;
    Who made, freed;
    bool is_free;
} Block;

#define HEAD ((sizeof(Block) + GUARD_BYTES + LEAST_ALIGN - 1) / LEAST_ALIGN * LEAST_ALIGN)

static struct {
    rt_mutex lock; /* RANK_HEAP */
    Block *buckets[BUCKETS];
    Block *oldest, *newest; /* freed blocks, */
    Block *look;            /* of them, the one to look at next, */
    size_t bytes;           /* and what they take */
} heap;

static uint8_t *memory_of(Block *b) { return (uint8_t *)b + HEAD; }
static uint8_t *guard_before(Block *b) { return memory_of(b) - GUARD_BYTES; }
static uint8_t *guard_behind(Block *b) { return memory_of(b) + b->size; }

static Block **bucket_of(const void *p) {
    uintptr_t n = (uintptr_t)p / LEAST_ALIGN;
    return &heap.buckets[(n ^ n / BUCKETS) % BUCKETS];
}

static bool torn; /* the table is: what is overwritten is more than a block or two */

static uintptr_t seal_of(const Block *b) {
    return ((uintptr_t)b ^ (uintptr_t)b->raw * 31 ^ b->size * 961) | 1; /* | 1: never 0 */
}

/* What lies beyond memory is not looked at. */
static bool may_be_at(uintptr_t at) {
#ifdef __wasm__
    return at % LEAST_ALIGN == 0 && at <= ((uint64_t)__builtin_wasm_memory_size(0) << 16) - sizeof(Block);
#else
    return at % LEAST_ALIGN == 0;
#endif
}

static bool is_block(const Block *b) { return may_be_at((uintptr_t)b) && b->seal == seal_of(b); }

static _Noreturn void fail_table(void);

/* The next of a row of blocks, NULL: it ends. The lock is held. */
static Block *whole(Block *b) {
    if (b && !is_block(b))
        fail_table();
    return b;
}

/* The block that begins at p, NULL: none does. The lock is held. */
static Block *find(const void *p) {
    Block *b = whole(*bucket_of(p));
    while (b && memory_of(b) != p)
        b = whole(b->next);
    return b;
}

static void remember(Block *b) {
    Block **at = bucket_of(memory_of(b));
    b->next = *at;
    *at = b;
}

static void forget(Block *b) {
    Block **at = bucket_of(memory_of(b));
    while (whole(*at) != b)
        at = &(*at)->next;
    *at = b->next;
}

static bool all_are(const uint8_t *p, size_t n, uint8_t byte) {
    while (n > 0 && p[n - 1] == byte)
        n--;
    return n == 0;
}

static bool ends_are_whole(Block *b) {
    return all_are(guard_behind(b), GUARD_BYTES, GUARD) && all_are(guard_before(b), GUARD_BYTES, GUARD);
}

static size_t looked_at(Block *b) { return b->size < LOOKED_AT_BYTES ? b->size : LOOKED_AT_BYTES; }

static bool is_untouched(Block *b) {
    size_t n = looked_at(b);
    return ends_are_whole(b) && all_are(memory_of(b), n, FREED) && all_are(memory_of(b) + b->size - n, n, FREED);
}

/* ---- what is said ---------------------------------------------------------------------------------------------- */

/* Who calls: noted by the program's own call just before (rt_heap_pointer, rt_heap_size). */
static Who caller(uintptr_t value) {
    G *g = rt_getg();
    if (!g)
        return (Who){0};
    Who who = {g->goid, NULL};
    if (g->check.call_site && (g->check.call_value == value || g->check.call_value == CALL_OF_ANY))
        who.site = g->check.call_site;
    g->check.call_site = NULL;
    return who;
}

static void note(uintptr_t value, gr_site *site) {
    G *g = rt_getg();
    if (g) {
        g->check.call_value = value;
        g->check.call_site = site;
    }
}

void *rt_heap_pointer(const void *p, gr_site *site) {
    note((uintptr_t)p, site);
    return (void *)p;
}

const char *rt_heap_text(const char *s, gr_site *site) {
    note(CALL_OF_ANY, site);
    return s;
}

size_t rt_heap_size(size_t n, gr_site *site) {
    note(n, site);
    return n;
}

typedef struct Report {
    int n;
    char s[400];
} Report;

static __attribute__((format(printf, 2, 3))) void say(Report *r, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(r->s + r->n, sizeof r->s - (size_t)r->n, format, args);
    va_end(args);
    r->n += n < (int)sizeof r->s - r->n ? n : (int)sizeof r->s - 1 - r->n;
}

static void say_who(Report *r, const char *did, Who who) {
    if (who.goid)
        say(r, ", %s by goroutine %llu", did, (unsigned long long)who.goid);
    if (who.site)
        say(r, "%s at %s:%u", who.goid ? "" : did, who.site->file, (unsigned)who.site->line);
}

/* What happened; b: to which block; the lock is not held. */
static _Noreturn void fail(const char *what, const char *more, Block *b, gr_site *site) {
    Report r = {.n = 0};
    say(&r, "%s", what);
    if (b) {
        say(&r, "\n[%s%zu bytes", more, b->size);
        say_who(&r, "allocated", b->made);
        if (b->is_free)
            say_who(&r, "freed", b->freed);
        say(&r, "]");
    }
    if (torn)
        rt_damaged_at(r.s, site);
    rt_fatal_at(r.s, site);
}

static _Noreturn void fail_damaged(Block *b, gr_site *site) {
    if (b->is_free && ends_are_whole(b))
        fail("write to memory that is free already", "noticed later: ", b, site);
    bool before = !all_are(guard_before(b), GUARD_BYTES, GUARD);
    fail(before ? "write before the beginning of allocated memory" : "write beyond the end of allocated memory",
         "noticed later: ", b, site);
}

static bool is_damaged(Block *b) { return b->is_free ? !is_untouched(b) : !ends_are_whole(b); }

/* The first in memory that is damaged, NULL: none that is in the table. *cut: the table does not end as it should,
 * some are missing. The lock is held, or its holder has failed. */
static Block *first_damaged(bool *cut) {
    Block *found = NULL;
    *cut = false;
    for (int i = 0; i < BUCKETS; i++) {
        Block *b = heap.buckets[i];
        for (; b && is_block(b); b = b->next)
            if ((!found || b < found) && is_damaged(b))
                found = b;
        *cut = *cut || b;
    }
    torn = torn || *cut;
    return found;
}

/* Rows of the table go from block to block, so where blocks are overwritten others are missing: those in all of memory
 * that look like blocks are. */
static Block *first_damaged_anywhere(void) {
#ifdef __wasm__
    uint64_t end = (uint64_t)__builtin_wasm_memory_size(0) << 16;
    for (uint64_t at = LEAST_ALIGN; at + HEAD + GUARD_BYTES <= end; at += LEAST_ALIGN) {
        Block *b = (Block *)(uintptr_t)at;
        if (is_block(b) && at + HEAD + b->size + GUARD_BYTES <= end && is_damaged(b))
            return b;
    }
#endif
    return NULL;
}

static _Noreturn void fail_overwritten(Block *b) {
    if (b)
        fail_damaged(b, NULL);
    rt_damaged_at("memory is overwritten where malloc has its notes, beyond the end of some block", NULL);
}

static _Noreturn void fail_table(void) {
    bool cut;
    Block *b = first_damaged(&cut), *other = first_damaged_anywhere();
    torn = true;
    rt_unlock(&heap.lock);
    fail_overwritten(!b || (other && other < b) ? other : b);
}

/* The block that p points into, NULL: none. The lock is held. */
static Block *around(const void *p) {
    for (int i = 0; i < BUCKETS; i++)
        for (Block *b = whole(heap.buckets[i]); b; b = whole(b->next))
            if ((uintptr_t)p - (uintptr_t)memory_of(b) < b->size)
                return b;
    return NULL;
}

/* No block begins at p. */
static _Noreturn void fail_unknown(const char *what, const void *p, gr_site *site) {
    rt_lock(&heap.lock, RANK_HEAP);
    Block *b = around(p);
    rt_unlock(&heap.lock);
    Report r = {.n = 0};
    if (b)
        say(&r, "the pointer is %zu bytes into ", (size_t)((const uint8_t *)p - memory_of(b)));
    fail(what, r.s, b, site);
}

/* ---- giving ---------------------------------------------------------------------------------------------------- */

/* Takes the oldest freed block out of the quarantine. The lock is held. */
static Block *take_oldest(void) {
    Block *b = whole(heap.oldest);
    heap.oldest = b->later;
    if (!heap.oldest)
        heap.newest = NULL;
    if (heap.look == b)
        heap.look = b->later;
    heap.bytes -= b->size + HEAD;
    forget(b);
    return b;
}

/* Gives freed blocks back to the library until no more than `keep` bytes of them are left. */
static void let_go(size_t keep) {
    for (;;) {
        rt_lock(&heap.lock, RANK_HEAP);
        Block *b = heap.bytes > keep ? take_oldest() : NULL;
        rt_unlock(&heap.lock);
        if (!b)
            return;
        if (!is_untouched(b))
            fail_damaged(b, NULL);
        b->seal = 0;
        LIBRARYS(free)(b->raw);
    }
}

static void *give(size_t align, size_t size, Who who) {
    if (align < LEAST_ALIGN)
        align = LEAST_ALIGN;
    size_t more = align + HEAD + GUARD_BYTES;
    if (size > PTRDIFF_MAX - more) {
        errno = ENOMEM;
        return NULL;
    }
    uint8_t *raw = LIBRARYS(malloc)(size + more);
    if (!raw) {
        let_go(0);
        raw = LIBRARYS(malloc)(size + more);
        if (!raw)
            return NULL;
    }
    uint8_t *p = (uint8_t *)(((uintptr_t)raw + HEAD + align - 1) / align * align);
    Block *b = (Block *)(void *)(p - HEAD);
    *b = (Block){.raw = raw, .size = size, .made = who};
    memset(guard_before(b), GUARD, GUARD_BYTES);
    memset(guard_behind(b), GUARD, GUARD_BYTES);
    b->seal = seal_of(b); /* last: who fails meanwhile looks for blocks that are damaged */
    rt_lock(&heap.lock, RANK_HEAP);
    remember(b);
    rt_unlock(&heap.lock);
    return p;
}

/* Product of sizes in *all; false: too large. */
static bool multiply(size_t n, size_t size, size_t *all) {
    if (!__builtin_mul_overflow(n, size, all))
        return true;
    errno = ENOMEM;
    return false;
}

void *OURS(malloc)(size_t size) { return give(LEAST_ALIGN, size, caller(size)); }

void *OURS(calloc)(size_t n, size_t size) {
    Who who = caller(n);
    size_t all;
    void *p = multiply(n, size, &all) ? give(LEAST_ALIGN, all, who) : NULL;
    return p ? memset(p, 0, all) : NULL;
}

void *OURS(memalign)(size_t align, size_t size) { return give(align, size, caller(align)); }
void *OURS(aligned_alloc)(size_t align, size_t size) { return give(align, size, caller(align)); }

int OURS(posix_memalign)(void **p, size_t align, size_t size) {
    Who who = caller((uintptr_t)p);
    if (align < sizeof(void *) || (align & (align - 1)))
        return EINVAL;
    int err = errno;
    void *got = give(align, size, who);
    errno = err;
    if (!got)
        return ENOMEM;
    *p = got;
    return 0;
}

#ifndef __wasm__
void *valloc(size_t size);
void *pvalloc(size_t size);
void *valloc(size_t size) { return give(4096, size, caller(size)); }
void *pvalloc(size_t size) { return give(4096, (size + 4095) & ~(size_t)4095, caller(size)); }
#endif

/* ---- taking ---------------------------------------------------------------------------------------------------- */

/* Some freed blocks, in turn: the first that is damaged, NULL: none of them is. The lock is held. */
static Block *look_around(void) {
    for (int i = 0; i < LOOKS_PER_FREE && heap.oldest; i++) {
        Block *b = whole(heap.look ? heap.look : heap.oldest);
        heap.look = b->later;
        if (!is_untouched(b))
            return b;
    }
    return NULL;
}

/* Of a block that the program has: the lock is held. Whole, it is freed, and *gone set if it is not kept. */
static bool set_free(Block *b, Who who, Block **gone) {
    if (!ends_are_whole(b))
        return false;
    b->is_free = true;
    b->freed = who;
    size_t n = looked_at(b);
    memset(memory_of(b), FREED, n);
    memset(memory_of(b) + b->size - n, FREED, n);
    if (b->size > TOO_LARGE) {
        forget(b);
        *gone = b;
        return true;
    }
    if (heap.newest)
        heap.newest->later = b;
    else
        heap.oldest = b;
    heap.newest = b;
    heap.bytes += b->size + HEAD;
    return true;
}

static void take(void *p, const char *twice, const char *unknown, Who who) {
    Block *gone = NULL;
    rt_lock(&heap.lock, RANK_HEAP);
    Block *b = find(p);
    bool was_free = b && b->is_free;
    bool is_whole = b && !was_free && set_free(b, who, &gone);
    Block *damaged = is_whole ? look_around() : b;
    rt_unlock(&heap.lock);
    if (!b)
        fail_unknown(unknown, p, who.site);
    if (was_free)
        fail(twice, "", b, who.site);
    if (damaged)
        fail_damaged(damaged, who.site);
    if (gone) {
        gone->seal = 0;
        LIBRARYS(free)(gone->raw);
    }
    let_go(QUARANTINE);
}

void OURS(free)(void *p) {
    if (p)
        take(p, "free of memory that is free already", "free of memory that malloc never gave", caller((uintptr_t)p));
}

/* Always elsewhere: who has kept the old address is found. */
void *OURS(realloc)(void *p, size_t size) {
    Who who = caller((uintptr_t)p);
    static const char twice[] = "realloc of memory that is free already",
                      unknown[] = "realloc of memory that malloc never gave";
    if (!p)
        return give(LEAST_ALIGN, size, who);
#ifndef __wasm__ /* as glibc */
    if (size == 0) {
        take(p, twice, unknown, who);
        return NULL;
    }
#endif
    rt_lock(&heap.lock, RANK_HEAP);
    Block *b = find(p);
    bool has = b && !b->is_free;
    size_t old = has ? b->size : 0;
    rt_unlock(&heap.lock);
    void *q = has ? give(LEAST_ALIGN, size, who) : NULL;
    if (has && !q)
        return NULL;
    if (has)
        memcpy(q, p, old < size ? old : size);
    take(p, twice, unknown, who);
    return q;
}

size_t OURS(malloc_usable_size)(void *p) {
    rt_lock(&heap.lock, RANK_HEAP);
    Block *b = find(p);
    size_t n = b ? b->size : 0;
    rt_unlock(&heap.lock);
    return n;
}

void rt_heap_check(void) {
    bool cut;
    rt_lock(&heap.lock, RANK_HEAP);
    Block *damaged = first_damaged(&cut);
    if (cut)
        fail_table();
    rt_unlock(&heap.lock);
    if (damaged)
        fail_damaged(damaged, NULL);
}

/* Without the lock's rank: who fails may hold any, this one too. Then nobody else changes anything. */
void rt_heap_suspect(void) {
    uint32_t free = 0;
    bool locked = atomic_compare_exchange_strong(&heap.lock.word, &free, 1);
    for (int64_t until_ns = port_now_ns() + SUSPECT_NS; !locked && !rt_config.sim && port_now_ns() < until_ns;) {
        port_pause();
        free = 0;
        locked = atomic_compare_exchange_strong(&heap.lock.word, &free, 1);
    }
    bool cut;
    Block *damaged = first_damaged(&cut), *other = cut ? first_damaged_anywhere() : NULL;
    if (locked)
        rt_unlock_shared(&heap.lock);
    if (damaged || cut)
        fail_overwritten(!damaged || (other && other < damaged) ? other : damaged);
}
