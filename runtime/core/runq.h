/* runq.h: run queues: of each P, and the global one; see runq.c. */
#ifndef RT_RUNQ_H
#define RT_RUNQ_H

#include "core/sched.h"

void runq_put(P *p, G *g, bool next);
G *runq_get(P *p, bool *inherit);
G *runq_steal(P *thief, P *from, bool take_next);
bool runq_empty(P *p);
/* Caller holds sched.lock. */
void globq_put_list(G *head, G *tail, int n);
G *globq_get(P *p, int max);

#endif
