/* proc.h: running goroutines, and Ps on their way from M to M; see proc.c. */
#ifndef RT_PROC_H
#define RT_PROC_H

#include "core/park.h"

bool rt_schedule_once(M *m);
bool rt_run_first(M *m, G *g);
_Noreturn void goroutine_exit(void); /* off its M, with nothing left to do */
void wakep(void);
void acquirep(M *m, P *p);
void releasep(M *m);
void wirep(M *m, P *p); /* acquirep and releasep without their event */
P *unwirep(M *m);
void dropg(M *m, G *g);

#endif
