/* driver.h: what the scheduler asks of whoever drives it: time, the Ms' threads, and what the host answers.
 * Declared here, implemented by the two drivers (drive/threads.c, drive/sim.c) and the poller (drive/netpoll.c). */
#ifndef RT_DRIVER_H
#define RT_DRIVER_H

#include "core/sched.h"

/* ---- time ---- */
int64_t rt_now(void);       /* ns since the start: the host's, or this P's simulated time */
int64_t rt_epoch_ns(void);  /* since 1970: when rt_now was 0 */
int64_t rt_sim_floor(void); /* sim: the earliest time at which anything can still happen */

/* ---- sim: simulated time passes ---- */
void rt_sim_charge(int64_t ns); /* an operation takes so long, and waits for Ps that are behind */
void rt_sim_slice_begin(M *m, G *g, bool inherit);
void rt_sim_slice_resume(M *m); /* with the slice in which it gave way */
void rt_sim_slice_end(M *m);
void rt_sim_syscall_begin(M *m); /* with its P still */
void rt_sim_syscall_end(M *m);   /* switches out until the time it takes has passed */
void rt_sim_syscall_over(M *m);  /* has a P again */
/* The goroutine stays on its M until *note is not 0; others go on meanwhile. */
void rt_sim_wait(_Atomic uint32_t *note);
void rt_sim_wake_p(P *p); /* an idle P is about to be used: its clock follows the waker's */

/* ---- threads ---- */
/* m has been given a P (nextp), or an earlier timer: wakes its thread, or starts it if fresh. */
void rt_wake_m(M *m, bool fresh);
void rt_stopm(M *m);       /* m has no P; its thread sleeps until it has one */
void rt_sysmon_wake(void); /* a P has just been taken: somebody has to watch over it */
/* After `when` has become the earliest time of some P's timers, with no lock held: wakes the M that sleeps for
 * timers. */
void rt_timer_earlier(int64_t when);

/* ---- the poller ---- */
G *rt_netpoll(M *m);            /* what the host has answered: the goroutines that are runnable now, linked by next */
bool rt_netpoll_pending(void);  /* it has answered something; two loads */
bool rt_netpoll_expected(void); /* it may: that all are asleep is no deadlock */

#endif
