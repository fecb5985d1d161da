/* syscall.h: goroutines in system calls, and Ps taken from there; see syscall.c. */
#ifndef RT_SYSCALL_H
#define RT_SYSCALL_H

#include "core/sched.h"

void after_syscall(M *m, G *g);
bool retake_p(M *self, P *p);          /* takes p from the M that is in a system call with it; sched.lock held */
bool retake_all(M *self, int64_t now); /* sysmon: those that have been long enough in one; true: some were */
int64_t retake_due(P *p);              /* when p may be taken, INT64_MAX: it is in no system call */
void handoff_p(P *p);                  /* p has lost its M: another one takes it, or it goes idle */

#endif
