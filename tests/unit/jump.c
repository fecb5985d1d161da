/* jump.c: setjmp and longjmp inside one goroutine (wasm/port/jump.c): with switches, growing stacks and other Ms
 * between the two, and beside coroutines. */
#include "check.h"
#include <setjmp.h>

enum { CROWD = 20, ROUNDS = 50, DEEP = 400 };

static void values_come_through(void) {
    jmp_buf env;
    volatile int times = 0;
    switch (setjmp(env)) {
    case 0:
        CHECK_EQ(times++, 0);
        longjmp(env, 7);
    case 7:
        CHECK_EQ(times++, 1);
        longjmp(env, 0);
    case 1:
        CHECK_EQ(times++, 2);
        longjmp(env, -5);
    case -5:
        CHECK_EQ(times++, 3);
        break;
    default:
        CHECK(false);
    }
    CHECK_EQ(times, 4);
}

/* The frames on the way are as large as `n` says, so that stacks grow. */
__attribute__((noinline)) static int down(jmp_buf env, int depth, int n) {
    volatile char room[100];
    room[depth % 100] = (char)n;
    if (depth == 0)
        longjmp(env, n);
    return down(env, depth - 1, n) + room[depth % 100];
}

static void out_of_deep_frames(void) {
    jmp_buf env;
    volatile int next = 1;
    int local = 4711;
    volatile long long kept = 1LL << 40;
    int got = setjmp(env);
    if (got)
        CHECK_EQ(got, next++);
    CHECK_EQ(local, 4711);
    CHECK_EQ(kept, (1LL << 40) + next - 1);
    kept++;
    if (next <= 30)
        down(env, next * 13 % DEEP, next);
    CHECK_EQ(next, 31);
}

/* Nobody's places are mixed up, whoever runs between. */
static gr_waitgroup wg;

static void jumps_and_switches(void *arg) {
    int me = (int)(intptr_t)arg;
    jmp_buf outer, inner;
    volatile int rounds = 0, outers = 0;
    int v = setjmp(outer);
    CHECK(v == 0 || v == me + 1);
    outers++;
    while (rounds < ROUNDS) {
        int w = setjmp(inner);
        if (w == 0) {
            rounds++;
            gr_yield();
            if (rounds % 3 == 0)
                gr_sleep(GR_MICROSECOND);
            if (rounds % 10 == 0)
                down(outer, rounds % 100, me + 1);
            down(inner, me, rounds);
        }
        CHECK_EQ(w, rounds);
    }
    CHECK_EQ(outers, 1 + ROUNDS / 10);
    gr_waitgroup_done(&wg);
}

static void others_run_meanwhile(void) {
    gr_waitgroup_add(&wg, CROWD);
    for (intptr_t i = 0; i < CROWD; i++)
        gr_go(jumps_and_switches, (void *)i);
    gr_waitgroup_wait(&wg);
}

/* ---- coroutines: each has its own places ---- */

static void seq(gr_yield_fn *yield, void *arg) {
    (void)arg;
    jmp_buf env;
    volatile int i = 0;
    if (setjmp(env) == 3)
        return;
    while (i < 10) {
        int v = i++;
        if (!yield(&v))
            return;
        if (i % 2)
            longjmp(env, 1 + (i == 9 ? 2 : 0));
    }
}

static void in_sequences(void) {
    jmp_buf env;
    gr_iter *it = gr_pull(seq, NULL, sizeof(int));
    volatile int n = 0;
    int v;
    setjmp(env);
    while (gr_next(it, &v)) {
        CHECK_EQ(v, n++);
        if (n % 3 == 1)
            longjmp(env, 1);
    }
    CHECK_EQ(n, 9);
    gr_stop(it);
}

static void in_call(void *arg) {
    jmp_buf env;
    volatile int *n = arg;
    if (setjmp(env) < 3)
        longjmp(env, ++*n);
}

static void in_a_system_call(void) {
    volatile int n = 0;
    gr_blocking(in_call, (void *)&n);
    CHECK_EQ(n, 3);
}

/* ---- places are given up ---- */

__attribute__((noinline)) static int sets(int depth) {
    jmp_buf env;
    volatile int left = depth;
    if (setjmp(env) == 0) {
        if (left > 0)
            sets(left - 1);
        longjmp(env, 1);
    }
    return left;
}

static void sets_and_ends(void *arg) {
    jmp_buf env;
    if (setjmp(env) == 0)
        sets((int)(intptr_t)arg % 5);
    gr_waitgroup_done(&wg);
    if ((intptr_t)arg % 2)
        gr_goexit();
}

static void memory_is_used_again(void) {
#ifdef __wasm__
    size_t before = 0;
#endif
    for (int i = 0; i < 20000; i++) {
        CHECK_EQ(sets(i % 7), i % 7);
        gr_waitgroup_add(&wg, 1);
        gr_go(sets_and_ends, (void *)(intptr_t)i);
        gr_waitgroup_wait(&wg);
#ifdef __wasm__
        if (i == 2000)
            before = __builtin_wasm_memory_size(0);
#endif
    }
#ifdef __wasm__
    CHECK(__builtin_wasm_memory_size(0) <= before + 8);
#endif
}

TESTS(T(values_come_through), T(out_of_deep_frames), T(others_run_meanwhile), T(in_sequences), T(in_a_system_call),
      T(memory_is_used_again))
