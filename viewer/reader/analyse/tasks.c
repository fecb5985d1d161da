/* tasks.c: user tasks and regions, and where the time went inside each region, as Go's summary has them. */
#include "analyse/analyse.h"

/* A task by its id, made when it is first heard of; NULL = out of memory. */
static struct an_task *task_of(struct an_marks *k, uint64_t id) {
    uint32_t i = gt_map_get(&k->task_ids, id);
    if (!i) {
        if (!VEC_ROOM(&k->tasks, k->tasks.n + 1) || !gt_map_set(&k->task_ids, id, k->tasks.n + 1))
            return NULL;
        k->tasks.p[k->tasks.n] = (struct an_task){.id = id, .parent = NO_ID};
        i = ++k->tasks.n;
    }
    return &k->tasks.p[i - 1];
}

/* Texts of programs may be many and all different: only the first ones are kept, and the rest is counted. */
static bool log_event(struct gt_reader *r, const struct event *ev, struct an_task *t) {
    struct analysis *a = r->analysis;
    struct an_marks *k = &a->marks;
    t->logs++;
    if (!gt_an_part(a, (uint64_t)ev->time, (uint64_t)ev->time + 1))
        return true;
    if (k->logs.n == LOG_ROWS) {
        k->logs_cut++;
        return true;
    }
    uint32_t category = gt_lasting_of(r, ev->args[1]), text = gt_lasting_of(r, ev->args[2]);
    if (category == UINT32_MAX || text == UINT32_MAX || !VEC_ROOM(&k->logs, k->logs.n + 1))
        return false;
    k->logs.p[k->logs.n++] = (struct an_log){ev->args[0], (uint64_t)ev->time, gt_an_go(a, ev->g), category, text};
    return true;
}

static bool task_event(struct gt_reader *r, const struct event *ev) {
    struct analysis *a = r->analysis;
    struct an_task *t = task_of(&a->marks, ev->args[0]);
    if (!t)
        return false;
    if (ev->type == TRACE_EV_USER_LOG)
        return log_event(r, ev, t);
    if (ev->type == TRACE_EV_USER_TASK_END) {
        t->end = (uint64_t)ev->time;
        t->name = (uint32_t)ev->extra[1] ? (uint32_t)ev->extra[1] : t->name;
        if (t->parent == NO_ID)
            t->parent = ev->extra[0];
        return true;
    }
    uint32_t name = gt_lasting_of(r, ev->args[2]);
    t->name = name;
    t->parent = ev->args[1] ? ev->args[1] : NO_ID;
    t->start = (uint64_t)ev->time;
    t->go = gt_an_go(a, ev->g);
    return name != UINT32_MAX;
}

/* ---- what a goroutine had waited for when a region began: what it has at the end is more by the region's part ---- */

static bool had_keep(struct analysis *a, const struct an_go *g, struct an_region *x) {
    struct an_marks *k = &a->marks;
    for (uint32_t w = g->waits; w; w = a->waits.p[w - 1].next) {
        uint32_t i = k->had_free;
        if (i)
            k->had_free = k->had.p[i - 1].next;
        else if (VEC_ROOM(&k->had, k->had.n + 1))
            i = ++k->had.n;
        else
            return false;
        const struct an_wait *wait = &a->waits.p[w - 1];
        k->had.p[i - 1] = (struct an_had){x->had_waits, w, wait->ns, wait->count};
        x->had_waits = i;
    }
    return true;
}

static struct an_had had_of(const struct an_marks *k, const struct an_region *x, uint32_t wait) {
    for (uint32_t i = x->had_waits; i; i = k->had.p[i - 1].next)
        if (k->had.p[i - 1].wait == wait)
            return k->had.p[i - 1];
    return (struct an_had){0};
}

static void had_drop(struct an_marks *k, const struct an_region *x) {
    for (uint32_t i = x->had_waits, next; i; i = next) {
        next = k->had.p[i - 1].next;
        k->had.p[i - 1].next = k->had_free;
        k->had_free = i;
    }
}

/* What the region that has the last row waited for. */
static bool wait_rows(struct analysis *a, const struct an_go *g, const struct an_region *x) {
    struct an_marks *k = &a->marks;
    for (uint32_t w = g->waits; w; w = a->waits.p[w - 1].next) {
        const struct an_wait *wait = &a->waits.p[w - 1];
        struct an_had had = had_of(k, x, w);
        if (wait->ns == had.ns)
            continue;
        if (!VEC_ROOM(&k->region_waits, k->region_waits.n + 1))
            return false;
        k->region_waits.p[k->region_waits.n++] =
            (struct an_region_wait){k->regions.n - 1, wait->reason, wait->ns - had.ns, wait->count - had.count};
    }
    return true;
}

static bool region_begins(struct gt_reader *r, const struct event *ev, uint32_t go) {
    struct analysis *a = r->analysis;
    struct an_task *t = task_of(&a->marks, ev->args[0]);
    struct an_go *g = &a->gos.p[go];
    uint32_t name = gt_lasting_of(r, ev->args[1]), node = gt_an_node(r, ev->args[2]);
    if (!t || name == UINT32_MAX || node == UINT32_MAX || !VEC_ROOM(&g->regions, g->regions.n + 1))
        return false;
    t->regions++;
    struct an_region *x = &g->regions.p[g->regions.n++];
    *x = (struct an_region){.task = ev->args[0], .name = name, .node = node, .start = (uint64_t)ev->time};
    gt_an_settled(a, g, (uint64_t)ev->time, x->had);
    return had_keep(a, g, x);
}

/* A row for a region that has ended; ns: the goroutine's figures at its end. */
static bool row(struct analysis *a, uint32_t go, const struct an_region *x, uint64_t end, const uint64_t ns[AN_KINDS]) {
    struct an_marks *k = &a->marks;
    if (!gt_an_part(a, x->start, end ? end : a->last))
        return true;
    if (k->regions.n == REGION_ROWS) {
        k->regions_cut++;
        return true;
    }
    if (!VEC_ROOM(&k->regions, k->regions.n + 1))
        return false;
    struct an_region_row *w = &k->regions.p[k->regions.n++];
    *w = (struct an_region_row){
        .task = x->task, .go = go, .name = x->name, .node = x->node, .start = x->start, .end = end};
    for (int i = 0; i < AN_KINDS; i++)
        w->ns[i] = ns[i] - x->had[i];
    return wait_rows(a, &a->gos.p[go], x);
}

/* The goroutine's innermost region ends. */
static bool innermost_ends(struct analysis *a, uint32_t go, uint64_t end, const uint64_t ns[AN_KINDS]) {
    struct an_go *g = &a->gos.p[go];
    const struct an_region *x = &g->regions.p[--g->regions.n];
    bool ok = row(a, go, x, end, ns);
    had_drop(&a->marks, x);
    return ok;
}

static bool region_ends(struct gt_reader *r, const struct event *ev, uint32_t go) {
    struct analysis *a = r->analysis;
    struct an_go *g = &a->gos.p[go];
    uint64_t ns[AN_KINDS];
    gt_an_settled(a, g, (uint64_t)ev->time, ns);
    if (g->regions.n)
        return innermost_ends(a, go, (uint64_t)ev->time, ns);
    struct an_task *t = task_of(&a->marks, ev->args[0]); /* it began before the trace */
    uint32_t name = gt_lasting_of(r, ev->args[1]);
    if (!t || name == UINT32_MAX)
        return false;
    t->regions++;
    struct an_region x = {.task = ev->args[0], .name = name};
    return row(a, go, &x, (uint64_t)ev->time, ns);
}

bool gt_an_marks_event(struct gt_reader *r, const struct event *ev) {
    if (ev->type != TRACE_EV_USER_REGION_BEGIN && ev->type != TRACE_EV_USER_REGION_END)
        return task_event(r, ev);
    uint32_t go = gt_an_go(r->analysis, ev->g);
    if (!go)
        return true;
    return ev->type == TRACE_EV_USER_REGION_BEGIN ? region_begins(r, ev, go - 1) : region_ends(r, ev, go - 1);
}

bool gt_an_marks_over(struct gt_reader *r, uint32_t go, uint64_t now, bool trace_end) {
    struct analysis *a = r->analysis;
    struct an_go *g = &a->gos.p[go];
    uint64_t ns[AN_KINDS];
    gt_an_settled(a, g, now, ns);
    while (g->regions.n)
        if (!innermost_ends(a, go, trace_end ? 0 : now, ns))
            return false;
    return true;
}
