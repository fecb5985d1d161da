/* tls.c: thread-local variables of a program belong to its goroutines.
 *
 * Compilers find such a variable at __tls_base plus an offset, and may keep its address over a switch to another
 * worker. So threadlocals.mjs puts a call of port_tls_base (switch.S) in the place of __tls_base: the block of the
 * goroutine that runs, made at its first use from what the variables are at first, and freed when the goroutine has
 * ended. A program without such variables has no such call.
 *
 * Outside of goroutines (constructors, libc on an M's own stack) there is the worker's block. Goroutine 1 has that of
 * the first worker: as C's main thread it finds what constructors have left.
 */
#include "core/sched.h"
#include "wasm/port/program.h"
#include "wasm/port/switch.h"
#include <stdlib.h>
#include <string.h>

_Static_assert(offsetof(port_ctx, tls) == 12, "port_tls_base in switch.S reads it");

#ifdef __EMSCRIPTEN__

void port_tls_fill(char *block); /* switch.S */

static char *of_first_worker; /* its block, and goroutine 1's */

static char *as_base(char *block) { return block; }
static char *as_block(void *base) { return base; }
static char *first_block(void) { return of_first_worker; }
static size_t larger(size_t a, size_t b) { return a > b ? a : b; }
static size_t block_align(void) { return larger(larger(16, __builtin_wasm_tls_align()), port_program.tls_align); }
static size_t block_bytes(void) {
    return larger(__builtin_wasm_tls_size(), port_program.tls_offset + port_program.tls_bytes);
}
static void fill(char *block) {
    port_know_memory(block + block_bytes());
    port_tls_fill(block);
    port_tls_fill_program(block);
}

/* The part of a block that is a merged program's. Memory of a block may have been another one's. */
void port_tls_fill_program(char *block) {
    const PortProgram *p = &port_program;
    if (p->tls_bytes == 0)
        return;
    char *at = block + p->tls_offset;
    memcpy(at, (const char *)(uintptr_t)p->tls_image, p->tls_image_bytes);
    memset(at + p->tls_image_bytes, 0, p->tls_bytes - p->tls_image_bytes);
}

#else

/* The linker makes one block, of static data, and no means to make others; its size shows in where its last variable
 * is. */
uintptr_t port_tls_last_at(void), port_tls_last_offset(void); /* switch.S */

static char *pristine; /* copy of the block as it was at first */

static char *first_block(void) { return __builtin_wasm_tls_base(); }
static size_t block_bytes(void) { return port_tls_last_at() - (uintptr_t)first_block(); }

/* wasm-ld 14 gives compilers the whole address as the offset. */
static uintptr_t too_much(void) { return port_tls_last_offset() - block_bytes(); }
static char *as_base(char *block) { return block - too_much(); }
static char *as_block(void *base) { return (char *)base + too_much(); }

/* As good as that of the first one, which is not known; a page at most. */
static size_t block_align(void) {
    size_t align = (uintptr_t)first_block() & -(uintptr_t)first_block();
    return align > 4096 ? 4096 : align < 16 ? 16 : align;
}

static void fill(char *block) { memcpy(block, pristine, block_bytes()); }

#endif

/* Memory for a block, NULL if there is none. */
char *port_tls_alloc(void) {
    size_t align = block_align(), bytes = (block_bytes() + align) & ~(align - 1);
    char *block = aligned_alloc(align, bytes);
#ifdef __EMSCRIPTEN__
    if (!of_first_worker)
        of_first_worker = block;
#endif
    return block;
}

/* A goroutine uses its variables for the first time (wasi: or something else does). As port_tls_base. */
__attribute__((noinline, used)) char *port_tls_new(void) {
    G *g = port_get_g();
#ifndef __EMSCRIPTEN__
    if (!pristine) {
        pristine = malloc(block_bytes());
        if (!pristine)
            rt_fatal("out of memory (thread-local variables)");
        memcpy(pristine, first_block(), block_bytes());
    }
#endif
    char *block = first_block();
    if (g && g->goid != 1) {
        block = port_tls_alloc();
        if (!block)
            rt_fatal("out of memory (thread-local variables)");
        fill(block);
    }
    if (g)
        g->ctx.tls = as_base(block);
    return as_base(block);
}

void port_tls_end(port_ctx *ctx) {
    char *block = as_block(ctx->tls);
    ctx->tls = NULL;
    if (block != first_block())
        free(block);
}

const void *port_tls_part(port_ctx *ctx, size_t *bytes) {
    *bytes = block_bytes() & ~(size_t)3;
    return ctx->tls ? as_block(ctx->tls) : NULL;
}
