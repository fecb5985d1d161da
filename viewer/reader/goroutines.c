/* goroutines.c: who every goroutine is (start function, creator), and where its time went. */
#include "reader.h"

static void spend(struct gt_reader *r, struct gstate *g) {
    double ns = r->now - g->since;
    g->since = r->now;
    g->times.ns[g->status] += ns;
    if (g->status == TRACE_G_WAITING && g->was < r->wait_ns.n)
        r->wait_ns.p[g->was] += ns;
}

/* Room in the table of waiting times for every lasting string there is. */
bool wait_room(struct gt_reader *r, uint32_t reason) {
    if (reason < r->wait_ns.n)
        return true;
    if (!VEC_ROOM(&r->wait_ns, reason + 1))
        return fail_memory(r);
    while (r->wait_ns.n <= reason)
        r->wait_ns.p[r->wait_ns.n++] = 0;
    return true;
}

bool g_begin(struct gt_reader *r, struct gstate *g, uint32_t fn, uint64_t creator, uint32_t site) {
    if (fn == UINT32_MAX || site == UINT32_MAX)
        return fail_memory(r);
    if (!wait_room(r, WORD_UNSPECIFIED))
        return false;
    if (!VEC_ROOM(&r->goroutines, r->goroutines.n + 1))
        return fail_memory(r);
    if (!fn)
        r->nameless++;
    const struct gstate *by = creator == NO_ID ? NULL : order_g(r, creator);
    g->record = r->goroutines.n;
    g->since = r->now;
    r->goroutines.p[r->goroutines.n++] =
        (struct grecord){.id = g->id, .fn = fn, .creator = by ? by->record : 0, .create_site = site};
    return true;
}

bool g_learn(struct gt_reader *r, const struct event *ev) {
    bool has;
    uint64_t stack = stack_of(ev, &has);
    const struct gstate *g = has ? order_g(r, ev->g) : NULL;
    if (!g || r->goroutines.p[g->record].fn)
        return true;
    /* A stack of one frame may be a mere call site, as our own runtime writes them: its function need not be first. */
    uint32_t index = id_find(&r->gen.stack_ids, stack);
    if (index == UINT32_MAX || r->gen.stacks.p[index].n < 2)
        return true;
    uint32_t fn = root_of(r, stack);
    if (fn == UINT32_MAX)
        return fail_memory(r);
    if (fn)
        r->nameless--;
    r->goroutines.p[g->record].fn = fn;
    return true;
}

void g_status(struct gt_reader *r, struct gstate *g, uint8_t status) {
    spend(r, g);
    g->status = status;
}

bool fn_times_add(struct gt_reader *r, uint32_t fn, const struct gtimes *t) {
    if (!VEC_ROOM(&r->fns, fn + 1))
        return fail_memory(r);
    while (r->fns.n <= fn)
        r->fns.p[r->fns.n++] = (struct fn_times){0};
    struct fn_times *f = &r->fns.p[fn];
    f->count++;
    for (int i = 1; i <= TRACE_G_WAITING; i++)
        f->times.ns[i] += t->ns[i];
    return true;
}

bool g_end(struct gt_reader *r, struct gstate *g) {
    spend(r, g);
    if (!r->goroutines.p[g->record].fn)
        r->nameless--;
    return fn_times_add(r, r->goroutines.p[g->record].fn, &g->times);
}

/* ---- gt_stat_json ---- */

static void text_double(struct text *t, double ns) { text_u64(t, ns > 0 ? (uint64_t)ns : 0); }

static void times_json(struct text *t, const struct gtimes *x) {
    text_str(t, "\"running_ns\":");
    text_double(t, x->ns[TRACE_G_RUNNING]);
    text_str(t, ",\"runnable_ns\":");
    text_double(t, x->ns[TRACE_G_RUNNABLE]);
    text_str(t, ",\"waiting_ns\":");
    text_double(t, x->ns[TRACE_G_WAITING]);
    text_str(t, ",\"syscall_ns\":");
    text_double(t, x->ns[TRACE_G_SYSCALL]);
}

static void lasting_json(struct gt_reader *r, uint32_t id) {
    text_json_quote(&r->text, r->intern.strings.p[id].p, r->intern.strings.p[id].n);
}

static void counts_json(struct gt_reader *r) {
    struct text *t = &r->text;
    bool first = true;
    text_str(t, ",\"counts\":{");
    for (int i = 0; i < 256; i++) {
        if (!r->counts[i])
            continue;
        text_str(t, first ? "\"" : ",\"");
        text_str(t, event_name((uint8_t)i));
        text_str(t, "\":");
        text_u64(t, r->counts[i]);
        first = false;
    }
    text_char(t, '}');
}

/* Live goroutines as if they ended now, on a copy of the table. */
static bool with_the_living(struct gt_reader *r) {
    for (uint32_t i = 0; i < r->order.g_used; i++) {
        struct gstate g = r->order.g_chunks.p[i / G_CHUNK][i % G_CHUNK];
        if (!g.status)
            continue;
        spend(r, &g);
        if (!fn_times_add(r, r->goroutines.p[g.record].fn, &g.times))
            return false;
    }
    return true;
}

static bool functions_json(struct gt_reader *r) {
    struct text *t = &r->text;
    uint32_t n = r->fns.n;
    size_t size = (size_t)n * sizeof *r->fns.p;
    struct fn_times *saved = n ? gt_alloc(size) : NULL;
    if (n && !saved)
        return false;
    if (n)
        memcpy(saved, r->fns.p, size);
    bool ok = with_the_living(r), first = true;
    text_str(t, ",\"functions\":[");
    for (uint32_t i = 0; ok && i < r->fns.n; i++) {
        if (!r->fns.p[i].count)
            continue;
        text_str(t, first ? "{\"fn\":" : ",{\"fn\":");
        lasting_json(r, i);
        text_str(t, ",\"goroutines\":");
        text_u64(t, r->fns.p[i].count);
        text_char(t, ',');
        times_json(t, &r->fns.p[i].times);
        text_char(t, '}');
        first = false;
    }
    text_char(t, ']');
    if (n)
        memcpy(r->fns.p, saved, size);
    r->fns.n = n;
    gt_free(saved, size);
    return ok;
}

static bool waits_json(struct gt_reader *r) {
    struct text *t = &r->text;
    size_t size = (size_t)r->wait_ns.n * sizeof *r->wait_ns.p;
    double *saved = size ? gt_alloc(size) : NULL;
    if (size && !saved)
        return false;
    if (size)
        memcpy(saved, r->wait_ns.p, size);
    bool ok = functions_json(r), first = true;
    text_str(t, ",\"waiting\":[");
    for (uint32_t i = 0; i < r->wait_ns.n; i++) {
        if (r->wait_ns.p[i] <= 0)
            continue;
        text_str(t, first ? "{\"reason\":" : ",{\"reason\":");
        lasting_json(r, i);
        text_str(t, ",\"ns\":");
        text_double(t, r->wait_ns.p[i]);
        text_char(t, '}');
        first = false;
    }
    text_char(t, ']');
    if (size)
        memcpy(r->wait_ns.p, saved, size);
    gt_free(saved, size);
    return ok;
}

int gt_stat_json(gt_reader *r) {
    struct text *t = text_anew(r);
    text_str(t, "{\"version\":\"go 1.");
    text_u64(t, r->in.version);
    text_str(t, "\",\"events\":");
    text_u64(t, r->events);
    text_str(t, ",\"generations\":");
    text_u64(t, r->generations);
    text_str(t, ",\"duration_ns\":");
    text_double(t, gt_t1(r));
    text_str(t, ",\"goroutines\":");
    text_u64(t, r->goroutines.n - 1);
    text_str(t, ",\"procs\":");
    text_u64(t, r->order.p_list.n);
    text_str(t, ",\"threads\":");
    text_u64(t, r->order.m_list.n);
    text_str(t, ",\"experimental_batches\":");
    text_u64(t, r->exp_batches);
    counts_json(r);
    bool ok = waits_json(r);
    text_char(t, '}');
    return ok && !t->failed;
}
