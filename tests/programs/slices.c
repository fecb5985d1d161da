/* slices: goroutines that only compute and yield. Prints how long they computed in all, in their own time, in
 * nanoseconds. */
#include "goroscope.h"
#include <inttypes.h>
#include <stdio.h>

enum { WORKERS = 4, SLICES = 40, ROUNDS = 1000000 };

static gr_waitgroup wg;
static int64_t computed[WORKERS];
static volatile uint32_t sink;

static void worker(void *arg) {
    int64_t *mine = arg;
    for (int i = 0; i < SLICES; i++) {
        int64_t began = gr_now();
        uint32_t x = 1;
        for (int k = 0; k < ROUNDS; k++) {
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
        }
        sink = x;
        *mine += gr_now() - began;
        gr_yield();
    }
    gr_waitgroup_done(&wg);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    int64_t all = 0;
    gr_waitgroup_add(&wg, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        gr_go(worker, &computed[i]);
    gr_waitgroup_wait(&wg);
    for (int i = 0; i < WORKERS; i++)
        all += computed[i];
    printf("%" PRId64 "\n", all);
    return 0;
}
