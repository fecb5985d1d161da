/* trace_samples.h: looking at goroutines that run, for the trace: see trace_samples.c. */
#ifndef RT_TRACE_SAMPLES_H
#define RT_TRACE_SAMPLES_H

#include "core/trace.h"

/* Threads: every 10 ms or more often, by sysmon. */
void rt_samples_tick(int64_t now);

/* The trace has ended: nobody gives what was wished for, and nobody else would take the wish back. */
void rt_samples_over(void);

/* Sim: p begins with a slice; and its clock has come to p->sample_ns. */
void rt_sim_samples_begin(P *p);
void rt_sim_samples_wish(P *p, int64_t now);
static inline void rt_sim_samples(P *p, int64_t now) {
    if (__builtin_expect(now >= p->sample_ns, 0))
        rt_sim_samples_wish(p, now);
}

/* Whether the goroutine that runs on m should leave its stack to be looked at, on the M's own stack, by the second. */
bool rt_trace_wants_look(M *m);
void rt_trace_look(M *m);

/* g, which has just left p or is about to, is what p ran at ns. stack: 0, not known. */
void rt_trace_give_sample(TraceLocker l, G *g, P *p, uint32_t stack, int64_t ns);

#endif
