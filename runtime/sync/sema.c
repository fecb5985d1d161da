/* sema.c: a counting semaphore whose waiters are served in order. (Go's sema.go)
 *
 * Where we differ from Go: the queue lies in the semaphore itself, not in a table hashed by address, and a release gives its
 * unit directly to the first waiter, so no newcomer can snatch it. (Newcomers still overtake at the mutex: mutex.c.)
 *
 * Invariants, under the lock: count > 0 means that nobody waits. Every operation takes the lock, and the last thing it does to the
 * semaphore is to free it: so whoever comes back from sema_acquire may free the memory (a gr_waitgroup on a stack).
 */
#include "sema.h"

void sema_put(gr_sema *s, Waiter *w, bool lifo) {
    Waiter *head = s->head, *tail = s->tail;
    w->next = lifo ? head : NULL;
    if (!head)
        s->head = s->tail = w;
    else if (lifo)
        s->head = w;
    else
        s->tail = tail->next = w;
}

Waiter *sema_take(gr_sema *s) {
    Waiter *w = s->head;
    if (!w)
        return NULL;
    s->head = w->next;
    if (!w->next)
        s->tail = NULL;
    w->next = NULL;
    return w;
}

void sema_acquire(gr_sema *s, bool lifo, WaitReason reason, gr_site *site) {
    rt_lock(sema_lock(s), RANK_SEMA);
    if (s->count > 0) {
        s->count--;
        rt_unlock(sema_lock(s));
        return;
    }
    Waiter me = {.g = getg()};
    me.g->wake = NULL;
    sema_put(s, &me, lifo);
    park_unlock(sema_lock(s), reason, site);
    rt_assert(me.g->wake == &me);
    me.g->wake = NULL;
}

void sema_release(gr_sema *s, bool handoff, gr_site *site) {
    rt_lock(sema_lock(s), RANK_SEMA);
    Waiter *w = sema_take(s);
    if (!w)
        s->count++;
    rt_unlock(sema_lock(s));
    if (!w)
        return;
    w->g->wake = w;
    ready(w->g, true, site);
    if (handoff)
        yield_now(site);
}
