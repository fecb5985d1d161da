/* cond.c: gr_cond: waiting until somebody says that a condition may have changed. (Go's sync/cond.go, notifyList of sema.go)
 *
 * A goroutine takes its place in the queue before it unlocks the mutex, so no signal after that is lost, but it parks only later.
 * A signal that reaches it in between just marks its place: w.success = notified, w.ticket = PARKED once it is.
 */
#include "sema.h"

enum { AWAKE = 0, PARKED = 1 };

void gr_cond_wait_at(gr_cond *c, gr_mutex *m, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    gr_sema *q = &c->sema;
    Waiter me = {.g = getg(), .ticket = AWAKE};
    rt_lock(sema_lock(q), RANK_SEMA);
    sema_put(q, &me, false);
    rt_unlock(sema_lock(q));
    mutex_unlock(m, site);

    rt_lock(sema_lock(q), RANK_SEMA);
    if (me.success) {
        rt_unlock(sema_lock(q));
    } else {
        me.ticket = PARKED;
        me.g->wake = NULL;
        park_unlock(sema_lock(q), WAIT_COND, site);
        rt_assert(me.g->wake == &me && me.success);
        me.g->wake = NULL;
    }
    mutex_lock(m, site);
}

/* Notifies up to `limit` waiters; those that are parked come back linked by next, in order, to be made ready. */
static Waiter *notify(gr_sema *q, uint32_t limit) {
    Waiter *first = NULL, **end = &first;
    rt_lock(sema_lock(q), RANK_SEMA);
    for (uint32_t i = 0; i < limit; i++) {
        Waiter *w = sema_take(q);
        if (!w)
            break;
        bool parked = w->ticket == PARKED;
        w->success = true; /* if it is not parked, w may be gone as soon as the lock is free */
        if (!parked)
            continue;
        w->g->wake = w;
        *end = w;
        end = &w->next;
    }
    rt_unlock(sema_lock(q));
    return first;
}

static void wake_all(Waiter *list, gr_site *site) {
    while (list) {
        Waiter *w = list;
        list = w->next; /* once its goroutine runs, w is gone */
        ready(w->g, true, site);
    }
}

void gr_cond_signal_at(gr_cond *c, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    wake_all(notify(&c->sema, 1), site);
}

void gr_cond_broadcast_at(gr_cond *c, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    wake_all(notify(&c->sema, UINT32_MAX), site);
}
