/*
 * tables.c: what was gathered as rows of numbers. The columns are told by gt_tables_json, so that JS does not list them
 * a second time; a test asks whether every table has as many numbers a row as it has names. Moments are nanoseconds
 * since the first event.
 */
#include "analyse/analyse.h"

#include <math.h>
#include <stdlib.h>

/* Of goroutines and of functions: time by state, pieces, percentiles of the pieces' lengths. */
#define FIGURES                                                                                                        \
    "running runnable waiting syscall syscall_blocked total assist runs run_p50 run_p90 run_p99 run_max "              \
    "readies ready_p50 ready_p90 ready_p99 ready_max waits wait_p50 wait_p90 wait_p99 wait_max "                       \
    "syscalls syscall_p50 syscall_p90 syscall_p99 syscall_max"

enum table {
    GOROUTINES,
    FUNCTIONS,
    WAITS,
    BLOCKING,
    NODES,
    STW,
    GC,
    OPS,
    TASKS,
    REGIONS,
    REGION_WAITS,
    LOGS,
    ODDITIES,
    TABLE_COUNT
};

/* Names of the columns, one space between; those that end in $ hold strings. */
static const struct {
    const char *name, *columns;
} tables[TABLE_COUNT] = {
    [GOROUTINES] = {"goroutines", "id fn$ creator create_node created started ended " FIGURES},
    [FUNCTIONS] = {"functions", "fn$ goroutines " FIGURES},
    [WAITS] = {"waits", "go reason$ ns count"},
    [BLOCKING] = {"blocking", "go class node count ns"},
    [NODES] = {"nodes", "parent func$ file$ line"},
    [STW] = {"stw", "kind$ start end goid node"},
    [GC] = {"gc", "start end heap_start heap_end goal assists assist"},
    [OPS] = {"ops", "time op p delta"},
    [TASKS] = {"tasks", "id parent name$ start end goid regions logs"},
    [REGIONS] = {"regions", "go task name$ node start end running runnable waiting syscall syscall_blocked"},
    [REGION_WAITS] = {"region_waits", "region reason$ ns count"},
    [LOGS] = {"logs", "task time goid category$ text$"},
    [ODDITIES] = {"oddities", "kind start end rank goid node a b times all held by by_node reason$"},
};

static uint32_t width(uint32_t table) {
    uint32_t n = 1;
    for (const char *c = tables[table].columns; *c; c++)
        n += *c == ' ';
    return n;
}

/* The names of a table as JSON; only those of strings, without the sign, if `strings`. */
static void names_json(struct text *t, uint32_t table, bool strings) {
    bool first = true;
    gt_text_char(t, '[');
    for (const char *c = tables[table].columns; *c;) {
        uint32_t n = 0;
        while (c[n] && c[n] != ' ')
            n++;
        bool string = c[n - 1] == '$';
        if (string || !strings) {
            gt_text_str(t, first ? "\"" : ",\"");
            gt_text_bytes(t, c, n - string);
            gt_text_char(t, '"');
            first = false;
        }
        c += n + (c[n] == ' ');
    }
    gt_text_char(t, ']');
}

static void member(struct text *t, const char *name, uint64_t v) {
    gt_text_str(t, name);
    gt_text_u64(t, v);
}

int gt_tables_json(gt_reader *r) {
    struct text *t = gt_text_anew(r);
    struct analysis *a = r->analysis;
    if (!a || !gt_an_finish(r))
        return 0;
    member(t, "{\"last\":", a->last - (uint64_t)r->first_time);
    member(t, ",\"events\":", r->events);
    member(t, ",\"regions_cut\":", a->marks.regions_cut);
    member(t, ",\"logs_cut\":", a->marks.logs_cut);
    member(t, ",\"ops_cut\":", a->collect.ops_cut);
    gt_text_str(t, ",\"tables\":{");
    for (uint32_t i = 0; i < TABLE_COUNT; i++) {
        gt_text_str(t, i ? ",\"" : "\"");
        gt_text_str(t, tables[i].name);
        member(t, "\":{\"index\":", i);
        gt_text_str(t, ",\"columns\":");
        names_json(t, i, false);
        gt_text_str(t, ",\"strings\":");
        names_json(t, i, true);
        gt_text_char(t, '}');
    }
    gt_text_str(t, "}}");
    return !t->failed;
}

/* ---- rows ---- */

struct out { /* where the next numbers go: there is room */
    double *p;
    const struct gt_reader *r;
};

static void put(struct out *o, double v) { *o->p++ = v; }
static void put_id(struct out *o, uint64_t id) { put(o, id == NO_ID ? -1 : (double)id); }
/* A moment; 0 is never. */
static void put_at(struct out *o, uint64_t at) {
    put(o, at ? (double)(int64_t)(at - (uint64_t)o->r->first_time) : NAN);
}
/* The id of a goroutine by its index + 1. */
static void put_go(struct out *o, uint64_t go) { put(o, go ? (double)o->r->analysis->gos.p[go - 1].id : -1); }

static void put_figures(struct out *o, const uint64_t ns[AN_KINDS], uint64_t total, uint64_t assist,
                        const struct dist d[AN_DISTS]) {
    for (int i = 0; i < AN_KINDS; i++)
        put(o, (double)(int64_t)ns[i]);
    put(o, (double)total);
    put(o, (double)assist);
    for (int i = 0; i < AN_DISTS; i++) {
        put(o, (double)d[i].count);
        put(o, (double)gt_dist_percentile(&d[i], 50));
        put(o, (double)gt_dist_percentile(&d[i], 90));
        put(o, (double)gt_dist_percentile(&d[i], 99));
        put(o, (double)d[i].max);
    }
}

static uint64_t total_of(const struct analysis *a, const struct an_go *g) {
    return gt_an_part(a, g->created, g->ended ? g->ended : a->last);
}

static void goroutine_row(struct out *o, uint32_t i) {
    const struct analysis *a = o->r->analysis;
    const struct an_go *g = &a->gos.p[i];
    put_id(o, g->id);
    put(o, g->name);
    put_go(o, g->creator);
    put(o, g->create_node);
    put_at(o, g->created);
    put_at(o, g->started);
    put_at(o, g->ended);
    put_figures(o, g->ns, total_of(a, g), g->assist_ns, g->dist);
}

struct key {
    uint32_t name, index; /* lasting string; goroutine */
};

static int by_name(const void *x, const void *y) {
    const struct key *a = x, *b = y;
    return a->name != b->name ? (a->name < b->name ? -1 : 1) : a->index < b->index ? -1 : a->index > b->index;
}

/* The rows of keys that have one name, which begin at i; returns how many. */
static uint32_t function_row(struct out *o, const struct key *keys, uint32_t i, bool *ok) {
    const struct analysis *a = o->r->analysis;
    uint64_t ns[AN_KINDS] = {0}, total = 0, assist = 0;
    struct dist d[AN_DISTS] = {{0}};
    uint32_t n = 0;
    for (; i + n < a->gos.n && keys[i + n].name == keys[i].name; n++) {
        const struct an_go *g = &a->gos.p[keys[i + n].index];
        for (int k = 0; k < AN_KINDS; k++)
            ns[k] += g->ns[k];
        total += total_of(a, g);
        assist += g->assist_ns;
        for (int k = 0; k < AN_DISTS; k++)
            *ok = *ok && gt_dist_merge(&d[k], &g->dist[k]);
    }
    put(o, keys[i].name);
    put(o, n);
    for (int k = 0; k < AN_DISTS; k++)
        gt_dist_order(&d[k]);
    put_figures(o, ns, total, assist, d);
    for (int k = 0; k < AN_DISTS; k++)
        gt_dist_close(&d[k]);
    return n;
}

static bool function_rows(struct out *o) {
    const struct analysis *a = o->r->analysis;
    size_t size = (a->gos.n + 1) * sizeof(struct key);
    struct key *keys = gt_alloc(size);
    bool ok = keys != NULL;
    for (uint32_t i = 0; ok && i < a->gos.n; i++)
        keys[i] = (struct key){a->gos.p[i].name, i};
    if (ok)
        qsort(keys, a->gos.n, sizeof *keys, by_name);
    for (uint32_t i = 0; ok && i < a->gos.n;)
        i += function_row(o, keys, i, &ok);
    gt_free(keys, size);
    return ok;
}

static void wait_rows(struct out *o) {
    const struct analysis *a = o->r->analysis;
    for (uint32_t i = 0; i < a->gos.n; i++)
        for (uint32_t w = a->gos.p[i].waits; w; w = a->waits.p[w - 1].next) {
            put(o, i);
            put(o, a->waits.p[w - 1].reason);
            put(o, (double)a->waits.p[w - 1].ns);
            put(o, (double)a->waits.p[w - 1].count);
        }
}

/* Of what the program marked: tasks.c gathers it. */
static void mark_row(struct out *o, enum table table, uint32_t i) {
    const struct an_marks *k = &o->r->analysis->marks;
    switch (table) {
    case TASKS: {
        const struct an_task *t = &k->tasks.p[i];
        put_id(o, t->id);
        put_id(o, t->parent);
        put(o, t->name);
        put_at(o, t->start);
        put_at(o, t->end);
        put_go(o, t->go);
        put(o, (double)t->regions);
        put(o, (double)t->logs);
        break;
    }
    case REGIONS: {
        const struct an_region_row *x = &k->regions.p[i];
        put(o, x->go);
        put_id(o, x->task);
        put(o, x->name);
        put(o, x->node);
        put_at(o, x->start);
        put_at(o, x->end);
        for (int j = 0; j < AN_KINDS; j++)
            put(o, (double)(int64_t)x->ns[j]);
        break;
    }
    case REGION_WAITS: {
        const struct an_region_wait *x = &k->region_waits.p[i];
        double v[] = {x->region, x->reason, (double)x->ns, (double)x->count};
        for (uint32_t j = 0; j < sizeof v / sizeof *v; j++)
            put(o, v[j]);
        break;
    }
    case LOGS: {
        const struct an_log *x = &k->logs.p[i];
        put_id(o, x->task);
        put_at(o, x->time);
        put_go(o, x->go);
        put(o, x->category);
        put(o, x->text);
        break;
    }
    default:
        break;
    }
}

static void row(struct out *o, enum table table, uint32_t i) {
    const struct analysis *a = o->r->analysis;
    switch (table) {
    case GOROUTINES:
        goroutine_row(o, i);
        break;
    case BLOCKING: {
        const struct an_block *b = &a->blocking.list.p[i];
        double v[] = {b->go, b->class, b->node, (double)b->count, (double)b->ns};
        for (uint32_t k = 0; k < sizeof v / sizeof *v; k++)
            put(o, v[k]);
        break;
    }
    case NODES: {
        const struct an_node *x = &a->stacks.nodes.p[i];
        const struct site *s = &o->r->intern.sites.p[x->site];
        double v[] = {x->parent, s->func, s->file, s->line};
        for (uint32_t k = 0; k < sizeof v / sizeof *v; k++)
            put(o, v[k]);
        break;
    }
    case STW: {
        const struct an_stw *s = &a->collect.stw.p[i];
        put(o, s->kind);
        put_at(o, s->start);
        put_at(o, s->end);
        put_go(o, s->go);
        put(o, s->node);
        break;
    }
    case GC: {
        const struct an_gc *g = &a->collect.gc.p[i];
        put_at(o, g->start);
        put_at(o, g->end);
        uint64_t v[] = {g->heap_start, g->heap_end, g->goal, g->assists, g->assist_ns};
        for (uint32_t k = 0; k < sizeof v / sizeof *v; k++)
            put(o, (double)v[k]);
        break;
    }
    case OPS: {
        const struct an_op_row *x = &a->collect.ops.p[i];
        put_at(o, x->time);
        put(o, x->op);
        put(o, x->p);
        put(o, x->delta);
        break;
    }
    default:
        mark_row(o, table, i);
        break;
    }
}

static void oddity_rows(struct out *o) {
    const struct odd *d = &o->r->analysis->odd;
    for (int k = 0; k < ODD_KINDS; k++)
        for (uint32_t i = 0; i < d->n[k]; i++) {
            const struct odd_row *x = &d->kept[k][i];
            put(o, k);
            put_at(o, x->start);
            put_at(o, x->end);
            put(o, (double)x->rank);
            put_go(o, x->go);
            put(o, x->node);
            put(o, (double)x->a);
            put(o, (double)x->b);
            put(o, (double)x->times);
            put(o, (double)x->all);
            put(o, (double)x->held);
            put_go(o, x->by);
            put(o, x->by_node);
            put(o, x->reason);
        }
}

/* How many rows a table has, or at most. */
static uint32_t most_rows(const struct analysis *a, uint32_t table) {
    const uint32_t n[TABLE_COUNT] = {
        [GOROUTINES] = a->gos.n,
        [FUNCTIONS] = a->gos.n,
        [WAITS] = a->waits.n,
        [BLOCKING] = a->blocking.list.n,
        [NODES] = a->stacks.nodes.n,
        [STW] = a->collect.stw.n,
        [GC] = a->collect.gc.n,
        [OPS] = a->collect.ops.n,
        [TASKS] = a->marks.tasks.n,
        [REGIONS] = a->marks.regions.n,
        [REGION_WAITS] = a->marks.region_waits.n,
        [LOGS] = a->marks.logs.n,
        [ODDITIES] = ODD_KINDS * ODD_KEPT,
    };
    return n[table];
}

const double *gt_table(gt_reader *r, uint32_t table) {
    struct analysis *a = r->analysis;
    if (!a || table >= TABLE_COUNT || !gt_an_finish(r))
        return NULL;
    uint32_t n = most_rows(a, table), w = width(table);
    VEC_FREE(&a->rows); /* the tables differ in size by thousands: none keeps another's memory */
    a->row_count = 0;
    if (n >= UINT32_MAX / w || !VEC_ROOM(&a->rows, n * w + 1))
        return NULL;
    struct out o = {a->rows.p, r};
    bool ok = true;
    if (table == FUNCTIONS)
        ok = function_rows(&o);
    else if (table == WAITS)
        wait_rows(&o);
    else if (table == ODDITIES)
        oddity_rows(&o);
    else
        for (uint32_t i = 0; i < n; i++)
            row(&o, (enum table)table, i);
    a->rows.n = (uint32_t)(o.p - a->rows.p);
    a->row_count = a->rows.n / w;
    return ok ? a->rows.p : NULL;
}

uint32_t gt_table_rows(gt_reader *r) { return r->analysis ? r->analysis->row_count : 0; }

int gt_bins_json(gt_reader *r, uint32_t kind, double go, double fn) {
    struct text *t = gt_text_anew(r);
    struct analysis *a = r->analysis;
    if (!a || kind >= AN_DISTS)
        return 0;
    struct dist d = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < a->gos.n; i++)
        if (go < 0 ? a->gos.p[i].name == fn : i == go)
            ok = gt_dist_merge(&d, &a->gos.p[i].dist[kind]);
    gt_dist_order(&d);
    gt_text_char(t, '[');
    for (uint32_t i = 0; i < d.n; i++) {
        member(t, i ? ",[" : "[", gt_dist_least(d.p[i].bucket));
        member(t, ",", gt_dist_most(d.p[i].bucket));
        member(t, ",", d.p[i].count);
        gt_text_char(t, ']');
    }
    gt_text_char(t, ']');
    gt_dist_close(&d);
    return ok && !t->failed;
}
