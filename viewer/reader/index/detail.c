/* detail.c: everything known about one span, as JSON for the viewer's details panel. */
#include "index/marks.h"

void gt_string_json(struct gt_reader *r, uint32_t id) {
    gt_text_json_quote(&r->text, r->intern.strings.p[id].p, r->intern.strings.p[id].n);
}

void gt_site_json(struct gt_reader *r, uint32_t site) {
    struct site s = r->intern.sites.p[site];
    gt_text_str(&r->text, "\"func\":");
    gt_string_json(r, s.func);
    gt_text_str(&r->text, ",\"file\":");
    gt_string_json(r, s.file);
    gt_text_str(&r->text, ",\"line\":");
    gt_text_u64(&r->text, s.line);
}

/* A goroutine that did something somewhere; null when neither is known. */
static void actor_json(struct gt_reader *r, const char *name, uint32_t record, uint32_t site) {
    struct text *t = &r->text;
    gt_text_str(t, name);
    if (!record && !site) {
        gt_text_str(t, "null");
        return;
    }
    gt_text_str(t, "{\"goid\":");
    gt_text_u64(t, r->goroutines.p[record].id);
    gt_text_char(t, ',');
    gt_site_json(r, site);
    gt_text_char(t, '}');
}

/* Where the goroutine was when the span ended; of a system call, which ends by itself, where it was made: that is where
 * the span before ended. 0 = unknown. */
uint32_t gt_span_site(const struct lane *l, uint32_t span) {
    const struct span_chunk *c = l->chunks.p[span / SPAN_CHUNK];
    uint32_t k = span % SPAN_CHUNK;
    if (c->state[k] != SPAN_SYSCALL || c->site[k] || span == 0)
        return c->site[k] ? c->site[k] : span == 0 ? l->made_at : 0;
    const struct span_chunk *before = l->chunks.p[(span - 1) / SPAN_CHUNK];
    uint32_t b = (span - 1) % SPAN_CHUNK;
    return before->g[b] == c->g[k] && before->reason[b] == WORD_SYSCALL ? before->site[b] : 0;
}

int gt_detail_json(gt_reader *r, uint32_t lane, uint32_t span) {
    if (lane >= MARK_LANES)
        return gt_about_json(r, lane - MARK_LANES, span);
    struct text *t = gt_text_anew(r);
    if (lane >= r->lanes.n || span >= r->lanes.p[lane]->n)
        return 0;
    const struct lane *l = r->lanes.p[lane];
    const struct span_chunk *c = l->chunks.p[span / SPAN_CHUNK];
    uint32_t k = span % SPAN_CHUNK;
    bool open = l->open && span == l->n - 1;
    const struct grecord *g = &r->goroutines.p[c->g[k]];
    gt_text_str(t, "{\"lane\":");
    gt_text_u64(t, lane);
    gt_text_str(t, ",\"index\":");
    gt_text_u64(t, span);
    gt_text_str(t, ",\"goid\":");
    gt_text_u64(t, g->id);
    gt_text_str(t, ",\"fn\":");
    gt_string_json(r, g->fn);
    gt_text_str(t, ",\"start\":");
    gt_text_u64(t, (uint64_t)c->start[k]);
    gt_text_str(t, ",\"end\":");
    gt_text_u64(t, (uint64_t)(open ? trace_length(r) : gt_span_end_of(l, span)));
    gt_text_str(t, open ? ",\"open\":true,\"state\":" : ",\"open\":false,\"state\":");
    gt_text_u64(t, l->p == LANE_STW ? STATE_STOPPED : c->state[k]);
    gt_text_str(t, ",\"startReason\":");
    gt_string_json(r, c->was[k]);
    gt_text_str(t, ",\"endReason\":");
    gt_string_json(r, open ? 0 : c->reason[k]);
    gt_text_str(t, ",\"site\":");
    uint32_t site = gt_span_site(l, span);
    if (site) {
        gt_text_char(t, '{');
        gt_site_json(r, site);
        gt_text_char(t, '}');
    } else {
        gt_text_str(t, "null");
    }
    actor_json(r, ",\"createdBy\":", g->creator, g->create_site);
    bool created = c->was[k] == WORD_CREATED;
    actor_json(r, ",\"unblockedBy\":", created ? 0 : c->wake_by[k], created ? 0 : c->wake_site[k]);
    gt_text_char(t, '}');
    return !t->failed;
}
