/* Goroutines that stand in every state there is, for whoever looks at them from outside. */
#include <goroscope.h>
#include <stdio.h>

static gr_mutex held;
static gr_waitgroup never;

static void receives(void *arg) {
    int v;
    gr_chan_recv(arg, &v);
}

static void sleeps(void *arg) {
    (void)arg;
    gr_sleep(3600 * 1000000000ll);
}

static void locks(void *arg) {
    (void)arg;
    gr_mutex_lock(&held);
}

static void spins(void *arg) {
    (void)arg;
    printf("standing\n");
    for (volatile int i = 0;; i++)
        ;
}

int gr_main(int argc, char **argv) {
    (void)argv;
    gr_mutex_lock(&held);
    gr_waitgroup_add(&never, 1);
    gr_go(receives, gr_chan_make(sizeof(int), 0));
    gr_go(sleeps, NULL);
    gr_go(locks, NULL);
    gr_sleep(20 * 1000000);
    if (argc > 1)
        gr_go(spins, NULL);
    else
        printf("standing\n");
    gr_waitgroup_wait(&never);
    return 0;
}
