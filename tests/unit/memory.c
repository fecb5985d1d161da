/* Unit tests of memory as several workers see it. */
#include "check.h"
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 3000, BYTES = 32 << 10, LOOKERS = 3 }; /* 96 MB: more than a program has at the beginning */

static _Atomic(_Atomic int *) latest;
static _Atomic bool all_given_out;
static gr_waitgroup looking;

static volatile size_t some = 16; /* unknown to the compiler: memory.copy */

/* Counts up whatever is given out last, as soon as it is, or copies some of it. */
static void look(void *arg) {
    bool copies = arg != NULL;
    char copy[16];
    _Atomic int *seen = NULL;
    for (int i = 0; !all_given_out; i++) {
        _Atomic int *count = latest;
        if (count != seen && copies) {
            memcpy(copy, (char *)count + 16, some);
            CHECK_EQ(copy[0], 1);
        } else if (count != seen) {
            atomic_fetch_add(count, 1);
        }
        seen = count;
        if (i % 1000 == 0)
            gr_yield();
    }
    gr_waitgroup_done(&looking);
}

/* V8 traps at an atomic access to memory that another worker has made grow a moment ago (wasm/passes/atomics.mjs). */
static void fresh_memory_is_there_for_everybody(void) {
    static char *blocks[BLOCKS];
    latest = NULL;
    all_given_out = false;
    gr_waitgroup_add(&looking, LOOKERS);
    for (int i = 0; i < LOOKERS; i++)
        gr_go(look, i == 0 ? &looking : NULL);
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(BYTES);
        CHECK(blocks[i] != NULL);
        _Atomic int *last = (_Atomic int *)(void *)(blocks[i] + BYTES - 32);
        *last = 0;
        memset(last + 4, 1, 16);
        latest = last;
        if (i % 100 == 0)
            gr_yield();
    }
    all_given_out = true;
    gr_waitgroup_wait(&looking);
    for (int i = 0; i < BLOCKS; i++) {
        CHECK(*(int *)(void *)(blocks[i] + BYTES - 32) <= LOOKERS);
        free(blocks[i]);
    }
}

TESTS(T(fresh_memory_is_there_for_everybody))
