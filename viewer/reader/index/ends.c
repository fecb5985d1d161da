/* ends.c: where lanes stand at the end of what was read, as JSON for who puts parts of a trace together. */
#include "base/reader.h"

/* What the lane's open span is. */
static void open_json(struct gt_reader *r, const struct lane *l) {
    struct text *t = &r->text;
    uint32_t i = l->n - 1, k = i % SPAN_CHUNK;
    const struct span_chunk *c = l->chunks.p[i / SPAN_CHUNK];
    const struct grecord *g = &r->goroutines.p[c->g[k]];
    const struct lasting_string *fn = &r->intern.strings.p[g->fn];
    gt_text_str(t, "{\"goid\":");
    gt_text_u64(t, g->id);
    gt_text_str(t, ",\"fn\":");
    gt_text_json_quote(t, fn->p, fn->n);
    gt_text_str(t, ",\"state\":");
    gt_text_u64(t, l->p == LANE_STW ? STATE_STOPPED : c->state[k]);
    gt_text_char(t, '}');
}

static void lane_json(struct gt_reader *r, const struct lane *l) {
    struct text *t = &r->text;
    const struct pstate *p = l->p == LANE_STW ? NULL : gt_order_p(r, l->p);
    gt_text_str(t, l->p == LANE_STW ? "{\"kind\":\"stw\",\"id\":" : "{\"kind\":\"proc\",\"id\":");
    gt_text_u64(t, l->p == LANE_STW ? 0 : l->p);
    gt_text_str(t, ",\"before\":");
    gt_text_u64(t, l->before);
    gt_text_str(t, ",\"spans\":");
    gt_text_u64(t, l->n);
    gt_text_str(t, l->continues ? ",\"continues\":true,\"pastEnd\":" : ",\"continues\":false,\"pastEnd\":");
    gt_text_u64(t, p ? (uint64_t)p->past_end : 0);
    gt_text_str(t, ",\"open\":");
    if (l->open)
        open_json(r, l);
    else
        gt_text_str(t, "null");
    gt_text_char(t, '}');
}

int gt_ends_json(gt_reader *r) {
    struct text *t = gt_text_anew(r);
    gt_text_char(t, '[');
    for (uint32_t i = 0; i < r->lanes.n; i++) {
        if (i)
            gt_text_char(t, ',');
        lane_json(r, r->lanes.p[i]);
    }
    gt_text_char(t, ']');
    return !t->failed;
}
