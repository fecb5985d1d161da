/* exit.c: how a program ends as C sees it: atexit and its handlers, exit, quick_exit, _Exit, abort and failed
 * assertions. Destructor functions are handlers too: the compiler registers them (__cxa_atexit) before gr_main.
 *
 * exit() and the return of gr_main call the handlers in a goroutine, which may do what any goroutine may; then stdio
 * is flushed and the runtime ends the program (rt_exit). A failure (core/panic.c) flushes only, _exit not even that:
 * but stdout has no buffer of stdio's (rt_stdio_setup), and rt_exit hands over the lines that the runtime has.
 */
#include "core/exit.h"
#include "core/sched.h"
#include "wasm/libc/own.h"
#include "wasm/port/switch.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Handler {
    struct Handler *next;
    void (*fn)(void *);
    void *arg;
} Handler;

/* malloc may be out of memory then; C promises 32. */
static Handler promised[32];
static struct {
    rt_mutex lock;
    uint32_t npromised; /* of them in use */
    Handler *exits;     /* of atexit, the last first */
    Handler *quicks;    /* of at_quick_exit */
    const G *ending;    /* the goroutine that called exit first */
} ends;

static int add(Handler **list, void (*fn)(void *), void *arg) {
    rt_lock(&ends.lock, RANK_FILES);
    Handler *h = ends.npromised < 32 ? &promised[ends.npromised++] : malloc(sizeof *h);
    if (h) {
        *h = (Handler){*list, fn, arg};
        *list = h;
    }
    rt_unlock(&ends.lock);
    return h ? 0 : -1;
}

static void call_all(Handler **list) {
    for (;;) {
        rt_lock(&ends.lock, RANK_FILES);
        Handler *h = *list;
        if (h)
            *list = h->next;
        rt_unlock(&ends.lock);
        if (!h)
            return;
        h->fn(h->arg);
    }
}

int __cxa_atexit(void (*fn)(void *), void *arg, void *dso) {
    (void)dso;
    return add(&ends.exits, fn, arg);
}
void __cxa_finalize(void *dso) { (void)dso; }
static void call_plain(void *fn) { ((void (*)(void))fn)(); }
int atexit(void (*fn)(void)) { return add(&ends.exits, call_plain, (void *)fn); }
int at_quick_exit(void (*fn)(void)) { return add(&ends.quicks, call_plain, (void *)fn); }

/* One goroutine ends the program. Others that try wait here, as in Go's os.Exit and in other C libraries; the same
 * one again, from a handler, goes on with those that are left. */
static void begin_end(void) {
    G *g = port_get_g();
    if (g && rt_gstate(g) == G_SYSCALL)
        gr_exitsyscall(); /* the handlers may do what a goroutine may */
    const G *first = NULL;
    if (!__atomic_compare_exchange_n(&ends.ending, &first, g, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) &&
        first != g) {
        if (!g)
            rt_stop_here();
        gr_chan_recv(NULL, NULL);
    }
}

void port_libc_handlers(void) {
    begin_end();
    call_all(&ends.exits);
}

_Noreturn void port_libc_exit(int code) {
    port_libc_handlers();
    rt_stdio_flush();
    rt_exit(code);
}

void port_libc_flush(void) { rt_stdio_flush(); }

_Noreturn void quick_exit(int code) {
    begin_end();
    call_all(&ends.quicks);
    rt_exit(code); /* C: stdio is not flushed */
}

/* Emscripten's linker takes ours; wasi-libc's exit() has other functions beside it, so there it is wrapped. */
#ifdef __EMSCRIPTEN__
_Noreturn void exit(int code) { port_libc_exit(code); }
#else
_Noreturn void __wrap_exit(int code) { port_libc_exit(code); }
#endif
_Noreturn void _Exit(int code) { rt_exit(code); }
_Noreturn void _exit(int code) { rt_exit(code); }

_Noreturn void __assert_fail(const char *what, const char *file, int line, const char *func) {
    char text[256];
    snprintf(text, sizeof text, "assertion failed: %s (%s:%d, %s)", what, file, line, func ? func : "?");
    gr_trap(2, text);
    __builtin_trap();
}
