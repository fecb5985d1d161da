/* waitgroup.c: waiting for a number of goroutines. (After the behaviours of Go's sync/waitgroup_test.go.) */
#include "check.h"

typedef struct Job {
    gr_waitgroup *wg, *wg2;
    _Atomic int *n;
} Job;

static void work(void *arg) {
    Job *j = arg;
    gr_yield();
    atomic_fetch_add(j->n, 1);
    gr_waitgroup_done(j->wg);
}

static void wait_is_over_when_all_are_done(void) {
    gr_waitgroup wg = {0};
    for (int round = 1; round <= 50; round++) { /* the same one again and again */
        _Atomic int n = 0;
        Job j = {&wg, NULL, &n};
        gr_waitgroup_add(&wg, round);
        for (int i = 0; i < round; i++)
            gr_go(work, &j);
        gr_waitgroup_wait(&wg);
        CHECK_EQ(n, round);
    }
}

static void zero_does_not_wait(void) {
    gr_waitgroup wg = {0};
    gr_waitgroup_wait(&wg);
    gr_waitgroup_add(&wg, 3);
    gr_waitgroup_add(&wg, -3);
    gr_waitgroup_wait(&wg);
    gr_waitgroup_add(&wg, 0);
    gr_waitgroup_wait(&wg);
}

static void wait_then_done(void *arg) {
    Job *j = arg;
    gr_waitgroup_done(j->wg);
    gr_waitgroup_wait(j->wg2);
    atomic_fetch_add(j->n, 1);
}

static void many_wait_for_one(void) {
    gr_waitgroup arrived = {0}, gate = {0};
    for (int round = 0; round < 5; round++) {
        _Atomic int through = 0;
        Job j = {&arrived, &gate, &through};
        gr_waitgroup_add(&arrived, 16);
        gr_waitgroup_add(&gate, 1);
        for (int i = 0; i < 16; i++)
            gr_go(wait_then_done, &j);
        gr_waitgroup_wait(&arrived);
        gr_sleep(200 * GR_MICROSECOND);
        CHECK_EQ(through, 0);
        gr_waitgroup_done(&gate);
        check_await(&through, 16);
    }
}

static void done_only(void *arg) { gr_waitgroup_done(arg); }

/* Add, two dones and wait race; the wait may neither hang nor end early. */
static void wait_races_with_done(void) {
    for (int i = 0; i < 1000; i++) {
        gr_waitgroup wg = {0};
        gr_waitgroup_add(&wg, 1);
        gr_go(done_only, &wg);
        gr_waitgroup_add(&wg, 1);
        gr_go(done_only, &wg);
        gr_waitgroup_wait(&wg);
        CHECK_EQ(wg.state >> 32, 0);
    }
}

static void grow(void *arg) {
    Job *j = arg;
    if (atomic_fetch_add(j->n, 1) < 100) { /* the counter is above zero: adding is allowed */
        gr_waitgroup_add(j->wg, 2);
        gr_go(grow, j);
        gr_go(grow, j);
    }
    gr_waitgroup_done(j->wg);
}

static void workers_may_add_more(void) {
    gr_waitgroup wg = {0};
    _Atomic int n = 0;
    Job j = {&wg, NULL, &n};
    gr_waitgroup_add(&wg, 1);
    gr_go(grow, &j);
    gr_waitgroup_wait(&wg);
    CHECK_EQ(n, 201);
}

TESTS(T(wait_is_over_when_all_are_done), T(zero_does_not_wait), T(many_wait_for_one), T(wait_races_with_done),
      T(workers_may_add_more))
