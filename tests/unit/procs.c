/* Changing the number of Ps while goroutines run, with the world stopped. */
#include "check.h"

static _Atomic int stop, counted;
static gr_waitgroup wg;

static void busy(void *arg) {
    (void)arg;
    while (!atomic_load(&stop)) {
        atomic_fetch_add(&counted, 1);
        gr_yield();
    }
    gr_waitgroup_done(&wg);
}

static void sleepy(void *arg) {
    (void)arg;
    while (!atomic_load(&stop))
        gr_sleep(100 * GR_MICROSECOND);
    gr_waitgroup_done(&wg);
}

static void churn(void *arg) { gr_waitgroup_done(arg); }

static void under_load(void (*fn)(void)) {
    atomic_store(&stop, 0);
    for (int i = 0; i < 6; i++) {
        gr_waitgroup_add(&wg, 2);
        gr_go(busy, NULL);
        gr_go(sleepy, NULL);
    }
    fn();
    atomic_store(&stop, 1);
    gr_waitgroup_wait(&wg);
}

static void up_and_down(void) {
    int before = gr_gomaxprocs(0);
    static const int sizes[] = {1, 4, 2, 7, 1, 3};
    int last = before;
    for (int round = 0; round < 5; round++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            CHECK_EQ(gr_gomaxprocs(sizes[i]), last);
            last = sizes[i];
            CHECK_EQ(gr_gomaxprocs(0), last);
            gr_waitgroup own = {0};
            gr_waitgroup_add(&own, 20);
            for (int k = 0; k < 20; k++)
                gr_go(churn, &own);
            gr_waitgroup_wait(&own);
        }
    gr_gomaxprocs(before);
}

static void the_number_changes_under_load(void) {
    int n = gr_numgoroutine();
    gr_sched_stats before = gr_read_sched_stats();
    under_load(up_and_down);
    gr_sched_stats after = gr_read_sched_stats();
    CHECK(after.stops - before.stops >= 29);
    CHECK(after.stopped_ns >= before.stopped_ns);
    CHECK(atomic_load(&counted) > 0);
    check_await(&counted, 1);
    while (gr_numgoroutine() > n)
        gr_yield();
    CHECK_EQ(gr_numgoroutine(), n);
}

static void what_is_out_of_range_changes_nothing(void) {
    int before = gr_gomaxprocs(0);
    CHECK_EQ(gr_gomaxprocs(-3), before);
    CHECK_EQ(gr_gomaxprocs(before), before);
    CHECK_EQ(gr_gomaxprocs(0), before);
}

static void changer(void *arg) {
    for (int i = 0; i < 10; i++)
        gr_gomaxprocs(1 + (int)((uintptr_t)arg + (uintptr_t)i) % 4);
    gr_waitgroup_done(&wg);
}

static void several_change_it_at_once(void) {
    int before = gr_gomaxprocs(0);
    gr_waitgroup_add(&wg, 4);
    for (uintptr_t i = 0; i < 4; i++)
        gr_go(changer, (void *)i);
    gr_waitgroup_wait(&wg);
    gr_gomaxprocs(before);
}

static void free_all(void) {
    for (int i = 0; i < 20; i++) {
        gr_waitgroup own = {0};
        gr_waitgroup_add(&own, 200);
        for (int k = 0; k < 200; k++)
            gr_go(churn, &own);
        gr_waitgroup_wait(&own);
        gr_free_stacks();
    }
}

static void stacks_are_given_back_under_load(void) { under_load(free_all); }

TESTS(T(the_number_changes_under_load), T(what_is_out_of_range_changes_nothing), T(several_change_it_at_once),
      T(stacks_are_given_back_under_load))
