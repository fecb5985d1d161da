/* waitq.c: the queue of goroutines waiting on one side of a channel. (waitq of Go's chan.go) */
#include "base/hooks.h"
#include "sync/chan.h"

RT_CHECKED(static uint32_t arrivals;) /* waiters that have come, in sim */

static inline void set_first(WaitQ *q, Waiter *w) { atomic_store_explicit(&q->first, w, memory_order_relaxed); }

void rt_waitq_put(WaitQ *q, Waiter *w) {
    w->next = NULL;
    w->prev = q->last;
    RT_CHECKED(if (rt_config.check) w->ticket = ++arrivals;)
    if (q->last)
        q->last->next = w;
    else
        set_first(q, w);
    q->last = w;
}

static void unlink_waiter(WaitQ *q, Waiter *w) {
    if (w->prev)
        w->prev->next = w->next;
    else
        set_first(q, w->next);
    if (w->next)
        w->next->prev = w->prev;
    else
        q->last = w->prev;
    w->next = w->prev = NULL;
}

/* A goroutine in a select stands on several queues: whoever makes its state SELECT_SERVED serves it, the others
 * find it so and throw their place away. */
static bool claim(Waiter *w) {
    w->parked = true;
    if (!w->is_select)
        return true;
    uint32_t state = load_relaxed(uint32_t, &w->g->select_state);
    while (state != SELECT_SERVED)
        if (atomic_compare_exchange_weak(&w->g->select_state, &state, SELECT_SERVED)) {
            w->parked = state == SELECT_PARKED;
            return true;
        }
    return false;
}

Waiter *rt_waitq_take(WaitQ *q) {
    Waiter *w;
    while ((w = rt_waitq_first(q)) != NULL) {
        unlink_waiter(q, w);
        if (claim(w))
            return w;
    }
    return NULL;
}

void rt_waitq_remove(WaitQ *q, Waiter *w) {
    bool alone = !w->next && !w->prev;
    if (alone && rt_waitq_first(q) != w)
        return; /* a peer took it off and found the select claimed */
    unlink_waiter(q, w);
}
