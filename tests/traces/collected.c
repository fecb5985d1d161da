/* collected.c: [goroutines [steps [seed [traces]]]]: what a collecting heap will tell the tracer, by the runtime's
 * own headers: collections from one goroutine to another, help with marking that waits, sweeping, figures; traces:
 * it begins and ends so many meanwhile. At the end "told COLLECTIONS ASSISTS SWEEPS FIGURES" is printed. Or "idle":
 * collections in which everybody sleeps for 200 ms. */
#include "core/park.h"
#include "core/trace_gc.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void figure(void (*tell)(TraceLocker l, uint64_t bytes), uint64_t bytes) {
    TraceLocker l = rt_trace_acquire(port_get_m());
    if (!l.m)
        return;
    tell(l, bytes);
    rt_trace_release(l);
    atomic_fetch_add(&figures, 1);
}

static void collect(void) {
    gr_mutex_lock(&m);
    collecting = !collecting;
    if (collecting) {
        rt_trace_gc_begin(port_get_m(), GR_SITE);
        figure(rt_trace_heap_goal, 1 << 20);
        atomic_fetch_add(&collections, 1);
    } else {
        rt_trace_gc_end(port_get_m());
    }
    gr_mutex_unlock(&m);
}

static void assist(uint32_t *random) {
    rt_trace_gc_mark_assist_begin(port_get_m(), GR_SITE);
    atomic_fetch_add(&assists, 1);
    if (below(random, 2))
        gr_sleep(1 + below(random, 30 * GR_MICROSECOND));
    else
        gr_yield();
    rt_trace_gc_mark_assist_end(port_get_m());
}

static void sweep(uint32_t *random) {
    rt_trace_gc_sweep_begin(port_get_m(), GR_SITE);
    figure(rt_trace_heap_alloc, below(random, 1 << 20));
    for (volatile uint32_t i = below(random, 20000); i > 0; i--)
        ; /* generations turn meanwhile */
    rt_trace_gc_sweep_end(port_get_m(), 8192, 4096);
    atomic_fetch_add(&sweeps, 1);
}

static void trace(void *arg) {
    for (uintptr_t i = (uintptr_t)arg; i > 0; i--) {
        gr_sleep(GR_MICROSECOND * 700);
        const char *why = gr_trace_start(NULL);
        if (why)
            gr_panic(why);
        gr_sleep(GR_MICROSECOND * 900);
        why = gr_trace_stop();
        if (why)
            gr_panic(why);
    }
    gr_waitgroup_done(&wg);
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

static int idle(void) {
    for (int i = 0; i < 3; i++) {
        collect();
        printf("collecting\n");
        fflush(stdout);
        gr_sleep(200 * GR_MILLISECOND);
        collect();
    }
    return 0;
}

int gr_main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "idle") == 0)
        return idle();
    int n = argc > 1 ? atoi(argv[1]) : 8, rounds = 4;
    steps = argc > 2 ? atoi(argv[2]) : steps;
    seed = argc > 3 ? (uint32_t)atoi(argv[3]) : seed;
    uintptr_t traces = argc > 4 ? (uintptr_t)atoi(argv[4]) : 0;
    for (int round = 0; round < rounds; round++) { /* goroutines end, after what they have told */
        gr_waitgroup_add(&wg, n + (traces > 0));
        if (traces > 0)
            gr_go(trace, (void *)traces);
        for (int i = 0; i < n; i++)
            gr_go(work, (void *)(uintptr_t)(round * n + i + 1));
        gr_waitgroup_wait(&wg);
    }
    printf("told %d %d %d %d\n", collections, assists, sweeps, figures);
    return 0;
}
