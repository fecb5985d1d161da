/* alarms: timers fire once, not before their time, never after stop or with an old value after reset; sleeps last. */
#include "seeded.h"

static gr_waitgroup all;

static void sleeper(void *arg) {
    int64_t ns = (intptr_t)arg * 100 * GR_MICROSECOND, begun = gr_now();
    gr_sleep(ns);
    REQUIRE(gr_now() >= begun + ns);
    gr_waitgroup_done(&all);
}

typedef struct Race {
    gr_timer *t;
    gr_chan *quit;
    int64_t due;
    int ticks;
} Race;

static void ticked(void *arg) {
    Race *r = arg;
    int64_t when;
    int i = gr_select(
        (gr_case[]){{.op = GR_RECV, .chan = gr_timer_chan(r->t), .val = &when}, {.op = GR_RECV, .chan = r->quit}}, 2,
        false);
    if (i == 0) {
        REQUIRE(when >= r->due);
        r->ticks++;
    }
    gr_waitgroup_done(&all);
}

static void stop_beside_tick(int64_t ns) {
    Race r = {.quit = chan_of_int(0), .due = gr_now() + GR_MILLISECOND};
    r.t = gr_timer_make(GR_MILLISECOND);
    gr_waitgroup_add(&all, 1);
    gr_go(ticked, &r);
    gr_sleep(ns);
    bool stopped = gr_timer_stop(r.t);
    if (stopped)
        gr_chan_close(r.quit);
    gr_waitgroup_wait(&all);
    REQUIRE(r.ticks == (stopped ? 0 : 1));
    gr_timer_free(r.t);
}

static void reset_beside_tick(int64_t ns) {
    gr_timer *t = gr_timer_make(GR_MILLISECOND);
    gr_sleep(ns);
    int64_t due = gr_now() + GR_MILLISECOND, when;
    gr_timer_reset(t, GR_MILLISECOND);
    gr_chan_recv(gr_timer_chan(t), &when);
    REQUIRE(when >= due);
    REQUIRE(gr_select((gr_case[]){{.op = GR_RECV, .chan = gr_timer_chan(t)}}, 1, true) == -1);
    gr_timer_free(t);
}

static int calls;
static gr_chan *called;
static void call(void *arg) {
    (void)arg;
    calls++;
    gr_chan_send(called, &(int){0});
}

static void after_func(int64_t ns) {
    calls = 0;
    called = chan_of_int(1);
    gr_timer *t = gr_after_func(GR_MILLISECOND, call, NULL);
    gr_sleep(ns);
    bool stopped = gr_timer_stop(t);
    if (!stopped)
        gr_chan_recv(called, NULL);
    gr_sleep(5 * GR_MILLISECOND);
    REQUIRE(calls == (stopped ? 0 : 1));
}

static void ticker(void) {
    gr_ticker *k = gr_ticker_make(GR_MILLISECOND);
    int64_t last = 0, when;
    for (int i = 0; i < 4; i++) {
        gr_chan_recv(gr_ticker_chan(k), &when);
        REQUIRE(when > last);
        last = when;
        if (i == 2)
            gr_sleep(3 * GR_MILLISECOND);
    }
    gr_ticker_stop(k);
    REQUIRE(gr_select((gr_case[]){{.op = GR_RECV, .chan = gr_ticker_chan(k)}}, 1, true) == -1);
    gr_ticker_free(k);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    for (int i = 0; i < 6; i++) {
        gr_waitgroup_add(&all, 1);
        gr_go(sleeper, (void *)(intptr_t)(i * 7 % 5));
    }
    gr_waitgroup_wait(&all);
    for (int64_t ns = 999000; ns <= 1001000; ns += 250) {
        stop_beside_tick(ns);
        reset_beside_tick(ns);
        after_func(ns);
    }
    ticker();
    return 0;
}
