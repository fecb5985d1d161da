/*
 * dist.c: distributions of lengths: a hash table of the buckets there are, since most goroutines have few different
 * lengths. Each event adds one: a search in an ordered list took three times as long, most of it branches mispredicted.
 */
#include "analyse/analyse.h"

uint16_t gt_dist_bucket(uint64_t ns) {
    /* Twice the steps are exact; each doubling beyond drops one bit more. */
    enum { EXACT = 2 * DIST_STEPS - 1 };
    uint32_t shift = (uint32_t)__builtin_clzll(EXACT) - (uint32_t)__builtin_clzll(ns | EXACT);
    return (uint16_t)(shift * DIST_STEPS + (uint32_t)(ns >> shift));
}

uint64_t gt_dist_least(uint16_t bucket) {
    if (bucket < 2 * DIST_STEPS)
        return bucket;
    uint32_t shift = bucket / DIST_STEPS - 1;
    return (uint64_t)(bucket - shift * DIST_STEPS) << shift;
}

uint64_t gt_dist_most(uint16_t bucket) { return gt_dist_least((uint16_t)(bucket + 1)) - 1; }

/* Where a bucket is, or belongs; there always is an empty place. */
static struct bin *place(const struct dist *d, uint16_t bucket) {
    uint32_t i = bucket * 0x9e3779b1u >> 20;
    while (d->p[i &= d->cap - 1u].count && d->p[i].bucket != bucket)
        i++;
    return &d->p[i];
}
_Static_assert(DIST_BUCKETS <= 1 << 11, "at most half of 1 << 12 places are in use");

static bool grow(struct dist *d) {
    struct dist to = {.n = d->n, .cap = (uint16_t)(d->cap ? 2 * d->cap : 4), .count = d->count, .max = d->max};
    if (!(to.p = gt_alloc(to.cap * sizeof *to.p)))
        return false;
    for (uint32_t i = 0; i < d->cap; i++)
        if (d->p[i].count)
            *place(&to, d->p[i].bucket) = d->p[i];
    gt_dist_close(d);
    *d = to;
    return true;
}

static bool add(struct dist *d, uint16_t bucket, uint32_t count) {
    if (2 * d->n >= d->cap && !grow(d))
        return false;
    struct bin *to = place(d, bucket);
    if (!to->count) {
        to->bucket = bucket;
        d->n++;
    }
    to->count += count;
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
    for (uint32_t i = 0; i < from->cap; i++)
        if (from->p[i].count && !add(to, from->p[i].bucket, from->p[i].count))
            return false;
    return true;
}

void gt_dist_order(struct dist *d) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->cap; i++) {
        struct bin bin = d->p[i];
        d->p[i].count = 0;
        if (bin.count)
            d->p[n++] = bin;
    }
    for (uint32_t gap = n / 2; gap; gap /= 2) /* Shell's */
        for (uint32_t i = gap; i < n; i++) {
            struct bin bin = d->p[i];
            uint32_t k = i;
            for (; k >= gap && d->p[k - gap].bucket > bin.bucket; k -= gap)
                d->p[k] = d->p[k - gap];
            d->p[k] = bin;
        }
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
