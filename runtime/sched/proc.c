/* proc.c: the heart of the scheduler: find a runnable goroutine, run it, see to what it wanted when it left.
 *
 *   rt_schedule_once ─► find_runnable ─► execute ─► port_switch_in ═► goroutine … park / yield_now / exit
 *        ▲                                                             │ port_switch_out
 *        └──────── after_park, after_yield, after_exit, on the M's own stack ◄═══╝
 *
 * Mirrors schedule, findRunnable, execute, gopark, goready, Gosched, goexit of Go's proc.go. Where we differ:
 *  - gr_yield puts the goroutine at the end of its P's own queue (Go: the global one): no lock, and the local queue is
 *    looked at in order, so it is as fair to this P's goroutines.
 *  - A goroutine is preempted at operations of the runtime only, or where the compiler was asked to put preemption points.
 *
 * A slice begins when a goroutine is taken from a queue and goes on through runnext (inherit): goroutines that hand values back
 * and forth share one. After SLICE_NS its P's `preempt` is set (sysmon; in sim by the P's clock).
 */
#include "../trace/trace.h"
#include "choose.h"
#include "coro.h"
#include "proc.h"

#define GLOBAL_EVERY 61 /* as Go: a slice in 61 looks at the global queue first, so that it cannot starve */
#define STEAL_ROUNDS 4  /* as Go: passes over all Ps before an M gives up */

Sched sched;
_Atomic uint32_t rt_attention;

/* ---- leaving a goroutine -------------------------------------------------------------------------------------------- */

/* The G is off its M from here on. Within trace_acquire. */
void dropg(M *m, G *g) {
    g->m = NULL;
    m->curg = NULL;
}

static void after_park(M *m, G *g) {
    g->reason = m->reason;
    g->site = m->site;
    g->wait_on = m->unlock_arg;
    bool t = trace_acquire(m);
    set_gstate(g, G_WAITING);
    dropg(m, g);
    if (t) {
        trace_go_block(m, g);
        trace_release(m);
    }
    bool (*unlockf)(G *, void *) = m->unlockf;
    if (!unlockf || unlockf(g, m->unlock_arg))
        return; /* from here on somebody else may be running g */
    ready(g, true, NULL);
}

bool unlock_mutex_parked(G *g, void *lock) {
    (void)g;
    rt_unlock(lock);
    return true;
}

static void after_yield(M *m, G *g) {
    g->site = m->site;
    bool t = trace_acquire(m);
    set_gstate(g, G_RUNNABLE);
    dropg(m, g);
    if (t) {
        trace_go_stop(m, g, TRACE_STOP_GOSCHED);
        trace_release(m);
    }
    if (rt_config.sim)
        g->ready_ns = sim_now(m);
    if (sched.procs > 1 && !runq_empty(m->p))
        wakep(); /* one of the two can run elsewhere; alone, g is about to run here again */
    runq_put(m->p, g, false);
}

void yield_now(gr_site *site) {
    M *m = port_get_m();
    m->site = site;
    m->after = AFTER_YIELD;
    port_switch_out(&m->curg->ctx);
}

/* Preempted: to the end of the global queue, so that every other goroutine has its turn first. (gopreempt_m) */
static void after_preempt(M *m, G *g) {
    P *p = m->p;
    bool t = trace_acquire(m);
    set_gstate(g, G_RUNNABLE);
    dropg(m, g);
    if (t) {
        trace_go_stop(m, g, TRACE_STOP_PREEMPTED);
        trace_release(m);
    }
    if (rt_config.sim)
        g->ready_ns = sim_now(m);
    store_relaxed(bool, &p->preempt, false);
    atomic_fetch_add_explicit(&sched.npreempt, 1, memory_order_relaxed);
    rt_lock(&sched.lock, RANK_SCHED);
    globq_put_list(g, g, 1);
    preempt_no_more();
    rt_unlock(&sched.lock);
    if (!load_relaxed(bool, &sched.stopping))
        wakep();
}

/* On the goroutine's stack, at a safe point: what attention asks of it. */
void rt_attend(int64_t ns) {
    if (rt_config.sim)
        sim_charge(ns);
    G *g = port_get_g();
    if (!g)
        return;
    if (load_relaxed(struct Suspend *, &g->suspend))
        suspend_here(g);
    M *m = port_get_m();
    if (!m->p)
        rt_throw("a function of the runtime was called between gr_entersyscall and gr_exitsyscall");
    bool stop = load_relaxed(bool, &m->p->preempt) || load_relaxed(bool, &sched.stopping);
    if (!stop || g->stw)
        return;
    m->after = AFTER_PREEMPT;
    port_switch_out(&g->ctx);
    if (atomic_load_explicit(&g->suspend,
                             memory_order_relaxed)) /* wished while it stood here: this may be its last safe point */
        suspend_here(g);
}

static void after_exit(M *m, G *g) {
    output_flush_g(g);
    bool t = trace_acquire(m);
    set_gstate(g, G_DEAD);
    dropg(m, g);
    if (t) {
        trace_go_destroy(m, g);
        trace_release(m);
    }
    if (__builtin_expect(m->extra == g, 0)) {
        after_callback_exit(m);
        return;
    }
    if (g->lockedm) { /* (mexit) */
        g->lockedm = NULL;
        m->lockedg = NULL;
        m->over = g->locks > 0;
        g->locks = 0;
    }
    g_free(m->p, g);
    if (__builtin_expect(m->over, 0))
        end_m(m);
}

_Noreturn void goroutine_exit(void) {
    G *g = port_get_g();
    if (load_relaxed(struct Suspend *, &g->suspend))
        suspend_here(g); /* wished while it stood in a queue, at what was its last safe point */
    M *m = port_get_m();
    m->after = AFTER_EXIT;
    port_switch_exit(&g->ctx);
}

void ready(G *g, bool next, gr_site *site) {
    M *m = port_get_m();
    rt_assert(m->p && gstate(g) == G_WAITING);
    bool t = trace_acquire(m);
    set_gstate(g, G_RUNNABLE);
    if (t) {
        trace_go_unblock(m, g, site);
        trace_release(m);
    }
    if (rt_config.sim)
        g->ready_ns = sim_now(m);
    runq_put(m->p, g, next && !rt_choose(CHOOSE_TAIL, 2));
    wakep();
}

void spawn(void (*fn)(void *), void *arg, size_t stack_bytes, const char *name, gr_site *site) {
    M *m = port_get_m();
    rt_assert(m->p);
    G *g = spawn_g(m, fn, arg, stack_bytes, name, site, false);
    if (rt_config.sim)
        g->ready_ns = sim_now(m);
    runq_put(m->p, g, !rt_choose(CHOOSE_TAIL, 2));
    wakep();
}

/* ---- Ps ------------------------------------------------------------------------------------------------------------- */

void wirep(M *m, P *p) {
    rt_assert(!m->p && !p->m);
    m->p = p;
    p->m = m;
    atomic_store_explicit(&p->status, P_RUNNING, memory_order_relaxed);
}

P *unwirep(M *m) {
    P *p = m->p;
    rt_assert(p && p->m == m);
    p->m = NULL;
    m->p = NULL;
    atomic_store_explicit(&p->status, P_IDLE, memory_order_release); /* for_each_p goes by it */
    return p;
}

void acquirep(M *m, P *p) {
    bool t = trace_acquire(m);
    wirep(m, p);
    if (t) {
        trace_proc_start(m, p);
        trace_release(m);
    }
}

void releasep(M *m) {
    bool t = trace_acquire(m);
    P *p = unwirep(m);
    if (t) {
        trace_proc_stop(m, p);
        trace_release(m);
    }
}

/* There is new work: if a P is idle and nobody is looking for work already, one more M starts looking. The fence pairs with
 * the one in give_up: either we see the idle P, or its M sees the work. */
void wakep(void) {
    if (sched.procs == 1)
        return; /* we have the only P */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load(&sched.npidle) == 0 || atomic_load(&sched.nmspinning) != 0)
        return;
    int none = 0;
    if (!atomic_compare_exchange_strong(&sched.nmspinning, &none, 1))
        return;
    rt_lock(&sched.lock, RANK_SCHED);
    P *p = pidle_get();
    rt_unlock(&sched.lock);
    if (!p) {
        atomic_fetch_sub(&sched.nmspinning, 1);
        return;
    }
    startm(p, true);
}

/* ---- finding work --------------------------------------------------------------------------------------------------- */

/* Fires what is due of p's timers, which may be another's than this M's; whether any was. */
static bool run_timers(P *p) {
    int64_t when = timers_next_of(p);
    if (when == TIMER_NEVER)
        return false;
    int64_t now = rt_now();
    return when <= now && rt_timers_run(p, now) > 0;
}

static G *from_global(P *p, int max) {
    if (load_relaxed(int, &sched.runq_n) == 0)
        return NULL;
    rt_lock(&sched.lock, RANK_SCHED);
    G *g = globq_get(p, max);
    rt_unlock(&sched.lock);
    return g;
}

/* What the host has answered: one to run, the others to the idle Ps and the global queue. */
static G *from_host(M *m) {
    if (!netpoll_pending())
        return NULL;
    G *g = netpoll(m);
    if (g) {
        inject_glist(g->next);
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
    uint32_t n = (uint32_t)atomic_load_explicit(&sched.procs, memory_order_relaxed);
    for (int round = 0; round < STEAL_ROUNDS; round++) {
        uint32_t at = rt_rand(n), step = random_step(n);
        for (uint32_t i = 0; i < n; i++, at = (at + step) % n) {
            P *from = sched.allp[at];
            if (from == p)
                continue;
            bool last = round == STEAL_ROUNDS - 1;
            G *g = last && run_timers(from) ? runq_get(p, &m->inherit) : NULL;
            m->inherit = false;
            if (!g)
                g = runq_steal(p, from, last);
            if (g)
                return g;
        }
    }
    return NULL;
}

static bool calls_wait(void) { return load_relaxed(uint32_t, &rt_attention) & ATTEND_CALL; }

bool work_anywhere(void) {
    if (atomic_load(&sched.runq_n) > 0)
        return true;
    for (int i = 0; i < sched.procs; i++)
        if (!runq_empty(sched.allp[i]))
            return true;
    return false;
}

static void stop_spinning(M *m) {
    m->spinning = false;
    int before = atomic_fetch_sub(&sched.nmspinning, 1);
    rt_assert(before > 0);
}

/* Nothing found: hand in the P and go idle. Returns true if work turned up meanwhile (the M has a P again). Order matters, as
 * in findRunnable: first the P becomes idle (visible to wakep), then a spinning M stops spinning, then it looks once more. */
static bool give_up(M *m) {
    P *p = m->p;
    releasep(m);
    rt_lock(&sched.lock, RANK_SCHED);
    bool stopping = load_relaxed(bool, &sched.stopping);
    if (stopping)
        stop_p(p);
    else
        pidle_put(p);
    rt_unlock(&sched.lock);
    bool was_spinning = m->spinning;
    if (was_spinning)
        stop_spinning(m);
    atomic_thread_fence(memory_order_seq_cst);
    rt_lock(&sched.lock, RANK_SCHED);
    /* Also if the world was being stopped: it may have been started again before we stopped spinning, and then nobody was woken.
     * A call from outside that found no idle P may have come while we had ours. */
    if ((was_spinning ? work_anywhere() : atomic_load(&sched.runq_n) > 0) || calls_wait()) {
        p = pidle_get();
        if (p) {
            rt_unlock(&sched.lock);
            acquirep(m, p);
            if (was_spinning) {
                m->spinning = true;
                atomic_fetch_add(&sched.nmspinning, 1);
            }
            return true;
        }
    }
    midle_put(m);
    rt_unlock(&sched.lock);
    return false;
}

/* The next goroutine for m, which has a P; NULL when there is none: m is then idle and has no P. Sets m->inherit. */
static G *find_runnable(M *m) {
    for (;;) {
        if (load_relaxed(bool, &sched.stopping)) {
            stop_here(m);
            return NULL;
        }
        P *p = m->p;
        bool fired = run_timers(p);
        m->inherit = false;
        G *g = NULL;
        if (load_relaxed(uint32_t, &p->schedtick) % GLOBAL_EVERY == 0)
            g = from_global(p, 1);
        if (!g)
            g = runq_get(p, &m->inherit);
        if (fired) /* a timer's function has no slice to hand on: else a row of them would never end theirs */
            m->inherit = false;
        if (!g)
            g = from_global(p, 0);
        if (!g)
            g = from_host(m);
        if (g)
            return g;
        if (fired)
            continue;
        if (calls_wait()) {
            start_waiting_calls();
            continue;
        }
        /* Look at other Ps unless half of the busy ones do so already: more would only heat the machine. */
        if (sched.procs > 1 &&
            (m->spinning || 2 * atomic_load(&sched.nmspinning) < sched.procs - atomic_load(&sched.npidle))) {
            if (!m->spinning) {
                m->spinning = true;
                atomic_fetch_add(&sched.nmspinning, 1);
            }
            g = steal_work(m);
            if (g)
                return g;
        }
        rt_charge(100);
        if (!give_up(m))
            return NULL;
    }
}

/* ---- running -------------------------------------------------------------------------------------------------------- */

/* Whether anything is left for g to do at its end (defer.c); nearly always not. */
static bool has_to_end(G *g) {
    return g->base.defers || g->scope || g->panic || g->kept || g->coro || g->goid == 1 ||
           load_relaxed(struct Suspend *, &g->suspend);
}

/* Where every goroutine but a coroutine's begins, on its own stack. By returning it is over, without the unwinding that
 * goroutine_exit takes. */
static void goroutine_entry(void) {
    G *g = port_get_g();
    g->fn(g->arg);
    if (has_to_end(port_get_g())) /* again: a local would be stored and loaded at every switch */
        goroutine_end();
    port_get_m()->after = AFTER_EXIT;
}

static void run_until_out(G *g) {
    port_set_g(g);
    port_switch_in(&g->ctx, g->coro ? g->coro->entry : goroutine_entry);
}

/* Runs g, which is m's, until it switches out, and sees to what it wanted. Meanwhile coroutines may take its place, here or nested in
 * it (coro.c): who comes out is m->curg. */
static void rt_run_slice(M *m, G *g) {
    run_until_out(g);
    while (m->after >= AFTER_SWITCH)
        run_until_out(coro_switch_m(m, m->curg));
    g = m->curg;
    port_set_g(NULL);
    if (rt_config.sim)
        sim_slice_end(m);
    if (m->after == AFTER_PARK)
        after_park(m, g);
    else if (m->after == AFTER_YIELD)
        after_yield(m, g);
    else if (m->after == AFTER_EXIT)
        after_exit(m, g);
    else if (m->after == AFTER_PREEMPT)
        after_preempt(m, g);
    else if (m->after == AFTER_SYSCALL)
        after_syscall(m, g);
    else if (m->after == AFTER_CALLBACK)
        after_callback(m, g);
}

/* An extra M begins with its goroutine in a system call. True: m has a P now. */
bool rt_run_first(M *m, G *g) {
    rt_run_slice(m, g);
    return m->p != NULL;
}

static void execute(M *m, G *g) {
    P *p = m->p;
    if (!m->inherit) {
        store_relaxed(uint32_t, &p->schedtick, load_relaxed(uint32_t, &p->schedtick) + 1);
        store_relaxed(bool, &p->preempt, false);
    }
    if (rt_config.sim)
        sim_slice_begin(m, g, m->inherit);
    rt_assert_slow(gstate(g) == G_RUNNABLE);
    bool t = trace_acquire(m);
    m->curg = g;
    g->m = m;
    set_gstate(g, G_RUNNING);
    if (t) {
        trace_go_start(m, g);
        trace_release(m);
    }
    if (rt_explore && g->ctx.suspended)
        return; /* when it goes on is a choice; the driver comes back */
    rt_run_slice(m, g);
}

/* What attention asks between two slices. False: m has done its step. */
static bool attend_between(M *m) {
    if (load_relaxed(uint32_t, &sched.exiting))
        rt_stop_here();
    if (load_relaxed(bool, &trace_want_advance))
        trace_advance(m);
    if (m->curg) { /* sim: held back in the middle of its slice, or in a system call */
        sim_slice_resume(m);
        rt_run_slice(m, m->curg);
        return false;
    }
    if (m->p && atomic_load_explicit(&m->p->safe_fn, memory_order_relaxed)) {
        rt_lock(&sched.lock, RANK_SCHED);
        rt_run_safe_fn(m->p);
        rt_unlock(&sched.lock);
    }
    if (m->p && calls_wait())
        start_waiting_calls();
    if (m->p && load_relaxed(bool, &sched.stopping)) {
        stop_here(m);
        return false;
    }
    return true;
}

/* Runs at most one slice of one goroutine on m, which has a P (sim: or is in a system call). False: m has no P now: it is
 * idle, or waits for its locked goroutine, or is over. */
bool rt_schedule_once(M *m) {
    if (load_relaxed(uint32_t, &rt_attention) && !attend_between(m))
        return m->p != NULL;
    G *g;
    if (__builtin_expect(m->lockedg != NULL, 0)) {
        if (!m->locked_run) {
            stop_locked_m(m);
            return false;
        }
        m->locked_run = false;
        m->inherit = false;
        g = m->lockedg;
    } else {
        g = find_runnable(m);
        if (!g)
            return false;
    }
    if (m->spinning) {
        stop_spinning(m);
        wakep(); /* there may be more where this came from; nobody was woken for it while we were looking */
    }
    if (__builtin_expect(g->lockedm != NULL && g->lockedm != m, 0)) {
        start_locked_m(m, g);
        return false;
    }
    execute(m, g);
    return m->p != NULL;
}

/* ---- the public calls that are only scheduling ----------------------------------------------------------------------- */

void gr_yield_at(gr_site *site) {
    rt_charge(50);
    yield_now(site);
}

void gr_go_at(void (*fn)(void *), void *arg, size_t stack_bytes, const char *name, gr_site *site) {
    rt_charge(rt_explore ? 0 : 100); /* exploration: when the new goroutine begins is a choice, that is enough */
    if (!fn)
        rt_fatal_at("go of nil func value", site);
    spawn(fn, arg, stack_bytes, name, site);
}

gr_sched_stats gr_read_sched_stats(void) {
    return (gr_sched_stats){
        .preempted = atomic_load(&sched.npreempt),
        .retaken = atomic_load(&sched.nretake),
        .stops = atomic_load(&sched.nstw),
        .stopped_ns = (int64_t)atomic_load(&sched.stw_ns),
    };
}

uint64_t gr_goid(void) { return port_get_g()->goid; }

int gr_numgoroutine(void) { return (int)g_count(); }
