/* cache.c: what a P allocates from: of each class and kind a span, and in it a row of free blocks. (mcache.go)
 *
 * Allocating moves Run.at. A row is zeroed as a whole when it is begun. The heap is said to have grown by all that a
 * span has room for when a P takes it, so that neither counting nor pacing costs anything at a block; what was not
 * used is taken back when the span is handed in.
 */
#include "heap/collect.h"
#include "core/trace_gc.h"
#include <string.h>

/* ---- rows of blocks ------------------------------------------------------------------------------------------ */

/* The first block from i on that is allocated, or is not. */
static uint32_t next_that(const Span *s, uint32_t i, bool allocated) {
    while (i < s->nblocks) {
        uint64_t bits = s->allocated[i / 64];
        bits = (allocated ? bits : ~bits) >> (i % 64);
        if (bits) {
            i += (uint32_t)__builtin_ctzll(bits);
            return i < s->nblocks ? i : s->nblocks;
        }
        i = (i / 64 + 1) * 64;
    }
    return s->nblocks;
}

/* False: the span has none left. *is_sample: the row is one block, and that is it. */
static bool begin_row(Run *r, bool *is_sample) {
    Span *s = r->span;
    uint32_t from = next_that(s, s->next, false), to = next_that(s, from, true);
    if (from == s->nblocks)
        return false;
    *is_sample = r->sample == 0;
    if (r->sample < to - from)
        to = from + (r->sample ? r->sample : 1);
    if (*is_sample)
        r->sample = NO_SAMPLE;
    else if (r->sample != NO_SAMPLE)
        r->sample -= to - from;
    s->next = to;
    r->at = rt_block_at(s, from);
    r->end = rt_block_at(s, to);
    UNPOISON(r->at, r->end - r->at);
    if (!s->zeroed)
        memset((void *)r->at, 0, r->end - r->at);
    return true;
}

/* Blocks of the span that have not been given out. */
static uint32_t unused(const Run *r) {
    const Span *s = r->span;
    uint32_t n = (uint32_t)((r->end - r->at) / s->size);
    for (uint32_t i = s->next; i < s->nblocks; i++)
        n += !rt_bit(s->allocated, i);
    return n;
}

/* Blocks below are given out. */
static uint32_t used_to(const Run *r) { return r->at == r->end ? r->span->next : rt_block_number(r->span, r->at); }

/* ---- a P's --------------------------------------------------------------------------------------------------- */

static Cache *cache_of_p(void) {
    P *p = port_get_m()->p;
    Cache *c = load_relaxed(Cache *, &p->heap);
    if (c)
        return c;
    if (!(c = port_alloc(sizeof *c)))
        rt_gc_out_of_memory(sizeof *c);
    atomic_store(&p->heap, c); /* who wants figures looks at it */
    return c;
}

/* One more, where others may read it. */
static void count(Cache *c, uint64_t blocks, uint64_t bytes) {
    atomic_store_explicit(&c->allocs, atomic_load_explicit(&c->allocs, memory_order_relaxed) + blocks,
                          memory_order_relaxed);
    atomic_store_explicit(&c->bytes, atomic_load_explicit(&c->bytes, memory_order_relaxed) + bytes,
                          memory_order_relaxed);
}

static void hand_in(Cache *c, Run *r) {
    Span *s = r->span;
    uint32_t left = unused(r);
    s->next = used_to(r);
    count(c, s->nfree - left, (uint64_t)(s->nfree - left) * s->size);
    atomic_fetch_sub(&rt_heap.live, (int64_t)left * (int64_t)s->size);
    s->nfree = left;
    *r = (Run){.size = s->size};
    rt_central_put(s);
}

bool rt_cache_has_free(const Span *s, uintptr_t block) {
    Cache *c = load_relaxed(Cache *, &port_get_m()->p->heap);
    const Run *r = c ? &c->runs[s->list] : NULL;
    return r && r->span == s && block >= r->at && block < r->end;
}

static void grown(int64_t bytes) {
    int64_t live = atomic_fetch_add(&rt_heap.live, bytes) + bytes;
    TraceLocker l = rt_trace_acquire(port_get_m());
    if (l.m) {
        rt_trace_heap_alloc(l, (uint64_t)live);
        rt_trace_release(l);
    }
}

static Span *take(uint32_t list, gr_site *site) {
    rt_sweep_pay(rt_heap.sizes.pages[list / SPAN_KINDS] * PAGE, site);
    return rt_central_take(list, site);
}

void *rt_cache_block(uint32_t list, gr_site *site) {
    bool grew = false, last = false, is_sample = false;
    for (;;) {
        Cache *c = cache_of_p();
        Run *r = &c->runs[list];
        if (r->at != r->end || (r->span && begin_row(r, &is_sample))) {
            void *block = (void *)r->at;
            r->at += r->size;
            if (is_sample)
                rt_profile_sample(r->span->nfree, site, block);
            return block;
        }
        if (r->span)
            hand_in(c, r);
        size_t bytes = rt_heap.sizes.pages[list / SPAN_KINDS] * PAGE;
        if (!grew) {
            grew = true;
            rt_gc_before(bytes, site); /* may go on on another P */
            continue;
        }
        Span *s = take(list, site);
        if (s) {
            s->place = SPAN_CACHED;
            *r = (Run){.span = s, .size = s->size, .sample = rt_profile_draw(c, s->nfree, s->size)};
            grown((int64_t)s->nfree * (int64_t)s->size);
        } else if (last) {
            rt_gc_out_of_memory(bytes);
        } else {
            last = true;
            rt_gc_whole(site, false); /* one more cycle may free some */
        }
    }
}

void *rt_cache_large(size_t n, SpanKind kind, gr_site *site) {
    rt_gc_before(n, site);
    rt_sweep_pay(n, site);
    Span *s = rt_central_take_large(n, kind, site);
    if (!s) {
        rt_gc_whole(site, false);
        s = rt_central_take_large(n, kind, site);
    }
    if (!s)
        rt_gc_out_of_memory(n);
    if (!s->zeroed)
        memset((void *)s->base, 0, s->size);
    s->next = 1;
    s->nfree = 0;
    Cache *c = cache_of_p();
    count(c, 1, s->size);
    grown((int64_t)s->size);
    void *block = (void *)s->base;
    rt_central_put(s);
    if (rt_profile_draw(c, 1, s->size) == 0)
        rt_profile_sample(1, site, block);
    return block;
}

/* ---- of all Ps, while the world is stopped ------------------------------------------------------------------- */

void rt_caches_flush(void) {
    for (int i = 0; i < rt_sched.allocated; i++) {
        Cache *c = rt_sched.allp[i]->heap;
        for (uint32_t l = 0; c && l < NLISTS; l++)
            if (c->runs[l].span)
                hand_in(c, &c->runs[l]);
    }
}

int64_t rt_caches_note(void) {
    int64_t bytes = 0;
    for (int i = 0; i < rt_sched.allocated; i++) {
        Cache *c = rt_sched.allp[i]->heap;
        for (uint32_t l = 0; c && l < NLISTS; l++) {
            Run *r = &c->runs[l];
            if (!r->span)
                continue;
            bytes += (int64_t)unused(r) * (int64_t)r->size;
            r->span->next_then = used_to(r);
        }
    }
    return bytes;
}

uint32_t rt_cache_used(Span *s) {
    for (int i = 0; i < rt_sched.allocated; i++) {
        Cache *c = rt_sched.allp[i]->heap;
        if (c && c->runs[s->list].span == s)
            return used_to(&c->runs[s->list]);
    }
    return s->next;
}

void rt_cache_totals(uint64_t *allocs, uint64_t *bytes) {
    *allocs = *bytes = 0;
    for (int i = 0; i < rt_sched.allocated; i++) {
        Cache *c = rt_sched.allp[i]->heap;
        if (!c)
            continue;
        *allocs += atomic_load_explicit(&c->allocs, memory_order_relaxed);
        *bytes += atomic_load_explicit(&c->bytes, memory_order_relaxed);
    }
}
