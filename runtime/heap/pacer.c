/* pacer.c: Go's pacing since 1.19 (mgcpacer.go, design 44167 by Knyszek, and 48409 for the limit), as arithmetic on
 * what it is told: nothing here looks at the heap, so tests ask it about any.
 *
 *   goal      the heap may have grown by GOGC percent of what the last cycle reached, roots counted, when the next
 *   ends
 *   trigger   the next begins so much before that, as is allocated while so much is marked as the last time
 *             (cons_mark: how fast one went beside the other); not in the first 70 % of the way, nor in the last 5 %
 *   assists   if the heap would reach the goal before all is marked, who allocates marks as well
 *
 * Where we differ from Go: a snapshot knows how much there is to look at, so an assist never has to guess more than
 * that; and stacks are copied while the world is stopped, so they are roots like others. No memory goes back to the
 * system, so what it has above the limit once does not lower the goal for ever. No cycle is begun because none has
 * been for two minutes.
 */
#include "heap/pacer.h"

#define FIRST_OF_WAY (45.0 / 64)
#define LAST_OF_WAY (61.0 / 64)
#define LEAST_WAY ((int64_t)1 << 20)     /* from the end of a cycle to the next, to sweep in; not for the limit */
#define LEAST_RUNWAY ((int64_t)64 << 10) /* from the begin of a cycle to a goal that is moved meanwhile */
#define OFF_PERCENT 100000               /* what a cycle that somebody asks for takes GOGC=off for */
#define OVERSHOOT 1.1                    /* the goal is moved on by so much when it has been missed */
#define LEAST_SCAN 1000                  /* bytes that an assist takes to be left, when all seems done */
#define WORKERS_ERROR 0.3                /* dedicated workers alone may be so far off the share that is to be */
#define LIMIT_HEADROOM 0.03

static int64_t part(int64_t n, int percent) { return (int64_t)((double)n * percent / 100); }
static int64_t whole(double d) { return d >= 9e18 ? INT64_MAX : (int64_t)d; }
static int64_t at_least(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }

void rt_pacer_begin(Pacer *p, int percent, int64_t limit) {
    *p = (Pacer){.percent = percent, .limit = limit, .triggered = PACER_IDLE};
    rt_pacer_plan(p, 0);
}

static int64_t goal_by_percent(const Pacer *p) {
    if (p->percent < 0)
        return INT64_MAX;
    int64_t goal = p->marked + part(p->marked + p->last_roots, p->percent);
    return at_least(goal, part(HEAP_LEAST, p->percent));
}

static int64_t goal_by_limit(const Pacer *p, int64_t overhead) {
    if (p->limit == INT64_MAX)
        return INT64_MAX;
    int64_t goal = p->limit - overhead;
    goal -= at_least((int64_t)((double)goal * LIMIT_HEADROOM), 1 << 20);
    return at_least(goal, p->marked);
}

void rt_pacer_plan(Pacer *p, int64_t overhead) {
    int64_t by_percent = goal_by_percent(p), by_limit = goal_by_limit(p, overhead);
    p->limited = by_limit < by_percent;
    int64_t goal = p->limited ? by_limit : by_percent, least = p->marked;
    if (goal == INT64_MAX) {
        p->goal = p->trigger = INT64_MAX;
        return;
    }
    if (!p->limited) {
        least += LEAST_WAY;
        goal = at_least(goal, least);
        if (p->triggered != PACER_IDLE)
            goal = at_least(goal, p->triggered + LEAST_RUNWAY);
    }
    int64_t way = goal - p->marked, first = at_least(p->marked + (int64_t)((double)way * FIRST_OF_WAY), least);
    int64_t last = p->marked + (int64_t)((double)way * LAST_OF_WAY);
    if (goal > HEAP_LEAST)
        last = at_least(last, goal - HEAP_LEAST);
    last = at_least(last, first);
    int64_t runway =
        (int64_t)(p->cons_mark * ((1 - UTILIZATION) / UTILIZATION) * (double)(p->last_scan + p->last_roots));
    int64_t trigger = runway > goal ? first : goal - runway;
    p->goal = goal;
    p->trigger = at_least(at_most(at_least(trigger, first), last), 1);
}

double rt_pacer_assist_ratio(const Pacer *p, int64_t live, int64_t scanned) {
    int64_t goal = p->goal, expected = at_most(p->last_scan + p->last_roots, p->to_scan);
    if (scanned > expected || expected == 0) { /* more than the last time: as much as there may be, and a later goal */
        double way = expected > 0 ? (double)(goal - p->triggered) / (double)expected : 1;
        int64_t later = whole((double)p->triggered + way * (double)p->to_scan),
                hard = whole((double)goal * (1 + (p->percent < 0 ? OFF_PERCENT : p->percent) / 100.0));
        expected = p->to_scan;
        goal = at_least(goal, at_most(later, hard));
    }
    if (live > goal) {
        goal = whole((double)goal * OVERSHOOT);
        expected = p->to_scan;
    }
    int64_t left = at_least(expected - scanned, LEAST_SCAN);
    return (double)left / (double)at_least(goal - live, 1);
}

void rt_pacer_end_cycle(Pacer *p, const PacerCycle *c) {
    p->marked = c->marked;
    p->last_roots = c->roots;
    p->last_scan = at_least(c->scanned - c->roots, 0);
    int64_t triggered = p->triggered;
    p->triggered = PACER_IDLE;
    if (c->live <= triggered || c->scanned == 0 || c->ns <= 0)
        return;
    double time = (double)c->ns * c->procs, marking = UTILIZATION + (double)c->assist_ns / time,
           idle = (double)c->idle_ns / time;
    if (marking > 0.99)
        marking = 0.99;
    double now = (double)(c->live - triggered) * (marking + idle) / ((double)c->scanned * (1 - marking));
    p->cons_mark = now;
    for (int i = 0; i < CONS_MARKS; i++)
        if (p->cons_marks[i] > p->cons_mark)
            p->cons_mark = p->cons_marks[i];
    for (int i = 1; i < CONS_MARKS; i++)
        p->cons_marks[i - 1] = p->cons_marks[i];
    p->cons_marks[CONS_MARKS - 1] = now;
}

void rt_pacer_workers(int procs, int *dedicated, double *fraction) {
    double all = procs * UTILIZATION;
    *dedicated = (int)(all + 0.5);
    double error = *dedicated / all - 1;
    *fraction = 0;
    if (error < -WORKERS_ERROR || error > WORKERS_ERROR) {
        if (*dedicated > all)
            --*dedicated;
        *fraction = (all - *dedicated) / procs;
    }
}
