/* pages.c: the heap's memory in pages: runs of free ones, taken and given back, and which span a page belongs to.
 * (mheap.go, mpagealloc.go)
 *
 * A page is free if its bit says so. A run is taken where the first one is that is long enough: so what is short
 * fills the front, and the runs in which a copy finds room stay whole behind it. (Taken from lists by length, in turn,
 * 10 MB of live blocks spread over 400 MB.) To find it, each table of 512 pages knows its longest run and those at its
 * ends.
 *
 * Memory comes from the port, beside malloc's, ever more at a time: each piece is a hole in malloc's own. Nothing is
 * given back: wasm has no means for that; free pages are used again. What describes pages is made of them, too: who
 * has taken all memory can still divide it.
 *
 * Invariants
 *  1. A page is free, in one span of blocks, or in pages that somebody has taken; only the second has an entry, which
 *     rt_span_of shows.
 *  2. While marking is on, no page leaves a span of blocks (nothing is swept then). So who follows a word that may
 *     be a pointer, beside everybody else, finds a span that stays, or none.
 */
#include "heap/heap.h"
#include <string.h>

#define LEAST ((size_t)1 << 20) /* bytes asked of the port */
#define SHARE 8u                /* or this part of what there is */
#define MOST ((size_t)64 << 20) /* but no more */
#define WORDS (TABLE_PAGES / 64)

static Pages *const h = &rt_heap.pages;

/* ---- tables -------------------------------------------------------------------------------------------------- */

/* Number of the page that the address lies in. */
static size_t page_of(uintptr_t at) { return (at - h->lowest) / PAGE; }
static PageTable *table(size_t page) { return atomic_load(&h->tables[page / TABLE_PAGES]); }

/* With the lock; NULL: no memory. As many at once as there are: for each malloc may put memory of its own between ours
 * and what we have next, and no run goes over that. */
static PageTable *new_table(void) {
    if (!h->unused_tables.n) {
        size_t n = h->ntables ? h->ntables : 1;
        PageTable *more = port_alloc(n * sizeof *more);
        if (!more && (n = 1, !(more = port_alloc(sizeof *more))))
            return NULL;
        h->unused_tables.at = more;
        h->unused_tables.n = n;
    }
    h->unused_tables.n--;
    return h->unused_tables.at++;
}

/* With the lock. False: out of reach, or no memory for a table. */
static bool make_tables(size_t page, size_t end) {
    if (end > (size_t)NTABLES * TABLE_PAGES)
        return false;
    for (size_t i = page / TABLE_PAGES; i <= (end - 1) / TABLE_PAGES; i++) {
        PageTable *t = atomic_load(&h->tables[i]);
        if (!t && !(t = new_table()))
            return false;
        atomic_store(&h->tables[i], t);
        if (h->ntables <= i)
            h->ntables = i + 1;
    }
    return true;
}

/* ---- free pages ---------------------------------------------------------------------------------------------- */

/* The first run at or behind page `from` of a table; false: none. */
static bool next_run(const PageTable *t, uint32_t from, uint32_t *begin, uint32_t *end) {
    for (uint32_t w = from / 64; w < WORDS; w++) {
        uint64_t bits = t->free[w] & (w == from / 64 ? ~UINT64_C(0) << (from % 64) : ~UINT64_C(0));
        if (!bits)
            continue;
        *begin = *end = w * 64 + (uint32_t)__builtin_ctzll(bits);
        while (*end < TABLE_PAGES) {
            uint64_t used = ~t->free[*end / 64] >> (*end % 64);
            if (used) {
                *end += (uint32_t)__builtin_ctzll(used);
                break;
            }
            *end = (*end / 64 + 1) * 64;
        }
        return true;
    }
    return false;
}

static void sum_up(PageTable *t) {
    t->head = t->most = t->tail = 0;
    for (uint32_t begin, end = 0; end < TABLE_PAGES && next_run(t, end, &begin, &end);) {
        if (begin == 0)
            t->head = end;
        if (end == TABLE_PAGES)
            t->tail = end - begin;
        if (end - begin > t->most)
            t->most = end - begin;
    }
}

/* n pages become free, or are taken; zeroed: nobody has used them. Returns whether all that are taken are. */
static bool change(size_t page, size_t n, bool free, bool zeroed) {
    bool all_zeroed = true;
    for (size_t end = page + n; page < end;) {
        PageTable *t = table(page);
        for (; page < end; page++) {
            uint32_t i = page % TABLE_PAGES;
            uint64_t bit = UINT64_C(1) << (i % 64);
            all_zeroed &= (t->zeroed[i / 64] & bit) != 0;
            t->free[i / 64] = free ? t->free[i / 64] | bit : t->free[i / 64] & ~bit;
            t->zeroed[i / 64] = zeroed ? t->zeroed[i / 64] | bit : t->zeroed[i / 64] & ~bit;
            if (i == TABLE_PAGES - 1) {
                page++;
                break;
            }
        }
        sum_up(t);
    }
    return all_zeroed;
}

static void put_free(size_t page, size_t n, bool zeroed) {
    POISON(h->lowest + page * PAGE, n * PAGE);
    change(page, n, true, zeroed);
    if (page / TABLE_PAGES < h->first)
        h->first = page / TABLE_PAGES;
    atomic_fetch_add(&h->idle, n * PAGE);
}

#define NO_PAGE SIZE_MAX

/* The first run of n. */
static size_t find(size_t n) {
    while (h->first < h->ntables && (!h->tables[h->first] || h->tables[h->first]->most == 0))
        h->first++;
    size_t run = 0; /* pages up to the end of the last table */
    for (size_t i = h->first; i < h->ntables; i++) {
        PageTable *t = atomic_load(&h->tables[i]);
        if (t && run + t->head >= n)
            return i * TABLE_PAGES - run;
        if (t && t->most >= n)
            for (uint32_t begin, end = 0; next_run(t, end, &begin, &end);)
                if (end - begin >= n)
                    return i * TABLE_PAGES + begin;
        run = !t ? 0 : t->tail == TABLE_PAGES ? run + TABLE_PAGES : t->tail;
    }
    return NO_PAGE;
}

static bool grow_by(size_t bytes) {
    uintptr_t at = (uintptr_t)port_heap_more(bytes);
    if (!at)
        return false;
    uintptr_t base = (at + PAGE - 1) & ~(PAGE - 1), end = at + bytes;
    if (end < base) /* up to the end of all addresses: where a page begins can be told, where the last ends not */
        end -= PAGE;
    if (at == h->end) /* goes on where the last one ended: what that left over is the beginning of a page */
        base = h->left_over;
    size_t page = page_of(base), n = (end - base) / PAGE;
    if (!make_tables(page, page + n))
        return false; /* the memory is lost */
    h->left_over = base + n * PAGE;
    h->end = end;
    atomic_fetch_add(&h->system, bytes);
    put_free(page, n, true);
    return true;
}

/* By so much that there is a run of n, to `most` bytes in all. */
static bool grow(size_t n, size_t most) {
    size_t least = (n * PAGE + 2 * 65536 - 1) & ~(size_t)65535, system = atomic_load(&h->system), wish = system / SHARE,
           room = most > system ? most - system : 0;
    wish = (wish < LEAST ? LEAST : wish > MOST ? MOST : wish) & ~(size_t)65535;
    return (wish > least && wish <= room && grow_by(wish)) || (least <= room && grow_by(least));
}

/* With the lock. */
static size_t take(size_t n, size_t most, bool *zeroed) {
    size_t page = find(n);
    if (page == NO_PAGE && grow(n, most))
        page = find(n);
    if (page == NO_PAGE)
        return NO_PAGE;
    *zeroed = change(page, n, false, false);
    atomic_fetch_sub(&h->idle, n * PAGE);
    UNPOISON(h->lowest + page * PAGE, n * PAGE);
    return page;
}

/* ---- what describes them ------------------------------------------------------------------------------------- */

static Span *new_span(void) {
    if (!h->unused) {
        bool zeroed;
        size_t page = take(1, SIZE_MAX, &zeroed);
        if (page == NO_PAGE)
            return NULL;
        Span *chunk = (Span *)(h->lowest + page * PAGE);
        for (size_t i = 0; i < PAGE / sizeof *chunk; i++) {
            chunk[i].after = h->unused;
            h->unused = &chunk[i];
        }
    }
    Span *s = h->unused;
    h->unused = s->after;
    return s;
}

static void put_unused(Span *s) {
    s->after = h->unused;
    h->unused = s;
}

/* Room for one more in the list of all. */
static bool room_for_entry(void) {
    if (h->nspans < h->capspans)
        return true;
    size_t had = h->capspans * sizeof *h->spans / PAGE, n = had ? 2 * had : 1;
    bool zeroed;
    size_t page = take(n, SIZE_MAX, &zeroed);
    if (page == NO_PAGE)
        return false;
    Span **more = (Span **)(h->lowest + page * PAGE);
    if (had) {
        memcpy(more, h->spans, h->nspans * sizeof *more);
        put_free(page_of((uintptr_t)h->spans), had, false);
    }
    h->spans = more;
    h->capspans = n * PAGE / sizeof *more;
    return true;
}

/* ---- for the others ------------------------------------------------------------------------------------------ */

Span *rt_pages_take(size_t n, size_t most) {
    if (n > UINT32_MAX / PAGE / 2)
        return NULL;
    rt_lock(&h->lock, RANK_PAGES);
    Span *s = new_span();
    bool zeroed = false;
    size_t page = s ? take(n, most, &zeroed) : NO_PAGE;
    if (page != NO_PAGE) {
        *s = (Span){.base = h->lowest + page * PAGE, .pages = n, .zeroed = zeroed, .place = SPAN_MANUAL};
    } else if (s) {
        put_unused(s);
        s = NULL;
    }
    rt_unlock(&h->lock);
    return s;
}

void rt_pages_give(Span *s) {
    rt_lock(&h->lock, RANK_PAGES);
    put_free(page_of(s->base), s->pages, false);
    put_unused(s);
    rt_unlock(&h->lock);
}

static void set_entries(const Span *s, uintptr_t to) {
    for (size_t page = page_of(s->base), end = page + s->pages; page < end; page++)
        atomic_store_explicit(&table(page)->of[page % TABLE_PAGES], to, memory_order_release);
}

bool rt_pages_enter(Span *s) {
    rt_lock(&h->lock, RANK_PAGES);
    bool room = room_for_entry();
    if (room) {
        s->at = h->nspans++;
        h->spans[s->at] = s;
        set_entries(s, (uintptr_t)s);
    }
    rt_unlock(&h->lock);
    return room;
}

void rt_pages_forget(Span *s) {
    rt_lock(&h->lock, RANK_PAGES);
    Span *last = h->spans[--h->nspans];
    h->spans[s->at] = last;
    last->at = s->at;
    set_entries(s, 0);
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
