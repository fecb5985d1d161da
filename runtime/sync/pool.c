/* pool.c: gr_pool: objects that are spare, kept where they are needed next. (Go's sync/pool.go)
 *
 * Each P has a place of its own in each pool: one object without a lock (own), since nothing else runs on the P,
 * and a ring of others under a lock. The P puts and takes at the head of its ring, where the objects are warm; a P
 * that has none takes from the tails of the others.
 *
 * Where we differ from Go: no collector comes by to throw away what nobody needs, so gr_pool_trim does. Go keeps
 * what was spare at one collection until the next; here a ring knows how many it has always had since it was
 * trimmed (least), and as many of its oldest go. Go's rings have no lock. Here get and put took 28 ns by `own`,
 * half by the ring 43 with one P and 70 with two, malloc and free of 64 bytes 120 (emscripten, node 20, measured
 * side by side under load).
 *
 * Invariants
 *  1. own is touched only by what runs on that P, and by gr_pool_free, when nobody uses the pool.
 *  2. Only what runs on the P makes its ring longer. Under its lock: n <= cap, a power of 2, and least <= n.
 */
#include "core/held.h"
#include "core/park.h"
#include "sync/sema.h"
#include <stdlib.h>

#define FIRST_CAP 8

typedef struct Place {
    _Alignas(64) void *own;
    rt_mutex lock; /* RANK_SEMA; guards the rest */
    uint32_t n;    /* objects in the ring, the oldest at tail */
    uint32_t tail, cap;
    uint32_t least; /* of n since gr_pool_trim */
    void **ring;
    void *memory; /* that this lies in */
} Place;

typedef struct Places {
    _Atomic(Place *) of[MAX_PROCS]; /* NULL: nothing has been put on that P yet */
} Places;

static Places *places(gr_pool *p) { return __atomic_load_n((Places **)(void *)&p->places, __ATOMIC_ACQUIRE); }

static Place *place(gr_pool *p, int i) {
    Places *all = places(p);
    return all ? atomic_load_explicit(&all->of[i], memory_order_acquire) : NULL;
}

/* NULL: no memory. */
static Place *place_new(gr_pool *p, int i) {
    Places *all = places(p), *none = NULL;
    if (!all) {
        if (!(all = calloc(1, sizeof *all)))
            return NULL;
        if (!__atomic_compare_exchange_n((Places **)(void *)&p->places, &none, all, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE)) {
            free(all);
            all = none;
        }
    }
    char *memory = rt_held_alloc(sizeof(Place) + _Alignof(Place));
    Place *at = NULL;
    if (memory) {
        at = (Place *)(void *)(memory + (-(uintptr_t)memory & (_Alignof(Place) - 1)));
        *at = (Place){.memory = memory};
    }
    atomic_store_explicit(&all->of[i], at, memory_order_release);
    return at;
}

static void drop(gr_pool *p, void *x) {
    if (p->drop)
        p->drop(x);
    else
        free(x);
}

/* ---- the ring ------------------------------------------------------------------------------------------------ */

/* Doubled. By what runs on its P; false: no memory. */
static bool grow(Place *at) {
    uint32_t cap = at->cap ? 2 * at->cap : FIRST_CAP;
    void **ring = rt_held_alloc(cap * sizeof *ring), **old = at->ring;
    if (!ring)
        return false;
    rt_lock(&at->lock, RANK_SEMA);
    for (uint32_t i = 0; i < at->n; i++)
        ring[i] = old[(at->tail + i) & (at->cap - 1)];
    at->ring = ring;
    at->tail = 0;
    at->cap = cap;
    rt_unlock(&at->lock);
    rt_held_free(old);
    return true;
}

static bool push(Place *at, void *x) {
    rt_lock(&at->lock, RANK_SEMA);
    bool fits = at->n < at->cap;
    if (fits)
        at->ring[(at->tail + at->n++) & (at->cap - 1)] = x;
    rt_unlock(&at->lock);
    return fits || (grow(at) && push(at, x));
}

/* The newest or the oldest; NULL: empty. */
static void *pop(Place *at, bool newest) {
    void *x = NULL;
    rt_lock(&at->lock, RANK_SEMA);
    if (at->n > 0) {
        at->n--;
        x = at->ring[(newest ? at->tail + at->n : at->tail++) & (at->cap - 1)];
        if (at->least > at->n)
            at->least = at->n;
    }
    rt_unlock(&at->lock);
    return x;
}

/* ---- the operations ------------------------------------------------------------------------------------------ */

/* From P id or another, without waiting; NULL: there is none. */
static void *find(gr_pool *p, int id) {
    if (!places(p))
        return NULL;
    int n = rt_sched.allocated;
    for (int i = 0; i < n; i++) {
        Place *at = place(p, (id + i) % n);
        void *x = at ? pop(at, i == 0) : NULL;
        if (x)
            return x;
    }
    return NULL;
}

static __attribute__((noinline)) void *get_slow(gr_pool *p) {
    rt_charge(SYNC_COST_NS);
    int id = port_get_m()->p->id;
    Place *at = place(p, id);
    void *x = at ? at->own : NULL;
    if (x) {
        at->own = NULL;
        return x;
    }
    x = find(p, id);
    return x || !p->make ? x : p->make();
}

void *gr_pool_get(gr_pool *p) {
    Place *at = rt_quiet() ? place(p, port_get_m()->p->id) : NULL;
    void *x = at ? at->own : NULL;
    if (!x)
        return get_slow(p);
    at->own = NULL;
    return x;
}

static __attribute__((noinline)) void put_slow(gr_pool *p, void *x) {
    rt_charge(SYNC_COST_NS);
    int id = port_get_m()->p->id;
    Place *at = place(p, id);
    if (!at)
        at = place_new(p, id);
    if (at && !at->own)
        at->own = x;
    else if (!at || !push(at, x))
        drop(p, x);
}

void gr_pool_put(gr_pool *p, void *x) {
    if (!x)
        return;
    Place *at = rt_quiet() ? place(p, port_get_m()->p->id) : NULL;
    if (at && !at->own)
        at->own = x;
    else
        put_slow(p, x);
}

void gr_pool_trim(gr_pool *p) {
    rt_charge(SYNC_COST_NS);
    for (int i = 0; i < rt_sched.allocated; i++) {
        Place *at = place(p, i);
        if (!at)
            continue;
        rt_lock(&at->lock, RANK_SEMA);
        uint32_t spare = at->least;
        rt_unlock(&at->lock);
        void *x;
        while (spare-- > 0 && (x = pop(at, false)) != NULL)
            drop(p, x);
        rt_lock(&at->lock, RANK_SEMA);
        at->least = at->n;
        rt_unlock(&at->lock);
    }
}

void gr_pool_free(gr_pool *p) {
    rt_must_be_here();
    for (int i = 0; i < MAX_PROCS; i++) {
        Place *at = place(p, i);
        if (!at)
            continue;
        if (at->own)
            drop(p, at->own);
        for (void *x; (x = pop(at, false)) != NULL;)
            drop(p, x);
        rt_held_free(at->ring);
        rt_held_free(at->memory);
    }
    free(p->places);
    p->places = NULL;
}
