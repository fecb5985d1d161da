/* deadlock: four goroutines wait for each other in four ways, and the runtime tells. Exit code 2. */
#include <goroscope.h>
#include <stdio.h>

static gr_mutex mutex;
static gr_chan *locked;
static gr_waitgroup group;

/* Holds the mutex and waits for a message nobody sends. */
static void receiver(void *c) {
    gr_mutex_lock(&mutex);
    gr_chan_close(locked);
    gr_chan_recv(c, NULL);
    gr_mutex_unlock(&mutex);
    gr_waitgroup_done(&group);
}

/* Wants the mutex before it sends that message. */
static void sender(void *c) {
    gr_yield();
    gr_mutex_lock(&mutex);
    gr_chan_send(c, &(int){1});
    gr_waitgroup_done(&group);
}

/* Waits for either of two channels that nobody uses. */
static void chooser(void *c) {
    (void)c;
    gr_case cases[2] = {{.op = GR_RECV, .chan = gr_chan_make(0, 0)}, {.op = GR_SEND, .chan = gr_chan_make(0, 0)}};
    gr_select(cases, 2, false);
    gr_waitgroup_done(&group);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    gr_chan *c = gr_chan_make(sizeof(int), 0);
    locked = gr_chan_make(0, 0);
    gr_waitgroup_add(&group, 3);
    gr_go(receiver, c);
    gr_chan_recv(locked, NULL);
    gr_go(sender, c);
    gr_go(chooser, NULL);
    printf("waiting\n");
    gr_waitgroup_wait(&group);
    printf("not reached\n");
    return 0;
}
