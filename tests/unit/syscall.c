/* System calls: the P goes on without the thread that blocks, and the goroutine comes back. */
#include "check.h"
#include <unistd.h>

static void sleep_in_host(void *arg) { usleep((unsigned)(*(int64_t *)arg / 1000)); }
static void nothing(void *arg) { (void)arg; }

static gr_chan *done;

static void short_calls(void *arg) {
    (void)arg;
    for (int i = 0; i < 1000; i++)
        gr_blocking(nothing, NULL);
    gr_chan_send(done, NULL);
}

static void calls_that_return_at_once(void) {
    done = gr_chan_make(0, 0);
    for (int i = 0; i < 4; i++)
        gr_go(short_calls, NULL);
    for (int i = 0; i < 4; i++)
        gr_chan_recv(done, NULL);
    gr_chan_free(done);
}

static void long_call(void *arg) {
    gr_blocking(sleep_in_host, arg);
    gr_chan_send(done, NULL);
}

static void sleeper(void *arg) {
    usleep((unsigned)(*(int64_t *)arg / 1000));
    gr_chan_send(done, NULL);
}

/* n calls that block for ns each, at once: they take about as long as one, whatever the number of Ps. */
static bool together(void (*fn)(void *), int n, int64_t ns) {
    done = gr_chan_make(0, 0);
    int64_t start = gr_now();
    for (int i = 0; i < n; i++)
        gr_go(fn, &ns);
    for (int i = 0; i < n; i++)
        gr_chan_recv(done, NULL);
    gr_chan_free(done);
    return gr_now() - start < n * ns / 2;
}

static bool retaken_in(int64_t ns) { return together(long_call, 20, ns * 20); }
static void the_p_is_taken_from_long_calls(void) {
    gr_sched_stats before = gr_read_sched_stats();
    CHECK_PATIENT(retaken_in);
    if (gr_gomaxprocs(0) == 1)
        CHECK(gr_read_sched_stats().retaken > before.retaken);
}

static bool handed_off_in(int64_t ns) { return together(sleeper, 20, ns * 20); }
static void sleeping_in_the_host_hands_the_p_off(void) { CHECK_PATIENT(handed_off_in); }

/* Others run while everybody's thread blocks but one. */
static void others_go_on(void) {
    done = gr_chan_make(0, 0);
    int64_t ns = 20 * GR_MILLISECOND;
    for (int i = 0; i < 3; i++)
        gr_go(long_call, &ns);
    for (int i = 0; i < 10000; i++)
        gr_yield();
    for (int i = 0; i < 3; i++)
        gr_chan_recv(done, NULL);
    gr_chan_free(done);
}

static void a_timer_fires_while_the_only_thread_blocks(void) {
    done = gr_chan_make(0, 0);
    int64_t ns = 200 * GR_MILLISECOND, start = gr_now();
    gr_go(long_call, &ns);
    gr_yield();
    gr_sleep(GR_MILLISECOND);
    CHECK(gr_now() - start < 150 * GR_MILLISECOND);
    gr_chan_recv(done, NULL);
    gr_chan_free(done);
}

static void many_at_once(void) {
    done = gr_chan_make(0, 0);
    int64_t ns = 2 * GR_MILLISECOND;
    for (int i = 0; i < 40; i++)
        gr_go(i % 2 ? long_call : sleeper, &ns);
    for (int i = 0; i < 40; i++)
        gr_chan_recv(done, NULL);
    gr_chan_free(done);
}

TESTS(T(calls_that_return_at_once), T(the_p_is_taken_from_long_calls), T(sleeping_in_the_host_hands_the_p_off),
      T(others_go_on), T(a_timer_fires_while_the_only_thread_blocks), T(many_at_once))
