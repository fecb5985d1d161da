/* trace_gc.h: what a heap and its collector tell the tracer: see trace_gc.c. */
#ifndef RT_TRACE_GC_H
#define RT_TRACE_GC_H

#include "core/trace.h"

/* By the goroutine that runs on m, whether anybody traces or not, and not within a locker. One collection at a time,
 * one after the other. */
void rt_trace_gc_begin(M *m, gr_site *site);
void rt_trace_gc_end(M *m);

/* The goroutine helps to mark; it may wait meanwhile. */
void rt_trace_gc_mark_assist_begin(M *m, gr_site *site);
void rt_trace_gc_mark_assist_end(M *m);

/* m's P sweeps; it may not be given up meanwhile. Bytes swept, and given back of them. */
void rt_trace_gc_sweep_begin(M *m, gr_site *site);
void rt_trace_gc_sweep_end(M *m, uint64_t swept, uint64_t reclaimed);

void rt_trace_heap_alloc(TraceLocker l, uint64_t live_bytes);
void rt_trace_heap_goal(TraceLocker l, uint64_t bytes);

/* A goroutine runs on the locker's M: it tells of a collection under way that readers of its generation do not know. */
extern _Atomic(gr_site *) rt_gc_site; /* where the one under way began, NULL: there is none */
void rt_trace_tell_gc_slow(TraceLocker l);
static inline void rt_trace_tell_gc(TraceLocker l) {
    if (__builtin_expect(load_relaxed(gr_site *, &rt_gc_site) != NULL, 0))
        rt_trace_tell_gc_slow(l);
}

void rt_gc_trace_begins(void);
/* By who turns generations. Whether gen, which others still write, may end; and if it is a trace's first: what has not
 * been told of a collection, in the turner's buffer. */
bool rt_gc_may_end(uint32_t gen);
void rt_gc_tell_first(TraceBuf *b);
void rt_gc_shown(uint32_t gen); /* it has got through to readers */

/* For the bridge over lost generations, while nobody may write. */
bool rt_gc_go_back(void);             /* to what readers know; true: there is something to tell of a collection, */
void rt_gc_bridge(TraceBuf *b, G *g); /* which g says */

#endif
