/* info.c: opening, running and closing a reader, and the small JSON answers about it. */
#include "reader.h"

enum {
    TEXT_PAUSE = 1 << 20,  /* bytes of dump after which gt_run lets the caller take them */
    TEXT_RESERVE = 2 << 10 /* kept from the start, so that running out of memory can still be told */
};

gt_reader *gt_open(uint32_t options) {
    gt_reader *r = gt_alloc(sizeof *r);
    if (!r)
        return NULL;
    r->options = options;
    bool ok = gt_grow(&r->text.p, &r->text.cap, TEXT_RESERVE, 1);
    ok = ok && gt_intern_open(&r->intern) && VEC_ROOM(&r->goroutines, 1);
    if (ok)
        r->goroutines.p[r->goroutines.n++] = (struct grecord){.id = 0};
    if (ok && (options & GT_OPT_VALIDATE))
        ok = (r->validator = gt_validator_open()) != NULL;
    if (ok && (options & GT_OPT_STAT))
        ok = (r->summary = gt_summary_open()) != NULL;
    if (ok)
        return r;
    gt_close(r);
    return NULL;
}

void gt_close(gt_reader *r) {
    if (!r)
        return;
    gt_free(r->in.mem, r->in.cap);
    gt_gen_close(&r->gen);
    gt_frontier_close(&r->front);
    gt_order_close(&r->order);
    gt_intern_close(&r->intern);
    gt_lanes_close(r);
    VEC_FREE(&r->goroutines);
    gt_columns_close(&r->columns);
    gt_validator_close(r->validator);
    gt_summary_close(r->summary);
    gt_allocfree_close(&r->allocfree);
    gt_text_free(&r->err.text);
    gt_text_free(&r->in.damage.text);
    gt_text_free(&r->text);
    gt_free(r, sizeof *r);
}

/* The sync event Go's reader puts out before it reports an error in a generation's structure. */
static int broken_structure(struct gt_reader *r) {
    if (r->in.version && !r->no_memory)
        gt_emit_sync(r, false, r->last_time);
    return GT_FAILED;
}

/* Begins the next generation. GT_MORE = begun, else what gt_run returns. */
static int begin_generation(struct gt_reader *r) {
    if (!gt_stream_scan(r))
        return GT_WANT;
    if (r->err.set)
        return broken_structure(r);
    if (!r->in.next) {
        if (r->gen.batches.n && !gt_gen_read_tables(r))
            return broken_structure(r);
        r->done = true;
        return gt_emit_sync(r, false, r->last_time) ? GT_DONE : GT_FAILED;
    }
    if (!gt_gen_decode(r)) {
        /* What was cut off may well be what is missing now: the first damage is the cause. */
        if (r->in.damage.set) {
            gt_text_free(&r->err.text);
            r->err = r->in.damage;
            r->in.damage = (struct fault){0};
        }
        return broken_structure(r);
    }
    r->generations++;
    r->gen.open = true;
    return gt_frontier_build(r) ? GT_MORE : GT_FAILED;
}

/* All events of the generation are out. */
static int end_generation(struct gt_reader *r) {
    gt_stream_advance(r);
    if (!r->in.damage.set)
        return GT_MORE;
    r->err = r->in.damage;
    r->in.damage = (struct fault){0};
    return broken_structure(r);
}

int gt_run(gt_reader *r, uint32_t max_events) {
    uint64_t until = r->events + max_events;
    while (r->events < until && r->text.n < TEXT_PAUSE) {
        if (r->err.set)
            return GT_FAILED;
        if (r->done)
            return GT_DONE;
        if (!r->gen.open) {
            int state = begin_generation(r);
            if (state != GT_MORE)
                return state;
        } else if (r->front.heap.n == 0 && r->gen.next_sample == r->gen.samples.n) {
            if (end_generation(r) == GT_FAILED)
                return GT_FAILED;
        } else if (!gt_frontier_step(r)) {
            return GT_FAILED;
        }
    }
    return GT_MORE;
}

const char *gt_text(gt_reader *r) { return r->text.p; }

uint32_t gt_text_len(gt_reader *r) { return r->text.n; }

void gt_text_clear(gt_reader *r) { r->text.n = 0; }

const char *gt_string(gt_reader *r, uint32_t id) { return id < r->intern.strings.n ? r->intern.strings.p[id].p : NULL; }

uint32_t gt_string_len(gt_reader *r, uint32_t id) { return id < r->intern.strings.n ? r->intern.strings.p[id].n : 0; }

double gt_events(gt_reader *r) { return (double)r->events; }

double gt_complete_offset(gt_reader *r) { return (double)r->in.complete; }

double gt_generations(gt_reader *r) { return (double)r->generations; }

double gt_t1(gt_reader *r) { return (double)((uint64_t)r->last_time - (uint64_t)r->first_time); }

/* Places of the lanes in the order of their Ps' ids. */
static bool lane_order(struct gt_reader *r, uint32_t *order) {
    for (uint32_t i = 0; i < r->lanes.n; i++) {
        uint32_t k = i;
        for (; k > 0 && r->lanes.p[order[k - 1]]->p > r->lanes.p[i]->p; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    return true;
}

static bool lanes_json(struct gt_reader *r) {
    struct text *t = &r->text;
    size_t size = (r->lanes.n ? r->lanes.n : 1) * sizeof(uint32_t);
    uint32_t *order = gt_alloc(size);
    if (!order || !lane_order(r, order))
        return false;
    gt_text_str(t, ",\"lanes\":[");
    for (uint32_t i = 0; i < r->lanes.n; i++) {
        gt_text_str(t, i ? ",{\"index\":" : "{\"index\":");
        gt_text_u64(t, order[i]);
        uint64_t p = r->lanes.p[order[i]]->p;
        gt_text_str(t, p == LANE_STW ? ",\"kind\":\"stw\",\"id\":" : ",\"kind\":\"proc\",\"id\":");
        gt_text_u64(t, p == LANE_STW ? 0 : p);
        gt_text_str(t, p == LANE_STW ? ",\"name\":\"STW" : ",\"name\":\"P ");
        if (p != LANE_STW)
            gt_text_u64(t, p);
        gt_text_str(t, "\",\"spans\":");
        gt_text_u64(t, r->lanes.p[order[i]]->n);
        gt_text_char(t, '}');
    }
    gt_text_char(t, ']');
    gt_free(order, size);
    return true;
}

int gt_info_json(gt_reader *r) {
    struct text *t = gt_text_anew(r);
    gt_text_str(t, "{\"version\":\"");
    if (r->in.version) {
        gt_text_str(t, "go 1.");
        gt_text_u64(t, r->in.version);
    }
    gt_text_str(t, "\",\"events\":");
    gt_text_u64(t, r->events);
    gt_text_str(t, ",\"generations\":");
    gt_text_u64(t, r->generations);
    gt_text_str(t, ",\"t0\":0,\"t1\":");
    gt_text_u64(t, (uint64_t)gt_t1(r));
    gt_text_str(t, ",\"baseNs\":\"");
    gt_text_i64(t, r->first_time);
    gt_text_str(t, "\",\"goroutines\":");
    gt_text_u64(t, r->lives);
    gt_text_str(t, ",\"lanesDenied\":");
    gt_text_u64(t, r->lanes_denied);
    bool ok = lanes_json(r);
    gt_text_char(t, '}');
    return ok && !t->failed;
}
