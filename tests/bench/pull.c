/* pull: nanoseconds for one gr_next of a pulled sequence, which is a switch to its coroutine and back.
 *
 * usage: pull [N]     N elements, 2,000,000 unless given; prints one line of JSON
 */
#include "measure.h"

static void numbers(gr_yield_fn *yield, void *arg) {
    (void)arg;
    for (int64_t i = 0; yield(&i); i++) {
    }
}

static void next(long n) {
    gr_iter *it = gr_pull(numbers, NULL, sizeof(int64_t));
    int64_t v;
    for (int64_t i = 0; i < n; i++)
        check(gr_next(it, &v) && v == i, "not the next element");
    gr_stop(it);
}

int gr_main(int argc, char **argv) {
    long n = count_asked(argc, argv, 2000000);
    say_begin("pull", n);
    say("next_ns", measure(next, n));
    say_end();
    return 0;
}
