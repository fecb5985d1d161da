/* timers: what timers and sleeping cost. The same measurements as Go's time package allows, so that both can stand
 * side by side.
 *
 * usage: timers [N]          N timers or goroutines at a time, 100,000 unless given; prints one line of JSON
 *        timers N idle MS    N goroutines sleep for an hour; prints a line when all do, another MS ms later, and ends
 *
 *   addstop    to set a timer and stop it again (gr_after_func, gr_timer_stop, gr_timer_free) while N others pend
 *   due        for each timer, from the first gr_after_func to the end of the last of N functions; all due within 10 ms
 *   adding     the part of `due` until all were set
 *   sleepers   for each goroutine that is started, sleeps 0 to 10 ms and ends, N at a time
 *   tick       for each firing of N timers, set again by the function they call, for within 10 ms, 5 times over
 *   late       by which a sleep of 1 ms is too long while nothing else runs, mean
 */
#include "measure.h"
#include <stdatomic.h>
#include <string.h>

#define WITHIN_NS (10 * GR_MILLISECOND)
#define NAPS 100
#define TICKS 5

static uint32_t random_state = 1;
static gr_timer **timers; /* room for N */
static _Atomic long left;
static gr_chan *done; /* of struct{}, buffers one: nothing is left */

static int64_t random_ns(int64_t below) {
    random_state = random_state * 1664525 + 1013904223;
    return (int64_t)((uint64_t)random_state * (uint64_t)below >> 32);
}

static int64_t an_hour_or_two(void) { return 3600 * GR_SECOND + random_ns(3600 * GR_SECOND); }

static void never(void *arg) {
    (void)arg;
    check(false, "a timer fired before its time");
}

static void one_less(void *arg) {
    (void)arg;
    if (atomic_fetch_sub(&left, 1) == 1)
        gr_chan_send(done, NULL);
}

static void free_timers(long n) {
    for (long i = 0; i < n; i++)
        gr_timer_free(timers[i]);
}

static void addstop(long n) {
    for (long i = 0; i < n; i++) {
        gr_timer *one = gr_after_func(an_hour_or_two(), never, NULL);
        check(gr_timer_stop(one), "a timer could not be stopped");
        gr_timer_free(one);
    }
}

static double addstop_among(long n) {
    for (long i = 0; i < n; i++)
        timers[i] = gr_after_func(an_hour_or_two(), never, NULL);
    double ns = measure(addstop, 10 * n);
    free_timers(n);
    return ns;
}

static int64_t adding_ns; /* of the last call of due */

static void due(long n) {
    int64_t began = gr_now();
    atomic_store(&left, n);
    for (long i = 0; i < n; i++)
        timers[i] = gr_after_func(random_ns(WITHIN_NS), one_less, NULL);
    adding_ns = gr_now() - began;
    gr_chan_recv(done, NULL);
    free_timers(n);
}

static void nap(void *arg) {
    gr_sleep((int64_t)(intptr_t)arg);
    one_less(NULL);
}

static void sleepers(long n) {
    atomic_store(&left, n);
    for (long i = 0; i < n; i++)
        gr_go(nap, (void *)(intptr_t)random_ns(WITHIN_NS));
    gr_chan_recv(done, NULL);
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

/* n firings. */
static void ticks(long n) {
    long count = (n + TICKS - 1) / TICKS;
    Tick *k = calloc((size_t)count, sizeof *k);
    atomic_store(&left, count);
    for (long i = 0; i < count; i++) {
        k[i].left = TICKS;
        k[i].t = gr_after_func(3600 * GR_SECOND, again, &k[i]);
    }
    for (long i = 0; i < count; i++)
        gr_timer_reset(k[i].t, WITHIN_NS / 2 + random_ns(WITHIN_NS / 2));
    gr_chan_recv(done, NULL);
    for (long i = 0; i < count; i++)
        gr_timer_free(k[i].t);
    free(k);
}

static double late(void) {
    int64_t sum = 0;
    for (int i = 0; i < NAPS; i++) {
        int64_t began = gr_now();
        gr_sleep(GR_MILLISECOND);
        sum += gr_now() - began - GR_MILLISECOND;
    }
    return (double)sum / NAPS;
}

static void doze(void *arg) {
    gr_waitgroup_done(arg);
    gr_sleep(3600 * GR_SECOND);
}

static void idle(long n, int64_t ms) {
    gr_waitgroup started = {0};
    gr_waitgroup_add(&started, (int)n);
    for (long i = 0; i < n; i++)
        gr_go(doze, &started);
    gr_waitgroup_wait(&started);
    for (int i = 0; i < 2; i++) { /* the engine, too, may have to settle down at first */
        gr_sleep(i == 0 ? GR_SECOND : ms * GR_MILLISECOND);
        say_begin(i == 0 ? "asleep" : "awake", n);
        say_end();
        fflush(stdout);
    }
}

int gr_main(int argc, char **argv) {
    long n = count_asked(argc, argv, 100000);
    if (argc > 3 && strcmp(argv[2], "idle") == 0) {
        idle(n, atol(argv[3]));
        return 0;
    }
    timers = calloc((size_t)n, sizeof(gr_timer *));
    done = gr_chan_make(0, 1);
    say_begin("timers", n);
    say("addstop_ns", addstop_among(n));
    say("due_ns", measure(due, n));
    say("adding_ns", (double)adding_ns / (double)n);
    say("sleepers_ns", measure(sleepers, n));
    say("tick_ns", measure(ticks, TICKS * n));
    say("late_ns", late());
    say_end();
    free(timers);
    return 0;
}
