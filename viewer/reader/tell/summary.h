/* summary.h: where the time of every goroutine went; summary.c gathers it, stat.c tells it. */
#ifndef GT_SUMMARY_H
#define GT_SUMMARY_H

#include "base/reader.h"

enum { MAX_WORDS = 256 }; /* different waits or ranges of one goroutine; a real one has a handful */

struct wait_sum {
    uint32_t reason; /* lasting string */
    uint64_t ns;     /* waited for it */
};

struct range_sum {
    uint32_t kind;  /* lasting string: of a stop of the world */
    uint8_t type;   /* event that begins it */
    uint64_t ns;    /* in ended ones */
    uint64_t since; /* when the open one began; 0 = none is open */
};

/* One life of a goroutine. Times are absolute nanoseconds, 0 = not (yet). */
struct g_sum {
    uint64_t id;
    uint32_t name;                                       /* lasting string: start function; 0 = unknown */
    uint32_t block_reason;                               /* lasting string: what it waits for */
    uint64_t created, started, ended;                    /* first seen; first ran; over, or waits forever */
    uint64_t exec, runnable, syscall, syscall_block;     /* ns: running; runnable; in syscalls with its P, without */
    uint64_t total;                                      /* ns it was there */
    VEC(struct wait_sum) waits;                          /* by reason */
    VEC(struct range_sum) ranges;                        /* by name; may overlap with the times above */
    uint64_t in_exec, in_runnable, in_block, in_syscall; /* since when it is in that state */
    uint64_t in_syscall_block;                           /* since when it lacks its P in a syscall */
    uint64_t syscall_p;                                  /* the P it is in a syscall with */
};

struct stw_sum {
    uint32_t kind;  /* lasting string */
    uint64_t count; /* of ended ones */
    uint64_t ns, max_ns;
};

enum { LATENCY_STEPS = 128, LATENCY_BUCKETS = 58 * LATENCY_STEPS }; /* per doubling: figures within 0.8 % */

struct summary {
    struct map gs;                     /* goroutine id to index + 1, the latest life */
    VEC(struct g_sum) list;            /* all lives, in order of appearance */
    struct map syscalling;             /* P to index + 1 of who is in a syscall with it */
    struct map sweeping;               /* P to index + 1 of who began to sweep on it */
    VEC(struct stw_sum) stw;           /* by kind */
    uint64_t last, sync;               /* time of the last event, of the last sync */
    uint64_t gc_since;                 /* the mark phase going on; 0 = none */
    uint64_t gcs, assists, sweeps;     /* ended ones */
    uint64_t gc_ns, assist_ns;         /* in ended ones */
    uint64_t swept, reclaimed;         /* bytes */
    uint64_t latencies;                /* times a goroutine went from runnable to running */
    uint64_t latency_max, latency_sum; /* ns */
    uint32_t latency[LATENCY_BUCKETS]; /* how many took so long: gt_latency_bucket */
};

/* The bucket of a latency and the longest one in a bucket: exact below LATENCY_STEPS, then LATENCY_STEPS a doubling. */
uint32_t gt_latency_bucket(uint64_t ns);
uint64_t gt_latency_most(uint32_t bucket);

#endif
