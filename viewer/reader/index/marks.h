/*
 * marks.h: lanes of marks: what goroutines, threads, GC, tasks and regions did, kept only with GT_OPT_LANES.
 *
 * A lane is a row of marks in order of time; a mark says what holds from its moment until the next mark's. So a lane
 * has no gaps and no ends to keep, and a span is a mark and the one after it. Every MARK_GROUP marks the time spent in
 * each state so far is written down (struct mark_sum): the time by state between any two moments is a difference of
 * two sums, so a zoomed-out pixel costs O(log n) and shows the true mix.
 *
 * lane.c keeps them; watch_go.c and watch_user.c write them as events come; look.c answers windows, about.c says in
 * JSON which lanes there are and what one span was; stacks.c keeps stacks, curves.c numbers that change.
 */
#ifndef GT_MARKS_H
#define GT_MARKS_H

#include "base/reader.h"

/* Index of the first such lane to the outside: those of Ps (and STW) are below. */
enum { MARK_LANES = 1 << 16, MARK_LANE_LIMIT = 1 << 18 };

enum mark_kind { MARKS_GO, MARKS_M, MARKS_GC, MARKS_TASK, MARKS_REGION, MARKS_RANGE };

/* States; the outside knows those below MARK_OUT by these numbers (viewer/trace/types.mjs). */
enum mark_state {
    MARK_RUNNING,      /* G: a = P + 1, b = M's lane + 1.  M: a = G's lane + 1, b = P + 1 */
    MARK_SYSCALL,      /* G: a = P + 1, b = stack.  M: as running */
    MARK_STOPPED,      /* (the STW lane's) */
    MARK_RUNNABLE,     /* woken or created: a = lane + 1 of who did it, 0 = unknown; b = stack of that */
    MARK_WAITING,      /* a = reason, b = stack */
    MARK_SYSCALL_NO_P, /* in a system call, its P was taken: a = reason, b = stack */
    MARK_ON,     /* of what is on or off. Region, range, task: a = name, b = stack.  GC: a = lane + 1, b = stack */
    MARK_P_ONLY, /* M: has a P and no goroutine: b = P + 1 */
    MARK_OUT,
    MARK_NONE = MARK_OUT,  /* nothing: it has ended, or not begun; a = why (G) */
    MARK_STOPPED_RUNNABLE, /* told to the outside as MARK_RUNNABLE: it stopped by itself or was preempted: as waiting */
    MARK_STATES,
};

struct mark {
    double t;      /* ns */
    uint32_t a, b; /* by state */
    uint8_t state; /* enum mark_state */
};
enum { MARK_GROUP = 16, MARK_FIRST = 4, MARK_CHUNK = 512 }; /* marks: to a sum; in the first chunk; in the largest */

/* How a mark is kept: there are some for each event, so in 8 bytes. */
struct cell {
    uint32_t low; /* of its time, ns */
    uint32_t how; /* a and b << 4 | enum mark_state; see pair_of */
};
struct turn {             /* the upper half of the time has changed */
    uint32_t first, high; /* the first mark with it; from then on */
};
struct pair {
    uint32_t a, b; /* of a mark */
};

enum { MARK_SLOTS = 5 }; /* kinds of time that are told apart: running or on, syscall, runnable, waiting, no P */
struct mark_sum {
    double ns[MARK_SLOTS]; /* from the lane's first mark up to the group's first */
};

enum point_kind { POINT_LOG, POINT_LABEL, POINT_SAMPLE };
struct point {        /* a moment on a lane */
    double t;         /* ns */
    uint32_t a, b, c; /* log: category, message (lasting strings), stack; label: a; sample: c */
    uint32_t kind;    /* enum point_kind */
};

struct mark_lane {
    uint64_t id;      /* of the G, M, task, of the region's G */
    uint32_t life;    /* how often this id had come before; of a region: how deep it is nested */
    uint32_t owner;   /* lane + 1 of: who created the G, whose region it is, the parent task; 0 = none */
    uint32_t name;    /* lasting string: of a task */
    uint32_t record;  /* of a G: goroutine record, 0 = not known yet */
    uint32_t n;       /* marks */
    uint32_t regions; /* of a G: lane + 1 of its outermost regions; of a region: of the next deeper; 0 = none */
    uint32_t ranges;  /* of a G: lane + 1 of its GC ranges; 0 = none */
    uint8_t kind;     /* enum mark_kind */
    uint32_t high;    /* upper half of the first mark's time */
    VEC(struct cell *) chunks; /* chunk k has MARK_FIRST << k marks, MARK_CHUNK at most */
    VEC(struct turn) turns;    /* where it changes */
    VEC(struct mark_sum) sums; /* [i] is up to mark (i + 1) * MARK_GROUP */
    VEC(struct point) points;  /* in order of time */
};

struct wake {            /* somebody made a goroutine runnable */
    uint32_t whom, mark; /* its lane, and which of its marks says when, and by whom */
};

struct stack_ref {
    uint32_t first, n; /* in sites */
};

struct stacks {
    VEC(struct stack_ref) list; /* by id; 0 = none */
    VEC(uint32_t) sites;        /* the stacks' frames, the innermost first */
    uint32_t *slots;            /* hash: stack id, 0 = empty */
    uint32_t cap;               /* slots, a power of two */
    VEC(uint32_t) of_local;     /* this generation's stacks, by index: id + 1, 0 = not asked for yet */
    uint64_t gen;               /* whose they are */
};

enum { CURVE_STEPS = 1 << 15 };

struct curve_step {
    float low, high; /* least and greatest value in it */
    double area;     /* value times ns */
};

/* A number over time in at most CURVE_STEPS steps of equal width: when they are used up, each two become one. */
struct curve {
    double value, since; /* now, and since when */
    double from;         /* known from then on; < 0 = never told of */
    double width;        /* of a step, ns */
    double until;        /* end of the newest step */
    VEC(struct curve_step) steps;
    VEC(double) late; /* times; before each of them the value was one higher than was known then */
};
enum curve_name {
    CURVE_RUNNING,  /* goroutines running */
    CURVE_SYSCALL,  /* … in system calls */
    CURVE_RUNNABLE, /* … runnable */
    CURVE_WAITING,  /* … waiting */
    CURVE_HEAP,     /* bytes on the heap */
    CURVE_GOAL,     /* bytes at which the next GC is to end */
    CURVE_PS,       /* Ps not idle */
    CURVE_PROCS,    /* Ps there are */
    CURVES,
};

struct marks {
    VEC(struct mark_lane *) lanes;
    struct map gos, ms, tasks; /* id to lane + 1 */
    struct map syscalling;     /* P to lane + 1 of who is in a system call with it */
    struct map running_ps;     /* Ps that are not idle */
    VEC(struct cell *) slabs;  /* memory of the chunks, SLAB_MARKS each */
    VEC(struct pair) pairs;    /* those that are too large for a cell, each once */
    struct map pair_ids;       /* a << 32 | b to index + 1 */
    uint32_t slab_left;        /* marks free in the newest */
    uint32_t gc_lane;          /* lane + 1; 0 = no GC yet */
    double sync;               /* when the generation began, ns: what is first told of was so since then */
    uint64_t denied;           /* lanes beyond MARK_LANE_LIMIT */
    VEC(struct wake) wakes;    /* in order of time */
    struct stacks stacks;
    struct curve curves[CURVES];
};

/* ---- lane.c ---- */

struct marks *gt_marks_open(void);
void gt_marks_close(struct marks *ms);
/* A new lane's number + 1; 0 = MARK_LANE_LIMIT reached, UINT32_MAX = out of memory. */
uint32_t gt_marks_lane(struct marks *ms, uint8_t kind, uint64_t id);
/* From `t` on the lane is in this state. False = out of memory. */
bool gt_mark_put(struct marks *ms, struct mark_lane *l, double t, uint8_t state, uint32_t a, uint32_t b);
bool gt_point_put(struct mark_lane *l, struct point p);
/* The last mark's a and b are others. False = out of memory. */
bool gt_mark_amend(struct marks *ms, struct mark_lane *l, uint32_t a, uint32_t b);
/* Mark i; its state alone; its time alone, ns. */
struct mark gt_mark_at(const struct marks *ms, const struct mark_lane *l, uint32_t i);
uint8_t gt_mark_state(const struct mark_lane *l, uint32_t i);
double gt_mark_time(const struct mark_lane *l, uint32_t i);
/* The mark that holds at t; UINT32_MAX = t is before the first. */
uint32_t gt_mark_find(const struct mark_lane *l, double t);
/* Time by kind from the first mark up to t, `i` = the mark that holds at t. */
void gt_mark_sum_to(const struct mark_lane *l, uint32_t i, double t, double ns[MARK_SLOTS]);

/* The state as the outside knows it. */
static inline uint8_t mark_told(struct mark k) {
    return k.state == MARK_STOPPED_RUNNABLE ? (uint8_t)MARK_RUNNABLE : k.state;
}
/* Which sum a state's time goes into; MARK_SLOTS = none. */
extern const uint8_t gt_mark_slot[16];

/* ---- watch_go.c, watch_user.c ---- */

/* A thread's P or goroutine changed. */
bool gt_watch_m(struct gt_reader *r, const struct mstate *m);
/* An event is out. */
bool gt_watch_event(struct gt_reader *r, const struct event *ev);
/* … of those that are neither a goroutine's nor a P's change of state. */
bool gt_watch_user(struct gt_reader *r, const struct event *ev);
/* The lane of a goroutine, or NULL. */
struct mark_lane *gt_watch_g(struct gt_reader *r, uint64_t id);

/* ---- stacks.c ---- */

/* The lasting id of a (checked) stack of this generation; UINT32_MAX = out of memory. */
uint32_t gt_stack_keep(struct gt_reader *r, uint64_t stack_id);
/* [{func, file, line}, …] into the text. */
void gt_stack_json(struct gt_reader *r, uint32_t stack);
/* Its innermost frame that is the program's own, else its innermost; 0 = none. */
uint32_t gt_stack_top(const struct gt_reader *r, uint32_t stack);
void gt_stacks_close(struct stacks *s);

/* ---- curves.c ---- */

bool gt_curve_set(struct curve *c, double t, double value);
/* It was one higher since before anything was known, and is so from t on. */
bool gt_curve_late(struct curve *c, double t);
void gt_curve_close(struct curve *c);

/* ---- look.c, about.c ---- */

uint32_t gt_look(struct gt_reader *r, const struct mark_lane *l, double t0, double t1, uint32_t px);
/* gt_spans for such a lane. */
uint32_t gt_look_spans(struct gt_reader *r, const struct mark_lane *l, double t0, double t1, uint32_t most);
int gt_about_json(struct gt_reader *r, uint32_t lane, uint32_t index);

#endif
