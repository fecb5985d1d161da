/* trace_gc.c: the heap's ranges and figures. (Go's GCStart, GCDone, GCSweepStart, HeapAlloc and so on, traceruntime.go)
 *
 * Readers reject the end of a range that they do not know as open, and a beginning of one that they do; they carry open
 * ones over from one generation to the next. So each is remembered until they know its end, as regions are
 * (trace_regions.c). One that was under way when tracing began is not in the trace: its end is left out.
 *
 * Collections have numbers besides, for beginning and end, without gaps. After lost generations they go on from the
 * last that readers have seen.
 */
#include "core/trace_gc.h"
#include "base/throw.h"
#include <stdlib.h>

typedef struct TraceRange {
    struct TraceRange *older; /* of the same goroutine, P, or collection */
    uint64_t seq;             /* collections: number of the beginning; the end has the next */
    gr_site *site;            /* where it began */
    uint32_t tracing;         /* in which tracing (rt_trace_control.tracing) */
    TraceSpan span;
} TraceRange;

static TraceRange *collections; /* the latest first */
static uint64_t seq;            /* last number given */
static uint64_t seen_seq;       /* last that readers have of collections that are forgotten */

/* Of an earlier tracing, or readers know its end or cannot know its beginning. */
static bool is_forgotten(TraceRange *r, uint32_t shown) {
    return r->tracing != rt_trace_control.tracing ||
           (r->span.ended && (r->span.ended <= shown || rt_span_is_before_trace(r->span)));
}

static void tidy(TraceRange **list) {
    uint32_t shown = atomic_load(&rt_tracer.shown);
    for (TraceRange **at = list; *at;) {
        TraceRange *r = *at;
        if (is_forgotten(r, shown)) {
            if (r->seq >= seen_seq && r->seq && r->tracing == rt_trace_control.tracing &&
                !rt_span_is_before_trace(r->span))
                seen_seq = r->seq + 1;
            *at = r->older;
            free(r);
        } else {
            at = &r->older;
        }
    }
}

static void add(TraceRange **list, uint32_t gen, uint64_t number, gr_site *site) {
    tidy(list);
    rt_assert(!*list || (*list)->span.ended);
    TraceRange *r = malloc(sizeof *r);
    if (!r)
        rt_fatal("out of memory (the trace of a collection)");
    *r = (TraceRange){*list, number, site, rt_trace_control.tracing, {gen, 0}};
    *list = r;
}

/* The open one has ended. NULL: readers cannot know it. */
static TraceRange *end(TraceRange **list, uint32_t gen) {
    tidy(list);
    TraceRange *r = *list;
    if (!r || r->span.ended)
        return NULL;
    r->span.ended = gen;
    return rt_span_is_before_trace(r->span) ? NULL : r;
}

static TraceRange *open_of(TraceRange *list) { return list && list->span.ended == 0 ? list : NULL; }

/* The one that readers have as open, NULL: none. */
static TraceRange *known_of(TraceRange *list) {
    uint32_t shown = atomic_load(&rt_tracer.shown);
    while (list && !rt_span_is_known_open(list->span, shown))
        list = list->older;
    return list;
}

/* ---- what the heap calls ------------------------------------------------------------------------------------- */

void rt_trace_gc_begin(TraceLocker l, gr_site *site) {
    TraceBuf *b = rt_locker_buf(l);
    add(&collections, b->gen, ++seq, site);
    rt_ev_gc_begin(b, &l.m->curg->trace, seq, rt_trace_stack(b->gen, site));
}
void rt_trace_gc_end(TraceLocker l) {
    if (end(&collections, rt_locker_gen(l)))
        rt_ev_gc_end(rt_locker_buf(l), &l.m->curg->trace, ++seq);
}

void rt_trace_gc_mark_assist_begin(TraceLocker l, gr_site *site) {
    TraceBuf *b = rt_locker_buf(l);
    G *g = l.m->curg;
    add(&g->assists, b->gen, 0, site);
    rt_ev_gc_mark_assist_begin(b, &g->trace, rt_trace_stack(b->gen, site));
}
void rt_trace_gc_mark_assist_end(TraceLocker l) {
    G *g = l.m->curg;
    if (end(&g->assists, rt_locker_gen(l)))
        rt_ev_gc_mark_assist_end(rt_locker_buf(l), &g->trace);
}

void rt_trace_gc_sweep_begin(TraceLocker l, gr_site *site) {
    TraceBuf *b = rt_locker_buf(l);
    P *p = l.m->p;
    add(&p->sweeps, b->gen, 0, site);
    rt_ev_gc_sweep_begin(b, &p->trace, rt_trace_stack(b->gen, site));
}
void rt_trace_gc_sweep_end(TraceLocker l, uint64_t swept, uint64_t reclaimed) {
    P *p = l.m->p;
    if (end(&p->sweeps, rt_locker_gen(l)))
        rt_ev_gc_sweep_end(rt_locker_buf(l), &p->trace, swept, reclaimed);
}

void rt_trace_heap_alloc(TraceLocker l, uint64_t live_bytes) {
    rt_ev_heap_alloc(rt_locker_buf(l), &l.m->p->trace, live_bytes);
}
void rt_trace_heap_goal(TraceLocker l, uint64_t bytes) { rt_ev_heap_goal(rt_locker_buf(l), &l.m->p->trace, bytes); }

/* ---- lost generations ---------------------------------------------------------------------------------------- */

bool rt_gc_differs(void) {
    tidy(&collections);
    return collections != NULL;
}

/* What readers have missed as a whole is forgotten. */
static void forget_missed(TraceRange **list) {
    uint32_t shown = atomic_load(&rt_tracer.shown);
    for (TraceRange **at = list; *at;) {
        TraceRange *r = *at;
        if (r->span.ended && !rt_span_is_known_open(r->span, shown)) {
            *at = r->older;
            free(r);
        } else {
            at = &r->older;
        }
    }
}

/* Numbers go on behind the last that readers have. */
void rt_gc_bridge(TraceBuf *b, G *g) {
    forget_missed(&collections);
    TraceRange *known = known_of(collections), *now = open_of(collections);
    seq = known ? known->seq : seen_seq;
    if (known && known->span.ended)
        rt_ev_gc_end(b, &g->trace, ++seq);
    if (!now || now == known)
        return;
    now->seq = ++seq;
    now->span.begun = b->gen;
    rt_ev_gc_begin(b, &g->trace, seq, rt_trace_stack(b->gen, now->site));
}

bool rt_gc_assist_differs(G *g) {
    tidy(&g->assists);
    return known_of(g->assists) != open_of(g->assists);
}

void rt_gc_assist_bridge(TraceBuf *b, G *g) {
    TraceRange *known = known_of(g->assists), *now = open_of(g->assists);
    if (known && known->span.ended)
        rt_ev_gc_mark_assist_end(b, &g->trace);
    if (!now || now == known)
        return;
    now->span.begun = b->gen;
    rt_ev_gc_mark_assist_begin(b, &g->trace, rt_trace_stack(b->gen, now->site));
}

void rt_gc_sweep_stop(TraceBuf *b, P *p) {
    if (known_of(p->sweeps))
        rt_ev_gc_sweep_end(b, &p->trace, 0, 0);
}

void rt_gc_sweep_start(TraceBuf *b, P *p) {
    tidy(&p->sweeps);
    TraceRange *now = open_of(p->sweeps);
    if (!now)
        return;
    if (now != known_of(p->sweeps))
        now->span.begun = b->gen;
    rt_ev_gc_sweep_begin(b, &p->trace, rt_trace_stack(b->gen, now->site));
}

bool rt_gc_has_known(TraceRange *list) { return known_of(list) != NULL; }

void rt_gc_forget(TraceRange **list) {
    for (TraceRange *r = *list, *older; r; r = older) {
        older = r->older;
        free(r);
    }
    *list = NULL;
}
