/* roots.c: where pointers of a program may be in wasm's memory, for its collector, and the memory that this gives
 * out.
 *
 * A suspended goroutine's frames are in its segments, its wasm locals in what asyncify has stored, and in what
 * setjmp has kept; the rest is static data. The C stacks of the Ms have no pointers of the program's: goroutines
 * have their own.
 */
#include "wasm/port/program.h"
#include "wasm/port/statics.h"
#include "wasm/port/switch.h"
#include <unistd.h>

enum { FRAMES, STORED, JUMPS, VARIABLES, END };

/* The next piece of this step; false: it has no more. */
static bool piece(port_ctx *ctx, port_roots *r) {
    switch (r->step) {
    case FRAMES:
        r->from = port_stack_part(ctx, &r->next, &r->bytes);
        r->step = r->next ? FRAMES : STORED;
        return true;
    case STORED:
        r->from = port_data_stored(ctx, &r->bytes);
        r->step = JUMPS;
        return true;
    case JUMPS:
        r->from = port_jump_part(ctx, &r->next, &r->bytes);
        return r->from != NULL || r->next;
    default:
        r->from = port_tls_part(ctx, &r->bytes);
        r->step = END;
        return r->from != NULL;
    }
}

bool port_stack_roots(port_ctx *ctx, port_roots *r) {
    if (r->step == FRAMES && !r->next && ctx->suspended != 1)
        r->step = VARIABLES; /* it has not begun */
    while (r->step < END) {
        if (piece(ctx, r))
            return true;
        r->step++;
    }
    return false;
}

/* The linker's. What lies between __data_end and __heap_base is a stack, an M's. */
extern char __data_end[], __heap_base[];

/* Constants are no roots: as numbers, texts and libc's tables are addresses of many blocks, and would keep them.
 * They lie in a segment of their own, before what may change, which the build finds by this mark
 * (wasm/passes/linked.mjs). */
char port_data_mark[] = "goroscope: here is data that may change";
uintptr_t port_get_data_from(void); /* switch.S */

/* The program's and the C library's. Of the runtime's none keeps a block that nothing else does, and its counts of
 * bytes and its clocks look like addresses of many. */
bool port_static_roots(port_roots *r) {
    __asm__ volatile("" : : "r"(port_data_mark)); /* the linker drops what nobody mentions */
    const struct {
        uintptr_t from, to;
    } parts[] = {
        {port_get_data_from(), (uintptr_t)port_first_data},
        {(uintptr_t)port_last_data, (uintptr_t)port_first_zero},
        {(uintptr_t)port_last_zero, (uintptr_t)__data_end},
#ifdef __EMSCRIPTEN__
        {port_program.variables, port_program.heap_base}, /* of a program that was merged with this */
#endif
    };
    if (r->step == sizeof parts / sizeof *parts)
        return false;
    uintptr_t from = (parts[r->step].from + 3) & ~(uintptr_t)3, to = parts[r->step].to;
    r->from = (const void *)from;
    r->bytes = to > from ? (to - from) & ~(uintptr_t)3 : 0;
    r->step++;
    return true;
}

/* wasm's pages are zero when they are new; memory that malloc has given back to sbrk there is none. */
void *port_heap_more(size_t bytes) {
    char *at = bytes > INTPTR_MAX ? (char *)-1 : sbrk((intptr_t)bytes);
    return at == (char *)-1 ? NULL : at;
}

uintptr_t port_heap_lowest(void) { return 0; }
