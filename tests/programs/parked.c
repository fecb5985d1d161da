/* argv[1] goroutines wait for ever. */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

static gr_waitgroup never, begun;

static void waits(void *arg) {
    (void)arg;
    gr_waitgroup_done(&begun);
    gr_waitgroup_wait(&never);
}

int gr_main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 1000;
    gr_waitgroup_add(&never, 1);
    gr_waitgroup_add(&begun, n);
    for (int i = 0; i < n; i++)
        gr_go(waits, NULL);
    gr_waitgroup_wait(&begun);
    printf("parked\n");
    gr_waitgroup_wait(&never);
    return 0;
}
