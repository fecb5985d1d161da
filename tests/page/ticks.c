/* ticks: says every 50 ms what time it is while other goroutines keep the Ps moderately busy; ends after about 4 s. */
#include <goroscope.h>
#include <stdio.h>

static void chat(void *arg) {
    gr_chan *c = arg;
    for (;;) {
        gr_sleep(GR_MILLISECOND);
        gr_chan_send(c, NULL);
    }
}

static void listen(void *arg) {
    for (;;)
        gr_chan_recv(arg, NULL);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    for (int i = 0; i < 4; i++) {
        gr_chan *c = gr_chan_make(0, 0);
        gr_go(chat, c);
        gr_go(listen, c);
    }
    for (int i = 0; i < 80; i++) {
        gr_sleep(50 * GR_MILLISECOND);
        printf("tick %lld\n", (long long)gr_now());
    }
    return 0;
}
