/* dying.c: KIND: ways to die, each known to lines.test.mjs by the comments at the lines that must be shown. */
#include <assert.h>
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALONE __attribute__((noinline))

static volatile int zero;
static int (*volatile nobody)(int);
static void (*volatile other)(void);

/* ---- inlined at -O2 ---- */

static inline int ratio(int a, int b) { return a / b; /* division: ratio */ }

static inline int half_ratio(int a) { return ratio(a, zero) / 2; /* division: half_ratio */ }

ALONE static int divides(int a) {
    gr_yield();            /* what follows is after the goroutine has been suspended and resumed */
    int r = half_ratio(a); /* division: divides */
    return r + 1;
}

static void division(void) { printf("%d\n", divides(5)); /* division: division */ }

/* ---- traps of other kinds ---- */

static void trap(void) {
    if (!zero)
        __builtin_trap(); /* trap: trap */
}

static void outside(void) {
    volatile int *p = (volatile int *)0xfffffff0u;
    printf("%d\n", *p); /* outside: outside */
}

static void null_call(void) { printf("%d\n", nobody(3)); /* null-call: null_call */ }

static void takes_nothing(void) { puts("called"); }

static void wrong_call(void) {
    other = takes_nothing;
    printf("%d\n", ((int (*volatile)(int))(void *)other)(3)); /* wrong-call: wrong_call */
}

ALONE static int recurses(int n) {
    volatile int here = n;
    return n < 0 ? 0 : recurses(n + 1) + here; /* recursion: recurses */
}

static void recursion(void) { printf("%d\n", recurses(1)); /* recursion: recursion */ }

ALONE static int nests(int n) {
    volatile int here = n;
    if (n == 0)
        __builtin_trap();       /* long: bottom */
    return nests(n - 1) + here; /* long: nests */
}

static void long_way(void) { printf("%d\n", nests(170)); /* long: long_way */ }

/* ---- what the runtime finds ---- */

static inline void complains(int n) {
    if (n > 2)
        gr_panic("three deep"); /* panic: complains */
}

ALONE static void calls_it(int n) {
    gr_sleep(GR_MILLISECOND);
    complains(n); /* panic: calls_it */
    puts("back");
}

static void in_goroutine(void *arg) {
    calls_it(*(int *)arg); /* panic: in_goroutine */
    puts("back");
}

static void panic(void) {
    static int three = 3;
    gr_go(in_goroutine, &three); /* panic: created */
    gr_sleep(GR_SECOND);
}

ALONE static void twice(gr_chan *c) {
    gr_chan_close(c);
    gr_chan_close(c); /* closed: twice */
    puts("back");
}

static void closed(void) {
    twice(gr_chan_make(0, 0)); /* closed: closed */
    puts("back");
}

ALONE static void checks(int n) {
    assert(n == 4); /* assert: checks */
    puts("back");
}

static void assertion(void) {
    checks(zero); /* assert: assertion */
    puts("back");
}

static int by_size(const void *a, const void *b) {
    if (!zero)
        abort(); /* callback: by_size */
    return *(const int *)a - *(const int *)b;
}

static void callback(void) { /* called by a function of libc's, which is not shown */
    int n[] = {3, 1, 2};
    qsort(n, 3, sizeof *n, by_size); /* callback: callback */
    printf("%d\n", n[0]);
}

/* ---- a goroutine on the stack of another ---- */

static void numbers(gr_yield_fn *yield, void *arg) {
    int one = 1;
    yield(&one);
    printf("%d\n", *(int *)arg / zero); /* sequence: numbers */
}

static void sequence(void) {
    int v = 0, five = 5;
    gr_iter *it = gr_pull(numbers, &five, sizeof v);
    while (gr_next(it, &v))
        printf("%d\n", v);
}

static const struct {
    const char *name;
    void (*run)(void);
} kinds[] = {
    {"division", division},   {"trap", trap},         {"outside", outside},   {"null-call", null_call},
    {"recursion", recursion}, {"long", long_way},     {"panic", panic},       {"closed", closed},
    {"assert", assertion},    {"callback", callback}, {"sequence", sequence}, {"wrong-call", wrong_call},
};

int gr_main(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, argv[1]) == 0)
            kinds[i].run(); /* gr_main */
    puts(argc > 1 ? "not dead" : "say how");
    return 0;
}
