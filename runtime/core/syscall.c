/* syscall.c: goroutines in system calls, that is, in code of the host that may block the thread: file reads,
 * synchronous waits. Mirrors entersyscall, exitsyscall, handoffp and retake of Go's proc.go.
 *
 * On entering, the M lets go of its P but does not hand it in: the P's status says P_SYSCALL and the M. Two may
 * take it from there by compare-and-swap: the M when it comes back soon (nothing else has happened), or, under
 * rt_sched.lock, sysmon or whoever stops the world. An M that finds its P gone tries to get an idle one; without,
 * its goroutine goes to the global queue and the M sleeps.
 *
 * In sim a system call takes simulated time, its own on the host's clock, and sim.c plays sysmon.
 */
#include "core/driver.h"
#include "core/find.h"
#include "core/idle.h"
#include "core/leave.h"
#include "core/lockm.h"
#include "core/proc.h"
#include "core/runq.h"
#include "core/stw.h"
#include "core/syscall.h"
#include "core/timers.h"
#include "core/trace.h"

#define RETAKE_NS (20 * GR_MICROSECOND)      /* as Go's sysmon: if others could use the P */
#define RETAKE_IDLE_NS (10 * GR_MILLISECOND) /* if nobody waits for one */

/* ---- entering ------------------------------------------------------------------------------------------------ */

/* Within rt_trace_acquire. The P is up for taking once its status is set. */
static P *leave_p(M *m, G *g, TraceLocker t) {
    P *p = m->p;
    rt_set_gstate(g, G_SYSCALL);
    m->oldp = p;
    m->p = NULL;
    atomic_store_explicit(&p->syscall_ns, rt_config.sim ? m->clock_ns : port_now_ns(), memory_order_relaxed);
    if (t.m)
        rt_trace_go_syscall_begin(t, g, p);
    return p;
}

static M *check_entering(G *g, gr_site *site) {
    rt_charge(100);
    M *m = port_get_m();
    rt_assert(rt_gstate(g) == G_RUNNING);
    g->site = site;
    if (__builtin_expect(load_relaxed(bool, &rt_stacks_are_left), 0))
        rt_leave_stack();
    if (rt_config.sim)
        rt_sim_syscall_begin(m);
    return m;
}

void gr_entersyscall_at(gr_site *site) {
    G *g = rt_getg();
    M *m = check_entering(g, site);
    TraceLocker t = rt_trace_acquire(m);
    P *p = leave_p(m, g, t);
    port_set_away(1);
    atomic_store(&p->status, rt_pstatus_syscall(m));
    if (t.m)
        rt_trace_release(t);
    rt_sysmon_wake();
    if (atomic_load(&rt_sched.stopping) || atomic_load(&p->safe_fn)) {
        rt_lock(&rt_sched.lock, RANK_SCHED);
        if (atomic_load(&rt_sched.stopping) && rt_retake_p(m, p))
            rt_stop_p(p);
        else if (atomic_load(&p->status) == rt_pstatus_syscall(m))
            rt_run_safe_fn(p);
        rt_unlock(&rt_sched.lock);
    }
}

/* The goroutine is going to block for certain: somebody else gets the P at once. (entersyscallblock) */
void gr_entersyscallblock_at(gr_site *site) {
    G *g = rt_getg();
    M *m = check_entering(g, site);
    TraceLocker t = rt_trace_acquire(m);
    P *p = leave_p(m, g, t);
    p->m = NULL;
    atomic_store(&p->status, P_IDLE);
    m->oldp = NULL;
    if (t.m) {
        rt_trace_proc_stop(t, p);
        rt_trace_release(t);
    }
    rt_handoff_p(p);
    port_set_away(1);
}

/* ---- coming back --------------------------------------------------------------------------------------------- */

/* The P is still ours: nothing has happened. */
static bool take_back(M *m, G *g) {
    P *p = m->oldp;
    if (!p)
        return false;
    TraceLocker t = rt_trace_acquire_outside(m);
    uint32_t mine = rt_pstatus_syscall(m);
    bool ours = atomic_compare_exchange_strong(&p->status, &mine, P_RUNNING);
    if (ours) {
        m->p = p;
        if (rt_config.sim)
            rt_sim_syscall_over(m);
        rt_set_gstate(g, G_RUNNING);
        if (t.m)
            rt_trace_go_syscall_end(t, g, p);
    }
    rt_trace_release_outside(t);
    return ours;
}

/* Some idle P. */
static bool take_idle(M *m, G *g) {
    rt_lock(&rt_sched.lock, RANK_SCHED); /* also: whoever took our P has said when (stolen_ns) */
    P *p = rt_pidle_get();
    rt_unlock(&rt_sched.lock);
    if (!p)
        return false;
    TraceLocker t = rt_trace_acquire_outside(m);
    rt_wirep(m, p);
    if (rt_config.sim)
        rt_sim_syscall_over(m);
    if (t.m) {
        rt_trace_proc_start(t, p);
        rt_trace_go_syscall_end_blocked(t, g);
        rt_trace_go_start(t, g);
    }
    rt_set_gstate(g, G_RUNNING);
    rt_trace_release_outside(t);
    rt_sysmon_wake();
    return true;
}

void gr_exitsyscall(void) {
    G *g = rt_getg();
    M *m = port_get_m();
    if (!g || rt_gstate(g) != G_SYSCALL)
        rt_fatal("gr_exitsyscall: the goroutine is not in a system call");
    port_set_away(0);
    if (rt_config.sim)
        rt_sim_syscall_end(m); /* it stays on its M */
    if (take_back(m, g) || take_idle(m, g)) {
        m->oldp = NULL;
    } else {
        m->after = AFTER_SYSCALL;
        port_switch_out(&g->ctx);
    }
    rt_leave_over(g);
}

/* On m's stack, without a P: the goroutine has left its own. With the lock also for who looks at stacks in the stopped
 * world (heap/roots.c): he finds it in the call, or what it has left. */
void rt_after_syscall(M *m, G *g) {
    m->oldp = NULL;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    TraceLocker t = rt_trace_acquire_outside(m);
    rt_set_gstate(g, G_RUNNABLE);
    rt_dropg(m, g);
    if (t.m)
        rt_trace_go_syscall_end_blocked(t, g);
    rt_trace_release_outside(t);
    if (rt_config.sim)
        g->ready_ns = m->clock_ns;
    P *p = rt_pidle_get();
    if (!p) {
        rt_globq_put_list(g, g, 1);
        rt_m_goes_idle(m);
    }
    rt_unlock(&rt_sched.lock);
    if (!p)
        return;
    rt_acquirep(m, p);
    rt_sysmon_wake();
    if (g->lockedm)
        m->locked_run = true;
    else
        rt_runq_put(p, g, true);
}

void gr_blocking_at(void (*fn)(void *), void *arg, gr_site *site) {
    gr_entersyscall_at(site);
    fn(arg);
    gr_exitsyscall();
}

/* ---- taking Ps away ------------------------------------------------------------------------------------------ */

/* self: the calling M. rt_sched.lock is held, so the M that lost it finds stolen_ns when it comes to look for
 * another. */
bool rt_retake_p(M *self, P *p) {
    TraceLocker t = rt_trace_acquire(self);
    uint32_t theirs = atomic_load(&p->status);
    bool ours = (theirs & PSTATUS_MASK) == P_SYSCALL && atomic_compare_exchange_strong(&p->status, &theirs, P_IDLE);
    if (ours) {
        M *from = p->m;
        p->m = NULL;
        atomic_fetch_add_explicit(&rt_sched.nretake, 1, memory_order_relaxed);
        if (t.m)
            rt_trace_proc_steal(t, p, from);
    }
    if (t.m)
        rt_trace_release(t);
    return ours;
}

/* rt_sched.lock is held. */
int64_t rt_retake_due(P *p) {
    if ((atomic_load(&p->status) & PSTATUS_MASK) != P_SYSCALL)
        return INT64_MAX;
    bool wanted = !rt_runq_empty(p) || atomic_load(&rt_sched.runq_n) > 0 ||
                  atomic_load(&rt_sched.npidle) + atomic_load(&rt_sched.nmspinning) == 0;
    return atomic_load_explicit(&p->syscall_ns, memory_order_relaxed) + (wanted ? RETAKE_NS : RETAKE_IDLE_NS);
}

bool rt_retake_all(M *self, int64_t now) {
    bool any = false;
    for (int i = 0; i < MAX_PROCS; i++) {
        rt_lock(&rt_sched.lock, RANK_SCHED);
        P *p = i < rt_sched.procs ? rt_sched.allp[i] : NULL;
        bool ours = p && rt_retake_due(p) <= now && rt_retake_p(self, p);
        if (ours)
            rt_sched.nmidlelocked--; /* as if one more M ran: the one that lost p may come back and find all idle */
        rt_unlock(&rt_sched.lock);
        if (ours) {
            rt_handoff_p(p);
            rt_lock(&rt_sched.lock, RANK_SCHED);
            rt_sched.nmidlelocked++;
            rt_check_dead();
            rt_unlock(&rt_sched.lock);
        }
        if (!p)
            break;
        any |= ours;
    }
    return any;
}

/* p belongs to nobody: an M takes it if there is something to do, else it goes idle. (handoffp) */
void rt_handoff_p(P *p) {
    if (rt_work_anywhere()) {
        rt_startm(p, false);
        return;
    }
    rt_lock(&rt_sched.lock, RANK_SCHED);
    if (atomic_load(&rt_sched.stopping)) {
        rt_stop_p(p);
        rt_unlock(&rt_sched.lock);
        return;
    }
    /* Somebody must sleep for the timers and the host, and look once more for work that came meanwhile. */
    bool watch = (rt_timers_next() != INT64_MAX || rt_netpoll_expected()) && !rt_sched.timer_sleeper;
    int none = 0;
    if (watch || atomic_load(&rt_sched.npidle) == 0)
        watch = atomic_compare_exchange_strong(&rt_sched.nmspinning, &none, 1);
    if (!watch)
        rt_pidle_put(p);
    rt_unlock(&rt_sched.lock);
    if (watch)
        rt_startm(p, true);
}
