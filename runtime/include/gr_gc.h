/* gr_gc.h: memory that is never freed by hand: the garbage-collected heap. goroscope.h includes it.
 *
 *     struct node *n = gr_new(struct node);   // zeroed; lives as long as something points to it
 *     int *v = gr_make(int, 1000);
 *
 * Rules
 *  - A block lives as long as a pointer to it, to anywhere inside it, or just behind its end (of what gr_make and
 *    gr_alloc return, and gr_realloc of such) can be found: on the stack of a goroutine, in its thread-local
 *    variables, in a global variable, in another live block of this heap, in a channel's buffer, in the argument of a
 *    goroutine, timer, deferred call or cleanup, in a gr_pool, or in memory given to gr_root. Whatever looks like a
 *    pointer counts as one, so a block may live longer than needed, never shorter.
 *  - Not looked at: memory from malloc (gr_root tells of it), blocks of gr_alloc_noscan, files, pictures, the host.
 *    A pointer that is nowhere else in one piece (masked, xored, in a file, two bytes here and two there) is hidden,
 *    and its block is freed. Pointers lie at multiples of their size.
 *  - While a goroutine is in gr_blocking, or between gr_entersyscall and gr_exitsyscall, its stack counts as it was
 *    when it went in, and nobody stops it: what it stores there may be seen or not. So code there may use blocks that
 *    the caller points to, but must not take a pointer out of a block or variable and keep it on its own stack, nor
 *    move the only one from one place to another: `slot = b->a; b->a = NULL;` while the collector looks hides the
 *    block from both looks. No function here may be called there but gr_keep.
 *  - The collector moves nothing. It runs beside the program and stops it twice for a moment in each cycle;
 *    goroutines that allocate much while it marks have to help (Go's assists).
 *  - Numbers and text that happen to look like addresses keep blocks too: use gr_alloc_noscan for what has no
 *    pointers, and gr_alloc_layout for what has much else. So may a local of a function that still runs, used or not.
 *  - A block has less than 2 GiB. It must not be given to free() or realloc(). In C++ it is memory alone: no
 *    constructor or destructor runs.
 *
 * When: as in Go, the next cycle begins so that the heap has grown by GOGC percent (100) when it ends, or earlier if
 * GOMEMLIMIT would be exceeded (bytes, with the unit B, KiB, MiB, GiB or TiB behind or none); each may be off. They
 * are read from the environment when the first block is allocated; one of GOMEMLIMIT that is malformed ends the
 * program then, one of GOGC counts as 100. GODEBUG=gctrace=1 prints Go's line after each cycle.
 *
 * Out of memory, after a last collection: "fatal error: out of memory", exit code 2.
 */
#ifndef GR_GC_H
#define GR_GC_H

#include "goroscope.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- blocks -------------------------------------------------------------------------------------------------- */

/* n bytes, zeroed; 0 bytes are 1. From 16 bytes on aligned as malloc's blocks are (natively and under WASI to 16, else
 * to 8), smaller ones to 8. [parks], to help the collector. (mallocgc) */
#define gr_alloc(n) gr_alloc_at((n), GR_SITE)
/* The same for bytes without pointers, which the collector does not look into. */
#define gr_alloc_noscan(n) gr_alloc_noscan_at((n), GR_SITE)
/* One zeroed T, aligned as T is, at most as malloc's blocks are. Unlike with gr_alloc a pointer just behind its end
 * does not keep it, so it takes no byte for that. */
#define gr_new(T) ((T *)gr_new_at(sizeof(T), GR_SITE))
/* n zeroed Ts in a row; ends the program like Go ("makeslice: len out of range") where they are too many. */
#define gr_make(T, n) ((T *)gr_make_at(sizeof(T), (n), GR_SITE))

void *gr_alloc_at(size_t n, gr_site *site);
void *gr_alloc_noscan_at(size_t n, gr_site *site);
void *gr_new_at(size_t n, gr_site *site);
void *gr_make_at(size_t size, size_t n, gr_site *site);

/* Where the pointers of a type are; static, or at least as long as blocks have it. */
typedef struct gr_layout {
    size_t size;           /* bytes of one element, a multiple of a pointer's size */
    size_t n;              /* pointers in each */
    const size_t *offsets; /* where: offsetof() */
} gr_layout;
/* n bytes, as many whole elements as there is room for, of which only these places are looked at. What a stack or
 * another block without layout points to counts as ever. Takes 16 bytes more (in modules for threads 8). A layout of
 * which an offset is outside of the element, or no multiple of a pointer's size, ends the program. */
#define gr_alloc_layout(n, layout) gr_alloc_layout_at((n), (layout), GR_SITE)
void *gr_alloc_layout_at(size_t n, const gr_layout *layout, gr_site *site);

/* A block of n bytes that begins as p does, p itself if it has room; what is new is zeroed. Of p's kind; its layout
 * stays. p: NULL (then as gr_alloc), or what one of these functions has returned. Where no block in use begins the
 * program ends, unless a P is about to give it out; whose block it is cannot be seen. Cleanups stay with the old block:
 * where what it returns is another one, they are called when nothing points to the old one. [parks] */
#define gr_realloc(p, n) gr_realloc_at((p), (n), GR_SITE)
void *gr_realloc_at(void *p, size_t n, gr_site *site);

/* p counts as pointed to up to here, whatever the compiler makes of it. (runtime.KeepAlive) A store, since in wasm an
 * empty asm statement is no use that would keep a local. */
static inline void gr_keep(const void *p) {
    const void *volatile kept = p;
    (void)kept;
}

/* ---- what else points to blocks ------------------------------------------------------------------------------ */

/* n bytes at p, of malloc's or any other memory, count as a place where pointers are, until gr_unroot(p, n). p may
 * be a block of this heap, of any kind, which then lives. NULL and 0 bytes are ignored. The same p twice ends the
 * program, as do unrooting what is no root and a range that ends behind the end of memory. */
void gr_root(void *p, size_t n);
void gr_unroot(void *p, size_t n);
#define gr_root(p, n) gr_root_at((p), (n), GR_SITE)
#define gr_unroot(p, n) gr_unroot_at((p), (n), GR_SITE)
void gr_root_at(void *p, size_t n, gr_site *site);
void gr_unroot_at(void *p, size_t n, gr_site *site);

/* Memory from malloc that is a root until it is freed; NULL: there is none. Not zeroed. For libraries that keep what
 * programs give them: it costs no collector in programs that have none. gr_root_free(NULL) does nothing; of what
 * gr_root_alloc has not returned it ends the program, as far as it can tell. */
void *gr_root_alloc(size_t n);
void gr_root_free(void *p);

/* ---- cleanups ------------------------------------------------------------------------------------------------ */

typedef struct gr_cleanup {
    uint64_t id; /* 0: none */
} gr_cleanup;
/* Some time after p, a block of this heap, can be reached no more, and has been freed, fn(arg) is called by a
 * goroutine of its own, one after the other with others: one that blocks for ever holds up all others, and what takes
 * long should start a goroutine. It may end its goroutine by gr_goexit or a panic that it recovers; the others go on.
 * p: into a block in use, or the program ends, as far as it can tell. arg keeps alive what it points to: if that leads
 * to p it never happens. Several on one block are called all. Not at the end of the program. (runtime.AddCleanup) */
gr_cleanup gr_cleanup_add(void *p, void (*fn)(void *arg), void *arg);
#define gr_cleanup_add(p, fn, arg) gr_cleanup_add_at((p), (fn), (arg), GR_SITE)
gr_cleanup gr_cleanup_add_at(void *p, void (*fn)(void *arg), void *arg, gr_site *site);
/* It shall not be called, if it has not begun to be. */
void gr_cleanup_stop(gr_cleanup c);

/* ---- the collector ------------------------------------------------------------------------------------------- */

/* A whole cycle: returns when what cannot be reached has been freed. [parks] (runtime.GC) */
#define gr_gc() gr_gc_at(GR_SITE)
void gr_gc_at(gr_site *site);

/* GOGC: percent by which the heap grows between two cycles; below 0: no cycle but for the memory limit and gr_gc, and
 * none marks any more when it returns. Returns what it was. Stops the world for a moment. [parks]
 * (debug.SetGCPercent) */
int gr_gc_percent(int percent);
/* GOMEMLIMIT: bytes that the heap shall not exceed, all it has from the system counted; below 0: only asks. Returns
 * what it was; INT64_MAX: none. It is kept as Go keeps it: the collector takes no more than half of the time for it.
 * Stops the world for a moment where it changes. [parks] (debug.SetMemoryLimit) */
int64_t gr_memory_limit(int64_t bytes);

typedef struct gr_gc_stats {
    uint64_t cycles, forced;      /* that have ended; of them, by gr_gc */
    uint64_t allocs, frees;       /* blocks so far; of small ones counted when their span is handed in or swept */
    uint64_t total_bytes;         /* of all blocks so far, counted when they are */
    uint64_t live_bytes;          /* allocated and not known to be free; includes what is free in spans being filled */
    uint64_t marked_bytes;        /* reached by the last cycle */
    uint64_t goal_bytes;          /* heap size at which the next cycle shall have ended; 0: GOGC is off, and no limit,
                                   * or no block has been allocated */
    uint64_t system_bytes;        /* had from the system for the heap; never given back in wasm */
    uint64_t idle_bytes;          /* of them, in no span */
    uint64_t copy_bytes;          /* copied by the last cycle while the world was stopped */
    int64_t pause_ns;             /* the world was stopped for the last cycle, in all, */
    int64_t total_pause_ns;       /* and for all of them */
    int64_t longest_pause_ns;     /* the longest of all stops */
    int64_t stopped_ns;           /* of pause_ns: from when all stood still, without waiting for that, */
    int64_t longest_stopped_ns;   /* and the longest of all */
    int64_t mark_ns;              /* the last cycle's marking beside the program, from its begin to its end */
    int64_t worker_ns, assist_ns; /* time of workers and of goroutines that helped, of all cycles */
} gr_gc_stats;
void gr_read_gc_stats(gr_gc_stats *stats);

/* Where memory has been allocated and where what is in use was, by call, estimated from one block in about 64 KiB: a
 * profile as `go tool pprof` and others read it (profile.proto, not compressed; alloc_objects, alloc_space,
 * inuse_objects, inuse_space), in one piece. Returns what write returned; -1, without a call: no memory for it. write
 * may park. (pprof.WriteHeapProfile) */
int gr_heap_profile(int (*write)(void *arg, const void *bytes, size_t n), void *arg);

#ifdef __cplusplus
}
#endif

#endif
