/* sometimes: what goes wrong in some schedules only: reads, waits, writes what it read and one more. Exit code 3 if
 * a count was lost. */
#include "goroscope.h"
#include <stdio.h>

static int count;
static gr_waitgroup all;

static void add_one(void *arg) {
    (void)arg;
    int read = count;
    gr_waitgroup_add(&all, 1); /* an operation: others may come between */
    gr_waitgroup_done(&all);
    count = read + 1;
    gr_waitgroup_done(&all);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    gr_waitgroup_add(&all, 2);
    gr_go(add_one, NULL);
    gr_go(add_one, NULL);
    gr_waitgroup_wait(&all);
    printf("%d\n", count);
    return count == 2 ? 0 : 3;
}
