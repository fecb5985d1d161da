/* spawn: nanoseconds to start a goroutine that does nothing, and to wait for it.
 *
 * usage: spawn [N]     N goroutines, 1,000,000 unless given; prints one line of JSON
 * "one" starts one and waits for it, then the next; "batch" starts 100 and waits for all.
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 100 };

static void nothing(void *arg) { gr_waitgroup_done(arg); }

/* n goroutines, `at_once` at a time. */
static void run(long n, int at_once) {
    gr_waitgroup group = {0};
    for (long i = 0; i < n; i += at_once) {
        gr_waitgroup_add(&group, at_once);
        for (int k = 0; k < at_once; k++)
            gr_go(nothing, &group);
        gr_waitgroup_wait(&group);
    }
}

static double measure(long n, int at_once) {
    run(n / 20, at_once); /* warm */
    int64_t began = gr_now();
    run(n, at_once);
    return (double)(gr_now() - began) / (double)n;
}

int gr_main(int argc, char **argv) {
    long n = argc > 1 ? atol(argv[1]) : 1000000;
    n = (n + BATCH - 1) / BATCH * BATCH;
    double one = measure(n, 1), batch = measure(n, BATCH);
    printf("{\"bench\":\"spawn\",\"procs\":%d,\"n\":%ld,\"ns_per_op\":%.1f,\"one_ns\":%.1f,\"batch_ns\":%.1f}\n",
           gr_gomaxprocs(0), n, one, one, batch);
    return 0;
}
