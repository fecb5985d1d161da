/* tick: goroutine 1 computes in a loop without exit or call; timers fire and end the program all the same. */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

static void tick(void *arg) {
    (void)arg;
    int64_t began = gr_now();
    for (int i = 0; i < 5; i++)
        gr_sleep(5 * GR_MILLISECOND);
    printf("5 ticks\n");
    fflush(stdout);
    exit(gr_now() - began < 25 * GR_MILLISECOND);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    gr_go(tick, NULL);
    for (volatile unsigned n = 0;; n++) {
    }
}
