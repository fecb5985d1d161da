/* points.h: preemption points in user code; see points.c. */
#ifndef RT_POINTS_H
#define RT_POINTS_H

#include <stdbool.h>
#include <stdint.h>

uint32_t rt_point_wanted(void);
bool rt_point_counted(void);
void rt_preempt_point(void);
void __sanitizer_cov_trace_pc(void);

#endif
