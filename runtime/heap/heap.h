/* heap.h: the heap's vocabulary: pages, spans, blocks; what its files know of each other.
 *
 *   gr_alloc ─► a P's cache (cache.c) ─► lists of spans by class (central.c) ─► pages (pages.c) ─► the port
 *                    │ a span is taken: heap grows (pacer.c), swept on demand (sweep.c), debts are paid (assist.c)
 *   a cycle (cycle.c): stop ─► copy blocks and roots (snapshot.c, roots.c) ─► start ─► mark the copy (mark.c,
 *                    worker.c) ─► stop ─► what is unmarked may be used again (sweep.c), cleanups (cleanup.c)
 *
 * (mheap.go, mcentral.go, mcache.go, malloc.go, mgc.go)
 */
#ifndef RT_HEAP_H
#define RT_HEAP_H

#include "core/park.h"
#include "heap/sizes.h"

/* ---- spans --------------------------------------------------------------------------------------------------- */

/* What the collector looks for in a span's blocks. */
typedef enum SpanKind {
    SPAN_SCAN,   /* pointers may be anywhere, */
    SPAN_NOSCAN, /* nowhere, */
    SPAN_LAYOUT, /* where the layout in front of the block says */
    SPAN_KINDS
} SpanKind;
#define ALIGN _Alignof(max_align_t) /* what malloc's blocks are aligned to */
#define LAYOUT_HEAD ALIGN           /* bytes in front of such a block; the layout's address is the first */
_Static_assert(LAYOUT_HEAD >= sizeof(void *), "a layout's address fits in front of its block");

#define MOST_BLOCKS ((uint32_t)(PAGE / 8)) /* of a span */
#define SPAN_WORDS (MOST_BLOCKS / 64)

/* Who a span belongs to: whoever takes it off the list it is on. */
typedef enum SpanPlace {
    SPAN_MANUAL,  /* pages without blocks: copies, work buffers */
    SPAN_CACHED,  /* a P allocates from it */
    SPAN_PARTIAL, /* on one of its class's lists: has room, */
    SPAN_FULL,    /* has none, */
    SPAN_UNSWEPT, /* is to be swept; */
    SPAN_HELD     /* between two of these */
} SpanPlace;

/* Pages in a row. (mspan)
 *
 * A span's blocks are given out in order: those below `next` are allocated, or were when it was swept; from there on
 * those are whose bit in `allocated` says so. So allocating writes no bit. */
typedef struct Span {
    struct Span *after, *before; /* on its list */
    uintptr_t base;              /* first byte */
    size_t pages;
    size_t size;        /* bytes of a block */
    uint32_t nblocks;   /* how many */
    uint32_t magic;     /* 2^32 / size, rounded up: offset * magic >> 32 is the block's number; 0: there is one block */
    uint32_t next;      /* see above; of a cached span its cache knows better */
    uint32_t next_then; /* next at the last snapshot; 0: it is newer */
    uint32_t nfree;     /* blocks not allocated; of a cached span: when it was taken */
    uint8_t size_class, kind, place;
    bool zeroed;    /* memory that nobody has used yet */
    uint32_t list;  /* number of its class's lists (rt_central_of) */
    size_t at;      /* its place in Pages.spans */
    uintptr_t copy; /* where the snapshot has its first byte; base itself: it is marked where it is */
    _Atomic(struct Special *) specials;       /* what hangs on its blocks (specials.c) */
    uint64_t allocated[SPAN_WORDS];           /* when it was swept */
    _Atomic(uint32_t) marked[2 * SPAN_WORDS]; /* in this cycle */
} Span;

typedef struct SpanList {
    Span *first, *last;
} SpanList;
void rt_list_put(SpanList *l, Span *s); /* at the end */
void rt_list_remove(SpanList *l, Span *s);
Span *rt_list_take(SpanList *l);                 /* the first, NULL: none */
void rt_list_join(SpanList *to, SpanList *from); /* from becomes empty */

static inline bool rt_bit(const uint64_t *bits, uint32_t i) { return bits[i / 64] >> (i % 64) & 1; }
static inline bool rt_is_marked(const Span *s, uint32_t i) {
    return load_relaxed(uint32_t, &s->marked[i / 32]) >> (i % 32) & 1;
}

/* Of an address in the span. */
static inline uint32_t rt_block_number(const Span *s, uintptr_t at) {
    return (uint32_t)((uint64_t)(uint32_t)(at - s->base) * s->magic >> 32);
}
static inline uintptr_t rt_block_at(const Span *s, uint32_t i) { return s->base + i * s->size; }

/* ---- pages (pages.c) ----------------------------------------------------------------------------------------- */

/* Pages of 8 KiB by address: a table of tables. An entry leads to the span of blocks that the page is in, NULL: to
 * none. While marking is on, entries change to spans only. */
#define TABLE_PAGES 512u
#define TABLE_BYTES (PAGE * TABLE_PAGES) /* 4 MiB */
#define NTABLES 1024u

typedef struct PageTable {
    _Atomic(uintptr_t) of[TABLE_PAGES];
    uint64_t free[TABLE_PAGES / 64], zeroed[TABLE_PAGES / 64]; /* a bit for each page; zeroed: of free ones */
    uint32_t head, most, tail; /* pages of the free run that it begins with, of the longest, of the last */
} PageTable;

typedef struct Pages {
    rt_mutex lock;    /* RANK_PAGES; guards all but what is atomic */
    uintptr_t lowest; /* all memory is within NTABLES tables from here on */
    _Atomic(PageTable *) tables[NTABLES];
    struct {
        PageTable *at;
        size_t n;
    } unused_tables;
    uintptr_t left_over, end; /* of the last piece had from the port: behind its last page, and its end */
    size_t first, ntables;    /* no page before table `first` is free, none is from table `ntables` on */
    Span *unused;             /* Span structs without pages */
    Span **spans;             /* all with blocks, in no order */
    size_t nspans, capspans;
    _Atomic size_t system, idle; /* bytes had from the port; of them, in free pages */
} Pages;

/* n in a row, without blocks; NULL: no memory, unless the heap had more than `most` bytes from the port. */
Span *rt_pages_take(size_t n, size_t most);
void rt_pages_give(Span *s);   /* back; s has no blocks any more */
bool rt_pages_enter(Span *s);  /* its blocks can be found from here on; false: no memory */
void rt_pages_forget(Span *s); /* and no more */

/* ---- lists of spans by class and kind (central.c) ------------------------------------------------------------ */

#define NLISTS (NCLASSES * SPAN_KINDS)
static inline uint32_t rt_central_of(uint32_t size_class, SpanKind kind) { return size_class * SPAN_KINDS + kind; }

/* All swept spans of one class and kind that no P has, and those that are not swept yet. (mcentral) */
typedef struct Central {
    rt_mutex lock; /* RANK_SPANS */
    SpanList partial, full, unswept;
} Central;

Span *rt_central_take(uint32_t list, gr_site *site);                 /* one with room, the caller's; NULL: no memory */
Span *rt_central_take_large(size_t n, SpanKind kind, gr_site *site); /* of one block of n bytes; NULL: no memory */
void rt_central_put(Span *s);                                        /* back, swept, the caller's no more */
Span *rt_central_take_unswept(uint32_t list);                        /* NULL: none */
size_t rt_central_all_unswept(void);                                 /* the world is stopped: all are, how many */

/* ---- a P's cache (cache.c) ----------------------------------------------------------------------------------- */

/* Blocks in a row that are free and zero. */
typedef struct Run {
    uintptr_t at, end; /* the next block; all given out: the same */
    Span *span;        /* NULL: none */
    size_t size;       /* bytes of a block */
    uint32_t sample;   /* which of the span's blocks still to be given out is one (profile.c), behind this row */
} Run;

/* Touched by what runs on its P alone, and while the world is stopped. (mcache) */
typedef struct Cache {
    Run runs[NLISTS];
    _Atomic uint64_t allocs, bytes; /* blocks of spans handed in, and large ones */
    uint64_t random;                /* of profile.c */
} Cache;

/* A block of this list's size; the size class of a layout's includes its head. [parks] */
void *rt_cache_block(uint32_t list, gr_site *site);
void *rt_cache_large(size_t n, SpanKind kind, gr_site *site); /* [parks] */
void rt_caches_flush(void);                                   /* the world is stopped: all spans go back */
/* The world is stopped: next_then of their spans; returns bytes that `live` counts and nobody has. */
int64_t rt_caches_note(void);
uint32_t rt_cache_used(Span *s);                        /* the world is stopped: `next` of any span, cached or not */
bool rt_cache_has_free(const Span *s, uintptr_t block); /* it is in the row of the calling P, not given out */
void rt_cache_totals(uint64_t *allocs, uint64_t *bytes);

/* ---- sweeping (sweep.c) -------------------------------------------------------------------------------------- */

/* Spans swept one after the other by somebody who allocates, told by the trace as one: begins with 0. */
typedef struct Sweeping {
    uint64_t bytes, freed;
} Sweeping;
/* What nobody has marked is free from here on. s is the caller's, and stays so; s->nfree says what is left. told may
 * be NULL. */
void rt_sweep_span(Span *s, Sweeping *told, gr_site *site);
void rt_sweep_told(const Sweeping *told);       /* that was all */
void rt_sweep_all(void);                        /* [parks] */
void rt_sweep_pay(size_t bytes, gr_site *site); /* before the heap grows by so much: sweeps in proportion */
void rt_sweep_begin(size_t spans);              /* the world is stopped */
void rt_sweep_goal(int64_t bytes);              /* it shall have ended when so much has been allocated */

/* ---- the heap ------------------------------------------------------------------------------------------------ */

typedef enum GcPhase { GC_OFF, GC_MARK } GcPhase;

typedef struct Heap {
    _Atomic bool begun;
    Sizes sizes;
    Pages pages;
    Central central[NLISTS];
    _Atomic uint32_t phase; /* GcPhase; changes while the world is stopped */
    _Atomic int64_t live;   /* bytes allocated and not known to be free; spans that are being filled count as full */
    _Atomic int64_t dead;   /* bytes of blocks that the last cycle did not reach, in spans that are not swept yet */
    _Atomic uint64_t freed_blocks;
} Heap;
extern Heap rt_heap;

void rt_heap_begin(void); /* the first time; by a goroutine */

/* Whether a block that has been given out is there, as far as that can be known; s: the span of the address. By a
 * goroutine, without a safe point before it uses the answer. (alloc.c) */
bool rt_is_block(const Span *s, uintptr_t at);

/* The collector's copies and sweeps read and write what only it may touch: not for sanitizers. */
#if defined(__clang__) || defined(__GNUC__)
#define UNSANITIZED __attribute__((no_sanitize("address", "thread")))
#endif

#if defined(__SANITIZE_ADDRESS__) || (defined(__has_feature) && __has_feature(address_sanitizer))
#include <sanitizer/asan_interface.h>
#define HEAP_POISONED
/* Free blocks are nobody's: touching them is reported. */
#define POISON(at, n) ASAN_POISON_MEMORY_REGION((const void *)(at), (n))
#define UNPOISON(at, n) ASAN_UNPOISON_MEMORY_REGION((const void *)(at), (n))
#else
#define POISON(at, n) ((void)(at), (void)(n))
#define UNPOISON(at, n) ((void)(at), (void)(n))
#endif

/* What was written before the pointer was is seen behind it: in wasm an engine keeps the order of loads that depend
 * on each other, and an atomic load costs as much as all the rest of looking a word up. */
#ifdef __wasm__
#define load_published(type, at) load_relaxed(type, at)
#else
#define load_published(type, at) atomic_load_explicit((at), memory_order_acquire)
#endif

/* The span of blocks that the address lies in, NULL: none. */
static inline Span *rt_span_of(uintptr_t at) {
    uintptr_t i = at - rt_heap.pages.lowest;
    if (i / TABLE_BYTES >= NTABLES)
        return NULL;
    PageTable *t = load_published(PageTable *, &rt_heap.pages.tables[i / TABLE_BYTES]);
    return t ? (Span *)load_published(uintptr_t, &t->of[i / PAGE % TABLE_PAGES]) : NULL;
}

#endif
