/*
 * collect.c: GC cycles, stops of the world, and every change in how many Ps the program itself has: what mutator
 * utilisation is computed from (viewer/trace/mmu.mjs), by the rules of internal/trace/gc.go.
 */
#include "analyse/analyse.h"

enum { WORK_ASSIST = 1, WORK_BACKGROUND = 2, WORK_DEDICATED = 4 };

static bool op(struct gt_reader *r, const struct event *ev, enum an_op what, uint64_t p, int8_t delta) {
    struct collect *c = &r->analysis->collect;
    if (c->ops.n == OP_ROWS) {
        c->ops_cut++;
        return true;
    }
    if (!VEC_ROOM(&c->ops, c->ops.n + 1))
        return false;
    c->ops.p[c->ops.n++] = (struct an_op_row){.time = (uint64_t)ev->time,
                                              .p = p > UINT32_MAX ? UINT32_MAX : (uint32_t)p,
                                              .delta = delta,
                                              .op = (uint8_t)what};
    return true;
}

bool gt_collect_procs(struct gt_reader *r, const struct event *ev) {
    r->analysis->odd.procs = ev->args[0];
    gt_odd_idle(r, (uint64_t)ev->time);
    return op(r, ev, OP_PROCS, ev->args[0], 0);
}

/* Adds a kind of GC work to what a goroutine does, or takes it away. */
static bool works(struct collect *c, uint64_t g, uint32_t kind, bool on) {
    uint32_t had = gt_map_get(&c->working, g), has = on ? had | kind : had & ~kind;
    if (has)
        return gt_map_set(&c->working, g, has);
    gt_map_delete(&c->working, g);
    return true;
}

bool gt_collect_executes(struct gt_reader *r, uint64_t id, const struct event *ev, int8_t delta) {
    struct collect *c = &r->analysis->collect;
    uint32_t kind = c->working.n ? gt_map_get(&c->working, id) : 0;
    return !kind || op(r, ev,
                       kind & WORK_ASSIST      ? OP_ASSIST
                       : kind & WORK_DEDICATED ? OP_DEDICATED
                                               : OP_BACKGROUND,
                       ev->p, delta);
}

static bool label(struct gt_reader *r, const struct event *ev) {
    uint32_t id = gt_lasting_of(r, ev->args[0]);
    if (id == UINT32_MAX)
        return false;
    const struct lasting_string *s = &r->intern.strings.p[id];
    if (s->n < 3 || memcmp(s->p, "GC ", 3) != 0 || gt_an_is(s, "GC (idle)"))
        return true;
    bool dedicated = gt_an_is(s, "GC (dedicated)");
    return works(&r->analysis->collect, ev->g, dedicated ? WORK_DEDICATED : WORK_BACKGROUND, true) &&
           op(r, ev, dedicated ? OP_DEDICATED : OP_BACKGROUND, ev->p, 1);
}

static bool stw(struct gt_reader *r, const struct event *ev) {
    struct analysis *a = r->analysis;
    struct collect *c = &a->collect;
    uint32_t kind = gt_lasting_of(r, ev->args[0]);
    if (kind == UINT32_MAX)
        return false;
    const struct lasting_string *s = &r->intern.strings.p[kind];
    bool begins = ev->type == TRACE_EV_STW_BEGIN, gc = gt_an_has(s, "GC");
    if (begins) {
        uint32_t node = gt_an_node(r, ev->args[1]);
        if (node == UINT32_MAX || !VEC_ROOM(&c->stw, c->stw.n + 1))
            return false;
        c->stw.p[c->stw.n++] =
            (struct an_stw){.kind = kind, .node = node, .go = gt_an_go(a, ev->g), .start = (uint64_t)ev->time};
        c->stw_open = c->stw.n;
    } else if (c->stw_open) {
        c->stw.p[c->stw_open - 1].end = (uint64_t)ev->time;
        c->stw_open = 0;
    }
    gt_odd_idle(r, (uint64_t)ev->time);
    return !gc || op(r, ev, OP_STW, ev->p, begins ? 1 : -1);
}

static bool cycle(struct gt_reader *r, const struct event *ev) {
    struct analysis *a = r->analysis;
    struct collect *c = &a->collect;
    if (ev->type == TRACE_EV_GC_END) {
        if (c->gc_open) {
            c->gc.p[c->gc_open - 1].end = (uint64_t)ev->time;
            c->gc.p[c->gc_open - 1].heap_end = c->heap;
        }
        c->gc_open = 0;
        return true;
    }
    if (c->gc_open)
        return true;
    if (!VEC_ROOM(&c->gc, c->gc.n + 1))
        return false;
    c->gc.p[c->gc.n++] = (struct an_gc){
        .start = ev->type == TRACE_EV_GC_ACTIVE ? a->sync : (uint64_t)ev->time, .heap_start = c->heap, .goal = c->goal};
    c->gc_open = c->gc.n;
    return true;
}

/* How long a goroutine has run by now. */
static uint64_t ran(const struct analysis *a, const struct an_go *g, uint64_t now) {
    uint64_t ns[AN_KINDS];
    gt_an_settled(a, g, now, ns);
    return ns[AN_RUNNING];
}

static void assist_ends(struct gt_reader *r, uint32_t go, uint64_t now) {
    struct analysis *a = r->analysis;
    struct an_go *g = &a->gos.p[go - 1];
    if (!g->assist_since)
        return;
    g->assist_ns += gt_an_part(a, g->assist_since, now);
    gt_odd_keep(r, ODD_ASSIST,
                (struct odd_row){.start = g->assist_since,
                                 .end = now,
                                 .rank = now - g->assist_since,
                                 .go = go,
                                 .node = g->assist_node,
                                 .a = ran(a, g, now) - g->assist_ran});
    if (a->collect.gc_open) {
        a->collect.gc.p[a->collect.gc_open - 1].assists++;
        a->collect.gc.p[a->collect.gc_open - 1].assist_ns += now - g->assist_since;
    }
    g->assist_since = 0;
}

static bool assist(struct gt_reader *r, const struct event *ev) {
    struct analysis *a = r->analysis;
    bool active = ev->type == TRACE_EV_GC_MARK_ASSIST_ACTIVE, end = ev->type == TRACE_EV_GC_MARK_ASSIST_END;
    uint64_t id = active ? ev->args[0] : ev->g;
    uint32_t go = gt_an_go(a, id);
    if (end) {
        if (go)
            assist_ends(r, go, (uint64_t)ev->time);
        return op(r, ev, OP_ASSIST, ev->p, -1) && works(&a->collect, id, WORK_ASSIST, false);
    }
    if (go) {
        struct an_go *g = &a->gos.p[go - 1];
        if (active && g->assist_since)
            g->assist_ns += gt_an_part(a, g->assist_since, a->sync);
        g->assist_since = active ? a->sync : (uint64_t)ev->time;
        g->assist_ran = ran(a, g, (uint64_t)ev->time);
        if (active && g->state == GO_RUNNING) /* since the sync, as told of */
            g->assist_ran -= gt_an_part(a, g->since > a->sync ? g->since : a->sync, (uint64_t)ev->time);
        g->assist_node = active ? 0 : gt_an_node(r, ev->args[0]);
        if (g->assist_node == UINT32_MAX)
            return false;
    }
    if (active && r->syncs > 1)
        return true;
    uint32_t runs = active ? gt_an_go(a, ev->g) : 0; /* Go asks it of the event's goroutine */
    uint8_t state = runs ? a->gos.p[runs - 1].state : GO_UNDETERMINED;
    if ((state == GO_RUNNING || state == GO_SYSCALL) && !op(r, ev, OP_ASSIST_BEFORE, ev->p, 1))
        return false;
    return op(r, ev, OP_ASSIST, ev->p, 1) && works(&a->collect, id, WORK_ASSIST, true);
}

static bool sweep(struct gt_reader *r, const struct event *ev) {
    if (ev->type == TRACE_EV_GC_SWEEP_ACTIVE) {
        if (r->syncs > 1)
            return true;
        if (!op(r, ev, OP_SWEEP_BEFORE, ev->p, 1))
            return false;
    }
    return op(r, ev, OP_SWEEP, ev->p, ev->type == TRACE_EV_GC_SWEEP_END ? -1 : 1);
}

bool gt_collect_event(struct gt_reader *r, const struct event *ev) {
    switch (ev->type) {
    case TRACE_EV_STW_BEGIN:
    case TRACE_EV_STW_END:
        return stw(r, ev);
    case TRACE_EV_GC_ACTIVE:
    case TRACE_EV_GC_BEGIN:
    case TRACE_EV_GC_END:
        return cycle(r, ev);
    case TRACE_EV_GC_SWEEP_ACTIVE:
    case TRACE_EV_GC_SWEEP_BEGIN:
    case TRACE_EV_GC_SWEEP_END:
        return sweep(r, ev);
    case TRACE_EV_HEAP_ALLOC:
        r->analysis->collect.heap = ev->args[0];
        return true;
    case TRACE_EV_HEAP_GOAL:
        r->analysis->collect.goal = ev->args[0];
        return true;
    case TRACE_EV_GO_LABEL:
        return label(r, ev);
    default:
        return assist(r, ev);
    }
}
