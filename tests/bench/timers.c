/* timers: what timers and sleeping cost. The same measurements as Go's time package allows, so that both can stand side by side.
 *
 * usage: timers [N]       N timers or goroutines at a time, 100,000 unless given; prints one line of JSON for each measurement
 *        timers N idle    N goroutines sleep for an hour, the program ends after 5 s: how much processor time did it take?
 *
 *   addstop   ns to set a timer and stop it again (gr_after_func, gr_timer_stop, gr_timer_free) while N others are pending
 *   due       ns per timer, from the first gr_after_func until the last of N functions has run; all are due within 10 ms
 *   sleepers  ns per goroutine that is started, sleeps 0 to 10 ms and ends, N at a time
 *   tick      ns per timer of N, each reset to some time within 10 ms by the function it calls, 5 times over
 *   late      mean ns by which a sleep of 1 ms is too long while nothing else runs
 */
#include <goroscope.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define WITHIN_NS (10 * GR_MILLISECOND)
#define ADDSTOPS 1000000
#define NAPS 100
#define TICKS 5

static uint32_t random_state = 1;
static _Atomic long left;
static gr_chan *done; /* of struct{} */

static int64_t random_ns(int64_t below) {
    random_state = random_state * 1664525 + 1013904223;
    return (int64_t)((uint64_t)random_state * (uint64_t)below >> 32);
}

static void say(const char *what, long n, double ns_per_op) {
    printf("{\"bench\":\"timers\",\"what\":\"%s\",\"procs\":%d,\"n\":%ld,\"ns_per_op\":%.1f}\n", what, gr_gomaxprocs(0),
           n, ns_per_op);
}

static void never(void *arg) { (void)arg; }

static void one_less(void *arg) {
    (void)arg;
    if (atomic_fetch_sub(&left, 1) == 1)
        gr_chan_send(done, NULL);
}

static int64_t an_hour_or_two(void) { return 3600 * GR_SECOND + random_ns(3600 * GR_SECOND); }

static void addstop(gr_timer **t, long n) {
    for (long i = 0; i < n; i++)
        t[i] = gr_after_func(an_hour_or_two(), never, NULL);
    int64_t began = gr_now();
    for (long i = 0; i < ADDSTOPS; i++) {
        gr_timer *one = gr_after_func(an_hour_or_two(), never, NULL);
        gr_timer_stop(one);
        gr_timer_free(one);
    }
    say("addstop", n, (double)(gr_now() - began) / ADDSTOPS);
    for (long i = 0; i < n; i++)
        gr_timer_free(t[i]);
}

static void due(gr_timer **t, long n) {
    atomic_store(&left, n);
    int64_t began = gr_now();
    for (long i = 0; i < n; i++)
        t[i] = gr_after_func(random_ns(WITHIN_NS), one_less, NULL);
    int64_t added = gr_now();
    gr_chan_recv(done, NULL);
    say("due", n, (double)(gr_now() - began) / (double)n);
    say("due-adding", n, (double)(added - began) / (double)n);
    for (long i = 0; i < n; i++)
        gr_timer_free(t[i]);
}

static void nap(void *arg) {
    gr_sleep((int64_t)(intptr_t)arg);
    one_less(NULL);
}

static void sleepers(long n) {
    atomic_store(&left, n);
    int64_t began = gr_now();
    for (long i = 0; i < n; i++)
        gr_go_stack(nap, (void *)(intptr_t)random_ns(WITHIN_NS), 2048);
    gr_chan_recv(done, NULL);
    say("sleepers", n, (double)(gr_now() - began) / (double)n);
}

typedef struct Tick {
    gr_timer *t;
    _Atomic int left;
} Tick;

static void again(void *arg) {
    Tick *k = arg;
    if (atomic_fetch_sub(&k->left, 1) > 1)
        gr_timer_reset(k->t, WITHIN_NS / 2 + random_ns(WITHIN_NS / 2));
    else
        one_less(NULL);
}

static void tick(long n) {
    Tick *k = calloc((size_t)n, sizeof *k);
    atomic_store(&left, n);
    for (long i = 0; i < n; i++) {
        k[i].left = TICKS;
        k[i].t = gr_after_func(3600 * GR_SECOND, again, &k[i]);
    }
    int64_t began = gr_now();
    for (long i = 0; i < n; i++)
        gr_timer_reset(k[i].t, WITHIN_NS / 2 + random_ns(WITHIN_NS / 2));
    gr_chan_recv(done, NULL);
    say("tick", n, (double)(gr_now() - began) / (double)n / TICKS);
    for (long i = 0; i < n; i++)
        gr_timer_free(k[i].t);
    free(k);
}

static void late(void) {
    int64_t sum = 0;
    for (int i = 0; i < NAPS; i++) {
        int64_t began = gr_now();
        gr_sleep(GR_MILLISECOND);
        sum += gr_now() - began - GR_MILLISECOND;
    }
    say("late", NAPS, (double)sum / NAPS);
}

static void doze(void *arg) {
    (void)arg;
    gr_sleep(3600 * GR_SECOND);
}

static void idle(long n) {
    for (long i = 0; i < n; i++)
        gr_go_stack(doze, NULL, 2048);
    gr_sleep(5 * GR_SECOND);
}

int gr_main(int argc, char **argv) {
    long n = argc > 1 ? atol(argv[1]) : 100000;
    if (argc > 2) {
        idle(n);
        return 0;
    }
    gr_timer **t = calloc((size_t)n, sizeof *t);
    done = gr_chan_make(0, 1);
    addstop(t, n);
    due(t, n);
    sleepers(n);
    tick(n);
    late();
    free(t);
    return 0;
}
