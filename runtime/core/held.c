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
    rt_unlock(&lock);
    free(h);
}

Held *rt_held_first(void) { return first; }

void *gr_root_alloc(size_t n) { return rt_held_alloc(n); }
void gr_root_free(void *p) { rt_held_free(p); }
