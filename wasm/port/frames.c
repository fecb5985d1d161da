/* frames.c: which calls a suspended goroutine's frames were left by. wasm/passes/frames.mjs has made readable what
 * asyncify has saved: innermost frame first, each a word and its locals, the word
 *     (MOST_WORDS - words of the locals) << SITE_BITS | block << INDEX_BITS | index
 * In a program that was linked as a whole the words say nothing, and port_program has no table.
 */
#include "base/text.h"
#include "base/throw.h"
#include "wasm/port/program.h"
#include "wasm/port/switch.h"
#include <stdlib.h>

/* wasm/passes/frames.mjs has these, too. */
#define INDEX_BITS 8
#define SITE_BITS 22
#define FIRST_BLOCK 16u                            /* below: frames of the runtime and libc */
#define MOST_WORDS ((1u << (32 - SITE_BITS)) - 1u) /* that many or more */

/* Above all addresses. */
#define FIRST_PC ((uint64_t)1 << 32)

typedef struct Place {
    uint32_t func, file; /* where their texts begin in the table */
    uint32_t line;
    uint32_t caller; /* the place that called func, which was inlined there, plus 1; 0: it was not */
} Place;

typedef struct Sites {
    uint32_t nblocks, nsites, nplaces;
    uint32_t blocks[]; /* of each, from FIRST_BLOCK on, its first site; then of each site its place; places; texts */
} Sites;

static Sites *table; /* NULL: there is none */

bool port_has_frames(void) { return port_program.read_sites != NULL; }

size_t port_frames(port_ctx *ctx, uint32_t *sites, size_t most) {
    if (!port_program.read_sites || ctx->suspended != 1)
        return 0;
    size_t bytes, n = 0;
    const uint32_t *at = port_data_stored(ctx, &bytes), *end = at + bytes / sizeof *at;
    while (at < end && n < most) {
        uint32_t site = *at & ((1u << SITE_BITS) - 1), words = MOST_WORDS - (*at >> SITE_BITS);
        if (site >= FIRST_BLOCK << INDEX_BITS)
            sites[n++] = site;
        if (words == MOST_WORDS)
            break;
        at += 1 + words;
    }
    return n;
}

static volatile uint32_t never; /* always 0 */

/* Before anything else runs: who looks on from outside has no thread that could ask for memory. */
void port_frames_begin(void) {
    if (!port_program.read_sites)
        return;
    if (never)
        port_stop_unwind(); /* the program's function is called by a pointer, but does not suspend */
    uint32_t bytes = port_program.sites_bytes;
    table = malloc(bytes);
    if (!table)
        rt_fatal("out of memory (table of call sites)");
    port_know_memory((char *)table + bytes);
    port_program.read_sites(table, 0, bytes);
}

size_t port_frame_places(uint32_t site, port_place *places, size_t most) {
    const Sites *t = table;
    uint32_t block = (site >> INDEX_BITS) - FIRST_BLOCK, index = site & ((1u << INDEX_BITS) - 1);
    if (block >= t->nblocks || t->blocks[block] + index >= t->nsites)
        return 0;
    const uint32_t *of_sites = t->blocks + t->nblocks;
    const Place *all = (const Place *)(const void *)(of_sites + t->nsites);
    size_t n = 0;
    for (uint32_t at = of_sites[t->blocks[block] + index] + 1; at && n < most; at = all[at - 1].caller) {
        const Place *p = &all[at - 1];
        places[n++] = (port_place){(const char *)t + p->func, (const char *)t + p->file, p->line, FIRST_PC + at};
    }
    return n;
}

extern const char __heap_base; /* where the runtime's data end, the program's begin */

bool port_is_programs(const void *variable) { return (uintptr_t)variable >= (uintptr_t)&__heap_base; }
