/* trace_gc.c: the heap's ranges and figures. (Go's GCStart, GCActive, GCDone, GCSweepStart, HeapAlloc and so on,
 * traceruntime.go)
 *
 * Readers reject the end of a range that they do not know as open, and a beginning of one that they do; they carry
 * open ones over from one generation to the next. Who begins with a later generation learns of them there: each
 * status tells of an open assist or sweep behind it (GCMarkAssistActive, GCSweepActive; STOOD_RANGE), and of a
 * collection the first goroutine that runs in a generation (GCActive). So also of what was under way when tracing
 * began: the heap calls these functions whether anybody traces or not.
 *
 * Where we differ from Go: there a turn waits for no collection to begin or end meanwhile. Here the numbers that
 * all events of collections have, without gaps, may come to a newer generation first; who then comes with an older
 * one enters the newer (invariant 2).
 *
 * Invariants
 *  1. A generation's first event of a collection that was open before is GCActive, and each generation that ends while
 *     one is under way has it: readers that begin there refuse the collection's next event otherwise. It is told by a
 *     goroutine, as readers want it, so a generation in which none ran yet is not ended, wished for or not;
 *     who stops tracing ends it, with what he tells himself. Only the first of a trace, of which readers
 *     want none, is.
 *  2. No number is given in a generation older than `told`. Else readers, who go through one generation after the
 *     other, would wait for ever for the number before it.
 *  3. After lost generations numbers go on from the last that readers have seen. A range that ended and one that
 *     began in what was lost are one range to them.
 */
#include "core/trace_gc.h"

/* Of collections; guarded by lock, or nobody may write. */
static rt_mutex lock; /* RANK_TASKS */
_Atomic(gr_site *) rt_gc_site;
static _Atomic uint32_t told; /* the newest generation in which readers learned of the one under way, or the last */
static uint64_t seq;          /* last number given */
static struct {
    uint32_t gen; /* a number was given in it; by its last bit */
    uint64_t seq; /* the last that was, */
    bool open;    /* and whether it left the collection open */
} after[2];
static uint64_t shown_seq; /* last number that readers have, */
static bool shown_open;    /* and whether a collection is under way for them */

static uint64_t number(TraceBuf *b, bool open) {
    atomic_store_explicit(&told, b->gen, memory_order_relaxed);
    after[b->gen % 2].gen = b->gen;
    after[b->gen % 2].seq = ++seq;
    after[b->gen % 2].open = open;
    return seq;
}

/* A locker that may give numbers, with the lock. Not within another. */
static TraceLocker acquire(M *m) {
    for (;;) {
        TraceLocker l = rt_trace_acquire(m);
        rt_assert(!l.m || l.m->trace.nested == 0);
        rt_lock(&lock, RANK_TASKS);
        if (!l.m || told <= rt_locker_gen(l))
            return l;
        rt_unlock(&lock);
        rt_trace_release(l);
    }
}

static void release(TraceLocker l) {
    rt_unlock(&lock);
    if (l.m)
        rt_trace_release(l);
}

/* With the lock: of a collection that began in an older generation. */
static void tell_active(TraceBuf *b, gTraceState *t) {
    if (load_relaxed(gr_site *, &rt_gc_site) && told < b->gen)
        rt_ev_gc_active(b, t, number(b, true));
}

void rt_trace_tell_gc_slow(TraceLocker l) {
    if (!l.m->curg || load_relaxed(uint32_t, &told) >= rt_locker_gen(l))
        return;
    TraceBuf *b = rt_locker_buf(l);
    rt_lock(&lock, RANK_TASKS);
    tell_active(b, &l.m->curg->trace);
    rt_unlock(&lock);
}

/* ---- what the heap calls ------------------------------------------------------------------------------------- */

void rt_trace_gc_begin(M *m, gr_site *site) {
    TraceLocker l = acquire(m);
    uint32_t stack = l.m ? rt_trace_stack(rt_locker_gen(l), site) : 0;
    rt_assert(!rt_gc_site);
    atomic_store(&rt_gc_site, site);
    if (l.m) {
        TraceBuf *b = rt_locker_buf(l);
        rt_ev_gc_begin(b, &m->curg->trace, number(b, true), stack);
    }
    release(l);
}
void rt_trace_gc_end(M *m) {
    TraceLocker l = acquire(m);
    rt_assert(rt_gc_site);
    if (l.m) {
        TraceBuf *b = rt_locker_buf(l);
        tell_active(b, &m->curg->trace);
        rt_ev_gc_end(b, &m->curg->trace, number(b, false));
    }
    atomic_store(&rt_gc_site, NULL);
    release(l);
}

void rt_trace_gc_mark_assist_begin(M *m, gr_site *site) {
    TraceLocker l = rt_trace_acquire(m);
    G *g = m->curg;
    rt_assert(!g->assist);
    g->assist = site;
    if (l.m) {
        TraceBuf *b = rt_locker_buf(l);
        rt_ev_gc_mark_assist_begin(b, &g->trace, rt_trace_stack(b->gen, site));
        rt_trace_release(l);
    }
}
void rt_trace_gc_mark_assist_end(M *m) {
    TraceLocker l = rt_trace_acquire(m);
    G *g = m->curg;
    rt_assert(g->assist);
    g->assist = NULL;
    if (l.m) {
        rt_ev_gc_mark_assist_end(rt_locker_buf(l), &g->trace);
        rt_trace_release(l);
    }
}

void rt_trace_gc_sweep_begin(M *m, gr_site *site) {
    TraceLocker l = rt_trace_acquire(m);
    P *p = m->p;
    rt_assert(!p->sweep);
    p->sweep = site;
    if (l.m) {
        TraceBuf *b = rt_locker_buf(l);
        rt_ev_gc_sweep_begin(b, &p->trace, rt_trace_stack(b->gen, site));
        rt_trace_release(l);
    }
}
void rt_trace_gc_sweep_end(M *m, uint64_t swept, uint64_t reclaimed) {
    TraceLocker l = rt_trace_acquire(m);
    P *p = m->p;
    rt_assert(p->sweep);
    p->sweep = NULL;
    if (l.m) {
        rt_ev_gc_sweep_end(rt_locker_buf(l), &p->trace, swept, reclaimed);
        rt_trace_release(l);
    }
}

void rt_trace_heap_alloc(TraceLocker l, uint64_t live_bytes) {
    rt_ev_heap_alloc(rt_locker_buf(l), &l.m->p->trace, live_bytes);
}
void rt_trace_heap_goal(TraceLocker l, uint64_t bytes) { rt_ev_heap_goal(rt_locker_buf(l), &l.m->p->trace, bytes); }

/* ---- generations --------------------------------------------------------------------------------------------- */

/* Told of in `gen`, as much as readers of it have to be: that stays so. */
static bool is_told(uint32_t gen) {
    return !atomic_load(&rt_gc_site) || atomic_load_explicit(&told, memory_order_relaxed) >= gen;
}

bool rt_gc_may_end(uint32_t gen) {
    rt_lock(&lock, RANK_TASKS);
    bool may = is_told(gen);
    rt_unlock(&lock);
    return may;
}

void rt_gc_tell_first(TraceBuf *b) {
    rt_lock(&lock, RANK_TASKS);
    if (!is_told(b->gen))
        rt_buf_event(b, TRACE_EV_GC_ACTIVE, rt_trace_now(), 1, (uint64_t[]){number(b, true)});
    rt_unlock(&lock);
}

void rt_gc_trace_begins(void) {
    shown_seq = 0;
    shown_open = false;
}

void rt_gc_shown(uint32_t gen) {
    rt_lock(&lock, RANK_TASKS);
    if (after[gen % 2].gen == gen) {
        shown_seq = after[gen % 2].seq;
        shown_open = after[gen % 2].open;
    }
    rt_unlock(&lock);
}

bool rt_gc_go_back(void) {
    seq = shown_seq;
    return shown_open || rt_gc_site;
}

void rt_gc_bridge(TraceBuf *b, G *g) {
    gr_site *site = rt_gc_site;
    if (shown_open)
        rt_ev_gc_active(b, &g->trace, number(b, true));
    if (shown_open && !site)
        rt_ev_gc_end(b, &g->trace, number(b, false));
    else if (!shown_open && site)
        rt_ev_gc_begin(b, &g->trace, number(b, true), rt_trace_stack(b->gen, site));
}
