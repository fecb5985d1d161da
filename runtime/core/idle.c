/* idle.c: Ps and Ms with nothing to do, waking them, and noticing that nothing will ever happen again. Caller holds
 * rt_sched.lock unless said otherwise. (pidleget, mput, startm, checkdead of Go's proc.go) */
#include "core/driver.h"
#include "core/goroutine.h"
#include "core/idle.h"
#include "core/leak.h"
#include "core/leave.h"
#include "core/m.h"
#include "core/runq.h"
#include "core/stw.h"
#include "core/timers.h"
#include "core/trace.h"

P *rt_pidle_get(void) {
    rt_assert_slow(!port_get_m() || !rt_trace_writing(port_get_m())); /* trace_check.c */
    P *p = rt_sched.pidle;
    if (p) {
        rt_sched.pidle = p->link;
        atomic_fetch_sub(&rt_sched.npidle, 1);
        rt_sim_wake_p(p);
        if (p->idle_since_ns >= 0 && load_relaxed(bool, &rt_stacks_are_left))
            rt_sched.idle_ns += rt_now() - p->idle_since_ns;
    }
    return p;
}

void rt_pidle_put(P *p) {
    rt_assert(rt_runq_empty(p) && !p->m);
    rt_run_safe_fn(p);
    p->idle_since_ns = load_relaxed(bool, &rt_stacks_are_left) ? rt_now() : -1;
    p->link = rt_sched.pidle;
    rt_sched.pidle = p;
    atomic_fetch_add(&rt_sched.npidle, 1);
}

/* Every M is idle, no timer is set (that counts) and nothing is expected of the host: nobody can ever make a
 * goroutine runnable. */
void rt_check_dead(void) {
    int64_t next = rt_timers_next(), horizon = rt_leak_horizon();
    if (rt_sched.nmidle + rt_sched.nmidlelocked < rt_sched.nm || next < horizon || rt_netpoll_expected() ||
        atomic_load(&rt_sched.exiting))
        return;
    if (atomic_load(&rt_sched.runq_n) > 0)
        rt_throw("checkdead: runnable goroutine with every M idle");
    rt_unlock(&rt_sched.lock);
    if (horizon != INT64_MAX)
        rt_leak_report(next == INT64_MAX);
    if (rt_sched.main_goexit && rt_g_count() == 0)
        rt_fatal("no goroutines (main called runtime.Goexit) - deadlock!");
    rt_fatal("all goroutines are asleep - deadlock!");
}

/* m takes over from an M that has a P and whose thread has not begun: a worker takes 20 to 60 ms to begin, several
 * times that on a busy machine (node 20, Chromium), and the P would stand still meanwhile. That M is idle then;
 * last in the list, since it cannot run. */
static bool stand_in(M *m) {
    M *late = rt_sched.starting;
    if (!late)
        return false;
    rt_sched.starting = late->link;
    m->nextp = late->nextp;
    m->spinning = late->spinning;
    atomic_store(&m->note, 1);
    late->nextp = NULL;
    late->spinning = false;
    M **at = &rt_sched.midle;
    while (*at)
        at = &(*at)->link;
    *at = late;
    late->link = NULL;
    late->idle = true;
    rt_sched.nmidle++;
    return true;
}

/* m, without a P, has nothing to do; rt_sched.lock is held. It may be given a P at once: rt_stopm looks. */
void rt_midle_put(M *m) {
    if (stand_in(m))
        return;
    m->idle = true;
    m->link = rt_sched.midle;
    rt_sched.midle = m;
    rt_sched.nmidle++;
    rt_check_dead();
}

/* Takes m off the idle list; false if it is not there. */
bool rt_midle_remove(M *m) {
    if (!m->idle)
        return false;
    M **at = &rt_sched.midle;
    while (*at != m)
        at = &(*at)->link;
    *at = m->link;
    rt_sched.nmidle--;
    m->idle = false;
    if (rt_sched.timer_sleeper == m) {
        rt_sched.timer_sleeper = NULL;
        atomic_store(&rt_sched.sleep_until, INT64_MAX);
    }
    return true;
}

/* Gives p to an idle M, or to a new one, and wakes it. spinning: the caller has counted it in nmspinning. Takes
 * rt_sched.lock. */
void rt_startm(P *p, bool spinning) {
    rt_lock(&rt_sched.lock, RANK_SCHED);
    M *m = rt_sched.midle;
    bool fresh = !m;
    if (fresh)
        m = rt_m_new(true);
    else
        rt_midle_remove(m);
    m->spinning = spinning;
    m->nextp = p;
    m->starting = (fresh || m->starting) && !rt_config.sim;
    if (m->starting) {
        m->link = rt_sched.starting;
        rt_sched.starting = m;
    }
    rt_unlock(&rt_sched.lock);
    rt_wake_m(m, fresh);
}

/* Each idle P that can have one of them is started; the others find theirs in the global queue. (injectglist) */
void rt_inject_glist(G *head) {
    G *tail = head;
    int n = 1;
    if (!head)
        return;
    for (; tail->next; tail = tail->next)
        n++;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    rt_globq_put_list(head, tail, n);
    P *with_work = NULL;
    for (P *p; n > 0 && (p = rt_pidle_get()) != NULL; n--) {
        p->link = with_work;
        with_work = p;
    }
    rt_unlock(&rt_sched.lock);
    while (with_work) {
        P *p = with_work;
        with_work = p->link;
        rt_startm(p, false);
    }
}
