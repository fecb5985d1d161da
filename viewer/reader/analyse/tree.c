/* tree.c: the stacks of all generations as one tree, from the outermost function inwards: what a flame graph is. */
#include "analyse/analyse.h"

static uint32_t child(struct an_stacks *s, uint32_t parent, uint32_t site) {
    uint64_t key = (uint64_t)parent << 32 | site;
    uint32_t node = gt_map_get(&s->by_edge, key);
    if (node)
        return node;
    if (!VEC_ROOM(&s->nodes, s->nodes.n + 1) || !gt_map_set(&s->by_edge, key, s->nodes.n))
        return UINT32_MAX;
    s->nodes.p[s->nodes.n] = (struct an_node){parent, site};
    return s->nodes.n++;
}

/* A new generation has stacks of its own. */
static bool renew(struct gt_reader *r, struct an_stacks *s) {
    if (!s->nodes.n) {
        if (!VEC_ROOM(&s->nodes, 1))
            return false;
        s->nodes.p[s->nodes.n++] = (struct an_node){0, 0};
    }
    uint32_t n = r->gen.stacks.n;
    if (!VEC_ROOM(&s->by_local, n))
        return false;
    memset(s->by_local.p, 0, n * sizeof *s->by_local.p);
    s->by_local.n = n;
    s->generation = r->generations;
    return true;
}

uint32_t gt_an_node(struct gt_reader *r, uint64_t stack_id) {
    struct an_stacks *s = &r->analysis->stacks;
    if ((s->generation != r->generations || !s->nodes.n) && !renew(r, s))
        return UINT32_MAX;
    uint32_t index = id_find(&r->gen.stack_ids, stack_id);
    if (index >= s->by_local.n)
        return 0;
    if (s->by_local.p[index])
        return s->by_local.p[index] - 1;
    const struct local_stack *local = &r->gen.stacks.p[index];
    uint32_t node = 0;
    for (uint32_t i = local->n; i-- > 0;) {
        uint32_t site = gt_site_of_frame(r, r->gen.frame_refs.p[local->first + i]);
        if (site == UINT32_MAX)
            return site;
        struct site x = r->intern.sites.p[site];
        if (!x.func && !x.file && !x.line)
            continue; /* Go's own stacks have such frames; they tell nothing, and `go tool trace` drops them too */
        node = child(s, node, site);
        if (node == UINT32_MAX)
            return node;
    }
    s->by_local.p[index] = node + 1;
    return node;
}
