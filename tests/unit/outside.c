/* Calls from outside, as threads of the host make them. */
#include "check.h"
#include <errno.h>

/* What the ports do when the host calls (runtime/core/extram.c). */
void rt_call_from_outside(void (*fn)(void *), void *arg);

static gr_chan *c;
static _Atomic int calls;

static void answer(void *arg) {
    int v = (int)(uintptr_t)arg;
    gr_yield();
    gr_chan_send(c, &v);
    gr_sleep(10 * GR_MICROSECOND);
    atomic_fetch_add(&calls, 1);
}

static void quit(void *arg) {
    atomic_fetch_add(&calls, 1);
    if (arg)
        gr_yield();
    gr_goexit();
}

static void one_after_the_other(void) {
    c = gr_chan_make(sizeof(int), 0);
    for (int i = 0; i < 50; i++) {
        int v = 0;
        rt_call_from_outside(answer, (void *)(uintptr_t)i);
        gr_chan_recv(c, &v);
        CHECK_EQ(v, i);
    }
    check_await(&calls, 50);
    gr_chan_free(c);
}

static void many_at_once(void) {
    enum { N = 150 }; /* more than run at a time */
    atomic_store(&calls, 0);
    c = gr_chan_make(sizeof(int), 0);
    while (gr_numgoroutine() > 1)
        gr_yield(); /* those of the case before */
    int before = gr_numgoroutine(), sum = 0;
    for (int i = 0; i < N; i++)
        rt_call_from_outside(answer, (void *)(uintptr_t)i);
    for (int i = 0; i < N; i++) {
        int v;
        gr_chan_recv(c, &v);
        sum += v;
    }
    CHECK_EQ(sum, N * (N - 1) / 2);
    check_await(&calls, N);
    while (gr_numgoroutine() > before)
        gr_yield();
    CHECK_EQ(gr_numgoroutine(), before);
    gr_chan_free(c);
}

static void a_call_may_end_by_goexit(void) {
    atomic_store(&calls, 0);
    for (int i = 0; i < 20; i++)
        rt_call_from_outside(quit, i % 2 ? &calls : NULL);
    check_await(&calls, 20);
    one_after_the_other();
}

static void spawner(void *arg) {
    for (int i = 0; i < 5; i++)
        gr_go(answer, arg);
    atomic_fetch_add(&calls, 1);
}

static void a_call_starts_goroutines_that_outlive_it(void) {
    atomic_store(&calls, 0);
    c = gr_chan_make(sizeof(int), 0);
    rt_call_from_outside(spawner, (void *)(uintptr_t)7);
    check_await(&calls, 1);
    for (int i = 0; i < 5; i++) {
        int v = 0;
        gr_chan_recv(c, &v);
        CHECK_EQ(v, 7);
    }
    check_await(&calls, 6);
    gr_chan_free(c);
}

#if defined(__clang__) /* gcc's are the thread's */
static _Thread_local int used;
#define FRESH (errno == 0 && used == 0)
#define USE (errno = used = 7)
#else
#define FRESH (errno == 0)
#define USE (errno = 7)
#endif

static void uses_its_own(void *arg) {
    CHECK(FRESH);
    USE;
    gr_yield();
    CHECK(!FRESH);
    atomic_fetch_add(&calls, 1);
    if (arg)
        gr_goexit();
}

/* Although the thread is used again. */
static void each_call_is_a_goroutine_of_its_own(void) {
    atomic_store(&calls, 0);
    for (int i = 0; i < 40; i++) {
        rt_call_from_outside(uses_its_own, i % 2 ? &calls : NULL);
        if (i % 4 == 0)
            check_await(&calls, i + 1);
    }
    check_await(&calls, 40);
}

TESTS(T(one_after_the_other), T(many_at_once), T(a_call_may_end_by_goexit), T(a_call_starts_goroutines_that_outlive_it),
      T(each_call_is_a_goroutine_of_its_own))
