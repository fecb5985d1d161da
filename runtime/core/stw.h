/* stw.h: stopping the world; see stw.c. */
#ifndef RT_STW_H
#define RT_STW_H

#include "core/sched.h"
#include "format/stw_reasons.h"

void rt_stop_the_world(StwReason reason, gr_site *site); /* [parks]; by a goroutine */
int64_t rt_stw_began(void); /* while it is stopped: when that was wished, and nobody else had it stopped any more */
void rt_start_the_world(void);
void rt_stop_p(P *p);   /* p, which nobody has, stops; rt_sched.lock held */
void rt_gcstop_m(M *m); /* m has a P and the world is being stopped: hands the P in */

typedef void safe_fn(P *p);
void rt_for_each_p(safe_fn *fn, gr_site *site); /* fn once for every P when nothing runs on it; [parks] */
void rt_run_safe_fn(P *p);                      /* rt_sched.lock held */
bool rt_safe_fns_pending(void);

void rt_procs_init(int n);

#endif
