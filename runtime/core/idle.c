/* idle.c: Ps and Ms with nothing to do, waking them, and noticing that nothing will ever happen again. Caller holds
 * sched.lock unless said otherwise. (pidleget, mput, startm, checkdead of Go's proc.go) */
#include "core/driver.h"
#include "core/goroutine.h"
#include "core/idle.h"
#include "core/leak.h"
#include "core/m.h"
#include "core/runq.h"
#include "core/stw.h"
#include "core/timers.h"

P *pidle_get(void) {
    P *p = sched.pidle;
    if (p) {
        sched.pidle = p->link;
        atomic_fetch_sub(&sched.npidle, 1);
        sim_wake_p(p);
    }
    return p;
}

void pidle_put(P *p) {
    rt_assert(runq_empty(p) && !p->m);
    rt_run_safe_fn(p);
    p->link = sched.pidle;
    sched.pidle = p;
    atomic_fetch_add(&sched.npidle, 1);
}

/* Every M is idle, no timer is set (that counts) and nothing is expected of the host: nobody can ever make a goroutine runnable. */
void check_dead(void) {
    int64_t next = timers_next(), horizon = leak_horizon();
    if (sched.nmidle + sched.nmidlelocked < sched.nm || next < horizon || netpoll_expected() ||
        atomic_load(&sched.exiting))
        return;
    if (atomic_load(&sched.runq_n) > 0)
        rt_throw("checkdead: runnable goroutine with every M idle");
    rt_unlock(&sched.lock);
    if (horizon != INT64_MAX)
        leak_report(next == INT64_MAX);
    if (sched.main_goexit && g_count() == 0)
        rt_fatal("no goroutines (main called runtime.Goexit) - deadlock!");
    rt_fatal("all goroutines are asleep - deadlock!");
}

/* m takes over from an M that has a P and whose thread has not begun: a worker takes 20 to 60 ms to begin, several times that on a busy
 * machine (node 20, Chromium), and the P would stand still meanwhile. That M is idle then; last in the list, since it cannot run. */
static bool stand_in(M *m) {
    M *late = sched.starting;
    if (!late)
        return false;
    sched.starting = late->link;
    m->nextp = late->nextp;
    m->spinning = late->spinning;
    atomic_store(&m->note, 1);
    late->nextp = NULL;
    late->spinning = false;
    M **at = &sched.midle;
    while (*at)
        at = &(*at)->link;
    *at = late;
    late->link = NULL;
    late->idle = true;
    sched.nmidle++;
    return true;
}

/* m, without a P, has nothing to do; sched.lock is held. It may be given a P at once: stopm looks. */
void midle_put(M *m) {
    if (stand_in(m))
        return;
    m->idle = true;
    m->link = sched.midle;
    sched.midle = m;
    sched.nmidle++;
    check_dead();
}

/* Takes m off the idle list; false if it is not there. */
bool midle_remove(M *m) {
    if (!m->idle)
        return false;
    M **at = &sched.midle;
    while (*at != m)
        at = &(*at)->link;
    *at = m->link;
    sched.nmidle--;
    m->idle = false;
    if (sched.timer_sleeper == m) {
        sched.timer_sleeper = NULL;
        atomic_store(&sched.sleep_until, INT64_MAX);
    }
    return true;
}

/* Gives p to an idle M, or to a new one, and wakes it. spinning: the caller has counted it in nmspinning. Takes sched.lock. */
void startm(P *p, bool spinning) {
    rt_lock(&sched.lock, RANK_SCHED);
    M *m = sched.midle;
    bool fresh = !m;
    if (fresh)
        m = m_new(true);
    else
        midle_remove(m);
    m->spinning = spinning;
    m->nextp = p;
    m->starting = (fresh || m->starting) && !rt_config.sim;
    if (m->starting) {
        m->link = sched.starting;
        sched.starting = m;
    }
    rt_unlock(&sched.lock);
    wake_m(m, fresh);
}

/* Each idle P that can have one of them is started; the others find theirs in the global queue. (injectglist) */
void inject_glist(G *head) {
    G *tail = head;
    int n = 1;
    if (!head)
        return;
    for (; tail->next; tail = tail->next)
        n++;
    rt_lock(&sched.lock, RANK_SCHED);
    globq_put_list(head, tail, n);
    P *with_work = NULL;
    for (P *p; n > 0 && (p = pidle_get()) != NULL; n--) {
        p->link = with_work;
        with_work = p;
    }
    rt_unlock(&sched.lock);
    while (with_work) {
        P *p = with_work;
        with_work = p->link;
        startm(p, false);
    }
}
