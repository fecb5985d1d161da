/* sched.h: the scheduler's vocabulary, for files inside runtime/.
 *
 *   G  goroutine: its stack block, state, and what it waits for.
 *   M  a thread of the host (Web Worker, pthread) or, in sim mode, a simulated one. Has a stack of its own: the
 *      scheduler's.
 *   P  processor: the right to run goroutines, with a queue of runnable ones. gomaxprocs of them.
 *   An M needs a P to run Gs. (Go's runtime2.go, proc.go; the names are Go's.)
 *
 * Invariants
 *  1. A G is on exactly one list (a run queue, a wait queue, the free list), or running on exactly one M; else its
 *     state lies.
 *  2. A G's state changes only between rt_trace_acquire() and rt_trace_release(), together with the event that
 *     tells of it. Otherwise a generation of the trace could begin between the two, with a status that contradicts
 *     the event.
 *  3. A goroutine that parks is published to wakers only after it has left its stack: unlockf runs on the M's own
 *     stack. Otherwise a waker's M could run it while it is still being unwound here.
 *  4. Nothing per-thread is remembered over a switch: port_get_m() is asked again.
 *  5. Work is never left with Ps idle: whoever makes work runnable calls rt_wakep() (but for gr_main's goroutine,
 *     before anything runs); an M that stops spinning looks once more.
 *  6. A P that is not idle is on exactly one M, or in a system call with it (status P_SYSCALL and the M's id), from
 *     which whoever changes the status by compare-and-swap takes it.
 */
#ifndef RT_SCHED_H
#define RT_SCHED_H

#include <goroscope.h>
#include "base/attention.h"
#include "base/hooks.h"
#include "base/lock.h"
#include "base/port.h"
#include "base/throw.h"
#include "core/config.h"
#include "core/defer.h"
#include "format/limits.h"
#include "format/states.h"
#include "format/wait_reasons.h"
#include "trace/trace.h"

typedef struct G G;
typedef struct M M;
typedef struct P P;

/* ---- waiting ------------------------------------------------------------------------------------------------- */

/* How far a select has come. Whoever makes it SELECT_SERVED serves it. */
typedef enum SelectState {
    SELECT_OPEN, /* on the queues, still on its stack */
    SELECT_PARKED,
    SELECT_SERVED,
} SelectState;

/* One place of a goroutine in a wait queue. Lies on the waiting goroutine's stack (or in its select's array): valid
 * until it goes on. (Go's sudog) */
typedef struct Waiter {
    G *g;                       /* who waits */
    struct Waiter *next, *prev; /* in the queue */
    void *elem;                 /* where to take the element from or put it, may be NULL */
    gr_chan *c;                 /* the channel of this place */
    bool is_select;             /* g also waits elsewhere: claim it with g->select_state first */
    bool parked;     /* claimed: g has to be made ready; else it was on its way to park and goes on by itself */
    bool success;    /* woken by an element (true) or by close (false) */
    uint32_t ticket; /* sync/cond.c: has its goroutine parked yet; sync/waitq.c: order of arrival, if checked */
} Waiter;

/* ---- G ------------------------------------------------------------------------------------------------------- */

/* Output of a goroutine that has no newline yet; malloc'd on first use (host/output.c). */
typedef struct LineBuf {
    uint32_t n; /* bytes of it */
    char text[4096];
} LineBuf;

#ifdef GR_CHECK
/* What runtime/check remembers of a G. */
typedef struct CheckG {
    void *wait_on;    /* while it waits: what it gave rt_park to unlock */
    uint32_t place;   /* in this walk: where it has been found (check.c's Place), */
    uint32_t nqueued; /* and how many Waiters of its stand in queues */
    P *at;            /* in which P's queue it was last seen, NULL: the global one; */
    uint64_t since;   /* slices begun when it was first seen there, */
    int64_t ready_ns; /* since this time */
    /* check/heap.c: its next call of malloc or free */
    uintptr_t call_value; /* its argument, */
    gr_site *call_site;   /* and where it stands; NULL: not known */
} CheckG;
#endif

struct G {
    port_ctx ctx;           /* stack block and switch state; first, the ports rely on it */
    _Atomic uint32_t state; /* GState */
    uint64_t goid;          /* 0 while on the free list */
    G *next;                /* link of the one list it is on */
    G *all_next;            /* link of rt_sched.allg, for ever */
    M *m;                   /* running it, else NULL */
    void (*fn)(void *);     /* what it was started with */
    void *arg;
    const char *name;                  /* text of fn in gr_go */
    gr_site *create_site;              /* where */
    uint64_t creator;                  /* goid, 0: the runtime */
    void *block;                       /* its stack block: where its stack begins */
    size_t block_bytes;                /* 0: it has none */
    WaitReason reason;                 /* while waiting */
    gr_site *site;                     /* call site of the last blocking call */
    Waiter *wake;                      /* set by the waker: which place was served (Go's gp.param) */
    _Atomic uint32_t select_state;     /* a SelectState, of the select it waits in */
    M *lockedm;                        /* gr_lockosthread: runs on this M alone, NULL: any */
    uint32_t locks;                    /* how often gr_lockosthread was called */
    bool stw;                          /* has stopped the world, or is about to, */
    uint8_t stw_reason;                /* for this StwReason */
    bool collects;                     /* does a part of a collection: gives way, but is not suspended */
    _Atomic(struct Suspend *) suspend; /* wants it to stop at its next safe point (preempt.c), NULL: nobody */
    int64_t since_ns;                  /* time of its last change of state, as coarse as rt_sched.coarse_ns */
    int64_t ready_ns;                  /* sim: time at which it became runnable; nobody runs it earlier */
    gTraceState trace;                 /* the tracer's */
    struct Region *regions;            /* innermost first (trace_regions.c), */
    uint64_t nregions;                 /* how many it has ever begun, */
    uint32_t tracing;                  /* rt_trace_control.tracing when it began the last */
    gr_site *assist;                   /* where it began to help with marking, NULL: it does not (trace_gc.c) */
    LineBuf *line[2];                  /* pending stdout, stderr */
    Scope base;                        /* its deferred calls; clean while it is dead */
    Scope *scope;                      /* the innermost that runs, NULL: base */
    Panic *panic;                      /* the last under way, NULL: none */
    struct KeptText *kept;             /* messages it owns (defer.c) */
    struct Coro *coro;                 /* it is this coroutine, NULL: none (coro.c) */
    struct Loop *loop;                 /* who gets what a sequence yields here, NULL: nobody (sync/iter.c) */
    struct LeftStack *left;            /* a copy of its stack (leave.c), NULL: never made */
    uint64_t look;                     /* the collector's, while the world is stopped (heap/roots.c) */
    _Atomic bool system;               /* the runtime's own: not counted, not listed */
    uint8_t gc_mode;                   /* a worker of the collector's: how it runs (GcMode) */
#ifdef GR_CHECK
    CheckG check; /* runtime/check's */
#endif
};

/* ---- M, P (owned by proc.c) ---------------------------------------------------------------------------------- */

#define RUNQ 256

typedef enum PStatus { P_IDLE, P_RUNNING, P_SYSCALL, P_GCSTOP, P_DEAD } PStatus;

struct P {
    int id;                         /* place in rt_sched.allp */
    M *m;                           /* has it, or is in a system call with it; else NULL */
    _Atomic uint32_t status;        /* PStatus; P_SYSCALL with the M's id above PSTATUS_BITS */
    _Atomic bool preempt;           /* what runs here is to stop at its next safe point */
    _Atomic bool sample;            /* what runs here is to be sampled (trace_samples.c) */
    int64_t sample_ns;              /* sim: time from which on that is so again, INT64_MAX: never */
    _Atomic int64_t syscall_ns;     /* when it went into a system call */
    int64_t slice_ns;               /* sim: its clock when the slice began */
    _Atomic(uintptr_t) safe_fn;     /* rt_for_each_p's, to be called at the next safe point (rt_sched.lock), 0: none */
    P *link;                        /* rt_sched.pidle */
    int64_t idle_since_ns;          /* on it since; below 0: not known */
    _Atomic uint32_t runq_head;     /* consumers (owner and thieves) advance */
    _Atomic uint32_t runq_tail;     /* owner advances */
    _Atomic(G *) runq[RUNQ];        /* ring */
    _Atomic(G *) runnext;           /* made ready by the running G: runs next, inheriting the slice */
    _Atomic uint32_t schedtick;     /* slices begun; every 61st looks at the global queue first */
    uint32_t sysmon_tick;           /* sysmon: schedtick when it last looked, */
    int64_t sysmon_ns;              /* and when that was first so */
    uint64_t goid_next, goid_end;   /* its batch of ids */
    _Atomic int64_t spawned, ended; /* goroutines made and gone on this P; only the owner adds */
    G *gfree;                       /* dead goroutines with a stack of the default size */
    int ngfree;                     /* how many */
    struct Timers *timers;          /* timers.c */
    int64_t clock_ns;               /* sim: this P's time */
    pTraceState trace;              /* the tracer's */
    gr_site *sweep;                 /* where it began to sweep, NULL: it does not (trace_gc.c) */
    _Atomic(struct Cache *) heap;   /* what it allocates from (heap/cache.c), NULL: nothing yet */
};

#define PSTATUS_BITS 8
#define PSTATUS_MASK ((1u << PSTATUS_BITS) - 1)

/* What a goroutine that switches out wants done with it, by rt_run_slice. */
typedef enum After {
    AFTER_PARK,
    AFTER_YIELD,
    AFTER_EXIT,
    AFTER_GIVE_WAY, /* sim: it stays on its M and goes on when the Ps that are behind have caught up */
    AFTER_PREEMPT,
    AFTER_SYSCALL,
    AFTER_CALLBACK,
    AFTER_LOOK,   /* from here on: the M goes on at once; it has been looked at (core/trace_samples.c), */
    AFTER_SWITCH, /* from here on: with another goroutine (core/coro.c) */
    AFTER_SWITCH_EXIT
} After;

struct M {
#ifdef GR_CHECK
    HeldLocks held_locks; /* first: base/lock.c looks for it there */
#endif
    int id;                /* from 0, as the trace has it */
    int err;               /* emscripten: errno of what runs on its own stack */
    P *p;                  /* has, NULL: none */
    P *nextp;              /* given by whoever wakes it */
    P *oldp;               /* P it went into a system call with */
    G *curg;               /* running, or in a system call */
    G *extra;              /* extra M: its goroutine; NULL: the scheduler's own M */
    struct Call *call;     /* extra M: what it is doing */
    struct Call *given;    /* extra M: what it is to do; rt_sched.lock */
    G *lockedg;            /* gr_lockosthread: runs only this one */
    M *link;               /* rt_sched.midle, rt_sched.starting */
    M *all_next;           /* list of all Ms */
    _Atomic uint32_t note; /* futex: 1 = wake up */
    bool inherit;          /* what it is about to run goes on with the slice of what made it runnable (runnext) */
    bool spinning;         /* looking for work; counted in rt_sched.nmspinning */
    bool idle;             /* on rt_sched.midle */
    bool starting;         /* its thread has not begun yet; on rt_sched.starting if it has a nextp */
    _Atomic bool watching; /* sleeps on the port's wake word instead of its note */
    bool locked_run;       /* has been given its locked goroutine, and a P */
    bool parked_locked;    /* waits for its locked goroutine to become runnable; counted in rt_sched.nmidlelocked */
    bool over;             /* its thread has ended or is about to */
    _Atomic uint32_t *sim_note; /* sim: its goroutine waits in the host's way until this is not 0; NULL: it does not */
    uint64_t rng;               /* stealing order, select order */
    /* what the goroutine that is switching out wants done on this M's stack */
    After after;                       /* what, by one of */
    bool (*unlockf)(G *g, void *lock); /* park: runs after the switch; false = do not park after all */
    void *unlock_arg;                  /* park: unlockf's lock */
    WaitReason reason;                 /* park */
    gr_site *site;                     /* park, yield */
    struct Coro *coro;                 /* switch: the coroutine */
    uint32_t nested;                   /* coroutines running on its goroutine's stack and on each other's (coro.c) */
    mTraceState trace;                 /* the tracer's */
    int64_t slice_ns;                  /* sim, measured: host time at which the running slice began */
    int64_t clock_ns;      /* sim: when it went idle or into a system call, then when that is over; its events cannot
                                   go back behind it */
    int64_t syscall_takes; /* sim: what its system call takes besides the host's time */
};

/* ---- the scheduler as a whole -------------------------------------------------------------------------------- */

typedef struct Sched {
    rt_mutex lock;               /* guards what is not atomic below */
    _Atomic int procs;           /* number of Ps in use; changes only while the world is stopped */
    _Atomic int allocated;       /* number of Ps that exist, never less; those from procs on are P_DEAD */
    P *allp[MAX_PROCS];          /* they */
    _Atomic(M *) allm;           /* all Ms, linked by all_next; only grows, at the head */
    _Atomic(G *) allg;           /* all Gs ever made, linked by all_next; only grows, at the head */
    _Atomic int mnext;           /* id of the next M */
    int nm;                      /* Ms that can hold a P (not sysmon) and have not ended */
    int nmidlelocked;            /* of them, those that wait for their locked goroutine */
    M *midle;                    /* idle Ms, last in first out */
    int nmidle;                  /* how many */
    M *starting;                 /* Ms that have a nextp and whose threads have not begun yet */
    P *pidle;                    /* idle Ps */
    _Atomic int npidle;          /* how many */
    _Atomic int nmspinning;      /* Ms looking for work */
    G *runq_head, *runq_tail;    /* global run queue */
    _Atomic int runq_n;          /* its length */
    M *timer_sleeper;            /* the idle M that sleeps until the next timer or answer of the host, NULL: none */
    _Atomic int npollwait;       /* requests to the host whose goroutines wait (netpollWaiters) */
    _Atomic int64_t sleep_until; /* until when; INT64_MAX: nobody sleeps for timers */
    _Atomic(G *) gfree;          /* dead Gs with a default stack (changed under gfree_lock) */
    G *gfree_bare;               /* dead Gs without a stack (gfree_lock) */
    rt_mutex gfree_lock;
    _Atomic uint64_t goid;         /* last id given to a P's batch */
    _Atomic uint32_t exiting;      /* the program is ending: futex of those who must not go on */
    bool main_goexit;              /* goroutine 1 has called gr_goexit */
    _Atomic uint32_t sysmon_note;  /* futex sysmon sleeps on while every P is idle: 0 asleep, 1 awake */
    M *sysmon;                     /* the M that never has a P */
    _Atomic int64_t coarse_ns;     /* rt_now() of lately: sysmon's last round, at most 10 ms ago; sim: the step's */
    _Atomic bool stopping;         /* the world is stopped or being stopped */
    int stopwait;                  /* Ps it still waits for */
    _Atomic uint32_t stopnote;     /* futex: 1 when there are none left */
    int64_t idle_ns;               /* what Ps have been idle, all together, since there is a heap (rt_sched.lock) */
    _Atomic uint64_t nstw, stw_ns; /* how often it was stopped; from the wish to the restart, in all */
    _Atomic int ncalls;            /* calls from outside under way: goroutines that no P counts */
    _Atomic uint64_t npreempt, nretake; /* slices cut short; Ps taken from system calls */
} Sched;
extern Sched rt_sched;

static inline uint32_t rt_pstatus(P *p) {
    return atomic_load_explicit(&p->status, memory_order_acquire) & PSTATUS_MASK;
}
static inline uint32_t rt_pstatus_syscall(M *m) { return P_SYSCALL | (uint32_t)m->id << PSTATUS_BITS; }

static inline uint32_t rt_gstate(G *g) { return load_relaxed(uint32_t, &g->state); }
#ifdef GR_CHECK
void rt_trace_check_writing(void); /* core/trace_check.c */
#endif
static inline void rt_set_gstate(G *g, GState s) {
    RT_CHECKED(rt_trace_check_writing();)
    g->since_ns = atomic_load_explicit(&rt_sched.coarse_ns, memory_order_relaxed);
    store_relaxed(uint32_t, &g->state, (uint32_t)s);
}

static inline G *rt_getg(void) { return port_get_g(); }

#endif
