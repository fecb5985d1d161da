/* crowd: more goroutines than a run queue holds, made at once by one and woken at once by another; each runs. */
#include "seeded.h"

enum { MANY = 320 };

static gr_chan *gate;
static gr_waitgroup here, all;
static int through;

static void one(void *arg) {
    (void)arg;
    gr_waitgroup_done(&here);
    REQUIRE(!gr_chan_recv(gate, NULL));
    through++;
    gr_waitgroup_done(&all);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    gate = chan_of_int(0);
    gr_waitgroup_add(&here, MANY);
    gr_waitgroup_add(&all, MANY);
    for (int i = 0; i < MANY; i++)
        gr_go(one, NULL);
    gr_waitgroup_wait(&here);
    gr_chan_close(gate);
    gr_waitgroup_wait(&all);
    REQUIRE(through == MANY);
    return 0;
}
