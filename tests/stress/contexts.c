/* contexts.c: contexts under load: trees that many goroutines grow, cancel, watch and give back at the same time,
 * with deadlines and calls in them, and a weighted semaphore beside them. Each round checks that whoever is below a
 * cancelled one is cancelled, that each call is made or stopped, never both, and that nobody waits for ever. */
#include "stress.h"
#include <gr_context.h>

enum { WORKERS = 12, STEPS = 60, DEPTH = 6, FEW = 5 };

typedef struct Round {
    gr_context *root;
    uint64_t seed;
    _Atomic int calls, called, stopped, used;
    gr_semaphore few;
} Round;

static void count_call(void *arg) { atomic_fetch_add((_Atomic int *)arg, 1); }

static gr_context *make(Rand *rnd, gr_context *parent) {
    static int key;
    switch (rand_below(rnd, 4)) {
    case 0:
        return gr_with_value(parent, &key, rnd);
    case 1:
        return gr_with_timeout(parent, 1 + (int64_t)rand_below(rnd, 200) * GR_MICROSECOND);
    default:
        return gr_with_cancel(parent);
    }
}

static void watch(void *arg) {
    gr_chan_recv(gr_context_done(arg), NULL);
    STRESS_CHECK(gr_context_err(arg) && gr_context_cause(arg));
    gr_context_unref(arg);
}

/* A chain below the root; some of it is watched, some is given back at once. Then its top is ended: all of it is. */
static void chain(Round *r, Rand *rnd, gr_waitgroup *watchers) {
    gr_context *top = gr_with_cancel(r->root), *c[DEPTH];
    gr_context_call *call = NULL;
    for (int i = 0; i < DEPTH; i++) {
        c[i] = make(rnd, i ? c[rand_below(rnd, (uint32_t)i)] : top);
        rand_yield(rnd);
        if (rand_below(rnd, 3) == 0)
            gr_waitgroup_go(watchers, watch, gr_context_ref(c[i]));
    }
    if (rand_below(rnd, 2) == 0) {
        atomic_fetch_add(&r->calls, 1);
        call = gr_context_after_func(c[DEPTH - 1], count_call, &r->called);
    }
    if (rand_below(rnd, 2) == 0)
        gr_context_end(top);
    else
        gr_context_cancel_cause(top, "a cause");
    if (call && gr_context_stop(call))
        STRESS_CHECK(!"a call below an ended context could be stopped");
    for (int i = 0; i < DEPTH; i++) {
        STRESS_CHECK(gr_context_err(c[i]) != NULL);
        gr_context_end(c[i]);
    }
}

/* A call below the root is stopped, unless the root has been cancelled meanwhile. */
static void call_or_stop(Round *r, Rand *rnd) {
    gr_context *c = gr_with_cancel(r->root);
    atomic_fetch_add(&r->calls, 1);
    gr_context_call *call = gr_context_after_func(c, count_call, &r->called);
    gr_context_unref(c);
    rand_yield(rnd);
    if (gr_context_stop(call))
        atomic_fetch_add(&r->stopped, 1);
}

static void use_some(Round *r, Rand *rnd) {
    int n = 1 + (int)rand_below(rnd, 3);
    if (gr_semaphore_acquire(&r->few, n, rand_below(rnd, 2) ? r->root : NULL)) {
        STRESS_CHECK(gr_context_err(r->root) != NULL);
        return;
    }
    STRESS_CHECK(atomic_fetch_add(&r->used, n) + n <= FEW);
    rand_yield(rnd);
    atomic_fetch_sub(&r->used, n);
    gr_semaphore_release(&r->few, n);
}

static const char *work(void *arg) {
    Round *r = arg;
    Rand rnd = rand_of(r->seed, gr_goid());
    gr_waitgroup watchers = {0};
    for (int i = 0; i < STEPS; i++) {
        chain(r, &rnd, &watchers);
        call_or_stop(r, &rnd);
        use_some(r, &rnd);
        if (i == STEPS / 2 && rand_below(&rnd, WORKERS) == 0)
            gr_context_cancel(r->root);
    }
    gr_waitgroup_wait(&watchers);
    return rand_below(&rnd, 4) == 0 ? "an error" : NULL;
}

static void contexts_round(uint64_t seed) {
    Round *r = must_alloc(sizeof *r);
    gr_group g = {0};
    r->root = gr_group_context(&g, gr_background());
    r->seed = seed;
    r->few = (gr_semaphore){.size = FEW};
    for (int i = 0; i < WORKERS; i++)
        gr_group_go(&g, work, r);
    gr_group_wait(&g);
    STRESS_CHECK(gr_context_err(r->root) == gr_canceled);
    gr_context_unref(r->root);
    while (atomic_load(&r->called) + atomic_load(&r->stopped) < atomic_load(&r->calls))
        gr_yield();
    STRESS_CHECK(atomic_load(&r->called) + atomic_load(&r->stopped) == atomic_load(&r->calls));
    free(r);
}

int gr_main(int argc, char **argv) { return stress_main("contexts", argc, argv, 6, contexts_round); }
