/* preempt.c: making a running goroutine stop at its next safe point: because its slice is over, because the world
 * is being stopped, or because somebody wants just this one to stand still. (preempt.go, debugcall.go)
 *
 * A safe point is an operation of the runtime (rt_charge), or an edge of the control flow where the program was
 * built with preemption points. Whoever wants a stop says so in the P or G and then raises a bit of rt_attention,
 * which all safe points look at; what is no longer wanted is lowered by sysmon and by who was preempted, so a
 * raised bit may be stale, a lowered one never is.
 *
 * Suspending. The goroutine parks itself at its safe point, and only on the M's stack, when its state says that it
 * waits and the trace says why, is the one that asked for it told. Otherwise that one could see it suspended while
 * it is still running.
 */
#include "core/park.h"
#include "core/preempt.h"
#include "core/stw.h"

#define SLICE_NS (10 * GR_MILLISECOND) /* as Go's forcePreemptNS */

void rt_preempt_p(P *p) {
    atomic_store_explicit(&p->preempt, true, memory_order_relaxed);
    rt_raise_attention(ATTEND_PREEMPT);
}

bool rt_slice_is_over(int64_t begun_ns, int64_t now) { return now - begun_ns >= SLICE_NS; }

static _Atomic int suspenders; /* goroutines that wait for another to be suspended */

/* Lowers the bit unless somebody wants it up; while it is, every preemption point of the program takes the long
 * way. rt_sched.lock is held, as it is by whoever raises it. */
void rt_preempt_no_more(void) {
    if (!(atomic_load_explicit(&rt_attention, memory_order_relaxed) & ATTEND_PREEMPT))
        return;
    bool any = atomic_load(&suspenders) > 0 || rt_safe_fns_pending();
    for (int i = 0; i < rt_sched.procs && !any; i++)
        any = rt_pstatus(rt_sched.allp[i]) == P_RUNNING &&
              atomic_load_explicit(&rt_sched.allp[i]->preempt, memory_order_relaxed);
    if (!any)
        rt_lower_attention(ATTEND_PREEMPT);
}

static _Atomic uint64_t asked; /* goroutine whose slice shall end; 0: none */

void rt_preempt_ask(uint64_t goid) {
    atomic_store(&asked, goid);
    port_futex_wake((uint32_t *)(void *)&rt_sched.exiting, 1); /* sysmon sleeps there, as long as a slice lasts */
}

void rt_preempt_asked(void) {
    uint64_t goid = load_relaxed(uint64_t, &asked) ? atomic_exchange(&asked, 0) : 0;
    for (int i = 0; i < rt_sched.procs && goid != 0; i++) {
        P *p = rt_sched.allp[i];
        M *m = p->m;
        G *g = m && rt_pstatus(p) == P_RUNNING ? m->curg : NULL; /* may run no more by now: then another one yields */
        if (g && g->goid == goid)
            rt_preempt_p(p);
    }
}

/* Looks at all Ps; called every 10 ms or more often. (retake) */
void rt_preempt_long_slices(int64_t now) {
    rt_lock(&rt_sched.lock, RANK_SCHED); /* the Ps cannot become fewer */
    for (int i = 0; i < rt_sched.procs; i++) {
        P *p = rt_sched.allp[i];
        if (rt_pstatus(p) != P_RUNNING)
            continue;
        uint32_t tick = atomic_load_explicit(&p->schedtick, memory_order_relaxed);
        if (tick != p->sysmon_tick) {
            p->sysmon_tick = tick;
            p->sysmon_ns = now;
        } else if (rt_slice_is_over(p->sysmon_ns, now)) {
            rt_preempt_p(p);
        }
    }
    rt_preempt_asked();
    rt_preempt_no_more();
    rt_unlock(&rt_sched.lock);
}

/* ---- suspending one goroutine -------------------------------------------------------------------------------- */

/* On the stack of the goroutine that asks. */
typedef struct Suspend {
    G *asker;
    WaitReason reason;     /* what the suspended goroutine is said to wait for */
    bool is_gone;          /* it has ended instead */
    _Atomic uint32_t came; /* 1: it is suspended, 2: the asker waits; who comes second finds the other's bit */
} Suspend;

/* On the M's stack, when the goroutine has stopped. */
static bool tell_asker(G *g, void *arg) {
    (void)g;
    Suspend *s = arg;
    G *asker = s->asker;
    if (atomic_fetch_or(&s->came, 1) & 2) /* else the asker goes on by itself, and s may be gone */
        rt_ready(asker, true, NULL);
    return true;
}

/* On the M's stack, when the asker has stopped. */
static bool await_suspended(G *g, void *arg) {
    (void)g;
    Suspend *s = arg;
    return !(atomic_fetch_or(&s->came, 2) & 1);
}

/* Once a safe point: who asks again and again must not keep it from going on. (preemptPark) */
void rt_suspend_here(G *g) {
    Suspend *s = atomic_exchange(&g->suspend, NULL);
    if (s)
        rt_park(tell_asker, s, s->reason, g->site);
}

void rt_suspend_never(G *g) {
    Suspend *s = atomic_exchange(&g->suspend, NULL);
    if (!s)
        return;
    s->is_gone = true;
    tell_asker(g, s);
}

static G *find_g(uint64_t goid) {
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
        if (g->goid == goid && !g->system && rt_gstate(g) != G_DEAD && rt_gstate(g) != G_IDLE)
            return g;
    return NULL;
}

/* Waits until goroutine goid stands at a safe point; NULL: there is none, or it has ended, or somebody else is at it.
 * It stays there until rt_ready(). A goroutine that waits for something is suspended when it goes on. (suspendG) */
static G *suspend_g(uint64_t goid, WaitReason reason, gr_site *site) {
    Suspend s = {.asker = rt_getg(), .reason = reason};
    rt_stop_the_world(STW_DEBUG_CALL, site); /* so that it neither ends nor begins while we look for it */
    G *g = find_g(goid);
    Suspend *nobody = NULL;
    if (g && (g == s.asker || !atomic_compare_exchange_strong(&g->suspend, &nobody, &s)))
        g = NULL;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    if (g)
        atomic_fetch_add(&suspenders, 1);
    rt_raise_attention(ATTEND_PREEMPT);
    rt_unlock(&rt_sched.lock);
    rt_start_the_world();
    if (!g)
        return NULL;
    rt_park(await_suspended, &s, WAIT_DEBUG_CALL, site);
    atomic_fetch_sub(&suspenders, 1);
    return s.is_gone ? NULL : g;
}

bool gr_debug_call_at(uint64_t goid, void (*fn)(void *), void *arg, gr_site *site) {
    rt_charge(100);
    G *g = suspend_g(goid, WAIT_DEBUG_CALL, site);
    if (!g)
        return false;
    fn(arg);
    rt_ready(g, false, site);
    return true;
}
