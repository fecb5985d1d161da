/* deep: a goroutine recurses deep and comes back, with another one that does so too, and prints what it has counted.
 *
 * usage: deep LEVELS [EVERY]     frames of 64 bytes at least; EVERY: switches away at each so many levels, down and up
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

static int levels, every;

static long long descend(int level) {
    volatile int mine[16]; /* 64 bytes */
    mine[level % 16] = level;
    if (every && level % every == 0)
        gr_yield();
    long long below = level < levels ? descend(level + 1) : 0;
    if (every && level % every == 0)
        gr_yield();
    return below + mine[level % 16];
}

static void go_deep(void *arg) {
    printf("%lld\n", descend(1));
    gr_waitgroup_done(arg);
}

int gr_main(int argc, char **argv) {
    levels = argc > 1 ? atoi(argv[1]) : 1000;
    every = argc > 2 ? atoi(argv[2]) : 0;
    gr_waitgroup group = {0};
    gr_waitgroup_add(&group, 2);
    gr_go(go_deep, &group);
    gr_go(go_deep, &group);
    gr_waitgroup_wait(&group);
    return 0;
}
