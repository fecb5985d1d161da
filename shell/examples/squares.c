// Five squares through a channel.
#include <goroscope.h>
#include <stdio.h>

static void square(void *arg) {
    gr_chan *c = arg;
    for (int n = 1; n <= 5; n++)
        gr_chan_send(c, &(int){n * n});
    gr_chan_close(c);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    gr_chan *c = gr_chan_make(sizeof(int), 0);
    gr_go(square, c);
    for (int n; gr_chan_recv(c, &n);)
        printf("%d\n", n);
    return 0;
}
