/* gcwork.h: which Ps run a collector's workers, and when; see gcwork.c. */
#ifndef RT_GCWORK_H
#define RT_GCWORK_H

#include "core/sched.h"

/* Why a worker runs: for as long as there is work, for a part of the P's time, or as nobody else wants the P. */
typedef enum GcMode { GC_NO_WORKER, GC_DEDICATED, GC_FRACTIONAL, GC_WHILE_IDLE } GcMode;

typedef struct GcWork {
    _Atomic bool wanted;                 /* there is marking to do; set and cleared while the world is stopped */
    _Atomic bool more;                   /* and something for one more to do; true may be stale, false not */
    _Atomic int dedicated;               /* Ps that are still to have a dedicated worker */
    double fraction;                     /* of each P's time for fractional ones, 0: none */
    int64_t since_ns;                    /* when marking began */
    _Atomic int64_t taken_ns[MAX_PROCS]; /* by P: what fractional workers have taken since */
    rt_mutex lock;                       /* RANK_MARK */
    _Atomic(G *) waiting;                /* workers, linked by next; changes under the lock */
    _Atomic bool taken;                  /* a cycle runs or is about to, or must not begin; cleared under the lock */
    G *takers;                           /* who waits until it is not, linked by next */
} GcWork;
extern GcWork rt_gc_work;

/* One cycle at a time, and none while the number of Ps changes. False: somebody has it. (gcsema) */
bool rt_gc_try_take(void);
/* Who waited for that, and has to be told when the world is not stopped. */
G *rt_gc_give(void);
void rt_gc_given(G *waited);
/* Until nobody has it; somebody may again by then. [parks] */
void rt_gc_wait(gr_site *site);

G *rt_gc_worker_for(M *m, bool idle);
/* The worker that m is to run next, before all other goroutines; idle: there is nothing else to run. NULL: none. */
static inline G *rt_find_gc_worker(M *m, bool idle) {
    return __builtin_expect(load_relaxed(bool, &rt_gc_work.wanted), 0) ? rt_gc_worker_for(m, idle) : NULL;
}
/* Without a P: whether an idle one would find something to do. */
static inline bool rt_gc_work_for_idle(void) {
    return load_relaxed(bool, &rt_gc_work.wanted) && atomic_load(&rt_gc_work.more) && atomic_load(&rt_gc_work.waiting);
}
/* rt_park's unlockf for a worker that waits to be chosen. */
bool rt_gc_waits_worker(G *g, void *unused);
/* A fractional worker on p has had its share. */
bool rt_gc_share_is_used(P *p, int64_t now);

#endif
