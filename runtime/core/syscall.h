/* syscall.h: goroutines in system calls, and Ps taken from there; see syscall.c. */
#ifndef RT_SYSCALL_H
#define RT_SYSCALL_H

#include "core/sched.h"

void rt_after_syscall(M *m, G *g);
bool rt_retake_p(M *self, P *p);          /* takes p from the M that is in a system call with it; rt_sched.lock held */
bool rt_retake_all(M *self, int64_t now); /* sysmon: those that have been long enough in one; true: some were */
int64_t rt_retake_due(P *p);              /* when p may be taken, INT64_MAX: it is in no system call */
void rt_handoff_p(P *p);                  /* p has lost its M: another one takes it, or it goes idle */

#endif
