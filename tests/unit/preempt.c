/* Preemption at operations of the runtime, and goroutines suspended for debug calls. */
#include "check.h"

#define MOST 64

static _Atomic int stop, turns, calls, begun;
static _Atomic uint64_t id;
static gr_waitgroup wg;

/* Never parks: only preemption lets others have its P. */
static void hog(void *arg) {
    gr_chan *c = arg;
    atomic_fetch_add(&begun, 1);
    while (!atomic_load(&stop)) {
        int v = 1;
        gr_chan_send(c, &v);
        gr_chan_recv(c, &v);
    }
    gr_waitgroup_done(&wg);
}

static void count_turns(void *arg) {
    (void)arg;
    for (int i = 0; i < 5; i++) {
        atomic_fetch_add(&turns, 1);
        gr_yield();
    }
    atomic_store(&stop, 1);
    gr_waitgroup_done(&wg);
}

static void a_goroutine_that_never_waits_is_preempted(void) {
    int n = gr_gomaxprocs(0) < MOST ? gr_gomaxprocs(0) + 1 : MOST; /* more than there are Ps */
    gr_sched_stats before = gr_read_sched_stats();
    gr_waitgroup_add(&wg, n + 1);
    gr_chan *c[MOST];
    for (int i = 0; i < n; i++) {
        c[i] = gr_chan_make(sizeof(int), 1);
        gr_go(hog, c[i]);
    }
    while (atomic_load(&begun) < n)
        gr_yield();
    gr_go(count_turns, NULL);
    gr_waitgroup_wait(&wg);
    CHECK_EQ(atomic_load(&turns), 5);
    CHECK(gr_read_sched_stats().preempted > before.preempted);
    for (int i = 0; i < n; i++)
        gr_chan_free(c[i]);
}

/* Two that hand a value back and forth share one slice through runnext; the third gets its turn all the same. */
static void partner(void *arg) {
    gr_chan *from = ((gr_chan **)arg)[0], *to = ((gr_chan **)arg)[1];
    free(arg);
    int v;
    while (gr_chan_recv(from, &v))
        gr_chan_send(to, &v);
    gr_waitgroup_done(&wg);
}

static void ping_pong_hog(void *arg) {
    gr_chan *c[2] = {gr_chan_make(sizeof(int), 0), gr_chan_make(sizeof(int), 0)};
    (void)arg;
    gr_waitgroup_add(&wg, 1);
    gr_go(partner, memcpy(malloc(sizeof c), c, sizeof c));
    for (int v = 0; !atomic_load(&stop); v++) {
        gr_chan_send(c[0], &v);
        gr_chan_recv(c[1], &v);
    }
    gr_chan_close(c[0]);
    gr_waitgroup_done(&wg);
}

static void two_that_share_a_slice_do_not_starve_a_third(void) {
    atomic_store(&stop, 0);
    atomic_store(&turns, 0);
    int n = gr_gomaxprocs(0);
    gr_waitgroup_add(&wg, n + 1);
    for (int i = 0; i < n; i++)
        gr_go(ping_pong_hog, NULL);
    gr_go(count_turns, NULL);
    gr_waitgroup_wait(&wg);
    CHECK_EQ(atomic_load(&turns), 5);
}

static void victim(void *arg) {
    gr_chan *c = arg;
    atomic_store(&id, gr_goid());
    while (!atomic_load(&stop)) {
        int v = 1;
        gr_chan_send(c, &v);
        gr_chan_recv(c, &v);
        atomic_fetch_add(&turns, 1);
    }
    gr_waitgroup_done(&wg);
}

static void called(void *arg) {
    CHECK(arg == &wg);
    int before = atomic_load(&turns);
    for (int i = 0; i < 20; i++)
        gr_yield();
    CHECK_EQ(atomic_load(&turns), before); /* it stands still */
    atomic_fetch_add(&calls, 1);
}

static void a_running_goroutine_stands_still_for_a_debug_call(void) {
    atomic_store(&stop, 0);
    atomic_store(&id, 0);
    gr_chan *c = gr_chan_make(sizeof(int), 1);
    gr_waitgroup_add(&wg, 1);
    gr_go(victim, c);
    while (atomic_load(&id) == 0)
        gr_yield();
    for (int i = 0; i < 10; i++)
        CHECK(gr_debug_call(atomic_load(&id), called, &wg));
    CHECK_EQ(atomic_load(&calls), 10);
    atomic_store(&stop, 1);
    gr_waitgroup_wait(&wg);
    while (gr_debug_call(atomic_load(&id), called, &wg)) /* until it is gone: it may be suspended on its way out */
        ;
    CHECK(!gr_debug_call(gr_goid(), called, &wg));
    CHECK(!gr_debug_call(1u << 30, called, &wg));
    gr_chan_free(c);
}

TESTS(T(a_goroutine_that_never_waits_is_preempted), T(two_that_share_a_slice_do_not_starve_a_third),
      T(a_running_goroutine_stands_still_for_a_debug_call))
