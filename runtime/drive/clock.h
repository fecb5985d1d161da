/* clock.h: time and chance as a program reads them (clock.c). What the scheduler itself goes by is rt_now. */
#ifndef RT_CLOCK_H
#define RT_CLOCK_H

#include "core/driver.h"

/* Nanoseconds since the program started. Virtual clock: reading it takes a while, and is a safe point as every
 * operation of the runtime is, so who waits for a time by looking at the clock gets there. [any], also in system
 * calls and before gr_main */
int64_t rt_clock(void);
/* The same in nanoseconds since 1970. */
int64_t rt_wall(void);
/* Both for what must not leave its stack: functions that asyncify does not instrument. */
int64_t rt_clock_unparked(void);
int64_t rt_wall_unparked(void);
/* n random bytes; from the seed under the virtual clock. */
void rt_random_bytes(void *to, size_t n);

void rt_clock_begin(void); /* by rt_init, when rt_config is complete */

#endif
