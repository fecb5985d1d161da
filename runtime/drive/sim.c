/* sim.c: the driver that simulates all Ms on one thread. Each P has a clock; the M whose P's clock is lowest takes
 * the next step, ties are broken by the seed: a conservative discrete-event simulation. The same scheduler runs as
 * with threads, so a seed shows real schedules.
 *
 *   virtual clock:  operations of the runtime cost fixed times plus a little by the seed, computation costs nothing.
 *                   Same program, arguments and seed: the same schedule and the same trace, byte for byte.
 *   measured clock: a slice costs the host time it took. Simulated time does not run ahead of the host's: when every P
 *                   is idle until some timer, the driver tells the host how long to wait.
 *
 * A goroutine made ready at time t on one P is not run before t on another: the P's clock is moved up to ready_ns.
 *
 * An M in a system call has a clock of its own from the moment it entered. The call itself runs at once, in the
 * host's way; then the goroutine stays on the M until the time that took has passed for the others too. What sysmon
 * does with threads happens here when its time has come: Ps are taken from system calls that last, slices that last
 * are cut short.
 */
#include "base/hooks.h"
#include "core/idle.h"
#include "core/leak.h"
#include "core/nullpage.h"
#include "core/preempt.h"
#include "core/proc.h"
#include "core/syscall.h"
#include "core/timers.h"
#include "core/trace.h"
#include "core/trace_samples.h"
#include "drive/drive.h"
#include "drive/netpoll.h"
#include "drive/schedtrace.h"
#include "drive/sim.h"

#define SLICE_COST 150 /* virtual ns of a switch, about what Go takes for Gosched (108) and the wake around it */

/* Virtual ns of reading the clock, as clock_gettime takes on Linux: a program that waits for a time by looking at
 * the clock gets there in about as many turns as on a real machine. */
#define READ_COST 50

#define SYSCALL_COST 1000 /* virtual ns of a short system call; up to as many times more by the seed */
#define SYSCALL_SPREAD 64
/* Virtual clock: host's time for which others do not go on while an answer is awaited */
#define PATIENCE_NS 1000000000

static int64_t others_ns;    /* lowest clock among the Ms that could be stepped instead of the one that is */
static int64_t idle_now;     /* time of the last step: what there is when no P runs */
static int64_t traced_until; /* time of the last generation */
static bool untold;          /* something has happened since */
static int64_t timer_time;   /* exploration: the timer that time went on to last */

/* Measured: simulated time is never ahead of the host's, and begins where that stands. */
void rt_sim_begin(void) {
    if (!rt_config.virtual_clock)
        idle_now = port_now_ns();
}

int64_t rt_sim_now(M *m) {
    P *p = m ? m->p : NULL;
    if (!p)
        return m && m->curg ? m->clock_ns : idle_now; /* in a system call: when it began, or is over */
    if (!rt_config.virtual_clock && m->curg)
        return p->clock_ns + (port_now_ns() - m->slice_ns);
    return p->clock_ns;
}

/* The time at which m can take its next step, INT64_MAX: it has nothing to do. */
static int64_t m_clock(M *m) {
    if (m->sim_note && atomic_load(m->sim_note) == 0)
        return INT64_MAX;
    P *p = m->p ? m->p : m->nextp;
    if (p)
        return p->clock_ns;
    return m->curg ? m->clock_ns : INT64_MAX;
}

/* The earliest time at which anything can still happen. */
int64_t rt_sim_floor(void) {
    int64_t ns = INT64_MAX;
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next) {
        int64_t at = m_clock(m);
        if (at < ns)
            ns = at;
    }
    return ns == INT64_MAX ? idle_now : ns;
}

/* Operations happen in the order of time: one that would run ahead of another P gives way to it. Its goroutine
 * switches out but stays running on its M (AFTER_GIVE_WAY); the driver steps the Ps that are behind and then comes
 * back. Without that a long slice would tell others of things that have not happened yet for them, and a generation
 * of the trace could not end at one time. */
static void give_way(M *m) {
    m->after = AFTER_GIVE_WAY;
    port_switch_out(&m->curg->ctx);
}

void rt_sim_charge(int64_t ns) {
    M *m = port_get_m();
    if (!m->p)
        return;
    if (rt_config.virtual_clock)
        m->p->clock_ns += ns;
    if (!port_get_g())
        return;
    if (rt_explore) {
        if (ns > 0) /* else nobody else can see it */
            give_way(m);
        return;
    }
    if (rt_choosing)
        m->p->clock_ns += rt_choose(CHOOSE_DELAY, 1);
    int64_t now = rt_sim_now(m);
    rt_sim_samples(m->p, now);
    if (rt_slice_is_over(m->p->slice_ns, now) || rt_choose(CHOOSE_PREEMPT, 2))
        rt_preempt_p(m->p);
    if (rt_sim_now(m) > others_ns)
        give_way(m);
}

/* A program reads the clock. In a system call the P is away: that call's own time goes on. */
int64_t rt_sim_clock(bool may_park) {
    M *m = port_get_m();
    G *g = port_get_g();
    /* Explored it takes none: each would be one more place to switch. */
    int64_t takes = rt_config.virtual_clock && !rt_explore ? READ_COST : 0;
    if (!m || !g)
        return m ? rt_sim_now(m) : rt_config.virtual_clock ? (idle_now += takes) : port_now_ns();
    if (!m->p) {
        m->syscall_takes += takes;
        int64_t ns = rt_config.virtual_clock ? 0 : port_now_ns() - m->slice_ns;
        return m->clock_ns + m->syscall_takes + ns;
    }
    if (may_park && takes)
        rt_attend(takes);
    else
        m->p->clock_ns += takes;
    return rt_sim_now(port_get_m());
}

/* ---- system calls, waiting as a thread ----------------------------------------------------------------------- */

void rt_sim_syscall_begin(M *m) {
    m->clock_ns = m->p->clock_ns = rt_sim_now(m);
    m->slice_ns = port_now_ns();
    m->syscall_takes = 0;
}

/* However long: not behind the end of time. */
void rt_sim_syscall_takes(int64_t ns) {
    M *m = port_get_m();
    int64_t left = TIMER_END - m->clock_ns - m->syscall_takes;
    m->syscall_takes += ns < left ? ns : left > 0 ? left : 0;
}

void rt_sim_syscall_end(M *m) {
    int64_t took = m->syscall_takes;
    if (!rt_config.virtual_clock)
        took += port_now_ns() - m->slice_ns;
    else if (took == 0)
        took = SYSCALL_COST * (1 + rt_rand(SYSCALL_SPREAD));
    m->clock_ns += took;
    give_way(m);
}

void rt_sim_syscall_over(M *m) {
    if (m->p->clock_ns < m->clock_ns)
        m->p->clock_ns = m->clock_ns;
    m->slice_ns = port_now_ns();
    rt_sim_samples_begin(m->p);
}

void rt_sim_wait(_Atomic uint32_t *note) {
    M *m = port_get_m();
    m->sim_note = note;
    if (atomic_load(note) == 0)
        give_way(m);
    m->sim_note = NULL;
    if (m->p->clock_ns < idle_now)
        m->p->clock_ns = idle_now;
}

/* The system call to be cut off next, and when. */
static P *next_retake(int64_t *due) {
    P *best = NULL;
    *due = INT64_MAX;
    for (int i = 0; i < rt_sched.procs; i++) {
        int64_t at = rt_retake_due(rt_sched.allp[i]);
        if (at < *due) {
            *due = at;
            best = rt_sched.allp[i];
        }
    }
    return best;
}

static void retake(P *p, int64_t now) {
    M *m = rt_sched.sysmon;
    port_set_m(m);
    if (idle_now < now)
        idle_now = now;
    p->clock_ns = now;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    bool ours = rt_retake_p(m, p);
    rt_unlock(&rt_sched.lock);
    if (ours)
        rt_handoff_p(p);
}

/* ---- slices -------------------------------------------------------------------------------------------------- */

/* The M goes on with the slice in which it gave way. */
void rt_sim_slice_resume(M *m) {
    if (!rt_config.virtual_clock)
        m->slice_ns = port_now_ns();
}

void rt_sim_slice_begin(M *m, G *g, bool inherit) {
    P *p = m->p;
    if (p->clock_ns < g->ready_ns)
        p->clock_ns = g->ready_ns;
    rt_sim_samples_begin(p);
    if (rt_config.virtual_clock)
        p->clock_ns += SLICE_COST + rt_rand(SLICE_COST);
    else
        m->slice_ns = port_now_ns();
    if (!inherit)
        p->slice_ns = p->clock_ns;
}

void rt_sim_slice_end(M *m) {
    if (!m->p)
        return; /* in a system call */
    if (!rt_config.virtual_clock) {
        int64_t now = port_now_ns();
        m->p->clock_ns += now - m->slice_ns;
        m->slice_ns = now; /* curg is still set: rt_sim_now must not count the slice twice */
    }
    idle_now = m->p->clock_ns;
    rt_sim_samples(m->p, idle_now);
}

/* p comes into use because of something that happens now: it cannot have been earlier. */
void rt_sim_wake_p(P *p) {
    if (!rt_config.sim)
        return;
    M *m = port_get_m();
    int64_t now = m ? rt_sim_now(m) : idle_now;
    if (p->clock_ns < now)
        p->clock_ns = now;
    if (p->clock_ns < others_ns)
        others_ns = p->clock_ns;
}

/* The M to step next: lowest clock among those that have something to do. Sets others_ns. */
static M *pick(void) {
    M *best = NULL;
    int64_t best_ns = INT64_MAX;
    uint32_t ties = 0;
    others_ns = INT64_MAX;
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next) {
        int64_t ns = m_clock(m);
        if (ns == INT64_MAX)
            continue;
        if (best && ns == best_ns) {
            others_ns = ns;
            if (rt_rand(++ties) == 0)
                best = m;
        } else if (ns < best_ns) {
            others_ns = best_ns;
            best = m;
            best_ns = ns;
            ties = 1;
        } else if (ns < others_ns) {
            others_ns = ns;
        }
    }
    return best;
}

/* An idle P has waited for the timer at `when`. */
static void start_for_timer(int64_t when) {
    if (idle_now < when)
        idle_now = when;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    P *p = rt_pidle_get();
    rt_unlock(&rt_sched.lock);
    if (p->clock_ns < when)
        p->clock_ns = when;
    atomic_fetch_add(&rt_sched.nmspinning, 1);
    rt_startm(p, true); /* it looks at the timers of all Ps */
}

/* Every P is idle: moves time to the next timer, or says how long the host should wait first; INT64_MAX: until it
 * has answered. */
static int64_t skip_to_timer(void) {
    int64_t when = rt_timers_next();
    if (when == INT64_MAX) {
        rt_assert(rt_netpoll_expected()); /* rt_check_dead would have reported the deadlock */
        return INT64_MAX;
    }
    if (!rt_config.virtual_clock) {
        int64_t wait = when - port_now_ns();
        if (wait > 0)
            return wait;
    }
    start_for_timer(when);
    return 0;
}

/* When anything but an answer can happen, INT64_MAX: nothing. */
static int64_t next_event(void) {
    int64_t ns = rt_timers_next();
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        if (m_clock(m) < ns)
            ns = m_clock(m);
    return ns;
}

/* Stands still until the host has given that answer, for PATIENCE_NS of its time if others could go on. Returns how
 * long the host should wait for it, 0: go on. Nothing is chosen at random meanwhile: how often we come here depends
 * on the host. */
static int64_t await_answer(void) {
    static int64_t since; /* the host's time; 0: does not stand still */
    int64_t due = rt_netpoll_due(), now = port_now_ns();
    if (since == 0)
        since = now;
    port_set_m(rt_sched.sysmon);
    bool taken = rt_netpoll_take_due();
    while (!taken && rt_netpoll_pending()) /* there was more than the port's ring holds */
        taken = rt_netpoll_take_due();
    if (taken && idle_now < due)
        idle_now = due;
    rt_inject_glist(rt_netpoll(rt_sched.sysmon)); /* also what has no order, and calls */
    int64_t next = next_event();
    if (!taken && next >= due) {
        if (now - since < PATIENCE_NS)
            return PATIENCE_NS - (now - since);
        if (next == INT64_MAX && !rt_netpoll_due_others())
            return INT64_MAX;
        rt_netpoll_no_order();
        rt_inject_glist(rt_netpoll(rt_sched.sysmon));
    }
    since = 0;
    return 0;
}

/* Takes what the host has answered, as sysmon would, unless that is answered in its order. m: who is next. True:
 * look again who that is. */
static bool poll_host(M *m) {
    if (!rt_netpoll_pending() || rt_netpoll_due() != INT64_MAX)
        return false;
    int64_t now = port_now_ns();
    if (!m && !rt_config.virtual_clock && idle_now < now)
        idle_now = now; /* everybody has waited for it */
    port_set_m(rt_sched.sysmon);
    rt_inject_glist(rt_netpoll(rt_sched.sysmon));
    return true;
}

/* ---- exploration --------------------------------------------------------------------------------------------- */

/* It is now `when` everywhere. An idle P sees to the timer; the others do when they schedule. */
static void move_time(int64_t when) {
    timer_time = when;
    for (int i = 0; i < rt_sched.procs; i++)
        if (rt_sched.allp[i]->clock_ns < when)
            rt_sched.allp[i]->clock_ns = when;
    if (idle_now < when)
        idle_now = when;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    P *p = rt_pidle_get();
    rt_unlock(&rt_sched.lock);
    if (p)
        rt_startm(p, false);
}

#define MOST_STEPPING 64
#define MOST_MOVES 6 /* of time while anybody can take a step: a ticker would have it go on for ever */

/* All Ms that can take a step, `last` first. With EXPLORE_GOROUTINES one without a goroutine goes before all
 * others, alone: what it does until it has one, or none, is for nobody to see. */
static uint32_t stepping(M **can, M *last) {
    uint32_t n = 0;
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next) {
        if (m_clock(m) == INT64_MAX)
            continue;
        if (!m->curg && rt_explore == EXPLORE_GOROUTINES) {
            can[0] = m;
            return 1;
        }
        rt_assert(n < MOST_STEPPING);
        can[n++] = m;
        if (m == last) {
            can[n - 1] = can[0];
            can[0] = m;
        }
    }
    return n;
}

/* The M to step next is any that can; and at any point time may go on to the next timer, and a P be taken from a
 * system call: nobody knows how long things take. */
static M *pick_any(void) {
    static M *last;
    static uint32_t moves;
    others_ns = INT64_MIN;
    for (;;) {
        M *can[MOST_STEPPING];
        uint32_t n = stepping(can, last);
        if (n == 1 && !can[0]->curg)
            return can[0];
        int64_t due;
        P *late = next_retake(&due);
        bool timer = rt_timers_next() != INT64_MAX && rt_timers_next() > timer_time && (n == 0 || moves < MOST_MOVES);
        if (n + timer + (late != NULL) == 0)
            return NULL;
        bool goes_on = n > 0 && can[0] == last && last->curg;
        uint32_t i = rt_choose(goes_on ? CHOOSE_SWITCH : CHOOSE_STEP, n + timer + (late != NULL));
        if (i < n)
            return last = can[i];
        port_set_m(rt_sched.sysmon);
        if (timer && i == n) {
            moves++;
            move_time(rt_timers_next());
        } else {
            retake(late, due);
        }
    }
}

/* Every so many steps, not after a time: what is reported shall depend on the seed alone. */
static void check_null_page(void) {
    static uint32_t steps;
    if (++steps % 128 == 0)
        rt_null_page_check(", noticed while the program ran", NULL);
}

/* ---- the driver ---------------------------------------------------------------------------------------------- */

/* Begins a new generation every rt_trace_period() ns of the clock that its reader lives by. */
static void turn_trace(M *m) {
    if (!rt_trace_enabled)
        return;
    int64_t now = rt_config.virtual_clock ? idle_now : port_now_ns();
    if (now - traced_until >= rt_trace_period()) {
        traced_until = now;
        untold = false;
        rt_trace_tick(m);
    }
}

/* Nothing is to be done for `wait` ns: how long the driver should really sleep. What has been traced shall be seen
 * meanwhile. */
static int64_t sleep_for(int64_t wait) {
    turn_trace(port_get_m());
    if (!rt_trace_enabled || !untold || rt_config.virtual_clock)
        return wait;
    int64_t left = traced_until + rt_trace_period() - port_now_ns();
    return left < wait ? (left > 1 ? left : 1) : wait;
}

int64_t rt_sim_step(int64_t budget_ns) {
    int64_t begin = port_now_ns();
    for (uint32_t n = 0;; n++) {
        if (rt_netpoll_due() != INT64_MAX && rt_netpoll_due() <= next_event()) {
            int64_t wait = await_answer();
            if (wait > 0)
                return wait;
        }
        if (rt_choosing && !rt_explore && port_get_m() && rt_choose(CHOOSE_WAKE, 2))
            rt_wakep();
        M *m = rt_explore ? pick_any() : pick();
        if (poll_host(m))
            continue;
        int64_t due = INT64_MAX;
        P *late = rt_explore ? NULL : next_retake(&due);
        if (late && (!m || due <= m_clock(m))) {
            retake(late, due);
            continue;
        }
        if (due < others_ns)
            others_ns = due;
        if (m && !rt_explore && atomic_load(&rt_sched.npidle) > 0 && rt_timers_next() < m_clock(m)) {
            port_set_m(rt_sched.sysmon);
            start_for_timer(rt_timers_next());
            continue;
        }
        if (!m) {
            int64_t wait = skip_to_timer();
            if (wait > 0)
                return sleep_for(wait);
            continue;
        }
        untold = true;
        port_set_m(m);
        P *p = m->p;
        if (!p && m->nextp) {
            p = m->nextp;
            m->nextp = NULL;
            m->locked_run = m->lockedg != NULL;
            if (p->clock_ns < m->clock_ns)
                p->clock_ns = m->clock_ns;
            rt_acquirep(m, p);
        }
        if (!p && idle_now < m->clock_ns)
            idle_now = m->clock_ns; /* coming out of a system call */
        atomic_store_explicit(&rt_sched.coarse_ns, p ? p->clock_ns : m->clock_ns, memory_order_relaxed);
        if (!rt_schedule_once(m) && p && !m->curg)
            m->clock_ns = p->clock_ns;
        if (__builtin_expect(rt_config.check, 0))
            rt_check_step();
        turn_trace(m);
        check_null_page();
        rt_leak_tick(idle_now);
        rt_schedtrace_tick(idle_now);
        if (budget_ns == 0) /* just one decision of the scheduler */
            return 0;
        if (n % 16 == 15 && port_now_ns() - begin >= budget_ns)
            return 0;
        if (!rt_config.virtual_clock && port_now_ns() - begin >= budget_ns)
            return 0;
    }
}
