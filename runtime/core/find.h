/* find.h: where an M looks for work; see find.c. */
#ifndef RT_FIND_H
#define RT_FIND_H

#include "core/sched.h"

#define GLOBAL_EVERY 61 /* as Go: a slice in 61 looks at the global queue first, so that it cannot starve */

/* For m, which has a P; NULL when there is none: m is then idle and has no P. Sets m->inherit. */
G *rt_find_runnable(M *m);
void rt_stop_spinning(M *m);
bool rt_work_anywhere(void);

#endif
