/*
 * lanes.c: what each P ran, and when the world was stopped, as columns of spans that only grow.
 *
 * A span is a stretch of one goroutine in one state on one P. Spans of a lane do not overlap and stand in order of time
 * (times strictly grow, and a span is opened after the one before it was closed). Every SPAN_GROUP ended spans are
 * summed into the lane's forest, so a zoomed-out pixel is answered without walking its spans.
 */
#include "base/reader.h"

#include <math.h>

enum { SLAB_MOST = 256 }; /* chunks: 2.8 MB */

static struct span_chunk *chunk_of(const struct lane *l, uint32_t span) { return l->chunks.p[span / SPAN_CHUNK]; }

uint32_t gt_lane_new(struct gt_reader *r, uint64_t p) {
    if (r->options & (GT_OPT_NO_INDEX | GT_OPT_NO_SPANS))
        return 0;
    if (r->lanes.n >= LANE_LIMIT) {
        r->lanes_denied++;
        return 0;
    }
    if (!VEC_ROOM(&r->lanes, r->lanes.n + 1))
        return UINT32_MAX;
    struct lane *l = gt_alloc(sizeof *l);
    if (!l)
        return UINT32_MAX;
    l->p = p;
    r->lanes.p[r->lanes.n++] = l;
    return r->lanes.n;
}

double gt_span_end_of(const struct lane *l, uint32_t span) {
    const struct span_chunk *c = chunk_of(l, span);
    uint32_t k = span % SPAN_CHUNK;
    if (l->open && span == l->n - 1)
        return INFINITY;
    if (c->length[k] != SPAN_LONG)
        return c->start[k] + c->length[k];
    uint32_t a = 0, b = l->longs.n;
    while (a < b) {
        uint32_t mid = a + (b - a) / 2;
        if (l->longs.p[mid].span < span)
            a = mid + 1;
        else
            b = mid;
    }
    return l->longs.p[a].end;
}

/* Ids of reasons are small, being among the first strings a trace tells of; one that is not is left out. */
static uint16_t word16(uint32_t word) { return word <= UINT16_MAX ? (uint16_t)word : (uint16_t)WORD_UNSPECIFIED; }

/* How long the span was, ended now; false = no room for a long one, which then is cut. */
static bool set_length(struct gt_reader *r, struct lane *l, uint32_t span) {
    struct span_chunk *c = chunk_of(l, span);
    double length = r->now - c->start[span % SPAN_CHUNK];
    c->length[span % SPAN_CHUNK] = length < SPAN_LONG ? (uint32_t)length : SPAN_LONG - 1;
    if (length < SPAN_LONG)
        return true;
    if (!VEC_ROOM(&l->longs, l->longs.n + 1))
        return false;
    l->longs.p[l->longs.n++] = (struct long_span){r->now, span};
    c->length[span % SPAN_CHUNK] = SPAN_LONG;
    return true;
}

static struct node node_of_span(const struct lane *l, uint32_t i) {
    const struct span_chunk *c = chunk_of(l, i);
    uint32_t k = i % SPAN_CHUNK;
    struct node n = {.longest_ns = gt_span_end_of(l, i) - c->start[k], .longest = i};
    n.ns[c->state[k]] = n.longest_ns;
    return n;
}

/* Sum over ended spans [a, b). */
struct node gt_lane_sum(const struct lane *l, uint32_t a, uint32_t b) {
    struct node sum = {.longest_ns = -1};
    uint32_t first = (a + SPAN_GROUP - 1) / SPAN_GROUP, last = b / SPAN_GROUP;
    if (last > l->forest.level[0].n)
        last = l->forest.level[0].n; /* memory ran out before the newest group was summed */
    if (first >= last) {
        for (; a < b; a++)
            sum = gt_node_join(sum, node_of_span(l, a));
        return sum;
    }
    for (; a < first * SPAN_GROUP; a++)
        sum = gt_node_join(sum, node_of_span(l, a));
    for (uint32_t i = last * SPAN_GROUP; i < b; i++)
        sum = gt_node_join(sum, node_of_span(l, i));
    return gt_node_join(sum, gt_forest_sum(&l->forest, first, last));
}

/* Ends the lane's open span. */
static bool span_end(struct gt_reader *r, struct lane *l, uint32_t reason, uint32_t site) {
    uint32_t i = l->n - 1, k = i % SPAN_CHUNK;
    struct span_chunk *c = chunk_of(l, i);
    bool fits = set_length(r, l, i);
    c->reason[k] = word16(reason);
    c->site[k] = site;
    l->open = false;
    if (l->owner)
        l->owner->open = 0;
    l->owner = NULL;
    if (!fits || l->n % SPAN_GROUP)
        return fits;
    struct node leaf = {.longest_ns = -1};
    for (uint32_t s = l->n - SPAN_GROUP; s < l->n; s++)
        leaf = gt_node_join(leaf, node_of_span(l, s));
    return gt_forest_append(&l->forest, leaf);
}

/* A fresh chunk, for any lane; NULL = out of memory. */
static struct span_chunk *chunk_take(struct gt_reader *r) {
    struct slab *last = r->slabs.n ? &r->slabs.p[r->slabs.n - 1] : NULL;
    if (!last || last->used == last->n) {
        uint32_t n = last ? last->n * 2 : 1;
        if (n > SLAB_MOST)
            n = SLAB_MOST;
        if (!VEC_ROOM(&r->slabs, r->slabs.n + 1))
            return NULL;
        struct span_chunk *p = gt_realloc(NULL, 0, n * sizeof *p);
        if (!p)
            return NULL;
        last = &r->slabs.p[r->slabs.n++];
        *last = (struct slab){p, n, 0};
    }
    return &last->p[last->used++];
}

bool gt_span_begin(struct gt_reader *r, struct lane *l, struct mstate *m, const struct gstate *g, uint8_t state) {
    if (l->n == UINT32_MAX / 2)
        return false;
    if (l->n == l->chunks.n * SPAN_CHUNK) {
        if (!VEC_ROOM(&l->chunks, l->chunks.n + 1))
            return false;
        struct span_chunk *fresh = chunk_take(r);
        if (!fresh)
            return false;
        l->chunks.p[l->chunks.n++] = fresh;
    }
    uint32_t k = l->n % SPAN_CHUNK;
    struct span_chunk *c = chunk_of(l, l->n);
    c->start[k] = r->now;
    c->length[k] = 0;
    c->g[k] = g->record;
    c->reason[k] = 0;
    c->site[k] = 0;
    c->was[k] = word16(g->was);
    c->wake_by[k] = g->wake_by;
    c->wake_site[k] = g->wake_site;
    c->state[k] = state;
    if (l->n == 0 && gt_is_part(r))
        l->continues =
            r->at.ev == TRACE_EV_PROC_STATUS || r->at.ev == TRACE_EV_GO_STATUS || r->at.ev == TRACE_EV_GO_STATUS_STACK;
    l->n++;
    l->opened = r->events;
    l->news = g->came ? g->news : NEWS_WAS | NEWS_WAKE;
    l->open = true;
    l->owner = m;
    if (m) {
        m->open_g = g->id;
        m->open_state = state;
    }
    return true;
}

bool gt_lane_stw_begin(struct gt_reader *r, const struct gstate *g, uint64_t kind, uint64_t stack) {
    if (r->options & (GT_OPT_NO_INDEX | GT_OPT_NO_SPANS))
        return true;
    uint32_t site = gt_site_of(r, stack), word = gt_lasting_of(r, kind),
             lane = r->stw_lane ? r->stw_lane : gt_lane_new(r, LANE_STW);
    if (site == UINT32_MAX || word == UINT32_MAX || lane == UINT32_MAX)
        return gt_fail_memory(r);
    r->stw_lane = lane;
    struct lane *l = lane ? r->lanes.p[lane - 1] : NULL;
    if (!l || l->open) /* two at once: the first is shown */
        return true;
    if (!gt_span_begin(r, l, NULL, g, SPAN_RUNNING))
        return gt_fail_memory(r);
    struct span_chunk *c = chunk_of(l, l->n - 1);
    uint32_t k = (l->n - 1) % SPAN_CHUNK;
    c->was[k] = word16(word);
    c->wake_by[k] = g->record;
    c->wake_site[k] = site;
    l->news = NEWS_WAS | NEWS_WAKE;
    return true;
}

bool gt_lane_stw_end(struct gt_reader *r) {
    struct lane *l = r->stw_lane ? r->lanes.p[r->stw_lane - 1] : NULL;
    return !l || !l->open || span_end(r, l, WORD_NONE, 0) || gt_fail_memory(r);
}

bool gt_lane_sync(struct gt_reader *r, struct mstate *m, uint32_t reason, uint64_t stack) {
    if (r->options & GT_OPT_NO_INDEX)
        return true;
    if (r->marks && !gt_watch_m(r, m))
        return false;
    const struct pstate *p = m->p == NO_ID || m->g == NO_ID ? NULL : gt_order_p(r, m->p);
    const struct gstate *g = p ? gt_order_g(r, m->g) : NULL;
    uint32_t want = g ? p->lane : 0;
    uint8_t state = g && g->status == TRACE_G_SYSCALL ? SPAN_SYSCALL : SPAN_RUNNING;
    if (m->open == want && (!want || (m->open_g == m->g && m->open_state == state)))
        return true;
    if (m->open) {
        uint32_t site = gt_site_of(r, stack);
        if (site == UINT32_MAX || !span_end(r, r->lanes.p[m->open - 1], reason, site))
            return gt_fail_memory(r);
    }
    if (!want)
        return true;
    struct lane *l = r->lanes.p[want - 1];
    if (l->open && !span_end(r, l, WORD_MOVED, 0))
        return gt_fail_memory(r); /* two Ms claim one P */
    if (!gt_span_begin(r, l, m, g, state))
        return gt_fail_memory(r);
    m->open = want;
    return true;
}

void gt_lanes_close(struct gt_reader *r) {
    for (uint32_t i = 0; i < r->lanes.n; i++) {
        struct lane *l = r->lanes.p[i];
        VEC_FREE(&l->chunks);
        gt_forest_close(&l->forest);
        VEC_FREE(&l->longs);
        gt_free(l, sizeof *l);
    }
    for (uint32_t i = 0; i < r->slabs.n; i++)
        gt_free(r->slabs.p[i].p, r->slabs.p[i].n * sizeof(struct span_chunk));
    VEC_FREE(&r->slabs);
    VEC_FREE(&r->lanes);
}
