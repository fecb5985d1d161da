/* time.c: sleeping, timers, tickers: one heap for all of them. (Go's runtime/time.go, time/sleep.go, time/tick.go)
 *
 * Invariants, while timers.lock is free
 *  1. heap[i].t->at == i + 1 for every entry, and t->at == 0 for every timer that is not set.
 *  2. timers.next is heap[0].when, INT64_MAX for an empty heap. It is read without the lock.
 *  3. The value a timer has put into its channel belongs to its latest setting: firing, stopping and resetting each see to
 *     heap and channel in one critical section. So nobody receives an old value after gr_timer_stop or gr_timer_reset (Go 1.23).
 *
 * The heap's arity is 4: flatter than 2, and the four children share a cache line or two. Entries of the same time fire in the
 * order in which they were set (seq), which sim mode relies on. Where we differ from Go: one heap, not one per P.
 */
#include "chan.h"
#include <stdlib.h>

#define COST_NS 50
#define ARITY 4

typedef enum TimerKind { TIMER_SLEEP, TIMER_CHAN, TIMER_FUNC } TimerKind;

struct gr_timer {
    TimerKind kind;
    bool runtime_owned; /* gr_after: nobody has a pointer to it, free it when it fires */
    uint32_t at;        /* place in the heap + 1; 0: not set */
    int64_t period_ns;  /* ticker; 0: fires once */
    G *g;               /* TIMER_SLEEP: who sleeps */
    gr_chan *c;         /* TIMER_CHAN: one slot for an int64_t */
    void (*fn)(void *); /* TIMER_FUNC, with what gr_go would be given */
    void *arg;
    const char *name;
    gr_site *site;
};

struct gr_ticker {
    gr_timer t;
};

typedef struct Entry {
    int64_t when; /* rt_now at which it fires */
    uint64_t seq; /* breaks ties: in the order of setting */
    gr_timer *t;
} Entry;

static struct {
    rt_mutex lock;        /* RANK_TIMERS; guards the rest, and every gr_timer that is or may be set */
    _Atomic int64_t next; /* heap[0].when, INT64_MAX: no timer */
    Entry *heap;
    uint32_t n, cap;
    uint64_t seq; /* last one given out */
} timers = {.next = INT64_MAX};

/* ---- the heap -------------------------------------------------------------------------------------------------------- */

static bool earlier(const Entry *a, const Entry *b) { return a->when != b->when ? a->when < b->when : a->seq < b->seq; }

static void put_at(uint32_t i, Entry e) {
    timers.heap[i] = e;
    e.t->at = i + 1;
}

static void sift_up(uint32_t i, Entry e) {
    while (i > 0) {
        uint32_t parent = (i - 1) / ARITY;
        if (!earlier(&e, &timers.heap[parent]))
            break;
        put_at(i, timers.heap[parent]);
        i = parent;
    }
    put_at(i, e);
}

static void sift_down(uint32_t i, Entry e) {
    for (;;) {
        uint32_t first = i * ARITY + 1, least = first;
        if (first >= timers.n)
            break;
        for (uint32_t k = first + 1; k < first + ARITY && k < timers.n; k++)
            if (earlier(&timers.heap[k], &timers.heap[least]))
                least = k;
        if (!earlier(&timers.heap[least], &e))
            break;
        put_at(i, timers.heap[least]);
        i = least;
    }
    put_at(i, e);
}

#ifdef GR_DEBUG
/* Entry i is not earlier than its parent, and no child is earlier than it. */
static bool in_order(uint32_t i) {
    const Entry *h = timers.heap;
    if (i > 0 && earlier(&h[i], &h[(i - 1) / ARITY]))
        return false;
    for (uint32_t k = i * ARITY + 1; k <= i * ARITY + ARITY && k < timers.n; k++)
        if (earlier(&h[k], &h[i]))
            return false;
    return h[i].t->at == i + 1;
}
#endif

static void heap_grow(void) {
    if (timers.n < timers.cap)
        return;
    uint32_t cap = timers.cap ? timers.cap * 2 : 64;
    Entry *heap = realloc(timers.heap, cap * sizeof *heap);
    if (!heap)
        rt_fatal("out of memory (timers)");
    timers.heap = heap;
    timers.cap = cap;
}

static void heap_insert(gr_timer *t, int64_t when) {
    rt_assert(t->at == 0);
    heap_grow();
    sift_up(timers.n++, (Entry){.when = when, .seq = ++timers.seq, .t = t});
    rt_assert_slow(in_order(t->at - 1));
}

/* Returns whether it was set. */
static bool heap_remove(gr_timer *t) {
    if (t->at == 0)
        return false;
    uint32_t i = t->at - 1;
    rt_assert(i < timers.n && timers.heap[i].t == t);
    t->at = 0;
    Entry last = timers.heap[--timers.n];
    if (last.t == t)
        return true;
    if (i > 0 && earlier(&last, &timers.heap[(i - 1) / ARITY]))
        sift_up(i, last);
    else
        sift_down(i, last);
    rt_assert_slow(in_order(last.t->at - 1));
    return true;
}

/* ---- the lock and the earliest time ---------------------------------------------------------------------------------- */

static void lock_timers(void) { rt_lock(&timers.lock, RANK_TIMERS); }

static void unlock_timers(void) {
    int64_t next = timers.n > 0 ? timers.heap[0].when : INT64_MAX;
    if (atomic_load_explicit(&timers.next, memory_order_relaxed) != next)
        atomic_store(&timers.next, next);
    rt_unlock(&timers.lock);
}

int64_t timers_next(void) { return atomic_load(&timers.next); }

static int64_t later(int64_t now, int64_t ns) {
    int64_t never = INT64_MAX - 1; /* INT64_MAX in timers.next would say that no timer is set */
    if (ns <= 0)
        return now;
    return now > never - ns ? never : now + ns;
}

/* Sets t, frees the lock, and wakes the M that sleeps for timers if it would oversleep. t may be gone after. */
static void set_and_unlock(gr_timer *t, int64_t when) {
    heap_insert(t, when);
    bool first = timers.heap[0].t == t;
    unlock_timers();
    if (first)
        sched_timer_earlier(when);
}

/* ---- firing ---------------------------------------------------------------------------------------------------------- */

/* Under the lock: a tick nobody has taken yet stays, this one is dropped. */
static void fire_chan(gr_timer *t, int64_t now) {
    G *peer;
    rt_lock(&t->c->lock, RANK_CHAN);
    chan_try_send(t->c, &now, &peer);
    rt_unlock(&t->c->lock);
    if (peer)
        ready(peer, false, NULL);
    if (t->runtime_owned)
        free(t);
}

/* Fires the first timer. Frees the lock meanwhile where other code runs; t may then be gone. */
static void fire_first(int64_t now) {
    gr_timer *t = timers.heap[0].t;
    if (t->period_ns > 0) {
        Entry e = timers.heap[0];
        int64_t missed = (now - e.when) / t->period_ns;
        e.when = later(e.when + missed * t->period_ns, t->period_ns);
        e.seq = ++timers.seq;
        sift_down(0, e);
        rt_assert_slow(in_order(t->at - 1));
    } else {
        heap_remove(t);
    }
    if (t->kind == TIMER_CHAN) {
        fire_chan(t, now);
        return;
    }
    gr_timer fired = *t;
    unlock_timers();
    if (fired.kind == TIMER_SLEEP)
        ready(fired.g, false, NULL);
    else
        spawn(fired.fn, fired.arg, 0, fired.name, fired.site);
    lock_timers();
}

int timers_run(int64_t now) {
    int fired = 0;
    lock_timers();
    while (timers.n > 0 && timers.heap[0].when <= now) {
        fire_first(now);
        fired++;
    }
    unlock_timers();
    return fired;
}

/* ---- sleeping -------------------------------------------------------------------------------------------------------- */

typedef struct Sleep {
    gr_timer t;
    int64_t when;
} Sleep;

/* On the M's stack, when the goroutine has left its own. Once the lock is free it may run elsewhere and its Sleep be gone. */
static bool set_sleep(G *g, void *arg) {
    (void)g;
    Sleep *s = arg;
    lock_timers();
    set_and_unlock(&s->t, s->when);
    return true;
}

void gr_sleep_at(int64_t ns, gr_site *site) {
    rt_charge(COST_NS);
    if (ns <= 0)
        return;
    Sleep s = {.t = {.kind = TIMER_SLEEP, .g = getg()}, .when = later(rt_now(), ns)};
    park(set_sleep, &s, WAIT_SLEEP, site);
}

/* ---- timers ---------------------------------------------------------------------------------------------------------- */

static gr_timer *timer_new(TimerKind kind) {
    gr_timer *t = calloc(1, sizeof(gr_ticker)); /* one size for both: a ticker is a timer with a period */
    if (!t)
        rt_fatal("out of memory (timer)");
    t->kind = kind;
    if (kind == TIMER_CHAN)
        t->c = gr_chan_make(sizeof(int64_t), 1);
    return t;
}

/* Under the lock: it does not fire any more, and what it fired is taken back. True if one of the two was to be done. */
static bool unset(gr_timer *t) {
    bool was_set = heap_remove(t);
    bool was_fired = t->kind == TIMER_CHAN && chan_drain(t->c);
    return was_set || was_fired;
}

static void timer_start(gr_timer *t, int64_t ns) {
    rt_charge(COST_NS);
    int64_t when = later(rt_now(), ns);
    lock_timers();
    set_and_unlock(t, when);
}

gr_timer *gr_timer_make(int64_t ns) {
    gr_timer *t = timer_new(TIMER_CHAN);
    timer_start(t, ns);
    return t;
}

gr_chan *gr_timer_chan(gr_timer *t) { return t->c; }

bool gr_timer_stop(gr_timer *t) {
    rt_charge(COST_NS);
    lock_timers();
    bool was = unset(t);
    unlock_timers();
    return was;
}

bool gr_timer_reset(gr_timer *t, int64_t ns) {
    rt_charge(COST_NS);
    int64_t when = later(rt_now(), ns);
    lock_timers();
    bool was = unset(t);
    set_and_unlock(t, when);
    return was;
}

void gr_timer_free(gr_timer *t) {
    if (!t)
        return;
    gr_timer_stop(t);
    gr_chan_free(t->c);
    free(t);
}

gr_timer *gr_after_func_at(int64_t ns, void (*fn)(void *), void *arg, const char *name, gr_site *site) {
    gr_timer *t = timer_new(TIMER_FUNC);
    t->fn = fn;
    t->arg = arg;
    t->name = name;
    t->site = site;
    timer_start(t, ns);
    return t;
}

gr_chan *gr_after(int64_t ns) {
    gr_timer *t = timer_new(TIMER_CHAN);
    gr_chan *c = t->c;
    t->runtime_owned = true;
    timer_start(t, ns);
    return c;
}

/* ---- tickers --------------------------------------------------------------------------------------------------------- */

static gr_timer *of_ticker(gr_ticker *t) { return &t->t; }

static void ticker_set(gr_ticker *t, int64_t ns) {
    rt_charge(COST_NS);
    int64_t when = later(rt_now(), ns);
    lock_timers();
    unset(of_ticker(t));
    of_ticker(t)->period_ns = ns;
    set_and_unlock(of_ticker(t), when);
}

gr_ticker *gr_ticker_make(int64_t ns) {
    if (ns <= 0)
        rt_panic("non-positive interval for NewTicker", NULL);
    gr_ticker *t = (gr_ticker *)(void *)timer_new(TIMER_CHAN);
    ticker_set(t, ns);
    return t;
}

gr_chan *gr_ticker_chan(gr_ticker *t) { return of_ticker(t)->c; }

void gr_ticker_stop(gr_ticker *t) { gr_timer_stop(of_ticker(t)); }

void gr_ticker_reset(gr_ticker *t, int64_t ns) {
    if (ns <= 0)
        rt_panic("non-positive interval for Ticker.Reset", NULL);
    ticker_set(t, ns);
}

void gr_ticker_free(gr_ticker *t) {
    if (t)
        gr_timer_free(of_ticker(t));
}
