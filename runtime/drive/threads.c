/* threads.c: the driver for real threads. Every M loops rt_schedule_once and sleeps on its note when it is idle.
 *
 * One idle M, rt_sched.timer_sleeper, sleeps no longer than until the next timer or the host's next answer. The
 * others sleep until they are given a P. While it expects answers it sleeps on the port's wake word instead of its
 * note (`watching`): the host knows that one place, and whoever wakes an M looks which of the two it is.
 */
#include "core/driver.h"
#include "core/exit.h"
#include "core/idle.h"
#include "core/proc.h"
#include "core/timers.h"
#include "drive/drive.h"
#include "drive/netpoll.h"
#include "drive/sysmon.h"

/* Takes the P that whoever woke m has chosen for it. False: there is none. */
static bool take_nextp(M *m) {
    rt_lock(&rt_sched.lock, RANK_SCHED);
    P *p = m->nextp;
    m->nextp = NULL;
    if (m->starting && p) {
        M **at = &rt_sched.starting;
        while (*at != m)
            at = &(*at)->link;
        *at = m->link;
    }
    m->starting = false;
    rt_unlock(&rt_sched.lock);
    if (!p)
        return false;
    m->locked_run = m->lockedg != NULL; /* nobody else gives it one */
    rt_acquirep(m, p);
    rt_sysmon_wake();
    return true;
}

/* Until when m should sleep: it becomes the timer sleeper if there is a timer or the host may answer, and no
 * sleeper. *watch: it is to wait for the host as well. */
static int64_t sleep_deadline(M *m, bool *watch) {
    int64_t when = INT64_MAX;
    *watch = false;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    if (m->idle && (!rt_sched.timer_sleeper || rt_sched.timer_sleeper == m)) {
        do { /* whoever sets a timer looks at sleep_until after it: one of us sees the other's, whatever else changes */
            when = rt_timers_next();
            atomic_store(&rt_sched.sleep_until, when);
        } while (rt_timers_next() < when);
        *watch = rt_netpoll_expected();
        /* It may have been m, for a timer that was stopped. */
        rt_sched.timer_sleeper = when == INT64_MAX && !*watch ? NULL : m;
    }
    rt_unlock(&rt_sched.lock);
    return when;
}

/* A timer is due or an answer has come and m sleeps for it: take an idle P. False if there is none. */
static bool take_idle_p(M *m) {
    rt_lock(&rt_sched.lock, RANK_SCHED);
    P *p = m->idle ? rt_pidle_get() : NULL;
    if (p)
        rt_midle_remove(m);
    rt_unlock(&rt_sched.lock);
    if (!p)
        return false;
    rt_acquirep(m, p);
    m->spinning = true; /* it looks at the timers of all Ps */
    atomic_fetch_add(&rt_sched.nmspinning, 1);
    rt_sysmon_wake();
    return true;
}

/* All Ps are busy: they look at the timers whenever they schedule. */
static void sleep_no_more_for_timers(M *m) {
    rt_lock(&rt_sched.lock, RANK_SCHED);
    if (rt_sched.timer_sleeper == m) {
        rt_sched.timer_sleeper = NULL;
        atomic_store(&rt_sched.sleep_until, INT64_MAX);
    }
    rt_unlock(&rt_sched.lock);
}

/* Sleeps until it is woken, or for `left` ns, or until the host answers. The order of the stores and loads here and in
 * rt_wake_m: either the waker sees that m watches, or m sees the note. */
static void watch_host(M *m, int64_t left) {
    _Atomic uint32_t *word = (void *)port_wake_word();
    uint32_t seen = atomic_load(word);
    atomic_store(&m->watching, true);
    if (atomic_load(&m->note) == 0 && !rt_netpoll_pending() && left != 0)
        port_futex_wait((uint32_t *)(void *)word, seen, left);
    atomic_store(&m->watching, false);
}

/* m is idle and has no P: sleeps until it has one. */
void rt_stopm(M *m) {
    bool for_timer = true;
    for (;;) {
        bool watch = false;
        int64_t when = for_timer ? sleep_deadline(m, &watch) : INT64_MAX;
        int64_t left = -1;
        if (when != INT64_MAX) {
            left = when - rt_now();
            if (left < 0)
                left = 0;
        }
        if (watch)
            watch_host(m, left);
        else if (atomic_load(&m->note) == 0 && left != 0)
            port_futex_wait((uint32_t *)(void *)&m->note, 0, left);
        if (atomic_load(&rt_sched.exiting))
            rt_stop_here();
        if (atomic_exchange(&m->note, 0)) {
            if (take_nextp(m))
                return;
            for_timer = true; /* an earlier timer has come */
        } else if (watch && rt_netpoll_pending()) {
            if (take_idle_p(m))
                return;
            rt_inject_glist(rt_netpoll(m)); /* to the global queue: all Ps are busy */
        } else if (when != INT64_MAX && rt_now() >= when) {
            if (take_idle_p(m))
                return;
            sleep_no_more_for_timers(m);
            for_timer = false;
        }
    }
}

static void rt_m_main(void *arg);

void rt_wake_m(M *m, bool fresh) {
    if (rt_config.sim)
        return; /* the driver sees nextp */
    if (fresh) {
        if (!port_thread_start(rt_m_main, m))
            rt_fatal("cannot start another worker for an M; run with fewer procs");
        return;
    }
    atomic_store(&m->note, 1);
    if (atomic_load(&m->watching)) {
        _Atomic uint32_t *word = (void *)port_wake_word();
        atomic_fetch_add(word, 1);
        port_futex_wake((uint32_t *)(void *)word, 1 << 30);
    }
    port_futex_wake((uint32_t *)(void *)&m->note, 1);
}

void rt_timer_earlier(int64_t when) {
    if (rt_config.sim)
        return; /* the driver asks rt_timers_next() */
    if (when < atomic_load(&rt_sched.sleep_until)) {
        rt_lock(&rt_sched.lock, RANK_SCHED);
        M *m = rt_sched.timer_sleeper;
        if (m)
            rt_wake_m(m, false);
        rt_unlock(&rt_sched.lock);
        if (!m)
            rt_wakep(); /* nobody sleeps for timers: one more M looks for work, finds none and becomes the sleeper */
    }
}

void rt_host_expected(void) {
    if (rt_config.sim)
        return;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    M *m = rt_sched.timer_sleeper;
    if (m && !atomic_load(&m->watching))
        rt_wake_m(m, false);
    rt_unlock(&rt_sched.lock);
}

/* Returns when m is over: its locked goroutine has ended. */
static void rt_m_loop(M *m) {
    for (;;) {
        if (rt_schedule_once(m))
            continue;
        if (m->over)
            return;
        rt_stopm(m);
    }
}

static void rt_m_main(void *arg) {
    M *m = arg;
    port_set_m(m);
    port_set_away(0);
    if (!take_nextp(m))
        rt_stopm(m); /* somebody else has taken over */
    rt_m_loop(m);
}

_Noreturn void rt_run_threads(void) {
    rt_sysmon_start();
    rt_m_loop(port_get_m());
    while (!atomic_load(&rt_sched.exiting)) /* the first thread is the host's: it ends with the program (mexit) */
        port_futex_wait((uint32_t *)(void *)&rt_sched.exiting, 0, -1);
    rt_stop_here();
}
