/* same1.c: with same2.c a program of two files with static functions of one name, for lines.test.mjs. */
#include <goroscope.h>

int in_other(int n);

__attribute__((noinline)) static int same(int n) {
    gr_yield();
    return 100 / (n - 1);
}

int gr_main(int argc, char **argv) {
    int n = argc > 1 ? argv[1][0] - '0' : 3;
    return n == 2 ? in_other(n) : same(n) - 50;
}
