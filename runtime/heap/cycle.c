/* cycle.c: one collection after the other. (gcStart, gcMarkDone, gcMarkTermination of Go's mgc.go)
 *
 *   OFF ── a goroutine finds the heap at its trigger, or gr_gc: sweeps what is left of the last cycle
 *    │     stops the world ("GC sweep termination"), copies blocks and roots, starts it
 *   MARK ─ workers and assists mark the copy
 *    │     who finds that nothing is left stops the world ("GC mark termination"): what is not marked is to be swept
 *   OFF
 *
 * Invariants
 *  1. A block that the program can reach when the world has been stopped for the snapshot is found in the copy; one
 *     that it can reach later could be reached then, or has been allocated since. So marking the copy, and taking
 *     new blocks for marked, is all there is to it: no barrier. tests/heap tries it on all small cases.
 *  2. No span is swept while marking is on, and none is marked that is not swept: bits mean one cycle. So the rest
 *     is swept before the next one begins.
 *  3. All roots are looked at in that one stop, and what has not left its stack has left a copy of it.
 *  4. One goroutine begins a cycle, one ends it: rt_gc_try_take's true, and rt_mark_leave's.
 *  5. The collector allocates nothing from its own heap, and no block while a span is between two lists.
 */
#include "heap/cycle.h"
#include "base/debug.h"
#include "base/text.h"
#include "core/driver.h"
#include "core/gcwork.h"
#include "core/goroutine.h"
#include "core/leave.h"
#include "core/stw.h"
#include "core/trace_allocfree.h"
#include "core/trace_gc.h"
#include "heap/collect.h"
#include "heap/pacer.h"
#include <stdlib.h>

Heap rt_heap;
Pacer rt_pacer;
GcStats rt_gc_stats;
gr_site rt_gc_site_worker = {"runtime.gcBgMarkWorker", "heap/worker.c", 0, 0};
gr_site rt_gc_site_sweep = {"runtime.bgsweep", "heap/sweep.c", 0, 0};
gr_site rt_gc_site_cleanup = {"runtime.runCleanups", "heap/cleanup.c", 0, 0};

static struct {
    bool forced;                                             /* by gr_gc */
    _Atomic uint64_t ended;                                  /* cycles */
    int64_t began, stop1_ns, mark_since, worker_ns, idle_ns; /* of this one; rt_workers_ns when it began */
    int64_t spent_ns;                                        /* for all of them, on all Ps */
    int64_t begun_live;
    _Atomic uint64_t ratio; /* of assists: a double's bits */
} gc;

/* ---- pacing -------------------------------------------------------------------------------------------------- */

/* Bytes had from the system that are in use and not for blocks: what is dead and not swept is for blocks. */
static int64_t overhead(void) {
    Pages *h = &rt_heap.pages;
    int64_t used = (int64_t)(atomic_load(&h->system) - atomic_load(&h->idle)),
            blocks = atomic_load(&rt_heap.live) + atomic_load(&rt_heap.dead);
    return used > blocks ? used - blocks : 0;
}

void rt_gc_plan(void) { rt_pacer_plan(&rt_pacer, overhead()); }

double rt_gc_assist_ratio(void) {
    return rt_pacer_assist_ratio(&rt_pacer, atomic_load(&rt_heap.live), rt_mark_scanned());
}

void rt_gc_goal_event(TraceLocker l) {
    int64_t goal = rt_pacer.goal;
    rt_trace_heap_alloc(l, (uint64_t)atomic_load(&rt_heap.live));
    rt_trace_heap_goal(l, goal == INT64_MAX ? 0 : (uint64_t)goal);
}

void rt_gc_tell_goal(M *m) {
    TraceLocker l = rt_trace_acquire(m);
    if (!l.m)
        return;
    rt_gc_goal_event(l);
    rt_trace_release(l);
}

/* ---- the begin of the heap ----------------------------------------------------------------------------------- */

void rt_heap_begin(void) {
    static rt_mutex lock; /* RANK_SPANS */
    static bool begun;
    int percent = rt_percent_wanted();
    int64_t limit = rt_limit_wanted();
    rt_lock(&lock, RANK_SPANS);
    bool first = !begun;
    if (first) {
        begun = true;
        rt_sizes_begin(&rt_heap.sizes);
        rt_heap.pages.lowest = port_heap_lowest();
        rt_pacer_begin(&rt_pacer, percent, limit);
        rt_debug_parse(getenv("GODEBUG"));
        rt_stacks_will_be_left();
        rt_trace_heap = rt_gc_entry_tell;
        if (rt_debug_vars.gcstress || rt_debug_vars.traceallocfree)
            rt_raise_attention(ATTEND_BLOCKS);
        atomic_store(&rt_heap.begun, true);
    }
    rt_unlock(&lock);
    if (!first)
        return;
    if (!rt_mark_reserve()) /* not when they are needed: there is no memory then */
        rt_gc_out_of_memory(8 * PAGE);
    rt_spawn_system(rt_gc_entry_sweeper, "runtime.bgsweep", &rt_gc_site_sweep);
    rt_gc_tell_goal(port_get_m());
}

/* ---- a cycle ------------------------------------------------------------------------------------------------- */

/* ns: from the wish; done: since it stood still. */
static void stopped_for(int64_t ns, int64_t done) {
    rt_gc_stats.stopped_ns += done;
    if (done > rt_gc_stats.longest_stopped_ns)
        rt_gc_stats.longest_stopped_ns = done;
    rt_gc_stats.pause_ns += ns;
    rt_gc_stats.total_pause_ns += ns;
    if (ns > rt_gc_stats.longest_pause_ns)
        rt_gc_stats.longest_pause_ns = ns;
}

/* The world is stopped and goes on marking; where there is no memory for a copy all is marked when it goes on. */
static void begin_marking(void) {
    gc.begun_live = rt_pacer.triggered = atomic_load(&rt_heap.live);
    atomic_store(&rt_heap.phase, GC_MARK);
    rt_snapshot_take();
    rt_pacer.to_scan = (int64_t)rt_snapshot.scannable;
    rt_mark_begin();
    rt_assist_begin();
    rt_limiter_spent(rt_now(), 0, rt_workers_ns(true), rt_sched.procs);
    gc.worker_ns = rt_workers_ns(false);
    gc.idle_ns = rt_workers_ns(true);
    if (rt_snapshot.copied)
        rt_workers_wanted(rt_sched.procs);
    else
        rt_mark_here();
    rt_charge((int64_t)(rt_snapshot.copied ? rt_snapshot.bytes / 8 : rt_snapshot.scannable / 2));
}

/* Begins one unless one runs. [parks] */
static void begin(bool forced, gr_site *site) {
    if (!rt_gc_try_take())
        return;
    G *g = rt_getg();
    g->collects = true;
    rt_sweep_all();
    rt_workers_start(rt_sched.procs);
    rt_trace_gc_begin(port_get_m(), site);
    rt_stop_the_world(STW_GC_SWEEP_TERM, site);
    int64_t from = rt_stw_began(), stopped = rt_now();
    rt_leave_stack();
    gc.forced = forced;
    gc.began = from;
    rt_gc_stats.pause_ns = rt_gc_stats.stopped_ns = 0;
    rt_gc_check();
    begin_marking();
    rt_gc_check();
    rt_leave_over(g);
    gc.mark_since = rt_now();
    gc.stop1_ns = gc.mark_since - from;
    stopped_for(gc.stop1_ns, gc.mark_since - stopped);
    rt_start_the_world();
    if (!rt_snapshot.copied)
        rt_gc_marked(site);
    g->collects = false;
}

/* The world is stopped, all is marked: what it came to. */
static void account(GcLine *line, int64_t mark_ns) {
    int64_t ended = atomic_load(&rt_heap.live), born = ended - rt_snapshot.live;
    PacerCycle c = {
        .live = ended,
        .marked = (int64_t)rt_mark_bytes() + born,
        .scanned = rt_mark_scanned(),
        .roots = (int64_t)rt_snapshot.root_bytes,
        .ns = mark_ns,
        .assist_ns = rt_assist_ns(),
        .idle_ns = rt_workers_ns(true) - gc.idle_ns,
        .procs = rt_sched.procs,
    };
    *line = (GcLine){
        .mark_ns = mark_ns,
        .stop1_ns = gc.stop1_ns,
        .assist_ns = c.assist_ns,
        .idle_ns = c.idle_ns,
        .worker_ns = rt_workers_ns(false) - gc.worker_ns,
        .begun = gc.begun_live,
        .ended = ended,
        .marked = c.marked,
        .goal = rt_pacer.goal,
        .stacks = rt_roots_of_stacks(),
        .globals = (int64_t)rt_snapshot.root_bytes - rt_roots_of_stacks(),
        .procs = rt_sched.procs,
        .forced = gc.forced,
    };
    rt_pacer_end_cycle(&rt_pacer, &c);
    atomic_store(&rt_heap.live, c.marked);
    atomic_store(&rt_heap.dead, ended - c.marked);
    rt_gc_stats.mark_ns = mark_ns;
    rt_gc_stats.marked = rt_mark_bytes();
    rt_gc_stats.copied = rt_snapshot.bytes;
    rt_gc_stats.assist_ns += c.assist_ns;
    rt_gc_stats.forced += gc.forced;
}

void rt_gc_marked(gr_site *site) {
    GcLine line;
    rt_stop_the_world(STW_GC_MARK_TERM, site);
    int64_t from = rt_stw_began(), stopped = rt_now();
    rt_mark_here(); /* what found no room in a buffer */
    rt_gc_check();
    atomic_store(&rt_gc_work.wanted, false);
    rt_caches_flush();
    account(&line, from - gc.mark_since);
    rt_snapshot_drop();
    rt_mark_end();
    rt_sweep_begin(rt_central_all_unswept());
    atomic_store(&rt_heap.phase, GC_OFF);
    rt_gc_plan();
    rt_sweep_goal(rt_pacer.trigger);
    line.number = atomic_fetch_add(&gc.ended, 1) + 1;
    M *m = port_get_m();
    rt_trace_gc_end(m);
    rt_gc_tell_goal(m);
    int64_t now = rt_now();
    line.at_ns = gc.began;
    line.until_ns = now;
    line.stop2_ns = now - from;
    stopped_for(line.stop2_ns, now - stopped);
    int64_t spent = (line.stop1_ns + line.stop2_ns) * line.procs + line.worker_ns + line.assist_ns;
    gc.spent_ns += spent;
    rt_limiter_spent(now, spent, rt_workers_ns(true), line.procs);
    line.spent_ns = gc.spent_ns;
    void *waited = rt_assist_close();
    rt_gc_check();
    G *waiting = rt_gc_give(); /* from here on the next one may begin: it is not to be late */
    rt_start_the_world();
    rt_assist_over(waited);
    rt_gc_given(waiting);
    rt_sweeper_wake();
    if (rt_debug_vars.gctrace)
        rt_gctrace(&line);
}

uint64_t rt_gc_cycles(void) { return atomic_load(&gc.ended); }

/* ---- for those who allocate ---------------------------------------------------------------------------------- */

void rt_gc_before(size_t bytes, gr_site *site) {
    if (atomic_load_explicit(&rt_heap.phase, memory_order_relaxed) == GC_MARK) {
        if (!rt_limiter_is_on())
            rt_assist(bytes, site);
        return;
    }
    int64_t live = atomic_load_explicit(&rt_heap.live, memory_order_relaxed) + (int64_t)bytes;
    if (live >= rt_pacer.trigger && !load_relaxed(bool, &rt_gc_work.taken) && !rt_limiter_forbids(rt_now(), live))
        begin(false, site);
}

/* One that runs already does not do: it may have copied before. The next one does, whoever begins it. */
void rt_gc_whole(gr_site *site, bool forced) {
    bool runs = atomic_load(&rt_gc_work.taken); /* first: one that ends meanwhile counts as one more, not as one less */
    uint64_t enough = rt_gc_cycles() + runs + 1;
    while (rt_gc_cycles() < enough) {
        begin(forced, site);
        rt_gc_wait(site);
    }
    rt_sweep_all();
}

void rt_gc_out_of_memory(size_t bytes) {
    Text t = {0};
    char d[TEXT_DIGITS];
    rt_text_put(&t, "runtime: out of memory: cannot allocate ");
    rt_text_put(&t, rt_text_digits(bytes, d));
    rt_text_put(&t, "-byte block (");
    rt_text_put(&t, rt_text_digits((uint64_t)atomic_load(&rt_heap.live), d));
    rt_text_put(&t, " in use)\n");
    rt_text_flush(&t);
    rt_fatal("out of memory");
}

/* ---- public -------------------------------------------------------------------------------------------------- */

void gr_gc_at(gr_site *site) {
    rt_charge(100);
    if (!atomic_load(&rt_heap.begun))
        rt_heap_begin();
    rt_gc_whole(site, true);
}
