/* held.c: see held.h. A list with a lock: what is kept there is made rarely, beside what it does. */
#include "core/held.h"
#include "core/park.h"
#include <stdlib.h>

static rt_mutex lock; /* RANK_HELD */
static Held *first;

static void put(Held *h, void *from, size_t bytes) {
    h->from = from;
    h->bytes = bytes;
    h->prev = NULL;
    rt_lock(&lock, RANK_HELD);
    h->next = first;
    if (first)
        first->prev = h;
    first = h;
    rt_unlock(&lock);
}

void *rt_held_alloc(size_t n) {
    Held *h = n > PTRDIFF_MAX ? NULL : malloc(sizeof *h + n);
    if (!h)
        return NULL;
    put(h, h + 1, n);
    return h + 1;
}

bool rt_held_note(void *p, size_t n) {
    Held *h = malloc(sizeof *h);
    if (h)
        put(h, p, n);
    return h != NULL;
}

void rt_held_free(void *p) {
    if (!p)
        return;
    Held *h = (Held *)p - 1;
    rt_lock(&lock, RANK_HELD);
    if (h->prev)
        h->prev->next = h->next;
    else
        first = h->next;
    if (h->next)
        h->next->prev = h->prev;
    *(void *volatile *)&h->from = NULL; /* freed twice it is seen, as long as nobody else has it */
    rt_unlock(&lock);
    free(h);
}

Held *rt_held_first(void) { return first; }

/* ---- for programs -------------------------------------------------------------------------------------------- */

void *gr_root_alloc(size_t n) {
    rt_must_be_here(); /* a collector may be walking the list */
    return rt_held_alloc(n);
}

void gr_root_free(void *p) {
    rt_must_be_here();
    Held *h = (Held *)p - 1;
    if (p && ((uintptr_t)p % _Alignof(Held) != 0 || h->from != p))
        rt_fatal("gr_root_free: the pointer is not one that gr_root_alloc has returned, or is free already");
    rt_held_free(p);
}
