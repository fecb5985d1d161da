/* cond.c: gr_cond: waiting until somebody says that a condition may have changed. (Go's sync/cond.go, notifyList of
 * sema.go)
 *
 * A goroutine takes its place in the queue before it unlocks the mutex, so no signal after that is lost, but it
 * parks only later. A signal that reaches it in between just marks its place: w.success = notified, w.ticket =
 * PARKED once it is.
 */
#include "core/park.h"
#include "sync/sema.h"

enum { AWAKE = 0, PARKED = 1 };

_Static_assert(sizeof(rt_mutex) == sizeof(uint32_t) && _Alignof(rt_mutex) == _Alignof(uint32_t),
               "gr_cond.lock is used as an rt_mutex");
static rt_mutex *cond_lock(gr_cond *c) { return (rt_mutex *)(void *)&c->lock; }

static void put(gr_cond *c, Waiter *w) {
    Waiter *last = c->last;
    if (last)
        last->next = w;
    else
        c->first = w;
    c->last = w;
}

static Waiter *take(gr_cond *c) {
    Waiter *w = c->first;
    if (!w)
        return NULL;
    c->first = w->next;
    if (!w->next)
        c->last = NULL;
    w->next = NULL;
    return w;
}

void gr_cond_wait_at(gr_cond *c, gr_mutex *m, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    Waiter me = {.g = rt_getg(), .ticket = AWAKE};
    rt_lock(cond_lock(c), RANK_SEMA);
    put(c, &me);
    rt_unlock(cond_lock(c));
    rt_mutex_unlock(m, site);

    rt_lock(cond_lock(c), RANK_SEMA);
    if (me.success) {
        rt_unlock(cond_lock(c));
    } else {
        me.ticket = PARKED;
        me.g->wake = NULL;
        rt_park_unlock(cond_lock(c), WAIT_COND, site);
        rt_assert(me.g->wake == &me && me.success);
        me.g->wake = NULL;
    }
    rt_mutex_lock(m, site);
}

/* Notifies up to `limit` waiters; those that are parked come back linked by next, in order, to be made ready. */
static Waiter *notify(gr_cond *c, uint32_t limit) {
    Waiter *first = NULL, **end = &first;
    rt_lock(cond_lock(c), RANK_SEMA);
    for (uint32_t i = 0; i < limit; i++) {
        Waiter *w = take(c);
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
    rt_unlock(cond_lock(c));
    return first;
}

static void wake_all(Waiter *list, gr_site *site) {
    while (list) {
        Waiter *w = list;
        list = w->next; /* once its goroutine runs, w is gone */
        rt_ready(w->g, true, site);
    }
}

void gr_cond_signal_at(gr_cond *c, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    wake_all(notify(c, 1), site);
}

void gr_cond_broadcast_at(gr_cond *c, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    wake_all(notify(c, UINT32_MAX), site);
}
