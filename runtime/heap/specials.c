/* specials.c: see specials.h. Few blocks have one, so a span's are a list, and all lists share a lock. (mheap.go's
 * specials) */
#include "heap/specials.h"

static rt_mutex lock; /* RANK_MARK */

void rt_special_put(Span *s, Special *x) {
    rt_lock(&lock, RANK_MARK);
    x->next = s->specials;
    s->specials = x;
    rt_unlock(&lock);
}

bool rt_special_remove(Span *s, Special *x) {
    rt_lock(&lock, RANK_MARK);
    Special **at = &s->specials;
    while (*at && *at != x)
        at = &(*at)->next;
    bool found = *at != NULL;
    if (found)
        *at = x->next;
    rt_unlock(&lock);
    return found;
}

void rt_specials_sweep(Span *s) {
    Special *dead = NULL, *x;
    rt_lock(&lock, RANK_MARK);
    for (Special **at = &s->specials; (x = *at) != NULL;) {
        if (rt_is_marked(s, x->block)) {
            at = &x->next;
            continue;
        }
        *at = x->next;
        x->next = dead;
        dead = x;
    }
    rt_unlock(&lock);
    for (Special *next; dead; dead = next) {
        next = dead->next;
        if (dead->kind == SPECIAL_CLEANUP)
            rt_cleanup_due(dead);
        else
            rt_sample_freed(dead);
    }
}
