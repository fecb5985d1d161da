/* collect.h: what the files of the collector know of each other; the invariants are in cycle.c. */
#ifndef RT_HEAP_COLLECT_H
#define RT_HEAP_COLLECT_H

#include "core/trace.h"
#include "heap/heap.h"

extern gr_site rt_gc_site_worker, rt_gc_site_sweep, rt_gc_site_cleanup; /* of goroutines of the runtime's own */

/* ---- cycle.c ------------------------------------------------------------------------------------------------- */

/* Before the heap grows by so many bytes: begins a cycle if it is time, helps to mark, [parks]. */
void rt_gc_before(size_t bytes, gr_site *site);
void rt_gc_whole(gr_site *site, bool forced); /* one that begins after the call, to its sweep's end [parks] */
_Noreturn void rt_gc_out_of_memory(size_t bytes);
void rt_gc_marked(gr_site *site); /* nothing is left to mark: ends the cycle, if nobody does [parks] */
uint64_t rt_gc_cycles(void);      /* that have ended */

/* ---- check.c: the world is stopped, nobody is within an operation of the heap's ------------------------------ */

#ifdef GR_CHECK
void rt_gc_check(void);
#else
#define rt_gc_check() ((void)0)
#endif

/* ---- roots.c ------------------------------------------------------------------------------------------------- */

/* Where pointers may be outside of the heap, one range after the other, while the world is stopped by the caller,
 * who has left a copy of its stack (core/leave.h). Begins with all 0. */
typedef struct Roots {
    bool begun;
    uint32_t step;
    void *next; /* of the step's list */
    Scope *scope;
    port_roots port;
    const void *from;
    size_t bytes;
    size_t stack_bytes; /* so far, of stacks alone */
} Roots;
bool rt_roots_next(Roots *r);
int64_t rt_roots_of_stacks(void); /* bytes of stacks in the last walk over all */

/* ---- snapshot.c ---------------------------------------------------------------------------------------------- */

typedef struct Snapshot {
    bool copied; /* false: there was no memory; blocks are where they are, and roots are not here */
    const uintptr_t *roots;
    size_t nroots;     /* words */
    size_t bytes;      /* copied, of blocks and roots */
    size_t scannable;  /* bytes of blocks that may have pointers, and of roots, */
    size_t root_bytes; /* and of roots alone */
    int64_t live;      /* bytes of all blocks */
} Snapshot;
extern Snapshot rt_snapshot;
void rt_snapshot_take(void); /* the world is stopped */
void rt_snapshot_drop(void);

/* ---- mark.c -------------------------------------------------------------------------------------------------- */

typedef struct WorkBuf WorkBuf;

#define RT_MARK_CHUNK 16384    /* bytes looked at between two safe points */
#define RT_MARK_BYTES_PER_NS 2 /* under the virtual clock: what one looks at in that time */

/* Of somebody who marks. */
typedef struct Marker {
    WorkBuf *buf;    /* blocks that have been marked and not looked into */
    uint64_t marked; /* bytes of blocks it has marked since it began */
} Marker;

bool rt_mark_reserve(void); /* work buffers for one cycle at least, for all of them; false: no memory */
void rt_mark_begin(void);   /* the world is stopped, the snapshot taken */
void rt_mark_enter(Marker *w);
size_t rt_mark_some(Marker *w, size_t bytes); /* looks at about so many; how many, 0: there is nothing to do now */
bool rt_mark_leave(Marker *w);                /* true: nothing is left, and the caller is the one to say so */
bool rt_mark_has_work(void);                  /* for one more */
void rt_mark_here(void);                      /* all of it, the world stopped */
uint64_t rt_mark_bytes(void);                 /* of marked blocks, so far */
int64_t rt_mark_scanned(void);                /* bytes looked at so far */
void rt_mark_end(void);                       /* gives its memory back */

/* ---- worker.c, assist.c -------------------------------------------------------------------------------------- */

void rt_workers_start(int n);      /* so many at least */
void rt_workers_wanted(int procs); /* the world is stopped: how many work when it goes on */
int64_t rt_workers_ns(bool idle);  /* time they have taken, of all cycles; idle: those on idle Ps */

void rt_assist(size_t bytes, gr_site *site);
void rt_assist_credit(int64_t bytes); /* looked at by a worker */
void rt_assist_begin(void);           /* the world is stopped */
void *rt_assist_close(void);          /* the world is stopped: nobody waits any more; who did, */
void rt_assist_over(void *waited);    /* goes on */
int64_t rt_assist_ns(void);           /* time assists have taken in this cycle */

/* ---- cleanup.c ----------------------------------------------------------------------------------------------- */

bool rt_cleanups_next(void **at, const void **arg); /* arguments of all, as roots; *at begins with NULL */

/* ---- profile.c ----------------------------------------------------------------------------------------------- */

/* Of so many blocks, just taken, the one that is a sample; NO_SAMPLE: none. */
#define NO_SAMPLE UINT32_MAX
uint32_t rt_profile_draw(Cache *c, uint32_t blocks, size_t size);
void rt_profile_sample(uint32_t blocks, gr_site *site, void *block); /* drawn from so many */

/* ---- tell.c -------------------------------------------------------------------------------------------------- */

void rt_allocfree_swept(Span *s); /* what is about to be free; its bits are those of the last cycle yet */
void rt_allocfree_block(void *block);
void rt_allocfree_span(Span *s, bool alloc);

/* Goroutines' functions, and what parks them; wasm/passes/merge.mjs knows them by their names: a program that never
 * allocates has none. */
void rt_gc_entry_sweeper(void *arg);
void rt_gc_entry_worker(void *arg);
void rt_gc_entry_cleanups(void *arg);
void rt_gc_entry_cleanups_anew(void *arg);
void rt_gc_entry_tell(TraceLocker l, bool blocks);
bool rt_gc_waits_sweeper(G *g, void *arg);
bool rt_gc_waits_cleanups(G *g, void *arg);
void rt_sweeper_wake(void);

#endif
