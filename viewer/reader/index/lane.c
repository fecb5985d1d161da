/* lane.c: lanes of marks: how they are kept, found and summed up. */
#include "index/marks.h"

enum { SLAB_MARKS = 16384 }; /* 128 KiB */
/* A cell has 28 bits for a and b: 19 and 8 of them as they are, or with the upper bit set a place in marks.pairs. */
enum { B_BITS = 8, A_BITS = 19, PAIR_BIT = 1 << (A_BITS + B_BITS) };
_Static_assert(MARK_LANE_LIMIT < 1 << A_BITS, "a lane's number + 1 is no pair");

const uint8_t gt_mark_slot[16] = {
    [MARK_RUNNING] = 0,          [MARK_ON] = 0,
    [MARK_SYSCALL] = 1,          [MARK_RUNNABLE] = 2,
    [MARK_STOPPED_RUNNABLE] = 2, [MARK_WAITING] = 3,
    [MARK_SYSCALL_NO_P] = 4,     [MARK_STOPPED] = MARK_SLOTS,
    [MARK_P_ONLY] = MARK_SLOTS,  [MARK_NONE] = MARK_SLOTS,
};

struct marks *gt_marks_open(void) {
    struct marks *ms = gt_alloc(sizeof *ms);
    for (int i = 0; ms && i < CURVES; i++)
        ms->curves[i].from = -1;
    return ms;
}

uint32_t gt_marks_lane(struct marks *ms, uint8_t kind, uint64_t id) {
    if (ms->lanes.n >= MARK_LANE_LIMIT) {
        ms->denied++;
        return 0;
    }
    if (!VEC_ROOM(&ms->lanes, ms->lanes.n + 1))
        return UINT32_MAX;
    struct mark_lane *l = gt_alloc(sizeof *l);
    if (!l)
        return UINT32_MAX;
    l->kind = kind;
    l->id = id;
    ms->lanes.p[ms->lanes.n++] = l;
    return ms->lanes.n;
}

/* Marks of chunk k. */
static uint32_t chunk_size(uint32_t k) { return k < 7 ? (uint32_t)MARK_FIRST << k : MARK_CHUNK; }

/* The chunk of mark i, and its place there. Chunks 0 to 6 end at 4, 12, 28, … 508 marks. */
static uint32_t chunk_of(uint32_t i, uint32_t *at) {
    enum { DOUBLING = (MARK_FIRST << 7) - MARK_FIRST };
    if (i >= DOUBLING) {
        *at = (i - DOUBLING) % MARK_CHUNK;
        return 7 + (i - DOUBLING) / MARK_CHUNK;
    }
    uint32_t k = 29 - (uint32_t)__builtin_clz(i + MARK_FIRST);
    *at = i + MARK_FIRST - ((uint32_t)MARK_FIRST << k);
    return k;
}
_Static_assert(MARK_FIRST == 4 && MARK_CHUNK == MARK_FIRST << 7, "chunk_of counts on them");

static struct cell *cell_of(const struct mark_lane *l, uint32_t i) {
    uint32_t at, k = chunk_of(i, &at);
    return &l->chunks.p[k][at];
}

uint8_t gt_mark_state(const struct mark_lane *l, uint32_t i) { return cell_of(l, i)->how & 15; }

/* A turn takes 4.3 s, so most lanes have none. */
static uint64_t high_of(const struct mark_lane *l, uint32_t i) {
    uint32_t a = 0, b = l->turns.n; /* the first that begins later is in a..b */
    while (a < b) {
        uint32_t mid = a + (b - a) / 2;
        if (l->turns.p[mid].first > i)
            b = mid;
        else
            a = mid + 1;
    }
    return a ? l->turns.p[a - 1].high : l->high;
}

double gt_mark_time(const struct mark_lane *l, uint32_t i) {
    return (double)(high_of(l, i) << 32 | cell_of(l, i)->low);
}

struct mark gt_mark_at(const struct marks *ms, const struct mark_lane *l, uint32_t i) {
    uint32_t how = cell_of(l, i)->how, both = how >> 4;
    struct pair pair = both & PAIR_BIT ? ms->pairs.p[both & (PAIR_BIT - 1)]
                                       : (struct pair){both >> B_BITS, both & ((1 << B_BITS) - 1)};
    return (struct mark){.t = gt_mark_time(l, i), .a = pair.a, .b = pair.b, .state = how & 15};
}

/* The 28 bits for a and b; UINT32_MAX = out of memory. */
static uint32_t pair_of(struct marks *ms, uint32_t a, uint32_t b) {
    if (a < 1 << A_BITS && b < 1 << B_BITS)
        return a << B_BITS | b;
    uint64_t key = (uint64_t)a << 32 | b;
    uint32_t i = gt_map_get(&ms->pair_ids, key);
    if (i)
        return PAIR_BIT | (i - 1);
    if (ms->pairs.n == PAIR_BIT || !VEC_ROOM(&ms->pairs, ms->pairs.n + 1) ||
        !gt_map_set(&ms->pair_ids, key, ms->pairs.n + 1))
        return UINT32_MAX;
    ms->pairs.p[ms->pairs.n] = (struct pair){a, b};
    return PAIR_BIT | ms->pairs.n++;
}

/* From the lane's next mark on the upper half of the time is another. Grows from one on: most lanes have one. */
static bool turn(struct mark_lane *l, uint32_t high) {
    if (l->turns.n == l->turns.cap) {
        uint32_t cap = l->turns.cap ? 2 * l->turns.cap : 1;
        struct turn *p = gt_realloc(l->turns.p, l->turns.cap * sizeof *p, cap * sizeof *p);
        if (!p)
            return false;
        l->turns.p = p;
        l->turns.cap = cap;
    }
    l->turns.p[l->turns.n++] = (struct turn){l->n, high};
    return true;
}

bool gt_mark_amend(struct marks *ms, struct mark_lane *l, uint32_t a, uint32_t b) {
    uint32_t pair = pair_of(ms, a, b);
    struct cell *last = cell_of(l, l->n - 1);
    if (pair == UINT32_MAX)
        return false;
    last->how = pair << 4 | (last->how & 15);
    return true;
}

/* Room for n marks, for any lane; NULL = out of memory. What is left of the slab before is lost: 3 % at most. */
static struct cell *chunk_take(struct marks *ms, uint32_t n) {
    if (ms->slab_left < n) {
        struct cell *slab =
            VEC_ROOM(&ms->slabs, ms->slabs.n + 1) ? gt_realloc(NULL, 0, SLAB_MARKS * sizeof *slab) : NULL;
        if (!slab)
            return NULL;
        ms->slabs.p[ms->slabs.n++] = slab;
        ms->slab_left = SLAB_MARKS;
    }
    ms->slab_left -= n;
    return &ms->slabs.p[ms->slabs.n - 1][SLAB_MARKS - ms->slab_left - n];
}

bool gt_mark_put(struct marks *ms, struct mark_lane *l, double t, uint8_t state, uint32_t a, uint32_t b) {
    if (l->n == UINT32_MAX / 2)
        return false;
    uint32_t at, k = chunk_of(l->n, &at), pair = pair_of(ms, a, b);
    if (pair == UINT32_MAX)
        return false;
    if (k == l->chunks.n) {
        struct cell *fresh = VEC_ROOM(&l->chunks, k + 1) ? chunk_take(ms, chunk_size(k)) : NULL;
        if (!fresh)
            return false;
        l->chunks.p[l->chunks.n++] = fresh;
    }
    static const double most = 1ull << 59; /* 18 years */
    uint64_t when = (uint64_t)(t < most ? t : most);
    uint32_t high = (uint32_t)(when >> 32);
    if (l->n == 0)
        l->high = high;
    else if (high != high_of(l, l->n - 1) && !turn(l, high))
        return false;
    l->chunks.p[k][at] = (struct cell){(uint32_t)when, pair << 4 | state};
    l->n++;
    if (l->n % MARK_GROUP != 1 || l->n == 1)
        return true;
    if (!VEC_ROOM(&l->sums, l->sums.n + 1))
        return false;
    struct mark_sum sum;
    gt_mark_sum_to(l, l->n - 2, t, sum.ns);
    l->sums.p[l->sums.n++] = sum;
    return true;
}

bool gt_point_put(struct mark_lane *l, struct point p) {
    if (!VEC_ROOM(&l->points, l->points.n + 1))
        return false;
    l->points.p[l->points.n++] = p;
    return true;
}

uint32_t gt_mark_find(const struct mark_lane *l, double t) {
    uint32_t a = 0, b = l->n; /* the first that is later than t is in a..b */
    while (a < b) {
        uint32_t mid = a + (b - a) / 2;
        if (gt_mark_time(l, mid) > t)
            b = mid;
        else
            a = mid + 1;
    }
    return a - 1; /* of 0: UINT32_MAX */
}

void gt_mark_sum_to(const struct mark_lane *l, uint32_t i, double t, double ns[MARK_SLOTS]) {
    for (int s = 0; s < MARK_SLOTS; s++)
        ns[s] = 0;
    if (i >= l->n)
        return;
    uint32_t group = i / MARK_GROUP;
    if (group > l->sums.n) /* memory ran out before the newest was written down */
        group = l->sums.n;
    if (group)
        memcpy(ns, l->sums.p[group - 1].ns, sizeof l->sums.p->ns);
    double from = gt_mark_time(l, group * MARK_GROUP);
    for (uint32_t j = group * MARK_GROUP; j <= i; j++) {
        double to = j < i ? gt_mark_time(l, j + 1) : t;
        uint8_t slot = gt_mark_slot[gt_mark_state(l, j)];
        if (slot < MARK_SLOTS)
            ns[slot] += to - from;
        from = to;
    }
}

void gt_marks_close(struct marks *ms) {
    if (!ms)
        return;
    for (uint32_t i = 0; i < ms->lanes.n; i++) {
        struct mark_lane *l = ms->lanes.p[i];
        VEC_FREE(&l->chunks);
        VEC_FREE(&l->turns);
        VEC_FREE(&l->sums);
        VEC_FREE(&l->points);
        gt_free(l, sizeof *l);
    }
    for (uint32_t i = 0; i < ms->slabs.n; i++)
        gt_free(ms->slabs.p[i], SLAB_MARKS * sizeof(struct cell));
    VEC_FREE(&ms->lanes);
    VEC_FREE(&ms->slabs);
    VEC_FREE(&ms->wakes);
    VEC_FREE(&ms->pairs);
    gt_map_free(&ms->pair_ids);
    gt_map_free(&ms->gos);
    gt_map_free(&ms->ms);
    gt_map_free(&ms->tasks);
    gt_map_free(&ms->syscalling);
    gt_map_free(&ms->running_ps);
    gt_stacks_close(&ms->stacks);
    for (int i = 0; i < CURVES; i++)
        gt_curve_close(&ms->curves[i]);
    gt_free(ms, sizeof *ms);
}
