/* minutes.c: a deadlock some of whose goroutines have waited for minutes. For a virtual clock. */
#include <goroscope.h>

static void wait_on(void *c) { gr_chan_recv(c, NULL); }

static void lock_and_wait_on(void *c) {
    gr_lockosthread();
    wait_on(c);
}

int gr_main(int argc, char **argv) {
    gr_chan *c = gr_chan_make(0, 0);
    (void)argc, (void)argv;
    gr_go(wait_on, c);
    gr_sleep(9000 * GR_SECOND - 100 * GR_SECOND);
    gr_go(lock_and_wait_on, c);
    gr_sleep(50 * GR_SECOND);
    gr_go(lock_and_wait_on, c);
    gr_sleep(50 * GR_SECOND + GR_MILLISECOND);
    gr_chan_recv(NULL, NULL);
    return 0;
}
