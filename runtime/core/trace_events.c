/* trace_events.c: what the scheduler tells the tracer, between trace_acquire and trace_release: each event with the stack and the
 * names that belong to it. (Go's traceruntime.go) */
#include "core/driver.h"
#include "core/trace.h"
#include <stdlib.h>

/* In sim each P has a time of its own:
 * what a turn of generations writes for all of them happens at the earliest, or it would push others' events ahead. */
int64_t trace_now(void) { return (rt_config.sim && atomic_load(&trace_barrier) ? sim_floor() : rt_now()) + 1; }

uint32_t trace_gstatus_of(G *g) {
    switch (gstate(g)) {
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
uint32_t trace_pstatus_of(P *p) {
    if (!p->m)
        return TRACE_P_IDLE;
    return pstatus(p) == P_SYSCALL ? TRACE_P_SYSCALL : TRACE_P_RUNNING;
}

void trace_procs_change(M *m, gr_site *site) {
    if (!trace_acquire(m))
        return;
    ev_procs_change(m_buf(m), (uint64_t)sched.procs, trace_stack(site));
    trace_release(m);
}

/* What m does next is later than the taking of the P it had in its system call. */
static void after_steal(M *m, int64_t *last) {
    if (*last < m->trace.stolen_ns)
        *last = m->trace.stolen_ns;
}

void trace_proc_start(M *m, P *p) {
    after_steal(m, &p->trace.ns);
    ev_proc_start(m_buf(m), &p->trace);
}
void trace_proc_stop(M *m, P *p) { ev_proc_stop(m_buf(m), &p->trace); }
void trace_proc_steal(M *m, P *p, M *from) { ev_proc_steal(m_buf(m), &p->trace, &from->trace); }
/* A P made while the program runs: readers learn of it before it is used. */
void trace_proc_new(M *m, P *p) { ev_proc_status(m_buf(m), &p->trace, TRACE_P_IDLE); }
void trace_go_syscall_begin(M *m, G *g, P *p) {
    ev_go_syscall_begin(m_buf(m), &g->trace, &p->trace, trace_stack(g->site));
}
void trace_go_syscall_end(M *m, G *g, P *p) { ev_go_syscall_end(m_buf(m), &g->trace, &p->trace); }
void trace_go_syscall_end_blocked(M *m, G *g) {
    after_steal(m, &g->trace.ns);
    ev_go_syscall_end_blocked(m_buf(m), &g->trace);
}
void trace_stw_begin(M *m, G *g, gr_site *site) { ev_stw_begin(m_buf(m), &g->trace, g->stw_reason, trace_stack(site)); }
void trace_stw_end(M *m, G *g) { ev_stw_end(m_buf(m), &g->trace); }
void trace_go_create(M *m, G *g) {
    g->trace = (gTraceState){.goid = g->goid};
    ev_go_create(m_buf(m), &g->trace, trace_start_stack(g->name, g->create_site),
                 trace_stack(m->curg ? g->create_site : NULL));
}
void trace_go_create_blocked(M *m, G *g) {
    g->trace = (gTraceState){.goid = g->goid};
    ev_go_create_blocked(m_buf(m), &g->trace, trace_start_stack(g->name, g->create_site), trace_stack(g->create_site));
}
void trace_go_start(M *m, G *g) {
    ev_go_start(m_buf(m), &g->trace);
    if (__builtin_expect(load_relaxed(bool, &trace_control.procs_untold), 0) &&
        atomic_exchange(&trace_control.procs_untold, false))
        ev_procs_change(m_buf(m), (uint64_t)sched.procs, 0);
}
void trace_go_stop(M *m, G *g, uint32_t reason) { ev_go_stop(m_buf(m), &g->trace, reason, trace_stack(g->site)); }
void trace_go_block(M *m, G *g) {
    ev_go_block(m_buf(m), &g->trace, TRACE_STR_REASONS + (uint32_t)g->reason, trace_stack(g->site));
}
void trace_go_unblock(M *m, G *g, gr_site *site) { ev_go_unblock(m_buf(m), &g->trace, trace_stack(site)); }

/* Remembers a goroutine that readers know and that is gone: needed if this generation gets lost. */
static void bury(G *g) {
    rt_lock(&trace_control.tomb_lock, RANK_TABLES);
    if (trace_control.ntombs == trace_control.captombs) {
        uint32_t cap = trace_control.captombs ? 2 * trace_control.captombs : 256;
        gTraceState *more = realloc(trace_control.tombs, cap * sizeof *more);
        if (!more)
            rt_fatal("out of memory (tracing the end of a goroutine)");
        trace_control.tombs = more;
        trace_control.captombs = cap;
    }
    trace_control.tombs[trace_control.ntombs++] = g->trace;
    rt_unlock(&trace_control.tomb_lock);
    g->trace.pub = 0;
}

void trace_go_destroy(M *m, G *g) {
    ev_go_destroy(m_buf(m), &g->trace);
    if (g->trace.pub)
        bury(g);
}

void trace_go_switch(M *m, G *from, G *to, bool destroy) {
    ev_go_switch(m_buf(m), &from->trace, &to->trace, &m->p->trace, destroy);
    if (destroy && from->trace.pub)
        bury(from);
}

void trace_go_create_syscall(M *m, G *g) {
    g->trace = (gTraceState){.goid = g->goid};
    ev_go_create_syscall(m_buf(m), &g->trace);
}

void trace_go_destroy_syscall(M *m, G *g) {
    ev_go_destroy_syscall(m_buf(m), &g->trace);
    if (g->trace.pub)
        bury(g);
}
