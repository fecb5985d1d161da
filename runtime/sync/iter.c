/* iter.c: iterators: a sequence function run as a coroutine (gr_pull) or called directly (gr_each). (Go's iter
 * package and its rewrite of loops over functions, cmd/compile/internal/rangefunc)
 *
 * C has no closures, so one yield function serves all sequences and finds its consumer by the goroutine it is
 * called on: G.loop, the innermost one. While the body of a gr_each runs, that is the consumer outside of it; so a
 * sequence may be made of another one by a body that yields.
 *
 * A gr_iter that has been stopped must still answer (gr_next: false), as in Go, although its memory is used again.
 * So the pointer that users hold is the address of an Iter with, in the low bits, how many times that had been used
 * before; when these bits run out the Iter is given up: one byte for each iterator ever made. Iters of one pool
 * have the same size of elements, so that an old pointer still tells what to zero.
 */
#include "core/coro.h"
#include "core/held.h"
#include "core/park.h"
#include <stdlib.h>
#include <string.h>

#define COST_NS 60    /* what gr_next takes under the virtual clock; Go's takes that on the machine this was made on */
#define USES 128      /* of an Iter; also its alignment */
#define POOL_CHUNK 16 /* Iters allocated together */

/* Who gets what a sequence yields. */
typedef struct Loop {
    struct Loop *outer;                 /* on the same goroutine */
    bool (*body)(void *, const void *); /* gr_each's; NULL: it belongs to an Iter */
    void *ctx;
    bool over; /* body has returned false */
} Loop;

typedef struct Iter {
    Coro coro; /* first: the goroutine's coro leads here */
    Loop loop;
    void (*seq)(gr_yield_fn *, void *);
    void *arg;
    void *to;    /* where gr_next wants the element */
    bool wanted; /* gr_next waits for yield */
    bool got;    /* yield has put an element there */
    bool done;   /* ended, or to be stopped */
    /* What follows lasts from use to use: those who hold an old pointer look at it at any time. */
    struct Pool *pool;
    _Atomic uint32_t uses; /* times it was used before */
    struct Iter *next;     /* in the pool */
} Iter;

typedef struct Pool {
    size_t elem_size;
    Iter *unused;
    struct Pool *next;
} Pool;

static rt_mutex pools_lock; /* RANK_ALLG */
static Pool *pools;

_Static_assert(sizeof(Iter) <= USES || sizeof(void *) > 4, "an Iter is as large as its alignment");

/* ---- pools; under pools_lock --------------------------------------------------------------------------------- */

static Pool *pool_of(size_t elem_size) {
    for (Pool *p = pools; p; p = p->next)
        if (p->elem_size == elem_size)
            return p;
    Pool *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->elem_size = elem_size;
    p->next = pools;
    pools = p;
    return p;
}

static bool pool_fill(Pool *p) {
    size_t each = (sizeof(Iter) + USES - 1) / USES * USES;
    char *chunk = aligned_alloc(USES, each * POOL_CHUNK);
    if (!chunk || !rt_held_note(chunk, each * POOL_CHUNK))
        return false;
    for (int i = 0; i < POOL_CHUNK; i++) {
        Iter *it = (Iter *)(void *)(chunk + (size_t)i * each);
        memset(it, 0, sizeof *it);
        it->pool = p;
        it->next = p->unused;
        p->unused = it;
    }
    return true;
}

static Iter *iter_new(size_t elem_size) {
    rt_lock(&pools_lock, RANK_ALLG);
    Pool *p = pool_of(elem_size);
    Iter *it = NULL;
    if (p && (p->unused || pool_fill(p))) {
        it = p->unused;
        p->unused = it->next;
    }
    rt_unlock(&pools_lock);
    if (!it)
        rt_fatal("out of memory (allocating an iterator)");
    memset(it, 0, offsetof(Iter, pool));
    return it;
}

static void iter_free(Iter *it) {
    rt_lock(&pools_lock, RANK_ALLG);
    uint32_t uses = load_relaxed(uint32_t, &it->uses) + 1;
    store_relaxed(uint32_t, &it->uses, uses);
    if (uses < USES) {
        it->next = it->pool->unused;
        it->pool->unused = it;
    }
    rt_unlock(&pools_lock);
}

static Iter *iter_of(gr_iter *handle) { return (Iter *)((uintptr_t)handle & ~(uintptr_t)(USES - 1)); }
static bool is_old(Iter *it, gr_iter *handle) {
    return load_relaxed(uint32_t, &it->uses) != ((uintptr_t)handle & (USES - 1));
}

/* ---- yield --------------------------------------------------------------------------------------------------- */

/* A call of memcpy costs more than the usual sizes. */
static inline void copy(void *to, const void *from, size_t n) {
    if (n == 4)
        memcpy(to, from, 4);
    else if (n == 8)
        memcpy(to, from, 8);
    else if (n > 0)
        memcpy(to, from, n);
}

static bool yield_to_body(G *g, Loop *l, const void *v) {
    if (l->over)
        rt_panic("runtime error: range function continued iteration after function for loop body returned false", NULL);
    g->loop = l->outer;
    bool more = l->body(l->ctx, v);
    g->loop = l;
    l->over = !more;
    return more;
}

/* What is not a yield to gr_next. On its own, so that yield has few calls that may switch: its frame is left and
 * entered each time. */
static bool yield_otherwise(const void *v) {
    G *g = rt_getg();
    Loop *l = g->loop;
    if (!l)
        rt_panic("runtime error: range function continued iteration after whole loop exit", NULL);
    if (l->body)
        return yield_to_body(g, l, v);
    if (!((Iter *)g->coro)->done)
        rt_panic("iter.Pull: yield called again before next", NULL);
    return false;
}

/* Called through this: wasm-opt would put it into yield. */
static bool (*volatile otherwise)(const void *v) = yield_otherwise;

static bool yield(const void *v) {
    G *g = rt_getg();
    Iter *it = (Iter *)g->coro;
    if (__builtin_expect(!g->loop || g->loop->body || it->done || !it->wanted, 0))
        return otherwise(v);
    it->wanted = false;
    it->got = true;
    if (it->to)
        copy(it->to, v, it->pool->elem_size);
    rt_coro_switch(&it->coro);
    return !((Iter *)rt_getg()->coro)->done; /* again: a local would be stored and loaded at every switch */
}

/* ---- pulled -------------------------------------------------------------------------------------------------- */

/* The iterator's goroutine. */
static void sequence(void) {
    G *g = rt_getg();
    Iter *it = (Iter *)g->coro;
    if (!it->done) { /* else stopped before the first gr_next */
        g->loop = &it->loop;
        it->seq(yield, it->arg);
    }
    rt_goroutine_end();
}

gr_iter *gr_pull_at(void (*seq)(gr_yield_fn *yield, void *arg), void *arg, size_t elem_size, const char *name,
                    gr_site *site) {
    rt_charge(COST_NS);
    Iter *it = iter_new(elem_size);
    it->seq = seq;
    it->arg = arg;
    rt_coro_start(&it->coro, sequence, name, site);
    return (gr_iter *)((uintptr_t)it | load_relaxed(uint32_t, &it->uses));
}

/* Its goroutine has ended: what ended it goes on in the caller. free_it: the caller stops it. */
static void go_on_ending(Iter *it, bool free_it, gr_site *site) {
    CoroEnd how = it->coro.end;
    char *msg = it->coro.panic;
    it->coro.end = CORO_RETURNED;
    it->coro.panic = NULL;
    it->wanted = false;
    it->done = true;
    if (free_it)
        iter_free(it);
    if (how == CORO_PANICKED)
        rt_panic_owned(msg, site);
    if (how == CORO_GOEXIT)
        gr_goexit();
}

static bool nothing(Iter *it, void *v) {
    if (v && it->pool->elem_size > 0)
        memset(v, 0, it->pool->elem_size);
    return false;
}

typedef enum Next { NEXT_CAME, NEXT_LEFT, NEXT_OTHERWISE } Next;

/* What of gr_next never suspends, so that asyncify has few calls to guard there. LEFT: the caller has to leave its
 * stack. */
static Next next_begin(Iter *it, gr_iter *handle, void *v, gr_site *site) {
    if (is_old(it, handle) || it->done || it->wanted)
        return NEXT_OTHERWISE;
    it->wanted = true;
    it->got = false;
    it->to = v;
    rt_getg()->site = site;
    return rt_coro_enter(&it->coro) ? NEXT_CAME : NEXT_LEFT;
}

bool gr_next_at(gr_iter *handle, void *v, gr_site *site) {
    rt_charge(COST_NS);
    Iter *it = iter_of(handle);
    Next n = next_begin(it, handle, v, site);
    if (n == NEXT_LEFT)
        rt_coro_leave();
    if (__builtin_expect(n != NEXT_OTHERWISE && it->got, 1))
        return true;
    if (n == NEXT_OTHERWISE && !is_old(it, handle) && it->wanted && !it->done)
        rt_panic("iter.Pull: next called again before yield", site);
    if (n != NEXT_OTHERWISE && it->coro.end != CORO_RUNS)
        go_on_ending(it, false, site);
    return nothing(it, v);
}

void gr_stop_at(gr_iter *handle, gr_site *site) {
    rt_charge(COST_NS);
    Iter *it = iter_of(handle);
    if (is_old(it, handle))
        return;
    if (it->done) {
        iter_free(it);
        return;
    }
    if (it->wanted)
        rt_panic("iter.Pull: stop called before yield", site);
    it->done = true;
    rt_getg()->site = site;
    if (!rt_coro_enter(&it->coro))
        rt_coro_leave();
    rt_assert(it->coro.end != CORO_RUNS);
    go_on_ending(it, true, site);
}

/* ---- pushed -------------------------------------------------------------------------------------------------- */

void gr_each(void (*seq)(gr_yield_fn *yield, void *arg), void *arg, bool (*body)(void *ctx, const void *v), void *ctx) {
    rt_must_be_here();
    G *g = rt_getg();
    Loop l = {.outer = g->loop, .body = body, .ctx = ctx};
    g->loop = &l;
    seq(yield, arg);
    g->loop = l.outer;
}
