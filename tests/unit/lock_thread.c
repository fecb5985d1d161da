/* Goroutines locked to their thread. */
#include "check.h"

static gr_waitgroup wg;

static void keeps_its_thread(void *arg) {
    (void)arg;
    gr_lockosthread();
    uintptr_t mine = check_thread();
    for (int i = 0; i < 200; i++) {
        gr_yield();
        if (i % 50 == 0)
            gr_sleep(50 * GR_MICROSECOND);
        CHECK_EQ(check_thread(), mine);
    }
    gr_unlockosthread();
    gr_waitgroup_done(&wg);
}

static void others(void *arg) {
    (void)arg;
    for (int i = 0; i < 500; i++)
        gr_yield();
    gr_waitgroup_done(&wg);
}

static void locked_goroutines_stay_on_their_thread(void) {
    for (uintptr_t i = 1; i <= 3; i++) {
        gr_waitgroup_add(&wg, 2);
        gr_go(keeps_its_thread, (void *)i);
        gr_go(others, NULL);
    }
    gr_waitgroup_wait(&wg);
}

static void nesting_counts(void) {
    gr_lockosthread();
    gr_lockosthread();
    gr_unlockosthread();
    gr_yield();
    gr_unlockosthread();
    gr_unlockosthread(); /* one too many is none */
    gr_yield();
}

static void ends_locked(void *arg) {
    gr_lockosthread();
    if (arg)
        gr_yield();
    gr_waitgroup_done(&wg);
}

static void a_goroutine_that_ends_locked_takes_its_thread_along(void) {
    for (int round = 0; round < 5; round++) {
        gr_waitgroup_add(&wg, 2);
        gr_go(ends_locked, NULL);
        gr_go(ends_locked, &wg);
        gr_waitgroup_wait(&wg);
    }
}

static gr_chan *ping, *pong;

static void answer(void *arg) {
    if (arg)
        gr_lockosthread();
    int v;
    while (gr_chan_recv(ping, &v))
        gr_chan_send(pong, &v);
    if (arg)
        gr_unlockosthread();
    gr_waitgroup_done(&wg);
}

static void ping_pong(bool one, bool two) {
    ping = gr_chan_make(sizeof(int), 0);
    pong = gr_chan_make(sizeof(int), 0);
    gr_waitgroup_add(&wg, 1);
    gr_go(answer, one ? &wg : NULL);
    if (two)
        gr_lockosthread();
    for (int i = 0; i < 100; i++) {
        int v;
        gr_chan_send(ping, &i);
        gr_chan_recv(pong, &v);
        CHECK_EQ(v, i);
    }
    gr_chan_close(ping);
    gr_waitgroup_wait(&wg);
    if (two)
        gr_unlockosthread();
    gr_chan_free(ping);
    gr_chan_free(pong);
}

static void locked_and_free_hand_over_to_each_other(void) {
    ping_pong(true, false);
    ping_pong(false, true);
    ping_pong(true, true);
}

static void the_world_stops_around_locked_ones(void) {
    gr_waitgroup_add(&wg, 2);
    gr_go(keeps_its_thread, (void *)7);
    gr_go(keeps_its_thread, (void *)8);
    int before = gr_gomaxprocs(0);
    for (int i = 0; i < 20; i++) {
        gr_gomaxprocs(1 + i % 3);
        gr_yield();
    }
    gr_gomaxprocs(before);
    gr_waitgroup_wait(&wg);
}

TESTS(T(locked_goroutines_stay_on_their_thread), T(nesting_counts),
      T(a_goroutine_that_ends_locked_takes_its_thread_along), T(locked_and_free_hand_over_to_each_other),
      T(the_world_stops_around_locked_ones))
