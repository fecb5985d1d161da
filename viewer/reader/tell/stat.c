/*
 * stat.c: gt_stat_json, the figures of `goroscope stat`.
 *
 * {"version", "events", "generations", "duration_ns", "goroutines", "procs", "threads", "experimental_batches":
 * {"alloc_free", "damaged", "unknown"}, "counts": {event: n}}, and with GT_OPT_STAT what summary.c gathered: "gc":
 * {"cycles", "mark_ns", "assists", "assist_ns", "sweeps", "swept_bytes", "reclaimed_bytes"}, "stw": [{"kind", "count",
 * "ns", "max_ns"}], "latency": {"count", "sum_ns", "p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns"} from runnable to
 * running, "functions": [{"fn", "goroutines", TIMES}], "waiting": [{"reason", "ns"}], "by_goroutine": [{"id", "fn",
 * "created_ns", "started_ns", "ended_ns", TIMES, "ranges": {name: ns}}]. TIMES: "running_ns", "runnable_ns",
 * "waiting_ns", "syscall_ns" (with its P), "syscall_blocked_ns" (without), "total_ns", "waiting": {reason: ns}. Moments
 * are since the first event; null = never.
 */
#include "tell/summary.h"

#include <stdlib.h>

/* Sums over a broken trace may go around, as Go's do; they are told as signed numbers, as Go tells them. */
static void number(struct text *t, const char *name, uint64_t v) {
    gt_text_str(t, name);
    gt_text_i64(t, (int64_t)v);
}

static void lasting_json(struct gt_reader *r, uint32_t id) {
    gt_text_json_quote(&r->text, r->intern.strings.p[id].p, r->intern.strings.p[id].n);
}

static void counts_json(struct gt_reader *r) {
    struct text *t = &r->text;
    bool first = true;
    gt_text_str(t, ",\"counts\":{");
    for (int i = 0; i < 256; i++) {
        if (!r->counts[i])
            continue;
        gt_text_str(t, first ? "\"" : ",\"");
        gt_text_str(t, gt_event_name((uint8_t)i));
        gt_text_str(t, "\":");
        gt_text_u64(t, r->counts[i]);
        first = false;
    }
    gt_text_char(t, '}');
}

static void waits_json(struct gt_reader *r, const struct wait_sum *w, uint32_t n) {
    gt_text_str(&r->text, ",\"waiting\":{");
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            gt_text_char(&r->text, ',');
        lasting_json(r, w[i].reason);
        number(&r->text, ":", w[i].ns);
    }
    gt_text_char(&r->text, '}');
}

static void range_name(struct gt_reader *r, const struct range_sum *x) {
    struct text *t = &r->text;
    if (x->type == TRACE_EV_GC_SWEEP_BEGIN) {
        gt_text_str(t, "\"GC incremental sweep\"");
    } else if (x->type == TRACE_EV_GC_MARK_ASSIST_BEGIN) {
        gt_text_str(t, "\"GC mark assist\"");
    } else {
        const struct lasting_string *k = &r->intern.strings.p[x->kind];
        struct text name = {0};
        gt_text_str(&name, "stop-the-world (");
        gt_text_bytes(&name, k->p, k->n);
        gt_text_char(&name, ')');
        gt_text_json_quote(t, name.p, name.n);
        t->failed |= name.failed;
        gt_text_free(&name);
    }
}

/* A goroutine's figures with what goes on ended now, as Go ends it. */
static struct g_sum settled(const struct summary *s, const struct g_sum *g) {
    struct g_sum x = *g;
    if (x.total == 0)
        x.total = s->last - x.created;
    x.exec += x.in_exec ? s->last - x.in_exec : 0;
    x.runnable += x.in_runnable ? s->last - x.in_runnable : 0;
    x.syscall += x.in_syscall ? s->last - x.in_syscall : 0;
    x.runnable += x.in_syscall_block ? s->last - x.in_syscall_block : 0; /* Go counts it so too */
    return x;
}

/* What a goroutine waited for one reason, the wait going on included. */
static uint64_t waited(const struct summary *s, const struct g_sum *g, uint32_t i) {
    bool now = g->in_block && g->waits.p[i].reason == g->block_reason;
    return g->waits.p[i].ns + (now ? s->last - g->in_block : 0);
}

static void times_json(struct gt_reader *r, const struct g_sum *x, uint64_t waiting) {
    struct text *t = &r->text;
    number(t, ",\"running_ns\":", x->exec);
    number(t, ",\"runnable_ns\":", x->runnable);
    number(t, ",\"waiting_ns\":", waiting);
    number(t, ",\"syscall_ns\":", x->syscall);
    number(t, ",\"syscall_blocked_ns\":", x->syscall_block);
    number(t, ",\"total_ns\":", x->total);
}

/* A time as nanoseconds since the first event; null when it never was. */
static void moment(struct gt_reader *r, const char *name, uint64_t at) {
    gt_text_str(&r->text, name);
    if (at)
        gt_text_i64(&r->text, (int64_t)(at - (uint64_t)r->first_time));
    else
        gt_text_str(&r->text, "null");
}

static bool goroutine_json(struct gt_reader *r, const struct g_sum *g) {
    const struct summary *s = r->summary;
    struct text *t = &r->text;
    struct g_sum x = settled(s, g);
    size_t size = g->waits.n * sizeof(struct wait_sum);
    struct wait_sum *w = size ? gt_alloc(size) : NULL;
    uint64_t all = 0;
    if (size && !w)
        return false;
    for (uint32_t i = 0; i < g->waits.n; i++) {
        w[i] = (struct wait_sum){g->waits.p[i].reason, waited(s, g, i)};
        all += w[i].ns;
    }
    gt_text_str(t, "{\"id\":");
    gt_text_u64(t, g->id);
    gt_text_str(t, ",\"fn\":");
    lasting_json(r, g->name);
    moment(r, ",\"created_ns\":", g->created);
    moment(r, ",\"started_ns\":", g->started);
    moment(r, ",\"ended_ns\":", g->ended);
    times_json(r, &x, all);
    waits_json(r, w, g->waits.n);
    gt_text_str(t, ",\"ranges\":{");
    for (uint32_t i = 0; i < g->ranges.n; i++) {
        if (i)
            gt_text_char(t, ',');
        range_name(r, &g->ranges.p[i]);
        number(t, ":", g->ranges.p[i].ns + (g->ranges.p[i].since ? s->last - g->ranges.p[i].since : 0));
    }
    gt_text_str(t, "}}");
    gt_free(w, size);
    return true;
}

static bool goroutines_json(struct gt_reader *r) {
    gt_text_str(&r->text, ",\"by_goroutine\":[");
    for (uint32_t i = 0; i < r->summary->list.n; i++) {
        if (i)
            gt_text_char(&r->text, ',');
        if (!goroutine_json(r, &r->summary->list.p[i]))
            return false;
    }
    gt_text_char(&r->text, ']');
    return true;
}

/* ---- the same summed by start function, and waits over all ---- */

struct key {
    uint32_t name, index; /* lasting string; goroutine */
};

static int by_name(const void *a, const void *b) {
    const struct key *x = a, *y = b;
    return x->name != y->name ? (x->name < y->name ? -1 : 1) : x->index < y->index ? -1 : x->index > y->index;
}

struct waits {
    VEC(struct wait_sum) v;
    uint32_t *place; /* index + 1 by reason; 0 = not there */
};

static bool waits_add(struct waits *to, uint32_t reason, uint64_t ns) {
    if (!to->place[reason]) {
        if (!VEC_ROOM(&to->v, to->v.n + 1))
            return false;
        to->v.p[to->v.n++] = (struct wait_sum){reason, 0};
        to->place[reason] = to->v.n;
    }
    to->v.p[to->place[reason] - 1].ns += ns;
    return true;
}

/* Adds one goroutine to its function's sum and to the waits of all. */
static bool fold(const struct summary *s, const struct g_sum *g, struct g_sum *sum, struct waits *own,
                 struct waits *all) {
    struct g_sum x = settled(s, g);
    sum->exec += x.exec;
    sum->runnable += x.runnable;
    sum->syscall += x.syscall;
    sum->syscall_block += x.syscall_block;
    sum->total += x.total;
    for (uint32_t i = 0; i < g->waits.n; i++)
        if (!waits_add(own, g->waits.p[i].reason, waited(s, g, i)) ||
            !waits_add(all, g->waits.p[i].reason, waited(s, g, i)))
            return false;
    return true;
}

static void function_json(struct gt_reader *r, uint32_t name, uint64_t count, const struct g_sum *sum,
                          const struct waits *own) {
    struct text *t = &r->text;
    uint64_t waiting = 0;
    for (uint32_t i = 0; i < own->v.n; i++)
        waiting += own->v.p[i].ns;
    gt_text_str(t, "{\"fn\":");
    lasting_json(r, name);
    gt_text_str(t, ",\"goroutines\":");
    gt_text_u64(t, count);
    times_json(r, sum, waiting);
    waits_json(r, own->v.p, own->v.n);
    gt_text_char(t, '}');
}

static bool functions_in_order(struct gt_reader *r, const struct key *keys, struct waits *own, struct waits *all) {
    const struct summary *s = r->summary;
    gt_text_str(&r->text, ",\"functions\":[");
    for (uint32_t i = 0, n; i < s->list.n; i += n) {
        struct g_sum sum = {0};
        while (own->v.n)
            own->place[own->v.p[--own->v.n].reason] = 0;
        for (n = 0; i + n < s->list.n && keys[i + n].name == keys[i].name; n++)
            if (!fold(s, &s->list.p[keys[i + n].index], &sum, own, all))
                return false;
        if (i)
            gt_text_char(&r->text, ',');
        function_json(r, keys[i].name, n, &sum, own);
    }
    gt_text_char(&r->text, ']');
    return true;
}

static void all_waits_json(struct gt_reader *r, const struct waits *all) {
    gt_text_str(&r->text, ",\"waiting\":[");
    for (uint32_t i = 0; i < all->v.n; i++) {
        gt_text_str(&r->text, i ? ",{\"reason\":" : "{\"reason\":");
        lasting_json(r, all->v.p[i].reason);
        number(&r->text, ",\"ns\":", all->v.p[i].ns);
        gt_text_char(&r->text, '}');
    }
    gt_text_char(&r->text, ']');
}

static bool functions_json(struct gt_reader *r) {
    const struct summary *s = r->summary;
    size_t size = (s->list.n + 1) * sizeof(struct key), places = r->intern.strings.n * sizeof(uint32_t);
    struct key *keys = gt_alloc(size);
    struct waits own = {.place = gt_alloc(places)}, all = {.place = gt_alloc(places)};
    bool ok = keys && own.place && all.place;
    if (ok) {
        for (uint32_t i = 0; i < s->list.n; i++)
            keys[i] = (struct key){s->list.p[i].name, i};
        qsort(keys, s->list.n, sizeof *keys, by_name);
        ok = functions_in_order(r, keys, &own, &all);
        all_waits_json(r, &all);
    }
    VEC_FREE(&own.v);
    VEC_FREE(&all.v);
    gt_free(own.place, places);
    gt_free(all.place, places);
    gt_free(keys, size);
    return ok;
}

/* ---- GC, stops of the world, latencies ---- */

static void gc_json(struct gt_reader *r) {
    const struct summary *s = r->summary;
    struct text *t = &r->text;
    number(t, ",\"gc\":{\"cycles\":", s->gcs);
    number(t, ",\"mark_ns\":", s->gc_ns + (s->gc_since ? s->last - s->gc_since : 0));
    number(t, ",\"assists\":", s->assists);
    number(t, ",\"assist_ns\":", s->assist_ns);
    number(t, ",\"sweeps\":", s->sweeps);
    gt_text_str(t, ",\"swept_bytes\":");
    gt_text_u64(t, s->swept);
    gt_text_str(t, ",\"reclaimed_bytes\":");
    gt_text_u64(t, s->reclaimed);
    gt_text_str(t, "},\"stw\":[");
    for (uint32_t i = 0; i < s->stw.n; i++) {
        gt_text_str(t, i ? ",{\"kind\":" : "{\"kind\":");
        lasting_json(r, s->stw.p[i].kind);
        number(t, ",\"count\":", s->stw.p[i].count);
        number(t, ",\"ns\":", s->stw.p[i].ns);
        number(t, ",\"max_ns\":", s->stw.p[i].max_ns);
        gt_text_char(t, '}');
    }
    gt_text_char(t, ']');
}

/* The latency that so many of a thousand did not exceed (nearest rank). */
static uint64_t percentile(const struct summary *s, uint64_t of_thousand) {
    uint64_t rank = (s->latencies * of_thousand + 999) / 1000, sum = 0;
    for (uint32_t i = 0; i < LATENCY_BUCKETS; i++) {
        sum += s->latency[i];
        if (sum >= rank) {
            uint64_t most = gt_latency_most(i);
            return most < s->latency_max ? most : s->latency_max;
        }
    }
    return s->latency_max;
}

static void latency_json(struct gt_reader *r) {
    const struct summary *s = r->summary;
    struct text *t = &r->text;
    number(t, ",\"latency\":{\"count\":", s->latencies);
    number(t, ",\"sum_ns\":", s->latency_sum);
    number(t, ",\"p50_ns\":", s->latencies ? percentile(s, 500) : 0);
    number(t, ",\"p90_ns\":", s->latencies ? percentile(s, 900) : 0);
    number(t, ",\"p99_ns\":", s->latencies ? percentile(s, 990) : 0);
    number(t, ",\"p999_ns\":", s->latencies ? percentile(s, 999) : 0);
    number(t, ",\"max_ns\":", s->latency_max);
    gt_text_char(t, '}');
}

int gt_stat_json(gt_reader *r) {
    struct text *t = gt_text_anew(r);
    gt_text_str(t, "{\"version\":\"go 1.");
    gt_text_u64(t, r->in.version);
    gt_text_str(t, "\",\"events\":");
    gt_text_u64(t, r->events);
    gt_text_str(t, ",\"generations\":");
    gt_text_u64(t, r->generations);
    gt_text_str(t, ",\"duration_ns\":");
    gt_text_u64(t, (uint64_t)gt_t1(r));
    gt_text_str(t, ",\"goroutines\":");
    gt_text_u64(t, r->lives);
    gt_text_str(t, ",\"procs\":");
    gt_text_u64(t, r->order.p_list.n);
    gt_text_str(t, ",\"threads\":");
    gt_text_u64(t, r->order.m_list.n);
    gt_text_str(t, ",\"experimental_batches\":{\"alloc_free\":");
    gt_text_u64(t, r->allocfree.batches);
    gt_text_str(t, ",\"damaged\":");
    gt_text_u64(t, r->allocfree.damaged);
    gt_text_str(t, ",\"unknown\":");
    gt_text_u64(t, r->exp_unknown);
    gt_text_char(t, '}');
    counts_json(r);
    bool ok = true;
    if (r->summary) {
        gc_json(r);
        latency_json(r);
        ok = functions_json(r) && goroutines_json(r);
    }
    gt_text_char(t, '}');
    return ok && !t->failed;
}
