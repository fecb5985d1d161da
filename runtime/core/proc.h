/* proc.h: running goroutines, and Ps on their way from M to M; see proc.c. */
#ifndef RT_PROC_H
#define RT_PROC_H

#include "core/park.h"

bool rt_schedule_once(M *m);
bool rt_run_first(M *m, G *g);
_Noreturn void rt_goroutine_exit(void); /* off its M, with nothing left to do */
void rt_wakep(void);
void rt_acquirep(M *m, P *p);
void rt_releasep(M *m);
void rt_wirep(M *m, P *p); /* rt_acquirep and rt_releasep without their event */
P *rt_unwirep(M *m);
void rt_dropg(M *m, G *g);

#endif
