/* sampled.c: [rounds [work]]: goroutines that compute between operations, for CPU samples and whole stacks: a
 * chain of calls sends numbers, others take them, start goroutines and wait. Prints how often the numbers came. */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

static gr_chan *numbers;
static gr_waitgroup wg;
static volatile unsigned sink;
static int work = 1000; /* turns of a loop, times 100 and less: none under the virtual clock, where they take no time */

static __attribute__((noinline)) void crunch(int n) {
    for (int i = 0; i < n; i++)
        sink = sink * 31 + (unsigned)i;
}

static __attribute__((noinline)) void send_one(int v) {
    crunch(100 * work);
    gr_chan_send(numbers, &v);
}
static __attribute__((noinline)) void send_all(int n) {
    for (int i = 0; i < n; i++)
        send_one(i);
}
static void sends(void *n) {
    send_all((int)(intptr_t)n);
    gr_waitgroup_done(&wg);
}

static void helps(void *arg) {
    (void)arg;
    crunch(30 * work);
    gr_waitgroup_done(&wg);
}
static __attribute__((noinline)) void get_help(void) {
    gr_waitgroup_add(&wg, 1);
    gr_go(helps, NULL);
}

int gr_main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 400, v, got = 0;
    work = argc > 2 ? atoi(argv[2]) : work;
    numbers = gr_chan_make(sizeof(int), 0);
    gr_waitgroup_add(&wg, 1);
    gr_go(sends, (void *)(intptr_t)n);
    for (int i = 0; i < n && gr_chan_recv(numbers, &v); i++) {
        got += v == i;
        crunch(50 * work);
        get_help();
        if (i % 16 == 0)
            gr_yield();
    }
    gr_waitgroup_wait(&wg);
    printf("got %d\n", got);
    return 0;
}
