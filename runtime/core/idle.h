/* idle.h: Ps and Ms with nothing to do; see idle.c. All under sched.lock unless said otherwise. */
#ifndef RT_IDLE_H
#define RT_IDLE_H

#include "core/sched.h"

P *pidle_get(void);
void pidle_put(P *p);
void midle_put(M *m);
bool midle_remove(M *m);
void check_dead(void);
void startm(P *p, bool spinning); /* takes sched.lock itself */
void inject_glist(
    G *head); /* runnable goroutines linked by next, from anywhere: with or without a P; takes sched.lock */

#endif
