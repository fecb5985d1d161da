/* spawn: nanoseconds to start a goroutine that does nothing, and to wait for it.
 *
 * usage: spawn [N]     N goroutines, 1,000,000 unless given; prints one line of JSON
 * "one" starts one and waits for it, then the next; "batch" starts 128 and waits for all.
 */
#include "measure.h"

#define BATCH 128

static void nothing(void *arg) { gr_waitgroup_done(arg); }

/* n goroutines, `at_once` at a time. */
static void spawn(long n, long at_once) {
    gr_waitgroup group = {0};
    for (long i = 0; i < n; i += at_once) {
        long now = n - i < at_once ? n - i : at_once;
        gr_waitgroup_add(&group, (int)now);
        for (long k = 0; k < now; k++)
            gr_go(nothing, &group);
        gr_waitgroup_wait(&group); /* panics or hangs unless each has run once */
    }
}

static void one(long n) { spawn(n, 1); }

static void batch(long n) { spawn(n, BATCH); }

int gr_main(int argc, char **argv) {
    long n = count_asked(argc, argv, 1000000);
    say_begin("spawn", n);
    say("one_ns", measure(one, n));
    say("batch_ns", measure(batch, n));
    say_end();
    return 0;
}
