/* lockm.h: goroutines locked to their M; see lockm.c. */
#ifndef RT_LOCKM_H
#define RT_LOCKM_H

#include "core/sched.h"

void rt_stop_locked_m(M *m);        /* m, whose locked goroutine is not running, waits for it */
void rt_start_locked_m(M *m, G *g); /* g, runnable, is locked to another M: gives that one m's P */
void rt_m_goes_idle(M *m);          /* rt_sched.lock held; m has no P */
void rt_end_m(M *m);                /* m's locked goroutine has ended: so does m */

#endif
