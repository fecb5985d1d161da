/* high_memory: goroutines whose stacks lie in the upper half of 4 GiB, where addresses are negative to JavaScript:
 * they grow, switch, print, read the clock. The lower half is allocated, but never touched.
 */
#include <goroscope.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GOROUTINES = 2000, PIECES = 16, PIECE = 128 << 20 };

static int high; /* of the goroutines; one P */

static int descend(int levels) {
    volatile unsigned char frame[200];
    memset((void *)frame, levels, sizeof frame);
    return frame[3] + (levels ? descend(levels - 1) : 0);
}

static void stand_high(void *arg) {
    int64_t now = gr_now();
    high += (uintptr_t)&now > (uintptr_t)INT32_MAX;
    int before = descend(100);
    gr_yield();
    if (gr_now() < now || before != 5050 || descend(100) != 5050)
        gr_panic("high_memory: wrong sum or clock");
    char text[40]; /* printed from where it is */
    snprintf(text, sizeof text, "goroutine %d\n", (int)gr_goid());
    fputs(text, stdout);
    gr_waitgroup_done(arg);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    gr_waitgroup group = {0};
    for (int i = 0; i < PIECES; i++) {
        void *volatile piece = malloc(PIECE);
        if (!piece)
            gr_panic("high_memory: out of memory");
    }
    gr_waitgroup_add(&group, GOROUTINES);
    for (int i = 0; i < GOROUTINES; i++)
        gr_go(stand_high, &group);
    gr_waitgroup_wait(&group);
    printf("%d high\n", high);
    return 0;
}
