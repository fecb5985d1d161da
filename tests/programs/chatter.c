/* chatter: pairs of goroutines pass a token, others come and go, pull on sequences, are in system calls, are locked
 * to their thread, and the world is stopped now and then, for a given time: many small events of all kinds without
 * an end.
 *
 * usage: chatter [MS [PAIRS]]     200 4 unless given
 */
#include "goroscope.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static _Atomic int stop;
static _Atomic long passes;

typedef struct Pair {
    gr_chan *there, *back;
    gr_waitgroup *wg;
} Pair;

static void answer(void *arg) {
    Pair *p = arg;
    long v;
    while (gr_chan_recv(p->there, &v))
        gr_chan_send(p->back, &v);
    gr_waitgroup_done(p->wg);
}

static void shout(void *arg) { atomic_fetch_add(&passes, *(long *)arg); }

static void ask(void *arg) {
    Pair *p = arg;
    static long one = 1;
    for (long v = 0; !atomic_load(&stop); v++) {
        gr_chan_send(p->there, &v);
        gr_chan_recv(p->back, &v);
        if (v % 8 == 0)
            gr_go(shout, &one);
    }
    gr_chan_close(p->there);
    gr_waitgroup_done(p->wg);
}

static void halves(gr_yield_fn *yield, void *arg) {
    for (long v = *(long *)arg; v > 0 && yield(&v); v /= 2)
        if (v % 4 == 0)
            gr_yield();
}

/* Some sequences come to their end, some are stopped, and one lasts. */
static void pull(void *arg) {
    long start = 1000, v, w;
    gr_iter *lasting = gr_pull(halves, &(long){1L << 30}, sizeof v);
    gr_next(lasting, &w);
    while (!atomic_load(&stop)) {
        gr_iter *it = gr_pull(halves, &start, sizeof v);
        for (int i = 0; i < 11 && gr_next(it, &v); i++)
            ;
        gr_stop(it);
        start = start % 5000 + 77;
        gr_yield();
    }
    while (gr_next(lasting, &v) && v == w / 2)
        w = v;
    gr_stop(lasting);
    if (w != 1)
        printf("the sequence ended with %ld\n", w);
    gr_waitgroup_done(arg);
}

static void nap(void *arg) { usleep(*(unsigned *)arg); }

static void call(void *arg) {
    static unsigned shortest = 1, longest = 300;
    for (int i = 0; !atomic_load(&stop); i++) {
        gr_blocking(nap, i % 4 ? &shortest : &longest);
        if (i % 16 == 0)
            usleep(100);
    }
    gr_waitgroup_done(arg);
}

static void stay(void *arg) {
    gr_lockosthread();
    while (!atomic_load(&stop))
        gr_yield();
    gr_waitgroup_done(arg); /* ends locked */
}

static void resize(void *arg) {
    int n = gr_gomaxprocs(0);
    for (int i = 1; !atomic_load(&stop); i++) {
        gr_gomaxprocs(1 + (n + i) % (n + 1));
        gr_sleep(3 * GR_MILLISECOND);
    }
    gr_gomaxprocs(n);
    gr_waitgroup_done(arg);
}

int gr_main(int argc, char **argv) {
    int64_t ms = argc > 1 ? atoi(argv[1]) : 200;
    int pairs = argc > 2 ? atoi(argv[2]) : 4;
    gr_waitgroup wg = {0};
    Pair *p = calloc((size_t)pairs, sizeof *p);
    gr_waitgroup_add(&wg, 2 * pairs);
    for (int i = 0; i < pairs; i++) {
        p[i] = (Pair){gr_chan_make(sizeof(long), 0), gr_chan_make(sizeof(long), 0), &wg};
        gr_go(answer, &p[i]);
        gr_go(ask, &p[i]);
    }
    gr_waitgroup_add(&wg, 6);
    gr_go(pull, &wg);
    gr_go(pull, &wg);
    gr_go(call, &wg);
    gr_go(call, &wg);
    gr_go(stay, &wg);
    gr_go(resize, &wg);
    gr_sleep(ms * GR_MILLISECOND);
    atomic_store(&stop, 1);
    gr_waitgroup_wait(&wg);
    printf("%s\n", atomic_load(&passes) > 0 ? "chattered" : "said nothing");
    return 0;
}
