/* drive.h: what a port's main program calls: set up, then one of the two drivers. */
#ifndef RT_DRIVE_H
#define RT_DRIVE_H

#include "core/config.h"
#include "format/limits.h"

/* Sets everything up; goroutine 1 is runnable afterwards. The caller's thread becomes M 0. argv must live on. */
void rt_init(const Config *cfg, int argc, char **argv);
/* Threads: runs M 0; starts others as work appears. */
_Noreturn void rt_run_threads(void);
/* Sim: runs slices for about budget_ns of host time, 0: one decision of the scheduler. Returns 0: call again; n > 0:
 * nothing to do for n ns of host time, or until the host has answered a request (INT64_MAX: only then). */
int64_t rt_sim_step(int64_t budget_ns);

#endif
