/* info.c: the text that waits, figures that are asked for often, and what a trace is, as JSON. */
#include "base/reader.h"

const char *gt_text(gt_reader *r) { return r->text.p; }

uint32_t gt_text_len(gt_reader *r) { return r->text.n; }

void gt_text_clear(gt_reader *r) { r->text.n = 0; }

const char *gt_string(gt_reader *r, uint32_t id) { return id < r->intern.strings.n ? r->intern.strings.p[id].p : NULL; }

uint32_t gt_string_len(gt_reader *r, uint32_t id) { return id < r->intern.strings.n ? r->intern.strings.p[id].n : 0; }

double gt_events(gt_reader *r) { return (double)r->events; }

double gt_complete_offset(gt_reader *r) { return (double)r->in.complete; }

double gt_generations(gt_reader *r) { return (double)r->generations; }

double gt_t1(gt_reader *r) { return trace_length(r); }

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
