/* group.c: unit tests of gr_group, gr_semaphore and gr_waitgroup_go. What is asserted follows the tests of
 * golang.org/x/sync/errgroup and semaphore and TestWaitGroupGo of Go's sync/waitgroup_test.go. */
#include "check.h"
#include <gr_context.h>

static const char first[] = "errgroup_test: 1", second[] = "errgroup_test: 2";

static const char *give(void *arg) { return arg; }

static void *error_of(const char *text) { return (void *)(uintptr_t)text; }

/* TestZeroGroup: the first error stays whatever comes after it */
static void a_zero_group_is_ready(void) {
    gr_group g = {0};
    CHECK(gr_group_wait(&g) == NULL);
    const char *errs[][3] = {{NULL}, {first}, {NULL, first}, {first, NULL, second}, {NULL, NULL, NULL}};
    const char *want[] = {NULL, first, first, NULL, NULL};
    for (int i = 0; i < 5; i++) {
        const char *got[2];
        for (int round = 0; round < 2; round++) { /* the second time with what gr_group_wait has left */
            for (int k = 0; k < 3; k++)
                gr_group_go(&g, give, error_of(errs[i][k]));
            got[round] = gr_group_wait(&g);
        }
        for (int round = 0; round < 2; round++)
            CHECK(i == 3 ? got[round] == first || got[round] == second : got[round] == want[i]);
    }
}

static const char *fail_after_done(void *arg) {
    gr_context *ctx = arg;
    gr_chan_recv(gr_context_done(ctx), NULL);
    return gr_context_err(ctx);
}

/* TestWithContext */
static void the_first_error_cancels(void) {
    gr_group g = {0};
    gr_context *ctx = gr_group_context(&g, gr_background());
    for (int i = 0; i < 5; i++)
        gr_group_go(&g, fail_after_done, ctx);
    gr_group_go(&g, give, error_of(first));
    CHECK(gr_group_wait(&g) == first);
    CHECK(gr_context_err(ctx) == gr_canceled && gr_context_cause(ctx) == first);
    gr_context_unref(ctx);
    ctx = gr_group_context(&g, gr_background()); /* the group is new again */
    gr_group_go(&g, give, NULL);
    CHECK(gr_group_wait(&g) == NULL);
    CHECK(gr_context_err(ctx) == gr_canceled && gr_context_cause(ctx) == gr_canceled);
    gr_context_unref(ctx);
}

static void the_parent_ends_a_group(void) {
    gr_context *parent = gr_with_timeout(gr_background(), GR_MILLISECOND);
    gr_group g = {0};
    gr_context *ctx = gr_group_context(&g, parent);
    for (int i = 0; i < 5; i++)
        gr_group_go(&g, fail_after_done, ctx);
    CHECK(gr_group_wait(&g) == gr_deadline_exceeded);
    gr_context_end(ctx);
    gr_context_end(parent);
}

static _Atomic int active, most;

static const char *count_active(void *arg) {
    int now = atomic_fetch_add(&active, 1) + 1, seen = atomic_load(&most);
    while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now)) {
    }
    gr_sleep((intptr_t)arg);
    atomic_fetch_sub(&active, 1);
    return NULL;
}

/* TestGoLimit */
static void no_more_than_the_limit(void) {
    gr_group g = {0};
    atomic_store(&most, 0);
    gr_group_limit(&g, 10);
    for (int i = 0; i < 200; i++)
        gr_group_go(&g, count_active, (void *)(intptr_t)(10 * GR_MICROSECOND));
    CHECK(gr_group_wait(&g) == NULL);
    CHECK(atomic_load(&most) <= 10);
    CHECK_EQ(atomic_load(&active), 0);
}

static const char *wait_for(void *arg) {
    gr_chan_recv(arg, NULL);
    return NULL;
}

/* TestTryGo */
static void trygo_says_when_there_is_no_place(void) {
    enum { N = 42 };
    gr_group g = {0};
    gr_chan *gate = gr_chan_make(0, 0);
    gr_group_limit(&g, N);
    for (int i = 0; i < N; i++)
        CHECK(gr_group_trygo(&g, wait_for, gate));
    CHECK(!gr_group_trygo(&g, wait_for, gate));
    gr_chan_send(gate, NULL);
    while (!gr_group_trygo(&g, wait_for, gate)) /* the one that has ended leaves its place soon */
        gr_yield();
    gr_chan_close(gate);
    CHECK(gr_group_wait(&g) == NULL);
    gr_chan_free(gate);
    gr_group_limit(&g, 1);
    gr_group_limit(&g, 0);
    CHECK(!gr_group_trygo(&g, give, NULL));
    gr_group_limit(&g, -1);
    CHECK(gr_group_trygo(&g, give, error_of(second)) && gr_group_wait(&g) == second);
}

static const char *exits(void *arg) {
    (void)arg;
    gr_goexit();
}

static const char *message;

static void recover_message(void *arg) {
    (void)arg;
    message = gr_recover();
}

static void limit_while_active(void *arg) {
    gr_defer(recover_message, NULL);
    gr_group_limit(arg, 3);
}

static void goexit_is_no_error(void) {
    gr_group g = {0};
    gr_group_limit(&g, 2);
    for (int i = 0; i < 6; i++)
        gr_group_go(&g, exits, NULL);
    CHECK(gr_group_wait(&g) == NULL);
    gr_chan *gate = gr_chan_make(0, 0);
    gr_waitgroup wg = {0};
    gr_group_limit(&g, 2);
    gr_group_go(&g, wait_for, gate);
    gr_waitgroup_go(&wg, limit_while_active, &g);
    gr_waitgroup_wait(&wg);
    CHECK(message && !strcmp(message, "errgroup: modify limit while 1 goroutines in the group are still active"));
    gr_chan_close(gate);
    gr_group_wait(&g);
    gr_chan_free(gate);
}

/* ---- semaphores ---------------------------------------------------------------------------------------------- */

/* TestWeightedTryAcquire, TestWeightedAcquire */
static void units_are_counted(void) {
    gr_semaphore s = {.size = 2};
    CHECK(gr_semaphore_tryacquire(&s, 1) && gr_semaphore_tryacquire(&s, 1) && !gr_semaphore_tryacquire(&s, 1));
    gr_semaphore_release(&s, 2);
    CHECK(gr_semaphore_tryacquire(&s, 1));
    CHECK(gr_semaphore_acquire(&s, 1, gr_background()) == NULL);
    CHECK(!gr_semaphore_tryacquire(&s, 1) && gr_semaphore_tryacquire(&s, 0));
    gr_semaphore_release(&s, 2);
    CHECK(gr_semaphore_acquire(&s, 2, NULL) == NULL);
    gr_semaphore_release(&s, 2);
    gr_context *ctx = gr_with_cancel(gr_background());
    gr_context_cancel(ctx);
    CHECK(gr_semaphore_acquire(&s, 1, ctx) == gr_canceled && gr_semaphore_tryacquire(&s, 2));
    gr_semaphore_release(&s, 2);
    gr_context_end(ctx);
}

static void release_too_much(void *arg) {
    gr_defer(recover_message, NULL);
    gr_semaphore_release(arg, 1);
}

/* TestWeightedPanic, TestWeightedDoesntBlockIfTooBig */
static void what_cannot_be(void) {
    gr_semaphore s = {.size = 2};
    gr_waitgroup wg = {0};
    gr_waitgroup_go(&wg, release_too_much, &s);
    gr_waitgroup_wait(&wg);
    CHECK(message && !strcmp(message, "semaphore: released more than held"));
    gr_context *ctx = gr_with_timeout(gr_background(), GR_MILLISECOND);
    CHECK(gr_semaphore_acquire(&s, 3, ctx) == gr_deadline_exceeded);
    CHECK(gr_semaphore_tryacquire(&s, 2));
    gr_context_end(ctx);
}

typedef struct Want {
    gr_semaphore *s;
    int64_t n;
    gr_context *ctx;
    _Atomic int got;
} Want;

static void take(void *arg) {
    Want *w = arg;
    if (!gr_semaphore_acquire(w->s, w->n, w->ctx))
        atomic_fetch_add(&w->got, 1);
}

static void await_waiter(gr_semaphore *s, int64_t n) {
    while (gr_semaphore_tryacquire(s, n)) { /* nobody waits yet */
        gr_semaphore_release(s, n);
        gr_yield();
    }
}

/* TestLargeAcquireDoesntStarve, TestAllocCancelDoesntStarve: who wants little waits behind who wants much, until
 * that gives up */
static void in_order(void) {
    gr_semaphore s = {.size = 10};
    gr_context *ctx = gr_with_cancel(gr_background());
    Want all = {&s, 10, NULL, 0}, given_up = {&s, 10, ctx, 0}, one = {&s, 1, NULL, 0};
    gr_waitgroup wg = {0};
    CHECK(gr_semaphore_tryacquire(&s, 5));
    gr_waitgroup_go(&wg, take, &all);
    await_waiter(&s, 1);
    gr_semaphore_release(&s, 5);
    gr_waitgroup_wait(&wg);
    CHECK_EQ(atomic_load(&all.got), 1);
    gr_semaphore_release(&s, 5);
    gr_waitgroup_go(&wg, take, &given_up);
    await_waiter(&s, 1);
    gr_waitgroup_go(&wg, take, &one);
    for (int i = 0; i < 50; i++)
        gr_yield();
    CHECK_EQ(atomic_load(&one.got), 0);
    gr_context_cancel(ctx);
    gr_waitgroup_wait(&wg);
    CHECK_EQ(atomic_load(&given_up.got), 0);
    CHECK_EQ(atomic_load(&one.got), 1);
    CHECK(gr_semaphore_tryacquire(&s, 4) && !gr_semaphore_tryacquire(&s, 1));
    gr_context_end(ctx);
}

typedef struct Hammer {
    gr_semaphore *s;
    _Atomic int64_t *in;
    int64_t n;
    bool impatient;
} Hammer;

static void hammer(void *arg) {
    Hammer *h = arg;
    for (int i = 0; i < 100; i++) {
        gr_context *ctx = h->impatient ? gr_with_timeout(gr_background(), 10 * GR_MICROSECOND) : NULL;
        if (!gr_semaphore_acquire(h->s, h->n, ctx)) {
            CHECK(atomic_fetch_add(h->in, h->n) + h->n <= h->s->size);
            gr_yield();
            atomic_fetch_sub(h->in, h->n);
            gr_semaphore_release(h->s, h->n);
        }
        gr_context_end(ctx);
    }
}

/* TestWeighted */
static void under_hammers(void) {
    enum { HAMMERS = 8 };
    gr_semaphore s = {.size = HAMMERS};
    _Atomic int64_t in = 0;
    Hammer h[HAMMERS];
    gr_waitgroup wg = {0};
    for (int i = 0; i < HAMMERS; i++) {
        h[i] = (Hammer){&s, &in, i + 1, i % 3 == 2};
        gr_waitgroup_go(&wg, hammer, &h[i]);
    }
    gr_waitgroup_wait(&wg);
    CHECK(gr_semaphore_tryacquire(&s, HAMMERS));
}

/* ---- gr_waitgroup_go ----------------------------------------------------------------------------------------- */

static void add_one(void *arg) { ++*(int *)arg; }

static void add_one_deferred(void *arg) {
    gr_defer(add_one, arg);
    gr_yield();
}

static void add_one_and_exit(void *arg) {
    gr_defer(add_one, arg);
    gr_goexit();
}

static void add_one_and_recover(void *arg) {
    gr_defer(add_one, arg);
    gr_defer(recover_message, NULL);
    gr_panic("recovered");
}

/* TestWaitGroupGo; deferred calls come before the end is counted */
static void waitgroup_go_counts_every_end(void) {
    void (*ways[])(void *) = {add_one, add_one_deferred, add_one_and_exit, add_one_and_recover};
    for (int i = 0; i < 4; i++) {
        gr_waitgroup wg = {0};
        int n = 0;
        gr_waitgroup_go(&wg, ways[i], &n);
        gr_waitgroup_wait(&wg);
        CHECK_EQ(n, 1);
    }
}

TESTS(T(a_zero_group_is_ready), T(the_first_error_cancels), T(the_parent_ends_a_group), T(no_more_than_the_limit),
      T(trygo_says_when_there_is_no_place), T(goexit_is_no_error), T(units_are_counted), T(what_cannot_be), T(in_order),
      T(under_hammers), T(waitgroup_go_counts_every_end))
