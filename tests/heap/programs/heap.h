/* heap.h: what the programs of this folder share: blocks that are watched. Each has a cleanup that counts, by its
 * number, that it has gone, and words that a block given out again no longer has. */
#ifndef HEAP_H
#define HEAP_H

#include "goroscope.h"
#include "gr_context.h"
#include "gr_gc.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(cond)                                                                                                  \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            printf("%s:%d: %s: %s does not hold\n", __FILE__, __LINE__, now_tested, #cond);                            \
            fflush(stdout);                                                                                            \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

#define NOINLINE __attribute__((noinline))
#define MOST_WATCHED 4096
#define MAGIC UINT64_C(0x5afeb10c00000000)

static const char *now_tested = "";
static int base; /* numbers count from here on: the cleanups of what was before may still come */
static _Atomic unsigned char has_gone[MOST_WATCHED];

__attribute__((unused)) static void fresh_numbers(void) {
    if ((base += 64) + 64 > MOST_WATCHED)
        exit(3);
}

typedef struct Watched {
    struct Watched *next;
    uint64_t magic; /* MAGIC + number */
} Watched;

NOINLINE static void note_gone(void *arg) { atomic_store(&has_gone[(uintptr_t)arg], 1); }

static void watch_as(void *block, int number) { gr_cleanup_add(block, note_gone, (void *)(uintptr_t)(base + number)); }

/* The block's address as no collector knows it. */
__attribute__((unused)) static uintptr_t hidden(const void *p) { return ~(uintptr_t)p; }

NOINLINE __attribute__((unused)) static Watched *watched(int number) {
    Watched *w = gr_new(Watched);
    w->magic = MAGIC + (uint64_t)(base + number);
    watch_as(w, number);
    return w;
}

NOINLINE __attribute__((unused)) static void require_whole(const Watched *w, int number) {
    REQUIRE(w->magic == MAGIC + (uint64_t)(base + number));
    REQUIRE(!atomic_load(&has_gone[base + number]));
}

/* How many of the numbers from..to-1 have gone. */
__attribute__((unused)) static int count_gone(int from, int to) {
    int n = 0;
    for (int i = from; i < to; i++)
        n += atomic_load(&has_gone[base + i]);
    return n;
}

/* Overwrites what calls that have returned have left on the stack; by small frames, since a large one would lie in
 * another segment of it. */
NOINLINE static int scrub_some(int n) {
    volatile char rest[120];
    for (size_t i = 0; i < sizeof rest; i++)
        rest[i] = 0;
    return n > 0 ? scrub_some(n - 1) + rest[n % 100] : 0;
}
NOINLINE static void scrub(void) { scrub_some(25); }

/* Whatever has been freed is given out again and written over. */
NOINLINE static void overwrite(void) {
    for (int i = 0; i < 400; i++) {
        size_t n = 8u << (i % 5);
        uint64_t *block = gr_alloc_noscan(n);
        for (size_t j = 0; j < n / sizeof *block; j++)
            block[j] = UINT64_C(0xdeaddeaddeaddead);
    }
}

/* Two cycles; the cleanups of what they have freed have run. Not below a function that holds what is to go. */
NOINLINE __attribute__((unused)) static void collect(void) {
    scrub();
    gr_gc();
    overwrite();
    gr_gc();
    for (int i = 0; i < 5; i++)
        gr_sleep(100 * GR_MICROSECOND);
}

__attribute__((unused)) static gr_chan *chan_of_pointers(size_t cap) { return gr_chan_make(sizeof(void *), cap); }

__attribute__((unused)) static void send_pointer(gr_chan *c, void *p) { gr_chan_send(c, &p); }

__attribute__((unused)) static void *receive_pointer(gr_chan *c) {
    void *p = NULL;
    gr_chan_recv(c, &p);
    return p;
}

#endif
