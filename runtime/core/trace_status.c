/* trace_status.c: who has been told of in a generation, and how it stood. (Go's tracestatus.go) */
#include "core/m.h"
#include "core/trace.h"
#include "core/trace_gc.h"
#include "core/trace_user.h"
#include <stdlib.h>

#define CHUNK 64 /* goroutines told of before those who end may go on: some us */

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

/* A stopped P is the stopper's own, or idle for readers. */
uint32_t rt_trace_pstatus_of(P *p) {
    if (!p->m)
        return TRACE_P_IDLE;
    return rt_pstatus(p) == P_SYSCALL ? TRACE_P_SYSCALL : TRACE_P_RUNNING;
}

/* ---- by those who write -------------------------------------------------------------------------------------- */

/* STOOD_STW and STOOD_RANGE of g, and of p. */
static uint32_t open_of_g(G *g) {
    return (g->stw ? (g->stw_reason + 1u) << STOOD_STW_SHIFT : 0) | (g->assist ? STOOD_RANGE : 0);
}
static uint32_t open_of_p(P *p) { return p->sweep ? STOOD_RANGE : 0; }

void rt_trace_tell_g_slow(TraceLocker l, G *g, uint32_t status) {
    uint32_t gen = rt_locker_gen(l);
    rt_trace_place(REENTER_STATUS);
    TraceBuf *b = rt_locker_buf(l);
    rt_ev_go_status(b, &g->trace, rt_is_on_m(status) ? (uint64_t)l.m->id : TRACE_NO_M, status | open_of_g(g));
    if (g->stw && gen == rt_trace_control.first) /* its readers come in the middle of it */
        rt_ev_stw_begin(b, &g->trace, g->stw_reason, 0);
}

/* Where it is in a system call with another M, readers need not know which: it is about to be taken from it. */
void rt_trace_tell_p_slow(TraceLocker l, P *p, uint32_t status) {
    rt_trace_place(REENTER_STATUS);
    rt_ev_proc_status(rt_locker_buf(l), &p->trace, l.m->id, status | open_of_p(p));
}

/* Without a P its goroutine is in a system call: told of with what comes next, behind the P if it gets that back. */
void rt_trace_tell_own(TraceLocker l) {
    M *m = l.m;
    if (!m->p)
        return;
    rt_trace_tell_p(l, m->p, TRACE_P_RUNNING);
    if (!m->curg)
        return;
    rt_trace_tell_g(l, m->curg, rt_trace_gstatus_of(m->curg));
    rt_trace_tell_procs(rt_locker_buf(l));
    rt_trace_tell_gc(l);
}

/* Of who ends in the generation that it began in nobody else has to be told. */
static bool born_in(G *g, uint32_t gen) { return rt_stood_after(&g->trace.s, gen) & STOOD_CREATED; }

/* g is about to end in the locker's generation. If it was there before, the turn of the last one may not have come to
 * it yet, or readers know of it and this generation gets lost: then it goes into a tomb. Who looks whether it is gone
 * holds the lock (invariant 7). */
void rt_trace_dig(TraceLocker l, G *g) {
    if (!born_in(g, rt_locker_gen(l)))
        rt_lock(&rt_trace_control.tomb_lock, RANK_TABLES);
}

/* It has ended. */
void rt_trace_bury(TraceLocker l, G *g) {
    rt_regions_drop(g); /* for readers they end with it */
    uint32_t gen = rt_locker_gen(l);
    if (born_in(g, gen))
        return;
    TraceControl *c = &rt_trace_control;
    if (c->ntombs == c->captombs) {
        uint32_t cap = c->captombs ? 2 * c->captombs : 256;
        Tomb *more = realloc(c->tombs, cap * sizeof *more);
        if (!more)
            rt_fatal("out of memory (tracing the end of a goroutine)");
        c->tombs = more;
        c->captombs = cap;
    }
    c->tombs[c->ntombs++] = (Tomb){g->trace, gen};
    for (uint32_t i = 1; i < 4; i++) /* it lies there from now on; the G knows only that it is gone */
        store_relaxed(TraceStood, &g->trace.s.stood[(gen + i) % 4], 0);
    rt_unlock(&c->tomb_lock);
}

/* ---- by who turns generations -------------------------------------------------------------------------------- */

void rt_trace_note_all(uint32_t gen, bool who) {
    for (int i = 0; i < rt_sched.procs; i++) { /* of those that are out of use readers need not hear, as in Go */
        P *p = rt_sched.allp[i];
        rt_stand(&p->trace.s, gen, p->m ? (uint64_t)p->m->id : 0, rt_trace_pstatus_of(p) | open_of_p(p));
    }
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next) {
        if (who)
            g->trace.goid = g->goid;
        rt_stand(&g->trace.s, gen, g->m ? (uint64_t)g->m->id : 0, rt_trace_gstatus_of(g) | open_of_g(g));
    }
}

/* In the generation that has ended, of t, or if that is NULL of P p. They may be others' to write about by now: the
 * time is the turn's. */
static void write_status(uint32_t gen, gTraceState *t, int p, TraceStood w) {
    uint32_t status = rt_stood_status(w);
    bool bound = t ? rt_is_on_m(status) : status != TRACE_P_IDLE;
    TraceBuf *b = bound ? rt_m_buf(rt_m_by_id(rt_stood_m(w)), gen) : rt_trace_control.tables;
    if (!t) {
        rt_buf_event(b, TRACE_EV_PROC_STATUS, rt_trace_now(), 2, (uint64_t[]){(uint64_t)p, status});
        if (w & STOOD_RANGE)
            rt_buf_event(b, TRACE_EV_GC_SWEEP_ACTIVE, rt_trace_now(), 1, (uint64_t[]){(uint64_t)p});
        return;
    }
    rt_buf_event(b, TRACE_EV_GO_STATUS, rt_trace_now(), 3,
                 (uint64_t[]){t->goid, bound ? rt_stood_m(w) : TRACE_NO_M, status});
    if (w & STOOD_RANGE)
        rt_buf_event(b, TRACE_EV_GC_MARK_ASSIST_ACTIVE, rt_trace_now(), 1, (uint64_t[]){t->goid});
    if (w & STOOD_STW && gen == rt_trace_control.first) /* its readers come in the middle of it */
        rt_buf_event(b, TRACE_EV_STW_BEGIN, rt_trace_now(), 2,
                     (uint64_t[]){TRACE_STR_STW + (((uint32_t)w & STOOD_STW) >> STOOD_STW_SHIFT) - 1, 0});
}

/* Not told of in gen: it stands as after the generation before, if it was there. */
static TraceStood tell_late(TraceState *s, uint32_t gen, gTraceState *t, int p) {
    TraceStood w = rt_stood_after(s, gen);
    if (w)
        return w;
    w = rt_stood_after(s, gen - 1);
    if (rt_stood_status(w) == 0)
        return 0;
    rt_stand(s, gen, rt_stood_m(w), (uint32_t)w & (STOOD_STATUS | STOOD_STW | STOOD_RANGE));
    write_status(gen, t, p, w);
    return rt_stood_after(s, gen);
}

/* If it has ended in the next generation, it lies in a tomb as it was; its G may be another goroutine's by now. */
static bool is_gone(TraceState *s, uint32_t gen) {
    TraceStood w = load_relaxed(TraceStood, &s->stood[(gen + 1) % 4]);
    return rt_stood_gen(w) == gen + 1 && (rt_stood_status(w) == 0 || w & STOOD_CREATED);
}

static TraceStood tell_g_late(gTraceState *t, uint32_t gen) {
    TraceStood w = tell_late(&t->s, gen, t, 0);
    if (rt_stood_status(w) == TRACE_G_RUNNING)
        rt_trace_tell_procs(rt_m_buf(rt_m_by_id(rt_stood_m(w)), gen));
    return w;
}

/* The world is stopped and waits: those that are not on an M are not told of. */
static void tell_on_ms(uint32_t gen) {
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        if (m->curg)
            tell_g_late(&m->curg->trace, gen);
}

bool rt_trace_tell_rest(uint32_t gen, bool all) {
    TraceControl *c = &rt_trace_control;
    TraceStood stood = 0;
    for (int i = 0; i < rt_sched.allocated; i++)
        tell_late(&rt_sched.allp[i]->trace.s, gen, NULL, i);
    if (!all) {
        tell_on_ms(gen);
        return true;
    }
    uint32_t n = 0;
    rt_lock(&c->tomb_lock, RANK_TABLES);
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next) {
        if (!is_gone(&g->trace.s, gen))
            stood |= tell_g_late(&g->trace, gen);
        if (++n % CHUNK == 0) {
            rt_unlock(&c->tomb_lock);
            rt_lock(&c->tomb_lock, RANK_TABLES);
        }
    }
    for (uint32_t i = 0; i < c->ntombs; i++)
        if (c->tombs[i].gen > gen)
            stood |= tell_g_late(&c->tombs[i].trace, gen);
    rt_unlock(&c->tomb_lock);
    return stood & STOOD_STW;
}

/* Readers know of the end of those who ended up to `shown`. */
void rt_trace_clear_tombs(uint32_t shown) {
    TraceControl *c = &rt_trace_control;
    rt_lock(&c->tomb_lock, RANK_TABLES);
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->ntombs; i++)
        if (c->tombs[i].gen > shown)
            c->tombs[n++] = c->tombs[i];
    c->ntombs = n;
    rt_unlock(&c->tomb_lock);
}
