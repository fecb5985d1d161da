/* stw.h: stopping the world; see stw.c. */
#ifndef RT_STW_H
#define RT_STW_H

#include "core/sched.h"
#include "format/stw_reasons.h"

void stop_the_world(StwReason reason, gr_site *site); /* [parks]; by a goroutine */
void start_the_world(void);
void stop_p(P *p);    /* p, which nobody has, stops; sched.lock held */
void stop_here(M *m); /* m has a P and the world is being stopped: hands the P in */

typedef void safe_fn(P *p);
void for_each_p(safe_fn *fn, gr_site *site); /* fn once for every P when nothing runs on it; [parks] */
void rt_run_safe_fn(P *p);                   /* sched.lock held */
bool safe_fns_pending(void);

void procs_init(int n);

#endif
