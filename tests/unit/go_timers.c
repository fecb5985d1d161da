/* Unit tests of timers and tickers after those of Go's time package: time/sleep_test.go, time/tick_test.go, and
 * TestTimerFairness of runtime/proc_test.go. Each test names the one it follows; counts and times are smaller.
 *
 * Copyright 2009 The Go Authors. All rights reserved. Use of their part is governed by a BSD-style license
 * (go.dev/LICENSE).
 */
#include "check.h"

#define MS GR_MILLISECOND
#define SCHED (2 * MS) /* long enough for others to have gone on, nearly always */
#define FAR (10000 * GR_SECOND)

static uint32_t random_state = 1;
static uint32_t random_below(uint32_t n) {
    random_state = random_state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

static bool has_value(gr_chan *c) { return gr_select((gr_case[]){{GR_RECV, c, NULL, false}}, 1, true) == 0; }

static bool gets_value(gr_chan *c) {
    for (int i = 0; i < 1000; i++) {
        if (has_value(c))
            return true;
        gr_sleep(SCHED);
    }
    return false;
}

/* ---- functions ---- */

typedef struct Pingpong {
    _Atomic int stop;
    gr_chan *c;
    gr_waitgroup wg;
} Pingpong;

static void ping(void *arg) {
    Pingpong *p = arg;
    while (!atomic_load(&p->stop))
        gr_chan_send(p->c, &(int){1});
    gr_chan_close(p->c);
    gr_waitgroup_done(&p->wg);
}

static void pong(void *arg) {
    Pingpong *p = arg;
    while (gr_chan_recv(p->c, NULL))
        ;
    gr_waitgroup_done(&p->wg);
}

static void set_stop(void *arg) { atomic_store(&((Pingpong *)arg)->stop, 1); }

/* TestAfterFuncStarvation: there is always a goroutine to run, and the function's gets its turn all the same. */
static void functions_do_not_starve(void) {
    int procs = gr_gomaxprocs(1);
    for (int i = 0; i < 50; i++) {
        Pingpong p = {.c = gr_chan_make(sizeof(int), 1)};
        gr_waitgroup_add(&p.wg, 2);
        gr_go(ping, &p);
        gr_go(pong, &p);
        gr_timer *t = gr_after_func(GR_MICROSECOND, set_stop, &p);
        gr_waitgroup_wait(&p.wg);
        gr_timer_free(t);
        gr_chan_free(p.c);
    }
    gr_gomaxprocs(procs);
}

typedef struct Stoppers {
    gr_waitgroup wg;
    _Atomic int ran, not_stopped;
} Stoppers;

static void count_ran(void *arg) { atomic_fetch_add(&((Stoppers *)arg)->ran, 1); }

static void set_and_stop(void *arg) {
    Stoppers *s = arg;
    gr_timer *t = gr_after_func(100 * GR_SECOND, count_ran, s);
    gr_sleep(5 * MS);
    if (!gr_timer_stop(t))
        atomic_fetch_add(&s->not_stopped, 1);
    gr_timer_free(t);
    gr_waitgroup_done(&s->wg);
}

/* TestTimerStopStress */
static void many_are_stopped(void) {
    Stoppers s = {0};
    gr_waitgroup_add(&s.wg, 100);
    for (int i = 0; i < 100; i++)
        gr_go(set_and_stop, &s);
    gr_waitgroup_wait(&s.wg);
    CHECK_EQ(s.ran, 0);
    CHECK_EQ(s.not_stopped, 0);
}

/* ---- order, times ---- */

typedef struct Slot {
    int slot;
    gr_chan *result, *after;
} Slot;

static void await_slot(void *arg) {
    Slot *s = arg;
    gr_chan_recv(s->after, NULL);
    gr_chan_send(s->result, &s->slot);
}

/* TestAfterQueuing */
static bool after_in_order(int64_t delta_ns) {
    static const int slots[] = {5, 3, 6, 6, 6, 1, 1, 2, 7, 9, 4, 8, 0};
    enum { N = sizeof slots / sizeof *slots };
    Slot s[N];
    gr_chan *result = gr_chan_make(sizeof(int), N);
    for (int i = 0; i < N; i++) {
        s[i] = (Slot){slots[i], result, gr_after(slots[i] * delta_ns * 4)};
        gr_go(await_slot, &s[i]);
    }
    bool in_order = true;
    for (int i = 0, last = -1, slot; i < N; i++, last = slot) {
        gr_chan_recv(result, &slot);
        in_order &= slot >= last;
    }
    gr_chan_free(result);
    return in_order;
}

static void after_keeps_the_order(void) { CHECK_PATIENT(after_in_order); }

/* TestAfterTimes, TestTickTimes: the value is the time at which it was due, however late it is received. */
static bool value_is_when_due(int64_t patience_ns) {
    int64_t start_ns = gr_now(), after_ns, tick_ns;
    gr_chan *after = gr_after(patience_ns);
    gr_ticker *ticker = gr_ticker_make(patience_ns);
    gr_sleep(20 * patience_ns);
    gr_chan_recv(after, &after_ns);
    gr_chan_recv(gr_ticker_chan(ticker), &tick_ns);
    gr_ticker_free(ticker);
    return after_ns - start_ns < 10 * patience_ns && tick_ns - start_ns < 10 * patience_ns;
}

static void values_are_due_times(void) { CHECK_PATIENT(value_is_when_due); }

static void send_one(void *c) { gr_chan_send(c, &(int64_t){1}); }

/* TestZeroTimer: made with a channel, made with a function, reset. */
static void no_time_at_all(void) {
    int64_t longest_ns = 0;
    gr_chan *c = gr_chan_make(sizeof(int64_t), 1);
    gr_timer *cached = gr_after_func(3600 * GR_SECOND, send_one, c);
    for (int i = 0; i < 6000; i++) {
        int64_t began = gr_now();
        gr_timer *t = NULL;
        if (i % 3 == 0)
            t = gr_timer_make(0);
        else if (i % 3 == 1)
            t = gr_after_func(0, send_one, c);
        else
            gr_timer_reset(cached, 0);
        gr_chan_recv(i % 3 == 0 ? gr_timer_chan(t) : c, NULL);
        gr_timer_free(t);
        if (gr_now() - began > longest_ns)
            longest_ns = gr_now() - began;
    }
    gr_timer_free(cached);
    gr_chan_free(c);
    CHECK(longest_ns < 2 * GR_SECOND);
}

/* TestTimerModifiedEarlier */
static void reset_into_the_past(void) {
    gr_chan *c = gr_chan_make(sizeof(int64_t), 1);
    for (int i = 0; i < 300; i++) {
        gr_timer *t = gr_after_func(3600 * GR_SECOND, send_one, c), *deadline = gr_timer_make(10 * GR_SECOND);
        for (int j = 0; j < 10; j++) {
            if (!gr_timer_stop(t))
                gr_chan_recv(c, NULL);
            gr_timer_reset(t, -gr_now() - GR_SECOND);
        }
        gr_case cases[] = {{GR_RECV, c, NULL, false}, {GR_RECV, gr_timer_chan(deadline), NULL, false}};
        CHECK_EQ(gr_select(cases, 2, false), 0);
        gr_timer_free(t);
        gr_timer_free(deadline);
    }
    gr_chan_free(c);
}

/* ---- results of stop and reset ---- */

/* One step of a timer's life in TestAdjustTimers; false: that was the last. */
static bool adjust(gr_timer **t, gr_chan *c, int state) {
    static const int64_t resets[] = {[2] = 60, [4] = 180, [6] = 120};
    switch (state) {
    case 0:
        *t = gr_after_func(0, send_one, c);
        return true;
    case 1:
    case 9:
        CHECK(gr_chan_recv(c, NULL));
        return true;
    case 2:
    case 4:
    case 6:
        CHECK(!gr_timer_reset(*t, resets[state] * GR_SECOND));
        return true;
    case 8:
        CHECK(!gr_timer_reset(*t, 0));
        return true;
    case 10:
        gr_timer_free(*t);
        return false;
    default:
        CHECK(gr_timer_stop(*t));
        return true;
    }
}

/* TestAdjustTimers */
static void a_hundred_lives(void) {
    enum { N = 100 };
    gr_timer *timers[N];
    gr_chan *chans[N];
    int states[N] = {0}, left[N], n = N;
    for (int i = 0; i < N; i++) {
        left[i] = i;
        chans[i] = gr_chan_make(sizeof(int64_t), 1);
    }
    while (n > 0) {
        uint32_t at = random_below((uint32_t)n);
        int i = left[at];
        if (!adjust(&timers[i], chans[i], states[i]++)) {
            left[at] = left[--n];
            gr_chan_free(chans[i]);
        }
    }
}

typedef struct Pairs {
    bool stop;
    gr_chan *start;
    gr_waitgroup wg;
} Pairs;

static void race_two_timers(void *arg) {
    Pairs *p = arg;
    gr_chan_recv(p->start, NULL);
    for (int i = 0; i < 20; i++) {
        gr_timer *t[2] = {gr_timer_make(MS), gr_timer_make(MS)};
        gr_case cases[] = {{GR_RECV, gr_timer_chan(t[0]), NULL, false}, {GR_RECV, gr_timer_chan(t[1]), NULL, false}};
        gr_timer *other = t[1 - gr_select(cases, 2, false)];
        if (!(p->stop ? gr_timer_stop(other) : gr_timer_reset(other, 3600 * GR_SECOND)))
            gr_chan_recv(gr_timer_chan(other), NULL); /* for ever if the answer was wrong */
        gr_timer_free(t[0]);
        gr_timer_free(t[1]);
    }
    gr_waitgroup_done(&p->wg);
}

/* TestStopResult, TestResetResult */
static void results_are_right(void) {
    for (int stop = 0; stop < 2; stop++) {
        Pairs p = {.stop = stop, .start = gr_chan_make(0, 0)};
        gr_waitgroup_add(&p.wg, 200);
        for (int i = 0; i < 200; i++)
            gr_go(race_two_timers, &p);
        gr_chan_close(p.start);
        gr_waitgroup_wait(&p.wg);
        gr_chan_free(p.start);
    }
}

/* ---- channels of timers and tickers: testTimerChan ---- */

/* A timer, or a ticker when ticker is set. */
typedef struct Tim {
    gr_timer *timer;
    gr_ticker *ticker;
    gr_chan *c;
    gr_chan *stop; /* closed: waiters give up */
    _Atomic int got, over;
} Tim;

static void tim_stop(Tim *t) { t->ticker ? gr_ticker_stop(t->ticker) : (void)gr_timer_stop(t->timer); }

static void tim_reset(Tim *t, int64_t ns) {
    if (t->ticker)
        gr_ticker_reset(t->ticker, ns);
    else
        gr_timer_reset(t->timer, ns);
}

static void wait_or_give_up(void *arg) {
    Tim *t = arg;
    gr_case cases[] = {{GR_RECV, t->c, NULL, false}, {GR_RECV, t->stop, NULL, false}};
    if (gr_select(cases, 2, false) == 0)
        atomic_fetch_add(&t->got, 1);
    atomic_fetch_add(&t->over, 1);
}

static void wait_alone(void *arg) {
    Tim *t = arg;
    gr_chan_recv(t->c, NULL);
    atomic_fetch_add(&t->got, 1);
}

static void nobody_waits(Tim *t) {
    tim_stop(t);
    CHECK(!has_value(t->c));
    tim_reset(t, FAR);
    CHECK(!has_value(t->c));
    tim_reset(t, 1);
    gr_sleep(SCHED);
    CHECK_EQ(gr_chan_len(t->c), 0);
    CHECK_EQ(gr_chan_cap(t->c), 0);
    CHECK(gets_value(t->c));
    gr_sleep(SCHED); /* a ticker has ticked again by now */
    tim_reset(t, FAR);
    CHECK(!has_value(t->c));
}

static void one_waits(Tim *t) {
    atomic_store(&t->got, 0);
    gr_go(wait_alone, t);
    gr_sleep(SCHED);
    CHECK_EQ(t->got, 0);
    tim_reset(t, 2 * FAR);
    gr_sleep(SCHED);
    CHECK_EQ(t->got, 0);
    tim_reset(t, 1);
    check_await(&t->got, 1);
    if (t->ticker)
        CHECK(gets_value(t->c)); /* the next one */
    else
        CHECK(!has_value(t->c));
    tim_stop(t);
    CHECK(!has_value(t->c));
}

/* Two goroutines wait in a select; the timer fires for one of them, or is stopped and fires for none. */
static void two_wait(Tim *t, bool fires) {
    tim_reset(t, FAR);
    if (!fires)
        tim_stop(t);
    atomic_store(&t->got, 0);
    atomic_store(&t->over, 0);
    t->stop = gr_chan_make(0, 0);
    gr_go(wait_or_give_up, t);
    gr_go(wait_or_give_up, t);
    gr_sleep(SCHED);
    CHECK_EQ(t->got, 0);
    if (fires) {
        tim_reset(t, SCHED / 2);
        check_await(&t->got, 1);
        tim_stop(t);
    }
    gr_chan_close(t->stop);
    check_await(&t->over, 2);
    CHECK(fires ? t->got == 1 || t->ticker : t->got == 0);
    CHECK(!has_value(t->c));
    gr_chan_free(t->stop);
}

static void old_values_are_gone(Tim *t) {
    tim_reset(t, 1);
    gr_sleep(SCHED);
    if (t->timer)
        CHECK(gr_timer_stop(t->timer));
    tim_stop(t);
    CHECK(!has_value(t->c));
    tim_reset(t, 3600 * GR_SECOND);
    CHECK(!has_value(t->c));
    if (t->timer)
        CHECK(gr_timer_reset(t->timer, 1));
    tim_reset(t, 1);
    CHECK(gets_value(t->c));
    gr_sleep(SCHED);
    CHECK_EQ(has_value(t->c), t->ticker != NULL);
    if (t->timer)
        CHECK(!gr_timer_reset(t->timer, 3600 * GR_SECOND));
    tim_reset(t, 3600 * GR_SECOND);
    CHECK(!has_value(t->c));
}

static void use_chan(Tim *t) {
    nobody_waits(t);
    one_waits(t);
    two_wait(t, true);
    two_wait(t, false);
    old_values_are_gone(t);
}

static void channel_of_a_timer(void) {
    Tim t = {.timer = gr_timer_make(FAR)};
    t.c = gr_timer_chan(t.timer);
    use_chan(&t);
    gr_timer_free(t.timer);
}

static void channel_of_a_ticker(void) {
    Tim t = {.ticker = gr_ticker_make(FAR)};
    t.c = gr_ticker_chan(t.ticker);
    use_chan(&t);
    gr_ticker_free(t.ticker);
}

/* ---- tickers ---- */

typedef struct Tickers {
    gr_waitgroup wg;
    int n;
} Tickers;

static void tick_a_while(void *arg) {
    Tickers *k = arg;
    gr_ticker *t = gr_ticker_make(1);
    for (int i = 0; i < k->n; i++)
        gr_chan_recv(gr_ticker_chan(t), NULL);
    gr_ticker_free(t);
    gr_waitgroup_done(&k->wg);
}

/* TestTickerConcurrentStress, TestTeardown */
static void tickers_side_by_side(void) {
    Tickers k = {.n = 100};
    gr_waitgroup_add(&k.wg, 20);
    for (int i = 0; i < 20; i++)
        gr_go(tick_a_while, &k);
    gr_waitgroup_wait(&k.wg);
}

/* TestMultiWakeupTicker */
static void two_tickers(void) {
    gr_ticker *often = gr_ticker_make(GR_MICROSECOND), *now_and_then = gr_ticker_make(MS);
    gr_case cases[] = {{GR_RECV, gr_ticker_chan(often), NULL, false},
                       {GR_RECV, gr_ticker_chan(now_and_then), NULL, false}};
    int ticks[2] = {0};
    while (ticks[0] < 100 || ticks[1] < 3)
        ticks[gr_select(cases, 2, false)]++;
    CHECK(ticks[0] >= 100 && ticks[1] >= 3);
    gr_ticker_free(often);
    gr_ticker_free(now_and_then);
}

/* ---- fairness ---- */

typedef struct Senders {
    gr_chan *c, *done;
    gr_waitgroup wg;
} Senders;

static void send_until_done(void *arg) {
    Senders *s = arg;
    int v = 1;
    gr_case cases[] = {{GR_SEND, s->c, &v, false}, {GR_RECV, s->done, NULL, false}};
    while (gr_select(cases, 2, false) == 0)
        ;
    gr_waitgroup_done(&s->wg);
}

/* TestTimerFairness */
static void a_timeout_beside_eager_senders(void) {
    Senders s = {.c = gr_chan_make(sizeof(int), 0), .done = gr_chan_make(0, 0)};
    gr_waitgroup_add(&s.wg, 2);
    gr_go(send_until_done, &s);
    gr_go(send_until_done, &s);
    gr_case cases[] = {{GR_RECV, s.c, NULL, false}, {GR_RECV, gr_after(5 * MS), NULL, false}};
    while (gr_select(cases, 2, false) == 0)
        ;
    gr_chan_close(s.done);
    gr_waitgroup_wait(&s.wg);
    gr_chan_free(s.c);
    gr_chan_free(s.done);
}

static void nothing(void *arg) { (void)arg; }

static void talk_until_timeout(void *arg) {
    Senders *s = arg;
    int v = 1;
    gr_case cases[] = {
        {GR_SEND, s->c, &v, false}, {GR_RECV, s->c, NULL, false}, {GR_RECV, gr_after(5 * MS), NULL, false}};
    do
        gr_blocking(nothing, NULL);
    while (gr_select(cases, 3, false) != 2);
    gr_waitgroup_done(&s->wg);
}

/* TestTimerFairness2 */
static void timeouts_beside_system_calls(void) {
    Senders s = {.c = gr_chan_make(sizeof(int), 0)};
    gr_waitgroup_add(&s.wg, 2);
    gr_go(talk_until_timeout, &s);
    gr_go(talk_until_timeout, &s);
    gr_waitgroup_wait(&s.wg);
    gr_chan_free(s.c);
}

TESTS(T(functions_do_not_starve), T(many_are_stopped), T(after_keeps_the_order), T(values_are_due_times),
      T(no_time_at_all), T(reset_into_the_past), T(a_hundred_lives), T(results_are_right), T(channel_of_a_timer),
      T(channel_of_a_ticker), T(tickers_side_by_side), T(two_tickers), T(a_timeout_beside_eager_senders),
      T(timeouts_beside_system_calls))
