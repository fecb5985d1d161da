/* chan.c: channels: send, receive, close. (Go's chan.go)
 *
 * An element goes straight to a waiting peer where there is one. A receiver that finds the buffer full and senders
 * waiting takes the oldest element and puts the first sender's into the slot that became free, so the order of
 * elements is the order of sends.
 *
 * Where we differ from Go: a call that does not block trusts its look without the lock only to say "would block". It
 * never says "closed" that way: once somebody has seen the channel closed it may be freed, and gr_chan_close must have
 * let go of it by then.
 */
#include "core/held.h"
#include "core/park.h"
#include "sync/chan.h"
#include <string.h>

#define COST_NS 50 /* what an operation takes under the virtual clock */

gr_chan *gr_chan_make_at(size_t elem_size, size_t cap, gr_site *site) {
    rt_charge(COST_NS);
    size_t limit = PTRDIFF_MAX - sizeof(gr_chan);
    gr_chan *c = NULL;
    if (elem_size == 0 || cap <= limit / elem_size)
        c = rt_held_alloc(sizeof(gr_chan) + elem_size * cap);
    if (!c)
        rt_panic("makechan: size out of range", site);
    memset(c, 0, sizeof *c);
    c->cap = cap;
    c->elem_size = elem_size;
    c->buf = (unsigned char *)(c + 1);
    return c;
}

void gr_chan_free(gr_chan *c) {
    rt_must_be_here();
    if (!c)
        return;
    rt_lock(&c->lock, RANK_CHAN);
    bool waited_on = rt_waitq_first(&c->recvq) || rt_waitq_first(&c->sendq);
    rt_unlock(&c->lock);
    if (waited_on)
        rt_fatal("gr_chan_free: a goroutine is waiting on the channel");
    rt_held_free(c);
}

size_t gr_chan_len(gr_chan *c) { return c && !c->timer ? rt_chan_count(c) : 0; }
size_t gr_chan_cap(gr_chan *c) { return c && !c->timer ? c->cap : 0; }

/* ---- under the lock ------------------------------------------------------------------------------------------ */

/* The usual sizes apart: a copy of unknown length is a call out of wasm, 10 ns. */
static void copy_elem(gr_chan *c, void *to, const void *from) {
    if (!to)
        return;
    if (c->elem_size == 8)
        memcpy(to, from, 8);
    else if (c->elem_size == 4)
        memcpy(to, from, 4);
    else if (c->elem_size > 0)
        memcpy(to, from, c->elem_size);
}

static void zero_elem(gr_chan *c, void *to) {
    if (!to)
        return;
    if (c->elem_size == 8)
        memset(to, 0, 8);
    else if (c->elem_size == 4)
        memset(to, 0, 4);
    else if (c->elem_size > 0)
        memset(to, 0, c->elem_size);
}

static void *slot(gr_chan *c, size_t i) { return c->buf + i * c->elem_size; }
static size_t after(gr_chan *c, size_t i) { return i + 1 == c->cap ? 0 : i + 1; }
static void set_count(gr_chan *c, size_t n) { atomic_store_explicit(&c->count, n, memory_order_relaxed); }

/* The waiter has what it waited for (or the channel was closed). Returns the goroutine to make ready, NULL: it goes
 * on by itself. It may go on, and *w be gone, as soon as it is ready or the lock is free. */
static G *serve(Waiter *w, bool success) {
    w->success = success;
    w->g->wake = w;
    return w->parked ? w->g : NULL;
}

ChanResult rt_chan_try_send(gr_chan *c, const void *v, G **peer) {
    *peer = NULL;
    if (rt_chan_closed(c))
        return CHAN_CLOSED;
    Waiter *receiver = rt_waitq_first(&c->recvq) ? rt_waitq_take(&c->recvq) : NULL;
    if (receiver) {
        copy_elem(c, receiver->elem, v);
        *peer = serve(receiver, true);
        return CHAN_DONE;
    }
    if (rt_chan_count(c) == c->cap)
        return CHAN_WOULD_BLOCK;
    copy_elem(c, slot(c, c->send_at), v);
    c->send_at = after(c, c->send_at);
    set_count(c, rt_chan_count(c) + 1);
    return CHAN_DONE;
}

/* A sender waits, so the buffer is full or there is none. */
static void recv_from_sender(gr_chan *c, void *v, Waiter *sender) {
    if (c->cap == 0) {
        copy_elem(c, v, sender->elem);
        return;
    }
    if (rt_chan_count(c) != c->cap)
        rt_overwritten();
    void *oldest = slot(c, c->recv_at);
    copy_elem(c, v, oldest);
    copy_elem(c, oldest, sender->elem);
    c->recv_at = after(c, c->recv_at);
    c->send_at = c->recv_at;
}

ChanResult rt_chan_try_recv(gr_chan *c, void *v, G **peer) {
    *peer = NULL;
    if (rt_chan_closed(c) && rt_chan_count(c) == 0) {
        zero_elem(c, v);
        return CHAN_CLOSED;
    }
    Waiter *sender = rt_chan_closed(c) || !rt_waitq_first(&c->sendq) ? NULL : rt_waitq_take(&c->sendq);
    if (sender) {
        recv_from_sender(c, v, sender);
        *peer = serve(sender, true);
        return CHAN_DONE;
    }
    if (rt_chan_count(c) == 0)
        return CHAN_WOULD_BLOCK;
    copy_elem(c, v, slot(c, c->recv_at));
    c->recv_at = after(c, c->recv_at);
    set_count(c, rt_chan_count(c) - 1);
    return CHAN_DONE;
}

/* ---- without blocking ---------------------------------------------------------------------------------------- */

bool rt_chan_seems_full(gr_chan *c) { return c->cap == 0 ? !rt_waitq_first(&c->recvq) : rt_chan_count(c) == c->cap; }

bool rt_chan_seems_empty(gr_chan *c) {
    if (c->cap == 0)
        return !atomic_load_explicit(&c->sendq.first, memory_order_acquire);
    return atomic_load_explicit(&c->count, memory_order_acquire) == 0;
}

bool rt_chan_send_now(gr_chan *c, const void *v, gr_site *site) {
    /* in this order: a closed channel never becomes full, so full after open means that it was both at some moment */
    if (!atomic_load_explicit(&c->closed, memory_order_acquire) && rt_chan_seems_full(c))
        return false;
    G *peer;
    rt_lock(&c->lock, RANK_CHAN);
    ChanResult r = rt_chan_try_send(c, v, &peer);
    rt_unlock(&c->lock);
    if (r == CHAN_CLOSED)
        rt_panic("send on closed channel", site);
    if (peer)
        rt_ready(peer, true, site);
    return r == CHAN_DONE;
}

bool rt_chan_recv_now(gr_chan *c, void *v, bool *ok, gr_site *site) {
    if (__builtin_expect(c->timer != NULL, 0))
        rt_timer_poll(c->timer);
    /* in this order: open after empty means that it was both at the moment it was empty */
    if (rt_chan_seems_empty(c) && !atomic_load_explicit(&c->closed, memory_order_acquire))
        return false;
    G *peer;
    rt_lock(&c->lock, RANK_CHAN);
    ChanResult r = rt_chan_try_recv(c, v, &peer);
    rt_unlock(&c->lock);
    if (peer)
        rt_ready(peer, true, site);
    *ok = r == CHAN_DONE;
    return r != CHAN_WOULD_BLOCK;
}

bool rt_chan_drain(gr_chan *c) {
    rt_lock(&c->lock, RANK_CHAN);
    bool any = rt_chan_count(c) > 0;
    set_count(c, 0);
    c->recv_at = c->send_at;
    rt_unlock(&c->lock);
    return any;
}

/* ---- blocking ------------------------------------------------------------------------------------------------ */

static _Noreturn void block_forever(WaitReason reason, gr_site *site) {
    rt_park(NULL, NULL, reason, site);
    rt_throw("chan: goroutine on a NULL channel went on");
}

/* The calling goroutine waits on q; the lock is held and free when it goes on. Returns whether it was served (else:
 * closed). */
static inline __attribute__((always_inline)) bool wait_on(gr_chan *c, WaitQ *q, void *elem, WaitReason reason,
                                                          gr_site *site) {
    Waiter me = {.g = rt_getg(), .elem = elem, .c = c};
    me.g->wake = NULL;
    rt_waitq_put(q, &me);
    rt_park_unlock(&c->lock, reason, site);
    rt_assert(me.g->wake == &me);
    me.g->wake = NULL;
    return me.success;
}

/* Under the lock, which is free afterwards unless the call would block. Nothing here suspends. */
static ChanResult send_or_stay(gr_chan *c, const void *v, gr_site *site) {
    G *peer;
    rt_lock(&c->lock, RANK_CHAN);
    ChanResult r = rt_chan_try_send(c, v, &peer);
    if (r == CHAN_WOULD_BLOCK)
        return r;
    rt_unlock(&c->lock);
    if (peer)
        rt_ready(peer, true, site);
    return r;
}

static ChanResult recv_or_stay(gr_chan *c, void *v, gr_site *site) {
    G *peer;
    rt_lock(&c->lock, RANK_CHAN);
    ChanResult r = rt_chan_try_recv(c, v, &peer);
    if (r == CHAN_WOULD_BLOCK)
        return r;
    rt_unlock(&c->lock);
    if (peer)
        rt_ready(peer, true, site);
    return r;
}

/* tried: an attempt has come to r. */
static __attribute__((noinline)) void send_slow(gr_chan *c, const void *v, bool tried, ChanResult r, gr_site *site) {
    if (!tried) {
        rt_charge(COST_NS);
        if (!c)
            block_forever(WAIT_CHAN_SEND_NIL, site);
        r = send_or_stay(c, v, site);
    }
    if (r == CHAN_WOULD_BLOCK) /* the peer only reads through elem */
        r = wait_on(c, &c->sendq, (void *)(uintptr_t)v, WAIT_CHAN_SEND, site) ? CHAN_DONE : CHAN_CLOSED;
    if (r == CHAN_CLOSED)
        rt_panic("send on closed channel", site);
}

void gr_chan_send_at(gr_chan *c, const void *v, gr_site *site) {
    ChanResult r = CHAN_WOULD_BLOCK;
    bool try = c && rt_quiet();
    if (try && (r = send_or_stay(c, v, site)) == CHAN_DONE)
        return;
    send_slow(c, v, try, r, site);
}

static bool recv(gr_chan *c, void *v, gr_site *site) {
    ChanResult r = recv_or_stay(c, v, site);
    return r == CHAN_WOULD_BLOCK ? wait_on(c, &c->recvq, v, WAIT_CHAN_RECV, site) : r == CHAN_DONE;
}

static __attribute__((noinline)) bool recv_from_timer(gr_chan *c, void *v, gr_site *site) {
    rt_timer_watch(c->timer);
    bool ok = recv(c, v, site);
    rt_timer_unwatch(c->timer);
    return ok;
}

/* tried: an attempt has come to CHAN_WOULD_BLOCK. */
static __attribute__((noinline)) bool recv_slow(gr_chan *c, void *v, bool tried, gr_site *site) {
    if (tried)
        return wait_on(c, &c->recvq, v, WAIT_CHAN_RECV, site);
    rt_charge(COST_NS);
    if (!c)
        block_forever(WAIT_CHAN_RECV_NIL, site);
    return c->timer ? recv_from_timer(c, v, site) : recv(c, v, site);
}

bool gr_chan_recv_at(gr_chan *c, void *v, gr_site *site) {
    bool try = c && rt_quiet() && !c->timer;
    if (try) {
        ChanResult r = recv_or_stay(c, v, site);
        if (r != CHAN_WOULD_BLOCK)
            return r == CHAN_DONE;
    }
    return recv_slow(c, v, try, site);
}

/* Takes everybody off q, claimed; those who have to be made ready linked by next behind list. Their sends fail,
 * their receives get zeroes. */
static Waiter *release_all(gr_chan *c, WaitQ *q, bool receivers, Waiter *list, Waiter **tail) {
    Waiter *w;
    while ((w = rt_waitq_take(q)) != NULL) {
        if (receivers)
            zero_elem(c, w->elem);
        if (!serve(w, false))
            continue;
        if (list)
            (*tail)->next = w;
        else
            list = w;
        *tail = w;
    }
    return list;
}

void gr_chan_close_at(gr_chan *c, gr_site *site) {
    rt_charge(COST_NS);
    if (!c)
        rt_panic("close of nil channel", site);
    rt_lock(&c->lock, RANK_CHAN);
    if (rt_chan_closed(c)) {
        rt_unlock(&c->lock);
        rt_panic("close of closed channel", site);
    }
    atomic_store_explicit(&c->closed, true, memory_order_release);
    Waiter *tail = NULL;
    Waiter *list = release_all(c, &c->recvq, true, NULL, &tail);
    list = release_all(c, &c->sendq, false, list, &tail);
    rt_unlock(&c->lock);
    while (list) {
        Waiter *w = list;
        list = w->next; /* once its goroutine runs, w is gone */
        rt_ready(w->g, true, site);
    }
}
