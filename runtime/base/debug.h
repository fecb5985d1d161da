/* debug.h: the settings of GRDEBUG; see debug.c. */
#ifndef RT_DEBUG_H
#define RT_DEBUG_H

typedef struct DebugVars {
    int leaks;       /* 1: report the goroutines that hang when main has returned (core/leak.c) */
    int leakwait;    /* ms after main's return after which that is done at the latest */
    int schedtrace;  /* ms between two lines of the scheduler's state, 0: none (drive/schedtrace.c) */
    int scheddetail; /* 1: with a line for each P, M and G */
    int traceloss;   /* tests: the ring loses generations at random with this seed, 0: it does not (trace/loss.c) */
    int preempt; /* tests: every so manieth preemption point preempts, 0: only where a slice is over (core/points.c) */
    int tracereentrancy; /* tests: 1: events in the middle of events (core/trace_reenter.c) */
    int tracesamples;    /* 0: traces have no CPU samples (core/trace_samples.c) */
    int traceallocfree;  /* 1: traces tell of memory for stacks, spans and objects (core/trace_allocfree.c) */
    int gctrace;         /* 1: a line after each cycle of the collector (heap/tell.c) */
    int gcstress;        /* tests: 1: a cycle before each block (heap/alloc.c) */
    int tracestacks;     /* 1: whole stacks also where a goroutine goes on (core/trace_samples.c) */
} DebugVars;
extern DebugVars rt_debug_vars; /* changes only in rt_init */

/* Reads "name=value,name=value"; NULL is the empty text. */
void rt_debug_parse(const char *text);

#endif
