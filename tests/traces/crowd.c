/* crowd: argv[1] goroutines wait for 300 ms: each generation of the trace begins by telling of them all. */
#include "goroscope.h"
#include <stdio.h>
#include <stdlib.h>

static void wait(void *arg) {
    int v;
    gr_chan_recv(arg, &v);
}

int gr_main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 20000;
    gr_chan *c = gr_chan_make(sizeof(int), 0);
    for (int i = 0; i < n; i++)
        gr_go(wait, c);
    gr_sleep(300 * GR_MILLISECOND);
    printf("a crowd\n");
    return 0;
}
