/* event.c: the events of the scheduler, one function each. The trace_* functions are what the scheduler calls, between
 * trace_acquire and trace_release; the ev_* functions write the bytes and are also used while the barrier is up. */
#include "core/driver.h"
#include "trace/trace.h"
#include <stdlib.h>

/* One event about a G or P whose last event was at *last: later than that, also if the clock stands still (in pages it moves
 * in steps of 5 us) or another worker's lags behind. Go's reader needs it: when the earliest event cannot be next yet, it
 * passes over others of the same time. */
static void put(TraceBuf *b, uint8_t ev, int64_t *last, int nargs, const uint64_t *args) {
    int64_t now = trace_now();
    if (now <= *last)
        now = *last + 1;
    if (now < b->last_ns)
        now = b->last_ns;
    *last = now;
    buf_event(b, ev, now, nargs, args);
}

#define EV(b, ev, last, ...)                                                                                           \
    do {                                                                                                               \
        const uint64_t args_[] = {__VA_ARGS__};                                                                        \
        put((b), (ev), (last), sizeof args_ / sizeof *args_, args_);                                                   \
    } while (0)

/* Trace time: nanoseconds since the start, from 1 (some readers take 0 for "no time"). In sim each P has a time of its own:
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

void ev_proc_status(TraceBuf *b, P *p, uint32_t status) {
    EV(b, TRACE_EV_PROC_STATUS, &p->trace_ns, (uint64_t)p->id, status);
}
void ev_proc_start(TraceBuf *b, P *p) { EV(b, TRACE_EV_PROC_START, &p->trace_ns, (uint64_t)p->id, ++p->trace_seq); }
void ev_proc_stop(TraceBuf *b, P *p) { put(b, TRACE_EV_PROC_STOP, &p->trace_ns, 0, NULL); }

void ev_go_status(TraceBuf *b, TraceG *t, uint64_t m, uint32_t status) {
    EV(b, TRACE_EV_GO_STATUS, &t->ns, t->goid, m, status);
}
void ev_go_create(TraceBuf *b, G *g, uint32_t stack) {
    EV(b, TRACE_EV_GO_CREATE, &g->trace.ns, g->trace.goid, trace_start_stack(g), stack);
}
void ev_go_start(TraceBuf *b, TraceG *t) { EV(b, TRACE_EV_GO_START, &t->ns, t->goid, ++t->seq); }
void ev_go_stop(TraceBuf *b, TraceG *t, uint32_t reason, uint32_t stack) {
    EV(b, TRACE_EV_GO_STOP, &t->ns, reason, stack);
}
void ev_go_block(TraceBuf *b, TraceG *t, uint32_t reason, uint32_t stack) {
    EV(b, TRACE_EV_GO_BLOCK, &t->ns, reason, stack);
}
void ev_go_unblock(TraceBuf *b, TraceG *t, uint32_t stack) {
    EV(b, TRACE_EV_GO_UNBLOCK, &t->ns, t->goid, ++t->seq, stack);
}
void ev_go_destroy(TraceBuf *b, TraceG *t) { put(b, TRACE_EV_GO_DESTROY, &t->ns, 0, NULL); }

/* Taking a P from a system call must be later than the beginning of the call and its return later than the taking, whatever
 * the clocks of the Ms: so these are events of both, the goroutine and the P. */
void ev_go_syscall_begin(TraceBuf *b, TraceG *t, P *p, uint32_t stack) {
    EV(b, TRACE_EV_GO_SYSCALL_BEGIN, &t->ns, ++p->trace_seq, stack);
    p->trace_ns = t->ns;
}
void ev_go_syscall_end(TraceBuf *b, TraceG *t, P *p) {
    put(b, TRACE_EV_GO_SYSCALL_END, &t->ns, 0, NULL);
    p->trace_ns = t->ns;
}
void ev_go_syscall_end_blocked(TraceBuf *b, TraceG *t) { put(b, TRACE_EV_GO_SYSCALL_END_BLOCKED, &t->ns, 0, NULL); }
void ev_proc_steal(TraceBuf *b, P *p, M *from) {
    EV(b, TRACE_EV_PROC_STEAL, &p->trace_ns, (uint64_t)p->id, ++p->trace_seq, (uint64_t)from->id);
    from->stolen_ns = p->trace_ns;
}
void ev_stw_begin(TraceBuf *b, TraceG *t, uint32_t reason, uint32_t stack) {
    EV(b, TRACE_EV_STW_BEGIN, &t->ns, TRACE_STR_STW + reason, stack);
}
void ev_stw_end(TraceBuf *b, TraceG *t) { put(b, TRACE_EV_STW_END, &t->ns, 0, NULL); }

void ev_procs_change(TraceBuf *b, uint32_t stack) {
    int64_t none = 0;
    EV(b, TRACE_EV_PROCS_CHANGE, &none, (uint64_t)sched.procs, stack);
}

void trace_procs_change(M *m, gr_site *site) {
    if (!trace_acquire(m))
        return;
    ev_procs_change(m_buf(m), trace_stack(site));
    trace_release(m);
}

/* What m does next is later than the taking of the P it had in its system call. */
static void after_steal(M *m, int64_t *last) {
    if (*last < m->stolen_ns)
        *last = m->stolen_ns;
}

void trace_proc_start(M *m, P *p) {
    after_steal(m, &p->trace_ns);
    ev_proc_start(m_buf(m), p);
}
void trace_proc_stop(M *m, P *p) { ev_proc_stop(m_buf(m), p); }
void trace_proc_steal(M *m, P *p, M *from) { ev_proc_steal(m_buf(m), p, from); }
/* A P made while the program runs: readers learn of it before it is used. */
void trace_proc_new(M *m, P *p) { ev_proc_status(m_buf(m), p, TRACE_P_IDLE); }
void trace_go_syscall_begin(M *m, G *g, P *p) { ev_go_syscall_begin(m_buf(m), &g->trace, p, trace_stack(g->site)); }
void trace_go_syscall_end(M *m, G *g, P *p) { ev_go_syscall_end(m_buf(m), &g->trace, p); }
void trace_go_syscall_end_blocked(M *m, G *g) {
    after_steal(m, &g->trace.ns);
    ev_go_syscall_end_blocked(m_buf(m), &g->trace);
}
void trace_stw_begin(M *m, G *g, gr_site *site) { ev_stw_begin(m_buf(m), &g->trace, g->stw_reason, trace_stack(site)); }
void trace_stw_end(M *m, G *g) { ev_stw_end(m_buf(m), &g->trace); }
void trace_go_create(M *m, G *g) {
    g->trace = (TraceG){.goid = g->goid};
    ev_go_create(m_buf(m), g, trace_stack(m->curg ? g->create_site : NULL));
}
void trace_go_create_blocked(M *m, G *g) {
    g->trace = (TraceG){.goid = g->goid};
    EV(m_buf(m), TRACE_EV_GO_CREATE_BLOCKED, &g->trace.ns, g->goid, trace_start_stack(g), trace_stack(g->create_site));
}
void trace_go_start(M *m, G *g) {
    ev_go_start(m_buf(m), &g->trace);
    if (__builtin_expect(load_relaxed(bool, &tracer.procs_untold), 0) && atomic_exchange(&tracer.procs_untold, false))
        ev_procs_change(m_buf(m), 0);
}
void trace_go_stop(M *m, G *g, uint32_t reason) { ev_go_stop(m_buf(m), &g->trace, reason, trace_stack(g->site)); }
void trace_go_block(M *m, G *g) {
    ev_go_block(m_buf(m), &g->trace, TRACE_STR_REASONS + (uint32_t)g->reason, trace_stack(g->site));
}
void trace_go_unblock(M *m, G *g, gr_site *site) { ev_go_unblock(m_buf(m), &g->trace, trace_stack(site)); }

/* Remembers a goroutine that readers know and that is gone: needed if this generation gets lost. */
static void bury(G *g) {
    rt_lock(&tracer.tomb_lock, RANK_TABLES);
    if (tracer.ntombs == tracer.captombs) {
        uint32_t cap = tracer.captombs ? 2 * tracer.captombs : 256;
        TraceG *more = realloc(tracer.tombs, cap * sizeof *more);
        if (!more)
            rt_fatal("out of memory (tracing the end of a goroutine)");
        tracer.tombs = more;
        tracer.captombs = cap;
    }
    tracer.tombs[tracer.ntombs++] = g->trace;
    rt_unlock(&tracer.tomb_lock);
    g->trace.pub = 0;
}

void trace_go_destroy(M *m, G *g) {
    ev_go_destroy(m_buf(m), &g->trace);
    if (g->trace.pub)
        bury(g);
}

/* Readers make three events of it, a nanosecond apart: `to` is unblocked, `from` blocks or ends, `to` starts. What follows for
 * either, or for the P, is later than the last. */
void trace_go_switch(M *m, G *from, G *to, bool destroy) {
    int64_t last = from->trace.ns > to->trace.ns ? from->trace.ns : to->trace.ns;
    EV(m_buf(m), destroy ? TRACE_EV_GO_SWITCH_DESTROY : TRACE_EV_GO_SWITCH, &last, to->goid, ++to->trace.seq);
    from->trace.ns = to->trace.ns = last + 2;
    if (m->p->trace_ns < last + 2)
        m->p->trace_ns = last + 2;
    if (destroy && from->trace.pub)
        bury(from);
}

void trace_go_create_syscall(M *m, G *g) {
    g->trace = (TraceG){.goid = g->goid};
    EV(m_buf(m), TRACE_EV_GO_CREATE_SYSCALL, &g->trace.ns, g->goid);
}

void trace_go_destroy_syscall(M *m, G *g) {
    put(m_buf(m), TRACE_EV_GO_DESTROY_SYSCALL, &g->trace.ns, 0, NULL);
    if (g->trace.pub)
        bury(g);
}
