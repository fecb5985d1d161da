/*
 * join.c: brings a reader from the beginning of a generation to its end by what another one found in it without knowing
 * the past (GT_OPT_PART), after looking whether what that one believed is so.
 *
 * The same bytes are read twice: first everything is compared, then everything is changed. What cannot be told apart
 * from a broken trace, or is too rare to be worth a rule, is refused: then the generation is read again by one who
 * knows. Refused is, too: a part while the world is stopped, since no status event tells of that.
 */
#include "order/carry.h"

struct join {
    struct told_back t;
    struct gt_reader *r;
    VEC(struct gstate *) popped; /* in the first pass: to be put back, by region */
    int64_t shift;               /* from the part's times to ours, ns */
    uint64_t floor;              /* our last event, ns: the part's n-th is at least n later */
    bool change;                 /* second pass */
    bool refused;                /* what was believed is not so */
    bool failed;                 /* out of memory */
};

static void believe(struct join *j, bool so) { j->refused = j->refused || !so; }

/* ---- what a part writes ---- */

static void put_part_counts(struct writer *w) {
    struct gt_reader *r = w->r;
    const struct part *p = &r->part;
    const uint64_t v[] = {
        r->in.last_gen, (uint64_t)r->first_time, (uint64_t)r->last_time, r->events, r->syncs, p->gc_first,
        p->gc_seq,      r->order.gc_state,       r->order.gc_seq};
    for (uint32_t i = 0; i < sizeof v / sizeof *v; i++)
        gt_put(w, v[i]);
    gt_put_id(w, p->least_task);
}

static void put_part_lists(struct writer *w) {
    const struct part *p = &w->r->part;
    gt_put(w, p->brief.n);
    for (uint32_t i = 0; i < p->brief.n; i++)
        gt_put_id(w, p->brief.p[i]);
    gt_put(w, p->pops.n);
    for (uint32_t i = 0; i < p->pops.n; i++) {
        gt_put_id(w, p->pops.p[i].g);
        gt_put_id(w, p->pops.p[i].task);
        gt_put_string(w, p->pops.p[i].name);
    }
    gt_put(w, p->ended.n);
    for (uint32_t i = 0; i < p->ended.n; i++)
        gt_put_id(w, p->ended.p[i]);
}

static void put_part_procs(struct writer *w) {
    struct order *o = &w->r->order;
    gt_put(w, o->p_list.n);
    for (uint32_t i = 0; i < o->p_list.n; i++) {
        const struct pstate *p = o->p_list.p[i];
        gt_put_id(w, p->id);
        gt_put(w, p->came);
        gt_put(w, p->abandoned);
        gt_put(w, p->sweeps);
        gt_put(w, p->status);
        gt_put_id(w, p->holder ? p->holder->id : NO_ID);
        gt_put_ranges(w, &p->ranges);
    }
}

static void put_part_threads(struct writer *w) {
    struct order *o = &w->r->order;
    gt_put(w, o->m_list.n);
    for (uint32_t i = 0; i < o->m_list.n; i++) {
        const struct mstate *m = o->m_list.p[i];
        gt_put_id(w, m->id);
        gt_put(w, (m->p_known ? 1u : 0) | (m->g_known ? 2u : 0));
        gt_put_id(w, m->p_came);
        gt_put_id(w, m->g_came);
        gt_put_id(w, m->p);
        gt_put_id(w, m->g);
    }
}

static void put_part_goroutines(struct writer *w) {
    struct order *o = &w->r->order;
    const struct part *p = &w->r->part;
    gt_put(w, p->gone.n);
    for (uint32_t i = 0; i < p->gone.n; i++) {
        gt_put_id(w, p->gone.p[i].id);
        gt_put(w, p->gone.p[i].came);
    }
    gt_put(w, o->gs.n);
    for (uint32_t i = 0; i < o->gs.cap; i++) {
        const struct gstate *g = gt_order_g_at(w->r, i);
        if (!g)
            continue;
        gt_put_id(w, g->id);
        gt_put(w, g->came);
        gt_put(w, g->news);
        gt_put_goroutine(w, g);
    }
}

int gt_part_save(gt_reader *r) {
    struct writer w;
    if (!gt_writer_open(&w, r))
        return 0;
    put_part_counts(&w);
    put_part_lists(&w);
    put_part_procs(&w);
    put_part_threads(&w);
    put_part_goroutines(&w);
    gt_put_tasks(&w);
    gt_put(&w, r->lanes.n);
    for (uint32_t i = 0; i < r->lanes.n; i++) {
        const struct lane *l = r->lanes.p[i];
        const struct pstate *p = l->p == LANE_STW ? NULL : gt_order_p(r, l->p);
        gt_put_lane(&w, l, p ? p->past_end : 0);
        gt_put_actor(&w, l->n ? l->chunks.p[0]->g[0] : 0);
        gt_put(&w, l->n ? l->chunks.p[0]->state[0] : 0);
    }
    return gt_writer_close(&w);
}

/* ---- joining ---- */

/* A world that is stopped goes on being so, of which no status event tells. */
static bool is_stopped(struct gt_reader *r) {
    for (uint32_t i = 0; i < r->order.gs.cap; i++) {
        const struct gstate *g = gt_order_g_at(r, i);
        for (uint32_t k = 0; g && k < g->ranges.v.n; k++)
            if (g->ranges.v.p[k].type == TRACE_EV_STW_BEGIN)
                return true;
    }
    return false;
}

/* Times: those of a part that begins before the last event that was are pushed behind it, one by one (emit.c). */
static void join_counts(struct join *j) {
    struct gt_reader *r = j->r;
    struct told_back *t = &j->t;
    uint64_t gen = gt_take(t);
    j->shift = (int64_t)(gt_take(t) - (uint64_t)r->first_time);
    int64_t last = (int64_t)gt_take(t);
    uint64_t events = gt_take(t), syncs = gt_take(t);
    uint8_t gc_first = (uint8_t)gt_take(t);
    uint64_t gc_seq = gt_take(t);
    uint8_t gc_state = (uint8_t)gt_take(t);
    uint64_t gc_last = gt_take(t), least_task = gt_take_id(t);
    believe(j, r->last_time < INT64_MAX - (int64_t)events);
    if (!j->change) {
        bool active = gc_first == TRACE_EV_GC_ACTIVE, fresh = r->order.gc_state == 0; /* 0: undetermined */
        bool follows = gc_seq == r->order.gc_seq + 1;
        believe(j, !gc_first ||
                       (active ? follows && r->order.gc_state == 2 : fresh || (follows && r->order.gc_state == 1)));
        for (uint32_t i = 0; i < r->order.tasks.cap; i++)
            believe(j, !r->order.tasks.vals[i] || r->order.tasks.keys[i] < least_task);
        return;
    }
    int64_t pushed = r->last_time + (int64_t)events;
    r->last_time = pushed > last ? pushed : last;
    r->in.last_gen = gen;
    r->events += events;
    r->syncs += syncs;
    r->generations++;
    if (gc_first) {
        r->order.gc_state = gc_state;
        r->order.gc_seq = gc_last;
    }
}

/* A region that ends must be the innermost, unless none is known: then it began before tracing did. */
static void join_pops(struct join *j) {
    for (uint64_t n = gt_take(&j->t); n && !j->t.bad; n--) {
        struct gstate *g = gt_order_g(j->r, gt_take_id(&j->t));
        uint64_t task = gt_take_id(&j->t);
        uint32_t name = gt_take_string(&j->t);
        if (!g || !g->regions.n)
            continue;
        const struct region *top = &g->regions.p[g->regions.n - 1];
        believe(j, top->task == task && top->name == name);
        g->regions.n--;
        if (j->change)
            continue;
        if (VEC_ROOM(&j->popped, j->popped.n + 1))
            j->popped.p[j->popped.n++] = g;
        else
            j->failed = true;
    }
}

static void join_lists(struct join *j) {
    struct gt_reader *r = j->r;
    struct told_back *t = &j->t;
    for (uint64_t n = gt_take(t); n && !t->bad; n--) {
        uint64_t id = gt_take_id(t);
        believe(j, !gt_order_g(r, id));
        r->lives += j->change;
    }
    join_pops(j);
    for (uint64_t n = gt_take(t); n && !t->bad; n--) {
        uint64_t id = gt_take_id(t);
        uint32_t place = j->change ? gt_map_get(&r->order.tasks, id) : 0;
        if (!place)
            continue;
        gt_map_delete(&r->order.tasks, id);
        r->order.task_list.p[place - 1].next_free = r->order.task_free;
        r->order.task_free = place;
    }
}

/* A P that is new; its lane comes with it. */
static struct pstate *new_p(struct join *j, uint64_t id) {
    struct order *o = &j->r->order;
    struct pstate *p = VEC_ROOM(&o->p_list, o->p_list.n + 1) ? gt_alloc(sizeof *p) : NULL;
    if (!p) {
        j->failed = true;
        return NULL;
    }
    o->p_list.p[o->p_list.n++] = p;
    p->id = id;
    uint32_t lane = gt_map_set(&o->ps, id, o->p_list.n) ? gt_lane_new(j->r, id) : UINT32_MAX;
    j->failed = j->failed || lane == UINT32_MAX;
    p->lane = lane == UINT32_MAX ? 0 : lane;
    return p;
}

static void join_procs(struct join *j) {
    struct told_back *t = &j->t;
    for (uint64_t n = gt_take(t); n && !t->bad && !j->failed; n--) {
        uint64_t id = gt_take_id(t);
        struct pstate *p = gt_order_p(j->r, id);
        uint8_t came = (uint8_t)gt_take(t);
        bool abandoned = gt_take(t), sweeps = gt_take(t);
        uint8_t status = (uint8_t)gt_take(t);
        uint64_t holder = gt_take_id(t);
        if (!j->change) {
            believe(j, p ? p->status == came : !abandoned && !sweeps);
            believe(j, !p || (p->ranges.v.n != 0) == sweeps);
            believe(j, !p || !abandoned || (p->holder && p->holder->p == id));
            gt_take_ranges(t, NULL);
            continue;
        }
        if (!p && !(p = new_p(j, id)))
            return;
        p->status = status;
        if (holder != NO_ID)
            p->holder = gt_order_thread(j->r, holder);
        gt_take_ranges(t, &p->ranges);
    }
}

static void join_threads(struct join *j) {
    struct told_back *t = &j->t;
    for (uint64_t n = gt_take(t); n && !t->bad; n--) {
        uint64_t id = gt_take_id(t), known = gt_take(t), p_came = gt_take_id(t), g_came = gt_take_id(t);
        uint64_t p = gt_take_id(t), g = gt_take_id(t);
        struct mstate *m = j->change ? gt_order_thread(j->r, id) : gt_order_m(j->r, id);
        if (!j->change) {
            believe(j, !(known & 1) || (m ? m->p : NO_ID) == p_came);
            believe(j, !(known & 2) || (m ? m->g : NO_ID) == g_came);
            continue;
        }
        j->failed = j->failed || !m;
        if (m && (known & 1))
            m->p = p;
        if (m && (known & 2))
            m->g = g;
    }
}

/* One goroutine that is alive at the part's end. */
static void join_goroutine(struct join *j) {
    struct gt_reader *r = j->r;
    struct told_back *t = &j->t;
    uint64_t id = gt_take_id(t);
    struct gstate *g = gt_order_g(r, id);
    uint8_t came = (uint8_t)gt_take(t), news = (uint8_t)gt_take(t);
    struct goroutine_news x = gt_take_goroutine(t);
    if (!j->change) {
        believe(j, came ? g && g->status + 1 == came : !g);
        believe(j, !g || !came || (g->ranges.v.n != 0) == !!(news & NEWS_ASSIST));
        believe(j, !g || !came || r->goroutines.p[g->record].fn || !(news & NEWS_FN_GUESSED) || !x.fn);
    } else if (!came) {
        g = gt_order_new_g(r, id, x.status);
        if (!g || !VEC_ROOM(&r->goroutines, r->goroutines.n + 1)) {
            j->failed = true;
            return;
        }
        r->lives++;
        g->record = r->goroutines.n++;
        r->goroutines.p[g->record] = (struct grecord){.id = id, .fn = x.fn, .create_site = x.site};
        uint32_t by = gt_actor(r, x.creator);
        j->failed = j->failed || by == UINT32_MAX;
        r->goroutines.p[g->record].creator = by;
        news = NEWS_WAS | NEWS_WAKE;
    } else if (!r->goroutines.p[g->record].fn) {
        r->goroutines.p[g->record].fn = x.fn;
    }
    if (j->change) {
        g->status = x.status;
        if (news & NEWS_WAS)
            g->was = x.was;
        if (news & NEWS_WAKE) {
            uint32_t by = gt_actor(r, x.wake_by);
            j->failed = j->failed || by == UINT32_MAX;
            g->wake_by = by;
            g->wake_site = x.wake_site;
        }
    }
    gt_take_ranges(t, j->change ? &g->ranges : NULL);
    gt_take_regions(t, j->change ? g : NULL);
}

static void join_goroutines(struct join *j) {
    struct told_back *t = &j->t;
    for (uint64_t n = gt_take(t); n && !t->bad; n--) {
        struct gstate *g = gt_order_g(j->r, gt_take_id(t));
        uint8_t came = (uint8_t)gt_take(t);
        believe(j, g && g->status + 1 == came);
        if (j->change && g)
            gt_order_drop_g(j->r, g);
    }
    for (uint64_t n = gt_take(t); n && !t->bad && !j->failed; n--)
        join_goroutine(j);
}

static void join_tasks(struct join *j) {
    struct told_back *t = &j->t;
    struct order *o = &j->r->order;
    for (uint64_t n = gt_take(t); n && !t->bad && !j->failed; n--) {
        uint64_t id;
        struct task x = gt_take_task(t, &id);
        if (!j->change)
            continue;
        uint32_t place = o->task_free;
        if (place)
            o->task_free = o->task_list.p[place - 1].next_free;
        else if (VEC_ROOM(&o->task_list, o->task_list.n + 1))
            place = ++o->task_list.n;
        j->failed = j->failed || !place || !gt_map_set(&o->tasks, id, place);
        if (place)
            o->task_list.p[place - 1] = x;
    }
}

static const struct lane *lane_here(struct gt_reader *r, uint64_t p) {
    uint32_t lane = r->stw_lane;
    if (p != LANE_STW) {
        const struct pstate *s = gt_order_p(r, p);
        lane = s ? s->lane : 0;
    }
    return lane ? r->lanes.p[lane - 1] : NULL;
}

/* Whether the lane's first span is the one that is open here. */
static bool is_continued(struct gt_reader *r, const struct lane *l, const struct span_chunk *first, uint64_t g,
                         uint8_t state) {
    return l && l->open && r->goroutines.p[first->g[0]].id + 1 == g && first->state[0] == state;
}

static void join_lane(struct join *j) {
    struct gt_reader *r = j->r;
    struct told_back *t = &j->t;
    struct lane_news x = gt_take_lane(t);
    uint64_t first_g = gt_take_actor(t);
    uint8_t first_state = (uint8_t)gt_take(t);
    if (!j->change) {
        const struct lane *l = lane_here(r, x.p);
        bool open = l && l->open;
        if (x.continues)
            believe(j, is_continued(r, l, open ? l->chunks.p[0] : NULL, first_g, first_state));
        else
            believe(j, !open || x.past || !x.here);
        return;
    }
    uint32_t lane = gt_lane_for(r, x.p);
    j->failed = j->failed || lane == UINT32_MAX;
    if (j->failed || !lane)
        return;
    struct lane *l = r->lanes.p[lane - 1];
    bool was_open = l->open, ended = x.here || x.past;
    if (!was_open || (ended && !(x.continues && x.here == 1 && x.open))) {
        uint64_t total = l->before + l->n + x.here - (x.continues ? 1 : 0);
        if (l->owner)
            l->owner->open = 0;
        l->owner = NULL;
        l->open = false;
        l->n = 0;
        l->before = total - x.open;
        if (!x.open)
            return;
        const struct gstate *g = x.span.g ? gt_order_g(r, x.span.g - 1) : NULL;
        if (g && !(x.span.news & NEWS_WAS))
            x.span.was = g->was;
        if (g && !(x.span.news & NEWS_WAKE)) {
            x.span.wake_by = g->wake_by ? r->goroutines.p[g->wake_by].id + 1 : 0;
            x.span.wake_site = g->wake_site;
        }
        uint64_t least = j->floor + x.span.number;
        int64_t start = (int64_t)x.span.start + j->shift;
        x.span.start = start > (int64_t)least ? (uint64_t)start : least;
        j->failed = j->failed || !gt_lane_reopen(r, lane, &x.span);
    }
}

static void pass(struct join *j) {
    j->t.r = j->r;
    j->t.at = 0;
    join_counts(j);
    join_lists(j);
    join_procs(j);
    join_threads(j);
    join_goroutines(j);
    join_tasks(j);
    for (uint64_t n = gt_take(&j->t); n && !j->t.bad && !j->failed; n--)
        join_lane(j);
}

int gt_part_join(gt_reader *r) {
    struct join j = {.r = r};
    if (is_stopped(r))
        return 0;
    j.floor = (uint64_t)r->last_time - (uint64_t)r->first_time;
    pass(&j);
    for (uint32_t i = 0; i < j.popped.n; i++)
        j.popped.p[i]->regions.n++;
    VEC_FREE(&j.popped);
    bool ok = !j.refused && !j.t.bad && !j.failed;
    if (ok) {
        gt_told_back_close(&j.t);
        j.t = (struct told_back){0};
        j.change = true;
        pass(&j);
    }
    gt_told_back_close(&j.t);
    return j.failed || j.t.bad || r->no_memory ? -1 : ok;
}
