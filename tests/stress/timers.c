/* timers: starting, stopping and resetting timers from many goroutines while they fire. Each setting fires once or
 * is stopped, never both; nothing old is received after a stop or reset; sleeps are long enough. */
#include "stress.h"

enum { WORKERS = 10, STEPS = 12, SHARED_STEPS = 30 };

typedef struct Round {
    uint64_t seed;
    gr_waitgroup workers;
    gr_waitgroup calls; /* after_funcs that will still run */
    _Atomic int called, stopped;
    gr_timer *shared; /* everybody stops and resets it */
} Round;

typedef struct Worker {
    Round *r;
    int id;
} Worker;

static int64_t short_time(Rand *rnd) { return (int64_t)rand_below(rnd, 300) * GR_MICROSECOND; }

static bool has_value(gr_chan *c) {
    int64_t v;
    gr_case k = {GR_RECV, c, &v, false};
    return gr_select(&k, 1, true) == 0;
}

static void on_call(void *arg) {
    Round *r = arg;
    atomic_fetch_add(&r->called, 1);
    gr_waitgroup_done(&r->calls);
}

static void try_after_func(Round *r, Rand *rnd) {
    gr_waitgroup_add(&r->calls, 1);
    gr_timer *t = gr_after_func(short_time(rnd), on_call, r);
    if (rand_below(rnd, 2) == 0)
        gr_sleep(short_time(rnd));
    if (gr_timer_stop(t)) {
        atomic_fetch_add(&r->stopped, 1);
        gr_waitgroup_done(&r->calls);
    }
    STRESS_CHECK(!gr_timer_stop(t));
    gr_timer_free(t);
}

static void try_own_timer(Rand *rnd) {
    gr_timer *t = gr_timer_make(short_time(rnd));
    gr_chan *c = gr_timer_chan(t);
    if (rand_below(rnd, 2) == 0)
        gr_sleep(short_time(rnd));
    bool stopped = gr_timer_stop(t);
    STRESS_CHECK(stopped); /* nobody received: either it had not fired or its value was taken back */
    STRESS_CHECK(!has_value(c));
    int64_t ns = short_time(rnd), before = gr_now(), fired = 0;
    STRESS_CHECK(!gr_timer_reset(t, ns));
    gr_sleep(short_time(rnd));
    ns = short_time(rnd);
    before = gr_now();
    STRESS_CHECK(gr_timer_reset(t, ns));
    gr_chan_recv(c, &fired);
    STRESS_CHECK(fired >= before + ns);
    gr_timer_free(t);
}

static void try_ticker(Rand *rnd) {
    int64_t period = short_time(rnd) + GR_MICROSECOND, last = 0, at = 0;
    gr_ticker *t = gr_ticker_make(period);
    for (int i = 0; i < 3; i++) {
        gr_chan_recv(gr_ticker_chan(t), &at);
        STRESS_CHECK(at > last);
        last = at;
    }
    int64_t before = gr_now();
    gr_ticker_reset(t, period * 2);
    gr_chan_recv(gr_ticker_chan(t), &at);
    STRESS_CHECK(at >= before + period * 2);
    gr_ticker_stop(t);
    STRESS_CHECK(!has_value(gr_ticker_chan(t)));
    gr_ticker_free(t);
}

static void try_sleep(Rand *rnd) {
    int64_t ns = short_time(rnd), before = gr_now();
    gr_sleep(ns);
    STRESS_CHECK(gr_now() - before >= ns);
}

/* Any outcome is allowed; what must hold is that the runtime stays whole. */
static void try_shared(Round *r, Rand *rnd) {
    for (int i = 0; i < SHARED_STEPS; i++) {
        switch (rand_below(rnd, 4)) {
        case 0:
            gr_timer_stop(r->shared);
            break;
        case 1:
            has_value(gr_timer_chan(r->shared));
            break;
        default:
            gr_timer_reset(r->shared, short_time(rnd) / 16);
        }
        rand_yield(rnd);
    }
}

static void use_timers(void *arg) {
    Worker *w = arg;
    Rand rnd = rand_of(w->r->seed, (uint64_t)w->id);
    for (int i = 0; i < STEPS; i++) {
        switch (rand_below(&rnd, 5)) {
        case 0:
            try_after_func(w->r, &rnd);
            break;
        case 1:
            try_own_timer(&rnd);
            break;
        case 2:
            try_ticker(&rnd);
            break;
        case 3:
            try_sleep(&rnd);
            break;
        default:
            try_shared(w->r, &rnd);
        }
    }
    gr_waitgroup_done(&w->r->workers);
}

static void run_round(uint64_t seed) {
    static Worker workers[WORKERS];
    Round *r = must_alloc(sizeof *r);
    r->seed = seed;
    r->shared = gr_timer_make(GR_MILLISECOND);
    gr_waitgroup_add(&r->workers, WORKERS);
    gr_waitgroup_add(&r->calls, 1); /* not zero while workers add to it */
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (Worker){r, i};
        gr_go(use_timers, &workers[i]);
    }
    gr_waitgroup_wait(&r->workers);
    gr_waitgroup_done(&r->calls);
    gr_waitgroup_wait(&r->calls);
    gr_timer_stop(r->shared);
    STRESS_CHECK(!has_value(gr_timer_chan(r->shared)));
    gr_timer_free(r->shared);
    free(r);
}

int gr_main(int argc, char **argv) { return stress_main("timers", argc, argv, 20, run_round); }
