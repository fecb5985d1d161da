/* pulled: a sequence is pulled on one P. Prints how long that took in the program's time and in the
 * host's, in nanoseconds. */
#include "goroscope.h"
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { NUMBERS = 20000 };

static void count(gr_yield_fn *yield, void *arg) {
    (void)arg;
    for (int i = 0; i < NUMBERS && yield(&i);)
        i++;
}

static int64_t host_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * GR_SECOND + t.tv_nsec;
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    int64_t host = host_ns(), ours = gr_now();
    gr_iter *numbers = gr_pull(count, NULL, sizeof(int));
    while (gr_next(numbers, NULL)) {
    }
    gr_stop(numbers);
    ours = gr_now() - ours;
    host = host_ns() - host;
    printf("%" PRId64 " %" PRId64 "\n", ours, host);
    return 0;
}
