/* port.h: everything the runtime needs from outside, and nothing else. One file per target implements it:
 * wasm/port_emscripten.c, wasm/port_wasi.c, runtime/port/native.c. No function here may park a goroutine.
 *
 * Threads. The runtime starts every M but the first with port_thread_start. port_get_g/port_set_g and port_get_m/port_set_m
 * are per thread (wasm: globals of the instance). A goroutine may change threads at every switch, so the runtime asks again
 * after each; these functions are opaque to the compiler for that reason.
 */
#ifndef GR_PORT_H
#define GR_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct G;
struct M;

/* ---- the current G and M of this thread ---- */
struct G *port_get_g(void); /* NULL on an M's own stack */
void port_set_g(struct G *g);
struct M *port_get_m(void);
void port_set_m(struct M *m);

/* ---- stack switch ---- */

/* What a suspended goroutine consists of; first member of its stack block's owner (G.ctx). Each port uses what it needs. */
typedef struct port_ctx {
    uintptr_t stack_lo;  /* lowest usable byte of the segment in use (native: of the block) */
    uintptr_t stack_hi;  /* one past the highest, 16-aligned */
    uintptr_t sp;        /* C stack pointer while suspended */
    uintptr_t rewind[2]; /* wasm: asyncify's {current, end}; the address of this is what asyncify is given */
    uint32_t suspended;  /* 1: entered before and switched out; 0: fresh; wasm, 2: over */
    void *host;          /* native: ucontext, fiber handles; NULL elsewhere */
    /* wasm (wasm/stacks.c) */
    void *more;        /* the further segment in use, NULL: the first one is */
    void *spare;       /* one that was left lately, NULL: none */
    void *data;        /* block with asyncify's data if it did not fit below sp, NULL: it did */
    size_t data_bytes; /* of that, */
    size_t data_used;  /* and how much of it was needed */
} port_ctx;

/* Memory for a stack block of at least `bytes`, 16-aligned, not zeroed; NULL if there is none. Native: as far as the stack may
 * ever grow (rt_config.stack_max), with a guard page below. */
void *port_stack_alloc(size_t bytes);
void port_stack_free(void *block, size_t bytes);

/* Prepares ctx to run entry() from the top of its block. Also used to reuse the block of a dead goroutine. */
void port_ctx_init(port_ctx *ctx, void *block, size_t bytes);

/* Runs the goroutine whose context this is until it switches out; called on the M's own stack. entry is called for a fresh
 * one (on its stack; entry ends by port_switch_out as well and never returns to port_switch_in otherwise). */
void port_switch_in(port_ctx *ctx, void (*entry)(void));
/* Suspends the calling goroutine: returns from the matching port_switch_in, and returns here at the next one, perhaps on
 * another thread. */
void port_switch_out(port_ctx *ctx);
/* The goroutine is over: like port_switch_out, never returns; its block may be reused once port_switch_in has returned. */
_Noreturn void port_switch_exit(port_ctx *ctx);

/* ---- threads ---- */
bool port_has_threads(void);
/* Starts a thread that calls fn(arg) once. False if the host gives none. */
bool port_thread_start(void (*fn)(void *), void *arg);
/* Sleeps while *addr == expected, at most timeout_ns (<0: no limit). May return early for no reason. */
void port_futex_wait(uint32_t *addr, uint32_t expected, int64_t timeout_ns);
void port_futex_wake(uint32_t *addr, int n);
void port_pause(void); /* one turn of a spinning loop */

/* ---- clock, random ---- */
int64_t port_now_ns(void); /* monotonic, the same origin on all threads, >= 0 */
uint64_t port_random(void);

/* ---- output ---- */
/* Passes on n bytes for fd 1 or 2, whole lines unless a line is too long. Called with the runtime's output lock held; may
 * wait for the host to take what is there. */
void port_write(int fd, const void *buf, size_t n);
/* The C library calls this for everything written to stdout/stderr; the port routes it to rt_output (sched/output.c). */

/* ---- files, memory, the end ---- */
char *port_readfile(const char *path, size_t *n); /* as gr_readfile */
void *port_alloc(size_t n);                       /* zeroed memory that lives until the end, or NULL */
/* Ends the program now; other threads are stopped by the host. */
_Noreturn void port_exit(int code);
/* Bumps *addr (shared with the host) and wakes whoever waits for it there. */
void port_notify_host(uint32_t *addr);

#endif
