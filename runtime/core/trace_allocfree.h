/* trace_allocfree.h: where memory is and comes and goes, for the trace: see trace_allocfree.c. */
#ifndef RT_TRACE_ALLOCFREE_H
#define RT_TRACE_ALLOCFREE_H

#include "base/debug.h"
#include "core/trace.h"

static inline bool rt_allocfree_enabled(void) {
    return __builtin_expect(load_relaxed(bool, &rt_trace_enabled), 0) && rt_debug_vars.traceallocfree;
}

/* ---- blocks of goroutine stacks; by any M, not within a locker ----------------------------------------------- */

void rt_trace_stack_alloc(void *block, size_t bytes); /* it has just been allocated, */
void rt_trace_stack_free(void *block);                /* or is about to be freed */

/* ---- what a heap tells, by a locker, while rt_allocfree_enabled ---------------------------------------------- */

/* Of memory in pages of ALLOCFREE_PAGE bytes, which base is a multiple of. size_class: what Go calls so, 0 to 127, of
 * spans with objects; SPAN_OF_STACKS: others. */
#define ALLOCFREE_PAGE 8192u
#define SPAN_OF_STACKS UINT32_MAX
void rt_trace_span_exists(TraceLocker l, void *base, size_t pages, uint32_t size_class); /* when tracing begins */
void rt_trace_span_alloc(TraceLocker l, void *base, size_t pages, uint32_t size_class);
void rt_trace_span_free(TraceLocker l, void *base);
/* Of objects, at multiples of ALLOCFREE_OBJECT; C has no types that could be named. */
#define ALLOCFREE_OBJECT 8u
void rt_trace_object_exists(TraceLocker l, void *object); /* when tracing begins */
void rt_trace_object_alloc(TraceLocker l, void *object);
void rt_trace_object_free(TraceLocker l, void *object);

/* The heap when tracing begins: its size and goal, blocks: its spans and objects, too; NULL: there is no heap. */
extern void (*rt_trace_heap)(TraceLocker l, bool blocks);

/* ---- for the rest of the tracer ------------------------------------------------------------------------------ */

void rt_allocfree_snapshot(M *m);   /* tracing has begun; the world is stopped by the goroutine that runs on m */
void rt_allocfree_end(TraceBuf *b); /* every M has left b's generation */

#endif
