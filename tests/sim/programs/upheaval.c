/* upheaval: goroutines end by goexit, lock themselves to threads, go into system calls and call each other's debug
 * calls while somebody changes the number of Ps and a token goes round; nobody is lost and nothing is counted
 * twice. */
#include "seeded.h"

enum { RING = 4, ROUNDS = 8 };

static gr_chan *hop[RING];
static int token, calls, debugged;
static gr_waitgroup all;

static void runner(void *arg) {
    int me = (int)(intptr_t)arg, v;
    if (me == 1)
        gr_lockosthread();
    for (int i = 0; i < ROUNDS; i++) {
        gr_chan_recv(hop[me], &v);
        REQUIRE(v == token);
        token++;
        v = token;
        gr_chan_send(hop[(me + 1) % RING], &v);
    }
    gr_waitgroup_done(&all);
    gr_goexit();
}

static void in_host(void *arg) { ++*(int *)arg; }

static void caller(void *arg) {
    (void)arg;
    int mine = 0;
    for (int i = 0; i < ROUNDS; i++)
        gr_blocking(in_host, &mine);
    REQUIRE(mine == ROUNDS);
    calls += mine;
    gr_waitgroup_done(&all);
}

static void changer(void *arg) {
    (void)arg;
    int was = gr_gomaxprocs(0);
    for (int i = 0; i < ROUNDS; i++) {
        gr_gomaxprocs(1 + i % 4);
        gr_yield();
    }
    gr_gomaxprocs(was);
    gr_waitgroup_done(&all);
}

static uint64_t victim;
static bool over;
static void be_called(void *arg) {
    (void)arg;
    debugged++;
}
static void bystander(void *arg) {
    (void)arg;
    victim = gr_goid();
    while (!over)
        gr_yield();
    gr_waitgroup_done(&all);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    for (int i = 0; i < RING; i++)
        hop[i] = chan_of_int(i == 0);
    gr_waitgroup_add(&all, RING + 4);
    for (int i = 0; i < RING; i++)
        gr_go(runner, (void *)(intptr_t)i);
    gr_go(caller, NULL);
    gr_go(caller, NULL);
    gr_go(changer, NULL);
    gr_go(bystander, NULL);
    gr_chan_send(hop[0], &token);
    while (victim == 0)
        gr_yield();
    for (int i = 0; i < 3; i++)
        REQUIRE(gr_debug_call(victim, be_called, NULL));
    gr_free_stacks();
    over = true;
    gr_waitgroup_wait(&all);
    REQUIRE(token == RING * ROUNDS && calls == 2 * ROUNDS && debugged == 3);
    int v;
    REQUIRE(gr_chan_recv(hop[0], &v) && v == token);
    while (gr_numgoroutine() > 1)
        gr_yield();
    return 0;
}
