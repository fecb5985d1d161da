/* schedtrace.h: the scheduler's state, a line every so many ms; see schedtrace.c. */
#ifndef RT_SCHEDTRACE_H
#define RT_SCHEDTRACE_H

#include <stdint.h>

void rt_schedtrace_tick(int64_t now); /* prints a line if it is due */

#endif
