/* trace_events.c: what the scheduler tells the tracer, by a locker: each event with the stack and the names that belong
 * to it, behind the status of whom it is about if that is the first of the generation. (Go's traceruntime.go)
 */
#include "core/driver.h"
#include "core/trace.h"
#include "core/trace_gc.h"
#include "core/trace_samples.h"

/* In sim each P has a time of its own: what a turn of generations writes for all of them happens at the earliest, or it
 * would push others' events ahead. */
int64_t rt_trace_now(void) { return (rt_config.sim && rt_tracer.turning ? rt_sim_floor() : rt_now()) + 1; }

/* Of what l's M does at `site`: whole if its goroutine has been looked at lately. */
static uint32_t stack_of(TraceLocker l, gr_site *site) {
    mTraceState *m = &l.m->trace;
    if (__builtin_expect(m->nframes != 0, 0) && site && l.m->curg && m->frames_of == l.m->curg->goid)
        return rt_trace_whole_stack(rt_locker_gen(l), site, m->frames, m->nframes, &site->id);
    return rt_trace_stack(rt_locker_gen(l), site);
}
static uint32_t start_stack_of(TraceLocker l, G *g) {
    return rt_trace_start_stack(rt_locker_gen(l), g->name, g->create_site);
}

uint32_t rt_trace_g_stack(uint32_t gen, G *g, gr_site *site) {
    uint32_t frames[TRACE_MOST_FRAMES], n = (uint32_t)port_frames(&g->ctx, frames, TRACE_MOST_FRAMES);
    return n ? rt_trace_whole_stack(gen, site, frames, n, &g->trace.stack) : rt_trace_stack(gen, site);
}

void rt_trace_tell_procs(TraceBuf *b) {
    _Atomic uint32_t *told = &rt_trace_control.procs_told[b->gen % 2];
    if (__builtin_expect(load_relaxed(uint32_t, told) != b->gen, 0) && atomic_exchange(told, b->gen) != b->gen)
        rt_ev_procs_change(b, (uint64_t)rt_sched.procs, 0);
}

void rt_trace_procs_change(M *m, gr_site *site) {
    TraceLocker l = rt_trace_acquire(m);
    if (!l.m)
        return;
    uint32_t gen = rt_locker_gen(l);
    atomic_store(&rt_trace_control.procs_told[gen % 2], gen);
    rt_ev_procs_change(rt_locker_buf(l), (uint64_t)rt_sched.procs, stack_of(l, site));
    rt_trace_release(l);
}

/* What m does next is later than the taking of the P it had in its system call. */
static void after_steal(M *m, int64_t *last) {
    if (*last < m->trace.stolen_ns)
        *last = m->trace.stolen_ns;
}

void rt_trace_proc_start(TraceLocker l, P *p) {
    after_steal(l.m, &p->trace.s.ns);
    rt_trace_tell_p(l, p, TRACE_P_IDLE);
    rt_ev_proc_start(rt_locker_buf(l), &p->trace);
}
void rt_trace_proc_stop(TraceLocker l, P *p) {
    l.m->trace.left_ns = 0;
    store_relaxed(bool, &p->sample, false);
    rt_ev_proc_stop(rt_locker_buf(l), &p->trace);
}
void rt_trace_proc_steal(TraceLocker l, P *p, M *from) {
    rt_trace_tell_p(l, p, from == l.m ? TRACE_P_SYSCALL : TRACE_P_SYSCALL_ABANDONED);
    rt_ev_proc_steal(rt_locker_buf(l), &p->trace, &from->trace);
}
/* A P made while the program runs: readers learn of it before it is used. */
void rt_trace_proc_new(TraceLocker l, P *p) { rt_trace_tell_p(l, p, TRACE_P_IDLE); }

/* g has left p, or its stack as well, by the event written last, whose stack that was. */
static inline void leaves(TraceLocker l, G *g, P *p, uint32_t stack) {
    if (__builtin_expect(load_relaxed(bool, &p->sample), 0))
        rt_trace_give_sample(l, g, p, stack, g->trace.s.ns - 1);
}

void rt_trace_go_syscall_begin(TraceLocker l, G *g, P *p) {
    uint32_t stack = stack_of(l, g->site);
    rt_ev_go_syscall_begin(rt_locker_buf(l), &g->trace, &p->trace, stack);
    leaves(l, g, p, stack);
}
void rt_trace_go_syscall_end(TraceLocker l, G *g, P *p) {
    rt_trace_tell_p(l, p, TRACE_P_SYSCALL);
    rt_trace_tell_g(l, g, TRACE_G_SYSCALL);
    rt_ev_go_syscall_end(rt_locker_buf(l), &g->trace, &p->trace);
    rt_trace_tell_procs(rt_locker_buf(l));
    rt_trace_tell_gc(l);
}
void rt_trace_go_syscall_end_blocked(TraceLocker l, G *g) {
    after_steal(l.m, &g->trace.s.ns);
    rt_trace_tell_g(l, g, TRACE_G_SYSCALL);
    rt_ev_go_syscall_end_blocked(rt_locker_buf(l), &g->trace);
}
void rt_trace_stw_begin(TraceLocker l, G *g, gr_site *site) {
    rt_ev_stw_begin(rt_locker_buf(l), &g->trace, g->stw_reason, stack_of(l, site));
}
void rt_trace_stw_end(TraceLocker l, G *g) { rt_ev_stw_end(rt_locker_buf(l), &g->trace); }

/* The G's last goroutine has nothing to do with the new one; that it is gone stays in `stood`. */
static TraceBuf *begin(TraceLocker l, G *g) {
    g->trace.goid = g->goid;
    g->trace.s.ns = 0;
    g->trace.s.seq[0] = g->trace.s.seq[1] = 0;
    return rt_locker_buf(l);
}
void rt_trace_go_create(TraceLocker l, G *g) {
    TraceBuf *b = begin(l, g);
    rt_ev_go_create(b, &g->trace, start_stack_of(l, g), stack_of(l, l.m->curg ? g->create_site : NULL));
}
void rt_trace_go_create_blocked(TraceLocker l, G *g) {
    TraceBuf *b = begin(l, g);
    rt_ev_go_create_blocked(b, &g->trace, start_stack_of(l, g), stack_of(l, g->create_site));
}
void rt_trace_go_create_syscall(TraceLocker l, G *g) { rt_ev_go_create_syscall(begin(l, g), &g->trace); }

void rt_trace_go_start(TraceLocker l, G *g) {
    rt_trace_tell_g(l, g, TRACE_G_RUNNABLE);
    int64_t left = l.m->trace.left_ns;
    l.m->trace.left_ns = 0;
    TraceBuf *b = rt_locker_buf(l);
    rt_ev_go_start(b, &g->trace, left ? left : rt_trace_now());
    rt_trace_tell_procs(b);
    rt_trace_tell_gc(l);
}
/* The goroutine leaves l's M. If the next one comes from the M's own queue it starts at this very moment: one look at
 * the clock, which is most of what an event costs, tells of both. So what the scheduler takes in between, some 20 ns,
 * counts for the next one's slice. */
static void has_left(TraceLocker l, G *g, uint32_t stack) {
    l.m->trace.left_ns = rt_config.sim ? 0 : g->trace.s.ns;
    leaves(l, g, l.m->p, stack);
}

void rt_trace_go_stop(TraceLocker l, G *g, uint32_t reason) {
    /* A safe point that it was stopped at told no site. */
    gr_site *site = reason == TRACE_STOP_PREEMPTED ? NULL : g->site;
    uint32_t stack = rt_trace_g_stack(rt_locker_gen(l), g, site);
    rt_ev_go_stop(rt_locker_buf(l), &g->trace, reason, stack);
    has_left(l, g, stack);
}
void rt_trace_go_block(TraceLocker l, G *g) {
    uint32_t stack = rt_trace_g_stack(rt_locker_gen(l), g, g->site);
    rt_ev_go_block(rt_locker_buf(l), &g->trace, TRACE_STR_REASONS + (uint32_t)g->reason, stack);
    has_left(l, g, stack);
}
void rt_trace_go_unblock(TraceLocker l, G *g, gr_site *site) {
    rt_trace_tell_g(l, g, TRACE_G_WAITING);
    rt_ev_go_unblock(rt_locker_buf(l), &g->trace, stack_of(l, site));
}
void rt_trace_go_destroy(TraceLocker l, G *g) {
    rt_trace_dig(l, g);
    rt_ev_go_destroy(rt_locker_buf(l), &g->trace);
    rt_trace_bury(l, g);
    has_left(l, g, 0);
}
void rt_trace_go_destroy_syscall(TraceLocker l, G *g) {
    rt_trace_tell_g(l, g, TRACE_G_SYSCALL);
    rt_trace_dig(l, g);
    rt_ev_go_destroy_syscall(rt_locker_buf(l), &g->trace);
    rt_trace_bury(l, g);
}
void rt_trace_go_switch(TraceLocker l, G *from, G *to, bool destroy) {
    rt_trace_tell_g(l, to, TRACE_G_WAITING);
    if (destroy)
        rt_trace_dig(l, from);
    rt_ev_go_switch(rt_locker_buf(l), &from->trace, &to->trace, &l.m->p->trace, destroy);
    if (destroy)
        rt_trace_bury(l, from);
}
