/* defer.c: deferred calls, panics and gr_goexit: how a goroutine ends. (Go's runtime/panic.go)
 *
 * C has no hook at the end of a function, so a deferred call belongs to the goroutine and runs when that ends: by
 * returning from its function, by gr_goexit or by a panic. A deferred call while it runs is a Scope of its own, as
 * it is a function of its own in Go: what it defers runs when it ends, a panic in it can be recovered there, and
 * then the outer one goes on as it was.
 *
 * No frame is ever unwound. Ending runs the deferred calls on top of the stack, from wherever the end came, and
 * never returns there:
 *
 *     fn ─ … ─ gr_panic ─ end ─ deferred call ─ … ─ gr_panic ─ end ─ the remaining deferred calls ─ off the M
 *
 * So what is still to be done stands in the scopes, not in the frames.
 *
 * Invariants
 *  1. Scope.panic is set only while the scope's deferred calls run because of it; gr_recover looks at the scope
 *     outside of the running one, so it finds a panic only in a deferred call that runs because of one.
 *  2. gr_goexit stays: a panic on the way out that is recovered does not bring the goroutine back. (As in Go)
 *  3. G.panic links all that is under way, for the report; what a recovered panic had cut short goes with it.
 */
#include "core/coro.h"
#include "core/main.h"
#include "core/panic.h"
#include "core/proc.h"
#include <stdlib.h>
#include <string.h>

/* A message that lives as long as its goroutine: panics and gr_recover only point to messages. */
typedef struct KeptText {
    struct KeptText *next;
    char *text;
} KeptText;

static _Atomic uint32_t panicking; /* goroutines with a panic under way */

static void set_panic(G *g, Panic *p) {
    if (!g->panic != !p)
        atomic_fetch_add(&panicking, p ? 1u : -1u);
    g->panic = p;
}

bool rt_any_panicking(void) { return atomic_load(&panicking) > 0; }

static Scope *scope_of(G *g) { return g->scope ? g->scope : &g->base; }

void rt_defer_push(Defer *d) {
    Scope *s = scope_of(rt_getg());
    d->next = s->defers;
    s->defers = d;
}

void rt_defer_remove(Defer *d) {
    Defer **at = &scope_of(rt_getg())->defers;
    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
}

void gr_defer(void (*fn)(void *), void *arg) {
    rt_charge(0);
    if (!fn)
        rt_panic("runtime error: invalid memory address or nil pointer dereference", NULL);
    Defer *d = malloc(sizeof *d);
    if (!d)
        rt_fatal("out of memory (deferring a call)");
    *d = (Defer){.fn = fn, .arg = arg, .heap = true};
    rt_defer_push(d);
}

/* The deferred calls of s, which ends; each in a scope of its own. */
static void run_defers(G *g, Scope *s) {
    for (Defer *d; (d = s->defers) != NULL;) {
        Defer call = *d;
        s->defers = d->next;
        if (d->heap)
            free(d);
        Scope mine = {.outer = s, .before = g->panic};
        g->scope = &mine;
        call.fn(call.arg);
        run_defers(g, &mine);
        g->scope = s;
        if (s->panic && s->panic->recovered) {
            s->panic = NULL;
            set_panic(g, s->before);
        }
    }
}

void rt_run_deferred(void) {
    G *g = rt_getg();
    run_defers(g, &g->base);
    g->scope = NULL;
}

static char *copy_of(const char *msg) {
    char *copy = malloc(strlen(msg) + 1);
    if (!copy)
        rt_fatal("out of memory (passing a panic on)");
    return strcpy(copy, msg);
}

/* Nothing is left to run on its stack. */
static _Noreturn void finish(G *g) {
    bool goexit = g->base.goexit;
    Panic *p = g->base.panic;
    if (p && !g->coro)
        rt_die_of_panic(p);
    if (g->coro && p)
        g->coro->panic = copy_of(p->msg);
    for (KeptText *k; (k = g->kept) != NULL;) {
        g->kept = k->next;
        free(k->text);
        free(k);
    }
    g->base = (Scope){0};
    g->scope = NULL;
    set_panic(g, NULL);
    if (g->coro) {
        g->coro->end = p ? CORO_PANICKED : goexit ? CORO_GOEXIT : CORO_RETURNED;
        rt_coro_exit(g->coro);
    }
    if (g->goid == 1 && !goexit)
        rt_main_returned();
    rt_goroutine_exit();
}

/* The scope that runs ends: so do those outside of it, as far as this is for the same reason. */
static _Noreturn void end(G *g) {
    for (;;) {
        Scope *s = scope_of(g);
        run_defers(g, s);
        Scope *outer = s->outer;
        if (!outer)
            finish(g);
        g->scope = outer;
        if (s->panic) { /* instead of what outer was ending for */
            outer->panic = s->panic;
        } else if (s->goexit) {
            outer->goexit = true;
            outer->panic = NULL;
        } else if (outer->panic && outer->panic->recovered) {
            outer->panic = NULL;
            set_panic(g, outer->before);
        }
    }
}

_Noreturn void rt_goroutine_end(void) { end(rt_getg()); }

_Noreturn void gr_goexit(void) {
    rt_charge(0);
    G *g = rt_getg();
    if (g->goid == 1)
        rt_sched.main_goexit = true;
    Scope *s = scope_of(g);
    s->goexit = true;
    end(g);
}

_Noreturn void gr_panic_at(const char *msg, gr_site *site) {
    rt_must_be_here();
    G *g = rt_getg();
    if (!g)
        rt_throw(msg); /* on an M's own stack */
    if (!msg)
        msg = "runtime error: panic called with nil argument";
    Panic p = {.msg = msg, .site = site, .link = g->panic};
    set_panic(g, &p);
    scope_of(g)->panic = &p;
    end(g);
}

_Noreturn void rt_panic(const char *msg, gr_site *site) { gr_panic_at(msg, site); }

_Noreturn void rt_panic_owned(char *msg, gr_site *site) {
    G *g = rt_getg();
    KeptText *k = malloc(sizeof *k);
    if (!k)
        rt_fatal("out of memory (passing a panic on)");
    *k = (KeptText){g->kept, msg};
    g->kept = k;
    gr_panic_at(msg, site);
}

const char *gr_recover(void) {
    rt_must_be_here();
    G *g = rt_getg();
    Scope *outer = scope_of(g)->outer;
    if (!outer || !outer->panic || outer->panic->recovered)
        return NULL;
    outer->panic->recovered = true;
    return outer->panic->msg;
}
