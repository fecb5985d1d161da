/* inlined.c: for dwarf.test.mjs: a division in a function that is inlined twice, in a loop and in ranges;
 * code of a header; a trap; a call. */
#include "inlined.h"

int seen;
void use(int);

static int inner(int *p, int n) {
    int at = p[n];
    return at / n; /* the division */
}

static inline int middle(int *p, int n) {
    int sum = 0;
    for (int i = 1; i < n; i++)
        sum += inner(p, i); /* calls the division */
    return sum;
}

int outer(int *p, int n) {
    if (n > 1000)
        __builtin_trap();   /* the trap */
    use(n);                 /* the call */
    seen = of_header(p, n); /* calls the header */
    return middle(p, n);    /* calls the loop */
}
