/* goexit.c: ending a goroutine from within calls: it alone ends, what it did before stays. */
#include "check.h"

typedef struct Leaver {
    gr_chan *c;
    _Atomic int before, after;
} Leaver;

static void deeper(Leaver *l, int n) {
    if (n > 0) {
        deeper(l, n - 1);
        atomic_fetch_add(&l->after, 1);
        return;
    }
    atomic_fetch_add(&l->before, 1);
    gr_goexit();
}

static void leave_from_depth(void *arg) {
    deeper(arg, 20);
    atomic_fetch_add(&((Leaver *)arg)->after, 1);
}

static void ends_only_the_caller(void) {
    Leaver l = {0};
    for (int i = 0; i < 100; i++)
        gr_go(leave_from_depth, &l);
    check_await(&l.before, 100);
    gr_sleep(GR_MILLISECOND);
    CHECK_EQ(l.after, 0); /* nothing behind the call ran */
}

static void is_no_longer_counted(void) {
    Leaver l = {0};
    for (int i = 0; i < 10; i++)
        gr_go(leave_from_depth, &l);
    check_await(&l.before, 10);
    int64_t start_ns = gr_now();
    while (gr_numgoroutine() > 1 && gr_now() - start_ns < 10 * GR_SECOND)
        gr_yield();
    CHECK_EQ(gr_numgoroutine(), 1);
}

static void send_then_leave(void *arg) {
    Leaver *l = arg;
    gr_chan_send(l->c, &(int){1});
    gr_goexit();
}

/* Its stack serves the next goroutine, which starts afresh. */
static void stacks_of_leavers_are_reused(void) {
    Leaver l = {gr_chan_make(sizeof(int), 0), 0, 0};
    for (int i = 0; i < 2000; i++) {
        int v = 0;
        gr_go(send_then_leave, &l);
        gr_chan_recv(l.c, &v);
        CHECK_EQ(v, 1);
    }
    gr_chan_free(l.c);
}

TESTS(T(ends_only_the_caller), T(is_no_longer_counted), T(stacks_of_leavers_are_reused))
