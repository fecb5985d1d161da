/* gen.c: the tables of one generation: strings, stacks, CPU samples, clock, and each M's chain of batches. */
#include "base/reader.h"
#include "decode/varint.h"

/* A place in a batch of table entries. */
struct entry_reader {
    struct gt_reader *r;
    const struct batch *b;
    uint32_t at; /* next byte, counted from the batch's first */
};

static void entry_at(struct entry_reader *e, uint8_t ev) {
    e->r->at = (struct where){e->r->in.base + e->b->off + e->at, e->r->gen.gen, e->b->m, ev};
}

static bool entry_number(struct entry_reader *e, const char *what, uint64_t *v) {
    int len = varint(e->r->in.p + e->b->off + e->at, e->b->len - e->at, v);
    if (len < 0) {
        return gt_fail(e->r, "varint", len == VARINT_SHORT ? "the batch ends inside the %s" : "the %s is over 64 bits",
                       what);
    }
    e->at += (uint32_t)len;
    return true;
}

/* The event byte each entry of a table batch begins with. */
static bool entry_kind(struct entry_reader *e, uint8_t want) {
    uint8_t got = e->r->in.p[e->b->off + e->at];
    entry_at(e, want);
    if (got != want)
        return gt_fail(e->r, "table-entry", "expected a %e entry, found byte %u", (int)want, (uint64_t)got);
    e->at++;
    return true;
}

int64_t gt_units_to_ns(double ns_per_unit, uint64_t units) {
    double ns = (double)units * ns_per_unit;
    return ns < 9223372036854775808.0 ? (int64_t)ns : INT64_MIN; /* beyond the range as Go on amd64 does */
}

static bool strings_batch(struct entry_reader *e) {
    struct generation *g = &e->r->gen;
    for (e->at = 1; e->at < e->b->len;) {
        struct local_string s = {0};
        uint64_t n;
        if (!entry_kind(e, TRACE_EV_STRING))
            return false;
        if (!entry_number(e, "string id", &s.id) || !entry_number(e, "string length", &n))
            return false;
        if (n > TRACE_MAX_STRING) {
            return gt_fail(e->r, "string-size", "string %u has %u bytes; %u is the most", s.id, n,
                           (uint64_t)TRACE_MAX_STRING);
        }
        if (n > e->b->len - e->at)
            return gt_fail(e->r, "string-size", "the batch ends inside string %u", s.id);
        s.off = e->b->off + e->at;
        s.n = (uint32_t)n;
        e->at += s.n;
        if (!VEC_ROOM(&g->strings, g->strings.n + 1))
            return gt_fail_memory(e->r);
        g->strings.p[g->strings.n++] = s;
    }
    return true;
}

/* Index of the frame with this pc; the first entry for a pc in a generation is the one that counts, as in Go. */
static bool frame_ref(struct entry_reader *e, struct local_frame f, uint32_t *ref) {
    struct generation *g = &e->r->gen;
    uint32_t have = gt_map_get(&g->pcs, f.pc);
    if (!have) {
        if (!VEC_ROOM(&g->frames, g->frames.n + 1))
            return gt_fail_memory(e->r);
        g->frames.p[g->frames.n++] = f;
        have = g->frames.n;
        if (!gt_map_set(&g->pcs, f.pc, have))
            return gt_fail_memory(e->r);
    }
    *ref = have - 1;
    return true;
}

static bool stacks_batch(struct entry_reader *e) {
    struct generation *g = &e->r->gen;
    for (e->at = 1; e->at < e->b->len;) {
        struct local_stack s = {.off = e->b->off + e->at, .first = g->frame_refs.n};
        uint64_t n;
        if (!entry_kind(e, TRACE_EV_STACK))
            return false;
        if (!entry_number(e, "stack id", &s.id) || !entry_number(e, "number of frames", &n))
            return false;
        if (n > TRACE_MAX_FRAMES) {
            return gt_fail(e->r, "stack-size", "stack %u has %u frames; %u is the most", s.id, n,
                           (uint64_t)TRACE_MAX_FRAMES);
        }
        s.n = (uint32_t)n;
        if (!VEC_ROOM(&g->frame_refs, g->frame_refs.n + s.n) || !VEC_ROOM(&g->stacks, g->stacks.n + 1))
            return gt_fail_memory(e->r);
        for (uint32_t i = 0; i < s.n; i++) {
            struct local_frame f = {0};
            if (!entry_number(e, "pc of a frame", &f.pc) || !entry_number(e, "function of a frame", &f.func) ||
                !entry_number(e, "file of a frame", &f.file) || !entry_number(e, "line of a frame", &f.line))
                return false;
            if (!frame_ref(e, f, &g->frame_refs.p[g->frame_refs.n++]))
                return false;
        }
        g->stacks.p[g->stacks.n++] = s;
    }
    return true;
}

static bool samples_batch(struct entry_reader *e) {
    struct generation *g = &e->r->gen;
    for (e->at = 1; e->at < e->b->len;) {
        struct cpu_sample s = {.off = e->b->off + e->at};
        if (!entry_kind(e, TRACE_EV_CPU_SAMPLE))
            return false;
        if (!entry_number(e, "time of a CPU sample", &s.time) || !entry_number(e, "M of a CPU sample", &s.m) ||
            !entry_number(e, "P of a CPU sample", &s.p) || !entry_number(e, "G of a CPU sample", &s.g) ||
            !entry_number(e, "stack of a CPU sample", &s.stack))
            return false;
        if (s.g == 0)
            s.g = NO_ID;
        if (!VEC_ROOM(&g->samples, g->samples.n + 1))
            return gt_fail_memory(e->r);
        g->samples.p[g->samples.n++] = s;
    }
    return true;
}

/* Both numbers are signed on the wire of Go; nanoseconds beyond a second or below 0 are carried over. */
static struct wall wall_of(uint64_t sec, uint64_t nsec) {
    int64_t carry = (int64_t)nsec / 1000000000, rest = (int64_t)nsec % 1000000000;
    if (rest < 0) {
        rest += 1000000000;
        carry--;
    }
    return (struct wall){(int64_t)(sec + (uint64_t)carry), (uint32_t)rest};
}

/* Frequency, and from 1.25 on the clock snapshot. */
static bool sync_batch(struct entry_reader *e) {
    struct generation *g = &e->r->gen;
    uint64_t freq, dt, sec, nsec;
    for (e->at = e->r->in.version >= 25 ? 1 : 0; e->at < e->b->len;) {
        uint8_t ev = e->r->in.p[e->b->off + e->at];
        entry_at(e, ev);
        if (ev != TRACE_EV_FREQUENCY && !(ev == TRACE_EV_CLOCK_SNAPSHOT && e->r->in.version >= 25))
            return gt_fail(e->r, "table-entry", "expected Frequency or ClockSnapshot, found byte %u", (uint64_t)ev);
        e->at++;
        if (ev == TRACE_EV_FREQUENCY) {
            if (g->ns_per_unit != 0)
                return gt_fail(e->r, "frequency", "generation %u has two frequencies", g->gen);
            if (!entry_number(e, "frequency", &freq))
                return false;
            if (freq == 0)
                return gt_fail(e->r, "frequency", "the frequency is 0");
            g->ns_per_unit = 1.0 / ((double)freq / 1e9);
            continue;
        }
        if (g->has_clock)
            return gt_fail(e->r, "clock", "generation %u has two clock snapshots", g->gen);
        g->has_clock = true;
        if (!entry_number(e, "clock snapshot", &dt) || !entry_number(e, "clock snapshot", &g->clock_mono) ||
            !entry_number(e, "clock snapshot", &sec) || !entry_number(e, "clock snapshot", &nsec))
            return false;
        g->clock_time = e->b->time + dt;
        g->wall = wall_of(sec, nsec);
    }
    return true;
}

/* Builds the table over n ids; id_at(g, i) is the id of index i, i >= 1. */
static bool id_build(struct id_table *t, const struct generation *g, uint32_t n,
                     uint64_t (*id_at)(const struct generation *, uint32_t), uint32_t *twice) {
    uint64_t max = 0;
    for (uint32_t i = 1; i < n; i++)
        if (id_at(g, i) > max)
            max = id_at(g, i);
    *twice = 0;
    gt_map_clear(&t->map);
    t->sparse = max > (uint64_t)n * 4 + 1024;
    t->limit = t->sparse ? 0 : (uint32_t)max + 1;
    if (!t->sparse) {
        if (t->limit > t->cap && !gt_grow(&t->dense, &t->cap, t->limit, sizeof *t->dense))
            return false;
        memset(t->dense, 0, (size_t)t->limit * sizeof *t->dense);
    }
    for (uint32_t i = 1; i < n; i++) {
        uint64_t id = id_at(g, i);
        if (id == 0 || id_find(t, id) != UINT32_MAX) {
            *twice = i;
            return true;
        }
        if (!t->sparse)
            t->dense[id] = i;
        else if (!gt_map_set(&t->map, id, i))
            return false;
    }
    return true;
}

static uint64_t string_id_at(const struct generation *g, uint32_t i) { return g->strings.p[i].id; }

static uint64_t stack_id_at(const struct generation *g, uint32_t i) { return g->stacks.p[i].id; }

/* The tables by id; an id may be defined once. */
static bool build_tables(struct gt_reader *r) {
    struct generation *g = &r->gen;
    uint32_t twice;
    r->at = (struct where){r->in.base, g->gen, NO_ID, 0};
    if (!id_build(&g->string_ids, g, g->strings.n, string_id_at, &twice))
        return gt_fail_memory(r);
    if (twice) {
        r->at.offset = r->in.base + g->strings.p[twice].off;
        r->at.ev = TRACE_EV_STRING;
        return gt_fail(r, "string-id", "string id %u is defined twice in generation %u", g->strings.p[twice].id,
                       g->gen);
    }
    if (!id_build(&g->stack_ids, g, g->stacks.n, stack_id_at, &twice))
        return gt_fail_memory(r);
    if (twice) {
        r->at.offset = r->in.base + g->stacks.p[twice].off;
        r->at.ev = TRACE_EV_STACK;
        return gt_fail(r, "stack-id", "stack id %u is defined twice in generation %u", g->stacks.p[twice].id, g->gen);
    }
    return true;
}

/* The strings that frames name are there. */
static bool check_frames(struct gt_reader *r) {
    struct generation *g = &r->gen;
    for (uint32_t i = 1; i < g->stacks.n; i++) {
        const struct local_stack *s = &g->stacks.p[i];
        for (uint32_t k = 0; k < s->n; k++) {
            const struct local_frame *f = &g->frames.p[g->frame_refs.p[s->first + k]];
            bool func = id_find(&g->string_ids, f->func) != UINT32_MAX;
            if (func && id_find(&g->string_ids, f->file) != UINT32_MAX)
                continue;
            r->at.offset = r->in.base + s->off;
            r->at.ev = TRACE_EV_STACK;
            return gt_fail(r, "stack-string", "stack %u names string %u as a %s, which generation %u does not have",
                           s->id, func ? f->file : f->func, func ? "file" : "function", g->gen);
        }
    }
    return true;
}

/* Frames keep string ids while tables are read; from here on they hold indices. */
static void resolve_frames(struct generation *g) {
    for (uint32_t i = 0; i < g->frames.n; i++) {
        struct local_frame *f = &g->frames.p[i];
        uint32_t func = id_find(&g->string_ids, f->func), file = id_find(&g->string_ids, f->file);
        f->func = func == UINT32_MAX ? 0 : func;
        f->file = file == UINT32_MAX ? 0 : file;
    }
}

/* Sorts the samples by time; those of equal times as Go's reader does. */
static bool sort_samples(struct gt_reader *r) {
    struct generation *g = &r->gen;
    if (g->samples.n == 0)
        return true;
    size_t keys = g->samples.n * sizeof(struct time_key), copies = g->samples.n * sizeof(struct cpu_sample);
    struct time_key *key = gt_alloc(keys);
    struct cpu_sample *copy = gt_alloc(copies);
    bool ok = key && copy;
    for (uint32_t i = 0; ok && i < g->samples.n; i++) {
        copy[i] = g->samples.p[i];
        copy[i].ns = gt_units_to_ns(g->ns_per_unit, copy[i].time);
        key[i] = (struct time_key){copy[i].ns, i};
    }
    if (ok)
        gt_time_sort(key, g->samples.n);
    for (uint32_t i = 0; ok && i < g->samples.n; i++)
        g->samples.p[i] = copy[key[i].what];
    gt_free(key, key ? keys : 0);
    gt_free(copy, copy ? copies : 0);
    return ok || gt_fail_memory(r);
}

static bool decode_batch(struct gt_reader *r, const struct batch *b) {
    struct entry_reader e = {r, b, 0};
    if (b->exp == ALLOC_FREE)
        return gt_allocfree_batch(r, b);
    if (b->exp) {
        r->exp_unknown++;
        return true;
    }
    if (b->len == 0)
        return true;
    switch (r->in.p[b->off]) {
    case TRACE_EV_STRINGS:
        return strings_batch(&e);
    case TRACE_EV_STACKS:
        return stacks_batch(&e);
    case TRACE_EV_CPU_SAMPLES:
        return samples_batch(&e);
    case TRACE_EV_FREQUENCY:
        return r->in.version >= 25 || sync_batch(&e);
    case TRACE_EV_SYNC:
        return r->in.version < 25 || sync_batch(&e);
    default:
        return true;
    }
}

/* Seeds index 0 of the tables: string "" and the empty stack. */
static bool seed_tables(struct generation *g) {
    if (!VEC_ROOM(&g->strings, 1) || !VEC_ROOM(&g->stacks, 1))
        return false;
    g->strings.p[0] = (struct local_string){0};
    g->stacks.p[0] = (struct local_stack){0};
    g->strings.n = g->stacks.n = 1;
    return true;
}

bool gt_batch_is_table(const struct gt_reader *r, const struct batch *b) {
    if (b->exp || b->len == 0)
        return b->exp;
    uint8_t first = r->in.p[b->off];
    return first == TRACE_EV_STRINGS || first == TRACE_EV_STACKS || first == TRACE_EV_CPU_SAMPLES ||
           first == (r->in.version >= 25 ? TRACE_EV_SYNC : TRACE_EV_FREQUENCY);
}

bool gt_gen_read_tables(struct gt_reader *r) {
    struct generation *g = &r->gen;
    if (!seed_tables(g))
        return gt_fail_memory(r);
    for (uint32_t i = 0; i < g->batches.n; i++)
        if (!decode_batch(r, &g->batches.p[i]))
            return false;
    r->at = (struct where){r->in.base, g->gen, NO_ID, 0};
    return build_tables(r);
}

bool gt_gen_decode(struct gt_reader *r) {
    struct generation *g = &r->gen;
    if (!gt_gen_read_tables(r))
        return false;
    r->at = (struct where){r->in.base, g->gen, NO_ID, 0};
    if (g->ns_per_unit == 0)
        return gt_fail(r, "frequency", "generation %u has no Frequency event", g->gen);
    if (r->in.version >= 25 && !g->has_clock)
        return gt_fail(r, "clock", "generation %u has no clock snapshot", g->gen);
    if (!check_frames(r))
        return false;
    resolve_frames(g);
    return sort_samples(r);
}

const char *gt_local_text(struct gt_reader *r, uint32_t index, uint32_t *n) {
    const struct local_string *s = &r->gen.strings.p[index];
    *n = s->n;
    return index ? (const char *)r->in.p + s->off : "";
}

static uint32_t lasting_at(struct gt_reader *r, uint32_t index) {
    struct local_string *s = &r->gen.strings.p[index];
    if (index && s->n && !s->lasting) {
        uint32_t id = gt_intern_string(&r->intern, (const char *)r->in.p + s->off, s->n);
        if (id == UINT32_MAX)
            return id;
        s->lasting = id;
    }
    return s->lasting;
}

uint32_t gt_lasting_of(struct gt_reader *r, uint64_t string_id) {
    uint32_t index = id_find(&r->gen.string_ids, string_id);
    return index == UINT32_MAX ? 0 : lasting_at(r, index);
}

uint32_t gt_site_of_frame(struct gt_reader *r, uint32_t frame) {
    struct local_frame *f = &r->gen.frames.p[frame];
    if (!f->site) {
        uint32_t func = lasting_at(r, (uint32_t)f->func), file = lasting_at(r, (uint32_t)f->file);
        if (func == UINT32_MAX || file == UINT32_MAX)
            return UINT32_MAX;
        uint32_t line = f->line > UINT32_MAX ? UINT32_MAX : (uint32_t)f->line;
        uint32_t site = gt_intern_site(&r->intern, (struct site){.func = func, .file = file, .line = line});
        if (site == UINT32_MAX)
            return site;
        f->site = site;
    }
    return f->site;
}

uint32_t gt_site_at(struct gt_reader *r, uint32_t stack, uint32_t frame) {
    return gt_site_of_frame(r, r->gen.frame_refs.p[r->gen.stacks.p[stack].first + frame]);
}

uint32_t gt_site_of(struct gt_reader *r, uint64_t stack_id) {
    uint32_t index = id_find(&r->gen.stack_ids, stack_id);
    if (index == UINT32_MAX || r->gen.stacks.p[index].n == 0)
        return 0;
    struct local_stack *s = &r->gen.stacks.p[index];
    for (uint32_t i = 0; i < s->n && !s->site; i++) {
        uint32_t site = gt_site_at(r, index, i);
        if (site == UINT32_MAX)
            return site;
        s->site = r->intern.sites.p[site].inside ? 0 : site;
    }
    return s->site ? s->site : (s->site = gt_site_at(r, index, 0));
}

uint32_t gt_root_of(struct gt_reader *r, uint64_t stack_id) {
    uint32_t index = id_find(&r->gen.stack_ids, stack_id);
    if (index == UINT32_MAX || r->gen.stacks.p[index].n == 0)
        return 0;
    const struct local_stack *s = &r->gen.stacks.p[index];
    return lasting_at(r, (uint32_t)r->gen.frames.p[r->gen.frame_refs.p[s->first + s->n - 1]].func);
}

void gt_gen_reset(struct generation *g) {
    g->gen = g->min_time = 0;
    g->ns_per_unit = 0;
    g->has_clock = g->open = false;
    g->batches.n = g->strings.n = g->stacks.n = g->frames.n = g->frame_refs.n = g->samples.n = g->next_sample = 0;
    gt_map_clear(&g->pcs);
}

void gt_gen_close(struct generation *g) {
    VEC_FREE(&g->batches);
    VEC_FREE(&g->strings);
    VEC_FREE(&g->stacks);
    VEC_FREE(&g->frames);
    VEC_FREE(&g->frame_refs);
    VEC_FREE(&g->samples);
    gt_free(g->string_ids.dense, (size_t)g->string_ids.cap * sizeof *g->string_ids.dense);
    gt_free(g->stack_ids.dense, (size_t)g->stack_ids.cap * sizeof *g->stack_ids.dense);
    gt_map_free(&g->string_ids.map);
    gt_map_free(&g->stack_ids.map);
    gt_map_free(&g->pcs);
}
