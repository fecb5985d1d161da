/* stopping: the number of Ps changes a few times, for which the world is stopped, while goroutines compute. */
#include <goroscope.h>
#include <stdio.h>

static gr_waitgroup at_work;

static void work(void *arg) {
    (void)arg;
    volatile unsigned sink = 0;
    for (int i = 0; i < 20; i++) {
        for (int k = 0; k < 200000; k++)
            sink = sink + 1;
        gr_yield();
    }
    gr_waitgroup_done(&at_work);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    gr_waitgroup_add(&at_work, 4);
    for (int i = 0; i < 4; i++)
        gr_go(work, NULL);
    for (int i = 0; i < 10; i++) {
        gr_sleep(2 * GR_MILLISECOND);
        gr_gomaxprocs(i % 2 ? 3 : 2);
    }
    gr_waitgroup_wait(&at_work);
    printf("stopped %llu times\n", (unsigned long long)gr_read_sched_stats().stops);
    return 0;
}
