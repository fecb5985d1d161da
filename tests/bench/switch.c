/* switch: nanoseconds for one switch, two goroutines yielding to each other.
 *
 * usage: switch [N]     N yields in all, 4,000,000 unless given; prints one line of JSON
 */
#include "measure.h"

typedef struct Two {
    gr_waitgroup group;
    long each, done;
} Two;

static void yielder(void *arg) {
    Two *t = arg;
    long i = 0;
    for (; i < t->each; i++)
        gr_yield();
    __atomic_fetch_add(&t->done, i, __ATOMIC_RELAXED);
    gr_waitgroup_done(&t->group);
}

static void yields(long n) {
    Two t = {.each = n / 2};
    gr_waitgroup_add(&t.group, 2);
    gr_go(yielder, &t);
    gr_go(yielder, &t);
    gr_waitgroup_wait(&t.group);
    check(t.done == n / 2 * 2, "yields are missing");
}

int gr_main(int argc, char **argv) {
    long n = count_asked(argc, argv, 4000000);
    say_begin("switch", n);
    say("yield_ns", measure(yields, n));
    say_end();
    return 0;
}
