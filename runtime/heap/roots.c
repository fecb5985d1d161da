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
#include "base/text.h"
#include "core/held.h"
#include "core/leave.h"
#include "heap/collect.h"
#include <stdlib.h>
#include <string.h>

/* ---- ranges -------------------------------------------------------------------------------------------------- */

typedef struct Range {
    struct Range *next;
    void *p;
    size_t n;
    const gr_site *site; /* where it was told of, NULL: not known */
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

static bool is_memory(const void *p, size_t n) {
#ifdef __wasm__
    uint64_t end = (uint64_t)__builtin_wasm_memory_size(0) << 16;
#else
    uintptr_t end = UINTPTR_MAX;
#endif
    return (uintptr_t)p < end && n <= end - (uintptr_t)p;
}

/* The sentence, and where the range that there is was told of. */
static _Noreturn void fail(const char *sentence, const gr_site *there, gr_site *site) {
    if (!there)
        rt_fatal_at(sentence, site);
    Text t = {.n = 0};
    char d[TEXT_DIGITS];
    size_t len = strlen(there->file), most = sizeof t.s / 2;
    rt_text_put(&t, sentence);
    rt_text_put(&t, ", made at ");
    rt_text_put(&t, len > most ? there->file + len - most : there->file);
    rt_text_put(&t, ":");
    rt_text_put(&t, rt_text_digits(there->line, d));
    t.s[t.n] = 0;
    rt_fatal_at(t.s, site);
}

void gr_root_at(void *p, size_t n, gr_site *site) {
    rt_charge(0);
    if (!p || n == 0)
        return;
    if (!is_memory(p, n))
        rt_fatal_at("gr_root: the range ends behind the end of memory", site);
    Range *new = malloc(sizeof *new);
    if (!new)
        rt_fatal_at("out of memory (gr_root)", site);
    *new = (Range){NULL, p, n, site};
    rt_lock(&ranges_lock, RANK_MARK);
    Range **at = find(p);
    bool twice = *at != NULL;
    const gr_site *there = twice ? (*at)->site : NULL;
    if (!twice)
        *at = new;
    rt_unlock(&ranges_lock);
    if (twice)
        fail("gr_root: the memory is a root already", there, site);
}

void gr_unroot_at(void *p, size_t n, gr_site *site) {
    rt_charge(0);
    if (!p || n == 0)
        return;
    rt_lock(&ranges_lock, RANK_MARK);
    Range **at = find(p), *old = *at;
    bool same = old && old->n == n;
    const gr_site *there = old ? old->site : NULL;
    if (same)
        *at = old->next;
    rt_unlock(&ranges_lock);
    if (!old)
        rt_fatal_at("gr_unroot: the memory is no root", site);
    if (!same)
        fail("gr_unroot: the root is of another size", there, site);
    free(old);
}

/* For who takes their address. */
void(gr_root)(void *p, size_t n) { gr_root_at(p, n, NULL); }
void(gr_unroot)(void *p, size_t n) { gr_unroot_at(p, n, NULL); }

/* ---- one after the other ------------------------------------------------------------------------------------- */

enum { STATICS, STACKS, GOROUTINES, DEFERS, HELD, RANGES, CLEANUPS, ALL };

static _Atomic int64_t stack_bytes; /* of the last walk over all */

static void words(Roots *r, const void *from, size_t bytes) {
    uintptr_t at = ((uintptr_t)from + sizeof(uintptr_t) - 1) & -sizeof(uintptr_t);
    size_t lost = at - (uintptr_t)from;
    r->from = (const void *)at;
    r->bytes = bytes > lost ? (bytes - lost) & -sizeof(uintptr_t) : 0;
}

/* Whose stack holds no pointer of the program's, but blocks it has marked: they would never go. */
static bool marks(G *g) { return g->system && (g->fn == rt_gc_entry_worker || g->fn == rt_gc_entry_sweeper); }

#define LOOK_BITS 2
/* How a goroutine's stack is looked at. Who has no P goes on while the world is stopped: comes out of a system call,
 * begins or ends a call from outside. All walks in one stop must find the same, so it is decided once in each. */
typedef enum Look {
    LOOK_NOT,   /* there is no goroutine */
    LOOK_AWAY,  /* its stack is not known */
    LOOK_COPY,  /* the copy that it has left */
    LOOK_STACK, /* it has left its stack, maybe after such a copy, which is older */
} Look;

static uint64_t decided_in = UINT64_MAX; /* rt_sched.nstw */

static Look decide(G *g) {
    uint32_t s = rt_gstate(g);
    if (s == G_DEAD || marks(g))
        return LOOK_NOT;
    if (g->left && g->left->valid && (s == G_SYSCALL || s == G_RUNNING))
        return LOOK_COPY;
    return s == G_SYSCALL ? LOOK_AWAY : LOOK_STACK;
}

static void decide_all(void) {
    uint64_t stop = atomic_load(&rt_sched.nstw);
    if (decided_in == stop)
        return;
    decided_in = stop;
    rt_lock(&rt_sched.lock, RANK_SCHED); /* nobody comes out of a system call meanwhile */
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
        g->look = (stop + 1) << LOOK_BITS | decide(g);
    rt_unlock(&rt_sched.lock);
}

/* One that has begun since is none. */
static Look look_of(const G *g) {
    return g->look >> LOOK_BITS == decided_in + 1 ? (Look)(g->look & ((1 << LOOK_BITS) - 1)) : LOOK_NOT;
}

static G *alive(G *g) {
    while (g && look_of(g) == LOOK_NOT)
        g = g->all_next;
    return g;
}
static G *next_g(Roots *r) { return alive(r->next ? ((G *)r->next)->all_next : atomic_load(&rt_sched.allg)); }

/* A piece of the stack of the goroutine r->next, or of the next ones. */
static bool stack(Roots *r) {
    for (;;) {
        G *g = r->next;
        if (g && look_of(g) == LOOK_STACK && port_stack_roots(&g->ctx, &r->port)) {
            words(r, r->port.from, r->port.bytes);
            return true;
        }
        if (!(r->next = g = next_g(r)))
            return false;
        r->port = (port_roots){0};
        if (look_of(g) == LOOK_COPY) {
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

/* r->next: the goroutine; r->scope: of its scopes the one to look into next; r->port.next: the call told last. */
static bool defer(Roots *r) {
    Defer *d = r->port.next ? ((Defer *)r->port.next)->next : NULL;
    while (!d) {
        if (r->scope) {
            d = r->scope->defers;
            r->scope = r->scope->outer;
            continue;
        }
        G *g = r->next = next_g(r);
        if (!g)
            return false;
        r->scope = inner(g);
    }
    r->port.next = d;
    words(r, &d->arg, sizeof d->arg);
    return true;
}

static bool held(Roots *r) {
    Held *h = r->next = r->next ? ((Held *)r->next)->next : rt_held_first();
    if (h)
        words(r, h->from, h->bytes);
    return h != NULL;
}

/* A block of the heap that is a root lives: the range's address is what points to it. Where marking it does not look
 * at all of it, it is looked at here, too. r->port.next: of such a range the address has been told. */
static bool range(Roots *r) {
    Range *at = r->port.next;
    if (at) {
        r->port.next = NULL;
        words(r, at->p, at->n);
        return true;
    }
    at = r->next ? ((Range *)r->next)->next : NULL;
    while (!at && r->port.step < BUCKETS)
        at = ranges[r->port.step++];
    if (!(r->next = at))
        return false;
    const Span *s = rt_span_of((uintptr_t)at->p);
    if (!s) {
        words(r, at->p, at->n);
        return true;
    }
    words(r, &at->p, sizeof at->p);
    if (s->kind != SPAN_SCAN)
        r->port.next = at;
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
    if (!r->begun)
        decide_all();
    r->begun = true;
    for (; r->step < ALL; r->step++, r->next = NULL, r->port = (port_roots){0})
        if (next_of_step(r)) {
            if (r->step == STACKS)
                r->stack_bytes += r->bytes;
            return true;
        }
    atomic_store_explicit(&stack_bytes, (int64_t)r->stack_bytes, memory_order_relaxed);
    return false;
}

int64_t rt_roots_of_stacks(void) { return atomic_load_explicit(&stack_bytes, memory_order_relaxed); }
