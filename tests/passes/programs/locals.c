/* Thread-local variables with and without values, aligned ones among them, each goroutine its own over parks. */
#include <goroscope.h>
#include <stdint.h>
#include <stdio.h>

static _Thread_local int counter = 41;
static _Thread_local char name[12] = "goroutine";
static _Thread_local long zero[40];
_Thread_local _Alignas(64) double wide = 1.5;
static _Thread_local int *self;

static gr_waitgroup wg;
static int wrong;
static int behind[] = {1, 2, 3}; /* data beside what thread-local variables are at first */

static void check(int ok) { wrong += !ok; }

static void work(void *arg) {
    int i = (int)(intptr_t)arg;
    check(counter == 41 && name[0] == 'g' && zero[39] == 0 && wide == 1.5 && self == NULL);
    check(((uintptr_t)&wide & 63) == 0);
    for (int turn = 0; turn < 20; turn++) {
        counter += i;
        name[turn % 9] = (char)('a' + i);
        zero[turn] += i;
        wide *= 2;
        self = &counter;
        gr_yield();
        check(self == &counter && counter == 41 + i * (turn + 1) && zero[turn] == i);
        check(name[turn % 9] == 'a' + i);
        wide /= 2;
    }
    check(wide == 1.5);
    gr_waitgroup_done(&wg);
}

__attribute__((constructor)) static void construct(void) { *(volatile long *)&zero[0] = 7; }

int gr_main(int argc, char **argv) {
    (void)argv;
    check(behind[argc] == 2 && behind[2] == 3);
    check(zero[0] == 7 && counter == 41); /* goroutine 1 finds what constructors have left */
    for (int round = 0; round < 3; round++) {
        gr_waitgroup_add(&wg, 8);
        for (int i = 0; i < 8; i++)
            gr_go(work, (void *)(intptr_t)i);
        gr_waitgroup_wait(&wg);
    }
    printf("%d wrong\n", wrong);
    return wrong != 0;
}
