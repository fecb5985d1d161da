/* chan.h: the inside of a channel, for chan.c, select.c and time.c. (hchan, waitq of Go's chan.go)
 *
 * Invariants, while c->lock is free
 *  1. At least one of recvq and sendq is empty, except for an unbuffered channel on which one goroutine both sends and
 *     receives in the same select.
 *  2. Buffered channel: elements in it mean that nobody waits to receive; a free slot means that nobody waits to send.
 *  3. A Waiter on a queue belongs to a goroutine that is parked or about to run its select's clean-up; its elem may
 *     be read or written by the peer only under the lock.
 * Otherwise an element could be overtaken, or a goroutine could sleep beside what it waits for.
 *
 * closed, count and the queues' heads are atomic because calls that do not block look at them without the lock first.
 */
#ifndef RT_CHAN_H
#define RT_CHAN_H

#include "core/sched.h"

/* Goroutines waiting on one side of a channel, first come first served. */
typedef struct WaitQ {
    _Atomic(Waiter *) first; /* NULL: nobody */
    Waiter *last;
} WaitQ;

struct gr_chan {
    rt_mutex lock;        /* RANK_CHAN; guards everything below, and the Waiters on the queues */
    _Atomic bool closed;  /* only ever set */
    _Atomic size_t count; /* elements in buf */
    size_t cap;           /* slots of buf; 0: unbuffered */
    size_t elem_size;     /* bytes, may be 0 */
    size_t send_at;       /* slot the next element goes to */
    size_t recv_at;       /* slot the next element is taken from */
    WaitQ recvq, sendq;   /* who waits to receive, to send */
    gr_timer *timer;      /* sends into it, see time.c; NULL: an ordinary channel */
    unsigned char *buf;   /* cap * elem_size bytes behind this struct */
};

/* What an attempt under the lock came to. */
typedef enum ChanResult { CHAN_WOULD_BLOCK, CHAN_DONE, CHAN_CLOSED } ChanResult;

static inline size_t rt_chan_count(gr_chan *c) { return load_relaxed(size_t, &c->count); }
static inline bool rt_chan_closed(gr_chan *c) { return load_relaxed(bool, &c->closed); }
static inline Waiter *rt_waitq_first(WaitQ *q) { return load_relaxed(Waiter *, &q->first); }

/* waitq.c: all under the channel's lock. */
void rt_waitq_put(WaitQ *q, Waiter *w);
/* The first waiter that nobody has claimed, now claimed by the caller; NULL: none. */
Waiter *rt_waitq_take(WaitQ *q);
/* Takes w off wherever it stands; nothing if it is on q no longer. */
void rt_waitq_remove(WaitQ *q, Waiter *w);

/* Look without the lock: true means that a call would have blocked at some moment since the caller asked. */
bool rt_chan_seems_full(gr_chan *c);
bool rt_chan_seems_empty(gr_chan *c);

/* Under the lock: sends *v or receives into *v (NULL discards) if that is possible now. *peer is the goroutine to
 * make ready once the lock is free again, NULL: none. Receiving CHAN_CLOSED has zeroed *v. */
ChanResult rt_chan_try_send(gr_chan *c, const void *v, G **peer);
ChanResult rt_chan_try_recv(gr_chan *c, void *v, G **peer);

/* gr_chan_send_at and gr_chan_recv_at on a channel that is not NULL, without blocking: false if they would.
 * Receiving says in *ok what gr_chan_recv would return. */
bool rt_chan_send_now(gr_chan *c, const void *v, gr_site *site);
bool rt_chan_recv_now(gr_chan *c, void *v, bool *ok, gr_site *site);

/* time.c: for channels with a timer, with no lock held. Fires it if its time has come: before a look that does not
 * wait. */
void rt_timer_poll(gr_timer *t);
/* From one to the other the timer fires by itself: around a look that may wait. */
void rt_timer_watch(gr_timer *t);
void rt_timer_unwatch(gr_timer *t);

/* Drops what is buffered; returns whether anything was. (timerchandrain) */
bool rt_chan_drain(gr_chan *c);

#ifdef GR_CHECK
/* The places of the select that a parked goroutine gave as wait_on; returns how many. */
int rt_select_places(void *wait_on, Waiter **waiters);
#endif

#endif
