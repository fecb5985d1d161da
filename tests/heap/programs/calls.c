/* calls: cycles one after the other beside a thread of the host's that calls into the program all the time: a call
 * begins and ends without a P, so also while the world is stopped. Native only. */
#include <goroscope.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

void rt_call_from_outside(void (*fn)(void *), void *arg);

static _Atomic int begun, ended;
static _Atomic bool stop;

/* Leaves much on its stack. */
static void called(void *unused) {
    (void)unused;
    char room[20000];
    memset(room, 1, sizeof room);
    gr_keep(room);
    gr_alloc(10);
    atomic_fetch_add(&ended, 1);
}

static void *host(void *unused) {
    while (!atomic_load(&stop)) {
        while (atomic_load(&begun) - atomic_load(&ended) > 8)
            ;
        atomic_fetch_add(&begun, 1);
        rt_call_from_outside(called, NULL);
    }
    return unused;
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    gr_alloc(10);
    pthread_t t;
    if (pthread_create(&t, NULL, host, NULL))
        return 1;
    for (int i = 0; i < 200 || atomic_load(&ended) < 50; i++)
        gr_gc();
    atomic_store(&stop, true);
    pthread_join(t, NULL);
    while (atomic_load(&ended) < atomic_load(&begun))
        gr_yield();
    puts("calls");
    return 0;
}
