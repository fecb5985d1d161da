/* proc.h: the scheduler's own state, shared by the files of sched/ and the tracer. */
#ifndef GR_PROC_H
#define GR_PROC_H

#include "timers.h"

#define MAX_PROCS 256

typedef struct Sched {
    rt_mutex lock;               /* guards what is not atomic below */
    _Atomic int procs;           /* number of Ps in use; changes only while the world is stopped */
    int allocated;               /* number of Ps that exist, never less; those from procs on are P_DEAD */
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
    _Atomic uint64_t nstw, stw_ns; /* how often it was stopped; from the wish to the restart, in all */
    _Atomic int ncalls;            /* calls from outside under way: goroutines that no P counts */
    _Atomic uint64_t npreempt, nretake; /* slices cut short; Ps taken from system calls */
} Sched;
extern Sched sched;

/* runq.c: a P's queue, and the global one (caller holds sched.lock for the global functions) */
void runq_put(P *p, G *g, bool next);
G *runq_get(P *p, bool *inherit);
G *runq_steal(P *thief, P *from, bool take_next);
bool runq_empty(P *p);
void globq_put_list(G *head, G *tail, int n);
G *globq_get(P *p, int max);

/* goroutine.c */
G *spawn_g(M *m, void (*fn)(void *), void *arg, size_t stack_bytes, const char *name, gr_site *site, bool blocked);
void g_free(P *p, G *g);
G *g_new_bare(size_t bytes); /* a G with a stack that is on no list; of an extra M */
void g_free_all(P *p);       /* p's free goroutines go to the global list */
int64_t g_count(void);       /* alive; exact if nothing runs meanwhile */
extern gr_site goroutine_main_site;

void inject_glist(G *head); /* runnable goroutines linked by next, from anywhere: with or without a P */

/* proc.c */
bool rt_schedule_once(M *m);
bool rt_run_first(M *m, G *g);
_Noreturn void goroutine_exit(void); /* off its M, with nothing left to do */
void wakep(void);
void acquirep(M *m, P *p);
void releasep(M *m);
void wirep(M *m, P *p); /* acquirep and releasep without their event */
P *unwirep(M *m);
void dropg(M *m, G *g);

/* find.c */
#define GLOBAL_EVERY 61 /* as Go: a slice in 61 looks at the global queue first, so that it cannot starve */
G *find_runnable(
    M *m); /* for m, which has a P; NULL when there is none: m is then idle and has no P. Sets m->inherit */
void stop_spinning(M *m);
bool work_anywhere(void);
bool calls_wait(void); /* from outside (extram.c) */

static inline uint32_t pstatus(P *p) { return atomic_load_explicit(&p->status, memory_order_acquire) & PSTATUS_MASK; }
static inline uint32_t pstatus_syscall(M *m) { return P_SYSCALL | (uint32_t)m->id << PSTATUS_BITS; }

/* preempt.c */
void attend(uint32_t what);
void attend_no_more(uint32_t what);
void preempt_p(P *p);                  /* what runs on p stops at its next safe point */
void preempt_no_more(void);            /* lowers ATTEND_PREEMPT unless somebody is to be preempted; sched.lock held */
void preempt_long_slices(int64_t now); /* sysmon */
void suspend_here(G *g);               /* g, running, is at a safe point and somebody wants it suspended */

/* points.c */
uint32_t rt_point_wanted(void);
bool rt_point_counted(void);
void rt_preempt_point(void);
void __sanitizer_cov_trace_pc(void);

/* syscall.c */
void after_syscall(M *m, G *g);
bool slice_is_over(int64_t begun_ns, int64_t now);
bool retake_p(M *self, P *p);          /* takes p from the M that is in a system call with it; sched.lock held */
bool retake_all(M *self, int64_t now); /* sysmon: those that have been long enough in one; true: some were */
int64_t retake_due(P *p);              /* when p may be taken, INT64_MAX: it is in no system call */
void handoff_p(P *p);                  /* p has lost its M: another one takes it, or it goes idle */

/* extram.c */
void rt_call_from_outside(void (*fn)(void *),
                          void *arg); /* [any M] fn(arg) as a call by a thread of the host; does not wait */
void start_waiting_calls(void);       /* by an M with a P */
void after_callback(M *m, G *g);
void after_callback_exit(M *m);

/* netpoll.c */
G *netpoll(M *m);            /* what the host has answered: the goroutines that are runnable now, linked by next */
bool netpoll_pending(void);  /* it has answered something; two loads */
bool netpoll_expected(void); /* it may: that all are asleep is no deadlock */
int64_t
netpoll_due(void); /* virtual clock: when the next answer counts as given; INT64_MAX: any time, or none is expected */
bool netpoll_due_others(void); /* further ones are to come after that */
bool netpoll_take_due(void);   /* it does now: netpoll will take it. False: the host has not answered yet */
void netpoll_no_order(void);   /* what is outstanding counts as answered when it is */

void sched_host_expected(
    void); /* threads.c: it has become so; the M that sleeps for timers shall watch the host as well */

/* stw.c */
typedef enum StwReason { STW_GOMAXPROCS, STW_DEBUG_CALL, STW_COUNT } StwReason;
void stop_the_world(StwReason reason, gr_site *site); /* [parks]; by a goroutine */
void start_the_world(void);
void stop_p(P *p);    /* p, which nobody has, stops; sched.lock held */
void stop_here(M *m); /* m has a P and the world is being stopped: hands the P in */
typedef void safe_fn(P *p);
void for_each_p(safe_fn *fn, gr_site *site); /* fn once for every P when nothing runs on it; [parks] */
void rt_run_safe_fn(P *p);                   /* sched.lock held */
bool safe_fns_pending(void);
void procs_init(int n);

/* lockm.c */
void stop_locked_m(M *m);        /* m, whose locked goroutine is not running, waits for it */
void start_locked_m(M *m, G *g); /* g, runnable, is locked to another M: gives that one m's P */

/* leak.c */
_Noreturn void leak_await(int code); /* main has returned: its goroutine waits for leak_report */
int64_t leak_horizon(void);          /* what happens later does not count any more; INT64_MAX: main has not returned */
void leak_tick(int64_t now);         /* reports when that has been reached */
_Noreturn void leak_report(bool at_rest); /* ends the program. at_rest: nothing can happen any more. No lock is held */
_Noreturn void rt_fatal_leaked(int n, int after_ms); /* panic.c; after_ms 0: at rest */
bool is_leaked(G *g, bool at_rest);                  /* leak.c */

/* idle.c: all under sched.lock */
P *pidle_get(void);
void pidle_put(P *p);
void midle_put(M *m);
void m_goes_idle(M *m);
void check_dead(void);
bool midle_remove(M *m);
void startm(P *p, bool spinning); /* takes sched.lock itself */

void end_m(M *m); /* m's locked goroutine has ended: so does m */

/* threads.c, sim.c: the two drivers */
M *m_by_id(uint32_t id);
M *m_new(bool counted);     /* counted: it will hold Ps (sched.lock) */
void stopm(M *m);           /* threads: m has no P; sleeps until it has one */
void threads_start_m(M *m); /* a new M with nextp set: gives it a thread */
void threads_wake_m(M *m);
void sim_begin(void);
int64_t sim_now(M *m);
int64_t sim_clock(bool may_park); /* a program reads the clock (clock.c) */
void sim_charge(int64_t ns);
int64_t sim_floor(void);
void sim_slice_resume(M *m);
void sim_slice_begin(M *m, G *g, bool inherit);
void sim_slice_end(M *m);
void sim_syscall_begin(M *m);          /* with its P still */
void sim_syscall_end(M *m);            /* switches out until the time it takes has passed */
void sim_syscall_takes(int64_t ns);    /* the system call of this M takes at least ns of simulated time */
void sim_syscall_over(M *m);           /* has a P again */
void sim_wait(_Atomic uint32_t *note); /* the goroutine stays on its M until *note is not 0; others go on meanwhile */
void sim_wake_p(P *p);                 /* an idle P is about to be used: its clock follows the waker's */

/* schedtrace.c */
void schedtrace_tick(int64_t now); /* prints a line if it is due */

/* sysmon.c */
void sysmon_start(void);
void sysmon_wake(void);

/* defer.c */
_Noreturn void goroutine_end(void); /* the calling goroutine's function has returned */
void run_deferred(void);            /* what gr_defer has collected so far */
_Noreturn void panic_owned(char *msg,
                           gr_site *site); /* gr_panic with a malloc'd message, which lives as long as the goroutine */

/* panic.c */
_Noreturn void die_of_panic(Panic *last); /* nobody recovered it */
bool any_panicking(void);                 /* some goroutine has a panic under way */
bool is_dying(void);                      /* the report of a failure is being written */

/* main.c */
_Noreturn void main_returned(void); /* goroutine 1 has, and its deferred calls have run */
_Noreturn void rt_exit(int code);
_Noreturn void rt_stop_here(void); /* another M is ending the program: never goes on */

/* output.c */
size_t rt_output(int fd, const void *buf, size_t n);
void output_flush_g(G *g);
void output_flush_all(void);

static inline uint32_t gstate(G *g) { return load_relaxed(uint32_t, &g->state); }
static inline void set_gstate(G *g, GState s) {
    g->since_ns = atomic_load_explicit(&sched.coarse_ns, memory_order_relaxed);
    store_relaxed(uint32_t, &g->state, (uint32_t)s);
}

#endif
