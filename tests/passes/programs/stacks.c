/* stacks: goroutines that park, yield and are preempted in functions that call each other, for
 * tests/passes/stacks.test.mjs. A comment behind a call says in which kind of stack which function has it.
 *
 * usage: stacks [spin]     spin: also one that computes, in a program with preemption points
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

static gr_chan *go_on, *done;
static volatile int three = 3, zero;

static void waits(void) {
    int v;
    gr_chan_recv(go_on, &v);
}

/* Five functions. */
static NOINLINE int fifth(int n) {
    int v;
    gr_chan_recv(go_on, &v); /* five: fifth */
    return v + n;
}
static NOINLINE int fourth(int n) { return 2 * fifth(n + 1); /* five: fourth */ }
static NOINLINE int third(int n) { return 3 + fourth(n * 2); /* five: third */ }
static NOINLINE int second(int n) { return 5 * third(n - 1); /* five: second */ }
static void five(void *arg) {
    int v = second(three); /* five: five */
    gr_chan_send(done, &v);
    (void)arg;
}

/* One that calls itself, three times. */
static NOINLINE int again(int n) {
    if (n == 0) {
        int v;
        gr_chan_recv(go_on, &v); /* recursion: again */
        return v;
    }
    return again(n - 1) * 3 + n; /* recursion, inside: again */
}
static void recursion(void *arg) {
    int v = again(three); /* recursion: recursion */
    gr_chan_send(done, &v);
    (void)arg;
}

/* More frames than a trace tells of. */
static void endless(void *arg) {
    int v = again(1000);
    gr_chan_send(done, &v);
    (void)arg;
}

/* By pointers. */
static NOINLINE int by_pointer(int n) {
    int v;
    gr_chan_recv(go_on, &v); /* pointers: by_pointer */
    return v + n;
}
static int (*volatile pointer)(int) = by_pointer;
static NOINLINE int calls(int (*f)(int)) { return f(7) - 1; /* pointers: calls */ }
static void pointers(void *arg) {
    int v = calls(pointer); /* pointers: pointers */
    gr_chan_send(done, &v);
    (void)arg;
}

/* Functions that the compiler makes part of their callers, one of them twice. */
static inline __attribute__((always_inline)) int inner(int n) {
    int v;
    gr_chan_recv(go_on, &v); /* inlined: inner */
    return v + n;
}
static inline __attribute__((always_inline)) int outer(int n) { return inner(n) + 1; /* inlined: outer */ }
static NOINLINE int whole(int n) {
    if (n == 4)
        return outer(n); /* not reached */
    return outer(n + 1); /* inlined: whole */
}
static void inlined(void *arg) {
    int v = whole(three); /* inlined: inlined */
    gr_chan_send(done, &v);
    (void)arg;
}

/* Behind a function of libc's. */
static int order(const void *a, const void *b) {
    gr_yield(); /* callback: order */
    return *(const int *)a - *(const int *)b;
}
static void callback(void *arg) {
    int of[] = {three, 1};
    qsort(of, 2, sizeof *of, order); /* callback: callback */
    gr_chan_send(done, &of[0]);
    (void)arg;
}

/* In a coroutine, whose caller's frames are others'. */
static void numbers(gr_yield_fn *yield, void *arg) {
    int v;
    gr_chan_recv(go_on, &v); /* sequence: numbers */
    yield(&v);
    (void)arg;
}
static void sequence(void *arg) {
    gr_iter *it = gr_pull(numbers, arg, sizeof(int));
    int v = 0;
    gr_next(it, &v);
    gr_stop(it);
    gr_chan_send(done, &v);
}

/* More calls than a byte can number; the last but one parks. */
#define FOUR(x) x x x x
#define CALLS FOUR(FOUR(FOUR(if (zero) waits();)))
static NOINLINE int many_calls(void) {
    CALLS CALLS CALLS CALLS CALLS int v;
    gr_chan_recv(go_on, &v); /* many: many_calls */
    if (zero)
        waits();
    return v;
}
static void many(void *arg) {
    int v = many_calls(); /* many: many */
    gr_chan_send(done, &v);
    (void)arg;
}

/* Computes. */
static NOINLINE unsigned steps(unsigned n) {
    unsigned h = n;
    for (unsigned i = 0; i < 1000 * 1000 * 1000u && !zero; i++)
        h = h * 31 + i;
    return h;
}
static NOINLINE unsigned turns(void) { return steps(1) + 1; /* spin: turns */ }
static void spin(void *arg) {
    int v = turns() != 0; /* spin: spin */
    gr_chan_send(done, &v);
    (void)arg;
}

/* On one P each gets to where it parks before main goes on: also one that was preempted on its way, since the machine
 * had no time for it, and stood behind main. */
int gr_main(int argc, char **argv) {
    go_on = gr_chan_make(sizeof(int), 0);
    done = gr_chan_make(sizeof(int), 0);
    int n = 8, sum = 0;
    if (argc > 1 && strcmp(argv[1], "spin") == 0) {
        gr_go(spin, NULL);
        for (int i = 0; i < 3; i++)
            gr_yield();
        zero = 1;
        gr_chan_recv(done, &sum);
        printf("computed\n");
        return 0;
    }
    gr_go(five, NULL);
    gr_go(recursion, NULL);
    gr_go(endless, NULL);
    gr_go(pointers, NULL);
    gr_go(inlined, NULL);
    gr_go(callback, NULL);
    gr_go(sequence, NULL);
    gr_go(many, NULL);
    for (int i = 0; i < 100; i++)
        gr_yield();
    for (int i = 0; i < n - 1; i++)
        gr_chan_send(go_on, &i);
    for (int i = 0; i < n; i++) {
        int v;
        gr_chan_recv(done, &v);
        sum += v % 1000;
    }
    printf("%d\n", sum);
    return 0;
}
