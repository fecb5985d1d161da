/* stw.c: stopping the world, and what is only done then: changing the number of Ps. (stopTheWorldWithSema,
 * procresize, forEachP)
 *
 * `rt_sched.stopping` and ATTEND_STOP ask every running goroutine to stop at its next safe point; its M then hands
 * its P in here. Idle Ps and those in system calls are taken at once. The goroutine that stops the world keeps its
 * M and P and waits, as a thread, until none is left. Goroutines leaving system calls find no P and queue up.
 *
 * Invariants, while the world is stopped
 *  1. Every P but the stopper's has the status P_GCSTOP and belongs to no M.
 *  2. No goroutine but the stopper runs or changes its state, except from system call to runnable.
 */
#include "core/driver.h"
#include "core/gcwork.h"
#include "core/goroutine.h"
#include "core/idle.h"
#include "core/lockm.h"
#include "core/preempt.h"
#include "core/proc.h"
#include "core/runq.h"
#include "core/stw.h"
#include "core/syscall.h"
#include "core/timers.h"
#include "core/trace.h"

static int64_t began_ns; /* the last stop, by whoever has the world */

/* ---- one stopper at a time (worldsema) ----------------------------------------------------------------------- */

/* Under rt_sched.lock. */
static bool world_taken;
static G *world_first, *world_last; /* who waits for it, linked by next */

static void world_lock(gr_site *site) {
    rt_lock(&rt_sched.lock, RANK_SCHED);
    if (!world_taken) {
        world_taken = true;
        rt_unlock(&rt_sched.lock);
        return;
    }
    G *g = rt_getg();
    g->next = NULL;
    if (world_first)
        world_last->next = g;
    else
        world_first = g;
    world_last = g;
    rt_park_unlock(&rt_sched.lock, WAIT_SEMACQUIRE, site);
}

/* Hands it to who has waited longest. */
static void world_unlock(gr_site *site) {
    rt_lock(&rt_sched.lock, RANK_SCHED);
    G *g = world_first;
    if (g)
        world_first = g->next;
    else
        world_taken = false;
    rt_unlock(&rt_sched.lock);
    if (!g)
        return;
    g->next = NULL;
    rt_ready(g, true, site);
}

/* ---- stopping and starting ----------------------------------------------------------------------------------- */

/* rt_sched.lock is held; nobody has p. */
void rt_stop_p(P *p) {
    atomic_store(&p->status, P_GCSTOP);
    rt_assert(rt_sched.stopwait > 0);
    if (--rt_sched.stopwait == 0) {
        atomic_store(&rt_sched.stopnote, 1);
        if (!rt_config.sim)
            port_futex_wake((uint32_t *)(void *)&rt_sched.stopnote, 1);
    }
}

/* (gcstopm) */
void rt_gcstop_m(M *m) {
    if (m->spinning) {
        m->spinning = false;
        atomic_fetch_sub(&rt_sched.nmspinning, 1);
    }
    P *p = m->p;
    rt_releasep(m);
    rt_lock(&rt_sched.lock, RANK_SCHED);
    if (atomic_load(&rt_sched.stopping)) {
        rt_stop_p(p);
        if (m->locked_run) { /* it was given its goroutine, which is on no queue any more */
            m->locked_run = false;
            rt_globq_put_list(m->lockedg, m->lockedg, 1);
        }
        rt_m_goes_idle(m);
        rt_unlock(&rt_sched.lock);
        return;
    }
    rt_unlock(&rt_sched.lock);
    rt_acquirep(m, p); /* the world goes on already */
}

/* The goroutine stays on its M, which waits as a thread does. */
static void wait_for(_Atomic uint32_t *note) {
    if (rt_config.sim)
        rt_sim_wait(note);
    while (atomic_load(note) == 0)
        port_futex_wait((uint32_t *)(void *)note, 0, -1);
}

static void take_idle_and_syscalls(M *m) {
    for (P *p; (p = rt_pidle_get()) != NULL;)
        rt_stop_p(p);
    for (int i = 0; i < rt_sched.procs; i++) {
        P *p = rt_sched.allp[i];
        if (rt_pstatus(p) == P_SYSCALL && rt_retake_p(m, p))
            rt_stop_p(p);
    }
}

void rt_stop_the_world(StwReason reason, gr_site *site) {
    world_lock(site);
    G *g = rt_getg();
    M *m = port_get_m();
    began_ns = rt_now();
    TraceLocker t = rt_trace_acquire(m);
    g->stw = true;
    g->stw_reason = (uint8_t)reason;
    if (t.m) {
        rt_trace_stw_begin(t, g, site);
        rt_trace_release(t);
    }
    rt_lock(&rt_sched.lock, RANK_SCHED);
    atomic_store(&rt_sched.stopnote, 0);
    rt_sched.stopwait = rt_sched.procs;
    atomic_store(&rt_sched.stopping, true);
    rt_raise_attention(ATTEND_STOP);
    rt_stop_p(m->p); /* in name only: it stays ours */
    take_idle_and_syscalls(m);
    rt_unlock(&rt_sched.lock);
    wait_for(&rt_sched.stopnote);
}

int64_t rt_stw_began(void) { return began_ns; }

void rt_start_the_world(void) {
    G *g = rt_getg();
    M *m = port_get_m();
    rt_lock(&rt_sched.lock, RANK_SCHED);
    atomic_store(&rt_sched.stopping, false);
    rt_lower_attention(ATTEND_STOP);
    atomic_store(&m->p->status, P_RUNNING);
    P *with_work = NULL;
    for (int i = rt_sched.procs; i-- > 0;) {
        P *p = rt_sched.allp[i];
        if (p == m->p)
            continue;
        atomic_store(&p->status, P_IDLE);
        if (rt_runq_empty(p)) {
            rt_pidle_put(p);
        } else {
            p->link = with_work;
            with_work = p;
        }
    }
    rt_unlock(&rt_sched.lock);
    while (with_work) {
        P *p = with_work;
        with_work = p->link;
        rt_sim_wake_p(p);
        rt_startm(p, false);
    }
    TraceLocker t = rt_trace_acquire(m);
    g->stw = false;
    if (t.m) {
        rt_trace_stw_end(t, g);
        rt_trace_release(t);
    }
    atomic_fetch_add(&rt_sched.nstw, 1);
    atomic_fetch_add(&rt_sched.stw_ns, (uint64_t)(rt_now() - began_ns));
    rt_wakep();
    world_unlock(NULL);
}

/* ---- one call for every P ------------------------------------------------------------------------------------ */

static int safe_wait; /* Ps that have not run it yet (rt_sched.lock) */
static _Atomic uint32_t safe_note;

bool rt_safe_fns_pending(void) { return safe_wait > 0; }

void rt_run_safe_fn(P *p) {
    uintptr_t fn = atomic_exchange(&p->safe_fn, 0);
    if (!fn)
        return;
    ((safe_fn *)fn)(p);
    if (--safe_wait > 0)
        return;
    atomic_store(&safe_note, 1);
    if (!rt_config.sim)
        port_futex_wake((uint32_t *)(void *)&safe_note, 1);
}

/* Ps that run are asked to; idle ones and those in system calls are dealt with at once. Nothing else runs on p
 * meanwhile. */
void rt_for_each_p(safe_fn *fn, gr_site *site) {
    world_lock(site);
    M *m = port_get_m();
    P *retaken = NULL;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    atomic_store(&safe_note, 0);
    safe_wait = rt_sched.procs;
    for (int i = 0; i < rt_sched.procs; i++)
        atomic_store(&rt_sched.allp[i]->safe_fn, (uintptr_t)fn);
    for (int i = 0; i < rt_sched.procs; i++) {
        P *p = rt_sched.allp[i];
        if (p == m->p || rt_pstatus(p) == P_IDLE) {
            rt_run_safe_fn(p);
        } else if (rt_pstatus(p) == P_SYSCALL && rt_retake_p(m, p)) {
            rt_run_safe_fn(p);
            p->link = retaken;
            retaken = p;
        } else {
            rt_preempt_p(p);
        }
    }
    rt_unlock(&rt_sched.lock);
    while (retaken) {
        P *p = retaken;
        retaken = p->link;
        rt_handoff_p(p);
    }
    wait_for(&safe_note);
    world_unlock(site);
}

/* ---- the number of Ps ---------------------------------------------------------------------------------------- */

static void p_new(int id) {
    P *p = port_alloc(sizeof(P));
    if (!p || !(p->timers = rt_timers_new()))
        rt_fatal("out of memory (allocating Ps)");
    p->id = p->trace.id = id;
    rt_sched.allp[id] = p;
}

void rt_procs_init(int n) {
    for (int i = 0; i < n; i++)
        p_new(i);
    rt_sched.procs = rt_sched.allocated = n;
    for (int i = n; i-- > 1;)
        rt_pidle_put(rt_sched.allp[i]);
    rt_alone = rt_config.sim || n == 1;
}

/* Everything p has goes where others find it. The world is stopped. */
static void p_retire(P *p, P *heir) {
    rt_runq_give_away(p);
    rt_timers_take(p, heir);
    rt_g_free_all(p);
    atomic_fetch_add(&heir->spawned, atomic_exchange(&p->spawned, 0));
    atomic_fetch_add(&heir->ended, atomic_exchange(&p->ended, 0));
    atomic_store(&p->status, P_DEAD);
}

/* m's P is one of those that go: its goroutine goes on with p. For readers it stops for a moment, as in Go: a
 * goroutine that runs has a P. */
static void change_p(M *m, P *p, gr_site *site) {
    P *old = m->p;
    G *g = m->curg;
    g->site = site;
    TraceLocker t = rt_trace_acquire(m);
    if (t.m) {
        rt_trace_go_stop(t, g, TRACE_STOP_GOSCHED);
        rt_trace_proc_stop(t, old);
    }
    rt_unwirep(m);
    atomic_store(&old->status, P_GCSTOP);
    if (p->clock_ns < old->clock_ns)
        p->clock_ns = old->clock_ns;
    rt_wirep(m, p);
    if (t.m) {
        rt_trace_proc_start(t, p);
        rt_trace_go_start(t, g);
        rt_trace_release(t);
    }
}

/* The world is stopped. (procresize) */
static void procs_resize(M *m, int n, gr_site *site) {
    int old = rt_sched.procs;
    TraceLocker t = rt_trace_acquire(m);
    for (int i = rt_sched.allocated; i < n; i++) {
        p_new(i);
        rt_sched.allp[i]->clock_ns = m->p->clock_ns;
        if (t.m)
            rt_trace_proc_new(t, rt_sched.allp[i]);
        rt_sched.allocated = i + 1;
    }
    if (t.m)
        rt_trace_release(t);
    if (m->p->id >= n)
        change_p(m, rt_sched.allp[0], site);
    rt_alone = rt_config.sim || n == 1;
    for (int i = n; i < old; i++)
        p_retire(rt_sched.allp[i], rt_sched.allp[0]);
    rt_sched.procs = n;
    rt_trace_procs_change(m, site);
}

int gr_gomaxprocs_at(int n, gr_site *site) {
    rt_charge(100);
    int old = rt_sched.procs;
    if (n <= 0 || n == old)
        return old;
    while (!rt_gc_try_take()) /* a cycle has its workers for the Ps there were when it began (stopTheWorldGC) */
        rt_gc_wait(site);
    rt_stop_the_world(STW_GOMAXPROCS, site);
    old = rt_sched.procs;
    procs_resize(port_get_m(), n > MAX_PROCS ? MAX_PROCS : n, site);
    rt_start_the_world();
    rt_gc_given(rt_gc_give());
    return old;
}
