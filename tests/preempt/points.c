/* Goroutines that compute without calling anything, in a program built with preemption points: each of these tests
 * would never end, or fail, without them. What they look at meanwhile is atomic for TSan's sake only; spin_flag.c
 * has plain variables. */
#include "../unit/check.h"
#include <errno.h>
#include <string.h>

static gr_waitgroup wg;
static _Atomic int stop;
static _Atomic uint64_t loops[64], victim;
#define get(at) atomic_load_explicit((at), memory_order_relaxed)
#define set(at, v) atomic_store_explicit((at), (v), memory_order_relaxed)

static uint64_t preempted(void) { return gr_read_sched_stats().preempted; }

/* As many steps as 2.5 slices of simulated time, and more than enough of real time. */
#define STEPS 60000000

static uint64_t xorshift(uint64_t x, int steps) {
    for (int i = 0; i < steps; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    return x;
}

GR_NO_PREEMPT static uint64_t xorshift_at_a_stretch(uint64_t x, int steps) {
    for (int i = 0; i < steps; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    return x;
}

static volatile uint64_t seed = 88172645463325252u;

static void compute(void *arg) {
    *(uint64_t *)arg = xorshift(seed, STEPS);
    set(&stop, 1);
    gr_waitgroup_done(&wg);
}

static void the_result_is_the_same(void) {
    uint64_t result = 0, before = preempted();
    int turns = 0;
    set(&stop, 0);
    gr_waitgroup_add(&wg, 1);
    gr_go(compute, &result);
    while (!get(&stop)) {
        turns++;
        gr_yield();
    }
    gr_waitgroup_wait(&wg);
    CHECK(turns > 0);
    CHECK(result == xorshift_at_a_stretch(seed, STEPS));
    CHECK(preempted() > before);
}

static void count(void *arg) {
    _Atomic uint64_t *n = arg;
    while (!get(&stop))
        set(n, get(n) + 1);
    gr_waitgroup_done(&wg);
}

static bool all_have_run(int n) {
    for (int i = 0; i < n; i++)
        if (get(&loops[i]) == 0)
            return false;
    return true;
}

/* On every P as many busy goroutines as four; on one P each has about a quarter. Where the machine gives a P's thread
 * no time for long, those of its queue wait for that: how long that may be nobody says, but each has its turn. */
static void the_busy_share(void) {
    int n = 4 * gr_gomaxprocs(0);
    uint64_t sum = 0, before = preempted();
    set(&stop, 0);
    gr_waitgroup_add(&wg, n);
    for (int i = 0; i < n; i++) {
        set(&loops[i], 0);
        gr_go(count, &loops[i]);
    }
    while (preempted() - before < (n == 4 ? 40u : 3u * (unsigned)n) || !all_have_run(n))
        gr_sleep(5 * GR_MILLISECOND);
    set(&stop, 1);
    gr_waitgroup_wait(&wg);
    for (int i = 0; i < n; i++)
        sum += get(&loops[i]);
    for (int i = 0; i < n; i++) {
        uint64_t percent = get(&loops[i]) * 100 / sum;
        if (n == 4)
            CHECK(percent >= 15 && percent < 35);
    }
}

/* (TestTimerFairness) */
static void timers_fire_while_every_p_computes(void) {
    int n = gr_gomaxprocs(0) + 1;
    set(&stop, 0);
    gr_waitgroup_add(&wg, n);
    for (int i = 0; i < n; i++)
        gr_go(count, &loops[i]);
    gr_chan *after = gr_after(GR_MILLISECOND);
    int64_t at;
    CHECK(gr_chan_recv(after, &at));
    for (int i = 0; i < 3; i++)
        gr_sleep(GR_MILLISECOND);
    set(&stop, 1);
    gr_waitgroup_wait(&wg);
}

/* A frame that is not a leaf's, with something of its own to remember. */
__attribute__((noinline)) static uint64_t deep(int depth, uint64_t x) {
    uint64_t here = xorshift(x, 2000);
    if (depth == 0)
        return here;
    uint64_t below = deep(depth - 1, here + (uint64_t)depth);
    return below ^ xorshift(here, 2000);
}

static void recurse(void *arg) {
    uint64_t *result = arg;
    while (result[1] < 5) {
        result[0] += deep(2000, seed);
        result[1]++;
    }
    set(&stop, 1);
    gr_waitgroup_done(&wg);
}

static void deep_frames_come_back(void) {
    uint64_t result[2] = {0, 0}, one = deep(2000, seed);
    set(&stop, 0);
    gr_waitgroup_add(&wg, 1);
    gr_go(recurse, result); /* its stack grows on the way */
    while (!get(&stop))
        ; /* both compute: on one P they take turns, at any depth */
    gr_waitgroup_wait(&wg);
    CHECK(result[0] == 5 * one);
}

/* The world is stopped while nobody calls anything, often. (TestStopTheWorldDeadlock, TestGoroutineParallelism in
 * spirit) */
static void the_world_stops_although_all_compute(void) {
    int procs = gr_gomaxprocs(0), n = 2 * procs;
    set(&stop, 0);
    gr_waitgroup_add(&wg, n);
    for (int i = 0; i < n; i++)
        gr_go(count, &loops[i]);
    for (int i = 0; i < 6; i++)
        gr_gomaxprocs(i % 2 ? procs : procs + 1);
    CHECK_EQ(gr_gomaxprocs(procs), procs);
    set(&stop, 1);
    gr_waitgroup_wait(&wg);
}

static void stands_still(void *arg) {
    uint64_t before = get(&loops[0]);
    xorshift(seed, 1000000);
    *(bool *)arg = before == get(&loops[0]);
}

static void count_as_victim(void *arg) {
    set(&victim, gr_goid());
    count(arg);
}

static void a_computing_goroutine_is_suspended(void) {
    set(&stop, 0);
    set(&victim, 0);
    gr_waitgroup_add(&wg, 1);
    gr_go(count_as_victim, &loops[0]);
    while (get(&victim) == 0)
        ;
    for (int i = 0; i < 5; i++) {
        bool still = false;
        CHECK(gr_debug_call(get(&victim), stands_still, &still));
        CHECK(still);
    }
    set(&stop, 1);
    gr_waitgroup_wait(&wg);
}

/* In a system call there is no P to be preempted from. */
static void spin_in_syscall(void *arg) { *(uint64_t *)arg = xorshift(seed, STEPS / 4); }

static void system_calls_are_left_alone(void) {
    uint64_t result = 0;
    gr_blocking(spin_in_syscall, &result);
    CHECK(result == xorshift_at_a_stretch(seed, STEPS / 4));
}

/* A loop in whose every turn the goroutine may be preempted; a compiler finds the two addresses before it. */
static _Thread_local int its_own;

static void keep_errno(void *arg) {
    int mine = (int)(intptr_t)arg;
    errno = its_own = mine;
    uint64_t x = seed;
    for (int i = 0; i < 1000; i++) {
        x = xorshift(x, STEPS / 4000);
        CHECK_EQ(errno, mine);
        CHECK_EQ(its_own, mine);
        errno = its_own = ++mine;
    }
    gr_waitgroup_done(&wg);
}

static void errno_stays_with_its_goroutine(void) {
    int n = gr_gomaxprocs(0) + 2;
    gr_waitgroup_add(&wg, n);
    for (int i = 0; i < n; i++)
        gr_go(keep_errno, (void *)(intptr_t)(i + 1));
    gr_waitgroup_wait(&wg);
}

/* 1, 2, 3, with much to compute for each. */
static void slow_count(gr_yield_fn *yield, void *arg) {
    uint64_t *x = arg;
    for (int i = 1; i <= 3; i++) {
        *x = xorshift(*x, STEPS / 3);
        if (!yield(&i))
            return;
    }
}

/* A coroutine is what runs, in its caller's slice: it is preempted, comes back in its own frames, and goes on being
 * its caller's. */
static void a_coroutine_is_preempted(void) {
    uint64_t x = seed, before = preempted();
    int v;
    set(&stop, 0);
    gr_waitgroup_add(&wg, 1);
    gr_go(count, &loops[0]);
    gr_iter *it = gr_pull(slow_count, &x, sizeof v);
    for (int i = 1; i <= 3; i++) {
        CHECK(gr_next(it, &v));
        CHECK_EQ(v, i);
    }
    gr_stop(it);
    set(&stop, 1);
    gr_waitgroup_wait(&wg);
    CHECK(x == xorshift_at_a_stretch(seed, STEPS / 3 * 3));
    CHECK(preempted() > before);
}

static void recover_slowly(void *arg) {
    *(uint64_t *)arg = xorshift(seed, STEPS / 3);
    CHECK(strcmp(gr_recover(), "on its way") == 0);
    set(&stop, 1);
    gr_waitgroup_done(&wg);
}

static void panic_slowly(void *arg) {
    gr_defer(recover_slowly, arg);
    gr_panic("on its way");
}

/* What a panic calls has points too, and other goroutines run in the middle of it. */
static void a_deferred_call_is_preempted(void) {
    uint64_t x = 0;
    set(&stop, 0);
    gr_waitgroup_add(&wg, 1);
    gr_go(panic_slowly, &x);
    while (!get(&stop))
        ;
    gr_waitgroup_wait(&wg);
    CHECK(x == xorshift_at_a_stretch(seed, STEPS / 3));
}

static void at_exit(void) {
    if (xorshift(seed, STEPS / 4) != xorshift_at_a_stretch(seed, STEPS / 4))
        abort();
}

/* Before gr_main there is no goroutine, after it none is to be switched to. */
__attribute__((constructor)) static void before_main(void) { set(&loops[0], xorshift(seed, 1000)); }

static void points_outside_goroutines_do_nothing(void) {
    CHECK(atexit(at_exit) == 0);
    gr_waitgroup_add(&wg, 1);
    set(&stop, 0);
    gr_go(count, &loops[0]); /* still at it when the program ends */
}

TESTS(T(the_result_is_the_same), T(the_busy_share), T(timers_fire_while_every_p_computes), T(deep_frames_come_back),
      T(the_world_stops_although_all_compute), T(a_computing_goroutine_is_suspended), T(system_calls_are_left_alone),
      T(errno_stays_with_its_goroutine), T(a_coroutine_is_preempted), T(a_deferred_call_is_preempted),
      T(points_outside_goroutines_do_nothing))
