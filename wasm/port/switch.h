/* switch.h: what the C files in wasm/ know of switch.S and of the runtime's entry points. */
#ifndef RT_SWITCH_H
#define RT_SWITCH_H

#include "base/port.h"
#include <stdint.h>

#define DATA_WINDOW 1024 /* bytes below sp that asyncify data may use */

#define ASYNCIFY(name) __attribute__((import_module("asyncify"), import_name(#name)))
/* What calls it counts as not suspending (invariant 2 of switch.c). */
ASYNCIFY(stop_unwind) void port_stop_unwind(void);

/* switch.S */
uintptr_t port_get_sp(void);
void port_set_sp(uintptr_t sp, uintptr_t lo, uintptr_t size); /* size: from lo to the highest sp */
void port_set_m_sp(uintptr_t sp);
void port_to_m_stack(void);
void port_copy(void *to, const void *from, size_t n); /* memory.copy */

/* Before memory.copy, memory.fill and memory.init up to `end`, which check bounds as atomic accesses do: this worker
 * learns of memory that another has just made. (wasm/passes/atomics.mjs says why; it happened to memory.init, that is
 * to thread-local variables, in one run of 300 under load: tests/programs/late_threads.c) */
static inline void port_know_memory(const char *end) {
    if ((uintptr_t)end >> 16 >= __builtin_wasm_memory_size(0))
        __builtin_wasm_memory_grow(0, 0);
}

/* stacks.c */
port_ctx *port_stack_more(uintptr_t want, uintptr_t align, uintptr_t sp);
port_ctx *port_stack_less(uintptr_t sp);
void port_stack_trim(port_ctx *ctx, bool over);
void port_data_place(port_ctx *ctx); /* sets ctx->rewind, where there is little room below ctx->sp */
void port_data_move(port_ctx *ctx, size_t need);
void port_data_free(port_ctx *ctx);

/* The used part of a suspended goroutine's segment: of the one in use if *at is NULL; then *at is where to go on, NULL:
 * that was the first one. */
const void *port_stack_part(port_ctx *ctx, void **at, size_t *bytes);
bool port_stack_below(port_ctx *ctx, uintptr_t sp); /* whether sp is in a segment below the one in use */
const void *port_data_stored(port_ctx *ctx, size_t *bytes);
/* Puts asyncify's data of then in the place of what there is. */
void port_data_restore(port_ctx *ctx, uintptr_t sp, const void *data, size_t bytes);

/* frames.c */
void port_frames_begin(void);

/* jump.c */
void port_jump(port_ctx *ctx);
void port_jumps_end(port_ctx *ctx);
/* What setjmp has kept: *at: NULL, ctx->jumps before the first. NULL: that was all. */
const void *port_jump_part(port_ctx *ctx, void **at, size_t *bytes);

/* tls.c */
char *port_tls_alloc(void);
const void *port_tls_part(port_ctx *ctx, size_t *bytes); /* NULL: it has used none */
char *port_tls_new(void);
void port_tls_fill_program(char *block);

/* switch.c */
void gr_trap(int kind, const char *what);
_Noreturn void port_stack_overflow(void);

/* wasm/libc, Emscripten's port alone: before the program's first line, stdio as the runtime needs it. */
void rt_stdio_setup(void);

#endif
