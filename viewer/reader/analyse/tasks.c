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

static bool task_event(struct gt_reader *r, const struct event *ev) {
    struct analysis *a = r->analysis;
    struct an_task *t = task_of(&a->marks, ev->args[0]);
    if (!t)
        return false;
    if (ev->type == TRACE_EV_USER_LOG) {
        t->logs++;
        return true;
    }
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
    return true;
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
    return true;
}

static bool region_ends(struct gt_reader *r, const struct event *ev, uint32_t go) {
    struct analysis *a = r->analysis;
    struct an_go *g = &a->gos.p[go];
    uint64_t ns[AN_KINDS];
    gt_an_settled(a, g, (uint64_t)ev->time, ns);
    if (g->regions.n)
        return row(a, go, &g->regions.p[--g->regions.n], (uint64_t)ev->time, ns);
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
        if (!row(a, go, &g->regions.p[--g->regions.n], trace_end ? 0 : now, ns))
            return false;
    return true;
}
