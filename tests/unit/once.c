/* once.c: once, and only once, and nobody goes on before it is over. (After the behaviours of Go's
 * sync/once_test.go.) */
#include "check.h"

static int calls;        /* guarded by the once under test */
static _Atomic int over; /* the function has returned */

static void called_once(void) {
    calls++;
    for (int i = 0; i < 20; i++)
        gr_yield();
    gr_sleep(200 * GR_MICROSECOND);
    atomic_store(&over, 1);
}

static void again_does_nothing(void) {
    gr_once once = {0};
    calls = 0;
    for (int i = 0; i < 10; i++) {
        gr_once_do(&once, called_once);
        CHECK_EQ(calls, 1);
    }
    gr_once other = {0};
    gr_once_do(&other, called_once);
    CHECK_EQ(calls, 2);
}

typedef struct Shared {
    gr_once once;
    gr_waitgroup wg;
} Shared;

static void do_and_look(void *arg) {
    Shared *s = arg;
    gr_once_do(&s->once, called_once);
    CHECK_EQ(over, 1);
    CHECK_EQ(calls, 1);
    gr_waitgroup_done(&s->wg);
}

static void all_wait_until_it_is_over(void) {
    for (int round = 0; round < 20; round++) {
        Shared s = {{0}, {0}};
        calls = 0;
        atomic_store(&over, 0);
        gr_waitgroup_add(&s.wg, 10);
        for (int i = 0; i < 10; i++)
            gr_go(do_and_look, &s);
        gr_waitgroup_wait(&s.wg);
        CHECK_EQ(calls, 1);
    }
}

TESTS(T(again_does_nothing), T(all_wait_until_it_is_over))
