/* depths.c: events with every amount of stack left: goroutines go down in steps of some bytes and write events at each,
 * so a stack grows in the middle of every kind of them. */
#include <goroscope.h>
#include <stdio.h>

enum { GOROUTINES = 4, DEEPEST = 600 };

static gr_waitgroup done;
static gr_chan *c;

static void nothing(void *arg) { (void)arg; }

static __attribute__((noinline)) int down(int left) {
    volatile char some[24];
    int got;
    some[left % 24] = (char)left;
    switch (left % 6) {
    case 0:
        gr_go(nothing, NULL);
        break;
    case 2: /* first, going down */
        gr_chan_send(c, &left);
        break;
    case 1:
        gr_chan_recv(c, &got);
        break;
    case 3:
        gr_entersyscall();
        gr_exitsyscall();
        break;
    case 4:
        gr_sleep(1);
        break;
    default:
        gr_yield();
    }
    return left <= 0 ? some[0] : down(left - 1) + some[1];
}

static void deep(void *arg) {
    (void)arg;
    down(DEEPEST);
    gr_waitgroup_done(&done);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    c = gr_chan_make(sizeof(int), GOROUTINES);
    for (int round = 0; round < 3; round++) {
        gr_waitgroup_add(&done, GOROUTINES);
        for (int i = 0; i < GOROUTINES; i++)
            gr_go(deep, NULL);
        gr_waitgroup_wait(&done);
    }
    puts("deep");
    return 0;
}
