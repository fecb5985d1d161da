/* defer.h: what ends a goroutine: deferred calls, panics, gr_goexit; see defer.c. */
#ifndef RT_DEFER_H
#define RT_DEFER_H

#include <goroscope.h>

/* A deferred call. (Go's _defer) */
typedef struct Defer {
    void (*fn)(void *); /* what to call */
    void *arg;          /* with what */
    struct Defer *next; /* deferred before it, in the same scope */
    bool heap;          /* malloc'd; else on the stack of whoever takes it back (rt_defer_remove) */
} Defer;

/* A panic under way, on the stack of the goroutine it ends. (Go's _panic) */
typedef struct Panic {
    const char *msg;    /* lives as long as the goroutine */
    gr_site *site;      /* where gr_panic was called, NULL: not known */
    struct Panic *link; /* the one during which it happened */
    bool recovered;     /* gr_recover was called by the deferred call that runs */
} Panic;

/* What deferred calls belong to: a goroutine as a whole, or a deferred call while it runs. */
typedef struct Scope {
    struct Scope *outer; /* whose deferred call this is; NULL: the goroutine itself */
    Defer *defers;       /* last first */
    Panic *panic;        /* ends it; NULL: it runs, or ends by return or gr_goexit */
    Panic *before;       /* G.panic when it began */
    bool goexit;         /* gr_goexit was called in it: stays so whatever is recovered */
} Scope;

/* Between the two calls d->fn(d->arg) is what happens if the goroutine ends; d is the caller's, on its stack. */
void rt_defer_push(Defer *d);
void rt_defer_remove(Defer *d);

/* The user's mistake that panics in Go: as gr_panic_at. No lock may be held. [parks], in deferred calls */
_Noreturn void rt_panic(const char *msg, gr_site *site);
/* gr_panic with a malloc'd message, which lives as long as the goroutine. */
_Noreturn void rt_panic_owned(char *msg, gr_site *site);
bool rt_any_panicking(void); /* some goroutine has a panic under way */

/* The calling goroutine's function has returned. */
_Noreturn void rt_goroutine_end(void);
/* What gr_defer has collected so far. */
void rt_run_deferred(void);

#endif
