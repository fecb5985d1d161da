/* closed: a goroutine sends on a channel that is closed already. "panic: send on closed channel", exit code 2. */
#include <goroscope.h>
#include <stdio.h>

static void sender(void *c) {
    gr_chan_send(c, &(int){1});
    printf("not reached\n");
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    gr_chan *c = gr_chan_make(sizeof(int), 1);
    gr_chan_close(c);
    printf("closed\n");
    gr_go(sender, c);
    gr_chan_recv(gr_chan_make(0, 0), NULL); /* wait for ever: the sender ends the program */
    return 0;
}
