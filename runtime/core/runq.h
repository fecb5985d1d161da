/* runq.h: run queues: of each P, and the global one; see runq.c. */
#ifndef RT_RUNQ_H
#define RT_RUNQ_H

#include "core/sched.h"

void rt_runq_put(P *p, G *g, bool next);
G *rt_runq_get(P *p, bool *inherit);
G *rt_runq_steal(P *thief, P *from, bool take_next);
bool rt_runq_empty(P *p);
/* All of p's queue goes to the global one; false: it was empty. Owner only. */
bool rt_runq_give_away(P *p);
/* Caller holds rt_sched.lock. */
void rt_globq_put_list(G *head, G *tail, int n);
G *rt_globq_get(P *p, int max);

#endif
