/* Times at both ends of int64_t: what is past happens at once, what would be later than time itself never does. */
#include "check.h"
#include <gr_context.h>

#define MS GR_MILLISECOND

static const int64_t past[] = {INT64_MIN, INT64_MIN + 1, INT64_MIN + 1000000, -GR_SECOND, -1, 0};
static const int64_t beyond[] = {INT64_MAX, INT64_MAX - 1, INT64_MAX - 2, INT64_MAX - 1000000, INT64_MAX - GR_SECOND};
#define EACH(ns, of)                                                                                                   \
    for (size_t i_ = 0; i_ < sizeof of / sizeof *of; i_++)                                                             \
        for (int64_t ns = of[i_], k_ = 0; k_ == 0; k_++)

static bool is_there(gr_chan *c) {
    gr_case k = {GR_RECV, c, NULL, false};
    return gr_select(&k, 1, true) == 0;
}

static void sleeping(void) {
    int64_t began = gr_now();
    EACH(ns, past)
    gr_sleep(ns);
    CHECK(gr_now() - began < 10 * GR_SECOND);
}

static _Atomic int called;
static void call(void *arg) {
    (void)arg;
    atomic_fetch_add(&called, 1);
}

static void timers_past(void) {
    int n = 0;
    EACH(ns, past) {
        int64_t before = gr_now(), at = -1;
        gr_timer *t = gr_timer_make(ns);
        CHECK(gr_chan_recv(gr_timer_chan(t), &at));
        CHECK(at >= before && at <= gr_now());
        gr_timer_reset(t, ns);
        CHECK(is_there(gr_timer_chan(t)));
        gr_timer_free(t);
        CHECK(gr_chan_recv(gr_after(ns), NULL));
        gr_after_func(ns, call, NULL);
        n++;
    }
    check_await(&called, n);
}

static void timers_beyond(void) {
    atomic_store(&called, 0);
    EACH(ns, beyond) {
        gr_timer *t = gr_timer_make(ns), *f = gr_after_func(ns, call, NULL);
        gr_chan *c = gr_after(ns);
        gr_sleep(MS);
        CHECK(!is_there(gr_timer_chan(t)) && !is_there(c));
        gr_case either[] = {{GR_RECV, gr_timer_chan(t), NULL, false}, {GR_RECV, gr_after(MS), NULL, false}};
        CHECK_EQ(gr_select(either, 2, false), 1);
        CHECK(gr_timer_reset(t, ns));
        CHECK(gr_timer_stop(t)); /* it was set */
        CHECK(!gr_timer_stop(t));
        CHECK(!gr_timer_reset(t, MS));
        CHECK(gr_chan_recv(gr_timer_chan(t), NULL));
        gr_timer_free(t);
        CHECK(gr_timer_stop(f));
        gr_timer_free(f);
    }
    CHECK_EQ(atomic_load(&called), 0);
}

static void tickers(void) {
    EACH(ns, beyond) {
        gr_ticker *t = gr_ticker_make(ns);
        gr_sleep(MS);
        CHECK(!is_there(gr_ticker_chan(t)));
        gr_ticker_reset(t, MS);
        CHECK(gr_chan_recv(gr_ticker_chan(t), NULL));
        CHECK(gr_chan_recv(gr_ticker_chan(t), NULL));
        gr_ticker_reset(t, ns);
        gr_sleep(3 * MS);
        CHECK(!is_there(gr_ticker_chan(t)));
        gr_ticker_free(t);
    }
}

/* It is over already when it comes back, and with it what is made from it. */
static void check_over(gr_context *c) {
    CHECK(gr_context_err(c) == gr_deadline_exceeded);
    CHECK(is_there(gr_context_done(c)));
    gr_context *child = gr_with_timeout(c, INT64_MAX);
    CHECK(gr_context_err(child) == gr_deadline_exceeded);
    gr_context_end(child);
    gr_semaphore s = {.size = 1};
    CHECK(gr_semaphore_acquire(&s, 1, c) == gr_deadline_exceeded);
    gr_context_end(c);
}

static void contexts_past(void) {
    gr_sleep(MS);
    EACH(ns, past) {
        check_over(gr_with_timeout(gr_background(), ns));
        check_over(gr_with_deadline(gr_background(), ns));
    }
}

static void check_lasting(gr_context *c) {
    gr_sleep(MS);
    CHECK(!gr_context_err(c) && !is_there(gr_context_done(c)));
    gr_context *child = gr_with_timeout(c, MS);
    gr_chan_recv(gr_context_done(child), NULL);
    CHECK(gr_context_err(child) == gr_deadline_exceeded && !gr_context_err(c));
    gr_context_end(child);
    gr_context_cancel(c);
    CHECK(gr_context_err(c) == gr_canceled);
    gr_context_end(c);
}

static void contexts_beyond(void) {
    EACH(ns, beyond) {
        check_lasting(gr_with_timeout(gr_background(), ns));
        check_lasting(gr_with_deadline(gr_background(), ns));
    }
    int64_t when = 0;
    gr_context *c = gr_with_timeout(gr_background(), INT64_MAX);
    CHECK(gr_context_deadline(c, &when) && when > INT64_MAX / 2);
    gr_context_end(c);
}

/* 200 years are within time: nothing happens for now, and sums with it do not go wrong. */
static void two_hundred_years(void) {
    int64_t ns = INT64_C(200) * 366 * 86400 * GR_SECOND;
    gr_timer *t = gr_timer_make(ns);
    gr_case either[] = {{GR_RECV, gr_timer_chan(t), NULL, false}, {GR_RECV, gr_after(MS), NULL, false}};
    CHECK_EQ(gr_select(either, 2, false), 1);
    CHECK(gr_timer_stop(t));
    gr_timer_free(t);
}

TESTS(T(sleeping), T(timers_past), T(timers_beyond), T(tickers), T(contexts_past), T(contexts_beyond),
      T(two_hundred_years))
