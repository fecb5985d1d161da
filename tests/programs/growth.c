/* growth: memory grows again and again while all Ps run: every fresh block goes at once to another goroutine, which
 * works on it with plain and atomic accesses. An engine that tells the other workers too late of the new size would
 * trap.
 *
 * usage: growth [MEGABYTES]     400 unless given
 */
#include "goroscope.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 20, WORKERS = 8 };

typedef struct Work {
    gr_chan *blocks; /* of char *, fresh */
    gr_waitgroup wg;
    _Atomic long sum;
} Work;

static void use_blocks(void *arg) {
    Work *w = arg;
    char *block;
    while (gr_chan_recv(w->blocks, &block)) {
        _Atomic long *first = (_Atomic long *)(void *)block, *last = (_Atomic long *)(void *)(block + BLOCK_BYTES) - 1;
        atomic_fetch_add(last, 1);
        atomic_fetch_add(first, 2);
        memset(block + sizeof *first, 7, BLOCK_BYTES / 2);
        atomic_fetch_add(&w->sum, atomic_load(first) + atomic_load(last));
    }
    gr_waitgroup_done(&w->wg);
}

static void take_memory(void *arg) {
    Work *w = arg;
    char *block = calloc(1, BLOCK_BYTES);
    if (!block)
        gr_panic("growth: out of memory");
    gr_chan_send(w->blocks, &block);
}

int gr_main(int argc, char **argv) {
    int megabytes = argc > 1 ? atoi(argv[1]) : 400;
    Work w = {.blocks = gr_chan_make(sizeof(char *), 0)};
    gr_waitgroup_add(&w.wg, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        gr_go(use_blocks, &w);
    for (int i = 0; i < megabytes; i++) {
        gr_go(take_memory, &w);
        if (i % 16 == 15)
            gr_sleep(100 * GR_MICROSECOND);
    }
    while (gr_numgoroutine() > WORKERS + 1)
        gr_yield();
    gr_chan_close(w.blocks);
    gr_waitgroup_wait(&w.wg);
    printf("%ld\n", atomic_load(&w.sum));
    return atomic_load(&w.sum) == 3L * megabytes ? 0 : 1;
}
