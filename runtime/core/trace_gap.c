/* trace_gap.c: going on after lost generations. Readers know every G and P as the last generation in the ring left
 * it (stood, tombs) and reject a status that differs. So the next generation begins with those old statuses,
 * then tells in a valid way how each became what it is now:
 *
 *   1. what was on an M leaves it: system calls end, goroutines stop ("(generations lost)"), Ps go idle. No M has a
 *      G or P now;
 *   2. one P, on the M that does this, goes through all goroutines: it wakes, creates, ends and blocks them, and those
 *      that have begun or ended regions say so (trace_regions.c); the first also tells of tasks;
 *   3. the Ps and goroutines that run now start on their Ms.
 *
 * Nobody else may write throughout. The events all carry nearly the same time: a viewer shows them as one line
 * after the gap.
 *
 * Invariants
 *  1. How a G or P stood after the last generation that got through is not written over before the next does
 *     (begin_anew in trace_gen.c). So the next of several that are lost in a row is bridged from the same state as the
 *     first.
 *  2. Each event is later than those it follows from: the last one of its G, of its P, and of its M. See `later` in
 *     trace/encode.c.
 *  3. A running goroutine's M has a P, at every turn: whoever changes the one changes the other in the same
 *     rt_trace_acquire.
 */
#include "core/m.h"
#include "core/trace.h"
#include "core/trace_gc.h"
#include "core/trace_user.h"

static bool tasks_due; /* some goroutine still has to tell of tasks and collections in it */
static uint32_t gen;   /* the generation that begins with it */

static TraceBuf *buf_of(M *m) { return rt_m_buf(m, gen); }
static TraceBuf *buf_of_id(TraceStood w) { return buf_of(rt_m_by_id(rt_stood_m(w))); }

/* What readers know, 0: nothing. */
static TraceStood known(TraceState *s) { return rt_stood_after(s, rt_tracer.shown); }
static uint32_t known_status(TraceState *s) { return rt_stood_status(known(s)); }

static bool was_on_m(gTraceState *t) { return rt_is_on_m(known_status(&t->s)); }

static void old_status(M *self, gTraceState *t) {
    TraceStood w = known(&t->s);
    bool on_m = was_on_m(t);
    rt_ev_go_status(on_m ? buf_of_id(w) : buf_of(self), t, on_m ? rt_stood_m(w) : TRACE_NO_M,
                    (uint32_t)w & (STOOD_STATUS | STOOD_RANGE));
}

/* It helps to mark, or sweeps, as far as readers know. */
static bool is_in_range(TraceState *s) { return known(s) & STOOD_RANGE; }

static bool had_m(P *p) {
    uint32_t status = known_status(&p->trace.s);
    return status == TRACE_P_RUNNING || status == TRACE_P_SYSCALL;
}

/* Of those that readers do not know nothing is left to be told. */
static void forget_tombs(void) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < rt_trace_control.ntombs; i++)
        if (known_status(&rt_trace_control.tombs[i].trace.s))
            rt_trace_control.tombs[n++] = rt_trace_control.tombs[i];
    rt_trace_control.ntombs = n;
}

/* Old statuses; those bound to an M are written in its buffer. */
static void old_statuses(M *self) {
    for (int i = 0; i < rt_sched.allocated; i++) {
        P *p = rt_sched.allp[i];
        TraceStood w = known(&p->trace.s);
        if (!w && i >= rt_sched.procs) /* out of use, and readers never knew of it */
            continue;
        rt_ev_proc_status(had_m(p) ? buf_of_id(w) : buf_of(self), &p->trace, rt_stood_m(w),
                          w ? (uint32_t)w & (STOOD_STATUS | STOOD_RANGE) : TRACE_P_IDLE);
    }
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
        if (known_status(&g->trace.s))
            old_status(self, &g->trace);
    for (uint32_t i = 0; i < rt_trace_control.ntombs; i++)
        old_status(self, &rt_trace_control.tombs[i].trace);
}

/* The P with which M m was in a system call, NULL: it had been taken. */
static P *syscall_p(uint32_t m) {
    for (int i = 0; i < rt_sched.allocated; i++) {
        TraceStood w = known(&rt_sched.allp[i]->trace.s);
        if (rt_stood_status(w) == TRACE_P_SYSCALL && rt_stood_m(w) == m)
            return rt_sched.allp[i];
    }
    return NULL;
}

static void start(TraceBuf *b, gTraceState *t) {
    rt_ev_go_start(b, t, rt_trace_now());
    rt_trace_tell_procs(b);
}

/* Step 1 for a goroutine. If it was in a system call and its P was gone, its end makes it runnable. */
static void stop(gTraceState *t) {
    TraceStood w = known(&t->s);
    TraceBuf *b = buf_of_id(w);
    if (rt_stood_status(w) == TRACE_G_SYSCALL) {
        P *p = syscall_p(rt_stood_m(w));
        if (!p) {
            rt_ev_go_syscall_end_blocked(b, t);
            return;
        }
        rt_ev_go_syscall_end(b, t, &p->trace);
    }
    if (w & STOOD_STW)
        rt_ev_stw_end(b, t);
    rt_trace_tell_procs(b);
    rt_ev_go_stop(b, t, TRACE_STOP_LOST, 0);
}

static void take_down(void) {
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
        if (was_on_m(&g->trace))
            stop(&g->trace);
    for (uint32_t i = 0; i < rt_trace_control.ntombs; i++)
        if (was_on_m(&rt_trace_control.tombs[i].trace))
            stop(&rt_trace_control.tombs[i].trace);
    for (int i = 0; i < rt_sched.allocated; i++)
        if (had_m(rt_sched.allp[i])) {
            TraceBuf *b = buf_of_id(known(&rt_sched.allp[i]->trace.s));
            if (is_in_range(&rt_sched.allp[i]->trace.s))
                rt_ev_gc_sweep_end(b, &rt_sched.allp[i]->trace, 0, 0);
            rt_ev_proc_stop(b, &rt_sched.allp[i]->trace);
        }
}

static bool assist_differs(G *g) { return is_in_range(&g->trace.s) != (g->assist != NULL); }

static void bridge_assist(TraceBuf *b, G *g) {
    if (!assist_differs(g))
        return;
    if (g->assist)
        rt_ev_gc_mark_assist_begin(b, &g->trace, rt_trace_stack(b->gen, g->assist));
    else
        rt_ev_gc_mark_assist_end(b, &g->trace);
}

/* What the goroutine has said meanwhile, and the first that comes this way, of tasks. */
static void bridge_user(TraceBuf *b, G *g) {
    if (tasks_due) {
        rt_tasks_bridge(b, g);
        rt_gc_bridge(b, g);
    }
    tasks_due = false;
    rt_regions_bridge(b, g);
    bridge_assist(b, g);
}

/* Step 2 for one goroutine: from runnable (unless it waited) to what it is now, but not yet running. */
static void bring_over(TraceBuf *b, G *g, uint32_t now) {
    gTraceState *t = &g->trace;
    uint32_t old = known_status(&t->s);
    bool has_to_tell = tasks_due || rt_regions_differ(g) || assist_differs(g);
    if (old == 0) {
        t->s.seq[0] = t->s.seq[1] = 0;
        rt_ev_go_create(b, t, rt_trace_start_stack(b->gen, g->name, g->create_site), 0);
    } else if (old == TRACE_G_WAITING) {
        if (now == TRACE_G_WAITING && !has_to_tell)
            return;
        rt_ev_go_unblock(b, t, 0);
    }
    if (now == TRACE_G_WAITING || has_to_tell) {
        start(b, t);
        bridge_user(b, g);
    }
    if (now == TRACE_G_WAITING)
        rt_ev_go_block(b, t, TRACE_STR_REASONS + (uint32_t)g->reason, rt_trace_g_stack(b->gen, g, g->site));
    else if (has_to_tell)
        rt_ev_go_stop(b, t, TRACE_STOP_LOST, 0);
}

/* Step 2 for one that is gone. */
static void lay_to_rest(TraceBuf *b, Tomb *tomb) {
    gTraceState *t = &tomb->trace;
    if (known_status(&t->s) == TRACE_G_WAITING)
        rt_ev_go_unblock(b, t, 0);
    start(b, t);
    if (is_in_range(&t->s))
        rt_ev_gc_mark_assist_end(b, t);
    rt_ev_go_destroy(b, t);
}

/* Whether m has a P, or is in a system call with it. */
static bool still_has_p(M *m) {
    for (int i = 0; i < rt_sched.allocated; i++)
        if (rt_sched.allp[i]->m == m)
            return true;
    return false;
}

/* A goroutine in a system call whose P was taken: it went into it with the first P, which is free so far. */
static void bring_into_syscall(M *self, G *g) {
    P *p = rt_sched.allp[0];
    TraceBuf *b = buf_of(g->m);
    rt_ev_proc_start(b, &p->trace);
    start(b, &g->trace);
    rt_ev_go_syscall_begin(b, &g->trace, &p->trace, rt_trace_g_stack(b->gen, g, g->site));
    rt_ev_proc_steal(buf_of(self), &p->trace, &g->m->trace);
}

/* Step 3. */
static void bring_up(M *self) {
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
        if (rt_trace_gstatus_of(g) == TRACE_G_SYSCALL && !still_has_p(g->m))
            bring_into_syscall(self, g);
        else
            rt_assert(rt_trace_gstatus_of(g) != TRACE_G_RUNNING || still_has_p(g->m)); /* invariant 3 */
    for (int i = 0; i < rt_sched.allocated; i++) {
        P *p = rt_sched.allp[i];
        if (!p->m)
            continue;
        TraceBuf *b = buf_of(p->m);
        rt_ev_proc_start(b, &p->trace);
        if (p->sweep)
            rt_ev_gc_sweep_begin(b, &p->trace, rt_trace_stack(b->gen, p->sweep));
        G *g = p->m->curg;
        if (!g)
            continue;
        start(b, &g->trace);
        if (g->stw)
            rt_ev_stw_begin(b, &g->trace, g->stw_reason, 0);
        if (rt_trace_gstatus_of(g) == TRACE_G_SYSCALL)
            rt_ev_go_syscall_begin(b, &g->trace, &p->trace, rt_trace_g_stack(b->gen, g, g->site));
    }
}

/* What the goroutines go on to say is later than all that: it may depend on tasks told of here. (In sim this takes no
 * time.) */
static void let_pass(int64_t ns) {
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
        if (g->trace.s.ns < ns)
            g->trace.s.ns = ns;
}

void rt_gap_write(M *self, uint32_t next) {
    bool gc_differs = rt_gc_go_back();
    tasks_due = rt_tasks_differ() || gc_differs;
    gen = next;
    forget_tombs();
    old_statuses(self);
    take_down();
    TraceBuf *b = buf_of(self);
    rt_ev_proc_start(b, &rt_sched.allp[0]->trace);
    for (uint32_t i = 0; i < rt_trace_control.ntombs; i++)
        lay_to_rest(b, &rt_trace_control.tombs[i]);
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next) {
        uint32_t now = rt_trace_gstatus_of(g);
        if (now)
            bring_over(b, g, now);
    }
    rt_ev_proc_stop(b, &rt_sched.allp[0]->trace);
    let_pass(b->last_ns);
    bring_up(self);
}
