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
        if (now > o->idle_since)
            gt_odd_keep(r, ODD_IDLE,
                        (struct odd_row){o->idle_since, now, now - o->idle_since, 0, 0, o->most_queued, o->most_idle});
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

static void convoy_ends(struct gt_reader *r, const struct convoy *c, uint64_t now) {
    if (c->most >= CONVOY_MOST && c->passed >= CONVOY_MOST)
        gt_odd_keep(r, ODD_CONVOY, (struct odd_row){c->since, now, c->ns, 0, c->node, c->most, c->passed});
}

bool gt_odd_lock(struct gt_reader *r, uint32_t node, uint64_t now, int delta) {
    struct odd *o = &r->analysis->odd;
    uint32_t i = gt_map_get(&o->by_node, (uint64_t)node + 1);
    if (!i) {
        if (!VEC_ROOM(&o->convoys, o->convoys.n + 1) || !gt_map_set(&o->by_node, (uint64_t)node + 1, o->convoys.n + 1))
            return false;
        o->convoys.p[o->convoys.n] = (struct convoy){.node = node};
        i = ++o->convoys.n;
    }
    struct convoy *c = &o->convoys.p[i - 1];
    c->ns += c->waiting * (now - c->last);
    c->last = now;
    if (delta > 0) {
        if (!c->waiting)
            *c = (struct convoy){.node = node, .since = now, .last = now};
        c->waiting++;
        c->most = c->waiting > c->most ? c->waiting : c->most;
    } else if (c->waiting) {
        c->waiting--;
        c->passed += c->waiting > 0;
        if (!c->waiting)
            convoy_ends(r, c, now);
    }
    return true;
}

void gt_odd_finish(struct gt_reader *r) {
    struct odd *o = &r->analysis->odd;
    uint64_t now = r->analysis->last;
    for (uint32_t i = 0; i < o->convoys.n; i++) {
        struct convoy *c = &o->convoys.p[i];
        c->ns += c->waiting * (now - c->last);
        if (c->waiting)
            convoy_ends(r, c, now);
    }
    o->queued = 0; /* nothing comes after: what goes on ends here */
    gt_odd_idle(r, now);
}
