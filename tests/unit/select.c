/* select.c: one goroutine choosing among channels: which case runs, how often, what a losing case leaves behind. (After
 * the behaviours that Go's runtime/chan_test.go and test/chan/select*.go pin down.) */
#include "check.h"

static gr_case on_recv(gr_chan *c, void *v) { return (gr_case){GR_RECV, c, v, false}; }
static gr_case on_send(gr_chan *c, void *v) { return (gr_case){GR_SEND, c, v, false}; }

static bool try_send(gr_chan *c, int v) {
    gr_case k = on_send(c, &v);
    return gr_select(&k, 1, true) == 0;
}

static bool try_recv(gr_chan *c, int *v) {
    gr_case k = on_recv(c, v);
    return gr_select(&k, 1, true) == 0;
}

/* ---- which operations block ---- */

static void nil_channels_are_never_ready(void) {
    int v = 1;
    CHECK(!try_send(NULL, 1));
    CHECK(!try_recv(NULL, &v));
    CHECK_EQ(v, 1);
    gr_chan *c = gr_chan_make(sizeof(int), 1);
    gr_chan_send(c, &(int){5});
    for (int i = 0; i < 20; i++) {
        gr_case cases[] = {on_recv(NULL, &v), on_recv(c, &v), on_send(NULL, &v)};
        CHECK_EQ(gr_select(cases, 3, false), 1);
        CHECK_EQ(v, 5);
        gr_chan_send(c, &v);
    }
    gr_chan_free(c);
}

static void default_only_when_nothing_is_ready(void) {
    gr_chan *unbuffered = gr_chan_make(sizeof(int), 0), *one = gr_chan_make(sizeof(int), 1);
    int v = 3;
    CHECK(!try_send(unbuffered, 1));
    CHECK(!try_recv(unbuffered, &v));
    CHECK(!try_recv(one, &v));
    CHECK_EQ(v, 3); /* a case that does not run touches nothing */
    CHECK(try_send(one, 8));
    CHECK(!try_send(one, 9)); /* full */
    CHECK(try_recv(one, &v));
    CHECK_EQ(v, 8);
    CHECK(!try_recv(one, &v));
    gr_chan_close(one);
    for (int i = 0; i < 10; i++) { /* closed: always ready, ok false, zeroed */
        v = 4;
        gr_case k = on_recv(one, &v);
        k.ok = true;
        CHECK_EQ(gr_select(&k, 1, true), 0);
        CHECK(!k.ok);
        CHECK_EQ(v, 0);
    }
    gr_chan_free(unbuffered);
    gr_chan_free(one);
}

static void no_cases_with_default(void) { CHECK_EQ(gr_select(NULL, 0, true), -1); }

static void one_ready_case_runs(void) {
    gr_chan *a = gr_chan_make(sizeof(int), 1), *b = gr_chan_make(sizeof(int), 1), *never = gr_chan_make(sizeof(int), 0);
    int in = 0, out = 42;
    for (int i = 0; i < 100; i++) {
        gr_case sending[] = {on_recv(never, &in), on_send(a, &out), on_recv(b, &in)};
        CHECK_EQ(gr_select(sending, 3, i % 2), 1);
        CHECK_EQ(gr_chan_len(a), 1);
        gr_case receiving[] = {on_recv(never, &in), on_send(a, &out), on_recv(b, &in), on_send(never, &out)};
        gr_chan_send(b, &i);
        CHECK_EQ(gr_select(receiving, 4, i % 2), 2);
        CHECK(receiving[2].ok);
        CHECK_EQ(in, i);
        gr_chan_recv(a, &in);
        CHECK_EQ(in, 42);
    }
    gr_chan_free(a);
    gr_chan_free(b);
    gr_chan_free(never);
}

static void null_value_discards(void) {
    gr_chan *c = gr_chan_make(sizeof(int), 2);
    gr_chan_send(c, &(int){1});
    gr_chan_send(c, &(int){2});
    gr_case k = on_recv(c, NULL);
    CHECK_EQ(gr_select(&k, 1, false), 0);
    CHECK(k.ok);
    int v = 0;
    gr_chan_recv(c, &v);
    CHECK_EQ(v, 2);
    gr_chan_free(c);
}

/* ---- fairness ---- */

/* Both of two ready cases are taken about equally often. (Go allows about 10 sigma; so do we.) */
static void two_ready_cases_about_equal(void) {
    enum { TRIALS = 10000 };
    gr_chan *c[2] = {gr_chan_make(sizeof(int), TRIALS + 1), gr_chan_make(sizeof(int), TRIALS + 1)};
    int count[2] = {0, 0};
    for (int i = 0; i <= TRIALS; i++) {
        gr_chan_send(c[0], &i);
        gr_chan_send(c[1], &i);
    }
    gr_chan *never = gr_chan_make(sizeof(int), 0), *never_either = gr_chan_make(sizeof(int), 0);
    for (int i = 0; i < TRIALS; i++) {
        gr_case cases[] = {on_recv(never, NULL), on_recv(c[0], NULL), on_recv(c[1], NULL), on_recv(never_either, NULL)};
        int k = gr_select(cases, 4, false);
        CHECK(k == 1 || k == 2);
        count[k == 2]++;
    }
    CHECK(count[0] > TRIALS / 2 - 500 && count[0] < TRIALS / 2 + 500);
    CHECK_EQ(count[0] + count[1], TRIALS);
    for (int i = 0; i < 2; i++)
        gr_chan_free(c[i]);
    gr_chan_free(never);
    gr_chan_free(never_either);
}

static void five_ready_cases_about_equal(void) {
    enum { N = 5, TRIALS = 10000 };
    gr_chan *c[N];
    int count[N] = {0};
    for (int i = 0; i < N; i++) {
        c[i] = gr_chan_make(0, 0);
        gr_chan_close(c[i]);
    }
    for (int t = 0; t < TRIALS; t++) {
        gr_case cases[N];
        for (int i = 0; i < N; i++)
            cases[i] = on_recv(c[i], NULL);
        count[gr_select(cases, N, false)]++;
    }
    for (int i = 0; i < N; i++) {
        CHECK(count[i] > TRIALS / N - 400 && count[i] < TRIALS / N + 400); /* 10 sigma */
        gr_chan_free(c[i]);
    }
}

typedef struct Bits {
    gr_chan *c;
    int n, zeros, ones;
    _Atomic int done;
} Bits;

static void take_bits(void *arg) {
    Bits *b = arg;
    for (int i = 0; i < b->n; i++) {
        int v = -1;
        gr_chan_recv(b->c, &v);
        (v ? &b->ones : &b->zeros)[0]++;
        gr_yield();
    }
    atomic_store(&b->done, 1);
}

/* Two sending cases on one channel: the element is chosen by chance. */
static void two_sends_to_one_channel_are_random(void) {
    for (size_t cap = 0; cap < 2; cap++) {
        Bits b = {gr_chan_make(sizeof(int), cap), 1000, 0, 0, 0};
        int zero = 0, one = 1;
        gr_go(take_bits, &b);
        for (int i = 0; i < b.n; i++) {
            gr_case cases[] = {on_send(b.c, &zero), on_send(b.c, &one)};
            gr_select(cases, 2, false);
        }
        check_await(&b.done, 1);
        CHECK(b.zeros > b.n / 3 && b.ones > b.n / 3);
        gr_chan_free(b.c);
    }
}

/* ---- blocking ---- */

typedef struct Delayed {
    gr_chan *c;
    int v;
    int64_t after_ns;
    bool close;
    _Atomic int done;
} Delayed;

static void act_later(void *arg) {
    Delayed *d = arg;
    gr_sleep(d->after_ns);
    if (d->close)
        gr_chan_close(d->c);
    else
        gr_chan_send(d->c, &d->v);
    atomic_store(&d->done, 1);
}

/* What a select waits on besides the case that ran is forgotten: nobody can hand anything to it later. */
static void losing_cases_leave_nothing_behind(void) {
    enum { N = 12 };
    gr_chan *c[N];
    for (int i = 0; i < N; i++)
        c[i] = gr_chan_make(sizeof(int), 0);
    for (int winner = 0; winner < N; winner++) {
        int in[N], out = 5;
        gr_case cases[N];
        Delayed d = {c[winner], 1000 + winner, 100 * GR_MICROSECOND, false, 0};
        for (int i = 0; i < N; i++)
            cases[i] = i % 2 && i != winner ? on_send(c[i], &out) : on_recv(c[i], &in[i]);
        gr_go(act_later, &d);
        CHECK_EQ(gr_select(cases, N, false), winner);
        CHECK(cases[winner].ok);
        CHECK_EQ(in[winner], 1000 + winner);
        for (int i = 0; i < N; i++) {
            CHECK(!try_send(c[i], 1));
            CHECK(!try_recv(c[i], &out));
        }
        check_await(&d.done, 1);
    }
    for (int i = 0; i < N; i++)
        gr_chan_free(c[i]);
}

static void sending_case_waits_for_a_receiver(void) {
    gr_chan *c = gr_chan_make(sizeof(int), 0), *never = gr_chan_make(sizeof(int), 0);
    Bits b = {c, 100, 0, 0, 0};
    int one = 1;
    gr_go(take_bits, &b);
    for (int i = 0; i < 100; i++) {
        gr_case cases[] = {on_recv(never, NULL), on_send(c, &one)};
        CHECK_EQ(gr_select(cases, 2, false), 1);
    }
    check_await(&b.done, 1);
    CHECK_EQ(b.ones, 100);
    gr_chan_free(c);
    gr_chan_free(never);
}

static void close_wakes_a_waiting_select(void) {
    for (int i = 0; i < 20; i++) {
        gr_chan *c = gr_chan_make(sizeof(int), i % 2 ? 3 : 0), *never = gr_chan_make(sizeof(int), 0);
        Delayed d = {c, 0, 50 * GR_MICROSECOND, true, 0};
        int v = 9;
        gr_go(act_later, &d);
        gr_case cases[] = {on_recv(never, NULL), on_recv(c, &v)};
        cases[1].ok = true;
        CHECK_EQ(gr_select(cases, 2, false), 1);
        CHECK(!cases[1].ok);
        CHECK_EQ(v, 0);
        check_await(&d.done, 1);
        gr_chan_free(c);
        gr_chan_free(never);
    }
}

/* The same channel in several cases: the waiting goroutine is woken once, by one of them. */
static void duplicate_channels(void) {
    gr_chan *c = gr_chan_make(sizeof(int), 0), *other = gr_chan_make(sizeof(int), 0);
    for (int i = 0; i < 50; i++) {
        Delayed d = {c, i, i % 3 * 20 * GR_MICROSECOND, false, 0};
        int v[3] = {-1, -1, -1}, out = 0;
        gr_go(act_later, &d);
        gr_case cases[] = {on_recv(c, &v[0]), on_recv(other, NULL), on_recv(c, &v[1]), on_recv(c, &v[2]),
                           on_send(other, &out)};
        int k = gr_select(cases, 5, false);
        CHECK(k == 0 || k == 2 || k == 3);
        CHECK_EQ(v[k == 0 ? 0 : k - 1], i);
        CHECK_EQ(v[0] + v[1] + v[2], i - 2); /* the others were not touched */
        CHECK(!try_send(c, 1));
        check_await(&d.done, 1);
    }
    gr_chan_free(c);
    gr_chan_free(other);
}

typedef struct Selfie {
    gr_chan *c;
    int id, trials;
    gr_waitgroup *wg;
} Selfie;

static void send_and_receive_in_one_select(void *arg) {
    Selfie *s = arg;
    for (int i = 0; i < s->trials; i++) {
        int in = -1;
        gr_case cases[2];
        bool recv_first = i % 2;
        cases[!recv_first] = on_recv(s->c, &in);
        cases[recv_first] = on_send(s->c, &s->id);
        int k = gr_select(cases, 2, false);
        if (k == !recv_first && gr_chan_cap(s->c) == 0)
            CHECK(in != s->id); /* unbuffered: never from oneself */
    }
    gr_waitgroup_done(s->wg);
}

/* Two goroutines that both offer and take on the same channel: neither serves itself, both finish. */
static void select_never_serves_itself(void) {
    for (size_t cap = 0; cap <= 10; cap += 10) {
        gr_waitgroup wg = {0};
        gr_chan *c = gr_chan_make(sizeof(int), cap);
        Selfie s[2] = {{c, 0, 1000, &wg}, {c, 1, 1000, &wg}};
        gr_waitgroup_add(&wg, 2);
        gr_go(send_and_receive_in_one_select, &s[0]);
        gr_go(send_and_receive_in_one_select, &s[1]);
        gr_waitgroup_wait(&wg);
        gr_chan_free(c);
    }
}

static void hundreds_of_cases(void) {
    enum { N = 600 };
    gr_chan **c = calloc(N, sizeof *c);
    gr_case *cases = calloc(N, sizeof *cases);
    int v = 0;
    for (int i = 0; i < N; i++)
        c[i] = gr_chan_make(sizeof(int), 0);
    for (int round = 0; round < 5; round++) {
        int winner = round * 149;
        Delayed d = {c[winner], round, 50 * GR_MICROSECOND, false, 0};
        for (int i = 0; i < N; i++)
            cases[i] = on_recv(c[i], &v);
        gr_go(act_later, &d);
        CHECK_EQ(gr_select(cases, N, false), winner);
        CHECK_EQ(v, round);
        check_await(&d.done, 1);
    }
    for (int i = 0; i < N; i++)
        gr_chan_free(c[i]);
    free(cases);
    free(c);
}

TESTS(T(nil_channels_are_never_ready), T(default_only_when_nothing_is_ready), T(no_cases_with_default),
      T(one_ready_case_runs), T(null_value_discards), T(two_ready_cases_about_equal), T(five_ready_cases_about_equal),
      T(two_sends_to_one_channel_are_random), T(losing_cases_leave_nothing_behind),
      T(sending_case_waits_for_a_receiver), T(close_wakes_a_waiting_select), T(duplicate_channels),
      T(select_never_serves_itself), T(hundreds_of_cases))
