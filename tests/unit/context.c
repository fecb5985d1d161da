/* context.c: unit tests of gr_context. What is asserted follows Go's context/x_test.go and context_test.go. */
#include "check.h"
#include <gr_context.h>

#define SHORT (1 * GR_MILLISECOND)
#define LONG (1000000 * GR_SECOND) /* never comes */

static bool is_done(gr_context *ctx) {
    gr_case k = {GR_RECV, gr_context_done(ctx), NULL, false};
    return gr_select(&k, 1, true) == 0;
}

/* Cancelled with err, and its channel says so; or, with NULL, not at all. */
static bool stands(gr_context *ctx, const char *err, const char *cause) {
    return is_done(ctx) == (err != NULL) && gr_context_err(ctx) == err && gr_context_cause(ctx) == cause;
}

static const char early[] = "finished early", slow[] = "too slow", parent_cause[] = "parent", child_cause[] = "child";

/* TestBackground, TestWithoutCancel */
static void background_never_ends(void) {
    gr_context *b = gr_background();
    CHECK(gr_context_done(b) == NULL && stands(b, NULL, NULL) && !gr_context_deadline(b, NULL));
    CHECK(gr_context_ref(b) == b);
    gr_context_unref(b);
    gr_context_end(b);
    gr_context_end(NULL);
    CHECK(stands(b, NULL, NULL));
}

/* TestWithCancel, TestParentFinishesChild */
static void cancel_goes_down_not_up(void) {
    static int key;
    gr_context *parent = gr_with_cancel(gr_background()), *child = gr_with_cancel(parent);
    gr_context *value = gr_with_value(parent, &key, &key), *below = gr_with_timeout(value, LONG);
    gr_context *sibling = gr_with_cancel(parent);
    gr_context_cancel(sibling);
    CHECK(stands(sibling, gr_canceled, gr_canceled) && stands(parent, NULL, NULL) && stands(below, NULL, NULL));
    gr_context_cancel(parent);
    gr_context *all[] = {parent, child, value, below};
    for (int i = 0; i < 4; i++)
        CHECK(stands(all[i], gr_canceled, gr_canceled));
    gr_context *late = gr_with_value(value, &key, NULL), *later = gr_with_cancel(late);
    CHECK(stands(late, gr_canceled, gr_canceled) && stands(later, gr_canceled, gr_canceled));
    gr_context *mine[] = {parent, child, value, below, sibling, late, later};
    for (int i = 0; i < 7; i++)
        gr_context_end(mine[i]);
}

/* TestChildFinishesFirst: in either order of giving back */
static void who_goes_first_does_not_matter(void) {
    for (int order = 0; order < 6; order++) {
        gr_context *c[3];
        c[0] = gr_with_cancel(gr_background());
        c[1] = gr_with_cancel(c[0]);
        c[2] = gr_with_cancel(order % 2 ? c[0] : c[1]);
        gr_chan *done = gr_context_done(c[2]);
        gr_context_ref(c[2]);
        gr_context_unref(c[order % 3]);
        gr_context_end(c[(order + 1) % 3]);
        gr_context_end(c[(order + 2) % 3]);
        CHECK(stands(c[2], gr_canceled, gr_canceled)); /* it was ended itself, or c[0] was */
        CHECK(gr_context_done(c[2]) == done);
        gr_context_unref(c[2]);
    }
}

/* TestDeadline, TestTimeout */
static void deadlines_come(void) {
    int64_t when = gr_now() + SHORT, told = 0;
    gr_context *a = gr_with_deadline(gr_background(), when);
    gr_context *child = gr_with_cancel(a), *looser = gr_with_deadline(child, when + LONG);
    CHECK(gr_context_deadline(a, &told) && told == when);
    CHECK(gr_context_deadline(looser, &told) && told == when);
    gr_chan_recv(gr_context_done(looser), NULL);
    CHECK(gr_now() >= when);
    CHECK(stands(a, gr_deadline_exceeded, gr_deadline_exceeded));
    CHECK(stands(child, gr_deadline_exceeded, gr_deadline_exceeded));
    gr_context *tighter = gr_with_timeout(gr_background(), LONG), *b = gr_with_timeout(tighter, SHORT);
    gr_chan_recv(gr_context_done(b), NULL);
    CHECK(stands(b, gr_deadline_exceeded, gr_deadline_exceeded) && stands(tighter, NULL, NULL));
    gr_context *past = gr_with_deadline(gr_background(), gr_now() - GR_SECOND), *none = gr_with_timeout(tighter, 0);
    CHECK(stands(past, gr_deadline_exceeded, gr_deadline_exceeded));
    CHECK(stands(none, gr_deadline_exceeded, gr_deadline_exceeded));
    gr_context *mine[] = {a, child, looser, tighter, b, past, none};
    for (int i = 0; i < 7; i++)
        gr_context_end(mine[i]);
}

/* TestCanceledTimeout; and given back without cancelling, the timer alone keeps it */
static void timers_stop_with_their_context(void) {
    gr_context *a = gr_with_timeout(gr_background(), LONG), *b = gr_with_timeout(a, LONG - 1);
    gr_context_cancel(a);
    CHECK(stands(a, gr_canceled, gr_canceled) && stands(b, gr_canceled, gr_canceled));
    gr_context_unref(a);
    gr_context_unref(b);
    gr_context *c = gr_with_timeout(gr_background(), SHORT), *d = gr_with_cancel(c);
    gr_context_unref(c);
    gr_chan_recv(gr_context_done(d), NULL);
    CHECK(stands(d, gr_deadline_exceeded, gr_deadline_exceeded));
    gr_context_unref(d);
}

/* TestValues */
static void values_are_looked_up_upwards(void) {
    static char k1, k2, k3;
    int v1 = 1, v2 = 2, v3 = 3, v4 = 4;
    gr_context *c1 = gr_with_value(gr_background(), &k1, &v1), *c2 = gr_with_value(c1, &k2, &v2);
    gr_context *c3 = gr_with_value(c2, &k3, &v3), *c4 = gr_with_value(c3, &k1, NULL), *o4 = gr_with_value(c2, &k3, &v4);
    CHECK(!gr_context_value(gr_background(), &k1) && !gr_context_value(c1, NULL));
    CHECK(gr_context_value(c1, &k1) == &v1 && !gr_context_value(c1, &k2));
    CHECK(gr_context_value(c2, &k1) == &v1 && gr_context_value(c2, &k2) == &v2 && !gr_context_value(c2, &k3));
    CHECK(gr_context_value(c3, &k1) == &v1 && gr_context_value(c3, &k3) == &v3);
    CHECK(gr_context_value(c4, &k1) == NULL && gr_context_value(c4, &k3) == &v3);
    CHECK(gr_context_value(o4, &k3) == &v4 && gr_context_value(o4, &k1) == &v1);
    gr_context *mine[] = {c1, c2, c3, c4, o4};
    for (int i = 0; i < 5; i++)
        gr_context_unref(mine[i]);
}

/* TestCause: who is first says why. child: 0 nothing, 1 cancelled before the parent, 2 after it */
static void check_cause(bool timed, const char *cause_of_child, int child, const char *cause, const char *want) {
    gr_context *p = gr_with_cancel(gr_background());
    gr_context *c = timed ? gr_with_timeout_cause(p, LONG, slow) : gr_with_cancel(p);
    if (child == 1)
        gr_context_cancel_cause(c, cause_of_child);
    gr_context_cancel_cause(p, cause);
    if (child == 2)
        gr_context_cancel_cause(c, cause_of_child);
    CHECK(stands(c, gr_canceled, want));
    CHECK(stands(p, gr_canceled, cause ? cause : gr_canceled));
    gr_context_end(c);
    gr_context_end(p);
}

static void the_first_cause_counts(void) {
    check_cause(false, NULL, 0, parent_cause, parent_cause);
    check_cause(false, NULL, 0, NULL, gr_canceled);
    check_cause(false, child_cause, 1, parent_cause, child_cause);
    check_cause(false, child_cause, 2, parent_cause, parent_cause);
    check_cause(false, NULL, 1, parent_cause, gr_canceled);
    check_cause(false, NULL, 2, parent_cause, parent_cause);
    check_cause(false, child_cause, 2, NULL, gr_canceled);
    check_cause(true, NULL, 0, early, early);
    check_cause(true, NULL, 1, early, gr_canceled);
    gr_context *p = gr_with_cancel(gr_background()), *c = gr_with_timeout_cause(p, 0, slow);
    gr_context_cancel_cause(p, early);
    gr_context_cancel(c);
    CHECK(stands(c, gr_deadline_exceeded, slow) && stands(p, gr_canceled, early));
    gr_context *w = gr_without_cancel(c), *below = gr_with_cancel(w);
    CHECK(stands(w, NULL, NULL) && gr_context_done(w) == NULL && !gr_context_deadline(w, NULL));
    CHECK(stands(below, NULL, NULL));
    gr_context *mine[] = {p, c, w, below};
    for (int i = 0; i < 4; i++)
        gr_context_end(mine[i]);
}

/* ---- several goroutines -------------------------------------------------------------------------------------- */

static void cancel_early(void *arg) {
    gr_context_cancel_cause(arg, early);
    gr_context_unref(arg);
}

/* TestCauseRace, TestContextErrDoneRace */
static void error_cause_and_channel_agree(void) {
    for (int i = 0; i < 20; i++) {
        gr_context *ctx = gr_with_cancel(gr_background());
        gr_chan *done = i % 2 ? gr_context_done(ctx) : NULL;
        gr_go(cancel_early, gr_context_ref(ctx));
        if (i % 4 < 2)
            while (!gr_context_err(ctx))
                gr_yield();
        else
            while (!gr_context_cause(ctx))
                gr_yield();
        CHECK(stands(ctx, gr_canceled, early));
        CHECK(!done || done == gr_context_done(ctx));
        gr_context_unref(ctx);
    }
}

enum { TREE = 100 };

static void end_one(void *arg) { gr_context_end(arg); }

/* TestSimultaneousCancels: each goroutine gives its own back meanwhile */
static void a_tree_cancelled_everywhere_at_once(void) {
    gr_context *c[TREE];
    gr_waitgroup wg = {0};
    c[0] = gr_with_cancel(gr_background());
    for (int i = 1; i < TREE; i++)
        c[i] = i % 7 == 0 ? gr_with_timeout(c[(i - 1) / 4], SHORT) : gr_with_cancel(c[(i - 1) / 4]);
    for (int i = 0; i < TREE; i++) {
        gr_context *one = c[(i * 37) % TREE];
        gr_waitgroup_go(&wg, end_one, gr_context_ref(one));
    }
    for (int i = 0; i < TREE; i++) {
        gr_chan_recv(gr_context_done(c[i]), NULL);
        CHECK(gr_context_err(c[i]) == gr_canceled || gr_context_err(c[i]) == gr_deadline_exceeded);
        gr_context_unref(c[i]);
    }
    gr_waitgroup_wait(&wg);
}

static void end_after(void *arg) {
    gr_context **pair = arg;
    gr_chan_recv(gr_context_done(pair[0]), NULL);
    gr_context_end(pair[1]);
}

/* TestInterlockedCancels */
static void a_child_cancelled_because_of_its_parent(void) {
    gr_context *p = gr_with_cancel(gr_background()), *c = gr_with_cancel(p), *pair[] = {p, gr_context_ref(c)};
    gr_waitgroup wg = {0};
    gr_waitgroup_go(&wg, end_after, pair);
    gr_context_cancel(p);
    gr_chan_recv(gr_context_done(c), NULL);
    gr_waitgroup_wait(&wg);
    gr_context_unref(c);
    gr_context_unref(p);
}

static uint32_t random_of(uint32_t *x, uint32_t n) {
    *x = *x * 1664525 + 1013904223;
    return (*x >> 16) % n;
}

/* TestLayersCancel, TestLayersTimeout */
static void check_layers(uint32_t seed, bool timeout) {
    enum { LAYERS = 40 };
    gr_context *c[LAYERS + 1], *victim = NULL;
    int last = 0, key[LAYERS + 1];
    bool value[LAYERS + 1] = {false};
    c[0] = gr_with_timeout(gr_background(), timeout ? SHORT : LONG);
    for (int i = 1; i <= LAYERS; i++) {
        uint32_t kind = random_of(&seed, 3);
        value[i] = kind == 0;
        c[i] = kind == 0   ? gr_with_value(c[i - 1], &key[i], &key[i])
               : kind == 1 ? gr_with_cancel(c[i - 1])
                           : gr_with_timeout(c[i - 1], timeout ? SHORT : LONG);
        if (kind && (!victim || random_of(&seed, 4) == 0))
            victim = c[i];
        last = i;
    }
    CHECK(timeout || stands(c[last], NULL, NULL));
    for (int i = 1; i < last; i++) /* what is above is kept by what is below */
        if (c[i] != victim)
            gr_context_unref(c[i]);
    if (timeout)
        gr_chan_recv(gr_context_done(c[last]), NULL);
    else
        gr_context_cancel(victim);
    const char *want = timeout ? gr_deadline_exceeded : gr_canceled;
    CHECK(stands(c[last], want, want));
    for (int i = 1; i <= last; i++)
        CHECK(!value[i] || gr_context_value(c[last], &key[i]) == &key[i]);
    if (victim != c[last])
        gr_context_unref(victim);
    gr_context_unref(c[last]);
    gr_context_end(c[0]);
}

static void layers_of_all_kinds(void) {
    for (uint32_t seed = 1; seed <= 8; seed++)
        check_layers(seed, seed % 2);
}

static void root_first(void *arg) {
    gr_context **c = arg;
    gr_context_end(c[0]);
}

/* Deep trees: neither cancelling nor giving back goes down the stack. */
static void a_long_chain(void) {
    enum { LONG_CHAIN = 20000 };
    gr_context *root = gr_with_cancel(gr_background()), *c = gr_context_ref(root);
    for (int i = 0; i < LONG_CHAIN; i++) {
        gr_context *next = gr_with_cancel(c);
        gr_context_unref(c);
        c = next;
    }
    gr_waitgroup wg = {0};
    gr_waitgroup_go(&wg, root_first, &root);
    gr_chan_recv(gr_context_done(c), NULL);
    gr_waitgroup_wait(&wg);
    CHECK(gr_context_err(c) == gr_canceled);
    gr_context_unref(c);
}

/* ---- calls --------------------------------------------------------------------------------------------------- */

static _Atomic int called;

static void call(void *arg) {
    if (arg)
        gr_chan_recv(arg, NULL); /* slow */
    atomic_fetch_add(&called, 1);
}

/* TestAfterFuncCalledAfterCancel, -AfterTimeout, -Immediately, -Asynchronously */
static void calls_come_with_the_end(void) {
    atomic_store(&called, 0);
    gr_chan *gate = gr_chan_make(0, 0);
    gr_context *ctx = gr_with_cancel(gr_background()), *timed = gr_with_timeout(gr_background(), SHORT);
    gr_context_call *a = gr_context_after_func(ctx, call, gate), *b = gr_context_after_func(timed, call, NULL);
    gr_context_unref(timed);
    check_await(&called, 1);
    gr_context_cancel(ctx);
    CHECK_EQ(atomic_load(&called), 1); /* it waits for the gate, cancelling did not wait for it */
    CHECK(!gr_context_stop(a) && !gr_context_stop(b));
    gr_chan_send(gate, NULL);
    check_await(&called, 2);
    gr_context_call *now = gr_context_after_func(ctx, call, NULL);
    check_await(&called, 3);
    CHECK(!gr_context_stop(now));
    gr_context_unref(ctx);
    gr_chan_free(gate);
}

/* TestAfterFuncNotCalledAfterStop; one on the background is never called */
static void stopped_calls_do_not_come(void) {
    atomic_store(&called, 0);
    gr_context *ctx = gr_with_cancel(gr_background()), *below = gr_with_cancel(ctx);
    gr_context_call *a = gr_context_after_func(ctx, call, NULL), *b = gr_context_after_func(below, call, NULL);
    gr_context_call *never = gr_context_after_func(gr_background(), call, NULL);
    CHECK(gr_context_stop(a) && gr_context_stop(never));
    gr_context_unref(below); /* the call keeps it */
    gr_context_end(ctx);
    check_await(&called, 1);
    CHECK(!gr_context_stop(b));
    for (int i = 0; i < 100; i++)
        gr_yield();
    CHECK_EQ(atomic_load(&called), 1);
}

static _Atomic int stopped;

static void stop_call(void *arg) {
    if (gr_context_stop(arg))
        atomic_fetch_add(&stopped, 1);
}

static void a_call_is_stopped_or_made(void) {
    atomic_store(&called, 0);
    atomic_store(&stopped, 0);
    gr_waitgroup wg = {0};
    for (int i = 0; i < 100; i++) {
        gr_context *ctx = gr_with_cancel(gr_background());
        gr_waitgroup_go(&wg, stop_call, gr_context_after_func(ctx, call, NULL));
        if (i % 3 == 0)
            gr_yield();
        gr_context_end(ctx);
    }
    gr_waitgroup_wait(&wg);
    check_await(&called, 100 - atomic_load(&stopped));
    CHECK_EQ(atomic_load(&called) + atomic_load(&stopped), 100);
}

/* ---- mistakes ------------------------------------------------------------------------------------------------ */

static const char *message;

static void recover_message(void *arg) {
    (void)arg;
    message = gr_recover();
}

static void of_nothing(void *arg) {
    (void)arg;
    gr_defer(recover_message, NULL);
    gr_with_cancel(NULL);
}

static void of_no_key(void *arg) {
    (void)arg;
    gr_defer(recover_message, NULL);
    gr_with_value(gr_background(), NULL, NULL);
}

static void cancel_value(void *arg) {
    gr_defer(recover_message, NULL);
    gr_context_cancel(arg);
}

static bool panics_with(void (*fn)(void *), void *arg, const char *start) {
    gr_waitgroup wg = {0};
    message = NULL;
    gr_waitgroup_go(&wg, fn, arg);
    gr_waitgroup_wait(&wg);
    return message && strncmp(message, start, strlen(start)) == 0;
}

/* TestInvalidDerivedFail, TestWithValueChecksKey */
static void mistakes_panic(void) {
    static int key;
    gr_context *value = gr_with_value(gr_background(), &key, &key);
    CHECK(panics_with(of_nothing, NULL, "cannot create context from nil parent"));
    CHECK(panics_with(of_no_key, NULL, "nil key"));
    CHECK(panics_with(cancel_value, value, "gr_context_cancel: "));
    gr_context_end(value);
}

TESTS(T(background_never_ends), T(cancel_goes_down_not_up), T(who_goes_first_does_not_matter), T(deadlines_come),
      T(timers_stop_with_their_context), T(values_are_looked_up_upwards), T(the_first_cause_counts),
      T(error_cause_and_channel_agree), T(a_tree_cancelled_everywhere_at_once),
      T(a_child_cancelled_because_of_its_parent), T(layers_of_all_kinds), T(a_long_chain), T(calls_come_with_the_end),
      T(stopped_calls_do_not_come), T(a_call_is_stopped_or_made), T(mistakes_panic))
