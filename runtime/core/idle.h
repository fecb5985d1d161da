/* idle.h: Ps and Ms with nothing to do; see idle.c. All under rt_sched.lock unless said otherwise. */
#ifndef RT_IDLE_H
#define RT_IDLE_H

#include "core/sched.h"

P *rt_pidle_get(void);
void rt_pidle_put(P *p);
void rt_midle_put(M *m);
bool rt_midle_remove(M *m);
void rt_check_dead(void);
void rt_startm(P *p, bool spinning); /* takes rt_sched.lock itself */
/* Runnable goroutines linked by next, from anywhere: with or without a P. Takes rt_sched.lock itself. */
void rt_inject_glist(G *head);

#endif
