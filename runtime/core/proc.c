/* proc.c: the heart of the scheduler: run a goroutine, see to what it wanted when it left, take the next (find.c).
 *
 *   rt_schedule_once ─► rt_find_runnable ─► execute ─► port_switch_in ═► goroutine … park / rt_yield_now / exit
 *        ▲                                                             │ port_switch_out
 *        └──────── after_park, after_yield, after_exit, on the M's own stack ◄═══╝
 *
 * Mirrors schedule, findRunnable, execute, gopark, goready, Gosched, goexit of Go's proc.go. Where we differ:
 *  - gr_yield puts the goroutine at the end of its P's own queue (Go: the global one): no lock, and the local queue is
 *    looked at in order, so it is as fair to this P's goroutines.
 *  - A goroutine is preempted at operations of the runtime only, or where the compiler was asked to put preemption
 *    points.
 *
 * A slice begins when a goroutine is taken from a queue and goes on through runnext (inherit): goroutines that hand
 * values back and forth share one. After SLICE_NS its P's `preempt` is set (sysmon; in sim by the P's clock).
 */
#include "base/hooks.h"
#include "core/coro.h"
#include "core/driver.h"
#include "core/exit.h"
#include "core/extram.h"
#include "core/find.h"
#include "core/gcwork.h"
#include "core/goroutine.h"
#include "core/idle.h"
#include "core/leave.h"
#include "core/lockm.h"
#include "core/nullpage.h"
#include "core/preempt.h"
#include "core/proc.h"
#include "core/runq.h"
#include "core/stw.h"
#include "core/syscall.h"
#include "core/trace.h"
#include "core/trace_samples.h"

Sched rt_sched;

/* ---- leaving a goroutine ------------------------------------------------------------------------------------- */

/* The G is off its M from here on. Within rt_trace_acquire. */
void rt_dropg(M *m, G *g) {
    g->m = NULL;
    m->curg = NULL;
}

static void after_park(M *m, G *g) {
    g->reason = m->reason;
    g->site = m->site;
    RT_CHECKED(g->check.wait_on = m->unlock_arg;)
    TraceLocker t = rt_trace_acquire(m);
    rt_set_gstate(g, G_WAITING);
    rt_dropg(m, g);
    if (t.m) {
        rt_trace_go_block(t, g);
        rt_trace_release(t);
    }
    bool (*unlockf)(G *, void *) = m->unlockf;
    if (!unlockf || unlockf(g, m->unlock_arg))
        return; /* from here on somebody else may be running g */
    rt_ready(g, true, NULL);
}

bool rt_unlock_mutex_parked(G *g, void *lock) {
    (void)g;
    rt_unlock(lock);
    return true;
}

static void after_yield(M *m, G *g) {
    g->site = m->site;
    TraceLocker t = rt_trace_acquire(m);
    rt_set_gstate(g, G_RUNNABLE);
    rt_dropg(m, g);
    if (t.m) {
        rt_trace_go_stop(t, g, TRACE_STOP_GOSCHED);
        rt_trace_release(t);
    }
    if (rt_config.sim)
        g->ready_ns = rt_now();
    if (rt_sched.procs > 1 && !rt_runq_empty(m->p))
        rt_wakep(); /* one of the two can run elsewhere; alone, g is about to run here again */
    rt_runq_put(m->p, g, false);
}

void rt_yield_now(gr_site *site) {
    M *m = port_get_m();
    m->site = site;
    m->after = AFTER_YIELD;
    port_switch_out(&m->curg->ctx);
}

/* Preempted: to the end of the global queue, so that every other goroutine has its turn first. (gopreempt_m) */
static void after_preempt(M *m, G *g) {
    P *p = m->p;
    TraceLocker t = rt_trace_acquire(m);
    rt_set_gstate(g, G_RUNNABLE);
    rt_dropg(m, g);
    if (t.m) {
        rt_trace_go_stop(t, g, TRACE_STOP_PREEMPTED);
        rt_trace_release(t);
    }
    if (rt_config.sim)
        g->ready_ns = rt_now();
    store_relaxed(bool, &p->preempt, false);
    atomic_fetch_add_explicit(&rt_sched.npreempt, 1, memory_order_relaxed);
    rt_lock(&rt_sched.lock, RANK_SCHED);
    rt_globq_put_list(g, g, 1);
    rt_preempt_no_more();
    rt_unlock(&rt_sched.lock);
    if (!load_relaxed(bool, &rt_sched.stopping))
        rt_wakep();
}

/* The user's mistake: the calling thread runs no goroutine, or one that is in a system call. */
_Noreturn void rt_called_away(void) {
    if (!port_get_m())
        rt_fatal(rt_sched.mnext ? "a function of the runtime was called by a thread that runs no goroutine"
                                : "a function of the runtime was called before gr_main");
    rt_fatal("a function of the runtime was called between gr_entersyscall and gr_exitsyscall");
}

/* Not while others wait for what it does: whoever wants that may be one of them. */
static void suspend_if_wanted(G *g) {
    if (load_relaxed(struct Suspend *, &g->suspend) && !g->stw && !g->collects)
        rt_suspend_here(g);
}

/* On the goroutine's stack, at a safe point: what attention asks of it. */
void rt_attend(int64_t ns) {
    rt_must_be_here();
    G *g = port_get_g();
    if (g && rt_trace_writing(port_get_m()))
        return; /* in the middle of an event, which is no place to give way */
    if (rt_config.sim)
        rt_sim_charge(ns);
    if (!g)
        return;
    suspend_if_wanted(g);
    M *m = port_get_m();
    bool preempt = load_relaxed(bool, &m->p->preempt) && g->gc_mode == GC_NO_WORKER; /* those look themselves */
    if (!g->stw && (preempt || load_relaxed(bool, &rt_sched.stopping))) {
        m->after = AFTER_PREEMPT;
        port_switch_out(&g->ctx);
        /* Wished while it stood here: this may be its last safe point. */
        suspend_if_wanted(g);
        m = port_get_m();
    }
    if (rt_trace_wants_look(m)) {
        m->after = AFTER_LOOK;
        port_switch_out(&g->ctx);
    }
}

static void after_exit(M *m, G *g) {
    if (!m->p)
        rt_fatal("a goroutine ended between gr_entersyscall and gr_exitsyscall");
    rt_output_flush_g(g);
    TraceLocker t = rt_trace_acquire(m);
    rt_set_gstate(g, G_DEAD);
    rt_dropg(m, g);
    if (t.m) {
        rt_trace_go_destroy(t, g);
        rt_trace_release(t);
    }
    if (__builtin_expect(m->extra == g, 0)) {
        rt_after_callback_exit(m);
        return;
    }
    if (g->lockedm) { /* (mexit) */
        g->lockedm = NULL;
        m->lockedg = NULL;
        m->over = g->locks > 0;
        g->locks = 0;
    }
    rt_g_free(m->p, g);
    if (__builtin_expect(m->over, 0))
        rt_end_m(m);
}

_Noreturn void rt_goroutine_exit(void) {
    G *g = port_get_g();
    if (load_relaxed(struct Suspend *, &g->suspend))
        rt_suspend_here(g); /* wished while it stood in a queue, at what was its last safe point */
    M *m = port_get_m();
    m->after = AFTER_EXIT;
    port_switch_exit(&g->ctx);
}

void rt_ready(G *g, bool next, gr_site *site) {
    M *m = port_get_m();
    rt_assert(m->p && rt_gstate(g) == G_WAITING);
    TraceLocker t = rt_trace_acquire(m);
    rt_set_gstate(g, G_RUNNABLE);
    if (t.m) {
        rt_trace_go_unblock(t, g, site);
        rt_trace_release(t);
    }
    if (rt_config.sim)
        g->ready_ns = rt_now();
    rt_runq_put(m->p, g, next && !rt_choose(CHOOSE_TAIL, 2));
    rt_wakep();
}

void rt_unblock(M *m, G *g) {
    rt_assert(rt_gstate(g) == G_WAITING);
    TraceLocker t = rt_trace_acquire_outside(m);
    rt_set_gstate(g, G_RUNNABLE);
    if (t.m)
        rt_trace_go_unblock(t, g, NULL);
    rt_trace_release_outside(t);
    if (rt_config.sim)
        g->ready_ns = rt_now();
}

static void spawn(void (*fn)(void *), void *arg, size_t stack_bytes, const char *name, gr_site *site) {
    M *m = port_get_m();
    rt_assert(m->p);
    G *g = rt_spawn_g(m, fn, arg, stack_bytes, name, site, false);
    if (rt_config.sim)
        g->ready_ns = rt_now();
    rt_runq_put(m->p, g, !rt_choose(CHOOSE_TAIL, 2));
}

void rt_spawn(void (*fn)(void *), void *arg, size_t stack_bytes, const char *name, gr_site *site) {
    spawn(fn, arg, stack_bytes, name, site);
    rt_wakep();
}

void rt_spawn_first(void (*fn)(void *), size_t stack_bytes, const char *name, gr_site *site) {
    spawn(fn, NULL, stack_bytes, name, site);
    if (rt_config.sim)
        rt_wakep(); /* nothing runs between its steps, and its schedules stay what they were */
}

void rt_spawn_system(void (*fn)(void *), const char *name, gr_site *site) {
    M *m = port_get_m();
    G *g = rt_spawn_g(m, fn, NULL, 0, name, site, false);
    g->system = true;
    rt_g_not_counted(m->p);
    if (rt_config.sim)
        g->ready_ns = rt_now();
    rt_runq_put(m->p, g, false);
    rt_wakep();
}

/* ---- Ps ------------------------------------------------------------------------------------------------------ */

void rt_wirep(M *m, P *p) {
    rt_assert(!m->p && !p->m);
    m->p = p;
    p->m = m;
    atomic_store_explicit(&p->status, P_RUNNING, memory_order_relaxed);
}

P *rt_unwirep(M *m) {
    P *p = m->p;
    rt_assert(p && p->m == m);
    p->m = NULL;
    m->p = NULL;
    atomic_store_explicit(&p->status, P_IDLE, memory_order_release); /* rt_for_each_p goes by it */
    return p;
}

void rt_acquirep(M *m, P *p) {
    TraceLocker t = rt_trace_acquire(m);
    rt_wirep(m, p);
    if (t.m) {
        rt_trace_proc_start(t, p);
        rt_trace_release(t);
    }
}

void rt_releasep(M *m) {
    TraceLocker t = rt_trace_acquire(m);
    if (t.m)
        rt_trace_proc_stop(t, m->p); /* while m has it: in sim the time is its P's */
    rt_unwirep(m);
    if (t.m)
        rt_trace_release(t);
}

/* There is new work: if a P is idle and nobody is looking for work already, one more M starts looking. The fence
 * pairs with the one in give_up: either we see the idle P, or its M sees the work. */
void rt_wakep(void) {
    if (rt_sched.procs == 1)
        return; /* we have the only P */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load(&rt_sched.npidle) == 0 || atomic_load(&rt_sched.nmspinning) != 0)
        return;
    int none = 0;
    if (!atomic_compare_exchange_strong(&rt_sched.nmspinning, &none, 1))
        return;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    P *p = rt_pidle_get();
    rt_unlock(&rt_sched.lock);
    if (!p) {
        atomic_fetch_sub(&rt_sched.nmspinning, 1);
        return;
    }
    rt_startm(p, true);
}

/* ---- running ------------------------------------------------------------------------------------------------- */

/* Whether anything is left for g to do at its end (defer.c); nearly always not. */
static bool has_to_end(G *g) {
    return g->base.defers || g->scope || g->panic || g->kept || g->coro || g->goid == 1 ||
           load_relaxed(struct Suspend *, &g->suspend);
}

/* Where every goroutine but a coroutine's begins, on its own stack. By returning it is over, without the unwinding that
 * rt_goroutine_exit takes. */
static void goroutine_entry(void) {
    G *g = port_get_g();
    g->fn(g->arg);
    if (has_to_end(port_get_g())) /* again: a local would be stored and loaded at every switch */
        rt_goroutine_end();
    port_get_m()->after = AFTER_EXIT;
}

static void run_until_out(G *g) {
    port_set_g(g);
    port_switch_in(&g->ctx, g->coro ? g->coro->entry : goroutine_entry);
}

/* Something has been written through a null pointer, by the goroutine that has just left m or by another one lately. */
static _Noreturn void written_to_null(M *m) {
    bool by_call = m->after == AFTER_PARK || m->after == AFTER_YIELD;
    rt_null_page_check(", noticed when the goroutine left its P; it or another one did it before",
                       by_call ? m->site : NULL);
    rt_throw("a null pointer was written through and it was undone"); /* by another M, meanwhile */
}

/* Who goes on at once, on m. */
static G *next_of(M *m) {
    if (m->after >= AFTER_SWITCH)
        return rt_coro_switch_m(m, m->curg);
    if (m->curg->left && m->curg->left->wanted)
        rt_leave_look(m->curg);
    if (rt_trace_wants_look(m))
        rt_trace_look(m);
    return m->curg;
}

/* Runs g, which is m's, until it switches out, and sees to what it wanted. Meanwhile coroutines may take its place,
 * here or nested in it (coro.c): who comes out is m->curg. */
static void rt_run_slice(M *m, G *g) {
    run_until_out(g);
    while (m->after >= AFTER_LOOK)
        run_until_out(next_of(m));
    g = m->curg;
    port_set_g(NULL);
    if (__builtin_expect(!rt_null_page_is_clean(), 0))
        written_to_null(m);
    if (rt_config.sim)
        rt_sim_slice_end(m);
    if (m->after == AFTER_PARK)
        after_park(m, g);
    else if (m->after == AFTER_YIELD)
        after_yield(m, g);
    else if (m->after == AFTER_EXIT)
        after_exit(m, g);
    else if (m->after == AFTER_PREEMPT)
        after_preempt(m, g);
    else if (m->after == AFTER_SYSCALL)
        rt_after_syscall(m, g);
    else if (m->after == AFTER_CALLBACK)
        rt_after_callback(m, g);
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
        rt_sim_slice_begin(m, g, m->inherit);
    rt_assert_slow(rt_gstate(g) == G_RUNNABLE);
    TraceLocker t = rt_trace_acquire(m);
    m->curg = g;
    g->m = m;
    rt_set_gstate(g, G_RUNNING);
    if (t.m) {
        rt_trace_go_start(t, g);
        rt_trace_release(t);
    }
    if (rt_explore && g->ctx.suspended)
        return; /* when it goes on is a choice; the driver comes back */
    rt_run_slice(m, g);
}

/* What attention asks between two slices. False: m has done its step. */
static bool attend_between(M *m) {
    if (load_relaxed(uint32_t, &rt_sched.exiting))
        rt_stop_here();
    if (load_relaxed(bool, &rt_trace_want_advance))
        rt_trace_advance(m);
    if (m->curg) { /* sim: it gave way in the middle of its slice, or is in a system call */
        rt_sim_slice_resume(m);
        rt_run_slice(m, m->curg);
        return false;
    }
    if (m->p && atomic_load_explicit(&m->p->safe_fn, memory_order_relaxed)) {
        rt_lock(&rt_sched.lock, RANK_SCHED);
        rt_run_safe_fn(m->p);
        rt_unlock(&rt_sched.lock);
    }
    if (m->p && rt_calls_wait())
        rt_start_waiting_calls();
    if (m->p && load_relaxed(bool, &rt_sched.stopping)) {
        rt_gcstop_m(m);
        return false;
    }
    return true;
}

/* Runs at most one slice of one goroutine on m, which has a P (sim: or is in a system call). False: m has no P now:
 * it is idle, or waits for its locked goroutine, or is over. */
bool rt_schedule_once(M *m) {
    if (load_relaxed(uint32_t, &rt_attention) && !attend_between(m))
        return m->p != NULL;
    G *g;
    if (__builtin_expect(m->lockedg != NULL, 0)) {
        if (!m->locked_run) {
            rt_stop_locked_m(m);
            return false;
        }
        m->locked_run = false;
        m->inherit = false;
        g = m->lockedg;
    } else {
        g = rt_find_runnable(m);
        if (!g)
            return false;
    }
    if (m->spinning) {
        rt_stop_spinning(m);
        rt_wakep(); /* there may be more where this came from; nobody was woken for it while we were looking */
    }
    if (__builtin_expect(g->lockedm != NULL && g->lockedm != m, 0)) {
        rt_start_locked_m(m, g);
        return false;
    }
    execute(m, g);
    return m->p != NULL;
}

/* ---- the public calls that are only scheduling --------------------------------------------------------------- */

void gr_yield_at(gr_site *site) {
    rt_charge(50);
    rt_yield_now(site);
}

void gr_go_at(void (*fn)(void *), void *arg, size_t stack_bytes, const char *name, gr_site *site) {
    rt_charge(rt_explore ? 0 : 100); /* exploration: when the new goroutine begins is a choice, that is enough */
    if (!fn)
        rt_fatal_at("go of nil func value", site);
    rt_spawn(fn, arg, stack_bytes, name, site);
}

gr_sched_stats gr_read_sched_stats(void) {
    return (gr_sched_stats){
        .preempted = atomic_load(&rt_sched.npreempt),
        .retaken = atomic_load(&rt_sched.nretake),
        .stops = atomic_load(&rt_sched.nstw),
        .stopped_ns = (int64_t)atomic_load(&rt_sched.stw_ns),
    };
}

uint64_t gr_goid(void) {
    G *g = port_get_g();
    return g ? g->goid : 0;
}

void gr_safepoint(void) { rt_charge(0); }

int gr_numgoroutine(void) { return (int)rt_g_count(); }
