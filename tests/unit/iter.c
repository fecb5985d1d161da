/* iter.c: pulled and pushed sequences: every way for one to end, from either side, and what reaches the other. The
 * cases of Pull follow Go's src/iter/pull_test.go.
 *
 * Copyright 2023 The Go Authors. All rights reserved. Use of its source is governed by a BSD-style license. */
#include "check.h"

/* ---- pulled ---- */

static _Atomic int ended; /* sequences that came to their end */

/* 1 … *arg */
static void count(gr_yield_fn *yield, void *arg) {
    for (int i = 1; i <= *(int *)arg; i++)
        if (!yield(&i))
            break;
    ended++;
}

static void yields_in_order_then_zero(void) {
    for (int end = 0; end <= 3; end++) {
        int v = 0;
        gr_iter *it = gr_pull(count, &end, sizeof v);
        for (int i = 1; i <= end; i++) {
            CHECK(gr_next(it, &v));
            CHECK_EQ(v, i);
        }
        for (int i = 0; i < 2; i++) {
            v = 7;
            CHECK(!gr_next(it, &v));
            CHECK_EQ(v, 0);
        }
        gr_stop(it);
        v = 7;
        CHECK(!gr_next(it, &v));
        CHECK_EQ(v, 0);
        gr_stop(it);
    }
}

static void stop_ends_the_sequence(void) {
    int end = 3, v;
    for (int taken = 0; taken <= 3; taken++) {
        ended = 0;
        gr_iter *it = gr_pull(count, &end, sizeof v);
        for (int i = 0; i < taken; i++)
            CHECK(gr_next(it, &v));
        CHECK_EQ(ended, 0);
        gr_stop(it);
        CHECK_EQ(ended, taken > 0); /* one that never began does not end either */
        CHECK(!gr_next(it, &v));
        gr_stop(it);
        CHECK_EQ(ended, taken > 0);
    }
}

/* An old iterator stays stopped although its memory is used again and again. */
static void stopped_ones_stay_stopped(void) {
    int end = 5, v;
    gr_iter *old[300], *live;
    for (int i = 0; i < 300; i++) {
        old[i] = gr_pull(count, &end, sizeof v);
        gr_next(old[i], &v);
        gr_stop(old[i]);
    }
    live = gr_pull(count, &end, sizeof v);
    for (int i = 0; i < 300; i++) {
        v = 9;
        CHECK(old[i] != live);
        CHECK(!gr_next(old[i], &v));
        CHECK_EQ(v, 0);
        gr_stop(old[i]);
    }
    CHECK(gr_next(live, &v));
    CHECK_EQ(v, 1);
    gr_stop(live);
}

typedef struct Big {
    int64_t v[9];
    char c;
} Big;

static void bigs(gr_yield_fn *yield, void *arg) {
    (void)arg;
    Big b = {{0}, 'a'};
    do {
        for (int i = 0; i < 9; i++)
            b.v[i] = b.c * i;
        b.c++;
    } while (yield(&b));
}

static void nothing_at_all(gr_yield_fn *yield, void *arg) {
    while (--*(int *)arg >= 0 && yield(NULL))
        ;
}

static void elements_of_any_size(void) {
    Big b;
    gr_iter *it = gr_pull(bigs, NULL, sizeof b);
    for (int n = 0; n < 20; n++) {
        CHECK(gr_next(it, &b));
        CHECK_EQ(b.c, 'a' + n + 1);
        CHECK_EQ(b.v[8], 8 * ('a' + n));
    }
    CHECK(gr_next(it, NULL)); /* discarded */
    gr_stop(it);
    int n = 3, got = 0;
    it = gr_pull(nothing_at_all, &n, 0);
    while (gr_next(it, NULL))
        got++;
    CHECK_EQ(got, 3);
    gr_stop(it);
}

/* ---- one made of others ---- */

typedef struct Node {
    struct Node *left, *right;
    int v;
} Node;

static Node *tree(int lo, int hi, unsigned shape) {
    if (lo >= hi)
        return NULL;
    Node *n = malloc(sizeof *n);
    int mid = lo + (int)(shape % (unsigned)(hi - lo));
    *n = (Node){tree(lo, mid, shape * 7 + 1), tree(mid + 1, hi, shape * 5 + 3), mid};
    return n;
}

static void fell(Node *n) {
    if (!n)
        return;
    fell(n->left);
    fell(n->right);
    free(n);
}

static bool walk(gr_yield_fn *yield, Node *n) {
    return !n || (walk(yield, n->left) && yield(&n->v) && walk(yield, n->right));
}

static void in_order(gr_yield_fn *yield, void *arg) { walk(yield, arg); }

/* Yields from any depth of calls. */
static void same_fringe(void) {
    Node *a = tree(0, 200, 3), *b = tree(0, 200, 11);
    gr_iter *x = gr_pull(in_order, a, sizeof(int)), *y = gr_pull(in_order, b, sizeof(int));
    int n = 0, v, w;
    for (;;) {
        bool more = gr_next(x, &v), too = gr_next(y, &w);
        CHECK_EQ(more, too);
        if (!more)
            break;
        CHECK_EQ(v, n);
        CHECK_EQ(w, n);
        n++;
    }
    CHECK_EQ(n, 200);
    gr_stop(x);
    gr_stop(y);
    fell(a);
    fell(b);
}

/* Yields all that the iterator *arg gives, plus one; gives the last of a chain the first element. */
static void plus_one(gr_yield_fn *yield, void *arg) {
    int depth = *(int *)arg - 1, v, start = 10;
    gr_iter *from = depth > 0 ? gr_pull(plus_one, &depth, sizeof v) : gr_pull(count, &start, sizeof v);
    while (gr_next(from, &v)) {
        v++;
        if (!yield(&v))
            break;
    }
    gr_stop(from);
}

static void chain_of_twenty(void) {
    int depth = 20, v, before = gr_numgoroutine();
    gr_iter *it = gr_pull(plus_one, &depth, sizeof v);
    for (int i = 1; i <= 7; i++) {
        CHECK(gr_next(it, &v));
        CHECK_EQ(v, i + 20);
    }
    CHECK_EQ(gr_numgoroutine(), before + 21);
    gr_stop(it); /* all of them end */
    CHECK_EQ(gr_numgoroutine(), before);
}

/* ---- coroutines are goroutines ---- */

static gr_chan *numbers;

/* Blocks for every element. */
static void received(gr_yield_fn *yield, void *arg) {
    (void)arg;
    int v;
    while (gr_chan_recv(numbers, &v) && yield(&v))
        gr_yield();
}

static void send_ten(void *arg) {
    (void)arg;
    for (int i = 0; i < 10; i++) {
        gr_chan_send(numbers, &i);
        if (i % 3 == 0)
            gr_sleep(50 * GR_MICROSECOND);
    }
    gr_chan_close(numbers);
}

static void a_sequence_may_block(void) {
    int v, n = 0;
    numbers = gr_chan_make(sizeof v, 0);
    gr_go(send_ten, NULL);
    gr_iter *it = gr_pull(received, NULL, sizeof v);
    while (gr_next(it, &v))
        CHECK_EQ(v, n++);
    CHECK_EQ(n, 10);
    gr_stop(it);
    gr_chan_free(numbers);
}

static void ids(gr_yield_fn *yield, void *arg) {
    (void)arg;
    uint64_t id;
    do
        id = gr_goid();
    while (yield(&id));
}

static void has_a_goroutine_of_its_own(void) {
    uint64_t id = 0, again = 0;
    gr_iter *it = gr_pull(ids, NULL, sizeof id);
    CHECK(gr_next(it, &id) && gr_next(it, &again));
    CHECK(id != gr_goid() && id != 0);
    CHECK(id == again);
    gr_stop(it);
}

typedef struct Relay {
    gr_iter *it;
    gr_mutex m;
    _Atomic int sum, over;
} Relay;

static void take_turns(void *arg) {
    Relay *r = arg;
    for (bool more = true; more;) {
        int v = 0;
        gr_mutex_lock(&r->m);
        more = gr_next(r->it, &v);
        gr_mutex_unlock(&r->m);
        atomic_fetch_add(&r->sum, v);
        gr_yield();
    }
    atomic_fetch_add(&r->over, 1);
}

/* One iterator, eight callers one after the other, on whatever P they run. */
static void passes_between_goroutines(void) {
    int end = 2000;
    Relay r = {.it = gr_pull(count, &end, sizeof end)};
    for (int i = 0; i < 8; i++)
        gr_go(take_turns, &r);
    check_await(&r.over, 8);
    CHECK_EQ(r.sum, 2000 * 2001 / 2);
    gr_stop(r.it);
}

static void use_many(void *arg) {
    int v, sum = 0;
    for (int i = 0; i < 50; i++) {
        int end = i;
        gr_iter *it = gr_pull(count, &end, sizeof v);
        while (gr_next(it, &v))
            sum += v;
        gr_stop(it);
    }
    CHECK_EQ(sum, 20825);
    atomic_fetch_add((_Atomic int *)arg, 1);
}

static void many_at_once(void) {
    _Atomic int over = 0;
    for (int i = 0; i < 20; i++)
        gr_go(use_many, (void *)&over);
    check_await(&over, 20);
}

/* ---- locked to a thread ---- */

static void on_the_callers_thread(gr_yield_fn *yield, void *arg) {
    bool so;
    do {
        gr_yield(); /* parks here: the thread waits for the sequence, not for its caller */
        so = check_thread() == *(uintptr_t *)arg;
    } while (yield(&so));
}

static void pull_locked(void *arg) {
    bool so;
    gr_lockosthread();
    uintptr_t mine = check_thread();
    gr_iter *it = gr_pull(on_the_callers_thread, &mine, sizeof so);
    for (int i = 0; i < 100; i++) {
        CHECK(gr_next(it, &so));
        CHECK(so);
        gr_yield();
    }
    gr_stop(it);
    CHECK(check_thread() == mine);
    gr_unlockosthread();
    atomic_fetch_add((_Atomic int *)arg, 1);
}

static void a_lock_goes_with_the_control(void) {
    _Atomic int over = 0;
    for (int i = 0; i < 4; i++)
        gr_go(pull_locked, (void *)&over);
    check_await(&over, 4);
}

/* ---- ends that reach the caller ---- */

static char text[100];

static void note_panic(void *arg) {
    (void)arg;
    const char *msg = gr_recover();
    snprintf(text, sizeof text, "%s", msg ? msg : "(none)");
}

typedef struct Call {
    void (*fn)(void *);
    void *arg;
    _Atomic int over, returned;
} Call;

static void is_over(void *arg) { atomic_fetch_add(&((Call *)arg)->over, 1); }

static void call_here(void *arg) {
    Call *c = arg;
    gr_defer(is_over, c);
    gr_defer(note_panic, NULL);
    c->fn(c->arg);
    atomic_fetch_add(&c->returned, 1);
}

/* Runs fn(arg) as a goroutine; what it panicked with, "(none)" if it did not; *returned whether it came back. */
static const char *outcome(void (*fn)(void *), void *arg, int *returned) {
    Call c = {fn, arg, 0, 0};
    gr_go(call_here, &c);
    check_await(&c.over, 1);
    *returned = c.returned;
    return text;
}

#define CHECK_OUTCOME(fn, arg, msg, back)                                                                              \
    do {                                                                                                               \
        int back_;                                                                                                     \
        const char *msg_ = outcome((fn), (arg), &back_);                                                               \
        CHECK(!strncmp(msg_, (msg), strlen(msg)));                                                                     \
        CHECK_EQ(back_, (back));                                                                                       \
    } while (0)

static void panics_third(gr_yield_fn *yield, void *arg) {
    char msg[20];
    for (int i = 1; i < 3; i++)
        if (!yield(&i))
            break;
    snprintf(msg, sizeof msg, "boo %s", (char *)arg); /* the message goes on, its stack does not */
    gr_panic(msg);
}

static gr_iter *shared;

static void next_until_it_panics(void *arg) {
    (void)arg;
    int v;
    while (gr_next(shared, &v))
        ;
}

static void stop_it(void *arg) { gr_stop(arg); }

static void panic_reaches_the_caller_of_next(void) {
    int v = 7;
    shared = gr_pull(panics_third, "next", sizeof v);
    CHECK_OUTCOME(next_until_it_panics, NULL, "boo next", 0);
    CHECK(!gr_next(shared, &v)); /* it is over */
    CHECK_EQ(v, 0);
    CHECK_OUTCOME(next_until_it_panics, NULL, "(none)", 1);
    gr_stop(shared);
}

static void panic_reaches_the_caller_of_stop(void) {
    int v;
    shared = gr_pull(panics_third, "stop", sizeof v);
    CHECK(gr_next(shared, &v));
    CHECK_OUTCOME(stop_it, shared, "boo stop", 0);
    CHECK_OUTCOME(stop_it, shared, "(none)", 1);
    CHECK(!gr_next(shared, &v));
}

static void leaves_third(gr_yield_fn *yield, void *arg) {
    (void)arg;
    for (int i = 1; i < 3; i++)
        if (!yield(&i))
            break;
    gr_goexit();
}

static void goexit_reaches_the_caller(void) {
    int v = 7;
    shared = gr_pull(leaves_third, NULL, sizeof v);
    CHECK_OUTCOME(next_until_it_panics, NULL, "(none)", 0);
    CHECK(!gr_next(shared, &v));
    CHECK_EQ(v, 0);
    gr_stop(shared);
    shared = gr_pull(leaves_third, NULL, sizeof v);
    CHECK(gr_next(shared, &v));
    CHECK_OUTCOME(stop_it, shared, "(none)", 0);
    CHECK(!gr_next(shared, &v));
}

static void recovers(void *arg) {
    (void)arg;
    gr_recover();
}

static void panics_and_recovers(gr_yield_fn *yield, void *arg) {
    int v = 1;
    gr_defer(recovers, NULL);
    yield(&v);
    gr_panic(arg);
}

static void a_recovered_panic_ends_the_sequence(void) {
    int v;
    gr_iter *it = gr_pull(panics_and_recovers, "stays here", sizeof v);
    CHECK(gr_next(it, &v));
    CHECK(!gr_next(it, &v));
    gr_stop(it);
}

/* ---- mistakes ---- */

static void next_inside(gr_yield_fn *yield, void *arg) {
    (void)yield;
    gr_next(*(gr_iter **)arg, NULL);
}

static void stop_inside(gr_yield_fn *yield, void *arg) {
    (void)yield;
    gr_stop(*(gr_iter **)arg);
}

static gr_yield_fn *escaped;

static void lets_yield_escape(gr_yield_fn *yield, void *arg) {
    escaped = yield;
    yield(arg);
}

static void yield_here(void *arg) { escaped(arg); }

static void mistakes_panic(void) {
    int v = 0;
    shared = gr_pull(next_inside, &shared, sizeof v);
    CHECK_OUTCOME(next_until_it_panics, NULL, "iter.Pull: next called again before yield", 0);
    gr_stop(shared);
    shared = gr_pull(stop_inside, &shared, sizeof v);
    CHECK_OUTCOME(next_until_it_panics, NULL, "iter.Pull: stop called before yield", 0);
    gr_stop(shared);
    gr_iter *it = gr_pull(lets_yield_escape, &v, sizeof v);
    CHECK(gr_next(it, &v));
    CHECK_OUTCOME(yield_here, &v, "runtime error: range function continued", 0);
    gr_stop(it);
}

/* ---- pushed ---- */

typedef struct Sum {
    int sum, left;
} Sum;

static bool add(void *ctx, const void *v) {
    Sum *s = ctx;
    s->sum += *(const int *)v;
    return --s->left > 0;
}

static void each_calls_the_body(void) {
    int end = 10;
    Sum s = {0, 100};
    uint64_t before = (uint64_t)gr_numgoroutine();
    ended = 0;
    gr_each(count, &end, add, &s);
    CHECK_EQ(s.sum, 55);
    s = (Sum){0, 4}; /* break */
    gr_each(count, &end, add, &s);
    CHECK_EQ(s.sum, 10);
    CHECK_EQ(ended, 2);
    CHECK_EQ(gr_numgoroutine(), before);
}

typedef struct Filter {
    gr_yield_fn *yield;
    int every;
} Filter;

static bool pass_some(void *ctx, const void *v) {
    Filter *f = ctx;
    return *(const int *)v % f->every != 0 || f->yield(v);
}

/* A sequence made of another one, by a body that yields. */
static void thirds(gr_yield_fn *yield, void *arg) { gr_each(count, arg, pass_some, &(Filter){yield, 3}); }
static void sixths(gr_yield_fn *yield, void *arg) { gr_each(thirds, arg, pass_some, &(Filter){yield, 2}); }

static void sequences_of_sequences(void) {
    int end = 20, v;
    Sum s = {0, 100};
    gr_each(sixths, &end, add, &s);
    CHECK_EQ(s.sum, 6 + 12 + 18);
    s = (Sum){0, 2};
    gr_each(sixths, &end, add, &s);
    CHECK_EQ(s.sum, 6 + 12);
    gr_iter *it = gr_pull(sixths, &end, sizeof v);
    for (int want = 6; want <= 18; want += 6) {
        CHECK(gr_next(it, &v));
        CHECK_EQ(v, want);
    }
    CHECK(!gr_next(it, &v));
    gr_stop(it);
}

static void deaf(gr_yield_fn *yield, void *arg) {
    yield(arg);
    yield(arg);
}

static bool enough(void *ctx, const void *v) {
    (void)ctx;
    (void)v;
    return false;
}

static void each_of_deaf(void *arg) { gr_each(deaf, arg, enough, NULL); }

static void yield_after_break_panics(void) {
    int v = 1;
    CHECK_OUTCOME(each_of_deaf, &v, "runtime error: range function continued", 0);
}

TESTS(T(yields_in_order_then_zero), T(stop_ends_the_sequence), T(stopped_ones_stay_stopped), T(elements_of_any_size),
      T(same_fringe), T(chain_of_twenty), T(a_sequence_may_block), T(has_a_goroutine_of_its_own),
      T(passes_between_goroutines), T(many_at_once), T(a_lock_goes_with_the_control),
      T(panic_reaches_the_caller_of_next), T(panic_reaches_the_caller_of_stop), T(goexit_reaches_the_caller),
      T(a_recovered_panic_ends_the_sequence), T(mistakes_panic), T(each_calls_the_body), T(sequences_of_sequences),
      T(yield_after_break_panics))
