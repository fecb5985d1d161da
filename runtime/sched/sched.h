/* sched.h: the scheduler's vocabulary, for files inside runtime/.
 *
 *   G  goroutine: its stack block, state, and what it waits for.
 *   M  a thread of the host (Web Worker, pthread) or, in sim mode, a simulated one. Has a stack of its own: the scheduler's.
 *   P  processor: the right to run goroutines, with a queue of runnable ones. gomaxprocs of them.
 *   An M needs a P to run Gs. (Go's runtime2.go, proc.go; the names are Go's.)
 *
 * Invariants
 *  1. A G is on exactly one list (a run queue, a wait queue, the free list), or running on exactly one M; else its state lies.
 *  2. A G's state changes only between trace_acquire() and trace_release(), together with the event that tells of it.
 *     Otherwise a generation of the trace could begin between the two, with a status that contradicts the event.
 *  3. A goroutine that parks is published to wakers only after it has left its stack: unlockf runs on the M's own stack.
 *     Otherwise a waker's M could run it while it is still being unwound here.
 *  4. Nothing per-thread is remembered over a switch: port_get_m() is asked again.
 *  5. Work is never left with Ps idle: whoever makes work runnable calls wakep(); an M that stops spinning looks once more.
 *  6. A P that is not idle is on exactly one M, or in a system call with it (status P_SYSCALL and the M's id), from which
 *     whoever changes the status by compare-and-swap takes it.
 */
#ifndef GR_SCHED_H
#define GR_SCHED_H

#include "../include/goroscope.h"
#include "../port/port.h"
#include <stdarg.h>
#include <stdatomic.h>

typedef struct G G;
typedef struct M M;
typedef struct P P;

/* ---- relaxed accesses ------------------------------------------------------------------------------------------------- */

/* wasm has sequentially consistent atomics only. Their stores cost a locked exchange (about 6 ns under V8), their loads 8 instructions of
 * checks that plain ones leave to the hardware. A plain aligned access of 32 bits cannot tear there (wasm threads, section on memory
 * model), which is all that relaxed asks for. Not for a loop that waits: an engine may take a plain load out of it. */
#ifdef __wasm__
#define store_relaxed(type, at, v) (*(type volatile *)(void *)(at) = (v))
#define load_relaxed(type, at) (*(type volatile *)(void *)(at))
#else
#define store_relaxed(type, at, v) atomic_store_explicit((at), (v), memory_order_relaxed)
#define load_relaxed(type, at) atomic_load_explicit((at), memory_order_relaxed)
#endif

/* ---- locks ---------------------------------------------------------------------------------------------------------- */

/* 0 free, 1 held, 2 held and somebody may sleep on it, 3 held by the only M (rt_alone). Layout shared with gr_cond.lock. */
typedef struct rt_mutex {
    _Atomic uint32_t word;
} rt_mutex;

/* Lock order: a lock may be taken while holding only locks of lower rank (same rank: select locks channels by address). The
 * check is on in debug builds (GR_DEBUG). */
typedef enum rt_rank {
    RANK_TIMERS = 1, /* sched/timers.c: the timers of a P */
    RANK_CHAN,       /* a channel */
    RANK_SEMA,       /* a root of the semaphores' table, a gr_cond, a place in a gr_pool */
    RANK_SCHED,      /* sched.lock: global queue, idle lists */
    RANK_POLL,       /* requests to the host (netpoll.c) */
    RANK_ALLG,       /* list of all goroutines, free stacks */
    RANK_TRACE,      /* turn of the generation */
    RANK_TABLES,     /* the tracer's strings and stacks */
    RANK_RING,       /* the ring shared with the host */
    RANK_FILES,      /* files in memory (wasm/libc_files.c), handlers of exit */
    RANK_OUTPUT,     /* output to the host */
    RANK_STACKS,     /* memory of stacks: a stack may have to grow anywhere */
    RANK_MAX
} rt_rank;

/* Only one M at a time has a P (there is one P, or it is sim); changes only while the world is stopped. Ms without a P take no
 * lock below RANK_SCHED and touch no run queue. Then atomic read-modify-writes, 6-8 ns each, would be for nobody. */
extern bool rt_alone;

void rt_lock_shared(rt_mutex *l, rt_rank rank);
void rt_unlock_shared(rt_mutex *l);

static inline void rt_lock(rt_mutex *l, rt_rank rank) {
#ifndef GR_DEBUG
    if (rank < RANK_SCHED && rt_alone && load_relaxed(uint32_t, &l->word) == 0) {
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

/* ---- failures (panic.c) --------------------------------------------------------------------------------------------- */

/* Our own bug: "fatal error: MSG", all goroutines, exit 2. */
_Noreturn void rt_throw(const char *msg);
/* The user's mistake that Go cannot recover from: the same, Go's text. */
_Noreturn void rt_fatal(const char *msg);
_Noreturn void rt_fatal_at(const char *msg, gr_site *site);
/* The user's mistake that panics in Go: as gr_panic_at. No lock may be held. [parks], in deferred calls */
_Noreturn void rt_panic(const char *msg, gr_site *site);
#define rt_assert(cond) ((cond) ? (void)0 : rt_throw("assertion failed: " #cond))
#ifdef GR_DEBUG
#define rt_assert_slow(cond) rt_assert(cond)
#else
#define rt_assert_slow(cond) ((void)0)
#endif

/* ---- wait reasons: enum, what a goroutine dump shows, what the trace says (Go's waitReasonStrings, traceBlockReason) ---- */

#define WAIT_REASONS(X)                                                                                                \
    X(WAIT_NONE, "", "unspecified")                                                                                    \
    X(WAIT_CHAN_RECV, "chan receive", "chan receive")                                                                  \
    X(WAIT_CHAN_RECV_NIL, "chan receive (nil chan)", "forever")                                                        \
    X(WAIT_CHAN_SEND, "chan send", "chan send")                                                                        \
    X(WAIT_CHAN_SEND_NIL, "chan send (nil chan)", "forever")                                                           \
    X(WAIT_SELECT, "select", "select")                                                                                 \
    X(WAIT_SELECT_EMPTY, "select (no cases)", "forever")                                                               \
    X(WAIT_SLEEP, "sleep", "sleep")                                                                                    \
    X(WAIT_MUTEX, "sync.Mutex.Lock", "sync")                                                                           \
    X(WAIT_RWMUTEX_R, "sync.RWMutex.RLock", "sync")                                                                    \
    X(WAIT_RWMUTEX_W, "sync.RWMutex.Lock", "sync")                                                                     \
    X(WAIT_WAITGROUP, "sync.WaitGroup.Wait", "sync")                                                                   \
    X(WAIT_COND, "sync.Cond.Wait", "sync.(*Cond).Wait")                                                                \
    X(WAIT_IO, "IO wait", "network")                                                                                   \
    X(WAIT_PREEMPTED, "preempted", "preempted")                                                                        \
    X(WAIT_DEBUG_CALL, "debug call", "wait for debug call")                                                            \
    X(WAIT_LEAKS, "goroutine leak report", "system goroutine wait")                                                    \
    X(WAIT_COROUTINE, "coroutine", "coroutine")

typedef enum WaitReason {
#define X(id, dump, trace) id,
    WAIT_REASONS(X)
#undef X
        WAIT_COUNT
} WaitReason;

/* ---- waiting -------------------------------------------------------------------------------------------------------- */

/* One place of a goroutine in a wait queue. Lies on the waiting goroutine's stack (or in its select's array): valid until it
 * goes on. (Go's sudog) */
/* Whoever makes it SELECT_SERVED serves the select. */
typedef enum SelectState {
    SELECT_OPEN /* on the queues, still on its stack */,
    SELECT_PARKED,
    SELECT_SERVED
} SelectState;

typedef struct Waiter {
    G *g;
    struct Waiter *next, *prev;
    void *elem;      /* where to take the element from or put it, may be NULL */
    gr_chan *c;      /* the channel of this place */
    bool is_select;  /* g also waits elsewhere: claim it with g->select_state first */
    bool parked;     /* claimed: g has to be made ready; else it was on its way to park and goes on by itself */
    bool success;    /* woken by an element (true) or by close (false) */
    uint32_t ticket; /* cond: whether its goroutine has parked yet (cond.c); channel: order of arrival (check.c) */
} Waiter;

/* ---- G -------------------------------------------------------------------------------------------------------------- */

typedef enum GState {
    G_IDLE,
    G_RUNNABLE,
    G_RUNNING,
    G_SYSCALL, /* on its M, which has no P or whose P may be taken */
    G_WAITING,
    G_DEAD
} GState;

/* Output of a goroutine that has no newline yet; malloc'd on first use (output.c). */
typedef struct LineBuf {
    uint32_t n;
    char text[4096];
} LineBuf;

/* What the tracer knows of a goroutine; kept on its own when the goroutine is gone (trace/gap.c). */
typedef struct TraceG {
    uint64_t goid;
    uint64_t seq;   /* number of its last numbered event in this generation */
    int64_t ns;     /* time of its last event */
    uint32_t pub_m; /* M it ran on as of pub */
    bool pub_stw;   /* had then stopped the world, or was about to */
    uint8_t pub;    /* enum trace_gstatus the last generation shown to readers left it in; 0: not known to them */
} TraceG;

/* ---- deferred calls and panics (defer.c) ------------------------------------------------------------------------------ */

/* A deferred call. (Go's _defer) */
typedef struct Defer {
    void (*fn)(void *);
    void *arg;
    struct Defer *next; /* deferred before it, in the same scope */
    bool heap;          /* malloc'd; else on the stack of whoever takes it back (defer_remove) */
} Defer;

/* A panic under way, on the stack of the goroutine it ends. (Go's _panic) */
typedef struct Panic {
    const char *msg;
    gr_site *site;
    struct Panic *link; /* the one during which it happened */
    bool recovered;     /* gr_recover was called by the deferred call that runs */
} Panic;

/* What deferred calls belong to: a goroutine as a whole, or a deferred call while it runs. */
typedef struct Scope {
    struct Scope *outer; /* whose deferred call this is; NULL: the goroutine itself */
    Defer *defers;       /* last first */
    Panic *panic;        /* ends it; NULL: it runs, or ends by return or gr_goexit */
    Panic *before;       /* G.panic when it began */
    bool goexit;         /* gr_goexit was called in it: stays so whatever is recovered */
} Scope;

/* Between the two calls d->fn(d->arg) is what happens if the goroutine ends; d is the caller's, on its stack. */
void defer_push(Defer *d);
void defer_remove(Defer *d);

struct G {
    port_ctx ctx;           /* stack block and switch state; first, the ports rely on it */
    _Atomic uint32_t state; /* GState */
    uint64_t goid;          /* 0 while on the free list */
    G *next;                /* link of the one list it is on */
    G *all_next;            /* link of allgs, for ever */
    M *m;                   /* running it, else NULL */
    void (*fn)(void *);     /* what it was started with */
    void *arg;
    const char *name;     /* text of fn in gr_go */
    gr_site *create_site; /* where */
    uint64_t creator;     /* goid, 0: the runtime */
    void *block;          /* its stack block: where its stack begins */
    size_t block_bytes;
    WaitReason reason;                 /* while waiting */
    gr_site *site;                     /* call site of the last blocking call */
    void *wait_on;                     /* while waiting: what it gave park to unlock (check.c) */
    uint32_t check_place;              /* check.c: where it has been found so far, */
    uint32_t check_places;             /* and in how many places of the queues it waits in */
    P *check_at;                       /* check.c: in which P's queue it was last seen, NULL: the global one; */
    uint64_t check_since;              /* slices begun when it was first seen there, */
    int64_t check_ready_ns;            /* since this time */
    Waiter *wake;                      /* set by the waker: which place was served (Go's gp.param) */
    _Atomic uint32_t select_state;     /* a SelectState, of the select it waits in */
    M *lockedm;                        /* gr_lockosthread: runs on this M alone, NULL: any */
    uint32_t locks;                    /* how often gr_lockosthread was called */
    bool stw;                          /* has stopped the world, or is about to, */
    uint8_t stw_reason;                /* for this StwReason */
    _Atomic(struct Suspend *) suspend; /* wants it to stop at its next safe point (preempt.c), NULL: nobody */
    int64_t since_ns;                  /* time of its last change of state, as coarse as sched.coarse_ns */
    int64_t ready_ns;                  /* sim: time at which it became runnable; nobody runs it earlier */
    TraceG trace;                      /* the tracer's */
    LineBuf *line[2];                  /* pending stdout, stderr */
    Scope base;                        /* its deferred calls; clean while it is dead */
    Scope *scope;                      /* the innermost that runs, NULL: base */
    Panic *panic;                      /* the last under way, NULL: none */
    struct KeptText *kept;             /* messages it owns (defer.c) */
    struct Coro *coro;                 /* it is this coroutine, NULL: none (coro.c) */
    struct Loop *loop;                 /* who gets what a sequence yields here, NULL: nobody (sync/iter.c) */
};

/* ---- M, P (owned by proc.c) ------------------------------------------------------------------------------------------ */

#define RUNQ 256

typedef enum PStatus { P_IDLE, P_RUNNING, P_SYSCALL, P_GCSTOP, P_DEAD } PStatus;

struct P {
    int id;
    M *m;                       /* has it, or is in a system call with it; else NULL */
    _Atomic uint32_t status;    /* PStatus; P_SYSCALL with the M's id above PSTATUS_BITS */
    _Atomic bool preempt;       /* what runs here is to stop at its next safe point */
    _Atomic int64_t syscall_ns; /* when it went into a system call */
    int64_t slice_ns;           /* sim: its clock when the slice began */
    _Atomic(uintptr_t) safe_fn; /* for_each_p: a function to be run at the next safe point here (sched.lock), 0: none */
    P *link;                    /* sched.pidle */
    _Atomic uint32_t runq_head; /* consumers (owner and thieves) advance */
    _Atomic uint32_t runq_tail; /* owner advances */
    _Atomic(G *) runq[RUNQ];    /* ring */
    _Atomic(G *) runnext;       /* made ready by the running G: runs next, inheriting the slice */
    _Atomic uint32_t schedtick; /* slices begun; every 61st looks at the global queue first */
    uint32_t sysmon_tick;       /* sysmon: schedtick when it last looked, */
    int64_t sysmon_ns;          /* and when that was first so */
    uint64_t goid_next, goid_end;   /* its batch of ids */
    _Atomic int64_t spawned, ended; /* goroutines made and gone on this P; only the owner adds */
    G *gfree;                       /* dead goroutines with a stack of the default size */
    int ngfree;
    struct Timers *timers; /* timers.c */
    int64_t clock_ns;      /* sim: this P's time */
    uint64_t trace_seq;    /* tracer: sequence number of its last event in this generation */
    int64_t trace_ns;      /* tracer: time of its last event */
    uint8_t trace_pub;     /* tracer: status the last committed generation left it in */
    uint32_t trace_pub_m;
};

#define PSTATUS_BITS 8
#define PSTATUS_MASK ((1u << PSTATUS_BITS) - 1)

struct TraceBuf;

/* What a goroutine that switches out wants done with it. */
typedef enum After {
    AFTER_PARK,
    AFTER_YIELD,
    AFTER_EXIT,
    AFTER_HOLD,
    AFTER_PREEMPT,
    AFTER_SYSCALL,
    AFTER_CALLBACK,
    AFTER_SWITCH, /* from here on: what run does itself */
    AFTER_SWITCH_EXIT
} After;

struct M {
    int id;
    P *p;                       /* has, NULL: none */
    P *nextp;                   /* given by whoever wakes it */
    P *oldp;                    /* P it went into a system call with */
    G *curg;                    /* running, or in a system call */
    G *extra;                   /* extra M: its goroutine; NULL: the scheduler's own M */
    struct Call *call;          /* extra M: what it is doing */
    struct Call *given;         /* extra M: what it is to do; sched.lock */
    G *lockedg;                 /* gr_lockosthread: runs only this one */
    M *link;                    /* sched.midle, sched.starting */
    M *all_next;                /* list of all Ms */
    _Atomic uint32_t note;      /* futex: 1 = wake up */
    bool inherit;               /* what it is about to run goes on with the slice of what made it runnable (runnext) */
    bool spinning;              /* looking for work; counted in sched.nmspinning */
    bool idle;                  /* on sched.midle */
    bool starting;              /* its thread has not begun yet; on sched.starting if it has a nextp */
    _Atomic bool watching;      /* sleeps on the port's wake word instead of its note */
    bool locked_run;            /* has been given its locked goroutine, and a P */
    bool parked_locked;         /* waits for its locked goroutine to become runnable; counted in sched.nmidlelocked */
    bool over;                  /* its thread has ended or is about to */
    int64_t stolen_ns;          /* trace time at which its P was taken from it in a system call (sched.lock) */
    _Atomic uint32_t *sim_note; /* sim: its goroutine waits in the host's way until this is not 0; NULL: it does not */
    uint64_t rng;               /* stealing order, select order */
    /* what the goroutine that is switching out wants done on this M's stack */
    After after;
    bool (*unlockf)(G *g, void *lock); /* park: runs after the switch; false = do not park after all */
    void *unlock_arg;
    WaitReason reason;
    gr_site *site;
    struct Coro *coro; /* switch: the coroutine */
    uint32_t nested;   /* coroutines running on its goroutine's stack and on each other's (coro.c) */
    /* tracer */
    _Atomic uint32_t trace_seq; /* odd: between trace_acquire and trace_release */
    struct TraceBuf *trace_buf; /* being filled, NULL: none */
    int64_t slice_ns;           /* sim, measured: host time at which the running slice began */
    int64_t clock_ns;      /* sim: when it went idle or into a system call, then when that is over; its events cannot
                                   go back behind it */
    int64_t syscall_takes; /* sim: what its system call takes besides the host's time */
    int nlocks;            /* debug: held locks */
    uint8_t ranks[16];
    rt_mutex *held[16];
};

/* ---- what the files in sync/ use ------------------------------------------------------------------------------------- */

static inline G *getg(void) { return port_get_g(); }

/* Parks the calling goroutine: it is waiting, with reason and site to show, until ready(). unlockf (may be NULL) runs on the
 * M's stack once the goroutine has left its own; it typically unlocks the queue the goroutine has put itself on (held until
 * then). If it returns false the goroutine goes on at once. (gopark) */
static inline void park(bool (*unlockf)(G *g, void *lock), void *lock, WaitReason reason, gr_site *site) {
    M *m = port_get_m(); /* inline: each frame below the caller's makes a switch longer */
    rt_assert(m->p);
    m->unlockf = unlockf;
    m->unlock_arg = lock;
    m->reason = reason;
    m->site = site;
    m->after = AFTER_PARK;
    port_switch_out(&m->curg->ctx);
}
/* park with unlockf = rt_unlock(l). (goparkunlock) */
bool unlock_mutex_parked(G *g, void *lock);
static inline void park_unlock(rt_mutex *l, WaitReason reason, gr_site *site) {
    park(unlock_mutex_parked, l, reason, site);
}
/* Makes a waiting goroutine runnable; it will run next on this P unless next is false (end of the queue). site: the caller's, may be
 * NULL. May be called on an M's own stack (timers). Never parks. (goready) */
void ready(G *g, bool next, gr_site *site);
/* Gives up the P in favour of other runnable goroutines. */
void yield_now(gr_site *site);
/* Starts a goroutine; callable on an M's own stack (timers). */
void spawn(void (*fn)(void *), void *arg, size_t stack_bytes, const char *name, gr_site *site);

/* Uniformly random below n (n >= 1); from the seed in sim mode. */
uint32_t rt_rand(uint32_t n);
/* Now: host's monotonic time, or the P's simulated time. */
int64_t rt_now(void);

/* Fixed at start by rt_init (config.c). */
typedef struct Config {
    int procs;
    bool sim;
    bool virtual_clock;
    uint64_t seed;
    size_t stack_max;    /* bytes to which a goroutine's stack may grow */
    uint32_t ring_bytes; /* trace ring; 0: no trace */
    uint32_t epoch_s;    /* Unix time at the start, seconds; the virtual clock has its own */
    const char *debug;   /* settings as in GRDEBUG (debug.c); NULL: none */
    bool check;          /* sim: the whole state is checked after each step (check.c) */
    bool chaos;          /* sim, virtual clock: the scheduler's free decisions are made at random (chaos.c) */
} Config;
extern Config rt_config;

/* Not 0: somebody wants something of the Ms. Looked at by every operation of the runtime and between slices, so that all
 * rare cases together cost one load and a branch. */
extern _Atomic uint32_t rt_attention;
enum {
    ATTEND_SIM = 1,     /* operations take simulated time; set for good */
    ATTEND_PREEMPT = 2, /* some P is to be preempted, or some goroutine suspended */
    ATTEND_STOP = 4,    /* the world is being stopped */
    ATTEND_TRACE = 8,   /* the generation of the trace has grown large */
    ATTEND_CALL = 32,   /* calls from outside wait for somebody to start them as goroutines */
    ATTEND_EXIT = 16,   /* the program is ending */
};
void rt_attend(int64_t ns);

/* To be called at the beginning of every operation of the runtime, with no lock held: a safe point, where the goroutine may be
 * preempted and the world stopped. Sim: the operation costs ns of virtual time and waits until no other P is behind in
 * time (sim.c). The goroutine may go on on another M. */
static inline void rt_charge(int64_t ns) {
    if (__builtin_expect(load_relaxed(uint32_t, &rt_attention), 0))
        rt_attend(ns);
}

/* rt_charge would do nothing: for short cuts that call nothing that may suspend. A function with few such calls is cheaper, since
 * asyncify puts code before and behind each. */
static inline bool rt_quiet(void) { return __builtin_expect(load_relaxed(uint32_t, &rt_attention) == 0, 1); }

#endif
