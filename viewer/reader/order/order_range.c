/*
 * order_range.c: stretches of time (STW, GC, sweep, mark assist), user tasks and regions, and events that change
 * nothing.
 */
#include "base/reader.h"

enum { GC_UNDETERMINED, GC_OFF, GC_ON };

static uint8_t begins(uint8_t type) {
    uint8_t start = gt_trace_event_table[type].start;
    return start ? start : type;
}

static struct range *range_find(struct ranges *rs, uint8_t type, bool any_desc, uint64_t desc) {
    for (uint32_t i = 0; i < rs->v.n; i++) {
        struct range *x = &rs->v.p[i];
        if (x->type == type && (any_desc || x->desc == desc))
            return x;
    }
    return NULL;
}

static bool range_add(struct gt_reader *r, struct ranges *rs, uint8_t type, uint64_t desc) {
    if (rs->v.n == MAX_RANGES)
        return gt_fail(r, "range", "more than %u ranges are open at once", (uint64_t)MAX_RANGES);
    if (!VEC_ROOM(&rs->v, rs->v.n + 1))
        return gt_fail_memory(r);
    rs->v.p[rs->v.n++] = (struct range){desc, type};
    return true;
}

static bool range_begin(struct gt_reader *r, struct ranges *rs, uint8_t type, uint64_t desc) {
    if (range_find(rs, type, false, desc))
        return gt_fail(r, "range", "%e while that already goes on", (int)type);
    return range_add(r, rs, type, desc);
}

/* A range said to go on at a generation's start: news in the first generation, a confirmation later. */
static bool range_active(struct gt_reader *r, struct ranges *rs, uint8_t type) {
    bool have = range_find(rs, begins(type), false, 0);
    if (r->gen.gen == r->order.first_gen)
        return have ? gt_fail(r, "range", "%e twice in the first generation", (int)type)
                    : range_add(r, rs, begins(type), 0);
    return have || gt_fail(r, "range", "%e without its begin", (int)type);
}

static bool range_end(struct gt_reader *r, struct ranges *rs, uint8_t type, uint64_t *desc) {
    struct range *x = range_find(rs, begins(type), true, 0);
    if (!x)
        return gt_fail(r, "range", "%e without its begin", (int)type);
    *desc = x->desc;
    *x = rs->v.p[--rs->v.n];
    return true;
}

static enum advance out(struct gt_reader *r, struct event *ev) { return gt_emit(r, ev) ? ADV_YES : ADV_BROKEN; }

/* ---- on a goroutine: STW, mark assist ---- */

static struct gstate *running_g(struct gt_reader *r, const struct event *ev) {
    if (!gt_order_ctx(r, ev, '+', '+', '+'))
        return NULL;
    struct gstate *g = gt_order_g(r, ev->g);
    if (!g)
        gt_fail(r, "go-state", "%e for goroutine %u, which does not exist", (int)ev->type, ev->g);
    return g;
}

enum advance gt_order_range_begin(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct gstate *g = running_g(r, ev);
    bool stw = ev->type == TRACE_EV_STW_BEGIN;
    if (!g || !range_begin(r, &g->ranges, ev->type, stw ? ev->args[0] : 0))
        return ADV_BROKEN;
    enum advance result = out(r, ev);
    return !stw || result != ADV_YES || gt_lane_stw_begin(r, g, ev->args[0], ev->args[1]) ? result : ADV_BROKEN;
}

enum advance gt_order_range_active(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct gstate *g = gt_order_g(r, ev->args[0]); /* need not be running: nothing about the thread is checked */
    if (!g) {
        gt_fail(r, "go-state", "%e for goroutine %i, which does not exist", (int)ev->type, ev->args[0]);
        return ADV_BROKEN;
    }
    g->news |= NEWS_ASSIST;
    return range_active(r, &g->ranges, ev->type) ? out(r, ev) : ADV_BROKEN;
}

enum advance gt_order_range_end(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct gstate *g = running_g(r, ev);
    uint64_t desc = 0;
    bool stw = ev->type == TRACE_EV_STW_END;
    if (g && stw && r->options & GT_OPT_MIDDLE && r->gen.gen == r->order.first_gen &&
        !range_find(&g->ranges, TRACE_EV_STW_BEGIN, true, 0)) {
        ev->args[0] = 0; /* which kind is not known */
        return out(r, ev);
    }
    if (!g || !range_end(r, &g->ranges, ev->type, &desc))
        return ADV_BROKEN;
    if (stw) {
        ev->args[0] = desc; /* the kind, which only the begin carries, as a string of that one's generation */
        if (id_find(&r->gen.string_ids, desc) == UINT32_MAX) {
            gt_fail(r, "string-id", "STWEnd ends one named by string %u, which generation %u does not have", desc,
                    r->gen.gen);
            return ADV_BROKEN;
        }
    }
    enum advance result = out(r, ev);
    return !stw || result != ADV_YES || gt_lane_stw_end(r) ? result : ADV_BROKEN;
}

/* ---- on a P: sweep ---- */

static struct pstate *running_p(struct gt_reader *r, const struct event *ev) {
    if (!gt_order_ctx(r, ev, '+', '+', '?'))
        return NULL;
    struct pstate *p = gt_order_p(r, ev->p);
    if (!p)
        gt_fail(r, "proc-state", "%e on P %u, which does not exist", (int)ev->type, ev->p);
    return p;
}

enum advance gt_order_sweep_begin(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct pstate *p = running_p(r, ev);
    return p && range_begin(r, &p->ranges, ev->type, 0) ? out(r, ev) : ADV_BROKEN;
}

enum advance gt_order_sweep_active(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct pstate *p = gt_order_p(r, ev->args[0]);
    if (!p) {
        gt_fail(r, "proc-state", "GCSweepActive on P %i, which does not exist", ev->args[0]);
        return ADV_BROKEN;
    }
    p->sweeps = true;
    return range_active(r, &p->ranges, ev->type) ? out(r, ev) : ADV_BROKEN;
}

enum advance gt_order_sweep_end(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct pstate *p = running_p(r, ev);
    uint64_t desc = 0;
    return p && range_end(r, &p->ranges, ev->type, &desc) ? out(r, ev) : ADV_BROKEN;
}

/* ---- the GC's mark phase: numbered, since begin and end may come from different threads ---- */

enum advance gt_order_gc_active(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct order *o = &r->order;
    if (r->gen.gen == o->first_gen) {
        if (o->gc_state != GC_UNDETERMINED) {
            gt_fail(r, "gc", "GCActive in the first generation is not its first GC event");
            return ADV_BROKEN;
        }
        o->gc_seq = ev->args[0];
        o->gc_state = GC_ON;
        gt_part_gc(r, ev->type, ev->args[0]);
        return (!gt_is_part(r) || gt_order_ctx(r, ev, '+', '+', '+')) ? out(r, ev) : ADV_BROKEN;
    }
    if (ev->args[0] != o->gc_seq + 1)
        return ADV_NO;
    if (o->gc_state != GC_ON) {
        gt_fail(r, "gc", "GCActive while no GC is going on");
        return ADV_BROKEN;
    }
    o->gc_seq = ev->args[0];
    return gt_order_ctx(r, ev, '+', '+', '+') ? out(r, ev) : ADV_BROKEN;
}

enum advance gt_order_gc_begin(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct order *o = &r->order;
    if (o->gc_state != GC_UNDETERMINED) {
        if (ev->args[0] != o->gc_seq + 1)
            return ADV_NO;
        if (o->gc_state == GC_ON) {
            gt_fail(r, "gc", "GCBegin while a GC is going on");
            return ADV_BROKEN;
        }
        if (!gt_order_ctx(r, ev, '+', '+', '+'))
            return ADV_BROKEN;
    } else {
        if (gt_is_part(r) && !gt_order_ctx(r, ev, '+', '+', '+'))
            return ADV_BROKEN;
        gt_part_gc(r, ev->type, ev->args[0]);
    }
    o->gc_seq = ev->args[0];
    o->gc_state = GC_ON;
    return out(r, ev);
}

enum advance gt_order_gc_end(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct order *o = &r->order;
    if (ev->args[0] != o->gc_seq + 1)
        return ADV_NO;
    if (o->gc_state != GC_ON) {
        gt_fail(r, "gc", "GCEnd while no GC is going on");
        return ADV_BROKEN;
    }
    o->gc_seq = ev->args[0];
    o->gc_state = GC_OFF;
    return gt_order_ctx(r, ev, '+', '+', '+') ? out(r, ev) : ADV_BROKEN;
}

/* ---- events that change no state here ---- */

enum advance gt_order_annotation(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    return gt_order_ctx(r, ev, '+', '+', '+') ? out(r, ev) : ADV_BROKEN;
}

enum advance gt_order_heap_metric(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    return gt_order_ctx(r, ev, '+', '+', '?') ? out(r, ev) : ADV_BROKEN;
}

enum advance gt_order_allocfree(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    return gt_order_ctx(r, ev, '+', '?', '?') ? out(r, ev) : ADV_BROKEN;
}

/* ---- user tasks and regions ---- */

/* A string the event itself must be able to name; *lasting its lasting id. */
static bool name_of(struct gt_reader *r, const struct event *ev, uint64_t id, uint32_t *lasting) {
    if (id_find(&r->gen.string_ids, id) == UINT32_MAX)
        return gt_fail(r, "string-id", "%e names string %u, which generation %u does not have", (int)ev->type, id,
                       r->gen.gen);
    *lasting = gt_lasting_of(r, id);
    return *lasting != UINT32_MAX || gt_fail_memory(r);
}

static bool task_add(struct gt_reader *r, uint64_t id, struct task t) {
    struct order *o = &r->order;
    uint32_t place = o->task_free;
    if (place) {
        o->task_free = o->task_list.p[place - 1].next_free;
    } else {
        if (!VEC_ROOM(&o->task_list, o->task_list.n + 1))
            return gt_fail_memory(r);
        place = ++o->task_list.n;
    }
    o->task_list.p[place - 1] = t;
    return gt_map_set(&o->tasks, id, place) || gt_fail_memory(r);
}

enum advance gt_order_task_begin(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    uint64_t id = ev->args[0];
    struct task t = {0};
    if (gt_map_get(&r->order.tasks, id)) {
        gt_fail(r, "task", "task %u begins while a task with that id goes on", id);
        return ADV_BROKEN;
    }
    if (ev->args[1] == 0)
        ev->args[1] = NO_ID; /* 0 says "no parent" here */
    t.parent = ev->args[1];
    if (id < r->part.least_task)
        r->part.least_task = id;
    if (!name_of(r, ev, ev->args[2], &t.name) || !task_add(r, id, t))
        return ADV_BROKEN;
    return gt_order_ctx(r, ev, '+', '+', '+') ? out(r, ev) : ADV_BROKEN;
}

enum advance gt_order_task_end(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct order *o = &r->order;
    uint64_t id = ev->args[0];
    uint32_t place = gt_map_get(&o->tasks, id);
    ev->extra[0] = NO_ID; /* parent */
    ev->extra[1] = 0;     /* lasting string: name */
    if (place) {
        struct task *t = &o->task_list.p[place - 1];
        ev->extra[0] = t->parent;
        ev->extra[1] = t->name;
        gt_map_delete(&o->tasks, id);
        t->next_free = o->task_free;
        o->task_free = place;
    } else if (gt_is_part(r) && !gt_part_task_ended(r, id)) {
        return ADV_BROKEN;
    }
    return gt_order_ctx(r, ev, '+', '+', '+') ? out(r, ev) : ADV_BROKEN;
}

enum advance gt_order_region_begin(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct gstate *g = running_g(r, ev);
    struct region x = {.task = ev->args[0]};
    if (!g || !name_of(r, ev, ev->args[1], &x.name))
        return ADV_BROKEN;
    if (!VEC_ROOM(&g->regions, g->regions.n + 1))
        return gt_fail_memory(r) ? ADV_YES : ADV_BROKEN;
    g->regions.p[g->regions.n++] = x;
    return out(r, ev);
}

enum advance gt_order_region_end(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct gstate *g = running_g(r, ev);
    struct region x = {.task = ev->args[0]};
    if (!g || !name_of(r, ev, ev->args[1], &x.name))
        return ADV_BROKEN;
    if (g->regions.n == 0) { /* it began before tracing did, or before the part */
        if (gt_is_part(r) && g->came && !gt_part_pop(r, g->id, x))
            return ADV_BROKEN;
        return out(r, ev);
    }
    const struct region *top = &g->regions.p[g->regions.n - 1];
    if (top->task != x.task || top->name != x.name) {
        gt_fail(r, "region", "a region of task %u ends on goroutine %u, but the innermost open one is another", x.task,
                g->id);
        return ADV_BROKEN;
    }
    g->regions.n--;
    return out(r, ev);
}
