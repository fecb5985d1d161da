/* check.c: walks the whole heap while the world is stopped, before and after each phase of a cycle, and ends the
 * program if an invariant is broken: there, and not where it is felt. In builds for tests only. (As check/check.c
 * does for the scheduler)
 *
 * Invariants while nobody is within an operation of the heap's
 *  1. A span of blocks is on one list of its class and kind, which its place says, or with one P; its pages, and no
 *     others, lead to it.
 *  2. nfree is the number of blocks from next on whose bit in `allocated` is not set. Full spans have none.
 *  3. Out of a cycle no swept span has a mark; in it only what was allocated at the snapshot has.
 *  4. A table's longest free run and the one at its end are what its bits say, and idle is what is free.
 *  5. live is what is allocated, spans with a P counted as full, unswept ones by their marks.
 */
#include "heap/collect.h"

#ifdef GR_CHECK

static uint32_t bits_from(const Span *s, uint32_t from) {
    uint32_t n = 0;
    for (uint32_t i = from; i < s->nblocks; i++)
        n += rt_bit(s->allocated, i);
    return n;
}

static uintptr_t entry_of(uintptr_t at) {
    uintptr_t i = at - rt_heap.pages.lowest;
    PageTable *t = i / TABLE_BYTES < NTABLES ? atomic_load(&rt_heap.pages.tables[i / TABLE_BYTES]) : NULL;
    return t ? atomic_load(&t->of[i / PAGE % TABLE_PAGES]) : 0;
}

/* ---- spans of blocks ----------------------------------------------------------------------------------------- */

static void check_marks(Span *s) {
    bool on = atomic_load(&rt_heap.phase) == GC_MARK;
    for (uint32_t i = 0; i < s->nblocks && s->place != SPAN_UNSWEPT; i++)
        if (rt_is_marked(s, i)) {
            rt_check_that(on, "heap: a swept block is marked, and no cycle runs", NULL);
            rt_check_that(i < s->next_then || rt_bit(s->allocated, i),
                          "heap: a block is marked that was not allocated at the snapshot", NULL);
        }
}

static void check_span(Span *s, size_t at) {
    rt_check_that(s->at == at, "heap: a span does not know its place among all", NULL);
    rt_check_that(s->place >= SPAN_CACHED && s->place <= SPAN_UNSWEPT, "heap: a span of blocks is nowhere", NULL);
    rt_check_that(s->list == rt_central_of(s->size_class, (SpanKind)s->kind), "heap: a span is of another list", NULL);
    rt_check_that(s->next <= s->nblocks && s->next_then <= s->nblocks, "heap: a span's next is beyond its end", NULL);
    for (size_t i = 0; i < s->pages; i++)
        rt_check_that(entry_of(s->base + i * PAGE) == (uintptr_t)s, "heap: a page does not lead to its span", NULL);
    check_marks(s);
    if (s->place == SPAN_CACHED)
        return;
    rt_check_that(s->nfree == s->nblocks - s->next - bits_from(s, s->next),
                  "heap: nfree is not the number of a span's free blocks", NULL);
    rt_check_that(s->place != SPAN_PARTIAL || s->nfree > 0, "heap: a full span is said to have room", NULL);
    rt_check_that(s->place != SPAN_FULL || s->nfree == 0, "heap: a span with room is said to be full", NULL);
}

static int64_t live_bytes(Span *s) {
    if (s->place == SPAN_CACHED)
        return (int64_t)s->nblocks * (int64_t)s->size;
    if (s->place != SPAN_UNSWEPT)
        return (int64_t)(s->nblocks - s->nfree) * (int64_t)s->size;
    int64_t n = 0;
    for (uint32_t i = 0; i < s->nblocks; i++) /* marked, or born since the snapshot */
        n += rt_is_marked(s, i) || (i >= s->next_then && i < s->next && !rt_bit(s->allocated, i));
    return n * (int64_t)s->size;
}

static size_t walk_list(const SpanList *l, SpanPlace place, uint32_t list) {
    size_t n = 0;
    const Span *before = NULL;
    for (Span *s = l->first; s; before = s, s = s->after, n++) {
        rt_check_that(s->before == before, "heap: a list of spans is broken", NULL);
        rt_check_that(s->place == place && s->list == list, "heap: a span is on a list that is not its own", NULL);
    }
    rt_check_that(l->last == before, "heap: a list's last span is not its last", NULL);
    return n;
}

static size_t walk_caches(void) {
    size_t n = 0;
    for (int i = 0; i < rt_sched.allocated; i++) {
        Cache *c = rt_sched.allp[i]->heap;
        for (uint32_t l = 0; c && l < NLISTS; l++) {
            Run *r = &c->runs[l];
            Span *s = r->span;
            if (!s)
                continue;
            n++;
            rt_check_that(s->place == SPAN_CACHED && s->list == l && s->size == r->size,
                          "heap: a P has a span that is not its own", NULL);
            rt_check_that(r->at <= r->end &&
                              (r->at == r->end || (r->at >= s->base && r->end <= rt_block_at(s, s->next))),
                          "heap: a row is not within what its span has given out", NULL);
        }
    }
    return n;
}

static void walk_spans(void) {
    Pages *h = &rt_heap.pages;
    size_t n = walk_caches();
    for (uint32_t i = 0; i < NLISTS; i++) {
        n += walk_list(&rt_heap.central[i].partial, SPAN_PARTIAL, i);
        n += walk_list(&rt_heap.central[i].full, SPAN_FULL, i);
        n += walk_list(&rt_heap.central[i].unswept, SPAN_UNSWEPT, i);
    }
    rt_check_that(n == h->nspans, "heap: a span is on no list, or on two", NULL);
    int64_t live = 0;
    for (size_t i = 0; i < h->nspans; i++) {
        check_span(h->spans[i], i);
        live += live_bytes(h->spans[i]);
    }
    rt_check_that(live == atomic_load(&rt_heap.live), "heap: live is not what is allocated", NULL);
}

/* ---- free pages ---------------------------------------------------------------------------------------------- */

static void walk_free(void) {
    Pages *h = &rt_heap.pages;
    size_t free = 0;
    for (size_t i = 0; i < NTABLES; i++) {
        PageTable *t = atomic_load(&h->tables[i]);
        uint32_t n = 0, run = 0, most = 0;
        for (uint32_t page = 0; t && page < TABLE_PAGES; page++) {
            bool is_free = rt_bit(t->free, page);
            n += is_free;
            run = is_free ? run + 1 : 0;
            most = run > most ? run : most;
            rt_check_that(!is_free || !atomic_load(&t->of[page]), "heap: a free page is of a span", NULL);
        }
        rt_check_that(!t || (t->most == most && t->tail == run), "heap: a table's free runs are not what it says",
                      NULL);
        rt_check_that(n == 0 || (i >= h->first && i < h->ntables), "heap: free pages are where nobody looks", NULL);
        free += n;
    }
    rt_check_that(free * PAGE == atomic_load(&h->idle), "heap: idle is not what is free", NULL);
}

void rt_gc_check(void) {
    if (!rt_config.check)
        return;
    walk_spans();
    walk_free();
}

#endif
