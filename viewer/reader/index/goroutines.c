/* goroutines.c: who every goroutine is (start function, creator), why it stopped and who woke it. */
#include "base/reader.h"

static bool indexed(const struct gt_reader *r) { return !(r->options & GT_OPT_NO_INDEX); }

static bool has_spans(const struct gt_reader *r) { return !(r->options & (GT_OPT_NO_INDEX | GT_OPT_NO_SPANS)); }

/* `stack` begins with the start function, `site` (a stack too) is where it was created. */
bool gt_g_begin(struct gt_reader *r, struct gstate *g, uint64_t stack, uint64_t creator, uint64_t site) {
    r->lives++;
    if (!indexed(r))
        return true;
    uint32_t fn = gt_root_of(r, stack), at = gt_site_of(r, site);
    if (fn == UINT32_MAX || at == UINT32_MAX || !VEC_ROOM(&r->goroutines, r->goroutines.n + 1))
        return gt_fail_memory(r);
    if (!fn)
        r->nameless++;
    const struct gstate *by = creator == NO_ID ? NULL : gt_order_g(r, creator);
    g->record = r->goroutines.n;
    r->goroutines.p[r->goroutines.n++] =
        (struct grecord){.id = g->id, .fn = fn, .creator = by ? by->record : 0, .create_site = at};
    return true;
}

bool gt_g_learn(struct gt_reader *r, const struct event *ev) {
    bool has;
    uint64_t stack = gt_stack_of(ev, &has);
    const struct gstate *g = has ? gt_order_g(r, ev->g) : NULL;
    if (!g || r->goroutines.p[g->record].fn)
        return true;
    /* A stack of one frame may be a mere call site, as our own runtime writes them: its function need not be first. */
    uint32_t index = id_find(&r->gen.stack_ids, stack);
    if (index == UINT32_MAX || r->gen.stacks.p[index].n < 2)
        return true;
    uint32_t fn = gt_root_of(r, stack);
    if (fn == UINT32_MAX)
        return gt_fail_memory(r);
    if (fn)
        r->nameless--;
    r->goroutines.p[g->record].fn = fn;
    return true;
}

bool gt_g_woken(struct gt_reader *r, struct gstate *g, const struct event *ev, uint64_t stack) {
    if (!has_spans(r))
        return true;
    uint32_t site = gt_site_of(r, stack);
    if (site == UINT32_MAX)
        return gt_fail_memory(r);
    const struct gstate *by = ev->g == NO_ID ? NULL : gt_order_g(r, ev->g);
    g->wake_by = by ? by->record : 0;
    g->wake_site = site;
    g->news |= NEWS_WAKE;
    return true;
}

bool gt_g_leaves(struct gt_reader *r, struct gstate *g, uint64_t reason) {
    if (!has_spans(r))
        return true;
    uint32_t word = gt_lasting_of(r, reason);
    if (word == UINT32_MAX)
        return gt_fail_memory(r);
    g->was = word ? word : WORD_UNSPECIFIED;
    g->news |= NEWS_WAS | NEWS_WAKE;
    g->wake_by = g->wake_site = 0;
    return true;
}

void gt_g_end(struct gt_reader *r, const struct gstate *g) {
    if (indexed(r) && !r->goroutines.p[g->record].fn)
        r->nameless--;
}
