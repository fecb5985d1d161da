/* check_wait.c: what a waiting goroutine waits on: part of check/check.c's walk.
 *
 * Invariants between two steps of the simulation
 *  1. A goroutine that waits on a channel stands in its queue once for each place, claimed by nobody.
 *  2. Its channel cannot serve it: chan.h's invariants 1 and 2, and a closed channel has no waiters.
 *  3. Waiters stand in a channel's queue in the order in which they came.
 *  4. A semaphore with waiters has no units; its waiter stands in the queue once.
 *  5. While somebody sleeps, but for ever, a timer is set.
 * Queues are walked from their waiters, so what nobody waits on is not looked at: there is nothing that could be
 * lost there. Whoever is the first unclaimed in a queue walks it and counts its Waiters for their goroutines; then
 * each must have been counted as often as it waits.
 */
#include "check/check.h"
#include "core/timers.h"
#include "sync/chan.h"
#include "sync/sema.h"
#include <stddef.h>

/* ---- channels ------------------------------------------------------------------------------------------------ */

/* Nobody has served it yet. */
static bool unclaimed(Waiter *w) { return !w->is_select || atomic_load(&w->g->select_state) != SELECT_SERVED; }

/* Counts the places on q, whose links must be whole. */
static void walk_queue(gr_chan *c, WaitQ *q) {
    Waiter *before = NULL;
    for (Waiter *w = rt_waitq_first(q); w; before = w, w = w->next) {
        rt_check_that(w->prev == before && w->c == c, "a channel's queue is torn", w->g);
        rt_check_that(!before || (int32_t)(w->ticket - before->ticket) > 0, "a waiter has overtaken another", w->g);
        rt_check_that(!unclaimed(w) || rt_gstate(w->g) == G_WAITING,
                      "a goroutine stands in a channel's queue and does not wait", w->g);
        w->g->check.nqueued++;
    }
    rt_check_that(q->last == before, "a channel's queue has a wrong end", before ? before->g : NULL);
}

static Waiter *first_unclaimed(WaitQ *q) {
    Waiter *w = rt_waitq_first(q);
    while (w && !unclaimed(w))
        w = w->next;
    return w;
}

static void check_chan(gr_chan *c, G *g) {
    rt_check_that(atomic_load(&c->lock.word) == 0, "a channel is locked and nobody is at it", g);
    Waiter *receiver = first_unclaimed(&c->recvq), *sender = first_unclaimed(&c->sendq);
    size_t n = rt_chan_count(c);
    rt_check_that(n <= c->cap, "a channel holds more than it has room for", g);
    rt_check_that(c->cap == 0 || (c->recv_at + n) % c->cap == c->send_at,
                  "a channel's slots are not those between its ends", g);
    if (rt_chan_closed(c))
        rt_check_that(!receiver && !sender, "a goroutine waits on a closed channel", g);
    if (n > 0)
        rt_check_that(!receiver, "a goroutine waits to receive and the channel has an element", g);
    if (n < c->cap && !rt_chan_closed(c))
        rt_check_that(!sender, "a goroutine waits to send and the channel has a free slot", g);
    if (receiver && sender)
        rt_check_that(receiver->g == sender->g && c->cap == 0, "sender and receiver wait for each other on one channel",
                      g);
}

static void check_select(G *g) {
    Waiter *places;
    int n = rt_select_places(g->check.wait_on, &places);
    rt_check_that(atomic_load(&g->select_state) == SELECT_PARKED, "a select is served and still waits", g);
    for (int i = 0; i < n; i++) {
        Waiter *w = &places[i];
        rt_check_that(w->g == g, "a place is somebody else's", g);
        check_chan(w->c, g);
        if (first_unclaimed(&w->c->recvq) == w)
            walk_queue(w->c, &w->c->recvq);
        else if (first_unclaimed(&w->c->sendq) == w)
            walk_queue(w->c, &w->c->sendq);
    }
}

static void check_chan_wait(G *g) {
    gr_chan *c = (gr_chan *)(void *)((char *)g->check.wait_on - offsetof(gr_chan, lock));
    WaitQ *q = g->reason == WAIT_CHAN_RECV ? &c->recvq : &c->sendq;
    check_chan(c, g);
    Waiter *first = first_unclaimed(q);
    if (first && first->g == g)
        walk_queue(c, q);
}

/* ---- semaphores, conditions, time ---------------------------------------------------------------------------- */

/* Else it has its place and not parked yet, perhaps waits for the mutex meanwhile (cond.c). */
static bool is_in_cond(G *g) { return rt_gstate(g) == G_WAITING && g->reason == WAIT_COND; }

static void check_cond_wait(G *g) {
    gr_cond *c = (gr_cond *)(void *)((char *)g->check.wait_on - offsetof(gr_cond, lock));
    rt_check_that(c->lock == 0, "a condition is locked and nobody is at it", g);
    Waiter *first = c->first, *last = NULL;
    while (first && !is_in_cond(first->g))
        first = first->next;
    if (!first || first->g != g)
        return;
    for (Waiter *w = c->first; w; last = w, w = w->next)
        w->g->check.nqueued += is_in_cond(w->g);
    rt_check_that(last == c->last, "a condition's queue has a wrong end", g);
}

void rt_check_waiting(G *g) {
    rt_check_that(!g->wake, "a goroutine is served and still waits", g);
    switch (g->reason) {
    case WAIT_CHAN_RECV:
    case WAIT_CHAN_SEND:
        check_chan_wait(g);
        break;
    case WAIT_SELECT:
        check_select(g);
        break;
    case WAIT_MUTEX:
    case WAIT_RWMUTEX_R:
    case WAIT_RWMUTEX_W:
    case WAIT_WAITGROUP:
        rt_check_sema(g);
        break;
    case WAIT_COND:
        check_cond_wait(g);
        break;
    case WAIT_SLEEP:
        rt_check_that(!g->check.wait_on || rt_timers_next() != INT64_MAX, "a goroutine sleeps and no timer is set", g);
        break;
    default: /* for ever, or for whoever has suspended it */
        break;
    }
}

void rt_check_waiting_places(G *g) {
    Waiter *places;
    uint32_t n = 0;
    switch (g->reason) {
    case WAIT_SELECT:
        n = (uint32_t)rt_select_places(g->check.wait_on, &places);
        break;
    case WAIT_CHAN_RECV:
    case WAIT_CHAN_SEND:
    case WAIT_MUTEX:
    case WAIT_RWMUTEX_R:
    case WAIT_RWMUTEX_W:
    case WAIT_WAITGROUP:
    case WAIT_COND:
        n = 1;
        break;
    default:
        break;
    }
    rt_check_that(g->check.nqueued == n, "a waiting goroutine is not in each of its queues once", g);
}
