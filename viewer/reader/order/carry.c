/*
 * carry.c: what a generation hands on to the next, written down and taken up by another reader: states of Gs, Ps, Ms
 * and tasks, what is known of each goroutine, spans that are open, times and counts.
 *
 * Of a lane only its open span passes on, with its true start; `before` counts the spans that stay behind, so that a
 * span keeps its number. A goroutine that is no more passes on as an id alone, where a living one names it.
 */
#include "order/carry.h"

uint8_t *gt_blob(gt_reader *r, uint32_t n) {
    if (!VEC_ROOM(&r->blob, n + 1))
        return NULL;
    r->blob.n = n;
    return r->blob.p;
}

double gt_unit_ns(gt_reader *r) { return r->unit_ns; }

double gt_begins(gt_reader *r) { return r->begins; }

uint32_t gt_fn_of(gt_reader *r, double goid) {
    const struct gstate *g = gt_order_g(r, (uint64_t)goid);
    return g ? r->goroutines.p[g->record].fn : 0;
}

static void put_threads(struct writer *w) {
    struct order *o = &w->r->order;
    gt_put(w, o->m_list.n);
    for (uint32_t i = 0; i < o->m_list.n; i++) {
        const struct mstate *m = o->m_list.p[i];
        gt_put_id(w, m->id);
        gt_put_id(w, m->p);
        gt_put_id(w, m->g);
    }
}

static void put_procs(struct writer *w) {
    struct order *o = &w->r->order;
    gt_put(w, o->p_list.n);
    for (uint32_t i = 0; i < o->p_list.n; i++) {
        const struct pstate *p = o->p_list.p[i];
        gt_put_id(w, p->id);
        gt_put(w, p->status);
        gt_put_id(w, p->holder ? p->holder->id : NO_ID);
        gt_put_ranges(w, &p->ranges);
    }
}

static void put_goroutines(struct writer *w) {
    struct order *o = &w->r->order;
    gt_put(w, o->gs.n);
    for (uint32_t i = 0; i < o->gs.cap; i++) {
        const struct gstate *g = gt_order_g_at(w->r, i);
        if (!g)
            continue;
        gt_put_id(w, g->id);
        gt_put_goroutine(w, g);
    }
}

static void put_counts(struct writer *w) {
    struct gt_reader *r = w->r;
    const struct order *o = &r->order;
    const uint64_t v[] = {r->in.version,
                          r->in.last_gen,
                          o->first_gen,
                          (uint64_t)r->first_time,
                          (uint64_t)r->last_time,
                          r->events,
                          r->syncs,
                          r->generations,
                          r->lives,
                          r->lanes_denied,
                          o->gc_state,
                          o->gc_seq};
    for (uint32_t i = 0; i < sizeof v / sizeof *v; i++)
        gt_put(w, v[i]);
}

int gt_carry_save(gt_reader *r) {
    struct writer w;
    if (!gt_writer_open(&w, r))
        return 0;
    put_counts(&w);
    put_procs(&w);
    put_threads(&w);
    put_goroutines(&w);
    gt_put_tasks(&w);
    gt_put(&w, r->lanes.n);
    for (uint32_t i = 0; i < r->lanes.n; i++)
        gt_put_lane(&w, r->lanes.p[i], 0);
    return gt_writer_close(&w);
}

static void take_counts(struct told_back *t) {
    struct gt_reader *r = t->r;
    struct order *o = &r->order;
    gt_take(t); /* the version: the header will say it again */
    r->in.last_gen = gt_take(t);
    o->first_gen = gt_take(t);
    r->first_time = (int64_t)gt_take(t);
    r->last_time = (int64_t)gt_take(t);
    r->events = gt_take(t);
    r->syncs = gt_take(t);
    r->generations = gt_take(t);
    r->lives = gt_take(t);
    r->lanes_denied = gt_take(t);
    o->gc_state = (uint8_t)gt_take(t);
    o->gc_seq = gt_take(t);
}

/* The holders' ids are kept in `holders`, since the Ms come after the Ps. */
static bool take_procs(struct told_back *t) {
    struct order *o = &t->r->order;
    for (uint64_t n = gt_take(t); n && !t->bad; n--) {
        struct pstate *p = VEC_ROOM(&o->p_list, o->p_list.n + 1) ? gt_alloc(sizeof *p) : NULL;
        if (!p)
            return false;
        o->p_list.p[o->p_list.n++] = p;
        p->id = gt_take_id(t);
        p->status = (uint8_t)gt_take(t);
        uint64_t holder = gt_take_id(t);
        p->holder = holder == NO_ID ? NULL : gt_order_thread(t->r, holder);
        gt_take_ranges(t, &p->ranges);
        if (!gt_map_set(&o->ps, p->id, o->p_list.n))
            return false;
    }
    return true;
}

static bool take_threads(struct told_back *t) {
    for (uint64_t n = gt_take(t); n && !t->bad; n--) {
        struct mstate *m = gt_order_thread(t->r, gt_take_id(t));
        if (!m)
            return false;
        m->p = gt_take_id(t);
        m->g = gt_take_id(t);
    }
    return true;
}

static bool take_goroutines(struct told_back *t) {
    struct gt_reader *r = t->r;
    for (uint64_t n = gt_take(t); n && !t->bad; n--) {
        uint64_t id = gt_take_id(t);
        struct goroutine_news x = gt_take_goroutine(t);
        struct gstate *g = gt_order_new_g(r, id, x.status);
        if (!g || !VEC_ROOM(&r->goroutines, r->goroutines.n + 1))
            return false;
        g->seq_gen = 0; /* it has no number in the generation to come until its status is told */
        g->record = r->goroutines.n++;
        r->goroutines.p[g->record] = (struct grecord){.id = id};
        g->was = x.was;
        g->wake_site = x.wake_site;
        uint32_t by = gt_actor(r, x.wake_by), made_by = gt_actor(r, x.creator);
        if (by == UINT32_MAX || made_by == UINT32_MAX)
            return false;
        g->wake_by = by;
        r->goroutines.p[g->record] = (struct grecord){.id = id, .fn = x.fn, .creator = made_by, .create_site = x.site};
        r->nameless += !x.fn;
        gt_take_ranges(t, &g->ranges);
        gt_take_regions(t, g);
    }
    return true;
}

static bool take_tasks(struct told_back *t) {
    struct order *o = &t->r->order;
    for (uint64_t n = gt_take(t); n && !t->bad; n--) {
        uint64_t id;
        struct task x = gt_take_task(t, &id);
        if (!VEC_ROOM(&o->task_list, o->task_list.n + 1))
            return false;
        o->task_list.p[o->task_list.n++] = x;
        if (!gt_map_set(&o->tasks, id, o->task_list.n))
            return false;
    }
    return true;
}

static bool take_lanes(struct told_back *t) {
    struct gt_reader *r = t->r;
    for (uint64_t n = gt_take(t); n && !t->bad; n--) {
        struct lane_news x = gt_take_lane(t);
        uint32_t lane = gt_lane_for(r, x.p);
        if (lane == UINT32_MAX)
            return false;
        if (!lane)
            continue;
        r->lanes.p[lane - 1]->before = x.total - x.open;
        if (x.open && !gt_lane_reopen(r, lane, &x.span))
            return false;
    }
    return true;
}

int gt_carry_load(gt_reader *r) {
    struct told_back t = {.r = r};
    take_counts(&t);
    uint64_t denied = r->lanes_denied;
    bool ok = take_procs(&t) && take_threads(&t) && take_goroutines(&t) && take_tasks(&t) && take_lanes(&t);
    r->lanes_denied = denied;
    ok = ok && !t.bad && !r->no_memory;
    gt_told_back_close(&t);
    return ok;
}
