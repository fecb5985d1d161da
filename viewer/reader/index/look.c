/*
 * look.c: the part of a lane of marks that a window shows, at most a few items a pixel.
 *
 * Spans at least a bucket wide come as they are; what is narrower is told bucket by bucket as the time spent in each
 * state, the difference of two sums: O(px log n), however many marks there are.
 */
#include "index/marks.h"

#include <math.h>

enum { MAX_PX = 1 << 15 };

static double end_of(const struct gt_reader *r, const struct mark_lane *l, uint32_t i) {
    return i + 1 < l->n ? gt_mark_time(l, i + 1) : trace_length(r);
}

/* The goroutine that an item is about, and the word on it. */
static void who_and_what(struct gt_reader *r, const struct mark_lane *l, struct mark k, double *goid, uint32_t *word) {
    const struct marks *ms = r->marks;
    *goid = l->kind == MARKS_GO || l->kind == MARKS_REGION || l->kind == MARKS_RANGE ? (double)l->id : 0;
    *word = 0;
    switch (k.state) {
    case MARK_WAITING:
    case MARK_STOPPED_RUNNABLE:
    case MARK_ON:
        if (l->kind != MARKS_GC) {
            *word = k.a;
            return;
        }
        *goid = k.a ? (double)ms->lanes.p[k.a - 1]->id : 0;
        return;
    case MARK_RUNNING:
    case MARK_SYSCALL:
    case MARK_SYSCALL_NO_P:
        if (l->kind == MARKS_M && k.a) {
            const struct mark_lane *g = ms->lanes.p[k.a - 1];
            *goid = (double)g->id;
            *word = r->goroutines.p[g->record].fn;
        }
        return;
    default:
        return;
    }
}

static void put(struct gt_reader *r, const struct mark_lane *l, uint32_t i, double start, double end, int32_t index,
                const double *ns) {
    struct columns *c = &r->columns;
    if (c->n == c->cap || !(end > start))
        return; /* cap holds the most a window can have; see gt_look */
    struct mark k = gt_mark_at(r->marks, l, i);
    uint32_t n = c->n++;
    c->start[n] = start;
    c->end[n] = end;
    c->index[n] = index;
    c->state[n] = mark_told(k);
    c->busy[n] = 1;
    c->mix[n] = 0;
    c->why[n] = 0;
    who_and_what(r, l, k, &c->goid[n], &c->fn[n]);
    if (!ns)
        return;
    static const uint8_t of_slot[MARK_SLOTS] = {MARK_RUNNING, MARK_SYSCALL, MARK_RUNNABLE, MARK_WAITING,
                                                MARK_SYSCALL_NO_P};
    static const uint8_t byte_of_slot[MARK_SLOTS] = {0, 8, 16, 24, 8};
    uint32_t most = 0, share[32] = {0};
    double sum = 0;
    for (uint32_t s = 0; s < MARK_SLOTS; s++) {
        sum += ns[s];
        share[byte_of_slot[s]] += (uint32_t)lround(255 * fmin(1, ns[s] / (end - start)));
        if (ns[s] > ns[most])
            most = s;
    }
    for (uint32_t b = 0; b < 32; b += 8)
        c->mix[n] |= (share[b] < 255 ? share[b] : 255) << b;
    c->busy[n] = (float)fmin(1, sum / (end - start));
    c->state[n] = l->kind == MARKS_GO || l->kind == MARKS_M ? of_slot[most] : MARK_ON;
    c->fn[n] = l->kind == MARKS_GO ? 0 : c->fn[n];
    if (!(sum > 0))
        c->n--;
}

/* Where the state at `from` (mark i) ends, if the rest of its bucket is not told better as a sum; see gt_look. */
static double put_bucket(struct gt_reader *r, const struct mark_lane *l, uint32_t *i, double from, double b1,
                         double width) {
    double before[MARK_SLOTS], after[MARK_SLOTS];
    uint32_t j = gt_mark_find(l, b1), from_i = *i;
    double to = b1;
    /* The last one may reach beyond the bucket and be wide: then it comes as itself, from its start on. */
    if (j > from_i && end_of(r, l, j) - gt_mark_time(l, j) >= width) {
        to = gt_mark_time(l, j);
        gt_mark_sum_to(l, j - 1, to, after);
    } else {
        gt_mark_sum_to(l, j, to, after);
    }
    gt_mark_sum_to(l, from_i, from, before);
    for (int s = 0; s < MARK_SLOTS; s++)
        after[s] -= before[s];
    put(r, l, from_i, from, to, -1, after);
    *i = j;
    return to;
}

uint32_t gt_look(struct gt_reader *r, const struct mark_lane *l, double t0, double t1, uint32_t px) {
    struct columns *c = &r->columns;
    double length = trace_length(r), width = (t1 - t0) / (px < MAX_PX ? px : MAX_PX);
    if (!(t1 > t0) || px == 0 || l->n == 0)
        return 0;
    /* A wide one and a sum for each bucket at most. */
    if (!gt_columns_room(c, 2 * (px < MAX_PX ? px : MAX_PX) + 8))
        return UINT32_MAX;
    double pos = t0, first = gt_mark_time(l, 0), stop = t1 < length ? t1 : length;
    if (pos < first)
        pos = first;
    uint32_t i = gt_mark_find(l, pos);
    while (pos < stop && i < l->n) {
        double start = gt_mark_time(l, i), end = end_of(r, l, i);
        if (end - start >= width || i + 1 == l->n) {
            if (gt_mark_state(l, i) != MARK_NONE)
                put(r, l, i, start, end, (int32_t)i, NULL);
            pos = end;
            i++;
            continue;
        }
        double b1 = t0 + (floor((pos - t0) / width) + 1) * width;
        if (!(b1 > pos))
            b1 = pos + width;
        pos = put_bucket(r, l, &i, pos, b1 < stop ? b1 : stop, width);
    }
    return c->n;
}

uint32_t gt_look_spans(struct gt_reader *r, const struct mark_lane *l, double t0, double t1, uint32_t most) {
    if (l->n == 0 || !(t1 > t0) || !(t1 > gt_mark_time(l, 0)))
        return 0;
    uint32_t i = gt_mark_find(l, t0), last = gt_mark_find(l, t1);
    if (i == UINT32_MAX)
        i = 0;
    if (last - i >= most)
        return GT_TOO_MANY;
    if (!gt_columns_room(&r->columns, last - i + 1))
        return UINT32_MAX;
    for (; i <= last && gt_mark_time(l, i) < t1; i++)
        if (gt_mark_state(l, i) != MARK_NONE)
            put(r, l, i, gt_mark_time(l, i), end_of(r, l, i), (int32_t)i, NULL);
    return r->columns.n;
}

void gt_points_close(struct points_out *o) {
    VEC_FREE(&o->t);
    VEC_FREE(&o->index);
    VEC_FREE(&o->count);
    VEC_FREE(&o->kind);
    VEC_FREE(&o->curve);
}

/* First point at t or later. */
static uint32_t first_point(const struct mark_lane *l, uint32_t a, double t) {
    uint32_t b = l->points.n;
    while (a < b) {
        uint32_t mid = a + (b - a) / 2;
        if (l->points.p[mid].t >= t)
            b = mid;
        else
            a = mid + 1;
    }
    return a;
}

uint32_t gt_points(gt_reader *r, uint32_t lane, double t0, double t1, uint32_t px) {
    struct points_out *o = &r->points;
    o->t.n = o->index.n = o->count.n = o->kind.n = 0;
    if (!r->marks || lane < MARK_LANES || lane - MARK_LANES >= r->marks->lanes.n || !(t1 > t0) || px == 0)
        return 0;
    const struct mark_lane *l = r->marks->lanes.p[lane - MARK_LANES];
    double width = (t1 - t0) / (px < MAX_PX ? px : MAX_PX);
    for (uint32_t i = first_point(l, 0, t0); i < l->points.n && l->points.p[i].t < t1;) {
        const struct point *p = &l->points.p[i];
        uint32_t next = first_point(l, i + 1, t0 + (floor((p->t - t0) / width) + 1) * width);
        uint32_t n = o->t.n;
        if (!VEC_ROOM(&o->t, n + 1) || !VEC_ROOM(&o->index, n + 1) || !VEC_ROOM(&o->count, n + 1) ||
            !VEC_ROOM(&o->kind, n + 1))
            return UINT32_MAX;
        o->t.p[n] = p->t;
        o->index.p[n] = i;
        o->count.p[n] = next - i;
        o->kind.p[n] = (uint8_t)p->kind;
        o->t.n = n + 1;
        i = next;
    }
    return o->t.n;
}

uint32_t gt_find(gt_reader *r, uint32_t lane, double t) {
    if (!r->marks || lane < MARK_LANES || lane - MARK_LANES >= r->marks->lanes.n)
        return UINT32_MAX;
    const struct mark_lane *l = r->marks->lanes.p[lane - MARK_LANES];
    return l->n ? gt_mark_find(l, t) : UINT32_MAX;
}
