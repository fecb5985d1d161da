/* stacks.c: memory for goroutine stacks in wasm, and how a stack grows: by further segments (split stacks).
 *
 * A goroutine begins with one small segment, its block. Where a function needs a frame that does not fit
 * (wasm/passes/stack.mjs), the goroutine gets a further segment, at least twice as large, and the frame lies at its
 * top:
 *
 *     stack_lo       first segment       stack_hi            stack_lo        further one       stack_hi
 *     |  too small  | frames, grow down <-     |   ───────►  |            | frames, grow down <-    | Segment |
 *
 * The function learns from port_stack_grow where its frame is; its caller addresses its own frame by its own local.
 * So nothing moves and addresses of locals stay valid. When the function returns, the stack pointer stays in the
 * further segment, at its top, and what the caller calls next goes on there; only the return of the caller itself
 * takes the stack pointer to the first segment again (port_sp_up), so a call in a loop at a segment's end does not
 * change segments at each turn. The segment just left stays with the goroutine until that is suspended. (Go before
 * 1.3, and gcc's -fsplit-stack, whose frames hold what arguments are on the stack; here these never are.)
 *
 * Invariants
 *  1. A suspended goroutine has no segment that it does not use.
 *  2. This file's functions that change segments run on the M's own stack, whose bounds are off: the goroutine's is
 *     full.
 *  3. They do not call malloc: the function whose frame does not fit may be part of it. Memory comes from sbrk, in
 *     chunks, and stays with stacks: it goes back to lists of free blocks, one for each power of two, never zeroed.
 */
#include "base/lock.h"
#include "base/throw.h"
#include "core/config.h"
#include "wasm/port/switch.h"
#include <unistd.h>

#define MIN_BITS 11 /* the smallest block: 2 KiB */
#define MAX_BITS 31
#define CHUNK 65536u /* bytes; memory comes in multiples: a page of wasm, which is what wasi-libc's sbrk wants */
#define GROWTH 16u   /* a chunk is at least this part of all there are (new_chunk) */
#define SLACK 512u   /* bytes a new segment has beyond the frame that asked for it */
#define MAX_ALIGN 4096u
#define INDEX 16u     /* below stack_lo: room for the first word asyncify stores, rounded up */
#define RED_ZONE 128u /* below that: what LLVM's leaf functions use without moving the stack pointer */
#define BELOW (INDEX + RED_ZONE)

/* Where the stack was before this segment; at the segment's top. */
typedef struct Segment {
    struct Segment *prev; /* the further segment below, NULL: the first one is */
    uintptr_t lo, hi;     /* its bounds, */
    uintptr_t sp;         /* and how far down it was used */
    size_t total;         /* usable bytes of this segment and all below */
    void *block;
    size_t bytes; /* of block */
} Segment;

_Static_assert(sizeof(Segment) <= 32, "the top of a segment stays 16-aligned");

/* ---- blocks -------------------------------------------------------------------------------------------------- */

/* A free block. The link is at its top, where it has been touched. */
typedef struct Free {
    void *next;
} Free;

static rt_mutex lock;
static void *free_blocks[MAX_BITS + 1];
static char *chunk, *chunk_end; /* not given out yet */
static size_t taken;            /* bytes of all chunks */

static int bits_for(size_t bytes) {
    int bits = bytes <= 1u << MIN_BITS ? MIN_BITS : 32 - __builtin_clz((unsigned)bytes - 1);
    return bits;
}

static Free *link_of(void *block, int bits) {
    return (Free *)(void *)((char *)block + ((size_t)1 << bits) - sizeof(Free));
}

static void put(void *block, int bits) {
    link_of(block, bits)->next = free_blocks[bits];
    free_blocks[bits] = block;
}

static size_t in_chunks(size_t bytes) { return (bytes + CHUNK - 1) & ~(size_t)(CHUNK - 1); }

static char *from_system(size_t bytes) {
    char *at = bytes > INTPTR_MAX ? (char *)-1 : sbrk((intptr_t)bytes);
    return at == (char *)-1 ? NULL : at;
}

/* Begins a new chunk of at least `bytes`; what was left of the last one goes to the lists. Chunks become larger
 * with what there is: each is a hole in malloc's own memory, which it searches one by one (300,000 goroutines: 12
 * us each, with chunks of one size, to start; 3 us so, measured under load). */
static bool new_chunk(size_t bytes) {
    size_t least = in_chunks(bytes), wish = in_chunks(taken / GROWTH);
    bytes = wish > least ? wish : least;
    char *more = from_system(bytes);
    if (!more && bytes > least)
        more = from_system(bytes = least);
    if (!more)
        return false;
    taken += bytes;
    while (chunk_end - chunk >= 1 << MIN_BITS) {
        int bits = 31 - __builtin_clz((unsigned)(chunk_end - chunk));
        put(chunk, bits);
        chunk += (size_t)1 << bits;
    }
    chunk = (char *)(((uintptr_t)more + 15) & ~(uintptr_t)15);
    chunk_end = more + bytes;
    return true;
}

static void *get(int bits) {
    void *block = free_blocks[bits];
    if (block) {
        free_blocks[bits] = link_of(block, bits)->next;
        return block;
    }
    size_t bytes = (size_t)1 << bits;
    if ((size_t)(chunk_end - chunk) < bytes && (!new_chunk(bytes) || (size_t)(chunk_end - chunk) < bytes))
        return NULL;
    block = chunk;
    chunk += bytes;
    return block;
}

void *port_stack_alloc(size_t bytes) {
    if (bytes > (size_t)1 << MAX_BITS)
        return NULL;
    rt_lock(&lock, RANK_STACKS);
    void *block = get(bits_for(bytes));
    rt_unlock(&lock);
    return block;
}

void port_stack_free(void *block, size_t bytes) {
    rt_lock(&lock, RANK_STACKS);
    put(block, bits_for(bytes));
    rt_unlock(&lock);
}

/* ---- segments ------------------------------------------------------------------------------------------------ */

void port_ctx_init(port_ctx *ctx, void *block, size_t bytes) {
    ctx->stack_lo = (uintptr_t)block + BELOW;
    ctx->stack_hi = ((uintptr_t)block + bytes) & ~(uintptr_t)15;
    ctx->sp = ctx->stack_hi;
    ctx->suspended = 0;
    ctx->err = 0;
    ctx->more = ctx->spare = ctx->data = ctx->jumps = ctx->jump = NULL;
}

static void free_segment(Segment *s) {
    if (s)
        port_stack_free(s->block, s->bytes);
}

/* A segment above the current one for a frame of `need` bytes. */
static Segment *new_segment(port_ctx *ctx, size_t need) {
    size_t room = ctx->stack_hi - ctx->stack_lo, total = ctx->more ? ((Segment *)ctx->more)->total : room;
    size_t left = rt_config.stack_max > total ? (rt_config.stack_max - total) & ~(size_t)15 : 0;
    if (need > left)
        port_stack_overflow();
    size_t bytes = need + SLACK + sizeof(Segment) + BELOW;
    if (bytes < room + room / 2)
        bytes = room + room / 2; /* in powers of two: twice the current one */
    bytes = (size_t)1 << bits_for(bytes);
    char *block = port_stack_alloc(bytes);
    if (!block)
        rt_fatal("out of memory (stack allocation)");
    size_t usable = bytes - sizeof(Segment) - BELOW;
    if (usable > left)
        usable = left;
    Segment *s = (Segment *)(void *)(block + bytes) - 1;
    *s = (Segment){.total = total + usable, .block = block, .bytes = bytes};
    return s;
}

/* The stack pointer would go from sp to `want`, which is outside the current segment: makes room. The frame is to
 * be aligned to `align`, a power of two (of which only MAX_ALIGN is kept). Sets ctx->sp to where the frame is
 * now. */
port_ctx *port_stack_more(uintptr_t want, uintptr_t align, uintptr_t sp) {
    port_ctx *ctx = (port_ctx *)(void *)port_get_g(); /* G.ctx is first */
    if (align > MAX_ALIGN)
        align = MAX_ALIGN; /* chance: nobody asks for more */
    size_t need = sp - want + (align > 16 ? align : 0);
    if (need < sp - want || need > INT32_MAX)
        port_stack_overflow();
    Segment *s = ctx->spare;
    size_t below = ctx->more ? ((Segment *)ctx->more)->total : ctx->stack_hi - ctx->stack_lo;
    if (!s || s->total - below < need) {
        free_segment(s);
        ctx->spare = NULL;
        s = new_segment(ctx, need);
    }
    size_t usable = s->total - below;
    ctx->spare = NULL;
    s->prev = ctx->more;
    s->lo = ctx->stack_lo;
    s->hi = ctx->stack_hi;
    s->sp = sp;
    ctx->more = s;
    ctx->stack_hi = (uintptr_t)s;
    ctx->stack_lo = ctx->stack_hi - usable;
    ctx->sp = (ctx->stack_hi - (sp - want)) & ~(align - 1);
    return ctx;
}

/* Leaves segments until sp is in the current one. */
static void back_to(port_ctx *ctx, uintptr_t sp) {
    while (sp - ctx->stack_lo > ctx->stack_hi - ctx->stack_lo) {
        Segment *s = ctx->more;
        if (!s)
            rt_throw("the stack pointer is in no segment of this goroutine");
        free_segment(ctx->spare);
        ctx->spare = s;
        ctx->more = s->prev;
        ctx->stack_lo = s->lo;
        ctx->stack_hi = s->hi;
    }
    ctx->sp = sp;
}

/* The stack pointer goes back to sp, in a segment below the current one. */
port_ctx *port_stack_less(uintptr_t sp) {
    port_ctx *ctx = (port_ctx *)(void *)port_get_g();
    back_to(ctx, sp);
    return ctx;
}

bool port_stack_below(port_ctx *ctx, uintptr_t sp) {
    for (Segment *s = ctx->more; s; s = s->prev)
        if (sp - s->lo <= s->hi - s->lo)
            return true;
    return false;
}

const void *port_stack_part(port_ctx *ctx, void **at, size_t *bytes) {
    Segment *s = *at;
    *at = s ? s->prev : ctx->more;
    uintptr_t from = s ? s->sp - RED_ZONE : ctx->sp, hi = s ? s->hi : ctx->stack_hi;
    if (s && from < s->lo)
        from = s->lo;
    *bytes = hi - from;
    return (const void *)from;
}

/* ---- what a switch leaves ------------------------------------------------------------------------------------ */

/* ctx has been suspended, for good if it is over: gives back what it does not need (invariant 1). */
void port_stack_trim(port_ctx *ctx, bool over) {
    free_segment(ctx->spare);
    ctx->spare = NULL;
    if (ctx->data)
        ctx->data_used = ctx->rewind[0] - (uintptr_t)ctx->data;
    if (!over)
        return;
    for (Segment *s; (s = ctx->more) != NULL;) {
        ctx->more = s->prev;
        free_segment(s);
    }
    port_data_free(ctx);
}

/* ---- asyncify's data where it does not fit below the stack pointer ------------------------------------------- */

static uintptr_t port_data_start(port_ctx *ctx) {
    uintptr_t lo = ctx->stack_lo - BELOW;
    if (ctx->data)
        return (uintptr_t)ctx->data;
    return ctx->sp - lo > DATA_WINDOW ? ctx->sp - DATA_WINDOW : lo;
}

void port_data_place(port_ctx *ctx) {
    ctx->rewind[0] = port_data_start(ctx);
    ctx->rewind[1] = ctx->data ? ctx->rewind[0] + ctx->data_bytes : ctx->sp;
}

void port_data_free(port_ctx *ctx) {
    if (!ctx->data)
        return;
    port_stack_free(ctx->data, ctx->data_bytes);
    ctx->data = NULL;
}

const void *port_data_stored(port_ctx *ctx, size_t *bytes) {
    uintptr_t from = port_data_start(ctx);
    *bytes = ctx->rewind[0] - from;
    return (const void *)from;
}

void port_data_restore(port_ctx *ctx, uintptr_t sp, const void *data, size_t bytes) {
    port_data_free(ctx);
    back_to(ctx, sp);
    free_segment(ctx->spare);
    ctx->spare = NULL;
    port_data_place(ctx);
    if (bytes > ctx->rewind[1] - ctx->rewind[0])
        port_data_move(ctx, bytes);
    port_copy((void *)ctx->rewind[0], data, bytes);
    ctx->rewind[0] += bytes;
    ctx->data_used = bytes;
}

/* Moves the data to a block where `need` more bytes fit. */
void port_data_move(port_ctx *ctx, size_t need) {
    uintptr_t from = port_data_start(ctx);
    size_t used = ctx->rewind[0] - from, bytes = (size_t)1 << bits_for(2 * (used + need));
    char *block = port_stack_alloc(bytes);
    if (!block)
        rt_fatal("out of memory (stack allocation)");
    port_copy(block, (void *)from, used);
    port_data_free(ctx);
    ctx->data = block;
    ctx->data_bytes = bytes;
    ctx->rewind[0] = (uintptr_t)block + used;
    ctx->rewind[1] = (uintptr_t)block + bytes;
}
