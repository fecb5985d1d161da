/* gcwork.c: a quarter of the Ps' time is the collector's while it marks: by Ps that do nothing else, as many as that
 * makes, and if that comes out too far off, by a share of every P's time. Ps that have nothing to run mark as well.
 * (findRunnableGCWorker, findRunnable of Go's mgcpacer.go, proc.go)
 */
#include "core/gcwork.h"
#include "core/driver.h"
#include "core/park.h"
#include "core/proc.h"
#include "core/runq.h"

GcWork rt_gc_work;

bool rt_gc_try_take(void) { return !atomic_exchange(&rt_gc_work.taken, true); }

G *rt_gc_give(void) {
    rt_lock(&rt_gc_work.lock, RANK_MARK);
    atomic_store(&rt_gc_work.taken, false);
    G *waited = rt_gc_work.takers;
    rt_gc_work.takers = NULL;
    rt_unlock(&rt_gc_work.lock);
    return waited;
}

void rt_gc_given(G *waited) {
    for (G *g = waited, *next; g; g = next) {
        next = g->next;
        g->next = NULL;
        rt_ready(g, false, NULL);
    }
}

void rt_gc_wait(gr_site *site) {
    rt_lock(&rt_gc_work.lock, RANK_MARK);
    if (!atomic_load(&rt_gc_work.taken)) {
        rt_unlock(&rt_gc_work.lock);
        return;
    }
    G *g = rt_getg();
    g->next = rt_gc_work.takers;
    rt_gc_work.takers = g;
    rt_park_unlock(&rt_gc_work.lock, WAIT_GC_CYCLE, site);
}

bool rt_gc_waits_worker(G *g, void *unused) {
    (void)unused;
    rt_lock(&rt_gc_work.lock, RANK_MARK);
    g->next = atomic_load(&rt_gc_work.waiting);
    atomic_store(&rt_gc_work.waiting, g);
    rt_unlock(&rt_gc_work.lock);
    return true;
}

bool rt_gc_share_is_used(P *p, int64_t now) {
    int64_t all = now - rt_gc_work.since_ns,
            own = atomic_load_explicit(&rt_gc_work.taken_ns[p->id], memory_order_relaxed);
    return all > 0 && (double)own > rt_gc_work.fraction * (double)all;
}

/* In which mode one may run on p now. Without work none does: who has the rest may be in p's own queue. */
static bool mode_for(P *p, bool idle, GcMode *mode) {
    if (!atomic_load(&rt_gc_work.more))
        return false;
    *mode = GC_WHILE_IDLE;
    if (idle)
        return true;
    int n = atomic_load(&rt_gc_work.dedicated);
    while (n > 0)
        if (atomic_compare_exchange_weak(&rt_gc_work.dedicated, &n, n - 1)) {
            *mode = GC_DEDICATED;
            return true;
        }
    *mode = GC_FRACTIONAL;
    return rt_gc_work.fraction > 0 && !rt_gc_share_is_used(p, rt_now());
}

G *rt_gc_worker_for(M *m, bool idle) {
    GcMode mode;
    if (!atomic_load(&rt_gc_work.waiting) || !mode_for(m->p, idle, &mode))
        return NULL;
    rt_lock(&rt_gc_work.lock, RANK_MARK);
    G *g = atomic_load(&rt_gc_work.waiting);
    if (g)
        atomic_store(&rt_gc_work.waiting, g->next);
    rt_unlock(&rt_gc_work.lock);
    if (!g) {
        if (mode == GC_DEDICATED)
            atomic_fetch_add(&rt_gc_work.dedicated, 1);
        return NULL;
    }
    g->next = NULL;
    g->gc_mode = (uint8_t)mode;
    rt_unblock(m, g);
    if (!idle && (!rt_runq_empty(m->p) || atomic_load(&rt_sched.runq_n) > 0))
        rt_wakep(); /* who stands in the queue alone was to run here next, so that nobody was woken for it */
    return g;
}
