/* central.c: spans by class and kind, between the Ps' caches and the pages. (mcentral.go)
 *
 * After a cycle all spans are unswept. Who needs one takes of his class what has room, sweeps others until one has,
 * or makes a new one. Whoever takes a span off a list has it for himself: lists need their lock only for that.
 */
#include "base/debug.h"
#include "core/trace_gc.h"
#include "heap/collect.h"

#define MOST_SWEPT 100 /* spans that one call sweeps in search of room, as Go */

static Central *lists(uint32_t list) { return &rt_heap.central[list]; }

static Span *take(Central *c, SpanList *from) {
    rt_lock(&c->lock, RANK_SPANS);
    Span *s = rt_list_take(from);
    if (s)
        s->place = SPAN_HELD;
    rt_unlock(&c->lock);
    return s;
}

Span *rt_central_take_unswept(uint32_t list) { return take(lists(list), &lists(list)->unswept); }

void rt_central_put(Span *s) {
    if (s->nfree == s->nblocks && atomic_load_explicit(&rt_heap.phase, memory_order_relaxed) == GC_OFF) {
        if (rt_debug_vars.traceallocfree)
            rt_allocfree_span(s, false);
        rt_pages_forget(s);
        rt_pages_give(s);
        return;
    }
    Central *c = lists(s->list);
    rt_lock(&c->lock, RANK_SPANS);
    s->place = s->nfree ? SPAN_PARTIAL : SPAN_FULL;
    rt_list_put(s->nfree ? &c->partial : &c->full, s);
    rt_unlock(&c->lock);
}

size_t rt_central_all_unswept(void) {
    size_t n = 0;
    for (uint32_t i = 0; i < NLISTS; i++) {
        Central *c = lists(i);
        rt_list_join(&c->unswept, &c->partial);
        rt_list_join(&c->unswept, &c->full);
        for (Span *s = c->unswept.first; s; s = s->after, n++)
            s->place = SPAN_UNSWEPT;
    }
    return n;
}

/* ---- new ones ------------------------------------------------------------------------------------------------ */

static Span *begin(Span *s, uint32_t size_class, SpanKind kind, size_t size) {
    if (!s)
        return NULL;
    s->size = size;
    s->size_class = (uint8_t)size_class;
    s->kind = (uint8_t)kind;
    s->list = rt_central_of(size_class, kind);
    s->nblocks = size_class ? (uint32_t)(s->pages * PAGE / size) : 1;
    s->magic = size_class ? (uint32_t)(UINT32_MAX / size + 1) : 0;
    s->nfree = s->nblocks;
    s->place = SPAN_HELD;
    if (rt_pages_enter(s)) {
        if (rt_debug_vars.traceallocfree)
            rt_allocfree_span(s, true);
        return s;
    }
    rt_pages_give(s);
    return NULL;
}

/* Large blocks that are not swept yet, until so many pages are free: else a program of large blocks would grow before
 * it has back what it has dropped. (mheap.reclaim) */
static void reclaim(size_t pages, gr_site *site) {
    Sweeping told = {0};
    for (uint32_t kind = 0; kind < SPAN_KINDS; kind++)
        for (Span *s;
             told.freed < pages * PAGE && (s = rt_central_take_unswept(rt_central_of(0, (SpanKind)kind))) != NULL;) {
            rt_sweep_span(s, &told, site);
            rt_central_put(s);
        }
    rt_sweep_told(&told);
}

Span *rt_central_take_large(size_t n, SpanKind kind, gr_site *site) {
    size_t pages = (n + PAGE - 1) / PAGE;
    reclaim(pages, site);
    return begin(rt_pages_take(pages, SIZE_MAX), 0, kind, pages * PAGE);
}

/* One that gets room by being swept. */
static Span *swept(uint32_t list, gr_site *site) {
    Span *found = NULL, *s;
    Sweeping told = {0};
    for (int i = 0; i < MOST_SWEPT && !found && (s = rt_central_take_unswept(list)) != NULL; i++) {
        rt_sweep_span(s, &told, site);
        if (s->nfree)
            found = s;
        else
            rt_central_put(s);
    }
    rt_sweep_told(&told);
    return found;
}

Span *rt_central_take(uint32_t list, gr_site *site) {
    uint32_t size_class = list / SPAN_KINDS, size = rt_heap.sizes.size[size_class];
    Span *s = take(lists(list), &lists(list)->partial);
    if (!s)
        s = swept(list, site);
    if (s)
        return s;
    return begin(rt_pages_take(rt_heap.sizes.pages[size_class], SIZE_MAX), size_class, list % SPAN_KINDS, size);
}
