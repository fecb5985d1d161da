/* specials.c: see specials.h. Few blocks have one, so a span's are a list, and all lists share a lock. (mheap.go's
 * specials)
 *
 * Who sweeps a span asks without the lock whether it has any. A block that somebody adds one to meanwhile lives, so
 * there is nothing to do for that one. */
#include "heap/specials.h"

static rt_mutex lock; /* RANK_MARK */

void rt_special_put(Span *s, Special *x) {
    rt_lock(&lock, RANK_MARK);
    x->next = load_relaxed(Special *, &s->specials);
    store_relaxed(Special *, &s->specials, x);
    rt_unlock(&lock);
}

/* With the lock. before: whose next x is; NULL: it is the first. */
static void take_off(Span *s, Special *before, Special *x) {
    if (before)
        before->next = x->next;
    else
        store_relaxed(Special *, &s->specials, x->next);
}

bool rt_special_remove(Span *s, Special *x) {
    rt_lock(&lock, RANK_MARK);
    Special *before = NULL, *at = load_relaxed(Special *, &s->specials);
    while (at && at != x) {
        before = at;
        at = at->next;
    }
    if (at)
        take_off(s, before, at);
    rt_unlock(&lock);
    return at != NULL;
}

void rt_specials_sweep(Span *s) {
    Special *dead = NULL, *before = NULL;
    rt_lock(&lock, RANK_MARK);
    for (Special *x = load_relaxed(Special *, &s->specials), *next; x; x = next) {
        next = x->next;
        if (rt_is_marked(s, x->block)) {
            before = x;
            continue;
        }
        take_off(s, before, x);
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
