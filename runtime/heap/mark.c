/* mark.c: follows pointers from the roots, in the snapshot. Anybody may mark beside others: workers, goroutines that
 * help. (mgcmark.go, mgcwork.go)
 *
 * Who marks has a buffer of blocks that are marked and still to be looked into; full ones go to a list for all.
 * Large blocks are looked into by parts, so that several may, and none takes long.
 *
 * Invariants
 *  1. What is marked and not looked into is in the list, in the buffer of somebody who has entered and not left, or
 *     beyond the last root taken. So when nobody is in, the list empty and no root left, all is marked; all three at
 *     once: who has entered since may have taken the last buffer.
 *  2. Only blocks that were allocated when the snapshot was taken are marked.
 *  3. If there is no memory for a buffer, a block stays marked and is not looked into (overflowed). At the end all
 *     marked blocks are looked into once more.
 */
#include "core/gcwork.h"
#include "heap/collect.h"

#define BUF_BLOCKS 500u             /* of a buffer */
#define ROOT_WORDS 4096u            /* roots looked at as one */
#define PART ((uintptr_t)128 << 10) /* of a large block */

#define ENTERED (UINT64_C(1) << 32)

struct WorkBuf {
    WorkBuf *next;
    uint32_t n;
    uintptr_t at[BUF_BLOCKS]; /* addresses: of a block, or of a part of one */
};

static struct {
    rt_mutex lock; /* RANK_MARK; guards the lists */
    WorkBuf *full, *empty;
    Span *memory;                       /* of buffers, linked by after */
    _Atomic uint32_t nfull;             /* length of `full` */
    _Atomic uint32_t next_root, nroots; /* pieces of ROOT_WORDS */
    _Atomic uint64_t inside;            /* who has entered and not left; + ENTERED for each that ever has */
    _Atomic bool ended;                 /* somebody has found that all is marked */
    _Atomic bool overflowed;
    _Atomic uint64_t marked;
    _Atomic int64_t looked_at;
} mark;

/* ---- buffers ------------------------------------------------------------------------------------------------- */

static void put_empty(WorkBuf *b) {
    rt_lock(&mark.lock, RANK_MARK);
    b->next = mark.empty;
    mark.empty = b;
    rt_unlock(&mark.lock);
}

static bool more_buffers(void) {
    Span *s = rt_pages_take(8, SIZE_MAX);
    if (!s)
        return false;
    for (uintptr_t at = s->base; at + sizeof(WorkBuf) <= s->base + s->pages * PAGE; at += sizeof(WorkBuf))
        put_empty((WorkBuf *)at);
    rt_lock(&mark.lock, RANK_MARK);
    s->after = mark.memory;
    mark.memory = s;
    rt_unlock(&mark.lock);
    return true;
}

static WorkBuf *take_empty(void) {
    for (;;) {
        rt_lock(&mark.lock, RANK_MARK);
        WorkBuf *b = mark.empty;
        if (b)
            mark.empty = b->next;
        rt_unlock(&mark.lock);
        if (b) {
            b->n = 0;
            return b;
        }
        if (!more_buffers())
            return NULL;
    }
}

static void put_full(WorkBuf *b) {
    rt_lock(&mark.lock, RANK_MARK);
    b->next = mark.full;
    mark.full = b;
    rt_unlock(&mark.lock);
    atomic_fetch_add(&mark.nfull, 1);
    if (!atomic_load(&rt_gc_work.more))
        atomic_store(&rt_gc_work.more, true);
}

static WorkBuf *take_full(void) {
    if (atomic_load_explicit(&mark.nfull, memory_order_relaxed) == 0)
        return NULL;
    rt_lock(&mark.lock, RANK_MARK);
    WorkBuf *b = mark.full;
    if (b) {
        mark.full = b->next;
        atomic_fetch_sub(&mark.nfull, 1);
    }
    rt_unlock(&mark.lock);
    return b;
}

/* ---- one word, one block ------------------------------------------------------------------------------------- */

/* False: there is no memory for it. */
static bool push(Marker *w, uintptr_t at) {
    if (!w->buf || w->buf->n == BUF_BLOCKS) {
        WorkBuf *b = take_empty();
        if (!b)
            return false;
        if (w->buf)
            put_full(w->buf);
        w->buf = b;
    }
    w->buf->at[w->buf->n++] = at;
    return true;
}

/* Whether it was not before. */
static bool set_marked(Span *s, uint32_t i) {
    _Atomic(uint32_t) *word = &s->marked[i / 32];
    uint32_t bit = 1u << (i % 32);
    uint32_t had = load_relaxed(uint32_t, word);
    if (had & bit)
        return false;
    if (!rt_alone)
        return !(atomic_fetch_or_explicit(word, bit, memory_order_relaxed) & bit);
    store_relaxed(uint32_t, word, had | bit);
    return true;
}

static inline bool is_of_snapshot(const Span *s, uint32_t i) { return i < s->next_then || rt_bit(s->allocated, i); }

static void mark_word(Marker *w, uintptr_t at) {
    Span *s = rt_span_of(at);
    if (!s)
        return;
    uint32_t i = rt_block_number(s, at);
    if (i >= s->nblocks || !is_of_snapshot(s, i) || !set_marked(s, i))
        return;
    w->marked += s->size;
    if (s->kind != SPAN_NOSCAN && !push(w, rt_block_at(s, i)))
        atomic_store(&mark.overflowed, true);
}

UNSANITIZED static void look_at_words(Marker *w, const uintptr_t *from, const uintptr_t *to) {
    /* From behind: what the first pointer leads to is looked into first, and has often been allocated next. (A tree
     * of 2 million nodes, made in that order: 13 ns a node instead of 34, natively, most of it waiting for memory.)
     * */
    while (to > from) {
        uintptr_t word = *--to;
        if (word) /* most words that are no pointers are 0 */
            mark_word(w, word);
    }
}

UNSANITIZED static void look_by_layout(Marker *w, uintptr_t from, size_t bytes) {
    const gr_layout *l = *(const gr_layout *const *)from;
    if (!l)
        return;
    from += LAYOUT_HEAD;
    for (size_t left = bytes - LAYOUT_HEAD; left >= l->size; left -= l->size, from += l->size)
        for (size_t i = 0; i < l->n; i++)
            mark_word(w, *(const uintptr_t *)(from + l->offsets[i]));
}

/* at: where a block begins, or a part of a large one. Returns how many bytes it has looked at. */
static size_t look_into(Marker *w, uintptr_t at) {
    Span *s = rt_span_of(at);
    size_t bytes = s->size;
    uintptr_t in_copy = at - s->base + s->copy;
    if (s->kind == SPAN_LAYOUT) {
        look_by_layout(w, in_copy, bytes);
        return bytes;
    }
    if (bytes > PART) { /* one block */
        uintptr_t end = s->base + bytes, part = at + PART;
        if (at == s->base)
            while (part < end && push(w, part))
                part += PART;
        bool others_have_rest = at != s->base || part >= end;
        bytes = others_have_rest && end - at > PART ? PART : end - at;
    }
    look_at_words(w, (const uintptr_t *)in_copy, (const uintptr_t *)(in_copy + bytes));
    return bytes;
}

/* ---- marking ------------------------------------------------------------------------------------------------- */

bool rt_mark_reserve(void) { return mark.empty || more_buffers(); }

void rt_mark_begin(void) {
    atomic_store(&mark.next_root, 0);
    atomic_store(&mark.nroots, (uint32_t)((rt_snapshot.nroots + ROOT_WORDS - 1) / ROOT_WORDS));
    atomic_store(&mark.ended, false);
    atomic_store(&mark.overflowed, false);
    atomic_store(&mark.marked, 0);
    atomic_store(&mark.looked_at, 0);
}

bool rt_mark_has_work(void) {
    return atomic_load_explicit(&mark.nfull, memory_order_relaxed) > 0 ||
           atomic_load_explicit(&mark.next_root, memory_order_relaxed) <
               atomic_load_explicit(&mark.nroots, memory_order_relaxed);
}

void rt_mark_enter(Marker *w) {
    *w = (Marker){0};
    atomic_fetch_add(&mark.inside, ENTERED + 1);
}

static size_t take_root(Marker *w) {
    if (atomic_load_explicit(&mark.next_root, memory_order_relaxed) >= atomic_load(&mark.nroots))
        return 0;
    size_t i = atomic_fetch_add(&mark.next_root, 1);
    if (i >= atomic_load(&mark.nroots))
        return 0;
    size_t from = i * ROOT_WORDS, to = from + ROOT_WORDS;
    if (to > rt_snapshot.nroots)
        to = rt_snapshot.nroots;
    look_at_words(w, rt_snapshot.roots + from, rt_snapshot.roots + to);
    return (to - from) * sizeof(uintptr_t);
}

/* There may be others who have nothing: they get the older half, which has most behind it. (handoff) */
static void share(WorkBuf *b) {
    WorkBuf *half = take_empty();
    if (!half)
        return;
    half->n = b->n / 2;
    b->n -= half->n;
    for (uint32_t i = 0; i < half->n; i++)
        half->at[i] = b->at[i];
    for (uint32_t i = 0; i < b->n; i++)
        b->at[i] = b->at[half->n + i];
    put_full(half);
}

size_t rt_mark_some(Marker *w, size_t bytes) {
    size_t done = 0;
    while (done < bytes) {
        if (!w->buf || w->buf->n == 0) {
            WorkBuf *b = take_full();
            if (b) {
                if (w->buf)
                    put_empty(w->buf);
                w->buf = b;
            } else {
                size_t n = take_root(w);
                if (n == 0)
                    break;
                done += n;
                continue;
            }
        }
        done += look_into(w, w->buf->at[--w->buf->n]);
    }
    if (w->buf && w->buf->n > 1 && atomic_load_explicit(&mark.nfull, memory_order_relaxed) == 0 && !rt_alone)
        share(w->buf);
    atomic_fetch_add_explicit(&mark.looked_at, (int64_t)done, memory_order_relaxed);
    return done;
}

bool rt_mark_leave(Marker *w) {
    if (w->buf && w->buf->n)
        put_full(w->buf);
    else if (w->buf)
        put_empty(w->buf);
    w->buf = NULL;
    atomic_fetch_add(&mark.marked, w->marked);
    w->marked = 0;
    if (!rt_mark_has_work()) {
        atomic_store(&rt_gc_work.more, false);
        atomic_thread_fence(memory_order_seq_cst); /* who puts some there looks at `more` behind that */
        if (rt_mark_has_work())                    /* somebody has put some there meanwhile */
            atomic_store(&rt_gc_work.more, true);
    }
    uint64_t then = atomic_fetch_sub(&mark.inside, 1) - 1;
    if ((uint32_t)then != 0 || rt_mark_has_work() || atomic_load(&mark.inside) != then)
        return false; /* the last: somebody may have entered since and taken what there was */
    return !atomic_exchange(&mark.ended, true);
}

/* Blocks that are marked, and whose looking into did not find room (invariant 3). */
static void look_again(Marker *w) {
    Pages *h = &rt_heap.pages;
    for (size_t i = 0; i < h->nspans; i++) {
        Span *s = h->spans[i];
        for (uint32_t b = 0; b < s->nblocks && s->kind != SPAN_NOSCAN; b++)
            if (rt_is_marked(s, b)) {
                look_into(w, rt_block_at(s, b));
                while (rt_mark_some(w, SIZE_MAX))
                    ;
            }
    }
}

/* The world is stopped: what is not marked yet; of roots that were not copied where they are. */
void rt_mark_here(void) {
    Marker w;
    rt_mark_enter(&w);
    if (!rt_snapshot.copied && atomic_load(&mark.looked_at) == 0)
        for (Roots r = {0}; rt_roots_next(&r);) {
            look_at_words(&w, r.from, (const uintptr_t *)r.from + r.bytes / sizeof(uintptr_t));
            atomic_fetch_add(&mark.looked_at, (int64_t)r.bytes);
        }
    while (rt_mark_some(&w, SIZE_MAX))
        ;
    while (atomic_exchange(&mark.overflowed, false))
        look_again(&w);
    rt_mark_leave(&w);
}

uint64_t rt_mark_bytes(void) { return atomic_load(&mark.marked); }
int64_t rt_mark_scanned(void) { return atomic_load_explicit(&mark.looked_at, memory_order_relaxed); }

/* But for the oldest buffers: a cycle shall be possible when there is no memory. */
void rt_mark_end(void) {
    Span *keep = NULL;
    while (mark.memory) {
        Span *s = mark.memory;
        mark.memory = s->after;
        if (mark.memory)
            rt_pages_give(s);
        else
            keep = s;
    }
    mark.memory = NULL;
    mark.empty = mark.full = NULL;
    if (!keep)
        return;
    keep->after = NULL;
    mark.memory = keep;
    for (uintptr_t at = keep->base; at + sizeof(WorkBuf) <= keep->base + keep->pages * PAGE; at += sizeof(WorkBuf)) {
        WorkBuf *b = (WorkBuf *)at;
        b->next = mark.empty;
        mark.empty = b;
    }
}
