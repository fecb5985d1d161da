/* Unit tests of memory as several workers see it. */
#include "check.h"
#include <stdlib.h>

enum { BLOCKS = 3000, BYTES = 32 << 10, LOOKERS = 3 }; /* 96 MB: more than a program has at the beginning */

static _Atomic(_Atomic int *) latest;
static _Atomic bool all_given_out;
static gr_waitgroup looking;

/* Counts up whatever is given out last, as soon as it is. */
static void look(void *arg) {
    (void)arg;
    _Atomic int *seen = NULL;
    for (int i = 0; !all_given_out; i++) {
        _Atomic int *count = latest;
        if (count != seen)
            atomic_fetch_add(count, 1);
        seen = count;
        if (i % 1000 == 0)
            gr_yield();
    }
    gr_waitgroup_done(&looking);
}

/* V8 traps at an atomic access to memory that another worker has made grow a moment ago (wasm/libc.c: sbrk). */
static void fresh_memory_is_there_for_everybody(void) {
    static char *blocks[BLOCKS];
    latest = NULL;
    all_given_out = false;
    gr_waitgroup_add(&looking, LOOKERS);
    for (int i = 0; i < LOOKERS; i++)
        gr_go(look, NULL);
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(BYTES);
        CHECK(blocks[i] != NULL);
        _Atomic int *last = (_Atomic int *)(void *)(blocks[i] + BYTES - 16);
        *last = 0;
        latest = last;
        if (i % 100 == 0)
            gr_yield();
    }
    all_given_out = true;
    gr_waitgroup_wait(&looking);
    for (int i = 0; i < BLOCKS; i++) {
        CHECK(*(int *)(void *)(blocks[i] + BYTES - 16) <= LOOKERS);
        free(blocks[i]);
    }
}

TESTS(T(fresh_memory_is_there_for_everybody))
