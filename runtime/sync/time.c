/* time.c: sleeping, timers, tickers. (Go's time/sleep.go, time/tick.go, the upper half of runtime/time.go)
 *
 * A channel's timer is in a heap only while some goroutine waits on the channel: what waits calls rt_timer_watch
 * before it looks at the channel and rt_timer_unwatch when it goes on. Nobody else needs to be told when it is due:
 * who looks at the channel without waiting fires it himself if its time has come (rt_timer_poll). So a ticker that
 * nobody reads costs nothing, does not keep the machine awake and does not hide a deadlock. (Go 1.23)
 *
 * Invariants, while the lock of t (timers.h) is free
 *  1. t is in a heap if and only if it is set (when != TIMER_NEVER), not beyond the end of time (TIMER_BEYOND), and
 *     it calls a function, or its channel is watched.
 *  2. The value a timer has put into its channel belongs to its latest setting: firing, stopping and resetting each
 *     see to timer and channel in one critical section. So nobody receives an old value after gr_timer_stop or
 *     gr_timer_reset (Go 1.23).
 *  3. That value is the time at which it was due, whenever it was fired.
 */
#include "core/driver.h"
#include "core/held.h"
#include "core/park.h"
#include "core/timers.h"
#include "sync/chan.h"
#include <string.h>

#define COST_NS 50

struct gr_timer {
    Timer t;            /* first; t.when: TIMER_NEVER while it is not set; its lock guards the rest */
    uint32_t watchers;  /* with a channel: goroutines that wait on it, or are about to */
    int64_t period_ns;  /* ticker; 0: fires once */
    gr_chan *c;         /* one slot for an int64_t; NULL: it calls a function */
    void (*fn)(void *); /* the function, with what gr_go would be given */
    void *arg;
    const char *name;
    gr_site *site;
};

struct gr_ticker {
    gr_timer t;
};

static int64_t later(int64_t now, int64_t ns) {
    if (ns <= 0)
        return now;
    return ns > TIMER_END - now ? TIMER_BEYOND : now + ns;
}

/* ---- sleeping ------------------------------------------------------------------------------------------------ */

typedef struct Sleep {
    Timer t;
    G *g;
} Sleep;

static void fire_sleep(Timers *ts, Timer *t, int64_t now) {
    (void)ts, (void)now;
    Sleep *s = (Sleep *)(void *)t;
    rt_ready(s->g, false, NULL);
}

/* On the M's stack, when the goroutine has left its own. Once the lock is free it may run elsewhere and its Sleep
 * be gone. */
static bool set_sleep(G *g, void *arg) {
    (void)g;
    Sleep *s = arg;
    Timers *ts = rt_timer_lock_to_set(&s->t);
    rt_timer_insert(ts, &s->t);
    rt_timers_unlock(ts);
    return true;
}

void gr_sleep_at(int64_t ns, gr_site *site) {
    rt_charge(COST_NS);
    if (ns <= 0)
        return;
    Sleep s = {.t = {.fire = fire_sleep, .when = later(rt_now(), ns)}, .g = rt_getg()};
    if (s.t.when == TIMER_BEYOND)
        rt_park(NULL, NULL, WAIT_SLEEP, site); /* for ever */
    rt_park(set_sleep, &s, WAIT_SLEEP, site);
}

/* ---- firing, under the lock ---------------------------------------------------------------------------------- */

static bool in_heap(gr_timer *t) { return t->t.when < TIMER_BEYOND && (!t->c || t->watchers > 0); }

static void fire_func(Timers *ts, Timer *timer, int64_t now) {
    (void)ts, (void)now;
    gr_timer *t = (gr_timer *)(void *)timer;
    t->t.when = TIMER_NEVER;
    rt_spawn(t->fn, t->arg, 0, t->name, t->site);
}

/* A tick nobody has taken yet stays, this one is dropped. */
static void fire_chan(Timers *ts, Timer *timer, int64_t now) {
    gr_timer *t = (gr_timer *)(void *)timer;
    int64_t when = t->t.when;
    G *peer;
    rt_lock(&t->c->lock, RANK_CHAN);
    rt_chan_try_send(t->c, &when, &peer);
    rt_unlock(&t->c->lock);
    t->t.when = TIMER_NEVER;
    if (t->period_ns > 0) {
        int64_t missed = (now - when) / t->period_ns;
        t->t.when = later(when + missed * t->period_ns, t->period_ns);
        if (in_heap(t))
            rt_timer_insert(ts, timer);
    }
    if (peer)
        rt_ready(peer, false, NULL);
}

/* Fires t if its time has come. */
static void fire_if_due(Timers *ts, gr_timer *t) {
    if (t->t.when == TIMER_NEVER)
        return;
    int64_t now = rt_now();
    if (t->t.when > now)
        return;
    rt_timer_remove(ts, &t->t);
    fire_chan(ts, &t->t, now);
}

/* ---- for channels -------------------------------------------------------------------------------------------- */

void rt_timer_poll(gr_timer *t) {
    Timers *ts = rt_timer_lock(&t->t);
    fire_if_due(ts, t);
    rt_timers_unlock(ts);
}

void rt_timer_watch(gr_timer *t) {
    Timers *ts = rt_timer_lock_to_set(&t->t);
    fire_if_due(ts, t);
    t->watchers++;
    if (in_heap(t) && t->t.at == 0)
        rt_timer_insert(ts, &t->t);
    rt_timers_unlock(ts);
}

void rt_timer_unwatch(gr_timer *t) {
    Timers *ts = rt_timer_lock(&t->t);
    if (t->watchers == 0)
        rt_overwritten();
    if (--t->watchers == 0)
        rt_timer_remove(ts, &t->t);
    rt_timers_unlock(ts);
}

/* ---- timers -------------------------------------------------------------------------------------------------- */

static gr_timer *timer_new(timer_fire *fire) {
    gr_timer *t = rt_held_alloc(sizeof(gr_ticker)); /* one size for both: a ticker is a timer with a period */
    if (!t)
        rt_fatal("out of memory (timer)");
    memset(t, 0, sizeof(gr_ticker));
    t->t.fire = fire;
    t->t.when = TIMER_NEVER;
    return t;
}

static gr_timer *chan_timer_new(void) {
    gr_timer *t = timer_new(fire_chan);
    t->c = gr_chan_make(sizeof(int64_t), 1);
    t->c->timer = t;
    return t;
}

/* Under the lock: it does not fire any more, and what it fired is taken back. True if one of the two was to be done. */
static bool unset(Timers *ts, gr_timer *t) {
    bool was_set = t->t.when != TIMER_NEVER;
    rt_timer_remove(ts, &t->t);
    t->t.when = TIMER_NEVER;
    bool was_fired = t->c && rt_chan_drain(t->c);
    return was_set || was_fired;
}

/* Sets it anew, period_ns as in gr_timer. Returns what unset does. */
static bool set(gr_timer *t, int64_t ns, int64_t period_ns) {
    rt_charge(COST_NS);
    int64_t when = later(rt_now(), ns);
    Timers *ts = rt_timer_lock_to_set(&t->t);
    bool was = unset(ts, t);
    t->period_ns = period_ns;
    t->t.when = when;
    if (in_heap(t))
        rt_timer_insert(ts, &t->t);
    rt_timers_unlock(ts);
    return was;
}

gr_timer *gr_timer_make(int64_t ns) {
    gr_timer *t = chan_timer_new();
    set(t, ns, 0);
    return t;
}

gr_chan *gr_timer_chan(gr_timer *t) { return t->c; }

bool gr_timer_stop(gr_timer *t) {
    rt_charge(COST_NS);
    Timers *ts = rt_timer_lock(&t->t);
    bool was = unset(ts, t);
    rt_timers_unlock(ts);
    return was;
}

bool gr_timer_reset(gr_timer *t, int64_t ns) { return set(t, ns, 0); }

void gr_timer_free(gr_timer *t) {
    if (!t)
        return;
    gr_timer_stop(t);
    gr_chan_free(t->c);
    rt_held_free(t);
}

gr_timer *gr_after_func_at(int64_t ns, void (*fn)(void *), void *arg, const char *name, gr_site *site) {
    gr_timer *t = timer_new(fire_func);
    t->fn = fn;
    t->arg = arg;
    t->name = name;
    t->site = site;
    set(t, ns, 0);
    return t;
}

gr_chan *gr_after(int64_t ns) { return gr_timer_chan(gr_timer_make(ns)); }

/* ---- tickers ------------------------------------------------------------------------------------------------- */

static gr_timer *of_ticker(gr_ticker *t) { return &t->t; }

gr_ticker *gr_ticker_make_at(int64_t ns, gr_site *site) {
    if (ns <= 0)
        rt_panic("non-positive interval for NewTicker", site);
    gr_timer *t = chan_timer_new();
    set(t, ns, ns);
    return (gr_ticker *)(void *)t;
}

gr_chan *gr_ticker_chan(gr_ticker *t) { return of_ticker(t)->c; }

void gr_ticker_stop(gr_ticker *t) { gr_timer_stop(of_ticker(t)); }

void gr_ticker_reset_at(gr_ticker *t, int64_t ns, gr_site *site) {
    if (ns <= 0)
        rt_panic("non-positive interval for Ticker.Reset", site);
    set(of_ticker(t), ns, ns);
}

void gr_ticker_free(gr_ticker *t) {
    if (t)
        gr_timer_free(of_ticker(t));
}
