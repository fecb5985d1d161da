/* lockm.h: goroutines locked to their M; see lockm.c. */
#ifndef RT_LOCKM_H
#define RT_LOCKM_H

#include "core/sched.h"

void stop_locked_m(M *m);        /* m, whose locked goroutine is not running, waits for it */
void start_locked_m(M *m, G *g); /* g, runnable, is locked to another M: gives that one m's P */
void m_goes_idle(M *m);          /* sched.lock held; m has no P */
void end_m(M *m);                /* m's locked goroutine has ended: so does m */

#endif
