/* time.c: sleeping, timers, tickers, after. Lower bounds are exact; upper ones are wide, since the machine may be busy.
 * (After the behaviours of Go's time/sleep_test.go and tick_test.go, with the timer channels of Go 1.23.) */
#include "check.h"

#define MS GR_MILLISECOND

static bool has_value(gr_chan *c) {
    gr_case k = {GR_RECV, c, NULL, false};
    return gr_select(&k, 1, true) == 0;
}

/* ---- clock and sleep ---- */

static void the_clock_never_goes_back(void) {
    int64_t last_ns = gr_now();
    CHECK(last_ns >= 0);
    for (int i = 0; i < 2000; i++) {
        int64_t now_ns = gr_now();
        CHECK(now_ns >= last_ns);
        last_ns = now_ns;
        if (i % 50 == 0)
            gr_yield();
    }
}

static void sleep_lasts_at_least(void) {
    static const int64_t ns[] = {1, 1000, 100000, 1 * MS, 3 * MS, 20 * MS};
    for (size_t i = 0; i < sizeof ns / sizeof *ns; i++) {
        int64_t start_ns = gr_now();
        gr_sleep(ns[i]);
        int64_t took_ns = gr_now() - start_ns;
        CHECK(took_ns >= ns[i]);
        CHECK(took_ns < 5 * GR_SECOND);
    }
}

static void no_time_returns_at_once(void) {
    int64_t start_ns = gr_now();
    for (int i = 0; i < 1000; i++) {
        gr_sleep(0);
        gr_sleep(-5 * GR_SECOND);
    }
    CHECK(gr_now() - start_ns < 4 * GR_SECOND);
}

typedef struct Sleeper {
    int64_t ns;
    gr_chan *order;
    int id;
} Sleeper;

static void sleep_and_report(void *arg) {
    Sleeper *s = arg;
    gr_sleep(s->ns);
    gr_chan_send(s->order, &s->id);
}

static bool wake_in_order(int64_t spacing_ns) {
    static const int rank[] = {5, 2, 7, 0, 3, 6, 1, 4};
    enum { N = 8 };
    gr_chan *order = gr_chan_make(sizeof(int), N);
    Sleeper s[N];
    bool in_order = true;
    for (int i = 0; i < N; i++) {
        s[i] = (Sleeper){(10 + 4 * rank[i]) * spacing_ns, order, rank[i]};
        gr_go(sleep_and_report, &s[i]);
    }
    for (int i = 0; i < N; i++) {
        int id = -1;
        gr_chan_recv(order, &id);
        in_order &= id == i;
    }
    gr_chan_free(order);
    return in_order;
}

static void sleepers_wake_in_order_of_time(void) { CHECK_PATIENT(wake_in_order); }

/* ---- timers ---- */

static void timer_fires_once_with_its_time(void) {
    int64_t start_ns = gr_now(), at_ns = 0;
    gr_timer *t = gr_timer_make(1000 * GR_SECOND);
    CHECK(!has_value(gr_timer_chan(t)));
    gr_timer_reset(t, 3 * MS);
    CHECK(gr_chan_recv(gr_timer_chan(t), &at_ns));
    CHECK(at_ns >= start_ns + 3 * MS);
    CHECK(at_ns <= gr_now());
    gr_sleep(5 * MS);
    CHECK(!has_value(gr_timer_chan(t)));
    gr_timer_free(t);
}

static void stop_says_whether_it_helped(void) {
    gr_timer *pending = gr_timer_make(1000 * GR_SECOND);
    CHECK(gr_timer_stop(pending));
    CHECK(!gr_timer_stop(pending));
    CHECK(!has_value(gr_timer_chan(pending)));
    gr_timer_free(pending);
    gr_timer *fired = gr_timer_make(1);
    CHECK(gr_chan_recv(gr_timer_chan(fired), NULL));
    CHECK(!gr_timer_stop(fired));
    gr_timer_free(fired);
    gr_timer_free(gr_timer_make(1000 * GR_SECOND)); /* freeing stops */
}

static void reset_says_whether_it_was_to_fire(void) {
    int64_t start_ns = gr_now(), at_ns = 0;
    gr_timer *t = gr_timer_make(1000 * GR_SECOND);
    CHECK(gr_timer_reset(t, 2 * MS));
    CHECK(gr_chan_recv(gr_timer_chan(t), &at_ns));
    CHECK(at_ns - start_ns >= 2 * MS);
    CHECK(!gr_timer_reset(t, 2 * MS)); /* again, after it has fired */
    CHECK(gr_chan_recv(gr_timer_chan(t), NULL));
    CHECK(!gr_timer_reset(t, 1000 * GR_SECOND));
    CHECK(gr_timer_stop(t));
    CHECK(!gr_timer_reset(t, 1)); /* again, after stop */
    CHECK(gr_chan_recv(gr_timer_chan(t), NULL));
    gr_timer_free(t);
}

/* After stop or reset nothing of the time before is received, also if the timer had run out already (Go 1.23). */
static void no_stale_value(void) {
    gr_timer *t = gr_timer_make(1);
    for (int i = 0; i < 20; i++) {
        gr_sleep(300 * GR_MICROSECOND); /* it has run out, nobody has received */
        gr_timer_stop(t);
        CHECK(!has_value(gr_timer_chan(t)));
        gr_timer_reset(t, 1);
        gr_sleep(300 * GR_MICROSECOND);
        gr_timer_reset(t, 1000 * GR_SECOND);
        CHECK(!has_value(gr_timer_chan(t)));
        CHECK(gr_timer_reset(t, 1));
    }
    gr_timer_free(t);
}

static void run_out_at_once(void) {
    static const int64_t ns[] = {0, -1, INT64_MIN};
    for (size_t i = 0; i < sizeof ns / sizeof *ns; i++) {
        gr_timer *t = gr_timer_make(ns[i]);
        CHECK(gr_chan_recv(gr_timer_chan(t), NULL));
        gr_timer_free(t);
    }
    gr_timer *never = gr_timer_make(INT64_MAX); /* start + INT64_MAX may not overflow into the past */
    gr_sleep(MS);
    CHECK(!has_value(gr_timer_chan(never)));
    CHECK(gr_timer_stop(never));
    gr_timer_free(never);
}

static bool timers_in_order(int64_t spacing_ns) {
    enum { N = 64 };
    gr_timer *t[N];
    gr_case cases[N];
    int last = -1;
    bool in_order = true;
    for (int i = 0; i < N; i++) {
        t[i] = gr_timer_make((20 + (i * 37) % N) * spacing_ns); /* 37 is odd: every rank once */
        cases[i] = (gr_case){GR_RECV, gr_timer_chan(t[i]), NULL, false};
    }
    for (int n = 0; n < N; n++) {
        int i = gr_select(cases, N, false);
        in_order &= (i * 37) % N > last;
        last = (i * 37) % N;
    }
    for (int i = 0; i < N; i++)
        gr_timer_free(t[i]);
    return in_order;
}

static void many_timers_fire_in_order_of_time(void) { CHECK_PATIENT(timers_in_order); }

/* Starting and stopping in every order keeps the heap of timers a heap. */
static void timers_come_and_go(void) {
    enum { N = 1000 };
    gr_timer **t = calloc(N, sizeof *t);
    uint32_t x = 12345;
    int fired = 0, kept = 0;
    for (int i = 0; i < N; i++) {
        x = x * 1664525 + 1013904223;
        t[i] = gr_timer_make((int64_t)(x >> 12) % (10 * MS) + (x & 1 ? 0 : 1000 * GR_SECOND));
    }
    for (int i = 0; i < N; i++) {
        x = x * 1664525 + 1013904223;
        int k = (int)((x >> 8) % N);
        if (x & 4)
            gr_timer_stop(t[k]);
        else
            gr_timer_reset(t[k], x & 2 ? (int64_t)(x >> 12) % (5 * MS) : 1000 * GR_SECOND);
    }
    gr_sleep(15 * MS);
    for (int i = 0; i < N; i++) {
        bool had = has_value(gr_timer_chan(t[i]));
        fired += had;
        kept += gr_timer_stop(t[i]);
        CHECK(!had || !has_value(gr_timer_chan(t[i])));
    }
    CHECK(fired > 100 && kept > 100 && fired + kept <= N);
    for (int i = 0; i < N; i++)
        gr_timer_free(t[i]);
    free(t);
}

/* ---- tickers ---- */

static void ticker_ticks(void) {
    enum { N = 10 };
    int64_t start_ns = gr_now(), at_ns = 0, last_ns = 0;
    gr_ticker *t = gr_ticker_make(2 * MS);
    for (int i = 1; i <= N; i++) {
        CHECK(gr_chan_recv(gr_ticker_chan(t), &at_ns));
        CHECK(at_ns > last_ns);
        CHECK(at_ns >= start_ns + i * 2 * MS || i > 1); /* later ticks may have been held up and come close together */
        last_ns = at_ns;
    }
    CHECK(last_ns - start_ns >= N * 2 * MS);
    gr_ticker_stop(t);
    gr_sleep(5 * MS);
    CHECK(!has_value(gr_ticker_chan(t)));
    gr_ticker_free(t);
}

/* A slow receiver finds one tick, not all it has missed. */
static void ticks_nobody_takes_are_dropped(void) {
    gr_ticker *t = gr_ticker_make(500 * GR_MICROSECOND);
    gr_sleep(20 * MS);
    gr_ticker_stop(t);
    gr_ticker_reset(t, MS);
    gr_sleep(20 * MS);
    int n = 0;
    while (n < 40 && has_value(gr_ticker_chan(t)))
        n++;
    CHECK(n >= 1 && n <= 10); /* one, and those of the loop itself on a slow machine */
    gr_ticker_free(t);
}

static void ticker_reset_changes_the_period(void) {
    gr_ticker *t = gr_ticker_make(1000 * GR_SECOND);
    int64_t start_ns = gr_now();
    gr_ticker_reset(t, MS);
    for (int i = 0; i < 5; i++)
        CHECK(gr_chan_recv(gr_ticker_chan(t), NULL));
    CHECK(gr_now() - start_ns >= 5 * MS);
    gr_ticker_free(t);
}

/* ---- after ---- */

static void after_in_select_is_a_timeout(void) {
    gr_chan *never = gr_chan_make(sizeof(int), 0);
    int64_t start_ns = gr_now(), at_ns = 0;
    gr_case cases[] = {{GR_RECV, never, NULL, false}, {GR_RECV, gr_after(2 * MS), &at_ns, false}};
    CHECK_EQ(gr_select(cases, 2, false), 1);
    CHECK(at_ns >= start_ns + 2 * MS);
    gr_chan_free(never);
}

typedef struct Late {
    _Atomic int ran;
    int64_t at_ns;
    uint64_t goid;
} Late;

static void note(void *arg) {
    Late *l = arg;
    l->at_ns = gr_now();
    l->goid = gr_goid();
    gr_sleep(100 * GR_MICROSECOND); /* a goroutine of its own: it may park */
    atomic_fetch_add(&l->ran, 1);
}

static void after_func_runs_in_its_own_goroutine(void) {
    Late l = {0};
    int64_t start_ns = gr_now();
    gr_timer *t = gr_after_func(2 * MS, note, &l);
    check_await(&l.ran, 1);
    CHECK(l.at_ns >= start_ns + 2 * MS);
    CHECK(l.goid != gr_goid());
    CHECK(!gr_timer_stop(t));
    CHECK(!gr_timer_reset(t, MS));
    check_await(&l.ran, 2);
    gr_timer_free(t);
}

static void after_func_stopped_in_time(void) {
    Late l = {0};
    gr_timer *t = gr_after_func(1000 * GR_SECOND, note, &l);
    CHECK(gr_timer_stop(t));
    CHECK(gr_timer_reset(t, 1000 * GR_SECOND) == false);
    CHECK(gr_timer_stop(t));
    gr_timer_free(t);
    CHECK_EQ(l.ran, 0);
}

static void count_down(void *arg) { atomic_fetch_add((_Atomic int *)arg, 1); }

static void a_thousand_after_funcs(void) {
    enum { N = 1000 };
    gr_timer **t = calloc(N, sizeof *t);
    _Atomic int ran = 0;
    for (int i = 0; i < N; i++)
        t[i] = gr_after_func((i % 10) * 200 * GR_MICROSECOND, count_down, &ran);
    check_await(&ran, N);
    gr_sleep(MS);
    CHECK_EQ(ran, N);
    for (int i = 0; i < N; i++)
        gr_timer_free(t[i]);
    free(t);
}

/* ---- timers beside running goroutines ---- */

typedef struct Busy {
    _Atomic int stop, stopped;
} Busy;

static void keep_yielding(void *arg) {
    Busy *b = arg;
    while (!atomic_load(&b->stop))
        gr_yield();
    atomic_fetch_add(&b->stopped, 1);
}

/* Goroutines that never sleep do not hold up those that do. */
static void timers_fire_beside_busy_goroutines(void) {
    Busy b = {0, 0};
    for (int i = 0; i < 8; i++)
        gr_go(keep_yielding, &b);
    int64_t start_ns = gr_now();
    for (int i = 0; i < 5; i++)
        gr_sleep(MS);
    CHECK(gr_now() - start_ns >= 5 * MS);
    CHECK(gr_now() - start_ns < 10 * GR_SECOND);
    atomic_store(&b.stop, 1);
    check_await(&b.stopped, 8);
}

TESTS(T(the_clock_never_goes_back), T(sleep_lasts_at_least), T(no_time_returns_at_once),
      T(sleepers_wake_in_order_of_time), T(timer_fires_once_with_its_time), T(stop_says_whether_it_helped),
      T(reset_says_whether_it_was_to_fire), T(no_stale_value), T(run_out_at_once), T(many_timers_fire_in_order_of_time),
      T(timers_come_and_go), T(ticker_ticks), T(ticks_nobody_takes_are_dropped), T(ticker_reset_changes_the_period),
      T(after_in_select_is_a_timeout), T(after_func_runs_in_its_own_goroutine), T(after_func_stopped_in_time),
      T(a_thousand_after_funcs), T(timers_fire_beside_busy_goroutines))
