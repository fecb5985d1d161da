/* carry_form.c: the numbers, strings, sites and spans of which carry.c and join.c make and read what passes on. */
#include "order/carry.h"

static bool told_open(struct told *t, uint32_t cap) {
    *t = (struct told){.cap = cap};
    return (t->p = gt_alloc((size_t)cap * sizeof *t->p)) != NULL;
}

bool gt_writer_open(struct writer *w, struct gt_reader *r) {
    *w = (struct writer){.r = r};
    gt_text_anew(r);
    if (told_open(&w->strings, r->intern.strings.n) && told_open(&w->sites, r->intern.sites.n))
        return true;
    gt_writer_close(w);
    return false;
}

bool gt_writer_close(struct writer *w) {
    gt_free(w->strings.p, w->strings.cap * sizeof *w->strings.p);
    gt_free(w->sites.p, w->sites.cap * sizeof *w->sites.p);
    return !w->r->text.failed;
}

void gt_put(struct writer *w, uint64_t v) {
    char bytes[10];
    uint32_t n = 0;
    for (; v >= 0x80; v >>= 7)
        bytes[n++] = (char)(v | 0x80);
    bytes[n++] = (char)v;
    gt_text_bytes(&w->r->text, bytes, n);
}

void gt_put_id(struct writer *w, uint64_t id) { gt_put(w, id + 1); }

/* Its number; true = it is new, and to be told in full. */
static bool put_told(struct writer *w, struct told *t, uint32_t id) {
    if (!id) {
        gt_put(w, 0);
        return false;
    }
    bool fresh = !t->p[id];
    if (fresh)
        t->p[id] = ++t->n;
    gt_put(w, t->p[id]);
    return fresh;
}

void gt_put_string(struct writer *w, uint32_t id) {
    if (!put_told(w, &w->strings, id))
        return;
    const struct lasting_string *s = &w->r->intern.strings.p[id];
    gt_put(w, s->n);
    gt_text_bytes(&w->r->text, s->p, s->n);
}

void gt_put_site(struct writer *w, uint32_t id) {
    if (!put_told(w, &w->sites, id))
        return;
    const struct site *s = &w->r->intern.sites.p[id];
    gt_put_string(w, s->func);
    gt_put_string(w, s->file);
    gt_put(w, s->line);
}

void gt_put_actor(struct writer *w, uint32_t record) { gt_put(w, record ? w->r->goroutines.p[record].id + 1 : 0); }

void gt_put_ranges(struct writer *w, const struct ranges *rs) {
    gt_put(w, rs->v.n);
    for (uint32_t i = 0; i < rs->v.n; i++) {
        gt_put(w, rs->v.p[i].type);
        gt_put(w, rs->v.p[i].desc);
    }
}

void gt_put_goroutine(struct writer *w, const struct gstate *g) {
    const struct grecord *x = &w->r->goroutines.p[g->record];
    gt_put(w, g->status);
    gt_put_string(w, g->was);
    gt_put_actor(w, g->wake_by);
    gt_put_site(w, g->wake_site);
    gt_put_string(w, x->fn);
    gt_put_actor(w, x->creator);
    gt_put_site(w, x->create_site);
    gt_put_ranges(w, &g->ranges);
    gt_put(w, g->regions.n);
    for (uint32_t i = 0; i < g->regions.n; i++) {
        gt_put_id(w, g->regions.p[i].task);
        gt_put_string(w, g->regions.p[i].name);
    }
}

void gt_put_tasks(struct writer *w) {
    const struct order *o = &w->r->order;
    gt_put(w, o->tasks.n);
    for (uint32_t i = 0; i < o->tasks.cap; i++) {
        if (!o->tasks.vals[i])
            continue;
        const struct task *t = &o->task_list.p[o->tasks.vals[i] - 1];
        gt_put_id(w, o->tasks.keys[i]);
        gt_put_id(w, t->parent);
        gt_put_string(w, t->name);
    }
}

void gt_put_lane(struct writer *w, const struct lane *l, double past_end) {
    uint64_t bits;
    memcpy(&bits, &past_end, sizeof bits);
    gt_put_id(w, l->p);
    gt_put(w, l->before + l->n);
    gt_put(w, l->n);
    gt_put(w, l->continues);
    gt_put(w, bits);
    gt_put(w, l->open);
    if (!l->open)
        return;
    uint32_t i = l->n - 1, k = i % SPAN_CHUNK;
    const struct span_chunk *c = l->chunks.p[i / SPAN_CHUNK];
    gt_put_id(w, l->owner ? l->owner->id : NO_ID);
    gt_put(w, (uint64_t)c->start[k]);
    gt_put(w, l->opened);
    gt_put(w, l->news);
    gt_put_actor(w, c->g[k]);
    gt_put_string(w, w->r->goroutines.p[c->g[k]].fn);
    gt_put(w, c->state[k]);
    gt_put_string(w, c->was[k]);
    gt_put_actor(w, c->wake_by[k]);
    gt_put_site(w, c->wake_site[k]);
    gt_put_site(w, c->state[k] == SPAN_SYSCALL ? gt_span_site(l, i) : 0);
}

uint64_t gt_take(struct told_back *t) {
    uint64_t v = 0;
    int n = t->bad ? -1 : varint(t->r->blob.p + t->at, t->r->blob.n - t->at, &v);
    if (n < 0) {
        t->bad = true;
        return 0;
    }
    t->at += (uint32_t)n;
    return v;
}

uint64_t gt_take_id(struct told_back *t) { return gt_take(t) - 1; }

uint32_t gt_take_string(struct told_back *t) {
    uint64_t number = gt_take(t);
    if (number == 0 || number <= t->strings.n)
        return number ? t->strings.p[number - 1] : 0;
    uint64_t n = gt_take(t);
    uint32_t id = UINT32_MAX;
    if (!t->bad && n <= t->r->blob.n - t->at && VEC_ROOM(&t->strings, t->strings.n + 1))
        id = gt_intern_string(&t->r->intern, (const char *)t->r->blob.p + t->at, (uint32_t)n);
    if (id == UINT32_MAX) {
        t->bad = true;
        return 0;
    }
    t->at += (uint32_t)n;
    return t->strings.p[t->strings.n++] = id;
}

uint32_t gt_take_site(struct told_back *t) {
    uint64_t number = gt_take(t);
    if (number == 0 || number <= t->sites.n)
        return number ? t->sites.p[number - 1] : 0;
    struct site s = {.func = gt_take_string(t)};
    s.file = gt_take_string(t);
    s.line = (uint32_t)gt_take(t);
    uint32_t id = VEC_ROOM(&t->sites, t->sites.n + 1) ? gt_intern_site(&t->r->intern, s) : UINT32_MAX;
    if (id == UINT32_MAX) {
        t->bad = true;
        return 0;
    }
    return t->sites.p[t->sites.n++] = id;
}

uint64_t gt_take_actor(struct told_back *t) { return gt_take(t); }

uint32_t gt_actor(struct gt_reader *r, uint64_t actor) {
    if (!actor)
        return 0;
    const struct gstate *g = gt_order_g(r, actor - 1);
    if (g)
        return g->record;
    if (!VEC_ROOM(&r->goroutines, r->goroutines.n + 1))
        return UINT32_MAX;
    r->goroutines.p[r->goroutines.n] = (struct grecord){.id = actor - 1};
    return r->goroutines.n++;
}

void gt_take_ranges(struct told_back *t, struct ranges *rs) {
    if (rs)
        rs->v.n = 0;
    for (uint64_t n = gt_take(t); n && !t->bad; n--) {
        struct range x = {.type = (uint8_t)gt_take(t)};
        x.desc = gt_take(t);
        if (!rs)
            continue;
        if (VEC_ROOM(&rs->v, rs->v.n + 1))
            rs->v.p[rs->v.n++] = x;
        else
            t->bad = true;
    }
}

void gt_take_regions(struct told_back *t, struct gstate *g) {
    for (uint64_t n = gt_take(t); n && !t->bad; n--) {
        struct region x = {.task = gt_take_id(t)};
        x.name = gt_take_string(t);
        if (!g)
            continue;
        if (VEC_ROOM(&g->regions, g->regions.n + 1))
            g->regions.p[g->regions.n++] = x;
        else
            t->bad = true;
    }
}

struct goroutine_news gt_take_goroutine(struct told_back *t) {
    struct goroutine_news x = {.status = (uint8_t)gt_take(t)};
    x.was = gt_take_string(t);
    x.wake_by = gt_take_actor(t);
    x.wake_site = gt_take_site(t);
    x.fn = gt_take_string(t);
    x.creator = gt_take_actor(t);
    x.site = gt_take_site(t);
    return x;
}

struct task gt_take_task(struct told_back *t, uint64_t *id) {
    *id = gt_take_id(t);
    struct task x = {.parent = gt_take_id(t)};
    x.name = gt_take_string(t);
    return x;
}

void gt_told_back_close(struct told_back *t) {
    VEC_FREE(&t->strings);
    VEC_FREE(&t->sites);
}

struct lane_news gt_take_lane(struct told_back *t) {
    struct lane_news x = {.p = gt_take_id(t)};
    x.total = gt_take(t);
    x.here = gt_take(t);
    x.continues = gt_take(t);
    x.past = gt_take(t);
    x.open = gt_take(t);
    if (!x.open)
        return x;
    x.span.owner = gt_take_id(t);
    x.span.start = gt_take(t);
    x.span.number = gt_take(t);
    x.span.news = (uint8_t)gt_take(t);
    x.span.g = gt_take_actor(t);
    x.span.fn = gt_take_string(t);
    x.span.state = (uint8_t)gt_take(t);
    x.span.was = gt_take_string(t);
    x.span.wake_by = gt_take_actor(t);
    x.span.wake_site = gt_take_site(t);
    x.span.made_at = gt_take_site(t);
    return x;
}

uint32_t gt_lane_for(struct gt_reader *r, uint64_t p) {
    if (p == LANE_STW) {
        if (!r->stw_lane) {
            uint32_t lane = gt_lane_new(r, LANE_STW);
            if (lane == UINT32_MAX)
                return lane;
            r->stw_lane = lane;
        }
        return r->stw_lane;
    }
    struct pstate *s = gt_order_p(r, p);
    if (!s)
        return 0;
    if (!s->lane) {
        uint32_t lane = gt_lane_new(r, p);
        if (lane == UINT32_MAX)
            return lane;
        s->lane = lane;
    }
    return s->lane;
}

bool gt_lane_reopen(struct gt_reader *r, uint32_t lane, const struct open_span *span) {
    struct lane *l = r->lanes.p[lane - 1];
    struct mstate *m = span->owner == NO_ID ? NULL : gt_order_thread(r, span->owner);
    uint32_t by = gt_actor(r, span->wake_by), record = gt_actor(r, span->g);
    if (by == UINT32_MAX || record == UINT32_MAX || (span->owner != NO_ID && !m))
        return false;
    struct grecord *g = &r->goroutines.p[record];
    if (!g->fn)
        g->fn = span->fn;
    const struct gstate as = {
        .id = g->id, .record = record, .was = span->was, .wake_by = by, .wake_site = span->wake_site};
    l->n = 0;
    l->open = false;
    l->made_at = span->made_at;
    double now = r->now;
    r->now = (double)span->start;
    bool ok = gt_span_begin(r, l, m, &as, span->state);
    r->now = now;
    if (m)
        m->open = lane;
    return ok;
}
