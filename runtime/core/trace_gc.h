/* trace_gc.h: what a heap and its collector tell the tracer: see trace_gc.c. Nobody calls it yet. */
#ifndef RT_TRACE_GC_H
#define RT_TRACE_GC_H

#include "core/trace.h"

/* By a locker, on a goroutine that runs. One collection at a time, one after the other. */
void rt_trace_gc_begin(TraceLocker l, gr_site *site);
void rt_trace_gc_end(TraceLocker l);

/* The goroutine helps to mark; it may wait meanwhile. */
void rt_trace_gc_mark_assist_begin(TraceLocker l, gr_site *site);
void rt_trace_gc_mark_assist_end(TraceLocker l);

/* The locker's P sweeps; it may not be given up meanwhile. Bytes swept, and given back of them. */
void rt_trace_gc_sweep_begin(TraceLocker l, gr_site *site);
void rt_trace_gc_sweep_end(TraceLocker l, uint64_t swept, uint64_t reclaimed);

void rt_trace_heap_alloc(TraceLocker l, uint64_t live_bytes);
void rt_trace_heap_goal(TraceLocker l, uint64_t bytes);

typedef struct TraceRange TraceRange;
void rt_gc_forget(TraceRange **list);

/* For the bridge over lost generations, while nobody may write. */
bool rt_gc_differs(void);             /* readers do not know whether a collection is under way, */
void rt_gc_bridge(TraceBuf *b, G *g); /* which g says, */
bool rt_gc_assist_differs(G *g);      /* or that g assists */
void rt_gc_assist_bridge(TraceBuf *b, G *g);
bool rt_gc_has_known(TraceRange *list);    /* readers have one of them as open */
void rt_gc_sweep_stop(TraceBuf *b, P *p);  /* p is about to be stopped, for them */
void rt_gc_sweep_start(TraceBuf *b, P *p); /* it has been started */

#endif
