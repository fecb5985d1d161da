/*
 * odd.c: the longest of what should not be long: waits for a P, Ps that idle while work is queued, goroutines that
 * queue at one lock, GC assists. The first ODD_KEPT of each kind are kept, in a heap with the least odd first.
 */
#include "analyse/analyse.h"

enum { CONVOY_MOST = 3 }; /* fewer waiting at once is no convoy */

void gt_odd_keep(struct gt_reader *r, enum odd_kind kind, struct odd_row row) {
    struct analysis *a = r->analysis;
    struct odd_row *h = a->odd.kept[kind];
    uint32_t n = a->odd.n[kind], i;
    if (!gt_odd_ranks(&a->odd, kind, row.rank) || !gt_an_part(a, row.start, row.end))
        return;
    if (n < ODD_KEPT) {
        for (i = a->odd.n[kind]++; i && h[(i - 1) / 2].rank > row.rank; i = (i - 1) / 2)
            h[i] = h[(i - 1) / 2];
    } else {
        for (i = 0;;) {
            uint32_t c = 2 * i + 1;
            if (c + 1 < n && h[c + 1].rank < h[c].rank)
                c++;
            if (c >= n || h[c].rank >= row.rank)
                break;
            h[i] = h[c];
            i = c;
        }
    }
    h[i] = row;
}

void gt_odd_idle(struct gt_reader *r, uint64_t now) {
    struct odd *o = &r->analysis->odd;
    uint64_t idle = o->procs > o->busy ? o->procs - o->busy : 0;
    if (idle && o->queued && !r->analysis->collect.stw_open) {
        if (!o->idle_since) {
            o->idle_since = now;
            o->most_queued = o->most_idle = 0;
        }
        o->most_queued = o->queued > o->most_queued ? o->queued : o->most_queued;
        o->most_idle = idle > o->most_idle ? idle : o->most_idle;
    } else if (o->idle_since) {
        if (now > o->idle_since && gt_odd_ranks(o, ODD_IDLE, now - o->idle_since))
            gt_odd_keep(r, ODD_IDLE,
                        (struct odd_row){.start = o->idle_since,
                                         .end = now,
                                         .rank = now - o->idle_since,
                                         .a = o->most_queued,
                                         .b = o->most_idle});
        o->idle_since = 0;
    }
}

bool gt_odd_proc(struct gt_reader *r, const struct event *ev, struct transition x) {
    struct odd *o = &r->analysis->odd;
    bool busy = x.to == PROC_RUNNING;
    if (busy == (gt_map_get(&o->busy_ps, x.id) != 0))
        return true;
    if (busy && !gt_map_set(&o->busy_ps, x.id, 1))
        return false;
    if (!busy)
        gt_map_delete(&o->busy_ps, x.id);
    o->busy = o->busy_ps.n;
    gt_odd_idle(r, (uint64_t)ev->time);
    return true;
}

/* The convoy of a place where nobody has waited before: index + 1, or ODD_NO_LOCK; 0 = out of memory. */
static uint32_t convoy_of(struct gt_reader *r, uint32_t node) {
    struct odd *o = &r->analysis->odd;
    const struct an_node *nodes = r->analysis->stacks.nodes.p;
    const struct site *sites = r->intern.sites.p, *site = &sites[nodes[node].site];
    const struct lasting_string *func = &r->intern.strings.p[site->func];
    bool named = gt_an_has(func, "sync.(*Mutex).") || gt_an_has(func, "sync.(*RWMutex).");
    uint32_t at = node; /* below Go's own functions: in that of the program which called them */
    while (nodes[at].parent && sites[nodes[at].site].inside)
        at = nodes[at].parent;
    uint32_t i = named || !site->inside ? gt_map_get(&o->by_site, nodes[at].site) : ODD_NO_LOCK;
    if (!i) {
        if (!VEC_ROOM(&o->convoys, o->convoys.n + 1) || !gt_map_set(&o->by_site, nodes[at].site, o->convoys.n + 1))
            return 0;
        o->convoys.p[o->convoys.n] = (struct convoy){.node = node, .named = named};
        i = ++o->convoys.n;
    }
    return gt_map_set(&o->by_node, node, i) ? i : 0;
}

static void convoy_ends(struct gt_reader *r, struct convoy *c, uint64_t now) {
    if (c->most < CONVOY_MOST || c->passed < CONVOY_MOST || !gt_an_part(r->analysis, c->since, now))
        return;
    struct odd_row *w = &c->worst;
    uint64_t times = w->times + 1, all = w->all + (now - c->since);
    c->cost += c->ns;
    if (times == 1 || c->ns > w->rank)
        *w = (struct odd_row){.start = c->since,
                              .end = now,
                              .rank = c->ns,
                              .node = c->node,
                              .a = c->most,
                              .b = c->passed,
                              .held = c->held,
                              .by = c->by,
                              .by_node = c->by_node};
    w->times = times;
    w->all = all;
}

/* Their number changes: what they have waited so far counts. */
static void pass_time(struct convoy *c, uint64_t now) {
    c->ns += c->waiting * (now - c->last);
    c->last = now;
}

bool gt_odd_lock(struct gt_reader *r, struct an_go *g, uint64_t now) {
    struct odd *o = &r->analysis->odd;
    if (!g->node)
        return true; /* nobody knows where, or that it is one place */
    uint32_t i = gt_map_get(&o->by_node, g->node);
    if (!i && !(i = convoy_of(r, g->node)))
        return false;
    if (i == ODD_NO_LOCK)
        return true;
    struct convoy *c = &o->convoys.p[i - 1];
    g->lock = true;
    g->convoy = i;
    pass_time(c, now);
    if (!c->waiting) {
        c->since = c->woken = now;
        c->ns = c->passed = c->held = c->most = 0;
    }
    c->waiting++;
    c->most = c->waiting > c->most ? c->waiting : c->most;
    return true;
}

void gt_odd_unlock(struct gt_reader *r, struct an_go *g, uint64_t now, uint64_t waker, uint32_t node) {
    struct analysis *a = r->analysis;
    struct convoy *c = &a->odd.convoys.p[g->convoy - 1];
    g->lock = false;
    pass_time(c, now);
    c->waiting--;
    uint32_t by = gt_an_go(a, waker);
    if (now - c->woken > c->held) {
        c->held = now - c->woken;
        c->by = by;
        c->by_node = node;
    }
    c->woken = now;
    c->passed += c->waiting && (c->named || (by && a->gos.p[by - 1].convoy == g->convoy));
    if (!c->waiting)
        convoy_ends(r, c, now);
}

void gt_odd_finish(struct gt_reader *r) {
    struct odd *o = &r->analysis->odd;
    uint64_t now = r->analysis->last;
    for (uint32_t i = 0; i < o->convoys.n; i++) {
        struct convoy *c = &o->convoys.p[i];
        pass_time(c, now);
        if (c->waiting)
            convoy_ends(r, c, now);
        if (c->worst.times) {
            c->worst.rank = c->cost;
            gt_odd_keep(r, ODD_CONVOY, c->worst);
        }
    }
    o->queued = 0; /* nothing comes after: what goes on ends here */
    gt_odd_idle(r, now);
}
