/* port.h: everything the runtime needs from outside, and nothing else. One file per target implements it:
 * wasm/port/emscripten.c, wasm/port/wasi.c, runtime/port/native.c. No function here may park a goroutine.
 *
 * Threads. The runtime starts every M but the first with port_thread_start. port_get_g/port_set_g and
 * port_get_m/port_set_m are per thread (wasm: globals of the instance). A goroutine may change threads at every
 * switch, so the runtime asks again after each; these functions are opaque to the compiler for that reason.
 */
#ifndef RT_PORT_H
#define RT_PORT_H

#include "format/requests.h"
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
/* 1: this thread runs no goroutine that may call the runtime: it is in a system call, or no M yet. So it begins. */
uint32_t port_is_away(void);
void port_set_away(uint32_t away);

/* ---- stack switch ---- */

/* What a suspended goroutine consists of; first member of its stack block's owner (G.ctx). Each port uses what it
 * needs. */
typedef struct port_ctx {
    uintptr_t stack_lo;  /* lowest usable byte of the segment in use (native: of the block) */
    uintptr_t stack_hi;  /* one past the highest, 16-aligned */
    uintptr_t sp;        /* C stack pointer while suspended */
    void *tls;           /* its thread-local variables, NULL: it has used none yet; the port's, freed by port_tls_end */
    int err;             /* its errno; wasi and native: while it is not running */
    uintptr_t rewind[2]; /* wasm: asyncify's {current, end}; the address of this is what asyncify is given */
    uint32_t suspended;  /* 1: entered before and switched out; 0: fresh; wasm, 2: over */
    void *host;          /* native: what its switch keeps (Host in native.c); NULL elsewhere */
    /* wasm (wasm/port/stacks.c) */
    void *more;        /* the further segment in use, NULL: the first one is */
    void *spare;       /* one that was left lately, NULL: none */
    void *data;        /* block with asyncify's data if it did not fit below sp, NULL: it did */
    size_t data_bytes; /* of that, */
    size_t data_used;  /* and how much of it was needed */
    void *jumps;       /* places that longjmp may go to (wasm/port/jump.c) */
    void *jump;        /* the one for which it is suspended and goes on at once, NULL: for others to run */
    int jumped;        /* what setjmp returns */
} port_ctx;

/* Memory for a stack block of at least `bytes`, 16-aligned, not zeroed; NULL if there is none. Native: as far as
 * the stack may ever grow (rt_config.stack_max), with a guard page below. */
void *port_stack_alloc(size_t bytes);
void port_stack_free(void *block, size_t bytes);

/* Prepares ctx to run entry() from the top of its block. Also used to reuse the block of a dead goroutine. */
void port_ctx_init(port_ctx *ctx, void *block, size_t bytes);

/* Runs the goroutine whose context this is until it switches out; called on the M's own stack. entry is called for
 * a fresh one, on its stack; when it returns the goroutine is over, as after port_switch_exit. */
void port_switch_in(port_ctx *ctx, void (*entry)(void));
/* The same by a goroutine, outer's, on its own stack: what it runs is the current goroutine of this thread
 * meanwhile. Outer may suspend itself afterwards, not while the other runs. */
void port_switch_nested(port_ctx *outer, port_ctx *ctx, void (*entry)(void));
/* Whether the calling goroutine, outer's, has its stack used little enough for that: nested ones share what the
 * host has. */
bool port_may_nest(port_ctx *outer);
/* Suspends the calling goroutine: returns from the matching port_switch_in or _nested, and returns here at the next
 * one, perhaps on another thread. */
void port_switch_out(port_ctx *ctx);
/* The goroutine is over: like port_switch_out, never returns; its block may be reused once port_switch_in has
 * returned. */
_Noreturn void port_switch_exit(port_ctx *ctx);

/* ---- frames of goroutines that have left their stack ---- */

/* A place in the program's sources. */
typedef struct port_place {
    const char *func, *file; /* for ever; file "": not known */
    uint32_t line;           /* 0: not known */
    uint64_t pc;             /* a number of its own, no address */
} port_place;

/* The call sites by which a suspended goroutine's functions were left, innermost first, as numbers; the runtime's own
 * and libc's are left out. Returns how many, at most `most`; 0: this port does not know, or it is not suspended. */
size_t port_frames(port_ctx *ctx, uint32_t *sites, size_t most);
/* Whether there are any to know. */
bool port_has_frames(void);
/* The place of a call site; where its function was inlined, that of the call as well, and so on. Returns how many, at
 * most `most`; 0: there is no such call site. */
size_t port_frame_places(uint32_t site, port_place *places, size_t most);
/* Whether a variable is the program's and not the runtime's. Where port_frames knows. */
bool port_is_programs(const void *variable);

/* ---- what may point to blocks of a heap ---- */

/* Memory in which there may be pointers, one piece after the other; begins with all 0. Pieces begin and end at
 * multiples of a pointer's size. False: that was all. */
typedef struct port_roots {
    uint32_t step;
    void *next;
    const void *from;
    size_t bytes;
} port_roots;
/* Of a goroutine that has left its stack: frames, what the switch has stored, thread-local variables. */
bool port_stack_roots(port_ctx *ctx, port_roots *r);
bool port_static_roots(port_roots *r); /* of the program's static data, and the C library's */

/* Zeroed memory for a heap, beside malloc's, for ever, and its pages' addresses are less than 4 GiB apart. bytes: a
 * multiple of 64 KiB. NULL: there is none. */
void *port_heap_more(size_t bytes);
uintptr_t port_heap_lowest(void); /* no such memory is below */

/* ---- what C promises each thread ---- */

/* errno and thread-local variables of the program belong to the goroutine, so an address that the compiler keeps over a
 * switch stays right. */

/* The goroutine has ended and has ctx->tls: frees it. On an M's stack. */
void port_tls_end(port_ctx *ctx);
/* What <errno.h> of programs says errno is, where libc's own variable cannot be redirected (wasi, native). Not const:
 * with native its address is the thread's. */
int *rt_errno_location(void);

/* ---- threads ---- */
bool port_has_threads(void);
/* Starts a thread that calls fn(arg) once. False if the host gives none. */
bool port_thread_start(void (*fn)(void *), void *arg);
/* Sleeps while *addr == expected, at most timeout_ns (<0: no limit). May return early for no reason. */
void port_futex_wait(uint32_t *addr, uint32_t expected, int64_t timeout_ns);
void port_futex_wake(uint32_t *addr, int n);
void port_pause(void); /* one turn of a spinning loop */

/* ---- clock, random ---- */
int64_t port_now_ns(void);  /* monotonic, the same origin on all threads, >= 0 */
int64_t port_wall_ns(void); /* since 1970, >= 0 */
uint64_t port_random(void);
/* What programs read of time and chance comes from drive/clock.c instead; the port routes the C library's clocks
 * there. */

/* ---- output ---- */
/* Passes on n bytes for fd 1 or 2, whole lines unless a line is too long. Called with the runtime's output lock
 * held; may wait for the host to take what is there. */
void port_write(int fd, const void *buf, size_t n);
/* A piece of the report of a failure, for stderr. Where the host can tell it from the rest it is shown when it is
 * whole and reads as one. */
void port_report(const void *buf, size_t n);
/* The report begins; it is whole. */
void port_report_mark(void);
/* The C library calls this for everything written to stdout/stderr; the port routes it to rt_output (host/output.c). */

/* ---- what the host does in its own time (drive/netpoll.c) ---- */

extern const bool port_has_calls; /* the host may call into the program */

/* Passes the request on (a copy of its bytes); false: this host answers none of the kind. Its answer may come
 * before it returns. */
bool port_request(uint32_t kind, uint32_t id, uint32_t stream, const void *bytes, size_t n);
bool port_answered(void); /* an answer is there, or a part of one */
void port_answers(void);  /* hands what is there to rt_answer; one thread at a time. Never waits. */
/* A futex that is bumped and woken after an answer has come. Threads only. */
uint32_t *port_wake_word(void);
/* Sim, by drivers that own their thread: sleeps at most ns (INT64_MAX: no limit), or until there is an answer. */
void port_idle(int64_t ns);

/* ---- traces ---- */
/* A trace is about to be written into the ring of rt_trace_region. NULL, or a sentence that says why not. Not for the
 * one that begins with the program. */
const char *port_trace_begin(void);

/* ---- files, memory, the end ---- */
char *port_readfile(const char *path, size_t *n); /* as gr_readfile */
void *port_alloc(size_t n);                       /* zeroed memory that lives until the end, or NULL */
/* Where the host has loaded the program: traces tell addresses from there on, so that they do not depend on chance. */
uintptr_t port_image_base(void);
/* exit() of the C library, by a goroutine: its handlers, what stdio has buffered, then rt_exit. */
_Noreturn void port_libc_exit(int code);
void port_libc_handlers(void); /* the first part alone, if the C library lets us */
/* What stdio has buffered goes out. For the end of a program, on any stack: waits for nobody who may not go on. */
void port_libc_flush(void);
/* Ends the program now; other threads are stopped by the host. */
_Noreturn void port_exit(int code);
/* The frames of the goroutine that this thread runs, or ran when it was stopped by a trap, innermost first, each as
 * Go prints it: "func(...)\n\tfile:line\n". Only functions of the program's own. Returns how many bytes of `most`
 * they take, without a NUL; 0: this port does not know them. For dying programs: it takes its time. */
size_t port_stack_text(char *to, size_t most);
/* Bumps *addr (shared with the host) and wakes whoever waits for it there. */
void port_notify_host(uint32_t *addr);

#endif
