/* lockm.c: goroutines locked to their M. (LockOSThread, stoplockedm, startlockedm, mexit of Go's proc.go)
 *
 * A locked goroutine runs on its M alone, and the M runs nothing else: while the goroutine waits, the M sleeps
 * without a P. Whoever takes the goroutine from a queue hands over the P with it. A goroutine that ends while it is
 * locked takes its M with it, since the M may have been changed in ways only that goroutine knew.
 */
#include "core/driver.h"
#include "core/idle.h"
#include "core/lockm.h"
#include "core/proc.h"
#include "core/syscall.h"

void gr_lockosthread(void) {
    rt_charge(0);
    G *g = rt_getg();
    M *m = port_get_m();
    if (++g->locks == 0)
        rt_panic("LockOSThread nesting overflow", NULL);
    g->lockedm = m;
    m->lockedg = g;
}

void gr_unlockosthread(void) {
    rt_must_be_here();
    G *g = rt_getg();
    if (g->locks == 0)
        return; /* as in Go: one call too many is none */
    if (--g->locks > 0)
        return;
    g->lockedm->lockedg = NULL;
    g->lockedm = NULL;
}

/* rt_sched.lock is held: m, without a P, waits for work, or for its own goroutine, unless that has been given to it
 * meanwhile. */
void rt_m_goes_idle(M *m) {
    if (!m->lockedg) {
        rt_midle_put(m);
        return;
    }
    if (m->nextp)
        return;
    m->parked_locked = true;
    rt_sched.nmidlelocked++;
    rt_check_dead();
}

void rt_stop_locked_m(M *m) {
    P *p = m->p;
    rt_releasep(m);
    rt_handoff_p(p);
    rt_lock(&rt_sched.lock, RANK_SCHED);
    rt_m_goes_idle(m);
    rt_unlock(&rt_sched.lock);
}

void rt_start_locked_m(M *m, G *g) {
    P *p = m->p;
    M *to = g->lockedm;
    rt_releasep(m);
    rt_lock(&rt_sched.lock, RANK_SCHED);
    to->nextp = p;
    if (to->parked_locked) {
        to->parked_locked = false;
        rt_sched.nmidlelocked--;
    }
    rt_midle_put(m);
    rt_unlock(&rt_sched.lock);
    rt_wake_m(to, false);
}

void rt_end_m(M *m) {
    P *p = m->p;
    rt_releasep(m);
    rt_handoff_p(p);
    rt_lock(&rt_sched.lock, RANK_SCHED);
    rt_sched.nm--;
    rt_check_dead();
    rt_unlock(&rt_sched.lock);
}
