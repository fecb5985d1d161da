/* extram.h: calls into the program from outside; see extram.c. */
#ifndef RT_EXTRAM_H
#define RT_EXTRAM_H

#include "core/sched.h"

/* fn(arg) as a call by a thread of the host; does not wait. By any M. */
void rt_call_from_outside(void (*fn)(void *), void *arg);

static inline bool rt_calls_wait(void) { return load_relaxed(uint32_t, &rt_attention) & ATTEND_CALL; }
void rt_start_waiting_calls(void); /* by an M with a P */
void rt_after_callback(M *m, G *g);
void rt_after_callback_exit(M *m);

#endif
