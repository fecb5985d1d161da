/* alloc.c: blocks for programs: the public functions that make them. (malloc.go)
 *
 * Where we differ from Go: a pointer just behind a block's end keeps it. C may form it, and compilers keep such a
 * one alone in loops that run to an end. So there is a byte more than was asked for, but in gr_new's blocks, which
 * are no rows.
 */
#include "heap/collect.h"
#include "base/debug.h"
#include <string.h>

#define COST_NS 25 /* what a block takes under the virtual clock */

/* Sizes are 8 and multiples of ALIGN, so no block of the size 24 is one of 17 bytes where that is 16. */
static size_t behind(size_t n) { return n < 8 ? 8 : (n | (ALIGN - 1)) + 1; }

/* Anything but taking the next block of a row. */
static __attribute__((noinline)) void *slow(size_t n, SpanKind kind, gr_site *site) {
    if (n > PTRDIFF_MAX)
        rt_gc_out_of_memory(n);
    rt_charge(COST_NS);
    if (!atomic_load(&rt_heap.begun))
        rt_heap_begin();
    if (rt_debug_vars.gcstress)
        rt_gc_whole(site, false);
    void *block = n > LARGEST_SMALL ? rt_cache_large(n, kind, site)
                                    : rt_cache_block(rt_central_of(rt_size_class(&rt_heap.sizes, n), kind), site);
    if (rt_debug_vars.traceallocfree)
        rt_allocfree_block(block);
    return block;
}

static inline __attribute__((always_inline)) void *block(size_t n, SpanKind kind, gr_site *site) {
    Cache *c;
    if (rt_quiet() && n <= LARGEST_SMALL && (c = load_relaxed(Cache *, &port_get_m()->p->heap)) != NULL) {
        Run *r = &c->runs[rt_central_of(rt_size_class(&rt_heap.sizes, n), kind)];
        uintptr_t at = r->at;
        if (__builtin_expect(at != r->end, 1)) {
            r->at = at + r->size;
            return (void *)at;
        }
    }
    return slow(n, kind, site);
}

void *gr_new_at(size_t n, gr_site *site) { return block(n, SPAN_SCAN, site); }

void *gr_alloc_at(size_t n, gr_site *site) {
    if (n > PTRDIFF_MAX)
        rt_gc_out_of_memory(n);
    return block(behind(n), SPAN_SCAN, site);
}

void *gr_alloc_noscan_at(size_t n, gr_site *site) {
    if (n > PTRDIFF_MAX)
        rt_gc_out_of_memory(n);
    return block(behind(n), SPAN_NOSCAN, site);
}

void *gr_make_at(size_t size, size_t n, gr_site *site) {
    if (size && n > PTRDIFF_MAX / size)
        rt_panic("runtime error: makeslice: len out of range", site);
    return block(behind(size * n), SPAN_SCAN, site);
}

/* The last one that was right is not looked at again: a program has few, each for many blocks. */
static void check_layout(const gr_layout *l, gr_site *site) {
    static _Atomic(const gr_layout *) right;
    if (!l)
        rt_fatal_at("gr_alloc_layout: the layout is NULL; blocks without one are gr_alloc's", site);
    if (l == load_relaxed(const gr_layout *, &right))
        return;
    if (l->size == 0 || l->size % sizeof(void *) != 0)
        rt_fatal_at("gr_alloc_layout: the size of a layout is a multiple of a pointer's", site);
    if (l->n > 0 && !l->offsets)
        rt_fatal_at("gr_alloc_layout: the layout has pointers, but its offsets are NULL", site);
    for (size_t i = 0; i < l->n; i++)
        if (l->offsets[i] % sizeof(void *) != 0 || l->offsets[i] > l->size - sizeof(void *))
            rt_fatal_at("gr_alloc_layout: an offset of the layout is no multiple of a pointer's size, or outside of "
                        "the element",
                        site);
    store_relaxed(const gr_layout *, &right, l);
}

void *gr_alloc_layout_at(size_t n, const gr_layout *layout, gr_site *site) {
    check_layout(layout, site);
    if (n > PTRDIFF_MAX)
        rt_gc_out_of_memory(n);
    char *at = block(n + LAYOUT_HEAD, SPAN_LAYOUT, site);
    memcpy(at, &layout, sizeof layout);
    return at + LAYOUT_HEAD;
}

/* ---- growing ------------------------------------------------------------------------------------------------- */

/* What other threads do to the span meanwhile makes no difference for a block that the caller has. So a free one is
 * seen but in a row that another P has begun, and in a span that is not swept. */
UNSANITIZED bool rt_is_block(const Span *s, uintptr_t at) {
    uint32_t i = rt_block_number(s, at);
    if (i >= s->nblocks)
        return false;
    if (s->place != SPAN_CACHED && s->place != SPAN_PARTIAL && s->place != SPAN_FULL)
        return true;
    return (i < s->next || (s->allocated[i / 64] >> (i % 64) & 1)) && !rt_cache_has_free(s, rt_block_at(s, i));
}

void *gr_realloc_at(void *p, size_t n, gr_site *site) {
    rt_charge(0);
    if (!p)
        return gr_alloc_at(n, site);
    Span *s = rt_span_of((uintptr_t)p);
    size_t head = s && s->kind == SPAN_LAYOUT ? LAYOUT_HEAD : 0;
    if (!s || !rt_is_block(s, (uintptr_t)p) || rt_block_at(s, rt_block_number(s, (uintptr_t)p)) + head != (uintptr_t)p)
        rt_fatal_at("gr_realloc: the pointer is not one that gr_alloc has returned", site);
    size_t room = s->size - head;
    if (n < room && n >= room / 2 && (n < ALIGN || (uintptr_t)p % ALIGN == 0)) {
        memset((char *)p + n, 0, room - n); /* it may have been longer: what comes back later is zero */
        return p;
    }
    void *to;
    if (head) {
        const gr_layout *layout;
        memcpy(&layout, (char *)p - head, sizeof layout);
        to = gr_alloc_layout_at(n, layout, site);
    } else {
        to = s->kind == SPAN_NOSCAN ? gr_alloc_noscan_at(n, site) : gr_alloc_at(n, site);
    }
    memcpy(to, p, n < room ? n : room);
    gr_keep(p);
    return to;
}
