/*
 * leak.c: goroutines that may leak: they wait at the end of the trace for what only the program itself could do, and
 * have for long.
 *
 * A trace does not tell what can still be reached, so this is a question and no verdict. A goroutine is asked about if
 *
 *   - the trace has its beginning: a server's workers that were there before wait for work by right;
 *   - it waits for a channel, a select or a lock: the network and timers come from outside;
 *   - it has not gone on from that place before: a worker that has had work comes back there to wait for more;
 *   - it is none of Go's own.
 *
 * Those of one start function that wait for one reason at one place are told together, if LEAK_MANY of them have waited
 * for a tenth of the trace, and came there over as long a time. Many that came all at once are a pool that idles, most
 * often; but nobody idles in a send.
 */
#include "analyse/analyse.h"

#include <stdlib.h>

enum { LEAK_MANY = 10, LEAK_SHARE = 10 };

struct waiter {
    uint32_t name, reason; /* start function, what it waits for: lasting strings */
    uint32_t node, go;     /* where; index */
    uint64_t since;        /* ns */
};

static int by_group(const void *x, const void *y) {
    const struct waiter *a = x, *b = y;
    uint32_t p[] = {a->name, a->reason, a->node}, q[] = {b->name, b->reason, b->node};
    for (int i = 0; i < 3; i++)
        if (p[i] != q[i])
            return p[i] < q[i] ? -1 : 1;
    return a->since != b->since ? (a->since < b->since ? -1 : 1) : a->go < b->go ? -1 : a->go > b->go;
}

static bool went_on_before(const struct analysis *a, const struct an_go *g) {
    for (uint32_t i = g->blocks; i; i = a->blocking.list.p[i - 1].next)
        if (a->blocking.list.p[i - 1].class == AN_SYNC && a->blocking.list.p[i - 1].node == g->node)
            return true;
    return false;
}

static bool may_leak(struct gt_reader *r, const struct an_go *g) {
    struct analysis *a = r->analysis;
    if (!g->begun || !g->started || g->state != GO_WAITING || !g->since || !g->wait)
        return false;
    const struct lasting_string *name = &r->intern.strings.p[g->name];
    bool gos = name->n > 7 && memcmp(name->p, "runtime", 7) == 0 && (name->p[7] == '.' || name->p[7] == '/');
    return !gos && gt_an_reason(r, a->waits.p[g->wait - 1].reason) & REASON_SYNC && !went_on_before(a, g);
}

/* Those of one group, the first first. */
static void group(struct gt_reader *r, const struct waiter *w, uint32_t n) {
    uint64_t last = r->analysis->last, share = (last - (uint64_t)r->first_time) / LEAK_SHARE, all = 0;
    uint32_t old = 0;
    for (uint32_t i = 0; i < n; i++) {
        all += last - w[i].since;
        old += last - w[i].since >= share;
    }
    if (old >= LEAK_MANY &&
        (w[n - 1].since - w->since >= share || gt_an_is(&r->intern.strings.p[w->reason], "chan send")))
        gt_odd_keep(r, ODD_LEAK,
                    (struct odd_row){.start = w->since,
                                     .end = last,
                                     .rank = all,
                                     .go = w->go + 1,
                                     .node = w->node,
                                     .a = n,
                                     .reason = w->reason});
}

bool gt_odd_leaks(struct gt_reader *r) {
    struct analysis *a = r->analysis;
    VEC(struct waiter) list = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < a->gos.n; i++) {
        const struct an_go *g = &a->gos.p[i];
        if (!may_leak(r, g))
            continue;
        ok = VEC_ROOM(&list, list.n + 1);
        if (ok)
            list.p[list.n++] = (struct waiter){g->name, a->waits.p[g->wait - 1].reason, g->node, i, g->since};
    }
    if (ok && list.n)
        qsort(list.p, list.n, sizeof *list.p, by_group);
    for (uint32_t i = 0, n; ok && i < list.n; i += n) {
        for (n = 1; i + n < list.n && list.p[i + n].name == list.p[i].name && list.p[i + n].node == list.p[i].node &&
                    list.p[i + n].reason == list.p[i].reason;)
            n++;
        group(r, list.p + i, n);
    }
    VEC_FREE(&list);
    return ok;
}
