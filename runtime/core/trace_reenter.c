/* trace_reenter.c: GRDEBUG=tracereentrancy=1: at each place in the writing of an event where something might be
 * called that wants to write one (trace/trace.h: TRACE_PLACES), one is written, memory is allocated, the stack grows,
 * and there is a safe point at which this goroutine is to be preempted. None of it may be seen in the trace but the
 * events. The hottest of these places is there in builds with checks only.
 *
 * What makes it harmless
 *  1. An event's arguments are finished, and there is room for it, before its first byte is written; from there to
 *     the last one nothing is called. Its time is found out in between: a nested event is earlier.
 *  2. A nested acquire finds the generation of the first one and tells nobody's status. So a nested event may be none
 *     that changes a state, or that needs more than an M: statuses may not be told yet.
 *  3. What holds a lock from RANK_TABLES on is no such place: the tracer's own tables, tombs and held batches
 *     allocate there, and whoever tells of allocations must not tell of those within a locker. Nor does who is to
 *     end, with the tombs' lock, find one but the room for its event.
 *  4. A safe point within a locker gives way to nobody (rt_attend).
 */
#include "base/text.h"
#include "core/park.h"
#include "core/trace.h"
#include <stdlib.h>

#define DEEPEST 2 /* events in events */

static _Atomic uint32_t counts[REENTER_PLACES];

static __attribute__((noinline)) void grow_stack(void) {
    volatile char frame[4096];
    for (size_t i = 0; i < sizeof frame; i += 512)
        frame[i] = 0;
}

/* Wanted at once, and it does not happen. */
static void preempt_here(M *m) {
    G *g = port_get_g(), *current = m->curg;
    if (!g || !m->p || port_is_away())
        return;
    bool was = load_relaxed(bool, &m->p->preempt);
    store_relaxed(bool, &m->p->preempt, true);
    rt_attend(0);
    store_relaxed(bool, &m->p->preempt, was);
    rt_assert(port_get_m() == m && m->curg == current);
}

void rt_trace_reenter(TracePlace place) {
    M *m = port_get_m();
    if (!m || !rt_trace_writing(m) || m->trace.reentered == DEEPEST)
        return; /* who turns generations writes of others, and into no M's buffer of its own */
    m->trace.reentered++;
    uint32_t gen = m->trace.gen;
    grow_stack();
    preempt_here(m);
    void *some = malloc(64);
    TraceLocker l = rt_trace_acquire(m);
    if (l.m) {
        rt_assert(rt_locker_gen(l) == gen && l.m->trace.nested > 0);
        rt_ev_memory(rt_locker_buf(l), TRACE_EV_SPAN_FREE, 1, (uint64_t[]){(uint64_t)place});
        atomic_fetch_add_explicit(&counts[place], 1, memory_order_relaxed);
        rt_trace_release(l);
    }
    free(some);
    m->trace.reentered--;
}

void rt_reentry_report(void) {
    if (!rt_debug_vars.tracereentrancy)
        return;
    static const char *const names[] = {
#define X(id, text) text,
        TRACE_PLACES(X)
#undef X
    };
    Text t = {0};
    for (int i = 0; i < REENTER_PLACES; i++) {
        rt_text_put(&t, i ? ", " : "tracereentrancy: ");
        rt_text_i64(&t, counts[i]);
        rt_text_put(&t, " ");
        rt_text_put(&t, names[i]);
    }
    rt_text_put(&t, "\n");
    rt_text_flush(&t);
}
