/* dist.c: distributions of lengths: sparse, since most goroutines have few different ones. */
#include "analyse/analyse.h"

uint16_t gt_dist_bucket(uint64_t ns) {
    /* Twice the steps are exact; each doubling beyond drops one bit more. */
    uint32_t bits = 64 - (uint32_t)__builtin_clzll(ns | 1), exact = 32 - (uint32_t)__builtin_clz(2 * DIST_STEPS - 1);
    uint32_t shift = bits > exact ? bits - exact : 0;
    return (uint16_t)(shift * DIST_STEPS + (uint32_t)(ns >> shift));
}

uint64_t gt_dist_least(uint16_t bucket) {
    if (bucket < 2 * DIST_STEPS)
        return bucket;
    uint32_t shift = bucket / DIST_STEPS - 1;
    return (uint64_t)(bucket - shift * DIST_STEPS) << shift;
}

uint64_t gt_dist_most(uint16_t bucket) { return gt_dist_least((uint16_t)(bucket + 1)) - 1; }

/* Where a bucket is, or belongs. */
static uint32_t place(const struct dist *d, uint16_t bucket) {
    uint32_t a = 0, b = d->n;
    while (a < b) {
        uint32_t m = (a + b) / 2;
        if (d->p[m].bucket < bucket)
            a = m + 1;
        else
            b = m;
    }
    return a;
}

static bool add(struct dist *d, uint16_t bucket, uint32_t count) {
    uint32_t at = place(d, bucket);
    if (at == d->n || d->p[at].bucket != bucket) {
        if (d->n == d->cap) {
            uint32_t cap = d->cap ? 2u * d->cap : 2; /* at most 1,920 buckets: it fits */
            struct bin *p = gt_realloc(d->p, d->cap * sizeof *p, cap * sizeof *p);
            if (!p)
                return false;
            d->p = p;
            d->cap = (uint16_t)cap;
        }
        memmove(d->p + at + 1, d->p + at, (d->n - at) * sizeof *d->p);
        d->p[at] = (struct bin){0, bucket};
        d->n++;
    }
    d->p[at].count += count;
    d->count += count;
    return true;
}

bool gt_dist_add(struct dist *d, uint64_t ns) {
    if (ns > d->max)
        d->max = ns;
    return add(d, gt_dist_bucket(ns), 1);
}

bool gt_dist_merge(struct dist *to, const struct dist *from) {
    if (from->max > to->max)
        to->max = from->max;
    for (uint32_t i = 0; i < from->n; i++)
        if (!add(to, from->p[i].bucket, from->p[i].count))
            return false;
    return true;
}

uint64_t gt_dist_percentile(const struct dist *d, uint32_t of_hundred) {
    uint64_t rank = (d->count * of_hundred + 99) / 100, sum = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        sum += d->p[i].count;
        if (sum >= rank) {
            uint64_t most = gt_dist_most(d->p[i].bucket);
            return most < d->max ? most : d->max;
        }
    }
    return d->max;
}

void gt_dist_close(struct dist *d) {
    gt_free(d->p, d->cap * sizeof *d->p);
    *d = (struct dist){0};
}
