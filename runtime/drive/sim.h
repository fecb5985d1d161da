/* sim.h: what others than the scheduler ask of the simulating driver; see sim.c. */
#ifndef RT_SIM_H
#define RT_SIM_H

#include "core/driver.h"

void rt_sim_begin(void);
int64_t rt_sim_now(M *m);
int64_t rt_sim_clock(bool may_park);   /* a program reads the clock (clock.c) */
void rt_sim_syscall_takes(int64_t ns); /* the system call of this M takes at least ns of simulated time */

#endif
