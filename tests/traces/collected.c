/* collected.c: [goroutines [steps [seed]]]: what a collecting heap will tell the tracer, by the runtime's own headers:
 * collections from one goroutine to another, help with marking that waits, sweeping, figures. Without a trace it does
 * nothing. At the end "told COLLECTIONS ASSISTS SWEEPS FIGURES" is printed. */
#include "core/park.h"
#include "core/trace_gc.h"
#include <stdio.h>
#include <stdlib.h>

static int steps = 200;
static uint32_t seed = 1;
static gr_waitgroup wg;
static gr_mutex m; /* whether a collection is under way */
static bool collecting;
static _Atomic int collections, assists, sweeps, figures;

static uint32_t below(uint32_t *random, uint32_t n) {
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    return *random % n;
}

static void collect(void) {
    gr_mutex_lock(&m);
    TraceLocker l = rt_trace_acquire(port_get_m());
    collecting = !collecting;
    if (l.m && collecting) {
        rt_trace_gc_begin(l, GR_SITE);
        rt_trace_heap_goal(l, 1 << 20);
        atomic_fetch_add(&collections, 1);
    } else if (l.m) {
        rt_trace_gc_end(l);
    }
    if (l.m)
        rt_trace_release(l);
    gr_mutex_unlock(&m);
}

static void assist(uint32_t *random) {
    TraceLocker l = rt_trace_acquire(port_get_m());
    if (!l.m)
        return;
    rt_trace_gc_mark_assist_begin(l, GR_SITE);
    rt_trace_release(l);
    atomic_fetch_add(&assists, 1);
    if (below(random, 2))
        gr_sleep(1 + below(random, 30 * GR_MICROSECOND));
    else
        gr_yield();
    l = rt_trace_acquire(port_get_m());
    rt_trace_gc_mark_assist_end(l);
    rt_trace_release(l);
}

static void sweep(uint32_t *random) {
    TraceLocker l = rt_trace_acquire(port_get_m());
    if (!l.m)
        return;
    rt_trace_gc_sweep_begin(l, GR_SITE);
    rt_trace_heap_alloc(l, below(random, 1 << 20));
    rt_trace_release(l);
    for (volatile uint32_t i = below(random, 20000); i > 0; i--)
        ; /* generations turn meanwhile */
    l = rt_trace_acquire(port_get_m());
    rt_trace_gc_sweep_end(l, 8192, 4096);
    rt_trace_release(l);
    atomic_fetch_add(&sweeps, 1);
    atomic_fetch_add(&figures, 1);
}

static void work(void *arg) {
    uint32_t random = (seed * 2654435761u + (uint32_t)(uintptr_t)arg * 40503u) | 1;
    for (int i = 0; i < steps; i++)
        switch (below(&random, 4)) {
        case 0:
            collect();
            break;
        case 1:
            assist(&random);
            break;
        case 2:
            sweep(&random);
            break;
        default:
            gr_yield();
        }
    gr_waitgroup_done(&wg);
}

int gr_main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 8, rounds = 4;
    steps = argc > 2 ? atoi(argv[2]) : steps;
    seed = argc > 3 ? (uint32_t)atoi(argv[3]) : seed;
    for (int round = 0; round < rounds; round++) { /* goroutines end, after what they have told */
        gr_waitgroup_add(&wg, n);
        for (int i = 0; i < n; i++)
            gr_go(work, (void *)(uintptr_t)(round * n + i + 1));
        gr_waitgroup_wait(&wg);
    }
    printf("told %d %d %d %d\n", collections, assists, sweeps, figures + collections);
    return 0;
}
