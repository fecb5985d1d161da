/* jump.c: setjmp and longjmp inside a goroutine, by asyncify as a switch is: wasm has no other way back into frames.
 * (Ruby's port to WASI does it so; Emscripten's own way goes through JavaScript and exceptions.)
 *
 *   setjmp     suspends the goroutine, keeps a copy of what asyncify stored (Jump.data), goes on at once
 *   longjmp    suspends it, puts the copy and the stack pointer of then in the place of what was stored now, goes on:
 *              the frames are those of setjmp, which returns again
 *
 * The C stack above setjmp's caller is untouched meanwhile, so variables in memory (volatile, or with an address) have
 * their last values, as C promises; others have those of setjmp, which C allows.
 *
 * Invariants
 *  1. A Jump belongs to one goroutine, which alone looks at it; it goes when its goroutine ends, and at the latest at
 *     a setjmp after its function has returned.
 *  2. jmp_buf holds no pointer, but the Jump's number: one that was never set, is another goroutine's or whose
 *     function is known to have returned finds no Jump, and that is told.
 *  3. setjmp has no frame on the C stack: what would be in it is overwritten before it returns again.
 */
#include "base/throw.h"
#include "core/sched.h"
#include "wasm/port/switch.h"
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct Jump {
    struct Jump *next;
    uint64_t number; /* never again */
    const void *buf; /* where the user's jmp_buf is, or was */
    uintptr_t sp;
    char *data; /* what asyncify stored */
    size_t bytes;
} Jump;

static _Atomic uint64_t numbers;

_Static_assert(sizeof(jmp_buf) >= sizeof(uint64_t), "a jmp_buf holds a number");

/* Drops those whose function has returned for sure, and the one of this jmp_buf. */
static void drop(port_ctx *ctx, const void *buf, uintptr_t sp) {
    Jump *j;
    for (void **at = &ctx->jumps; (j = *at) != NULL;) {
        bool here = j->sp - ctx->stack_lo <= ctx->stack_hi - ctx->stack_lo; /* in the segment in use */
        if (j->buf != buf && !(here && j->sp < sp)) {
            at = (void **)&j->next;
            continue;
        }
        *at = j->next;
        free(j->data);
        free(j);
    }
}

/* All but the switch, so that setjmp has no frame (invariant 3). */
static __attribute__((noinline)) void prepare(port_ctx *ctx, void *buf, uintptr_t sp) {
    drop(ctx, buf, sp);
    Jump *j = calloc(1, sizeof *j);
    if (!j)
        rt_fatal("out of memory (setjmp)");
    j->number = atomic_fetch_add(&numbers, 1) + 1;
    j->buf = buf;
    j->next = ctx->jumps;
    memcpy(buf, &j->number, sizeof j->number);
    ctx->jumps = ctx->jump = j;
    ctx->jumped = 0;
}

static __attribute__((noinline)) port_ctx *running(void) {
    G *g = port_get_g();
    if (!g)
        rt_fatal("setjmp or longjmp outside of a goroutine");
    return &g->ctx;
}

int setjmp(jmp_buf buf) {
    prepare(running(), buf, port_get_sp());
    port_switch_out(running());
    return running()->jumped;
}

/* Whether the frame that sp is in may still be there while the innermost is at `now`. */
static bool stands(port_ctx *ctx, uintptr_t sp, uintptr_t now) {
    if (sp - ctx->stack_lo <= ctx->stack_hi - ctx->stack_lo)
        return sp >= now;
    return port_stack_below(ctx, sp);
}

_Noreturn void longjmp(jmp_buf buf, int value) {
    port_ctx *ctx = running();
    uint64_t number;
    memcpy(&number, buf, sizeof number);
    Jump *j = ctx->jumps;
    while (j && j->number != number)
        j = j->next;
    if (!j || !stands(ctx, j->sp, port_get_sp()))
        rt_fatal("longjmp: no function of this goroutine that is still running has set the jmp_buf");
    ctx->jump = j;
    ctx->jumped = value ? value : 1;
    port_switch_out(ctx);
    __builtin_trap(); /* it goes on in setjmp */
}

int _setjmp(jmp_buf buf) __attribute__((alias("setjmp")));
_Noreturn void _longjmp(jmp_buf buf, int value) __attribute__((alias("longjmp")));

/* The goroutine has suspended itself for ctx->jump; it goes on at once. On the M's stack. */
void port_jump(port_ctx *ctx) {
    Jump *j = ctx->jump;
    ctx->jump = NULL;
    if (ctx->jumped) {
        port_data_restore(ctx, j->sp, j->data, j->bytes);
        return;
    }
    j->sp = ctx->sp;
    const void *data = port_data_stored(ctx, &j->bytes);
    j->data = malloc(j->bytes);
    if (!j->data)
        rt_fatal("out of memory (setjmp)");
    memcpy(j->data, data, j->bytes);
}

/* Of a suspended goroutine. One whose function has returned is not gone back to. */
const void *port_jump_part(port_ctx *ctx, void **at, size_t *bytes) {
    Jump *j = *at ? ((Jump *)*at)->next : ctx->jumps;
    while (j && !stands(ctx, j->sp, ctx->sp))
        j = j->next;
    *at = j;
    if (!j)
        return NULL;
    *bytes = j->data ? j->bytes : 0;
    return j->data;
}

/* The goroutine has ended. */
void port_jumps_end(port_ctx *ctx) {
    for (Jump *j = ctx->jumps, *next; j; j = next) {
        next = j->next;
        free(j->data);
        free(j);
    }
    ctx->jumps = NULL;
}
