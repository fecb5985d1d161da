/* Unit tests of the timers of several Ps: they fire wherever their P is, are stopped and reset from other Ps, and
 * move when a P goes away; many of them. */
#include "check.h"

#define MS GR_MILLISECOND

#if defined GR_CHECK || defined __wasm__ /* with a sanitizer each step costs many times as much; a million natively */
enum { MANY = 100000, SLEEPERS = 3000 };
#else
enum { MANY = 1000000, SLEEPERS = 10000 };
#endif

static bool has_value(gr_chan *c) { return gr_select((gr_case[]){{GR_RECV, c, NULL, false}}, 1, true) == 0; }

static void set_flag(void *arg) { atomic_store((_Atomic int *)arg, 1); }
static void count(void *arg) { atomic_fetch_add((_Atomic int *)arg, 1); }
static void sleep_and_count(void *arg) {
    gr_sleep(MS);
    count(arg);
}

/* ---- a P that is busy, away, gone ---- */

/* Computes until *flag is set, without a call of the runtime: its P does not schedule meanwhile. False: for too
 * long. */
static bool compute_until(_Atomic int *flag) {
    for (int64_t i = 0; i < 4000000000; i++)
        if (atomic_load(flag))
            return true;
    return false;
}

static void timers_of_a_computing_p_fire_elsewhere(void) {
    if (!check_parallel || gr_gomaxprocs(0) < 2)
        return;
    static _Atomic int fired[20], slept[20];
    for (int i = 0; i < 20; i++) {
        gr_timer *t = gr_after_func(MS, set_flag, &fired[i]);
        CHECK(compute_until(&fired[i]));
        gr_timer_free(t);
        gr_go(sleep_and_count, &slept[i]);
        CHECK(compute_until(&slept[i]));
    }
}

typedef struct Computing {
    gr_chan *c;
    _Atomic int got, over;
} Computing;

static void wait_for_three(void *arg) {
    Computing *k = arg;
    for (int i = 0; i < 3; i++)
        gr_chan_recv(k->c, NULL);
    atomic_store(&k->got, 1);
}

/* A ticker set here, waited for by another goroutine. */
static void ticks_arrive_while_the_setter_computes(void) {
    if (!check_parallel || gr_gomaxprocs(0) < 2)
        return;
    gr_ticker *t = gr_ticker_make(MS);
    Computing k = {.c = gr_ticker_chan(t)};
    gr_go(wait_for_three, &k);
    CHECK(compute_until(&k.got));
    gr_ticker_free(t);
}

static void wait_for_flag(void *arg) {
    _Atomic int *flag = arg;
    while (!atomic_load(flag))
        ;
}

static void timers_of_a_p_in_a_system_call_fire_elsewhere(void) {
    if (!check_parallel) /* only then do others run while the call lasts */
        return;
    _Atomic int fired = 0;
    gr_timer *t = gr_after_func(MS, set_flag, &fired);
    gr_blocking(wait_for_flag, &fired);
    CHECK_EQ(fired, 1);
    gr_timer_free(t);
}

typedef struct Spread {
    gr_timer *pending, *stopped, *ticking;
    _Atomic int *fired;
    gr_waitgroup *set;
} Spread;

static void set_some(void *arg) {
    Spread *s = arg;
    for (int i = 0; i < 3; i++)
        gr_yield();
    s->pending = gr_after_func(20 * MS, count, s->fired);
    s->stopped = gr_after_func(3600 * GR_SECOND, count, s->fired);
    gr_timer_stop(s->stopped);
    s->ticking = gr_timer_make(MS);
    gr_waitgroup_done(s->set);
}

/* What was set on any P still fires, once, when that P is no more; what was stopped there can be set again. */
static void timers_outlive_their_p(void) {
    enum { N = 64 };
    int procs = gr_gomaxprocs(0);
    for (int round = 0; round < 4; round++) {
        Spread s[N];
        _Atomic int fired = 0;
        gr_waitgroup set = {0};
        gr_gomaxprocs(4);
        gr_waitgroup_add(&set, N);
        for (int i = 0; i < N; i++) {
            s[i] = (Spread){.fired = &fired, .set = &set};
            gr_go(set_some, &s[i]);
        }
        gr_waitgroup_wait(&set);
        gr_gomaxprocs(1 + round % 3);
        for (int i = 0; i < N; i++)
            CHECK(!gr_timer_reset(s[i].stopped, MS));
        for (int i = 0; i < N; i++)
            CHECK(gr_chan_recv(gr_timer_chan(s[i].ticking), NULL));
        check_await(&fired, 2 * N);
        gr_sleep(MS);
        CHECK_EQ(fired, 2 * N);
        for (int i = 0; i < N; i++) {
            CHECK(!gr_timer_stop(s[i].pending));
            gr_timer_free(s[i].pending);
            gr_timer_free(s[i].stopped);
            gr_timer_free(s[i].ticking);
        }
    }
    gr_gomaxprocs(procs);
}

/* ---- from other Ps ---- */

typedef struct Passed {
    gr_timer *t;
    gr_waitgroup *wg;
    _Atomic int *fired;
    int right; /* answers of stop and reset that were right */
} Passed;

static void stop_and_set_again(void *arg) {
    Passed *p = arg;
    p->right += gr_timer_stop(p->t);
    p->right += !gr_timer_stop(p->t);
    p->right += !gr_timer_reset(p->t, 3600 * GR_SECOND);
    p->right += gr_timer_reset(p->t, 3600 * GR_SECOND);
    p->right += gr_timer_reset(p->t, 0);
    gr_waitgroup_done(p->wg);
}

static void stopped_and_reset_by_others(void) {
    enum { N = 200 };
    static Passed p[N];
    gr_waitgroup wg = {0};
    _Atomic int fired = 0;
    gr_waitgroup_add(&wg, N);
    for (int i = 0; i < N; i++) {
        p[i] = (Passed){.t = gr_after_func(3600 * GR_SECOND, count, &fired), .wg = &wg};
        gr_go(stop_and_set_again, &p[i]);
    }
    gr_waitgroup_wait(&wg);
    check_await(&fired, N);
    for (int i = 0; i < N; i++) {
        CHECK_EQ(p[i].right, 5);
        CHECK(!gr_timer_stop(p[i].t));
        gr_timer_free(p[i].t);
    }
    CHECK_EQ(fired, N);
}

/* ---- the order ---- */

typedef struct Order {
    gr_chan *c;
    int id;
} Order;

static void report(void *arg) {
    Order *o = arg;
    gr_chan_send(o->c, &o->id);
}

static void sleep_a_while(void *arg) {
    Order *o = arg;
    gr_sleep(MS);
    report(o);
}

/* Sleepers of one P that wake at the same time go on in the order in which they went to sleep. Only the virtual
 * clock has same times: elsewhere this shows that they all wake. */
static void sleepers_all_wake(void) {
    enum { N = 100 };
    Order o[N];
    gr_chan *c = gr_chan_make(sizeof(int), N);
    bool seen[N] = {false};
    for (int i = 0; i < N; i++) {
        o[i] = (Order){c, i};
        gr_go(sleep_a_while, &o[i]);
    }
    for (int i = 0; i < N; i++) {
        int id = -1;
        CHECK(gr_chan_recv(c, &id));
        CHECK(id >= 0 && id < N && !seen[id]);
        seen[id] = true;
    }
    gr_chan_free(c);
}

/* ---- many ---- */

/* All due at once: they fire a few at a time, so that few goroutines exist at a time. */
static void many_due_at_once(void) {
    gr_timer **t = calloc(MANY, sizeof *t);
    _Atomic int fired = 0;
    int most = 0;
    for (int i = 0; i < MANY; i++)
        t[i] = gr_after_func((i * INT64_C(7919)) % 1000 * 10, count, &fired);
    while (atomic_load(&fired) < MANY) {
        int n = gr_numgoroutine();
        if (n > most)
            most = n;
        gr_yield();
    }
    CHECK_EQ(fired, MANY);
    CHECK(most < 5000);
    int set = 0;
    for (int i = 0; i < MANY; i++)
        set += gr_timer_stop(t[i]);
    CHECK_EQ(set, 0);
    for (int i = 0; i < MANY; i++)
        gr_timer_free(t[i]);
    free(t);
}

/* A million in one heap, stopped in another order than they were set in; the last few fire. */
static void many_pending(void) {
    gr_timer **t = calloc(MANY, sizeof *t);
    _Atomic int fired = 0;
    for (int i = 0; i < MANY; i++)
        t[i] = gr_after_func(3600 * GR_SECOND + (i * INT64_C(104729)) % MANY * MS, count, &fired);
    int stopped = 0;
    for (int64_t i = 0; i < MANY; i++) {
        int64_t k = i * 7919 % MANY; /* no common factor: every timer once */
        if (k % 1000 == 0)
            gr_timer_reset(t[k], 1);
        else
            stopped += gr_timer_stop(t[k]);
    }
    CHECK_EQ(stopped, MANY - MANY / 1000);
    check_await(&fired, MANY / 1000);
    for (int i = 0; i < MANY; i++)
        gr_timer_free(t[i]);
    CHECK_EQ(fired, MANY / 1000);
    free(t);
}

typedef struct Nap {
    int64_t ns;
    _Atomic int *woken, *early;
} Nap;

static void nap(void *arg) {
    Nap *n = arg;
    int64_t began = gr_now();
    gr_sleep(n->ns);
    if (gr_now() - began < n->ns)
        atomic_fetch_add(n->early, 1);
    atomic_fetch_add(n->woken, 1);
}

static void many_sleepers(void) {
    Nap *naps = calloc(SLEEPERS, sizeof *naps);
    _Atomic int woken = 0, early = 0;
    for (int i = 0; i < SLEEPERS; i++) {
        naps[i] = (Nap){(i * INT64_C(7919)) % 10000 * GR_MICROSECOND, &woken, &early};
        gr_go(nap, &naps[i]);
    }
    check_await(&woken, SLEEPERS);
    CHECK_EQ(early, 0);
    free(naps);
}

/* ---- channels' timers nobody waits for ---- */

/* They come and go from the heap with their watchers; nothing is lost on the way. */
static void watched_now_and_then(void) {
    gr_ticker *t = gr_ticker_make(200 * GR_MICROSECOND);
    gr_chan *c = gr_ticker_chan(t), *ready = gr_chan_make(sizeof(int), 1);
    int64_t at_ns = 0, last_ns = 0;
    for (int i = 0; i < 50; i++) {
        gr_case cases[] = {{GR_RECV, c, &at_ns, false}, {GR_RECV, ready, NULL, false}};
        gr_chan_send(ready, &i);
        int chosen = gr_select(cases, 2, false); /* ready already: watched for a moment */
        if (chosen == 0)
            gr_chan_recv(ready, NULL);
        else
            CHECK(gr_chan_recv(c, &at_ns));
        CHECK(at_ns > last_ns);
        last_ns = at_ns;
    }
    gr_ticker_stop(t);
    CHECK(!has_value(c));
    gr_ticker_free(t);
    gr_chan_free(ready);
}

TESTS(T(timers_of_a_computing_p_fire_elsewhere), T(ticks_arrive_while_the_setter_computes),
      T(timers_of_a_p_in_a_system_call_fire_elsewhere), T(timers_outlive_their_p), T(stopped_and_reset_by_others),
      T(sleepers_all_wake), T(many_due_at_once), T(many_pending), T(many_sleepers), T(watched_now_and_then))
