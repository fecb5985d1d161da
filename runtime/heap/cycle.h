/* cycle.h: what the collector's other files ask of its cycle; see cycle.c. */
#ifndef RT_HEAP_CYCLE_H
#define RT_HEAP_CYCLE_H

#include "heap/collect.h"
#include "heap/pacer.h"

/* What cycles have come to; guarded by no lock: written by who ends one, in the stopped world. */
typedef struct GcStats {
    uint64_t forced;
    int64_t pause_ns, total_pause_ns, longest_pause_ns, mark_ns, assist_ns;
    int64_t stopped_ns, longest_stopped_ns; /* of pauses, what was done in the stopped world */
    uint64_t copied, marked;
} GcStats;
extern GcStats rt_gc_stats;
extern Pacer rt_pacer;

/* limiter.c: collecting has taken so much of all Ps' time since the last call, which was its last cycle's end or this
 * one's begin; idle_ns: what Ps have marked when they had nothing else to do, so far. The world is stopped. */
void rt_limiter_spent(int64_t now, int64_t spent_ns, int64_t idle_ns, int procs);
bool rt_limiter_forbids(int64_t now, int64_t live); /* another cycle yet, */
bool rt_limiter_is_on(void);                        /* and help with it */

double rt_gc_assist_ratio(void);
void rt_gc_plan(void); /* goal and trigger anew, */
void rt_gc_tell_goal(M *m);
void rt_gc_goal_event(TraceLocker l);

/* settings.c: what the environment says. */
int rt_percent_wanted(void);
int64_t rt_limit_wanted(void);

/* What gctrace tells. */
typedef struct GcLine {
    uint64_t number;
    int64_t at_ns, until_ns; /* since the program began: when this one did, and when it was over */
    int64_t spent_ns;        /* on all Ps, for all of them so far */
    int64_t stop1_ns, mark_ns, stop2_ns, assist_ns, worker_ns, idle_ns;
    int64_t begun, ended, marked, goal, stacks, globals; /* bytes: heap when it began, when it ended, what lives, … */
    int procs;
    bool forced;
} GcLine;
void rt_gctrace(const GcLine *l);

#endif
