/* same2.c: see same1.c. */
#include <goroscope.h>

__attribute__((noinline)) static int same(int n) {
    gr_yield();
    return 100 / (n - 2);
}

int in_other(int n) { return same(n) + 1; }
