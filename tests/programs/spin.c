/* spin: computes for ever and never lets go of its P. Only the host can stop it. */
#include <goroscope.h>
#include <stdio.h>

static void tick(void *arg) {
    gr_chan *ready = arg;
    gr_chan_send(ready, NULL);
    for (;;)
        gr_sleep(10 * GR_MILLISECOND); /* goes on as long as another P is free */
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    gr_chan *ready = gr_chan_make(0, 0);
    gr_go(tick, ready);
    gr_chan_recv(ready, NULL);
    printf("spinning\n");
    for (volatile unsigned n = 0;; n++) {
    }
}
