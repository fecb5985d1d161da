/* spin_flag: goroutines that wait by spinning on plain flags, without a call of anything. Without preemption points
 * it ends only if there are more Ps than goroutines that spin. */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

static volatile int turn;

static void ring(void *arg) {
    int me = (int)(intptr_t)arg;
    while (turn != me)
        ;
    turn = me + 1;
}

int gr_main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 3;
    for (int i = n; i-- > 0;)
        gr_go(ring, (void *)(intptr_t)i);
    while (turn != n)
        ;
    printf("%d turns, %s\n", turn, gr_read_sched_stats().preempted > 0 ? "preempted" : "not preempted");
    return 0;
}
