/* sema.c: counting semaphores whose waiters are served in order. (Go's sema.go)
 *
 * A semaphore is one word; its queue, which it has only while somebody waits, is found by its address. So a
 * gr_mutex is 8 bytes however many there are. The address chooses one of ROOTS roots, each with a lock of its own.
 * A root holds a tree of the addresses that are waited on, and each node of it is the first waiter of its address,
 * with the others in a list behind it: finding an address among n takes O(log n) steps, waiting and waking another
 * of the same address one step more.
 *
 * The tree is a treap: by address a search tree, by `priority` a heap. Priorities are hashes of the addresses, not
 * random numbers: the seed of a simulated run shall not depend on who waits. No node points up: the root's lock is
 * held over the whole descent, and only the first waiter of an address ever leaves.
 *
 * Where we differ from Go: a release gives its unit directly to the first waiter, so no newcomer can snatch it
 * (newcomers still overtake at the mutex: mutex.c), and both operations always take the root's lock.
 *
 * Invariants, under the root's lock
 *  1. *s > 0 means that nobody waits on s.
 *  2. Each address is in the tree at most once; a node's `last` is valid for the first of its address only.
 *  3. The word is touched before the lock is freed, not after: whoever comes back from rt_sema_acquire may free the
 *     memory (a gr_waitgroup on a stack).
 */
#include "base/hooks.h"
#include "core/park.h"
#include "sync/sema.h"

_Static_assert(sizeof(gr_mutex) == 8 && sizeof(gr_rwmutex) == 24 && sizeof(gr_waitgroup) == 16 && sizeof(gr_once) == 12,
               "a word each for what waits");

#define ROOTS 251 /* as Go: prime, so that no stride of addresses prefers some */

/* A goroutine that waits, on its stack. */
typedef struct Sleeper {
    G *g;
    uint32_t *addr;              /* of the semaphore */
    struct Sleeper *next, *last; /* the next and the last who wait on the same address */
    struct Sleeper *less, *more; /* subtrees: lower and higher addresses; first of an address only */
    uint32_t priority;           /* not lower than any below */
    bool served;                 /* has been given a unit */
} Sleeper;

/* A cache line each: neighbours are locked by others. */
static struct Root {
    _Alignas(64) rt_mutex lock; /* RANK_SEMA */
    Sleeper *top;
} root[ROOTS];

static struct Root *root_of(uint32_t *addr) { return &root[((uintptr_t)addr >> 3) % ROOTS]; }

/* Fibonacci hashing: addresses of one root differ by multiples of 8 * ROOTS; the high bits of the product mix all
 * of them. */
static uint32_t priority_of(uint32_t *addr) {
    uint64_t x = (uint64_t)(uintptr_t)addr * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)((x ^ x >> 29) >> 24);
}

/* ---- the tree ------------------------------------------------------------------------------------------------ */

/* Where the first waiter of addr hangs; *result is NULL if nobody waits. */
static Sleeper **find(struct Root *r, uint32_t *addr) {
    Sleeper **at = &r->top;
    while (*at && (*at)->addr != addr)
        at = (uintptr_t)addr < (uintptr_t)(*at)->addr ? &(*at)->less : &(*at)->more;
    return at;
}

/* s takes the place of old, which stays valid. */
static void replace(Sleeper **at, Sleeper *old, Sleeper *s) {
    s->less = old->less;
    s->more = old->more;
    s->priority = old->priority;
    s->last = old->last;
    *at = s;
}

/* The first of its address: goes in above everything of a lower priority, whose tree it divides into lower and higher
 * addresses. */
static void insert(struct Root *r, Sleeper *s) {
    Sleeper **at = &r->top;
    s->priority = priority_of(s->addr);
    while (*at && (*at)->priority >= s->priority)
        at = (uintptr_t)s->addr < (uintptr_t)(*at)->addr ? &(*at)->less : &(*at)->more;
    Sleeper *below = *at, **less = &s->less, **more = &s->more;
    *at = s;
    while (below) {
        if ((uintptr_t)below->addr < (uintptr_t)s->addr) {
            *less = below;
            less = &below->more;
            below = *less;
        } else {
            *more = below;
            more = &below->less;
            below = *more;
        }
    }
    *less = *more = NULL;
}

/* Takes *at out; its two subtrees are joined in its place. */
static void unhang(Sleeper **at) {
    Sleeper *less = (*at)->less, *more = (*at)->more;
    while (less && more) {
        if (less->priority >= more->priority) {
            *at = less;
            at = &less->more;
            less = *at;
        } else {
            *at = more;
            at = &more->less;
            more = *at;
        }
    }
    *at = less ? less : more;
}

static void put(struct Root *r, Sleeper *s, bool lifo) {
    Sleeper **at = find(r, s->addr), *first = *at;
    if (!first) {
        s->last = s;
        insert(r, s);
    } else if (lifo) {
        s->next = first;
        replace(at, first, s);
    } else {
        first->last->next = s;
        first->last = s;
    }
}

/* The first who waits on addr, NULL: nobody. */
static Sleeper *take(struct Root *r, uint32_t *addr) {
    Sleeper **at = find(r, addr), *first = *at;
    if (!first)
        return NULL;
    if (first->next)
        replace(at, first, first->next);
    else
        unhang(at);
    return first;
}

/* ---- the operations ------------------------------------------------------------------------------------------ */

void rt_sema_acquire(uint32_t *s, bool lifo, WaitReason reason, gr_site *site) {
    struct Root *r = root_of(s);
    rt_lock(&r->lock, RANK_SEMA);
    if (*s > 0) {
        --*s;
        rt_unlock(&r->lock);
        return;
    }
    Sleeper me = {.g = rt_getg(), .addr = s};
    put(r, &me, lifo);
    rt_park_unlock(&r->lock, reason, site);
    rt_assert(me.served);
}

void rt_sema_release(uint32_t *s, bool handoff, gr_site *site) {
    struct Root *r = root_of(s);
    rt_lock(&r->lock, RANK_SEMA);
    Sleeper *first = take(r, s);
    G *g = NULL;
    if (first) {
        first->served = true;
        g = first->g;
    } else {
        ++*s;
    }
    rt_unlock(&r->lock);
    if (!g)
        return;
    rt_ready(g, true, site);
    if (handoff)
        rt_yield_now(site);
}

#ifdef GR_CHECK

/* ---- checking ------------------------------------------------------------------------------------------------ */

/* Counts the places under `at`; the search tree, the heap and the ends of the queues must be whole. */
static void walk(Sleeper *at) {
    if (!at)
        return;
    rt_check_that(!at->less || (at->less->addr < at->addr && at->less->priority <= at->priority),
                  "a semaphore's tree is torn", at->less->g);
    rt_check_that(!at->more || (at->more->addr > at->addr && at->more->priority <= at->priority),
                  "a semaphore's tree is torn", at->more->g);
    rt_check_that(*at->addr == 0, "a goroutine waits and the semaphore has a unit for it", at->g);
    for (Sleeper *s = at; s; s = s->next) {
        rt_check_that(s->addr == at->addr && !s->served,
                      "a goroutine is in a semaphore's queue that it should not be in", s->g);
        rt_check_that(s->next || at->last == s, "a semaphore's queue has a wrong end", s->g);
        s->g->check.nqueued++;
    }
    walk(at->less);
    walk(at->more);
}

void rt_check_sema(G *g) {
    struct Root *r = g->check.wait_on;
    rt_check_that(atomic_load(&r->lock.word) == 0, "a semaphore is locked and nobody is at it", g);
    if (r->top && r->top->g == g)
        walk(r->top);
}

#endif
