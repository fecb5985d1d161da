/* preempt.h: making a running goroutine stop at its next safe point; see preempt.c. */
#ifndef RT_PREEMPT_H
#define RT_PREEMPT_H

#include "core/sched.h"

void rt_preempt_p(P *p);       /* what runs on p stops at its next safe point */
void rt_preempt_no_more(void); /* lowers ATTEND_PREEMPT unless somebody is to be preempted; rt_sched.lock held */
void rt_preempt_long_slices(int64_t now); /* sysmon */
void rt_preempt_ask(uint64_t goid);       /* any thread: its slice shall end, if it runs; the last wish counts */
void rt_preempt_asked(void);              /* sysmon, sim's driver: sees to that wish; rt_sched.lock held */
bool rt_slice_is_over(int64_t begun_ns, int64_t now);
void rt_suspend_here(G *g);  /* g, running, is at a safe point and somebody wants it suspended */
void rt_suspend_never(G *g); /* g has ended, on m's stack: who still wants that waits no longer */

#endif
