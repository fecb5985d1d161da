/* snapshot.c: blocks and roots as they are while the world is stopped, copied, so that they can be marked while it
 * goes on. That is all of the write barrier: what could be reached at this instant is found in the copy, whatever
 * the program does to the blocks, and what it allocates from here on is not looked at. Memory without pointers is
 * not copied.
 *
 * A copy takes as much memory as the blocks that may have pointers. Where there is none for it (or it would exceed
 * the limit), blocks are marked where they are, with the world stopped: longer, and just as right. Copying piece by
 * piece, with the world started in between, would not be: a pointer could move from a piece not copied yet to one
 * that was.
 */
#include "heap/cycle.h"

Snapshot rt_snapshot;

#define PIECE ((size_t)1 << 20) /* a copy is made of such, so that it fits between what the heap is made of */

static Span *memory; /* pages of the copy, linked by after */

/* Where the copy goes on. */
typedef struct Room {
    uintptr_t *to, *end;
    size_t left; /* bytes still to be copied */
    size_t most; /* bytes that the heap may have from the system */
} Room;

/* A place for so many bytes in a row; NULL: no memory. */
static uintptr_t *place(Room *r, size_t bytes) {
    if ((size_t)((char *)r->end - (char *)r->to) < bytes) {
        size_t wish = r->left < PIECE ? r->left : PIECE;
        Span *s = rt_pages_take(((bytes > wish ? bytes : wish) + PAGE - 1) / PAGE, r->most);
        if (!s)
            return NULL;
        s->after = memory;
        memory = s;
        r->to = (uintptr_t *)s->base;
        r->end = (uintptr_t *)(s->base + s->pages * PAGE);
    }
    uintptr_t *at = r->to;
    r->to += bytes / sizeof *at;
    r->left -= bytes;
    return at;
}

UNSANITIZED static uintptr_t *copy(uintptr_t *to, const void *from, size_t bytes) {
#ifdef __wasm__
    __builtin_memcpy(to, from, bytes);
    return to + bytes / sizeof *to;
#else
    const volatile uintptr_t *at = from; /* word by word: sanitizers look into memcpy, too */
    for (size_t i = 0; i < bytes / sizeof *to; i++)
        *to++ = at[i];
    return to;
#endif
}

/* Blocks up to the last one that has been given out. */
static size_t used_bytes(const Span *s) {
    if (s->kind == SPAN_NOSCAN)
        return 0;
    for (uint32_t w = (s->nblocks + 63) / 64; w-- > s->next_then / 64;)
        if (s->allocated[w]) {
            uint32_t n = w * 64 + 64 - (uint32_t)__builtin_clzll(s->allocated[w]);
            return (n > s->next_then ? n : s->next_then) * s->size;
        }
    return s->next_then * s->size;
}

static void look_at_spans(Snapshot *snap) {
    Pages *h = &rt_heap.pages;
    for (size_t i = 0; i < h->nspans; i++)
        h->spans[i]->next_then = h->spans[i]->next;
    snap->live = atomic_load(&rt_heap.live) - rt_caches_note();
    for (size_t i = 0; i < h->nspans; i++) {
        h->spans[i]->copy = h->spans[i]->base;
        snap->scannable += used_bytes(h->spans[i]);
    }
}

static bool copy_all(Snapshot *snap, Room *room) {
    uintptr_t *to = place(room, snap->root_bytes);
    if (!to)
        return false;
    snap->roots = to;
    for (Roots r = {0}; rt_roots_next(&r);)
        to = copy(to, r.from, r.bytes);
    snap->nroots = (size_t)(to - snap->roots);
    Pages *h = &rt_heap.pages;
    for (size_t i = 0; i < h->nspans; i++) {
        size_t bytes = used_bytes(h->spans[i]);
        if (!bytes)
            continue;
        if (!(to = place(room, bytes)))
            return false;
        h->spans[i]->copy = (uintptr_t)to;
        copy(to, (const void *)h->spans[i]->base, bytes);
    }
    return true;
}

void rt_snapshot_take(void) {
    Snapshot *snap = &rt_snapshot;
    *snap = (Snapshot){0};
    look_at_spans(snap);
    for (Roots r = {0}; rt_roots_next(&r);)
        snap->root_bytes += r.bytes;
    snap->scannable += snap->root_bytes;
    size_t most = (uint64_t)rt_pacer.limit < SIZE_MAX ? (size_t)rt_pacer.limit : SIZE_MAX;
    snap->copied = copy_all(snap, &(Room){.left = snap->scannable, .most = most});
    if (snap->copied) {
        snap->bytes = snap->scannable;
        return;
    }
    rt_snapshot_drop();
    snap->nroots = 0;
    for (size_t i = 0; i < rt_heap.pages.nspans; i++)
        rt_heap.pages.spans[i]->copy = rt_heap.pages.spans[i]->base;
}

void rt_snapshot_drop(void) {
    for (Span *s; (s = memory) != NULL;) {
        memory = s->after;
        rt_pages_give(s);
    }
}
