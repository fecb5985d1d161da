/* switch.c: goroutine switch inside wasm, by Binaryen's asyncify with no JS in between.
 *
 * A suspended goroutine consists of linear memory only, so any instance of the module on that memory can go on with it:
 *
 *     stack_lo                                              sp                    stack_hi   (of the segment in use)
 *     |          | asyncify data: wasm locals, grows up ->  |  C stack, grows down <-     |
 *                |<------------ DATA_WINDOW --------------->|
 *
 * Asyncify data is only there while the goroutine is suspended; the C stack is not touched meanwhile, so the data
 * may use what is below sp: DATA_WINDOW bytes, or all if that is less, so that a shallow goroutine touches one
 * place. If that does not do, the data goes on in a block of its own (port_unwind_more), twice as large.
 *
 * To suspend, asyncify returns from every frame between port_switch_out and port_switch_in and stores its locals.
 * To go on, it calls the same functions again from port_switch_in, each jumping to where it was. Asyncify
 * recognises the two ends by what they call: port_switch_in (stop_unwind, start_rewind) is above everything that
 * suspends, port_switch_out (start_unwind, stop_rewind) below. Neither is instrumented itself. port_switch_nested
 * is an upper end as port_switch_in is, but stands on the frames of a goroutine, which stay where they are: only
 * the goroutine above them is unwound to there.
 *
 * Invariants
 *  1. port_switch_in, port_switch_nested and port_switch_out stay functions of their own up to the asyncify pass.
 *     Otherwise their caller would count as the end, would not be instrumented, and the switch would silently not
 *     happen. They are exported for that reason, and build.sh counts the call sites of start_unwind.
 *  2. The functions that report a failure contain a call to stop_unwind that is never made. It marks them as not
 *     suspending; otherwise every function with a C frame, since it may report an overflow, would be instrumented
 *     (2x slower).
 *  3. ctx->suspended tells the two passes through port_switch_out apart, per goroutine; asyncify's own state is per
 *     thread.
 */
#include "core/panic.h"
#include "wasm/port/switch.h"

ASYNCIFY(start_unwind) void port_start_unwind(void *data);
ASYNCIFY(start_rewind) void port_start_rewind(void *data);
ASYNCIFY(stop_rewind) void port_stop_rewind(void);

/* errno of wasi's libc is one variable: it is the goroutine's while that runs. Emscripten's is in ctx (libc.c). */
#ifdef __EMSCRIPTEN__
static void errno_to(port_ctx *ctx) { (void)ctx; }
static void errno_from(int err) { (void)err; }
#else
static void errno_to(port_ctx *ctx) { ctx->err = *rt_errno_location(); }
static void errno_from(int err) { *rt_errno_location() = err; }
#endif

#define NOINLINE(name) __attribute__((noinline, used, export_name(#name)))

static volatile uint32_t never; /* always 0 */

/* Bytes of C stack that a goroutine which has others nested on it may use. The engine has one stack for all of
 * them, of 1 MB in browsers, and takes three times as much or more for the same frames. */
#define NEST_STACK 4096

enum { SUSPENDED = 1, OVER = 2 }; /* ctx->suspended */

_Static_assert(sizeof(uintptr_t) == 4 && sizeof(((port_ctx *)0)->rewind) == 8,
               "asyncify expects {i32 current, i32 end}");
_Static_assert(offsetof(port_ctx, stack_lo) == 0 && offsetof(port_ctx, stack_hi) == 4 && offsetof(port_ctx, sp) == 8,
               "port_use_stack in switch.S reads them");

/* Whether a goroutine that has left its stack leaves something to be looked at. */
static inline bool leaves(port_ctx *ctx) {
    return __builtin_expect(
        ((uintptr_t)ctx->more | (uintptr_t)ctx->spare | (uintptr_t)ctx->data | (uintptr_t)ctx->jumps) != 0, 0);
}

/* On the M's stack: looks at it. True: the goroutine goes on at once (jump.c). */
static __attribute__((noinline)) bool look_at(port_ctx *ctx) {
    bool over = ctx->suspended != SUSPENDED;
    port_stack_trim(ctx, over);
    if (over)
        port_jumps_end(ctx);
    if (!ctx->jump)
        return false;
    port_jump(ctx);
    return true;
}

NOINLINE(port_switch_in) void port_switch_in(port_ctx *ctx, void (*entry)(void)) {
    uintptr_t m_sp = port_get_sp();
    port_set_m_sp(m_sp);
    do {
        if (ctx->suspended)
            port_start_rewind(ctx->rewind);
        port_set_sp(ctx->sp, ctx->stack_lo, ctx->stack_hi - ctx->stack_lo);
        errno_from(ctx->err);
        entry();
        errno_to(ctx);
        port_set_sp(m_sp, 0, UINTPTR_MAX);
        if (ctx->suspended) /* else entry has returned: nothing was unwound */
            port_stop_unwind();
    } while (leaves(ctx) && look_at(ctx));
}

/* The outer goroutine's frames stay on the engine's stack; of the C stacks only the pointer changes. */
NOINLINE(port_switch_nested) void port_switch_nested(port_ctx *outer, port_ctx *ctx, void (*entry)(void)) {
    uintptr_t outer_sp = port_get_sp();
    port_set_g((struct G *)(void *)ctx); /* G.ctx is first */
    errno_to(outer);
    for (;;) {
        if (ctx->suspended)
            port_start_rewind(ctx->rewind);
        port_set_sp(ctx->sp, ctx->stack_lo, ctx->stack_hi - ctx->stack_lo);
        errno_from(ctx->err);
        entry();
        errno_to(ctx);
        if (ctx->suspended)
            port_stop_unwind();
        if (!leaves(ctx))
            break;
        port_to_m_stack(); /* below the loop that runs all this; as for everything in stacks.c */
        if (!look_at(ctx))
            break;
    }
    port_set_g((struct G *)(void *)outer);
    errno_from(outer->err);
    port_set_sp(outer_sp, outer->stack_lo, outer->stack_hi - outer->stack_lo);
}

bool port_may_nest(port_ctx *outer) { return !outer->more && outer->stack_hi - port_get_sp() <= NEST_STACK; }

NOINLINE(port_switch_out) void port_switch_out(port_ctx *ctx) {
    if (ctx->suspended == SUSPENDED) { /* second pass: every frame above has been rebuilt */
        ctx->suspended = 0;
        port_stop_rewind();
        if (__builtin_expect(ctx->data != NULL, 0) && ctx->sp - ctx->stack_lo >= ctx->data_used)
            port_data_free(ctx);
        return;
    }
    if (ctx->suspended != OVER)
        ctx->suspended = SUSPENDED;
    uintptr_t sp = port_get_sp();
    ctx->sp = sp;
    if (__builtin_expect(!ctx->data && sp - ctx->stack_lo > DATA_WINDOW, 1)) {
        ctx->rewind[0] = sp - DATA_WINDOW;
        ctx->rewind[1] = sp;
    } else {
        port_data_place(ctx);
    }
    port_start_unwind(ctx->rewind);
}

_Noreturn void port_switch_exit(port_ctx *ctx) {
    ctx->suspended = OVER;
    port_switch_out(ctx);
    __builtin_trap(); /* nobody goes on with a dead goroutine */
}

/* On the M's stack, since what is below sp is data: moves the data of a goroutine that is being suspended. */
static __attribute__((noinline)) void port_move_data(uintptr_t *rewind, size_t need) {
    port_ctx *ctx = (port_ctx *)(void *)((char *)rewind - offsetof(port_ctx, rewind));
    port_stop_unwind();
    port_data_move(ctx, need);
    port_start_unwind(rewind);
}

/* Asyncify is about to store `need` bytes that do not fit. port_switch_in sets the stack pointer anyway. */
NOINLINE(port_unwind_more) void port_unwind_more(uintptr_t *rewind, size_t need) {
    port_to_m_stack();
    port_move_data(rewind, need);
}

/* Asyncify's step by which it stores a frame: unwind.mjs puts it in. need: bytes of the frame's locals and, after
 * them, the first word of the next frame, which is stored without asking; pos: where they go. */
__attribute__((used, export_name("port_save"))) void port_save(size_t need, uintptr_t *rewind, uintptr_t pos) {
    rewind[0] = pos;
    if (__builtin_expect(pos + need > rewind[1], 0))
        port_unwind_more(rewind, need);
}

/* The running goroutine's stack may not grow further. */
NOINLINE(port_stack_overflow) void port_stack_overflow(void) {
    if (never)
        port_stop_unwind();
    port_to_m_stack();
    rt_stack_overflow();
    __builtin_trap();
}

/* Where the host may put the text for gr_trap, 255 bytes and a NUL. */
static char failure[256];
NOINLINE(gr_failure_text) char *gr_failure_text(void) { return failure; }

/* The host caught a trap of this thread (kind 0) or its stack ran out (kind 1). what: NUL-terminated, for kind 0.
 * The loader has put asyncify's state back to normal. */
NOINLINE(gr_trap) void gr_trap(int kind, const char *what) {
    if (never)
        port_stop_unwind();
    port_to_m_stack();
    rt_trap(kind, what);
}
