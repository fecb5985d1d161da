/* roots.c: where pointers to blocks may be outside of the heap. A kind of place is a step here: one that is left out
 * is a block freed in use (the mutants in tests/heap leave out each).
 *
 *   stacks       of goroutines that have left theirs: frames, stored locals, thread-local variables; of those in
 *                system calls and of who stops the world, the copy that they have left (core/leave.h)
 *   goroutines   what they were started with, what their deferred calls are called with
 *   static data  the program's variables, and those of the C library and the runtime
 *   held memory  channels' elements, timers, pools, iterators, contexts (core/held.h)
 *   ranges       what gr_root was told
 *   cleanups     what they will be called with
 */
#include "core/held.h"
#include "core/leave.h"
#include "heap/collect.h"
#include <stdlib.h>

/* ---- ranges -------------------------------------------------------------------------------------------------- */

typedef struct Range {
    struct Range *next;
    void *p;
    size_t n;
} Range;

#define BUCKETS 256

static rt_mutex ranges_lock; /* RANK_MARK */
static Range *ranges[BUCKETS];

static Range **bucket(const void *p) {
    return &ranges[((uintptr_t)p >> 3) * UINT32_C(0x9e3779b1) >> 16 & (BUCKETS - 1)];
}

static Range **find(const void *p) {
    Range **at = bucket(p);
    while (*at && (*at)->p != p)
        at = &(*at)->next;
    return at;
}

void gr_root(void *p, size_t n) {
    rt_charge(0);
    if (!p || n == 0)
        return;
    Range *new = malloc(sizeof *new);
    if (!new)
        rt_fatal("out of memory (gr_root)");
    *new = (Range){NULL, p, n};
    rt_lock(&ranges_lock, RANK_MARK);
    Range **at = find(p);
    bool twice = *at != NULL;
    if (!twice)
        *at = new;
    rt_unlock(&ranges_lock);
    if (twice)
        rt_fatal("gr_root: the memory is a root already");
}

void gr_unroot(void *p, size_t n) {
    rt_charge(0);
    if (!p || n == 0)
        return;
    rt_lock(&ranges_lock, RANK_MARK);
    Range **at = find(p), *old = *at;
    if (old && old->n == n)
        *at = old->next;
    rt_unlock(&ranges_lock);
    if (!old || old->n != n)
        rt_fatal("gr_unroot: the memory is no root, or of another size");
    free(old);
}

/* ---- one after the other ------------------------------------------------------------------------------------- */

enum { STATICS, STACKS, GOROUTINES, DEFERS, HELD, RANGES, CLEANUPS, ALL };

static void words(Roots *r, const void *from, size_t bytes) {
    uintptr_t at = ((uintptr_t)from + sizeof(uintptr_t) - 1) & -sizeof(uintptr_t);
    size_t lost = at - (uintptr_t)from;
    r->from = (const void *)at;
    r->bytes = bytes > lost ? (bytes - lost) & -sizeof(uintptr_t) : 0;
}

/* Whose stack holds no pointer of the program's, but blocks it has marked: they would never go. */
static bool marks(G *g) { return g->system && (g->fn == rt_gc_entry_worker || g->fn == rt_gc_entry_sweeper); }

static G *alive(G *g) {
    while (g && (g->goid == 0 || rt_gstate(g) == G_DEAD || marks(g)))
        g = g->all_next;
    return g;
}
static G *next_g(Roots *r) { return alive(r->next ? ((G *)r->next)->all_next : atomic_load(&rt_sched.allg)); }

/* A piece of the stack of the goroutine r->next, or of the next ones. */
static bool stack(Roots *r) {
    for (;;) {
        G *g = r->next;
        if (g && !(g->left && g->left->valid) && rt_gstate(g) != G_SYSCALL && port_stack_roots(&g->ctx, &r->port)) {
            words(r, r->port.from, r->port.bytes);
            return true;
        }
        if (!(r->next = g = next_g(r)))
            return false;
        r->port = (port_roots){0};
        if (g->left && g->left->valid) {
            words(r, g->left->copy, g->left->bytes);
            return true;
        }
    }
}

static bool argument(Roots *r) {
    G *g = r->next = next_g(r);
    if (g)
        words(r, &g->arg, sizeof g->arg);
    return g != NULL;
}

static Scope *inner(G *g) { return g->scope ? g->scope : &g->base; }

/* The deferred call after d in the goroutine g, which belongs to scope s. */
static Defer *deferred(Scope *s, Defer *d) {
    d = d ? d->next : s->defers;
    while (!d && s->outer) {
        s = s->outer;
        d = s->defers;
    }
    return d;
}

static Scope *scope_of(G *g, Defer *d) {
    for (Scope *s = inner(g); s; s = s->outer)
        for (Defer *at = s->defers; at; at = at->next)
            if (at == d)
                return s;
    return &g->base;
}

/* r->next: the goroutine, r->port.next: its call that was told last. */
static bool defer(Roots *r) {
    for (G *g = r->next ? r->next : next_g(r); g; r->next = g, g = next_g(r), r->port.next = NULL) {
        Defer *last = r->port.next, *d = deferred(last ? scope_of(g, last) : inner(g), last);
        if (!d)
            continue;
        r->next = g;
        r->port.next = d;
        words(r, &d->arg, sizeof d->arg);
        return true;
    }
    return false;
}

static bool held(Roots *r) {
    Held *h = r->next = r->next ? ((Held *)r->next)->next : rt_held_first();
    if (h)
        words(r, h->from, h->bytes);
    return h != NULL;
}

/* A block of the heap that is a root lives: then the range's address is what points to it. */
static bool range(Roots *r) {
    Range *at = r->next ? ((Range *)r->next)->next : NULL;
    while (!at && r->port.step < BUCKETS)
        at = ranges[r->port.step++];
    if (!(r->next = at))
        return false;
    if (rt_span_of((uintptr_t)at->p))
        words(r, &at->p, sizeof at->p);
    else
        words(r, at->p, at->n);
    return true;
}

static bool cleanup(Roots *r) {
    const void *arg;
    if (!rt_cleanups_next(&r->next, &arg))
        return false;
    words(r, arg, sizeof(void *));
    return true;
}

/* All but the heap's own tables: they keep no block, but their bytes, taken for addresses, would. r->next: what lies
 * behind them is still to be told. */
static bool statics(Roots *r) {
    const char *heap = (const char *)&rt_heap, *behind = heap + sizeof rt_heap;
    if (!r->next && !port_static_roots(&r->port))
        return false;
    const char *from = r->next ? r->next : r->port.from, *end = (const char *)r->port.from + r->port.bytes;
    bool inside = !r->next && from <= heap && behind <= end;
    words(r, from, (size_t)((inside ? heap : end) - from));
    r->next = inside ? (void *)(uintptr_t)behind : NULL;
    return true;
}

/* No table of functions: those in wasm's table are in every program (wasm/passes/merge.mjs). */
static bool next_of_step(Roots *r) {
    switch (r->step) {
    case STATICS:
        return statics(r);
    case STACKS:
        return stack(r);
    case GOROUTINES:
        return argument(r);
    case DEFERS:
        return defer(r);
    case HELD:
        return held(r);
    case RANGES:
        return range(r);
    default:
        return cleanup(r);
    }
}

bool rt_roots_next(Roots *r) {
    for (; r->step < ALL; r->step++, r->next = NULL, r->port = (port_roots){0})
        if (next_of_step(r))
            return true;
    return false;
}
