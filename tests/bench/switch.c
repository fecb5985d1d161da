/* switch: nanoseconds for one switch, two goroutines yielding to each other. One P (procs 1), tracing off.
 *
 * usage: switch [N]     N yields of each goroutine, 2,000,000 unless given; prints one line of JSON
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

static long n = 2000000;

static void yielder(void *arg) {
    for (long i = 0; i < n; i++)
        gr_yield();
    gr_waitgroup_done(arg);
}

static void run(void) {
    gr_waitgroup group = {0};
    gr_waitgroup_add(&group, 2);
    gr_go(yielder, &group);
    gr_go(yielder, &group);
    gr_waitgroup_wait(&group);
}

int gr_main(int argc, char **argv) {
    long asked = argc > 1 ? atol(argv[1]) : n;
    n = asked / 20;
    run(); /* warm: the engine compiles what is hot in a second tier */
    n = asked;
    int64_t began = gr_now();
    run();
    int64_t took = gr_now() - began;
    printf("{\"bench\":\"switch\",\"procs\":%d,\"n\":%ld,\"ns_per_op\":%.1f}\n", gr_gomaxprocs(0), 2 * n,
           (double)took / (2.0 * (double)n));
    return 0;
}
