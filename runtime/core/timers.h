/* timers.h: timers as the scheduler sees them: a time and a function to call then. sync/time.c makes of them what
 * programs use.
 *
 * A Timer belongs to the Timers of one P at a time, `ts`: the heap it is in while it is in one, else the one it was
 * in last or is to be in first. ts->lock guards the Timer and whatever its owner keeps beside it: what is done
 * between rt_timer_lock and rt_timers_unlock happens as one, also against the timer's firing.
 */
#ifndef RT_TIMERS_H
#define RT_TIMERS_H

#include "core/sched.h"

#define TIMER_NEVER INT64_MAX
/* The end of time, 290 years from the start. What would be later than that never happens: it is set, but in no
 * heap, and who waits for it waits for ever. What is left up to INT64_MAX keeps sums from overflowing. */
#define TIMER_END (INT64_MAX - (INT64_C(1) << 56))
#define TIMER_BEYOND (TIMER_NEVER - 1)

typedef struct Timers Timers;
typedef struct Timer Timer;

/* Called under the lock when t is due, with a P and on the M's own stack. t is in no heap any more: fire may put it
 * into one again, or give it up to somebody who frees it. May call rt_ready and rt_spawn. */
typedef void timer_fire(Timers *ts, Timer *t, int64_t now);

struct Timer {
    _Atomic(Timers *) ts; /* changes under the locks of both; NULL: never set */
    timer_fire *fire;     /* what to do then */
    int64_t when;         /* time at which it is due; its owner's, does not change while it is in a heap */
    uint32_t at;          /* place in the heap + 1; 0: in none */
};

/* Locks what t belongs to. (…_to_set: in order to put it into a heap: a timer that is in none comes to the P of
 * the caller.) */
Timers *rt_timer_lock(Timer *t);
Timers *rt_timer_lock_to_set(Timer *t);
/* Tells others the earliest time of ts and frees its lock; wakes the M that sleeps for timers if it would oversleep. */
void rt_timers_unlock(Timers *ts);
/* Under the lock. */
void rt_timer_insert(Timers *ts, Timer *t); /* due at t->when */
void rt_timer_remove(Timers *ts, Timer *t); /* if it is in a heap */

/* ---- for the scheduler --------------------------------------------------------------------------------------- */

Timers *rt_timers_new(void); /* a P's; NULL: no memory */
/* When the earliest of p's timers is due, TIMER_NEVER: it has none. One atomic load. */
int64_t rt_timers_next_of(P *p);
/* The same for all Ps. */
int64_t rt_timers_next(void);
/* Fires what is due at now of p's timers, on the caller's M, which has a P, this or another, no more than leaves
 * its queue half empty: what is left is due again at once. Returns how many. */
int rt_timers_run(P *p, int64_t now);
/* The world is stopped: all timers of `from` become those of `to`. */
void rt_timers_take(P *from, P *to);

#endif
