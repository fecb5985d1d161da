/*
 * analyse.h: what the analysis gathers in one pass over a trace, and how its files divide the work.
 *
 * A pass has a window of time. What a state, a wait or a range adds is the part of it inside the window; who was there
 * is told for the whole trace. With the whole trace as window the figures are Go's: of goroutines and regions those of
 * internal/trace/summary.go, of blocking those of `go tool trace -pprof`, of utilisation those of internal/trace/gc.go.
 *
 * gather.c   every event: where a goroutine's time went; calls the others
 * dist.c     how long: counts in buckets
 * tree.c     stacks as one tree for the whole trace
 * blocking.c time and count by stack, for each goroutine
 * tasks.c    tasks and regions
 * collect.c  GC, stops of the world, what takes Ps from the program
 * odd.c      the longest of what should not be long
 * leak.c     goroutines that wait at the end and may leak
 * tables.c   all of it as rows of numbers
 * why.c      a pass of its own: why one goroutine did not run at one moment
 */
#ifndef GT_ANALYSE_H
#define GT_ANALYSE_H

#include "base/reader.h"

/* ---- distributions (dist.c) ---- */

enum { DIST_STEPS = 32 }; /* buckets a doubling: a percentile is at most 1/32 too large */
enum { DIST_BUCKETS = 60 * DIST_STEPS };

struct bin {
    uint32_t count;  /* 0 = an empty place */
    uint16_t bucket; /* gt_dist_bucket of the lengths in it */
};

struct dist {
    struct bin *p;   /* cap places by a hash of the bucket; after gt_dist_order n bins by bucket */
    uint16_t n, cap; /* in use, room: a power of two */
    uint64_t count;  /* all of them */
    uint64_t max;    /* ns */
};

bool gt_dist_add(struct dist *d, uint64_t ns);
bool gt_dist_merge(struct dist *to, const struct dist *from);
/* Puts it in order: then it may be asked, and merged into another one; nothing more is added. */
void gt_dist_order(struct dist *d);
uint16_t gt_dist_bucket(uint64_t ns);
/* Shortest and longest length in a bucket, ns. */
uint64_t gt_dist_least(uint16_t bucket);
uint64_t gt_dist_most(uint16_t bucket);
/* Of one in order: the length that so many of a hundred did not exceed (nearest rank); 0 = there are none. */
uint64_t gt_dist_percentile(const struct dist *d, uint32_t of_hundred);
void gt_dist_close(struct dist *d);

/* ---- stacks (tree.c) ---- */

struct an_node { /* a stack is a way from a root; node 0 is the empty stack */
    uint32_t parent;
    uint32_t site; /* lasting site */
};

struct an_stacks {
    VEC(struct an_node) nodes;
    struct map by_edge;     /* parent << 32 | site to node */
    VEC(uint32_t) by_local; /* of this generation's stacks: node + 1, 0 = not asked for yet */
    uint64_t generation;    /* which one that is */
};

/* The node of a (checked) stack id; UINT32_MAX = out of memory. */
uint32_t gt_an_node(struct gt_reader *r, uint64_t stack_id);

/* ---- goroutines (gather.c) ---- */

enum an_kind { AN_RUNNING, AN_RUNNABLE, AN_WAITING, AN_SYSCALL, AN_SYSCALL_BLOCKED, AN_KINDS };
enum { AN_DISTS = AN_SYSCALL + 1 }; /* a system call's length is one, with its P and without */

/* What a reason of waiting means; kept by lasting string, since there are few and each is asked for at every event. */
enum { REASON_KNOWN = 1, REASON_FOREVER = 2, REASON_LOCK = 4, REASON_NET = 8, REASON_SYNC = 16 };
/* Whether a text has, or is, such a word. */
bool gt_an_has(const struct lasting_string *s, const char *what);
bool gt_an_is(const struct lasting_string *s, const char *what);
/* A reason as a set of these; 0 = out of memory. */
uint8_t gt_an_reason(struct gt_reader *r, uint32_t reason);

/* Lists that most often have few entries: so many are looked at before a map is asked. */
enum { AN_LOOK = 4 };

struct an_wait {
    uint32_t reason; /* lasting string */
    uint32_t next;   /* of the same goroutine; index + 1, 0 = last */
    uint64_t ns, count;
};

struct an_region { /* a region that is open */
    uint64_t task;
    uint32_t name, node;    /* lasting string; where it began */
    uint64_t start;         /* ns */
    uint64_t had[AN_KINDS]; /* the goroutine's figures then */
    uint32_t had_waits;     /* first of its an_had; index + 1 */
};

struct an_go { /* one life of a goroutine; times are absolute ns, 0 = not (yet) */
    uint64_t id;
    uint32_t name;                    /* lasting string: start function; 0 = unknown */
    uint32_t creator;                 /* index + 1; 0 = unknown */
    uint32_t create_node;             /* where */
    uint8_t state;                    /* enum go_state; GO_UNDETERMINED = its figures are closed */
    bool begun;                       /* in the trace */
    bool lock;                        /* it waits for a lock, that of `convoy` */
    uint8_t track;                    /* enum an_class + 1 of the wait that blocking.c follows; 0 = none */
    uint32_t convoy;                  /* of the lock it waits for, or waited for last; index + 1, 0 = none yet */
    uint32_t track_node;              /* where it began */
    uint64_t track_since;             /* when */
    uint64_t created, started, ended; /* first seen; first ran; over, or waits forever */
    uint64_t since, from;             /* in its state: for the sums; and known so far back, for lengths */
    uint64_t lost_p;                  /* since when it lacks its P in a system call */
    uint64_t syscall_p;               /* the P it is in a system call with */
    uint64_t assist_since;            /* GC assist going on */
    uint64_t assist_ran;              /* how long it had run when that began */
    uint32_t assist_node;             /* where it began */
    uint32_t node;                    /* where it left for the state it is in */
    uint32_t waits;                   /* first of its an_wait; index + 1 */
    uint32_t wait;                    /* its an_wait of what it waits for; index + 1 */
    uint32_t blocks;                  /* first of its an_block; index + 1 */
    uint32_t early;                   /* first of its an_early; index + 1 */
    uint64_t ns[AN_KINDS];            /* of ended pieces, in the window */
    uint64_t assist_ns;
    struct dist dist[AN_DISTS];    /* lengths of ended pieces, and of a wait that has not ended with the trace */
    VEC(struct an_region) regions; /* open ones, the innermost last */
};

/* ---- blocking (blocking.c) ---- */

enum an_class { AN_NET, AN_SYNC, AN_SYS, AN_SCHED, AN_CPU };

struct an_block {
    uint32_t go;   /* index */
    uint32_t node; /* stack */
    uint8_t class; /* enum an_class */
    uint32_t next; /* of the same goroutine; index + 1, 0 = last */
    uint64_t count, ns;
};

struct an_early { /* blocked before it first ran: counts only if it never runs, as in Go */
    uint32_t next, node;
    uint8_t class;
    uint64_t ns;
};

struct blocking {
    VEC(struct an_block) list;
    struct map by_key; /* goroutine, node and class to index + 1 */
    VEC(struct an_early) early;
    uint32_t early_free; /* index + 1 */
};

/* The goroutine goes to another state at `node`, which is that of the event's own stack; 0 = it has none. */
bool gt_blocking_moves(struct gt_reader *r, uint32_t go, uint8_t to, uint32_t reason, uint64_t now, uint32_t node);
/* It runs for the first time: what came before does not count. */
void gt_blocking_started(struct gt_reader *r, uint32_t go);
bool gt_blocking_sample(struct gt_reader *r, uint32_t go, uint64_t stack);
/* The trace is over. */
bool gt_blocking_finish(struct gt_reader *r);

/* ---- tasks and regions (tasks.c) ---- */

enum { REGION_ROWS = 1 << 20, LOG_ROWS = 1 << 16, OP_ROWS = 1 << 22 }; /* most kept; the rest is counted */

struct an_task {
    uint64_t id, parent; /* NO_ID = none */
    uint32_t name;       /* lasting string */
    uint32_t go;         /* who began it: index + 1 */
    uint64_t start, end; /* 0 = not in the trace */
    uint64_t regions, logs;
};

struct an_region_row {
    uint64_t task;
    uint32_t go, name, node;
    uint64_t start, end; /* 0 = not in the trace */
    uint64_t ns[AN_KINDS];
};

struct an_had {    /* how long a goroutine had waited for one reason when a region began */
    uint32_t next; /* of the same region; index + 1, 0 = last */
    uint32_t wait; /* its an_wait; index + 1 */
    uint64_t ns, count;
};

struct an_region_wait {
    uint32_t region; /* index of its row */
    uint32_t reason; /* lasting string */
    uint64_t ns, count;
};

struct an_log {
    uint64_t task, time;
    uint32_t go;             /* whose; index + 1 */
    uint32_t category, text; /* lasting strings */
};

struct an_marks {
    VEC(struct an_task) tasks;
    struct map task_ids; /* id to index + 1 */
    VEC(struct an_region_row) regions;
    uint64_t regions_cut; /* not kept */
    VEC(struct an_region_wait) region_waits;
    VEC(struct an_had) had; /* of open regions */
    uint32_t had_free;      /* index + 1 */
    VEC(struct an_log) logs;
    uint64_t logs_cut; /* not kept */
};

bool gt_an_marks_event(struct gt_reader *r, const struct event *ev);
/* The goroutine is over: its open regions end, without an end of their own if `trace_end`. */
bool gt_an_marks_over(struct gt_reader *r, uint32_t go, uint64_t now, bool trace_end);

/* ---- GC (collect.c) ---- */

struct an_stw {
    uint32_t kind, node; /* lasting string; where */
    uint64_t go;         /* index + 1 */
    uint64_t start, end; /* 0 = it goes on */
};

struct an_gc {
    uint64_t start, end;                 /* 0 = it goes on */
    uint64_t heap_start, heap_end, goal; /* bytes; 0 = not told */
    uint64_t assists, assist_ns;         /* ended while it went on */
};

/* What changes how much of the Ps the program has; mirrored in viewer/trace/mmu.mjs. */
enum an_op { OP_PROCS, OP_STW, OP_BACKGROUND, OP_ASSIST, OP_SWEEP, OP_ASSIST_BEFORE, OP_SWEEP_BEFORE, OP_DEDICATED };
struct an_op_row {
    uint64_t time;
    uint32_t p;   /* which P; OP_PROCS: how many */
    int8_t delta; /* +1 begins, -1 ends */
    uint8_t op;   /* enum an_op; …_BEFORE: it had gone on from the start of the trace */
};

struct collect {
    VEC(struct an_stw) stw;
    uint32_t stw_open; /* index + 1 */
    VEC(struct an_gc) gc;
    uint32_t gc_open; /* index + 1 */
    uint64_t heap, goal;
    VEC(struct an_op_row) ops;
    uint64_t ops_cut;
    struct map working; /* goroutines that do GC work when they run: bit 0 assist, 1 background, 2 dedicated */
};

bool gt_collect_event(struct gt_reader *r, const struct event *ev);
/* A goroutine begins (delta 1) or ceases (-1) to execute on the event's P. */
bool gt_collect_executes(struct gt_reader *r, uint64_t id, const struct event *ev, int8_t delta);
bool gt_collect_procs(struct gt_reader *r, const struct event *ev);

/* ---- oddities (odd.c) ---- */

/* Mirrored in viewer/app/tables/oddities.mjs, which says what they mean. */
enum odd_kind { ODD_WAIT, ODD_IDLE, ODD_CONVOY, ODD_ASSIST, ODD_LEAK, ODD_KINDS };
enum { ODD_KEPT = 100 }; /* of each kind */
enum { ODD_NO_LOCK = INT32_MAX };

struct odd_row {
    uint64_t start, end;  /* when; CONVOY: the worst */
    uint64_t rank;        /* the larger the odder */
    uint32_t go;          /* index + 1; 0 = none; LEAK: the first */
    uint32_t node;        /* where */
    uint64_t a, b;        /* IDLE: most queued, most idle Ps; CONVOY: most waiting, hand-overs; WAIT: 1 = it goes on;
                             ASSIST: ns that it ran; LEAK: how many */
    uint64_t times, all;  /* CONVOY: how many there were at that place, how long they lasted together */
    uint64_t held;        /* CONVOY: the longest that nobody got on, in the worst */
    uint32_t by, by_node; /* CONVOY: who then let one on (index + 1; 0 = unknown), and where */
    uint32_t reason;      /* LEAK: what they wait for, lasting string */
};

/*
 * Of one line of a program where goroutines wait for a lock, however they came there. Go has the reason "sync" for
 * locks, wait groups and more; its stacks begin with what was called, so they tell. Those of programs in C begin with
 * the program's own function: there it is a lock if who wakes one waiter has waited at that line before, as each in a
 * convoy has, and those who count a wait group down have not.
 */
struct convoy {
    uint32_t node;            /* how the first came there */
    bool named;               /* its stack names a lock */
    uint32_t waiting, most;   /* now; at most */
    uint64_t passed;          /* got on while others still waited */
    uint64_t since, ns, last; /* of the first; waited by all; when `waiting` last changed */
    uint64_t woken;           /* when one last got on; before: when the first came */
    uint64_t held;            /* the longest between two such moments */
    uint32_t by, by_node;     /* who ended that (index + 1; 0 = unknown), and where */
    struct odd_row worst;     /* of those that are over; its rank = 0: none was a convoy */
    uint64_t cost;            /* waited in all of them, by all */
};

struct odd {
    struct odd_row kept[ODD_KINDS][ODD_KEPT]; /* a heap each, the least odd first */
    uint32_t n[ODD_KINDS];
    uint64_t idle_since, most_queued, most_idle; /* 0 = all is well */
    uint64_t queued;                             /* runnable goroutines */
    uint64_t procs, busy;                        /* Ps there are; that are not idle */
    struct map busy_ps;                          /* 1 = not idle, by P */
    VEC(struct convoy) convoys;
    struct map by_node; /* where a wait began to its convoy, index + 1; ODD_NO_LOCK = it waited for something else */
    struct map by_site; /* the same by the line that took the lock */
};

/* Whether something of this rank may be kept: asked first where most are not. */
static inline bool gt_odd_ranks(const struct odd *o, enum odd_kind kind, uint64_t rank) {
    return o->n[kind] < ODD_KEPT || rank > o->kept[kind][0].rank;
}
void gt_odd_keep(struct gt_reader *r, enum odd_kind kind, struct odd_row row);
/* Runnable goroutines or busy Ps have changed. */
void gt_odd_idle(struct gt_reader *r, uint64_t now);
bool gt_odd_proc(struct gt_reader *r, const struct event *ev, struct transition x);
/* The goroutine begins to wait for what may be a lock, at its node. */
bool gt_odd_lock(struct gt_reader *r, struct an_go *g, uint64_t now);
/* It gets on, by what goroutine `waker` did at `node`. */
void gt_odd_unlock(struct gt_reader *r, struct an_go *g, uint64_t now, uint64_t waker, uint32_t node);
void gt_odd_finish(struct gt_reader *r);
/* The trace is over, and who waits still does (leak.c). */
bool gt_odd_leaks(struct gt_reader *r);

/* ---- all of it ---- */

struct analysis {
    double t0, t1;       /* window, ns from the first event */
    uint64_t w0, w1;     /* the same, absolute */
    uint64_t last, sync; /* time of the last event, of the last sync */
    bool finished;
    VEC(struct an_go) gos;
    struct map go_ids;     /* the latest life: index + 1 */
    struct map syscalling; /* P to index + 1 of who is in a system call with it */
    VEC(uint8_t) reasons;  /* REASON_* by lasting string; 0 = not asked for yet */
    VEC(struct an_wait) waits;
    struct map wait_ids; /* goroutine's index << 32 | reason to index + 1 */
    struct an_stacks stacks;
    struct blocking blocking;
    struct an_marks marks;
    struct collect collect;
    struct odd odd;
    VEC(double) rows;   /* answer of the last gt_table */
    uint32_t row_count; /* in it */
};

/* Index + 1 of a goroutine's latest life; 0 = unknown. */
uint32_t gt_an_go(struct analysis *a, uint64_t id);
/* How much of from to to is in the window. */
uint64_t gt_an_part(const struct analysis *a, uint64_t from, uint64_t to);
/* A goroutine's figures with what goes on ended now, as Go ends it. */
void gt_an_settled(const struct analysis *a, const struct an_go *g, uint64_t now, uint64_t ns[AN_KINDS]);
bool gt_an_finish(struct gt_reader *r);

#endif
