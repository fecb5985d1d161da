/* pacer.h: when a cycle begins, how many mark, how much allocating goroutines help. See pacer.c. All sizes in bytes. */
#ifndef RT_HEAP_PACER_H
#define RT_HEAP_PACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_LEAST ((int64_t)4 << 20) /* goal of the first cycles, at GOGC=100 */
#define UTILIZATION 0.25              /* of the Ps' time, for marking */
#define PACER_IDLE INT64_MAX
#define CONS_MARKS 4 /* of so many cycles the largest counts */

/* What is known and decided; the fields that others may look at while it changes are atomic. */
typedef struct Pacer {
    int percent;   /* GOGC; below 0: off */
    int64_t limit; /* GOMEMLIMIT; INT64_MAX: none */
    /* from the last cycle */
    int64_t marked;     /* reached by it */
    int64_t last_scan;  /* bytes of blocks looked at, */
    int64_t last_roots; /* and of roots */
    double cons_mark;   /* bytes allocated for each one looked at, while both had as much processor time */
    double cons_marks[CONS_MARKS];
    /* of the cycle that runs, or the next */
    _Atomic int64_t goal, trigger;
    _Atomic bool limited; /* the goal comes from the limit */
    int64_t triggered;    /* heap when it began; PACER_IDLE: none runs */
    int64_t to_scan;      /* bytes of its snapshot that may have pointers, at most so many are looked at */
} Pacer;

void rt_pacer_begin(Pacer *p, int percent, int64_t limit);
/* Goal and trigger anew, from the last cycle. overhead: bytes had from the system that are not blocks. */
void rt_pacer_plan(Pacer *p, int64_t overhead);
/* Bytes to look at for each byte allocated, so that all is marked when the heap reaches its goal. */
double rt_pacer_assist_ratio(const Pacer *p, int64_t live, int64_t scanned);
/* A cycle has ended. ns: marking took so long; assist_ns, idle_ns: of so many Ps' time that assists and workers on
 * idle Ps had. */
typedef struct PacerCycle {
    int64_t live; /* heap before anything is freed */
    int64_t marked, scanned, roots;
    int64_t ns, assist_ns, idle_ns;
    int procs;
} PacerCycle;
void rt_pacer_end_cycle(Pacer *p, const PacerCycle *c);

/* Ps that mark and nothing else, and the share of each P's time for the rest. */
void rt_pacer_workers(int procs, int *dedicated, double *fraction);

#endif
