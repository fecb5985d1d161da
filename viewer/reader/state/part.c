/*
 * part.c: what a generation that is read without those before it takes for granted of them (GT_OPT_PART).
 *
 * Everything a status event tells is believed: of Gs and Ps they are the only news there can be. Of a thread its first
 * event tells what it had: a status what it has, any other that it had nothing. order/join.c looks whether all that
 * was so. Otherwise the generation is read once more by one who knows, so what is rare need not be believed here: it
 * may fail.
 */
#include "base/reader.h"

void gt_part_has_p(struct mstate *m, uint64_t p) {
    if (m->p_known)
        return;
    m->p_known = true;
    m->p_came = p;
}

void gt_part_has_g(struct mstate *m, uint64_t g) {
    if (m->g_known)
        return;
    m->g_known = true;
    m->g_came = g;
}

void gt_part_thread(struct mstate *m) {
    gt_part_has_p(m, NO_ID);
    gt_part_has_g(m, NO_ID);
}

bool gt_part_gone(struct gt_reader *r, const struct gstate *g) {
    struct part *t = &r->part;
    if (!g->came) {
        if (!VEC_ROOM(&t->brief, t->brief.n + 1))
            return gt_fail_memory(r);
        t->brief.p[t->brief.n++] = g->id;
        return true;
    }
    if (!VEC_ROOM(&t->gone, t->gone.n + 1))
        return gt_fail_memory(r);
    t->gone.p[t->gone.n++] = (struct gone){g->id, g->came};
    return true;
}

bool gt_part_pop(struct gt_reader *r, uint64_t g, struct region x) {
    struct part *t = &r->part;
    if (!VEC_ROOM(&t->pops, t->pops.n + 1))
        return gt_fail_memory(r);
    t->pops.p[t->pops.n++] = (struct pop){g, x.task, x.name};
    return true;
}

bool gt_part_task_ended(struct gt_reader *r, uint64_t id) {
    struct part *t = &r->part;
    if (!VEC_ROOM(&t->ended, t->ended.n + 1))
        return gt_fail_memory(r);
    t->ended.p[t->ended.n++] = id;
    return true;
}

void gt_part_gc(struct gt_reader *r, uint8_t type, uint64_t seq) {
    r->part.gc_first = type;
    r->part.gc_seq = seq;
}

void gt_part_close(struct part *p) {
    VEC_FREE(&p->gone);
    VEC_FREE(&p->brief);
    VEC_FREE(&p->pops);
    VEC_FREE(&p->ended);
}
