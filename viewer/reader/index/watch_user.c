/* watch_user.c: what events tell the lanes of GC, tasks and regions, the points on lanes, and the curves of metrics. */
#include "index/marks.h"

enum { REGIONS_DEEP = 32 }; /* regions nested deeper than this have no row */

/* The lane a link names, made when it is new; *l = NULL beyond the limit. */
static bool linked(struct gt_reader *r, uint32_t *link, uint8_t kind, const struct mark_lane *g, uint32_t deep,
                   struct mark_lane **l) {
    struct marks *ms = r->marks;
    *l = NULL;
    if (!*link) {
        uint32_t lane = gt_marks_lane(ms, kind, g->id);
        if (lane == UINT32_MAX)
            return false;
        if (!lane)
            return true;
        ms->lanes.p[lane - 1]->owner = gt_map_get(&ms->gos, g->id);
        ms->lanes.p[lane - 1]->life = deep;
        *link = lane;
    }
    *l = ms->lanes.p[*link - 1];
    return true;
}

static bool is_on(const struct mark_lane *l) { return l->n && gt_mark_state(l, l->n - 1) == MARK_ON; }

static bool off(struct gt_reader *r, struct mark_lane *l) {
    return !is_on(l) || gt_mark_put(r->marks, l, r->now, MARK_NONE, 0, 0);
}

/* ---- regions: the open ones of a goroutine are on, from the outermost row down ---- */

static bool region_begin(struct gt_reader *r, const struct event *ev, struct mark_lane *g) {
    uint32_t name = gt_lasting_of(r, ev->args[1]), stack = gt_stack_keep(r, ev->args[2]);
    if (name == UINT32_MAX || stack == UINT32_MAX)
        return false;
    uint32_t *link = &g->regions;
    for (uint32_t deep = 0; deep < REGIONS_DEEP; deep++) {
        struct mark_lane *l;
        if (!linked(r, link, MARKS_REGION, g, deep, &l))
            return false;
        if (!l)
            return true;
        if (!is_on(l))
            return gt_mark_put(r->marks, l, r->now, MARK_ON, name, stack);
        link = &l->regions;
    }
    return true;
}

static bool region_end(struct gt_reader *r, const struct mark_lane *g) {
    struct mark_lane *innermost = NULL;
    for (uint32_t link = g->regions; link; link = r->marks->lanes.p[link - 1]->regions)
        if (is_on(r->marks->lanes.p[link - 1]))
            innermost = r->marks->lanes.p[link - 1];
    const struct gstate *state = gt_order_g(r, g->id);
    /* Deeper ones, which have no row, end first; what ends now is no longer counted here. */
    return !innermost || (state && state->regions.n >= REGIONS_DEEP) || off(r, innermost);
}

/* ---- tasks ---- */

static bool task_begin(struct gt_reader *r, const struct event *ev) {
    struct marks *ms = r->marks;
    uint32_t name = gt_lasting_of(r, ev->args[2]), stack = gt_stack_keep(r, ev->args[3]);
    uint32_t lane = gt_marks_lane(ms, MARKS_TASK, ev->args[0]);
    if (name == UINT32_MAX || stack == UINT32_MAX || lane == UINT32_MAX)
        return false;
    if (!lane)
        return true;
    struct mark_lane *l = ms->lanes.p[lane - 1];
    const uint32_t before = gt_map_get(&ms->tasks, ev->args[0]);
    l->life = before ? ms->lanes.p[before - 1]->life + 1 : 0;
    l->name = name;
    l->owner = ev->args[1] == NO_ID ? 0 : gt_map_get(&ms->tasks, ev->args[1]);
    return gt_map_set(&ms->tasks, ev->args[0], lane) && gt_mark_put(ms, l, r->now, MARK_ON, name, stack);
}

static struct mark_lane *task_of(struct gt_reader *r, uint64_t id) {
    uint32_t lane = gt_map_get(&r->marks->tasks, id);
    return lane ? r->marks->lanes.p[lane - 1] : NULL;
}

/* ---- GC ---- */

/* The mark phase. */
static bool gc(struct gt_reader *r, const struct event *ev) {
    struct marks *ms = r->marks;
    struct mark_lane *l;
    if (!ms->gc_lane) {
        uint32_t lane = gt_marks_lane(ms, MARKS_GC, 0);
        if (lane == UINT32_MAX || lane == 0)
            return lane == 0;
        ms->gc_lane = lane;
    }
    l = ms->lanes.p[ms->gc_lane - 1];
    if (ev->type == TRACE_EV_GC_END)
        return off(r, l);
    if (is_on(l))
        return true;
    bool active = ev->type == TRACE_EV_GC_ACTIVE;
    uint32_t stack = active ? 0 : gt_stack_keep(r, ev->args[1]);
    uint32_t who = active || ev->g == NO_ID ? 0 : gt_map_get(&ms->gos, ev->g);
    return stack != UINT32_MAX && gt_mark_put(ms, l, active ? ms->sync : r->now, MARK_ON, who, stack);
}

/* What goroutines do for the GC: mark assists and sweeps, in one row; of two at once the later one shows. */
static bool gc_work(struct gt_reader *r, const struct event *ev, uint64_t id, bool sweep, bool begins, bool active) {
    struct marks *ms = r->marks;
    struct mark_lane *g = gt_watch_g(r, id), *l;
    if (!g || (!begins && !g->ranges))
        return true;
    if (!linked(r, &g->ranges, MARKS_RANGE, g, 0, &l) || !l)
        return l == NULL && ms->lanes.n >= MARK_LANE_LIMIT;
    if (!begins)
        return off(r, l);
    const char *const text = sweep ? "GC incremental sweep" : "GC mark assist";
    uint32_t name = gt_intern_string(&r->intern, text, (uint32_t)strlen(text));
    uint32_t stack = active ? 0 : gt_stack_keep(r, ev->args[0]);
    if (name == UINT32_MAX || stack == UINT32_MAX || (active && l->n))
        return active;
    return gt_mark_put(ms, l, active ? ms->sync : r->now, MARK_ON, name, stack);
}

/* ---- points ---- */

static bool user_log(struct gt_reader *r, const struct event *ev, struct mark_lane *g) {
    struct point p = {.t = r->now, .kind = POINT_LOG};
    p.a = gt_lasting_of(r, ev->args[1]);
    p.b = gt_lasting_of(r, ev->args[2]);
    p.c = gt_stack_keep(r, ev->args[3]);
    if (p.a == UINT32_MAX || p.b == UINT32_MAX || p.c == UINT32_MAX)
        return false;
    struct mark_lane *task = task_of(r, ev->args[0]);
    return (!g || gt_point_put(g, p)) && (!task || gt_point_put(task, p));
}

static bool label(struct gt_reader *r, const struct event *ev, struct mark_lane *g) {
    uint32_t text = gt_lasting_of(r, ev->args[0]);
    return text != UINT32_MAX && (!g || gt_point_put(g, (struct point){.t = r->now, .a = text, .kind = POINT_LABEL}));
}

/* Samples come a little late: their own time is not after the events around them, and points are in order. */
static bool sample(struct gt_reader *r, const struct event *ev) {
    struct mark_lane *g = gt_watch_g(r, ev->g);
    uint32_t m = gt_map_get(&r->marks->ms, ev->m), stack = gt_stack_keep(r, ev->args[0]);
    struct point p = {.t = r->now, .c = stack, .kind = POINT_SAMPLE};
    if (stack == UINT32_MAX || (g && !gt_point_put(g, p)))
        return false;
    return !m || gt_point_put(r->marks->lanes.p[m - 1], p);
}

bool gt_watch_user(struct gt_reader *r, const struct event *ev) {
    struct marks *ms = r->marks;
    struct mark_lane *g;
    switch (ev->type) {
    case TRACE_EV_PROCS_CHANGE:
        return gt_curve_set(&ms->curves[CURVE_PROCS], r->now, (double)ev->args[0]);
    case TRACE_EV_HEAP_ALLOC:
        return gt_curve_set(&ms->curves[CURVE_HEAP], r->now, (double)ev->args[0]);
    case TRACE_EV_HEAP_GOAL:
        /* No goal (GOGC=off) is told as a huge number, which would make the curve of the heap a flat line. */
        return ev->args[0] >> 60 || gt_curve_set(&ms->curves[CURVE_GOAL], r->now, (double)ev->args[0]);
    case TRACE_EV_GC_ACTIVE:
    case TRACE_EV_GC_BEGIN:
    case TRACE_EV_GC_END:
        return gc(r, ev);
    case TRACE_EV_GC_SWEEP_BEGIN:
    case TRACE_EV_GC_SWEEP_END:
        return gc_work(r, ev, ev->g, true, ev->type == TRACE_EV_GC_SWEEP_BEGIN, false);
    case TRACE_EV_GC_MARK_ASSIST_BEGIN:
    case TRACE_EV_GC_MARK_ASSIST_END:
        return gc_work(r, ev, ev->g, false, ev->type == TRACE_EV_GC_MARK_ASSIST_BEGIN, false);
    case TRACE_EV_GC_MARK_ASSIST_ACTIVE:
        return gc_work(r, ev, ev->args[0], false, true, true);
    case TRACE_EV_USER_TASK_BEGIN:
        return task_begin(r, ev);
    case TRACE_EV_USER_TASK_END: {
        struct mark_lane *l = task_of(r, ev->args[0]);
        return !l || off(r, l);
    }
    case TRACE_EV_USER_REGION_BEGIN:
        return !(g = gt_watch_g(r, ev->g)) || region_begin(r, ev, g);
    case TRACE_EV_USER_REGION_END:
        return !(g = gt_watch_g(r, ev->g)) || region_end(r, g);
    case TRACE_EV_USER_LOG:
        return user_log(r, ev, gt_watch_g(r, ev->g));
    case TRACE_EV_GO_LABEL:
        return label(r, ev, gt_watch_g(r, ev->g));
    case TRACE_EV_CPU_SAMPLE:
        return sample(r, ev);
    default:
        return true;
    }
}
