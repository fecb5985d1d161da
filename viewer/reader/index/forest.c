/*
 * forest.c: power-of-two sums over a growing row of groups (an implicit segment forest; thume.ca/2021/03/14/iforests).
 *
 * level[k] holds one node for each complete run of 2^k groups. Appending a group completes on average one more node,
 * and a range is the sum of at most two nodes a level, so any stretch of a lane is summed up in O(log n) while it
 * still grows.
 */
#include "base/reader.h"

struct node gt_node_join(struct node a, struct node b) {
    for (int i = 0; i < SPAN_STATES; i++)
        a.ns[i] += b.ns[i];
    if (b.longest_ns > a.longest_ns) {
        a.longest_ns = b.longest_ns;
        a.longest = b.longest;
    }
    return a;
}

bool gt_forest_append(struct forest *f, struct node leaf) {
    /* Room first, on every level that completes a run: a failure must not leave the levels at odds. */
    for (uint32_t k = 0; k < FOREST_LEVELS; k++) {
        if (!VEC_ROOM(&f->level[k], f->level[k].n + 1))
            return false;
        if (f->level[k].n % 2 == 0)
            break;
    }
    for (uint32_t k = 0; k < FOREST_LEVELS; k++) {
        f->level[k].p[f->level[k].n++] = leaf;
        if (f->level[k].n % 2)
            break;
        leaf = gt_node_join(f->level[k].p[f->level[k].n - 2], leaf);
    }
    return true;
}

struct node gt_forest_sum(const struct forest *f, uint32_t a, uint32_t b) {
    struct node sum = {.longest_ns = -1};
    for (uint32_t k = 0; a < b && k < FOREST_LEVELS; k++) {
        if (a % 2)
            sum = gt_node_join(sum, f->level[k].p[a++]);
        if (b % 2)
            sum = gt_node_join(sum, f->level[k].p[--b]);
        a /= 2;
        b /= 2;
    }
    return sum;
}

void gt_forest_close(struct forest *f) {
    for (uint32_t k = 0; k < FOREST_LEVELS; k++)
        VEC_FREE(&f->level[k]);
}
