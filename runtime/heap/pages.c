/* pages.c: the heap's memory in pages: runs of free ones, taken and given back whole or in parts, and which span a
 * page belongs to. (mheap.go, mpagealloc.go)
 *
 * Free runs that touch become one; they are found by their first and last page, whose entries in the tables are
 * marked. A run is taken from the shortest list that may have one: lists are by the logarithm of the length.
 *
 * Memory comes from the port, beside malloc's, ever more at a time: each piece is a hole in malloc's own. Nothing is
 * given back: wasm has no means for that; free pages are used again.
 *
 * Invariants
 *  1. A page is in one free run, in one span of blocks, or in pages that somebody has taken; only the second has an
 *     entry that rt_span_of shows.
 *  2. While marking is on, no page leaves a span of blocks (nothing is swept then). So who follows a word that may
 *     be a pointer, beside everybody else, finds a span that stays, or none.
 */
#include "heap/heap.h"
#include <stdlib.h>
#include <string.h>

#define LEAST ((size_t)1 << 20) /* bytes asked of the port */
#define SHARE 8u                /* or this part of what there is */
#define MOST ((size_t)64 << 20) /* but no more */
#define SPAN_CHUNK 16u          /* Span structs made together */

static Pages *const h = &rt_heap.pages;

/* ---- tables -------------------------------------------------------------------------------------------------- */

/* With the lock. NULL: the address is out of reach, or no memory for its table. */
static _Atomic(uintptr_t) *entry(uintptr_t at, bool make) {
    uintptr_t i = at - h->lowest;
    if (i / TABLE_BYTES >= NTABLES)
        return NULL;
    PageTable *t = atomic_load(&h->tables[i / TABLE_BYTES]);
    if (!t && make && (t = port_alloc(sizeof *t)) != NULL)
        atomic_store(&h->tables[i / TABLE_BYTES], t);
    return t ? &t->of[i / PAGE % (1u << TABLE_BITS)] : NULL;
}

static void set(uintptr_t at, uintptr_t to) { atomic_store_explicit(entry(at, false), to, memory_order_release); }

/* The free run that the page is the first or last of. */
static Span *free_at(uintptr_t at) {
    _Atomic(uintptr_t) *e = entry(at, false);
    uintptr_t s = e ? atomic_load(e) : 0;
    return s & 1 ? (Span *)(s - 1) : NULL;
}

static void mark_ends(Span *s, uintptr_t as) {
    set(s->base, as);
    set(s->base + (s->pages - 1) * PAGE, as);
}

/* ---- free runs ----------------------------------------------------------------------------------------------- */

static int list_for(size_t pages) { return 31 - __builtin_clz((uint32_t)pages); }

static void put_free(Span *s) {
    s->place = SPAN_FREE;
    mark_ends(s, (uintptr_t)s + 1);
    rt_list_put(&h->free[list_for(s->pages)], s);
    atomic_fetch_add(&h->idle, s->pages * PAGE);
}

static void take_free(Span *s) {
    rt_list_remove(&h->free[list_for(s->pages)], s);
    mark_ends(s, 0);
    s->place = SPAN_HELD;
    atomic_fetch_sub(&h->idle, s->pages * PAGE);
}

static void put_unused(Span *s) {
    s->after = h->unused;
    h->unused = s;
}

static Span *new_span(uintptr_t base, size_t pages, bool zeroed) {
    Span *s = h->unused;
    if (!s) {
        Span *chunk = port_alloc(SPAN_CHUNK * sizeof *chunk);
        if (!chunk)
            return NULL;
        for (uint32_t i = 0; i < SPAN_CHUNK; i++)
            put_unused(&chunk[i]);
        s = h->unused;
    }
    h->unused = s->after;
    *s = (Span){.base = base, .pages = pages, .zeroed = zeroed, .place = SPAN_HELD};
    return s;
}

/* What is free on both sides becomes part of it. */
static void put_joined(Span *s) {
    Span *left = free_at(s->base - PAGE), *right = free_at(s->base + s->pages * PAGE);
    if (left) {
        take_free(left);
        s->base = left->base;
        s->pages += left->pages;
        s->zeroed &= left->zeroed;
        put_unused(left);
    }
    if (right) {
        take_free(right);
        s->pages += right->pages;
        s->zeroed &= right->zeroed;
        put_unused(right);
    }
    put_free(s);
}

static bool grow_by(size_t bytes) {
    uintptr_t at = (uintptr_t)port_heap_more(bytes);
    if (!at)
        return false;
    uintptr_t base = (at + PAGE - 1) & ~(PAGE - 1);
    size_t pages = (at + bytes - base) / PAGE;
    for (size_t i = 0; i < pages; i++)
        if (!entry(base + i * PAGE, true))
            return false; /* the memory is lost: there is none left for a table, or it is out of reach */
    Span *s = new_span(base, pages, true);
    if (!s)
        return false;
    atomic_fetch_add(&h->system, bytes);
    POISON(base, pages * PAGE);
    put_joined(s);
    return true;
}

static bool grow(size_t pages) {
    size_t least = (pages * PAGE + 2 * 65536 - 1) & ~(size_t)65535, wish = atomic_load(&h->system) / SHARE;
    wish = (wish < LEAST ? LEAST : wish > MOST ? MOST : wish) & ~(size_t)65535;
    return (wish > least && grow_by(wish)) || grow_by(least);
}

static Span *find(size_t pages) {
    for (int i = list_for(pages); i < 32; i++)
        for (Span *s = h->free[i].first; s; s = s->after)
            if (s->pages >= pages)
                return s;
    return NULL;
}

/* ---- for the others ------------------------------------------------------------------------------------------ */

Span *rt_pages_take(size_t pages) {
    if (pages > UINT32_MAX / PAGE / 2)
        return NULL;
    rt_lock(&h->lock, RANK_PAGES);
    Span *s = find(pages);
    if (!s && grow(pages))
        s = find(pages);
    Span *rest = NULL;
    if (s && s->pages > pages && !(rest = new_span(s->base + pages * PAGE, s->pages - pages, s->zeroed)))
        s = NULL;
    if (s) {
        take_free(s);
        s->pages = pages;
        s->place = SPAN_MANUAL;
        if (rest)
            put_free(rest);
        UNPOISON(s->base, s->pages * PAGE);
    }
    rt_unlock(&h->lock);
    return s;
}

void rt_pages_give(Span *s) {
    rt_lock(&h->lock, RANK_PAGES);
    s->zeroed = false;
    POISON(s->base, s->pages * PAGE);
    put_joined(s);
    rt_unlock(&h->lock);
}

bool rt_pages_enter(Span *s) {
    rt_lock(&h->lock, RANK_PAGES);
    bool room = h->nspans < h->capspans;
    if (!room) {
        size_t cap = h->capspans ? 2 * h->capspans : 256;
        Span **more = realloc(h->spans, cap * sizeof *more);
        if (more) {
            h->spans = more;
            h->capspans = cap;
            room = true;
        }
    }
    if (room) {
        s->at = h->nspans++;
        h->spans[s->at] = s;
        for (size_t i = 0; i < s->pages; i++)
            set(s->base + i * PAGE, (uintptr_t)s);
    }
    rt_unlock(&h->lock);
    return room;
}

void rt_pages_forget(Span *s) {
    rt_lock(&h->lock, RANK_PAGES);
    Span *last = h->spans[--h->nspans];
    h->spans[s->at] = last;
    last->at = s->at;
    for (size_t i = 0; i < s->pages; i++)
        set(s->base + i * PAGE, 0);
    s->place = SPAN_MANUAL;
    rt_unlock(&h->lock);
}

/* ---- lists --------------------------------------------------------------------------------------------------- */

void rt_list_put(SpanList *l, Span *s) {
    s->after = NULL;
    s->before = l->last;
    if (l->last)
        l->last->after = s;
    else
        l->first = s;
    l->last = s;
}

void rt_list_remove(SpanList *l, Span *s) {
    if (s->before)
        s->before->after = s->after;
    else
        l->first = s->after;
    if (s->after)
        s->after->before = s->before;
    else
        l->last = s->before;
    s->after = s->before = NULL;
}

Span *rt_list_take(SpanList *l) {
    Span *s = l->first;
    if (s)
        rt_list_remove(l, s);
    return s;
}

void rt_list_join(SpanList *to, SpanList *from) {
    if (!from->first)
        return;
    from->first->before = to->last;
    if (to->last)
        to->last->after = from->first;
    else
        to->first = from->first;
    to->last = from->last;
    *from = (SpanList){NULL, NULL};
}
