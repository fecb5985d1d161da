/*
 * query.c: the part of a lane that a window shows, at most a few items a pixel.
 *
 * Spans at least one bucket wide come as they are. Narrower ones are summed up bucket by bucket, with a galloping
 * search for the end of each run and the lane's forest for its sum: O(px log n), however many spans there are.
 */
#include "index/marks.h"

#include <math.h>

enum { MAX_PX = 1 << 15 };

static double start_of(const struct lane *l, uint32_t i) { return l->chunks.p[i / SPAN_CHUNK]->start[i % SPAN_CHUNK]; }

/* First span in [a, b) that ends after t. */
static uint32_t first_ending_after(const struct lane *l, uint32_t a, uint32_t b, double t) {
    while (a < b) {
        uint32_t mid = a + (b - a) / 2;
        if (gt_span_end_of(l, mid) > t)
            b = mid;
        else
            a = mid + 1;
    }
    return a;
}

/* First span after i that starts at t or later; gallops, since it mostly is near. */
static uint32_t first_starting_at(const struct lane *l, uint32_t i, double t) {
    uint32_t step = 1, a = i + 1, b = i + 1;
    while (b < l->n && start_of(l, b) < t) {
        a = b + 1;
        b = l->n - b > step ? b + step : l->n;
        step = step < UINT32_MAX / 2 ? step * 2 : step;
    }
    while (a < b) {
        uint32_t mid = a + (b - a) / 2;
        if (start_of(l, mid) >= t)
            b = mid;
        else
            a = mid + 1;
    }
    return a;
}

bool gt_columns_room(struct columns *c, uint32_t want) {
    void *const at[] = {&c->start, &c->end, &c->goid, &c->busy, &c->index, &c->fn, &c->state, &c->mix, &c->why};
    static const size_t size[] = {sizeof *c->start, sizeof *c->end,   sizeof *c->goid,
                                  sizeof *c->busy,  sizeof *c->index, sizeof *c->fn,
                                  sizeof *c->state, sizeof *c->mix,   sizeof *c->why};
    if (want <= c->cap)
        return true;
    for (int i = 0; i < COLUMNS; i++) /* each with its own room: one of them may be the one that memory runs out for */
        if (want > c->caps[i] && !gt_grow(at[i], &c->caps[i], want, size[i]))
            return false;
    c->cap = want;
    return true;
}

void gt_columns_close(struct columns *c) {
    gt_free(c->start, c->caps[0] * sizeof *c->start);
    gt_free(c->end, c->caps[1] * sizeof *c->end);
    gt_free(c->goid, c->caps[2] * sizeof *c->goid);
    gt_free(c->busy, c->caps[3] * sizeof *c->busy);
    gt_free(c->index, c->caps[4] * sizeof *c->index);
    gt_free(c->fn, c->caps[5] * sizeof *c->fn);
    gt_free(c->state, c->caps[6] * sizeof *c->state);
    gt_free(c->mix, c->caps[7] * sizeof *c->mix);
    gt_free(c->why, c->caps[8] * sizeof *c->why);
}

struct item {
    double start, end, busy;
    uint32_t g;    /* goroutine record */
    int32_t index; /* span, -1 = aggregate */
    uint32_t why;  /* of a span: see column 13 at gt_query */
    uint8_t state; /* enum span_state */
};

static void put(struct gt_reader *r, struct item it) {
    struct columns *c = &r->columns;
    if (c->n == c->cap || !(it.end > it.start))
        return; /* cap holds the most a window can have; see gt_query */
    const struct grecord *g = &r->goroutines.p[it.g];
    uint32_t k = c->n++;
    c->start[k] = it.start;
    c->end[k] = it.end;
    c->goid[k] = (double)g->id;
    c->fn[k] = g->fn;
    c->state[k] = it.state;
    c->index[k] = it.index;
    c->busy[k] = (float)(it.busy > 1 ? 1 : it.busy < 0 ? 0 : it.busy);
    c->mix[k] = 0;
    c->why[k] = it.why;
}

static struct item span_item(const struct lane *l, uint32_t i, double t_end) {
    const struct span_chunk *c = l->chunks.p[i / SPAN_CHUNK];
    uint32_t k = i % SPAN_CHUNK;
    double end = gt_span_end_of(l, i);
    if (end > t_end)
        end = t_end;
    uint8_t state = l->p == LANE_STW ? STATE_STOPPED : c->state[k];
    bool open = l->open && i == l->n - 1;
    uint32_t why = (uint32_t)c->was[k] << 16 | (open ? 0 : c->reason[k]);
    return (struct item){c->start[k], end, 1, c->g[k], (int32_t)i, why, state};
}

/* A walk over one lane's window. */
struct walk {
    const struct lane *l;
    double t0, t1;    /* window */
    double width;     /* of a bucket */
    double t_end;     /* where an open span ends for now */
    double pos;       /* items so far end here */
    double carry;     /* time of the last narrow span that falls into the next bucket */
    double carry_at;  /* where that bucket begins */
    uint32_t carry_i; /* the span */
};

/* What a narrow span left over for the next bucket, when nothing else narrow begins there. */
static void put_carry(struct gt_reader *r, struct walk *w, double until) {
    if (w->carry <= 0)
        return;
    double end = w->carry_at + w->width;
    if (until < end)
        end = until;
    struct item it = span_item(w->l, w->carry_i, w->t_end);
    it.start = w->carry_at;
    it.busy = w->carry / (end - w->carry_at);
    it.end = end;
    it.index = -1;
    put(r, it);
    w->carry = 0;
}

/* Sums up the narrow spans that begin in the bucket of span i; returns the span after them. */
static uint32_t put_bucket(struct gt_reader *r, struct walk *w, uint32_t i) {
    const struct lane *l = w->l;
    double s = start_of(l, i), b = floor((s - w->t0) / w->width);
    if (b < 0)
        b = 0;
    double b0 = w->t0 + b * w->width, b1 = b0 + w->width;
    uint32_t j = first_starting_at(l, i, b1);
    double last = gt_span_end_of(l, j - 1);
    if (j - 1 > i && !(last - start_of(l, j - 1) < w->width))
        last = gt_span_end_of(l, --j - 1); /* a wide or open one: as itself */
    if (w->carry > 0 && w->carry_at < b0 - w->width / 2)
        put_carry(r, w, b0);
    struct node sum = gt_lane_sum(l, i, j);
    double over = last > b1 ? last - b1 : 0, before = s < w->t0 ? w->t0 - s : 0;
    double ran = sum.ns[SPAN_RUNNING] + sum.ns[SPAN_SYSCALL] - over - before + w->carry;
    struct item it = span_item(l, sum.longest, w->t_end);
    it.start = b0 > w->pos ? b0 : w->pos;
    it.end = j < l->n && start_of(l, j) < b1 ? start_of(l, j) : b1;
    it.busy = ran / (it.end - it.start);
    it.index = -1;
    it.state = w->l->p == LANE_STW                           ? STATE_STOPPED
               : sum.ns[SPAN_SYSCALL] > sum.ns[SPAN_RUNNING] ? SPAN_SYSCALL
                                                             : SPAN_RUNNING;
    put(r, it);
    w->pos = it.end;
    w->carry = over;
    w->carry_at = b1;
    w->carry_i = j - 1;
    return j;
}

uint32_t gt_query(gt_reader *r, uint32_t lane, double t0, double t1, uint32_t px) {
    struct columns *c = &r->columns;
    c->n = 0;
    if (lane >= MARK_LANES && r->marks && lane - MARK_LANES < r->marks->lanes.n)
        return gt_look(r, r->marks->lanes.p[lane - MARK_LANES], t0, t1, px);
    if (lane >= r->lanes.n || !(t1 > t0) || px == 0)
        return lane >= r->lanes.n ? UINT32_MAX : 0;
    if (px > MAX_PX)
        px = MAX_PX;
    /* Wide spans: px + 2 at most. Buckets: one sum and one carry each. */
    if (!gt_columns_room(c, 3 * px + 8))
        return UINT32_MAX;
    const struct lane *l = r->lanes.p[lane];
    struct walk w = {.l = l, .t0 = t0, .t1 = t1, .width = (t1 - t0) / px, .t_end = trace_length(r), .pos = t0};
    uint32_t i = first_ending_after(l, 0, l->n, t0);
    while (i < l->n && start_of(l, i) < t1) {
        if (gt_span_end_of(l, i) - start_of(l, i) < w.width) { /* an open span ends at infinity: wide */
            i = put_bucket(r, &w, i);
            continue;
        }
        put_carry(r, &w, start_of(l, i));
        struct item it = span_item(l, i++, w.t_end);
        put(r, it);
        w.pos = it.end;
    }
    put_carry(r, &w, t1);
    return c->n;
}

uint32_t gt_spans(gt_reader *r, uint32_t lane, double t0, double t1, uint32_t most) {
    r->columns.n = 0;
    if (lane >= MARK_LANES && r->marks && lane - MARK_LANES < r->marks->lanes.n)
        return gt_look_spans(r, r->marks->lanes.p[lane - MARK_LANES], t0, t1, most);
    if (lane >= r->lanes.n || !(t1 > t0))
        return lane >= r->lanes.n ? UINT32_MAX : 0;
    const struct lane *l = r->lanes.p[lane];
    uint32_t i = first_ending_after(l, 0, l->n, t0);
    uint32_t end = i < l->n && start_of(l, i) < t1 ? first_starting_at(l, i, t1) : i;
    if (end - i > most)
        return GT_TOO_MANY;
    if (!gt_columns_room(&r->columns, end - i))
        return UINT32_MAX;
    for (double t_end = trace_length(r); i < end; i++)
        put(r, span_item(l, i, t_end));
    return r->columns.n;
}

const void *gt_column(gt_reader *r, uint32_t column) {
    const struct columns *c = &r->columns;
    const struct points_out *o = &r->points;
    const void *const p[] = {c->start, c->end, c->goid,    c->state,   c->index,  c->busy,    c->fn,
                             c->mix,   o->t.p, o->index.p, o->count.p, o->kind.p, o->curve.p, c->why};
    return column < sizeof p / sizeof *p ? p[column] : NULL;
}
