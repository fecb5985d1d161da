/* gap.c: going on after lost generations. A reader knows every G and P as the last generation in the ring left it (trace_pub,
 * tombs) and rejects a status that differs. So the next generation begins with those old statuses, then tells in the
 * shortest valid way how each became what it is now, with the reason "(generations lost)":
 *
 *   1. every goroutine that ran stops, every P that ran goes idle;
 *   2. one P, on the M that does this, goes through all goroutines: wakes, creates, ends and blocks them;
 *   3. the Ps and goroutines that run now start on their Ms.
 *
 * Barrier is up throughout. The events all carry nearly the same time: a viewer shows them as one line after the gap.
 */
#include "trace.h"

static void old_status(M *self, TraceG *t) {
    t->seq = 0;
    bool ran = t->pub == TRACE_G_RUNNING;
    ev_go_status(m_buf(ran ? trace_m(t->pub_m) : self), t, ran ? t->pub_m : TRACE_NO_M, t->pub);
}

/* Old statuses; those bound to an M are written in its buffer. */
static void old_statuses(M *self) {
    for (int i = 0; i < sched.procs; i++) {
        P *p = sched.allp[i];
        p->trace_seq = 0;
        bool ran = p->trace_pub == TRACE_P_RUNNING;
        ev_proc_status(m_buf(ran ? trace_m(p->trace_pub_m) : self), p, p->trace_pub ? p->trace_pub : TRACE_P_IDLE);
    }
    for (G *g = atomic_load(&sched.allg); g; g = g->all_next)
        if (g->trace.pub)
            old_status(self, &g->trace);
    for (uint32_t i = 0; i < tracer.ntombs; i++)
        old_status(self, &tracer.tombs[i]);
}

/* Step 1. Those that have ended meanwhile end here. */
static void take_down(void) {
    for (G *g = atomic_load(&sched.allg); g; g = g->all_next)
        if (g->trace.pub == TRACE_G_RUNNING)
            ev_go_stop(m_buf(trace_m(g->trace.pub_m)), &g->trace, TRACE_STOP_LOST, 0);
    for (uint32_t i = 0; i < tracer.ntombs; i++)
        if (tracer.tombs[i].pub == TRACE_G_RUNNING)
            ev_go_destroy(m_buf(trace_m(tracer.tombs[i].pub_m)), &tracer.tombs[i]);
    for (int i = 0; i < sched.procs; i++)
        if (sched.allp[i]->trace_pub == TRACE_P_RUNNING)
            ev_proc_stop(m_buf(trace_m(sched.allp[i]->trace_pub_m)), sched.allp[i]);
}

/* Step 2 for one goroutine: from runnable (unless it waited) to what it is now, but not yet running. */
static void bring_over(TraceBuf *b, G *g, uint32_t now) {
    TraceG *t = &g->trace;
    if (t->pub == 0) {
        t->seq = 0;
        ev_go_create(b, g, 0);
    } else if (t->pub == TRACE_G_WAITING) {
        if (now == TRACE_G_WAITING)
            return;
        ev_go_unblock(b, t, 0);
    }
    if (now == TRACE_G_WAITING) {
        ev_go_start(b, t);
        ev_go_block(b, t, TRACE_STR_REASONS + (uint32_t)g->reason, trace_stack(g->site));
    }
}

/* Step 2 for one that is gone. */
static void lay_to_rest(TraceBuf *b, TraceG *t) {
    if (t->pub == TRACE_G_RUNNING)
        return; /* take_down did it */
    if (t->pub == TRACE_G_WAITING)
        ev_go_unblock(b, t, 0);
    ev_go_start(b, t);
    ev_go_destroy(b, t);
}

/* Step 3. */
static void bring_up(void) {
    for (int i = 0; i < sched.procs; i++) {
        P *p = sched.allp[i];
        if (!p->m)
            continue;
        ev_proc_start(m_buf(p->m), p);
        G *g = p->m->curg;
        if (g && trace_gstatus_of(g) == TRACE_G_RUNNING)
            ev_go_start(m_buf(p->m), &g->trace);
    }
}

void gap_begin_generation(M *self) {
    old_statuses(self);
    take_down();
    TraceBuf *b = m_buf(self);
    ev_proc_start(b, sched.allp[0]);
    for (uint32_t i = 0; i < tracer.ntombs; i++)
        lay_to_rest(b, &tracer.tombs[i]);
    for (G *g = atomic_load(&sched.allg); g; g = g->all_next) {
        uint32_t now = trace_gstatus_of(g);
        if (now && g->goid)
            bring_over(b, g, now);
    }
    ev_proc_stop(b, sched.allp[0]);
    bring_up();
}
