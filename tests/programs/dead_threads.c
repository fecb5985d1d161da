/* dead_threads: rounds of goroutines that end locked, each with its thread. Prints by how much the heap has grown
 * for each from the second round on, when that is below LITTLE or after 20 seconds. Natively only.
 */
#include "goroscope.h"
#include <malloc.h>
#include <stdio.h>

enum { ROUNDS = 4, EACH = 40, LITTLE = 8192 };

static gr_waitgroup wg;

static void die_locked(void *arg) {
    (void)arg;
    gr_lockosthread();
    gr_yield();
    gr_waitgroup_done(&wg);
}

static size_t grown_for_each(size_t before) {
    size_t now = mallinfo2().uordblks;
    return now > before ? (now - before) / (EACH * (ROUNDS - 1)) : 0;
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    size_t before = 0;
    for (int round = 0; round < ROUNDS; round++) {
        gr_waitgroup_add(&wg, EACH);
        for (int i = 0; i < EACH; i++)
            gr_go(die_locked, NULL);
        gr_waitgroup_wait(&wg);
        gr_sleep(250 * GR_MILLISECOND); /* two generations of the trace and some more */
        if (round == 0)
            before = mallinfo2().uordblks;
    }
    size_t grown;
    for (int i = 0; (grown = grown_for_each(before)) >= LITTLE && i < 200; i++)
        gr_sleep(100 * GR_MILLISECOND); /* a buffer goes when a later generation ends */
    printf("%zu\n", grown);
    return 0;
}
