/* endless_list.c: its list of goroutines has no end, as after a write over the runtime's memory. */
#include "core/driver.h"
#include <stdio.h>

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    G *g = atomic_load(&rt_sched.allg);
    g->all_next = g;
    printf("damaged\n");
    fflush(stdout);
    gr_sleep(60 * GR_SECOND);
    return 0;
}
