/* region.h: where the host finds the trace's ring. */
#ifndef RT_REGION_H
#define RT_REGION_H

/* The ring's header (format/trace_region.h), NULL when not tracing. */
void *rt_trace_region(void);

#endif
