/* find.c: where an M looks for its next goroutine: its P's timers and queue, the global queue, the host's answers,
 * other Ps; and how it gives up. (findRunnable, stealWork of Go's proc.go) */
#include "core/driver.h"
#include "core/extram.h"
#include "core/find.h"
#include "core/gcwork.h"
#include "core/idle.h"
#include "core/proc.h"
#include "core/runq.h"
#include "core/stw.h"
#include "core/timers.h"

#define STEAL_ROUNDS 4 /* as Go: passes over all Ps before an M gives up */

/* Fires what is due of p's timers, which may be another's than this M's; whether any was. */
static bool run_timers(P *p) {
    int64_t when = rt_timers_next_of(p);
    if (when == TIMER_NEVER)
        return false;
    int64_t now = rt_now();
    return when <= now && rt_timers_run(p, now) > 0;
}

static G *from_global(P *p, int max) {
    if (load_relaxed(int, &rt_sched.runq_n) == 0)
        return NULL;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    G *g = rt_globq_get(p, max);
    rt_unlock(&rt_sched.lock);
    return g;
}

/* What the host has answered: one to run, the others to the idle Ps and the global queue. */
static G *from_host(M *m) {
    if (!rt_netpoll_pending())
        return NULL;
    G *g = rt_netpoll(m);
    if (g) {
        rt_inject_glist(g->next);
        g->next = NULL;
    }
    return g;
}

/* A random number below n without a common factor: adding it again and again visits all of 0..n-1 once. */
static uint32_t random_step(uint32_t n) {
    for (;;) {
        uint32_t step = n > 2 ? 1 + rt_rand(n - 1) : 1, a = step, b = n;
        while (b) {
            uint32_t rest = a % b;
            a = b;
            b = rest;
        }
        if (a == 1)
            return step;
    }
}

/* Looks at all Ps in random order, STEAL_ROUNDS times; the last round fires their timers and takes runnext too. */
static G *steal_work(M *m) {
    P *p = m->p;
    uint32_t n = (uint32_t)atomic_load_explicit(&rt_sched.procs, memory_order_relaxed);
    for (int round = 0; round < STEAL_ROUNDS; round++) {
        uint32_t at = rt_rand(n), step = random_step(n);
        for (uint32_t i = 0; i < n; i++, at = (at + step) % n) {
            P *from = rt_sched.allp[at];
            if (from == p)
                continue;
            bool last = round == STEAL_ROUNDS - 1;
            G *g = last && run_timers(from) ? rt_runq_get(p, &m->inherit) : NULL;
            m->inherit = false;
            if (!g)
                g = rt_runq_steal(p, from, last);
            if (g)
                return g;
        }
    }
    return NULL;
}

bool rt_work_anywhere(void) {
    if (atomic_load(&rt_sched.runq_n) > 0 || rt_gc_work_for_idle())
        return true;
    for (int i = 0; i < rt_sched.procs; i++)
        if (!rt_runq_empty(rt_sched.allp[i]))
            return true;
    return false;
}

void rt_stop_spinning(M *m) {
    m->spinning = false;
    int before = atomic_fetch_sub(&rt_sched.nmspinning, 1);
    rt_assert(before > 0);
}

/* Nothing found: hand in the P and go idle. Returns true if work turned up meanwhile (the M has a P again). Order
 * matters, as in findRunnable: first the P becomes idle (visible to rt_wakep), then a spinning M stops spinning, then
 * it looks once more. */
static bool give_up(M *m) {
    P *p = m->p;
    rt_releasep(m);
    rt_lock(&rt_sched.lock, RANK_SCHED);
    bool stopping = load_relaxed(bool, &rt_sched.stopping);
    if (stopping)
        rt_stop_p(p);
    else
        rt_pidle_put(p);
    rt_unlock(&rt_sched.lock);
    bool was_spinning = m->spinning;
    if (was_spinning)
        rt_stop_spinning(m);
    atomic_thread_fence(memory_order_seq_cst);
    rt_lock(&rt_sched.lock, RANK_SCHED);
    /* Also if the world was being stopped: it may have been started again before we stopped spinning, and then
     * nobody was woken. A call from outside that found no idle P may have come while we had ours. */
    if ((was_spinning ? rt_work_anywhere() : atomic_load(&rt_sched.runq_n) > 0) || rt_calls_wait()) {
        p = rt_pidle_get();
        if (p) {
            rt_unlock(&rt_sched.lock);
            rt_acquirep(m, p);
            if (was_spinning) {
                m->spinning = true;
                atomic_fetch_add(&rt_sched.nmspinning, 1);
            }
            return true;
        }
    }
    rt_midle_put(m);
    rt_unlock(&rt_sched.lock);
    return false;
}

G *rt_find_runnable(M *m) {
    for (;;) {
        if (load_relaxed(bool, &rt_sched.stopping)) {
            rt_gcstop_m(m);
            return NULL;
        }
        P *p = m->p;
        bool fired = run_timers(p);
        if (fired)
            m->trace.left_ns = 0;
        m->inherit = false;
        G *g = rt_find_gc_worker(m, false);
        if (g)
            return g;
        if (load_relaxed(uint32_t, &p->schedtick) % GLOBAL_EVERY == 0)
            g = from_global(p, 1);
        if (!g)
            g = rt_runq_get(p, &m->inherit);
        if (fired) /* a timer's function has no slice to hand on: else a row of them would never end theirs */
            m->inherit = false;
        if (g)
            return g;
        m->trace.left_ns = 0; /* from here on it takes time */
        g = from_global(p, 0);
        if (!g)
            g = from_host(m);
        if (g)
            return g;
        if (fired)
            continue;
        if (rt_calls_wait()) {
            rt_start_waiting_calls();
            continue;
        }
        /* Look at other Ps unless half of the busy ones do so already: more would only heat the machine. */
        if (rt_sched.procs > 1 &&
            (m->spinning || 2 * atomic_load(&rt_sched.nmspinning) < rt_sched.procs - atomic_load(&rt_sched.npidle))) {
            if (!m->spinning) {
                m->spinning = true;
                atomic_fetch_add(&rt_sched.nmspinning, 1);
            }
            g = steal_work(m);
            if (g)
                return g;
        }
        g = rt_find_gc_worker(m, true);
        if (g)
            return g;
        rt_charge(100);
        if (!give_up(m))
            return NULL;
    }
}
