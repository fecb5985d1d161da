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
#include "heap/collect.h"
#include "heap/pacer.h"

Snapshot rt_snapshot;

static Span *memory; /* pages of the copy */

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

static void copy_all(Snapshot *snap) {
    uintptr_t *to = (uintptr_t *)memory->base;
    snap->roots = to;
    for (Roots r = {0}; rt_roots_next(&r);)
        to = copy(to, r.from, r.bytes);
    snap->nroots = (size_t)(to - snap->roots);
    Pages *h = &rt_heap.pages;
    for (size_t i = 0; i < h->nspans; i++) {
        size_t bytes = used_bytes(h->spans[i]);
        if (!bytes)
            continue;
        h->spans[i]->copy = (uintptr_t)to;
        to = copy(to, (const void *)h->spans[i]->base, bytes);
    }
    snap->copied = true;
}

void rt_snapshot_take(void) {
    Snapshot *snap = &rt_snapshot;
    *snap = (Snapshot){0};
    look_at_spans(snap);
    for (Roots r = {0}; rt_roots_next(&r);)
        snap->root_bytes += r.bytes;
    size_t bytes = snap->scannable + snap->root_bytes;
    snap->scannable = bytes;
    if (!rt_pacer_may_copy(bytes))
        return;
    memory = rt_pages_take((bytes + PAGE - 1) / PAGE);
    if (!memory)
        return;
    snap->bytes = bytes;
    copy_all(snap);
}

void rt_snapshot_drop(void) {
    if (memory)
        rt_pages_give(memory);
    memory = NULL;
}
