/* outside: threads of the host call into the program while it collects: calls begin and end while the world is
 * stopped. For a sanitizer. */
#include "heap.h"
#include <pthread.h>

void rt_call_from_outside(void (*fn)(void *), void *arg);

static _Atomic int calls, stop;

static void called(void *arg) {
    (void)arg;
    uint64_t *block = gr_alloc(64);
    block[0] = MAGIC;
    scrub();
    gr_yield();
    REQUIRE(block[0] == MAGIC);
    calls++;
}

static void *host(void *arg) {
    (void)arg;
    for (int begun = 0; !stop;)
        if (begun - calls < 4) {
            begun++;
            rt_call_from_outside(called, NULL);
        }
    return NULL;
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    pthread_t t;
    gr_gc();
    pthread_create(&t, NULL, host, NULL);
    for (int i = 0; i < 200 || calls < 20; i++)
        gr_gc();
    stop = 1;
    pthread_join(t, NULL);
    puts("ok");
    return 0;
}
