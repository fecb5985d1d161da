/* points.c: preemption points compiled into user code. With `build.sh program … --preempt` the compiler puts a call of
 * __sanitizer_cov_trace_pc on the edges of the control flow of the program's own sources, so that every way round a
 * loop and into a function has one. The runtime and libc have none: a goroutine is never stopped while it holds one
 * of their locks. (What Go does with a signal, preemptM and asyncPreempt, cannot be had in wasm.)
 *
 * A point is a load and a branch as long as rt_attention is 0. With threads that is nearly always so: sysmon raises
 * it when a slice has lasted 10 ms, and the M that cuts the slice short lowers it again.
 *
 * In sim nobody else runs who could raise it. It is never 0 there, so every point comes here and is counted: so
 * many are a step in time, at which the driver looks at the slice and at the other Ps. With the virtual clock a
 * point takes EDGE_NS: computing costs time, the same for the same program and seed, and a loop that waits for
 * another goroutine's store ends.
 *
 * GRDEBUG=preempt=N, for tests: every Nth point preempts, whoever runs there, in every driver.
 *
 * Where a point does nothing: on an M's own stack, before gr_main, in a system call (gr_blocking), while the
 * program ends.
 */
#include "base/debug.h"
#include "core/park.h"
#include "core/points.h"

#define EDGE_NS 1       /* virtual time of one point: what a tight loop takes per turn, roughly */
#define STEP_EDGES 1000 /* sim: points between two looks at the clocks; measured, a look costs as much as 30 points */

/* Somebody wants g, running on m, to stop, or to be looked at. */
static bool stop_wanted(M *m, G *g) {
    return load_relaxed(bool, &m->p->sample) || atomic_load_explicit(&m->p->preempt, memory_order_relaxed) ||
           atomic_load_explicit(&rt_sched.stopping, memory_order_relaxed) ||
           atomic_load_explicit(&g->suspend, memory_order_relaxed);
}

/* Every so many points, of all goroutines together; which they are need not be exact. */
static bool is_forced(void) {
    static _Atomic int passed;
    if (!rt_debug_vars.preempt)
        return false;
    int n = atomic_load_explicit(&passed, memory_order_relaxed) + 1;
    bool now = n >= rt_debug_vars.preempt;
    atomic_store_explicit(&passed, now ? 0 : n, memory_order_relaxed);
    return now;
}

static void attend_at_point(void) {
    G *g = port_get_g();
    M *m = port_get_m();
    if (!g || !m->p || atomic_load_explicit(&rt_sched.exiting, memory_order_relaxed))
        return;
    bool now = is_forced();
    if (now)
        store_relaxed(bool, &m->p->preempt, true);
    if (!now && !rt_config.sim && !stop_wanted(m, g))
        return;
    rt_attend(rt_debug_vars.preempt ? EDGE_NS : STEP_EDGES * EDGE_NS);
}

/* ---- what the compiler calls --------------------------------------------------------------------------------- */

/* These are functions of their own because of wasm: points.mjs puts __sanitizer_cov_trace_pc in the place of each
 * call of it, by these names, and wasm-opt inlines the first two. */
#define NOINLINE __attribute__((noinline))

NOINLINE uint32_t rt_point_wanted(void) { return load_relaxed(uint32_t, &rt_attention); }

static int edges_left; /* sim: until the next step; with threads always 0 */

NOINLINE bool rt_point_counted(void) {
    if (edges_left <= 0)
        return false;
    edges_left--;
    return true;
}

NOINLINE void rt_preempt_point(void) {
    if (rt_config.sim && !rt_debug_vars.preempt)
        edges_left = STEP_EDGES - 1;
    attend_at_point();
}

void __sanitizer_cov_trace_pc(void) {
    if (__builtin_expect(rt_point_wanted() != 0, 0) && !rt_point_counted())
        rt_preempt_point();
}
