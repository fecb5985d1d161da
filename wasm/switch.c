/* switch.c: goroutine switch inside wasm, by Binaryen's asyncify with no JS in between.
 *
 * A suspended goroutine consists of linear memory only, so any instance of the module on that memory can go on with it:
 *
 *     stack_lo                                   sp                    stack_hi
 *     | asyncify data: wasm locals, grows up ->  |  C stack, grows down <-     |
 *     |<---- RESERVE ---->|  lowest sp of the checked setter
 *
 * Asyncify data is only there while the goroutine is suspended; the C stack is not touched meanwhile, so the data may use
 * everything below sp. RESERVE is what is left of it when the C stack is full.
 *
 * To suspend, asyncify returns from every frame between port_switch_out and port_switch_in and stores its locals. To go on,
 * it calls the same functions again from port_switch_in, each jumping to where it was. Asyncify recognises the two ends by
 * what they call: port_switch_in (stop_unwind, start_rewind) is above everything that suspends, port_switch_out
 * (start_unwind, stop_rewind) below. Neither is instrumented itself.
 *
 * Invariants
 *  1. port_switch_in and port_switch_out stay functions of their own up to the asyncify pass. Otherwise their caller would
 *     count as the end, would not be instrumented, and the switch would silently not happen. They are exported for that
 *     reason, and build.sh counts the call sites of start_unwind.
 *  2. The functions that report a failure contain a call to stop_unwind that is never made. It marks them as not suspending;
 *     otherwise every function with a C frame, since it may report an overflow, would be instrumented (2x slower).
 *  3. ctx->suspended tells the two passes through port_switch_out apart, per goroutine; asyncify's own state is per thread.
 */
#include "switch.h"

#define RESERVE 512 /* bytes of asyncify data that always fit; about 30 frames of four locals */
#define MARGIN 256  /* of them that must be left when a frame begins to store its locals */

#define ASYNCIFY(name) __attribute__((import_module("asyncify"), import_name(#name)))
ASYNCIFY(start_unwind) void gr_start_unwind(void *data);
ASYNCIFY(stop_unwind) void gr_stop_unwind(void);
ASYNCIFY(start_rewind) void gr_start_rewind(void *data);
ASYNCIFY(stop_rewind) void gr_stop_rewind(void);

#define NOINLINE(name) __attribute__((noinline, used, export_name(#name)))

void gr_stack_overflow(void);
void gr_unwind_overflow(uintptr_t *rewind);

static volatile uint32_t never; /* always 0 */

_Static_assert(sizeof(uintptr_t) == 4 && offsetof(port_ctx, rewind) == 12, "asyncify expects {i32 current, i32 end}");

void port_ctx_init(port_ctx *ctx, void *block, size_t bytes) {
    ctx->stack_lo = (uintptr_t)block;
    ctx->stack_hi = ((uintptr_t)block + bytes) & ~(uintptr_t)15;
    ctx->sp = ctx->stack_hi;
    ctx->suspended = 0;
    ctx->host = NULL;
}

NOINLINE(port_switch_in) void port_switch_in(port_ctx *ctx, void (*entry)(void)) {
    uintptr_t m_sp = gr_get_sp();
    gr_set_m_sp(m_sp);
    if (ctx->suspended)
        gr_start_rewind(ctx->rewind);
    gr_set_sp(ctx->sp, ctx->stack_lo + RESERVE);
    entry();
    gr_set_sp(m_sp, 0);
    if (__builtin_expect(ctx->rewind[0] > ctx->rewind[1], 0))
        gr_unwind_overflow(ctx->rewind); /* a last frame with very many locals */
    gr_stop_unwind();
}

NOINLINE(port_switch_out) void port_switch_out(port_ctx *ctx) {
    if (ctx->suspended) { /* second pass: every frame above has been rebuilt */
        ctx->suspended = 0;
        gr_stop_rewind();
        return;
    }
    ctx->suspended = 1;
    ctx->sp = gr_get_sp();
    ctx->rewind[0] = ctx->stack_lo;
    ctx->rewind[1] = ctx->sp;
    gr_start_unwind(ctx->rewind);
}

_Noreturn void port_switch_exit(port_ctx *ctx) {
    port_switch_out(ctx);
    __builtin_trap(); /* nobody goes on with a dead goroutine */
}

/* While suspending: the data ran into the C stack. That takes frames without C frame that recurse deeply. */
NOINLINE(gr_unwind_overflow) void gr_unwind_overflow(uintptr_t *rewind) {
    rewind[0] = 0;
    gr_stop_unwind();
    gr_stack_overflow();
    __builtin_trap();
}

/* Asyncify's step by which it stores a frame: unwind.awk puts it in. pos: where the next locals go. */
__attribute__((used, export_name("gr_save"))) void gr_save(uintptr_t *rewind, uintptr_t pos) {
    rewind[0] = pos;
    if (__builtin_expect(pos + MARGIN > rewind[1], 0))
        gr_unwind_overflow(rewind);
}

/* Called by the checked setter of the stack pointer, on the stack that is full. */
NOINLINE(gr_stack_overflow) void gr_stack_overflow(void) {
    if (never)
        gr_stop_unwind();
    gr_to_m_stack();
    rt_stack_overflow();
    __builtin_trap();
}

/* Where the host may put the text for gr_trap, 255 bytes and a NUL. */
static char failure[256];
NOINLINE(gr_failure_text) char *gr_failure_text(void) { return failure; }

/* The host caught a trap of this thread (kind 0) or its stack ran out (kind 1). what: NUL-terminated, for kind 0. The loader
 * has put asyncify's state back to normal. */
NOINLINE(gr_trap) void gr_trap(int kind, const char *what) {
    if (never)
        gr_stop_unwind();
    gr_to_m_stack();
    rt_trap(kind, what);
}
