/* lock.h: the runtime's mutex and the order in which its locks are taken; see lock.c. */
#ifndef RT_LOCK_H
#define RT_LOCK_H

#include "base/atomics.h"
#include <stdbool.h>
#include <stdint.h>

/* 0 free, 1 held, 2 held and somebody may sleep on it, 3 held by the only M (rt_alone). Layout shared with
 * gr_cond.lock. */
typedef struct rt_mutex {
    _Atomic uint32_t word;
} rt_mutex;

/* A lock may be taken while holding only locks of lower rank; of the same rank in the order of addresses (select's
 * channels, timers of two Ps). Builds with checks look. */
typedef enum rt_rank {
    RANK_TIMERS = 1,        /* core/timers.c: the timers of a P */
    RANK_CHAN,              /* a channel */
    RANK_SEMA,              /* a root of the semaphores' table, a gr_cond, a place in a gr_pool */
    RANK_SPANS,             /* the heap: spans of a class, */
    RANK_PAGES,             /* its pages, */
    RANK_CLEANUPS,          /* its cleanups, and */
    RANK_MARK,              /* what hangs on blocks, what is to be marked and who does it, ranges, samples */
    RANK_OF_PS = RANK_MARK, /* up to here: taken by Ms with a P alone */
    RANK_TRACE,             /* turn of the generation */
    RANK_SCHED,             /* rt_sched.lock: global queue, idle lists */
    RANK_POLL,              /* requests to the host (drive/netpoll.c) */
    RANK_ALLG,              /* list of all goroutines, free stacks */
    RANK_WRITING,           /* no lock: between rt_trace_acquire and rt_trace_release */
    RANK_TASKS,             /* the tracer's tasks, collections */
    RANK_TABLES,            /* its stacks */
    RANK_STRINGS,           /* its strings */
    RANK_RING,              /* the ring shared with the host */
    RANK_HELD,              /* memory that holds values of the program (core/held.c) */
    RANK_FILES,             /* files in memory (wasm/libc/files.c), handlers of exit */
    RANK_OUTPUT,            /* output to the host */
    RANK_HEAP,              /* builds with checks: blocks of malloc (check/heap.c) */
    RANK_STACKS,            /* memory of stacks: a stack may have to grow anywhere */
    RANK_MAX
} rt_rank;

/* Builds with checks: the locks an M holds, the first thing in each M. */
typedef struct HeldLocks {
    int n;                 /* how many; of more than 16 the others are not looked at */
    uint8_t ranks[16];     /* their ranks (rt_rank), in the order in which they were taken */
    const void *locks[16]; /* they */
} HeldLocks;

/* Only one M at a time has a P (there is one P, or it is sim); changes only while the world is stopped. Ms without
 * a P take no lock up to RANK_OF_PS and touch no run queue. Then atomic read-modify-writes, 6-8 ns each, would be
 * for nobody. */
extern bool rt_alone;

#ifdef GR_CHECK
/* What is held like a lock and is none. */
void rt_rank_hold(const void *what, rt_rank rank);
void rt_rank_drop(const void *what);
#endif

void rt_lock_shared(rt_mutex *l, rt_rank rank);
void rt_unlock_shared(rt_mutex *l);

static inline void rt_lock(rt_mutex *l, rt_rank rank) {
#ifndef GR_CHECK
    if (rank <= RANK_OF_PS && rt_alone && load_relaxed(uint32_t, &l->word) == 0) {
        store_relaxed(uint32_t, &l->word, 3);
        return;
    }
#endif
    rt_lock_shared(l, rank);
}

static inline void rt_unlock(rt_mutex *l) {
    if (load_relaxed(uint32_t, &l->word) == 3) /* locked without an atomic operation */
        store_relaxed(uint32_t, &l->word, 0);
    else
        rt_unlock_shared(l);
}

#endif
