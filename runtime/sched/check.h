/* check.h: checking the runtime's invariants in sim mode (check.c, sync/check_wait.c). On with Config.check. */
#ifndef GR_CHECK_H
#define GR_CHECK_H

#include "sched.h"

/* After a step of the driver: no M is in the middle of anything, no lock is held. Ends the program if an invariant is broken. */
void check_step(void);

/* rule: the invariant, as a sentence that g (NULL: nobody in particular) breaks. */
_Noreturn void check_broken(const char *rule, G *g);
#define check_that(cond, rule, g) ((cond) ? (void)0 : check_broken((rule), (g)))

/* sync/check_wait.c: what g, whose state is G_WAITING, waits on is as it must be, and knows of it. */
void check_waiting(G *g);
/* After check_waiting for all: g stands in the queues that it waits in once each. */
void check_waiting_places(G *g);

/* Order in which waiters have come to channels; counted while checking only. */
extern uint32_t check_arrivals;

/* Timers that have fired so far. */
extern uint64_t check_fired;

/* select.c: the places of the select that a parked goroutine gave as wait_on; returns how many. */
int select_places(void *wait_on, Waiter **waiters);

#endif
