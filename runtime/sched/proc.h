/* proc.h: the scheduler's own state, shared by the files of sched/ and the tracer. */
#ifndef GR_PROC_H
#define GR_PROC_H

#include "sched.h"

#define MAX_PROCS 256

typedef struct Sched {
    rt_mutex lock;               /* guards what is not atomic below */
    int procs;                   /* number of Ps, fixed */
    P *allp[MAX_PROCS];          /* all Ps, fixed */
    _Atomic(M *) allm;           /* all Ms, linked by all_next; only grows, at the head */
    _Atomic(G *) allg;           /* all Gs ever made, linked by all_next; only grows, at the head */
    int nm;                      /* Ms that can hold a P (not sysmon) */
    M *midle;                    /* idle Ms, last in first out */
    int nmidle;                  /* how many */
    P *pidle;                    /* idle Ps */
    _Atomic int npidle;          /* how many */
    _Atomic int nmspinning;      /* Ms looking for work */
    G *runq_head, *runq_tail;    /* global run queue */
    _Atomic int runq_n;          /* its length */
    M *timer_sleeper;            /* the idle M that sleeps until the next timer, NULL: none */
    _Atomic int64_t sleep_until; /* until when; INT64_MAX: nobody sleeps for timers */
    _Atomic(G *) gfree;          /* dead Gs with a default stack (changed under gfree_lock) */
    G *gfree_bare;               /* dead Gs without a stack (gfree_lock) */
    rt_mutex gfree_lock;
    _Atomic uint64_t goid;        /* last id given to a P's batch */
    _Atomic uint32_t exiting;     /* the program is ending: futex of those who must not go on */
    bool main_goexit;             /* goroutine 1 has called gr_goexit */
    _Atomic uint32_t sysmon_note; /* futex sysmon sleeps on while every P is idle: 0 asleep, 1 awake */
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
G *spawn_g(M *m, void (*fn)(void *), void *arg, size_t stack_bytes, const char *name, gr_site *site);
void g_free(P *p, G *g);
int64_t g_count(void); /* alive; exact if nothing runs meanwhile */
extern gr_site goroutine_main_site;

/* proc.c */
bool schedule_once(M *m);
void wakep(void);
void acquirep(M *m, P *p);
void releasep(M *m);

/* idle.c: all under sched.lock */
P *pidle_get(void);
void pidle_put(P *p);
void midle_put(M *m);
bool midle_remove(M *m);
void startm(P *p, bool spinning); /* takes sched.lock itself */

/* threads.c, sim.c: the two drivers */
M *m_new(void);
void threads_start_m(M *m); /* a new M with nextp set: gives it a thread */
void threads_wake_m(M *m);
void sysmon_start(void);
void sysmon_wake(void);
int64_t sim_now(M *m);
int64_t sim_floor(void);
void sim_slice_resume(M *m);
void sim_slice_begin(M *m, G *g);
void sim_slice_end(M *m);
void sim_wake_p(P *p); /* an idle P is about to be used: its clock follows the waker's */

/* main.c */
_Noreturn void rt_exit(int code);
_Noreturn void rt_stop_here(void); /* another M is ending the program: never goes on */

/* output.c */
size_t rt_output(int fd, const void *buf, size_t n);
void output_flush_g(G *g);
void output_flush_all(void);

static inline uint32_t gstate(G *g) { return atomic_load_explicit(&g->state, memory_order_relaxed); }
static inline void set_gstate(G *g, GState s) { store_relaxed(uint32_t, &g->state, (uint32_t)s); }

#endif
