/* worker.c: goroutines of the collector's that mark, one for each P at most. Which run, and as what, the scheduler
 * decides (core/gcwork.c). (gcBgMarkWorker)
 */
#include "core/driver.h"
#include "core/gcwork.h"
#include "core/proc.h"
#include "core/runq.h"
#include "heap/collect.h"
#include "heap/pacer.h"

static struct {
    int started;                      /* workers there are */
    _Atomic int64_t busy_ns, idle_ns; /* what they have taken; idle_ns: on Ps that had nothing else to run */
} workers;

static const char *const labels[] = {
    [GC_DEDICATED] = "GC (dedicated)", [GC_FRACTIONAL] = "GC (fractional)", [GC_WHILE_IDLE] = "GC (idle)"};

/* Somebody else should run on this P instead. */
static bool give_up(GcMode mode, int64_t begun) {
    P *p = port_get_m()->p;
    if (mode == GC_DEDICATED)
        return false;
    if (load_relaxed(bool, &p->preempt)) /* and waits to be chosen again, not in a queue behind all others */
        return true;
    if (mode == GC_WHILE_IDLE)
        return atomic_load(&rt_sched.runq_n) > 0 || !rt_runq_empty(p);
    return rt_now() - begun > 10 * GR_MILLISECOND || rt_gc_share_is_used(p, rt_now());
}

/* A P that marks and nothing else stays at it until nothing is left. What waits for it is for others. */
static void stay(P *p) {
    if (load_relaxed(bool, &p->preempt)) {
        if (rt_runq_give_away(p))
            rt_wakep();
        store_relaxed(bool, &p->preempt, false);
    }
}

static void take_time(GcMode mode, int64_t ns) {
    atomic_fetch_add(mode == GC_WHILE_IDLE ? &workers.idle_ns : &workers.busy_ns, ns);
    if (mode == GC_FRACTIONAL)
        atomic_fetch_add(&rt_gc_work.taken_ns[port_get_m()->p->id], ns);
}

/* As long as there is work, and its mode lets it. True: all is marked. */
static bool work(GcMode mode) {
    Marker w;
    int64_t begun = rt_now();
    rt_mark_enter(&w);
    for (size_t n;;) {
        int64_t from = rt_now();
        if ((n = rt_mark_some(&w, RT_MARK_CHUNK)) == 0)
            break;
        rt_assist_credit((int64_t)n);
        if (rt_mark_has_work())
            rt_wakep(); /* for a P that has nothing else to do */
        if (mode == GC_DEDICATED)
            stay(port_get_m()->p);
        /* Under the virtual clock it takes what it is charged, and then what others do meanwhile. */
        take_time(mode, rt_config.sim ? (int64_t)n / RT_MARK_BYTES_PER_NS : rt_now() - from);
        rt_charge((int64_t)n / RT_MARK_BYTES_PER_NS);
        if (give_up(mode, begun))
            break;
    }
    return rt_mark_leave(&w);
}

void rt_gc_entry_worker(void *arg) {
    (void)arg;
    for (;;) {
        rt_park(rt_gc_waits_worker, NULL, WAIT_GC_WORKER, &rt_gc_site_worker);
        GcMode mode = (GcMode)rt_getg()->gc_mode;
        if (!load_relaxed(bool, &rt_gc_work.wanted))
            continue; /* the cycle has ended before it came to run */
        gr_label(labels[mode]);
        bool all = work(mode);
        rt_getg()->gc_mode = GC_NO_WORKER;
        if (mode == GC_DEDICATED)
            atomic_fetch_add(&rt_gc_work.dedicated, 1);
        if (all)
            rt_gc_marked(&rt_gc_site_worker);
    }
}

void rt_workers_start(int n) {
    for (; workers.started < n; workers.started++)
        rt_spawn_system(rt_gc_entry_worker, "runtime.gcBgMarkWorker", &rt_gc_site_worker);
}

void rt_workers_wanted(int procs) {
    int dedicated;
    rt_pacer_workers(procs, &dedicated, &rt_gc_work.fraction);
    atomic_store(&rt_gc_work.dedicated, dedicated);
    for (int i = 0; i < MAX_PROCS; i++)
        atomic_store_explicit(&rt_gc_work.taken_ns[i], 0, memory_order_relaxed);
    rt_gc_work.since_ns = rt_now();
    atomic_store(&rt_gc_work.more, true);
    atomic_store(&rt_gc_work.wanted, true);
}

int64_t rt_workers_ns(bool idle) { return atomic_load(idle ? &workers.idle_ns : &workers.busy_ns); }
