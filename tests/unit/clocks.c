/* The C library's clocks and gr_now are one clock: they advance together, sleeping moves them all, and a loop that
 * waits for a time by looking at one of them ends, on any clock, in a system call too. */
#include "check.h"
#include <errno.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MS GR_MILLISECOND

int getentropy(void *, size_t); /* glibc and others declare it in different headers */

/* ---- the clocks, each in nanoseconds ---- */

static int64_t in_ns(struct timespec t) { return t.tv_sec * GR_SECOND + t.tv_nsec; }

static int64_t read_id(clockid_t id) {
    struct timespec t = {0};
    CHECK_EQ(clock_gettime(id, &t), 0);
    CHECK(t.tv_nsec >= 0 && t.tv_nsec < GR_SECOND);
    return in_ns(t);
}

static int64_t read_now(void) { return gr_now(); }
static int64_t read_monotonic(void) { return read_id(CLOCK_MONOTONIC); }
static int64_t read_realtime(void) { return read_id(CLOCK_REALTIME); }

static int64_t read_timeofday(void) {
    struct timeval t = {0};
    CHECK_EQ(gettimeofday(&t, NULL), 0);
    CHECK(t.tv_usec >= 0 && t.tv_usec < 1000000);
    return t.tv_sec * GR_SECOND + t.tv_usec * 1000;
}

static int64_t read_timespec(void) {
    struct timespec t = {0};
    CHECK_EQ(timespec_get(&t, TIME_UTC), TIME_UTC);
    return in_ns(t);
}

static const struct Clock {
    const char *name;
    int64_t (*read)(void);
} clocks[] = {{"gr_now", read_now},
              {"monotonic", read_monotonic},
              {"realtime", read_realtime},
              {"gettimeofday", read_timeofday},
              {"timespec_get", read_timespec}};
enum { CLOCKS = sizeof clocks / sizeof *clocks };

/* ---- tests ---- */

#define RESOLUTION 5000 /* of a page's clock, and that of gettimeofday */

/* Each is read between two looks at gr_now, before a sleep and after it: how far it has come must fit between
 * theirs. */
static void all_advance_together(void) {
    for (int i = 0; i < CLOCKS; i++) {
        int64_t first = gr_now(), from = clocks[i].read(), from_latest = gr_now();
        gr_sleep(20 * MS);
        int64_t to_earliest = gr_now(), to = clocks[i].read(), last = gr_now();
        bool fits = to - from >= to_earliest - from_latest - RESOLUTION && to - from <= last - first + RESOLUTION;
        CHECK(to - from >= 20 * MS - RESOLUTION);
        if (!CHECK(fits))
            printf("%s: %lld, gr_now: %lld\n", clocks[i].name, (long long)(to - from), (long long)(last - first));
    }
}

static void times_of_day_agree(void) {
    for (int i = 0; i < 100; i++) {
        int64_t first = read_realtime(), day = read_timeofday(), spec = read_timespec(), last = read_realtime();
        CHECK(day >= first - first % 1000 && day <= last);
        CHECK(spec >= first && spec <= last);
        int64_t before = read_realtime() / GR_SECOND;
        time_t stored = 0, t = time(&stored);
        CHECK(t >= before && t <= read_realtime() / GR_SECOND);
        CHECK_EQ(t, stored);
        gr_sleep(MS / 10);
    }
    CHECK(time(NULL) >= 1257894000);
}

static void busy_wait(const struct Clock *c) {
    int64_t last = c->read(), until = last + 2 * MS, now;
    while ((now = c->read()) < until) {
        CHECK(now >= last);
        last = now;
    }
}

static void a_busy_wait_ends(void) {
    for (int i = 0; i < CLOCKS; i++)
        busy_wait(&clocks[i]);
    clock_t began = clock();
    while (clock() < began + CLOCKS_PER_SEC / 500) {
    }
}

static void wait_in_host(void *clock) { busy_wait(clock); }
static void sleep_in_host(void *arg) { usleep(*(unsigned *)arg); }

static void in_a_system_call_too(void) {
    for (int i = 0; i < CLOCKS; i++) {
        int64_t began = gr_now();
        struct Clock c = clocks[i];
        gr_blocking(wait_in_host, &c);
        CHECK(gr_now() - began >= 2 * MS - RESOLUTION);
    }
    int64_t began = gr_now();
    gr_blocking(sleep_in_host, &(unsigned){3000});
    CHECK(gr_now() - began >= 3 * MS);
    gr_entersyscall();
    int64_t first = read_monotonic();
    usleep(3000);
    int64_t last = read_monotonic();
    gr_exitsyscall();
    CHECK(last - first >= 3 * MS - RESOLUTION);
}

/* A goroutine that waits for the clock is in nobody's way for good. */
static _Atomic int others_ran;
static void other(void *arg) {
    (void)arg;
    atomic_fetch_add(&others_ran, 1);
}

static void who_waits_for_the_clock_is_preempted(void) {
    for (int i = 0; i < 10; i++)
        gr_go(other, NULL);
    for (int64_t until = gr_now() + 20 * GR_SECOND; atomic_load(&others_ran) < 10 && gr_now() < until;)
        gr_safepoint();
    CHECK_EQ(atomic_load(&others_ran), 10);
}

static void sleeps(void *arg) {
    int64_t began = gr_now();
    CHECK_EQ(usleep(2000), 0);
    CHECK(gr_now() - began >= 2 * MS);
    struct timespec ms2 = {0, 2 * MS}, left = {1, 1};
    CHECK_EQ(nanosleep(&ms2, &left), 0);
    CHECK(gr_now() - began >= 4 * MS);
    CHECK(left.tv_sec == 0 && left.tv_nsec == 0);
    CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &ms2, NULL), 0);
    CHECK(gr_now() - began >= 6 * MS);
    struct timespec then;
    clock_gettime(CLOCK_REALTIME, &then);
    int64_t due = in_ns(then) + 2 * MS;
    then = (struct timespec){due / GR_SECOND, due % GR_SECOND};
    CHECK_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &then, NULL), 0);
    CHECK(read_realtime() >= due);
    CHECK_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &then, NULL), 0); /* past: at once */
    CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, -1}, NULL), EINVAL);
    errno = 0;
    CHECK_EQ(nanosleep(&(struct timespec){0, GR_SECOND}, NULL), -1);
    CHECK_EQ(errno, EINVAL);
    if (arg)
        gr_waitgroup_done(arg);
}

/* As gr_sleep: a thousand of them need no thousand threads. */
static void libc_sleeps_as_goroutines_do(void) {
    gr_waitgroup wg = {0};
    sleeps(NULL);
    gr_waitgroup_add(&wg, 1000);
    for (int i = 0; i < 1000; i++)
        gr_go(sleeps, &wg);
    gr_waitgroup_wait(&wg);
}

static void no_such_clock(void) {
#ifndef __wasi__ /* its clock ids are addresses */
    struct timespec t;
    errno = 0;
    CHECK_EQ(clock_gettime((clockid_t)77, &t), -1);
    CHECK_EQ(errno, EINVAL);
    CHECK_EQ(clock_getres((clockid_t)77, &t), -1);
#endif
    struct timespec res = {1, 0};
    CHECK_EQ(clock_getres(CLOCK_MONOTONIC, &res), 0);
    CHECK(res.tv_sec == 0 && res.tv_nsec > 0);
    CHECK_EQ(timespec_get(&res, 99), 0);
}

static int64_t early_now, early_real;
static __attribute__((constructor)) void before_main(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    early_real = in_ns(t);
    clock_gettime(CLOCK_MONOTONIC, &t);
    early_now = in_ns(t);
}

static void constructors_read_the_same_clock(void) {
    int64_t now = read_monotonic() - early_now, real = read_realtime() - early_real;
    CHECK(now >= 0 && now < 100 * GR_SECOND);
    CHECK(real >= 0 && real < 100 * GR_SECOND);
}

static void chance(void) {
    unsigned char a[32] = {0}, b[32] = {0}, none[32] = {0};
    CHECK_EQ(getentropy(a, sizeof a), 0);
    CHECK_EQ(getentropy(b, sizeof b), 0);
    CHECK(memcmp(a, b, sizeof a) && memcmp(a, none, sizeof a) && memcmp(b, none, sizeof b));
    static unsigned char many[300];
    CHECK_EQ(getentropy(many, sizeof many), -1);
}

TESTS(T(all_advance_together), T(times_of_day_agree), T(a_busy_wait_ends), T(in_a_system_call_too),
      T(who_waits_for_the_clock_is_preempted), T(libc_sleeps_as_goroutines_do), T(no_such_clock),
      T(constructors_read_the_same_clock), T(chance))
