/* seeded_bug: KIND: a mistake put in on purpose, so that the tests know that the sanitizers see goroutines at all.
 *   race      two goroutines write a plain variable without a lock (TSan)
 *   overrun   a goroutine writes behind an array on its stack (ASan)
 *   none      nothing wrong
 */
#include "goroscope.h"
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static volatile int shared; /* volatile: every turn is a write */
static _Atomic int writers;

/* Both are on a P of their own before either writes; relaxed: waiting for each other orders nothing. */
static void write_shared(void *arg) {
    static _Atomic int here;
    int turns = *(int *)arg;
    atomic_fetch_add_explicit(&here, 1, memory_order_relaxed);
    while (atomic_load_explicit(&here, memory_order_relaxed) < 2) {
    }
    for (int i = 0; i < turns; i++)
        shared++;
    atomic_fetch_add(&writers, 1);
}

static void overrun(void *arg) {
    volatile char array[16], *volatile small = array; /* through a pointer: ASan is to see it, not UBSan */
    volatile int at = *(int *)arg;
    gr_yield();
    small[at] = 1;
    atomic_fetch_add(&writers, small[at]);
}

int gr_main(int argc, char **argv) {
    static int turns = 1000, outside = 16, inside = 15;
    const char *kind = argc > 1 ? argv[1] : "none";
    int n = !strcmp(kind, "race") ? 2 : 1;
    for (int i = 0; i < n; i++) {
        if (!strcmp(kind, "overrun"))
            gr_go(overrun, &outside);
        else if (n == 2)
            gr_go(write_shared, &turns);
        else
            gr_go(overrun, &inside);
    }
    while (atomic_load(&writers) < n)
        gr_sleep(GR_MILLISECOND);
    printf("done\n");
    return 0;
}
