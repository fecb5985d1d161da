/* states.c: what is known of every G, P and M, by id: found, made, dropped. */
#include "base/reader.h"

struct gstate *gt_order_g(struct gt_reader *r, uint64_t id) {
    uint32_t i = gt_map_get(&r->order.gs, id);
    return i ? &r->order.g_chunks.p[(i - 1) / G_CHUNK][(i - 1) % G_CHUNK] : NULL;
}

struct gstate *gt_order_g_at(struct gt_reader *r, uint32_t place) {
    uint32_t i = r->order.gs.vals[place];
    return i ? &r->order.g_chunks.p[(i - 1) / G_CHUNK][(i - 1) % G_CHUNK] : NULL;
}

struct pstate *gt_order_p(struct gt_reader *r, uint64_t id) {
    uint32_t i = gt_map_get(&r->order.ps, id);
    return i ? r->order.p_list.p[i - 1] : NULL;
}

struct mstate *gt_order_m(struct gt_reader *r, uint64_t id) {
    uint32_t i = gt_map_get(&r->order.ms, id);
    return i ? r->order.m_list.p[i - 1] : NULL;
}

/* The state of a thread, made when it is new; NULL = out of memory. */
struct mstate *gt_order_thread(struct gt_reader *r, uint64_t id) {
    struct mstate *m = gt_order_m(r, id);
    if (m)
        return m;
    struct order *o = &r->order;
    if (!VEC_ROOM(&o->m_list, o->m_list.n + 1))
        return NULL;
    m = gt_alloc(sizeof *m);
    if (!m)
        return NULL;
    *m = (struct mstate){.id = id, .g = NO_ID, .p = NO_ID, .open_g = NO_ID};
    o->m_list.p[o->m_list.n++] = m;
    return gt_map_set(&o->ms, id, o->m_list.n) ? m : NULL;
}

/* A place in the pool, index + 1; 0 = out of memory. */
static uint32_t g_place(struct order *o) {
    uint32_t place = o->g_free;
    if (place) {
        o->g_free = o->g_chunks.p[(place - 1) / G_CHUNK][(place - 1) % G_CHUNK].next_free;
        return place;
    }
    if (o->g_used == o->g_chunks.n * G_CHUNK) {
        if (!VEC_ROOM(&o->g_chunks, o->g_chunks.n + 1))
            return 0;
        struct gstate *chunk = gt_alloc(sizeof *chunk * G_CHUNK);
        if (!chunk)
            return 0;
        o->g_chunks.p[o->g_chunks.n++] = chunk;
    }
    return ++o->g_used;
}

struct gstate *gt_order_new_g(struct gt_reader *r, uint64_t id, uint8_t status) {
    struct order *o = &r->order;
    uint32_t place = g_place(o);
    if (!place || !gt_map_set(&o->gs, id, place)) {
        gt_fail_memory(r);
        return NULL;
    }
    struct gstate *g = gt_order_g(r, id);
    *g = (struct gstate){.id = id, .status = status, .seq_gen = r->gen.gen};
    return g;
}

static void g_free_lists(struct gstate *g) {
    VEC_FREE(&g->ranges.v);
    VEC_FREE(&g->regions);
}

void gt_order_drop_g(struct gt_reader *r, struct gstate *g) {
    struct order *o = &r->order;
    uint32_t place = gt_map_get(&o->gs, g->id);
    if (gt_is_part(r))
        gt_part_gone(r, g); /* memory that runs out is told by r->err, which ends the reading */
    gt_map_delete(&o->gs, g->id);
    g_free_lists(g);
    g->status = 0;
    g->next_free = o->g_free;
    o->g_free = place;
}

void gt_order_close(struct order *o) {
    for (uint32_t i = 0; i < o->g_chunks.n; i++) {
        for (uint32_t k = 0; k < G_CHUNK; k++)
            g_free_lists(&o->g_chunks.p[i][k]);
        gt_free(o->g_chunks.p[i], sizeof(struct gstate) * G_CHUNK);
    }
    for (uint32_t i = 0; i < o->p_list.n; i++) {
        VEC_FREE(&o->p_list.p[i]->ranges.v);
        gt_free(o->p_list.p[i], sizeof(struct pstate));
    }
    for (uint32_t i = 0; i < o->m_list.n; i++)
        gt_free(o->m_list.p[i], sizeof(struct mstate));
    VEC_FREE(&o->g_chunks);
    VEC_FREE(&o->p_list);
    VEC_FREE(&o->m_list);
    VEC_FREE(&o->task_list);
    gt_map_free(&o->gs);
    gt_map_free(&o->ps);
    gt_map_free(&o->ms);
    gt_map_free(&o->tasks);
}
