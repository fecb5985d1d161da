/* attention.h: one word that every operation of the runtime and every M between two slices looks at, so that all
 * rare cases together cost a load and a branch. */
#ifndef RT_ATTENTION_H
#define RT_ATTENTION_H

#include "base/atomics.h"
#include <stdint.h>

/* Not 0: somebody wants something of the Ms. A raised bit may be stale, a lowered one never is. */
extern _Atomic uint32_t rt_attention;
enum {
    ATTEND_SIM = 1,      /* operations take simulated time; set for good */
    ATTEND_PREEMPT = 2,  /* some P is to be preempted, or some goroutine suspended */
    ATTEND_STOP = 4,     /* the world is being stopped */
    ATTEND_TRACE = 8,    /* the generation of the trace has grown large */
    ATTEND_EXIT = 16,    /* the program is ending */
    ATTEND_CALL = 32,    /* calls from outside wait for somebody to start them as goroutines */
    ATTEND_POINTS = 64,  /* preemption points preempt (GRDEBUG=preempt); set for good */
    ATTEND_SAMPLE = 128, /* what some P runs is to be sampled for the trace */
    ATTEND_BLOCKS = 512, /* each block of the heap is looked at (gcstress, traceallocfree); set for good */
    ATTEND_STACKS = 256, /* every operation's stack is looked at for the trace (GRDEBUG=tracestacks) */
};

static inline void rt_raise_attention(uint32_t what) { atomic_fetch_or(&rt_attention, what); }
static inline void rt_lower_attention(uint32_t what) { atomic_fetch_and(&rt_attention, ~what); }

#endif
