/* coro.c: coroutines: control handed by one goroutine straight to another, without queue or scheduler. (Go's
 * runtime/coro.go)
 *
 * A Coro is a place where exactly one goroutine is blocked. Whoever switches changes places with it: the caller is
 * blocked there, the other runs, on the caller's M and P and in its slice. So a coroutine and its caller take
 * turns; either may also park like any goroutine, and then what is blocked on the Coro stays so.
 *
 *   the M's stack        the caller's: gr_next                             the coroutine's: yield
 *   rt_run_slice ══════► rt_coro_enter: switch_m, port_switch_nested ═══════► … rt_coro_switch
 *                        rt_coro_enter: switch_m, true   ◄═══════════════════ port_switch_out
 *   after_park …  ◄═════ rt_coro_leave  ◄──────── false  ◄═══════════════════ or park, gr_yield, a safe point …
 *   rt_coro_switch_m ◄═══════════════════════════════════════════════════════ rt_coro_switch, when it has been resumed
 *   rt_run_slice ════════► back in rt_coro_leave
 *
 * Nested, only the coroutine leaves its stack at each turn, and the caller's frames stay. When it leaves for
 * anything but to switch back, the caller leaves too (and its caller, if it is nested itself), touching nothing of
 * what the M is to do; the M then does it for the coroutine, from then on a goroutine like others, that switches by
 * way of rt_run_slice until gr_next is called again.
 *
 * Invariants
 *  1. The goroutine in Coro.g is waiting and on no other list; only switch_m takes it out, by putting another in.
 *  2. Both change state within one rt_trace_acquire, with one event for both (GoSwitch): readers never see two of
 *     them run.
 *  3. Being locked to an M belongs to the caller and its coroutines together: it goes with the control. So a
 *     coroutine made by a locked goroutine is switched to under the same lock only; anything else is fatal, as in
 *     Go.
 *  4. While a coroutine runs nested, those on whose stacks it does are waiting, each on the Coro of the next, and
 *     only that next one can switch to it. So none is resumed before it has left its stack: the coroutine switches
 *     back to there, or what resumes it is done by rt_run_slice, when all have left theirs.
 *  5. M.nested counts the port_switch_nested under way on the M's thread; it is 0 in rt_run_slice.
 *
 * Where we differ from Go: with one P (rt_alone) the exchange of places needs no atomic operation.
 */
#include "core/coro.h"
#include "core/driver.h"
#include "core/exit.h"
#include "core/goroutine.h"
#include "core/trace.h"

void rt_coro_start(Coro *c, void (*entry)(void), const char *name, gr_site *site) {
    M *m = port_get_m();
    G *maker = m->curg;
    *c = (Coro){.lockedm = maker->lockedm, .locks = maker->lockedm ? maker->locks : 0, .entry = entry};
    G *g = rt_spawn_g(m, NULL, NULL, 0, name, site, true);
    g->coro = c;
    if (rt_config.sim)
        g->ready_ns = rt_now();
    atomic_store_explicit(&c->g, g, memory_order_release);
}

_Noreturn void rt_coro_exit(Coro *c) {
    M *m = port_get_m();
    m->coro = c;
    m->after = AFTER_SWITCH_EXIT;
    port_switch_exit(&m->curg->ctx);
}

/* Invariant 3; one of the two is locked. */
static void check_locks(M *m, G *g, Coro *c) {
    uint32_t locks = g->lockedm ? g->locks : 0;
    if (m != c->lockedm || locks != c->locks)
        rt_throw("coro: OS thread locking must match locking at coroutine creation");
}

/* g, locked, hands the M on. */
static void hand_lock_on(M *m, G *g, G *next) {
    next->lockedm = m;
    next->locks = g->locks;
    m->lockedg = next;
    g->lockedm = NULL;
    g->locks = 0;
}

#define NEST_MAX 8 /* coroutines that run nested in each other; the host's stack is the limit */

typedef G *GPtr;

static G *change_places(Coro *c, G *g) {
    if (!rt_alone)
        return atomic_exchange(&c->g, g);
    G *next = load_relaxed(G *, &c->g);
    store_relaxed(GPtr, &c->g, g);
    return next;
}

/* Inline, with a constant exit, where it is done at each element: 53 instructions instead of 93. */
static inline __attribute__((always_inline)) G *switch_m(M *m, G *g, Coro *c, bool exit) {
    rt_assert(m->p);
    if (__builtin_expect(c->lockedm || g->lockedm, 0))
        check_locks(m, g, c);
    if (exit)
        rt_output_flush_g(g);
    if (rt_config.sim) {
        rt_sim_slice_end(m); /* ready_ns moves the clock: the slice's time must be in it, and only there */
        g->ready_ns = rt_now();
    }
    TraceLocker t = rt_trace_acquire(m);
    if (exit) {
        rt_set_gstate(g, G_DEAD);
    } else {
        g->reason = WAIT_COROUTINE;
        rt_set_gstate(g, G_WAITING);
    }
    g->m = NULL;
    G *next = change_places(c, exit ? NULL : g);
    if (__builtin_expect(!next, 0))
        rt_throw("coroswitch on exited coro");
    if (t.m)
        rt_trace_go_switch(t, g, next, exit);
    m->curg = next;
    next->m = m;
    rt_set_gstate(next, G_RUNNING);
    if (__builtin_expect(g->lockedm != NULL, 0))
        hand_lock_on(m, g, next);
    if (t.m)
        rt_trace_release(t);
    if (rt_config.sim && m->p->clock_ns < next->ready_ns)
        m->p->clock_ns = next->ready_ns;
    if (exit)
        rt_g_free(m->p, g);
    return next;
}

G *rt_coro_switch_m(M *m, G *g) { return switch_m(m, g, m->coro, m->after == AFTER_SWITCH_EXIT); }

bool rt_coro_enter(Coro *c) {
    M *m = port_get_m();
    G *g = m->curg;
    if (m->nested == NEST_MAX || !port_may_nest(&g->ctx)) {
        m->coro = c;
        m->after = AFTER_SWITCH;
        return false;
    }
    G *next = switch_m(m, g, c, false);
    m->nested++;
    port_switch_nested(&g->ctx, &next->ctx, c->entry);
    m->nested--; /* still this thread's: g has not left it */
    if (m->after < AFTER_SWITCH || m->coro != c)
        return false;
    if (m->after == AFTER_SWITCH)
        next = switch_m(m, m->curg, c, false);
    else
        next = rt_coro_switch_m(m, m->curg);
    rt_assert(next == g);
    return true;
}
