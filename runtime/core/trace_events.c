/* trace_events.c: what the scheduler tells the tracer, between rt_trace_acquire and rt_trace_release: each event
 * with the stack and the names that belong to it. (Go's traceruntime.go) */
#include "core/driver.h"
#include "core/trace.h"
#include <stdlib.h>

/* In sim each P has a time of its own: what a turn of generations writes for all of them happens at the earliest, or it
 * would push others' events ahead. */
int64_t rt_trace_now(void) { return (rt_config.sim && atomic_load(&rt_trace_barrier) ? rt_sim_floor() : rt_now()) + 1; }

uint32_t rt_trace_gstatus_of(G *g) {
    switch (rt_gstate(g)) {
    case G_RUNNABLE:
        return TRACE_G_RUNNABLE;
    case G_RUNNING:
        return TRACE_G_RUNNING;
    case G_SYSCALL:
        return TRACE_G_SYSCALL;
    case G_WAITING:
        return TRACE_G_WAITING;
    default:
        return 0;
    }
}

/* While the barrier is up. A stopped P is the stopper's own, or idle for readers. */
uint32_t rt_trace_pstatus_of(P *p) {
    if (!p->m)
        return TRACE_P_IDLE;
    return rt_pstatus(p) == P_SYSCALL ? TRACE_P_SYSCALL : TRACE_P_RUNNING;
}

void rt_trace_procs_change(M *m, gr_site *site) {
    if (!rt_trace_acquire(m))
        return;
    rt_ev_procs_change(rt_m_buf(m), (uint64_t)rt_sched.procs, rt_trace_stack(site));
    rt_trace_release(m);
}

/* What m does next is later than the taking of the P it had in its system call. */
static void after_steal(M *m, int64_t *last) {
    if (*last < m->trace.stolen_ns)
        *last = m->trace.stolen_ns;
}

void rt_trace_proc_start(M *m, P *p) {
    after_steal(m, &p->trace.ns);
    rt_ev_proc_start(rt_m_buf(m), &p->trace);
}
void rt_trace_proc_stop(M *m, P *p) { rt_ev_proc_stop(rt_m_buf(m), &p->trace); }
void rt_trace_proc_steal(M *m, P *p, M *from) { rt_ev_proc_steal(rt_m_buf(m), &p->trace, &from->trace); }
/* A P made while the program runs: readers learn of it before it is used. */
void rt_trace_proc_new(M *m, P *p) { rt_ev_proc_status(rt_m_buf(m), &p->trace, TRACE_P_IDLE); }
void rt_trace_go_syscall_begin(M *m, G *g, P *p) {
    rt_ev_go_syscall_begin(rt_m_buf(m), &g->trace, &p->trace, rt_trace_stack(g->site));
}
void rt_trace_go_syscall_end(M *m, G *g, P *p) { rt_ev_go_syscall_end(rt_m_buf(m), &g->trace, &p->trace); }
void rt_trace_go_syscall_end_blocked(M *m, G *g) {
    after_steal(m, &g->trace.ns);
    rt_ev_go_syscall_end_blocked(rt_m_buf(m), &g->trace);
}
void rt_trace_stw_begin(M *m, G *g, gr_site *site) {
    rt_ev_stw_begin(rt_m_buf(m), &g->trace, g->stw_reason, rt_trace_stack(site));
}
void rt_trace_stw_end(M *m, G *g) { rt_ev_stw_end(rt_m_buf(m), &g->trace); }
void rt_trace_go_create(M *m, G *g) {
    g->trace = (gTraceState){.goid = g->goid};
    rt_ev_go_create(rt_m_buf(m), &g->trace, rt_trace_start_stack(g->name, g->create_site),
                    rt_trace_stack(m->curg ? g->create_site : NULL));
}
void rt_trace_go_create_blocked(M *m, G *g) {
    g->trace = (gTraceState){.goid = g->goid};
    rt_ev_go_create_blocked(rt_m_buf(m), &g->trace, rt_trace_start_stack(g->name, g->create_site),
                            rt_trace_stack(g->create_site));
}
void rt_trace_go_start(M *m, G *g) {
    rt_ev_go_start(rt_m_buf(m), &g->trace);
    if (__builtin_expect(load_relaxed(bool, &rt_trace_control.procs_untold), 0) &&
        atomic_exchange(&rt_trace_control.procs_untold, false))
        rt_ev_procs_change(rt_m_buf(m), (uint64_t)rt_sched.procs, 0);
}
void rt_trace_go_stop(M *m, G *g, uint32_t reason) {
    rt_ev_go_stop(rt_m_buf(m), &g->trace, reason, rt_trace_stack(g->site));
}
void rt_trace_go_block(M *m, G *g) {
    rt_ev_go_block(rt_m_buf(m), &g->trace, TRACE_STR_REASONS + (uint32_t)g->reason, rt_trace_stack(g->site));
}
void rt_trace_go_unblock(M *m, G *g, gr_site *site) { rt_ev_go_unblock(rt_m_buf(m), &g->trace, rt_trace_stack(site)); }

/* Remembers a goroutine that readers know and that is gone: needed if this generation gets lost. */
static void bury(G *g) {
    rt_lock(&rt_trace_control.tomb_lock, RANK_TABLES);
    if (rt_trace_control.ntombs == rt_trace_control.captombs) {
        uint32_t cap = rt_trace_control.captombs ? 2 * rt_trace_control.captombs : 256;
        gTraceState *more = realloc(rt_trace_control.tombs, cap * sizeof *more);
        if (!more)
            rt_fatal("out of memory (tracing the end of a goroutine)");
        rt_trace_control.tombs = more;
        rt_trace_control.captombs = cap;
    }
    rt_trace_control.tombs[rt_trace_control.ntombs++] = g->trace;
    rt_unlock(&rt_trace_control.tomb_lock);
    g->trace.pub = 0;
}

void rt_trace_go_destroy(M *m, G *g) {
    rt_ev_go_destroy(rt_m_buf(m), &g->trace);
    if (g->trace.pub)
        bury(g);
}

void rt_trace_go_switch(M *m, G *from, G *to, bool destroy) {
    rt_ev_go_switch(rt_m_buf(m), &from->trace, &to->trace, &m->p->trace, destroy);
    if (destroy && from->trace.pub)
        bury(from);
}

void rt_trace_go_create_syscall(M *m, G *g) {
    g->trace = (gTraceState){.goid = g->goid};
    rt_ev_go_create_syscall(rt_m_buf(m), &g->trace);
}

void rt_trace_go_destroy_syscall(M *m, G *g) {
    rt_ev_go_destroy_syscall(rt_m_buf(m), &g->trace);
    if (g->trace.pub)
        bury(g);
}
