/* region.h: where the host finds the trace's ring. */
#ifndef RT_REGION_H
#define RT_REGION_H

#include <stdbool.h>
#include <stdint.h>

/* The ring's header (format/trace_region.h), NULL when not tracing. */
void *rt_trace_region(void);

/* Bytes that it must have at least with so many Ps. */
uint32_t rt_smallest_ring(int procs, bool flight);

#endif
