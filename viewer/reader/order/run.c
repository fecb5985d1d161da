/* run.c: opening, running and closing a reader. */
#include "base/reader.h"

enum {
    TEXT_PAUSE = 1 << 20,  /* bytes of dump after which gt_run lets the caller take them */
    TEXT_RESERVE = 2 << 10 /* kept from the start, so that running out of memory can still be told */
};

/* From now on fn is told of events. False = what it keeps, `of`, could not be had. */
static bool tell(gt_reader *r, event_fn *fn, const void *of) {
    r->told[r->told_n++] = fn;
    return of != NULL;
}

/* What the options ask for beside the index. Each is called by pointer: inlined into one function of 28,000 lines of
 * wasm they cost every event, whoever asked for nothing too. */
static bool open_told(gt_reader *r, uint32_t o) {
    bool lanes = (o & GT_OPT_LANES) && !(o & GT_OPT_NO_INDEX);
    return (!(o & GT_OPT_DUMP_GO) || tell(r, gt_dump_go, r)) && (!(o & GT_OPT_DUMP_JSON) || tell(r, gt_dump_json, r)) &&
           (!(o & GT_OPT_STAT) || tell(r, gt_summary_event, r->summary = gt_summary_open())) &&
           (!lanes || tell(r, gt_watch_event, r->marks = gt_marks_open())) &&
           (!(o & GT_OPT_ANALYSE) || tell(r, gt_analysis_event, r->analysis = gt_analysis_open())) &&
           (!(o & GT_OPT_WHY) || tell(r, gt_why_event, r->why = gt_why_open())) &&
           (!(o & GT_OPT_VALIDATE) || tell(r, gt_validator_event, r->validator = gt_validator_open()));
}

gt_reader *gt_open(uint32_t options) {
    gt_reader *r = gt_alloc(sizeof *r);
    if (!r)
        return NULL;
    r->options = options;
    r->part.least_task = NO_ID;
    bool ok = gt_grow(&r->text.p, &r->text.cap, TEXT_RESERVE, 1);
    ok = ok && gt_intern_open(&r->intern) && VEC_ROOM(&r->goroutines, 1);
    if (ok)
        r->goroutines.p[r->goroutines.n++] = (struct grecord){.id = 0};
    if (ok && open_told(r, options))
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
    gt_points_close(&r->points);
    gt_marks_close(r->marks);
    gt_validator_close(r->validator);
    gt_summary_close(r->summary);
    gt_analysis_close(r->analysis);
    gt_why_close(r->why);
    gt_allocfree_close(&r->allocfree);
    gt_part_close(&r->part);
    VEC_FREE(&r->blob);
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
    r->unit_ns = r->gen.ns_per_unit;
    r->gen.open = true;
    if (!gt_frontier_build(r))
        return GT_FAILED;
    r->begins = r->now;
    return GT_MORE;
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
