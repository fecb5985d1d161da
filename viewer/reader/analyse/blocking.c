/*
 * blocking.c: how long goroutines were blocked, by the stack where that began: network, synchronisation, system calls,
 * the scheduler; and CPU samples.
 *
 * The rules are those of `go tool trace -pprof` (cmd/trace/pprof.go): the stack is that of the event that made the
 * goroutine block or become runnable (so it may be another goroutine's); what had not ended with the trace does not
 * count, nor what came before the goroutine first ran, unless it never did. Differs: of a goroutine id that comes back
 * (callbacks from C) each life counts, where Go drops all but the last.
 */
#include "analyse/analyse.h"

/* enum an_class + 1 of a state and what its reason means; 0 = of none. */
static uint8_t class_of(uint8_t state, uint8_t means) {
    switch (state) {
    case GO_SYSCALL:
        return AN_SYS + 1;
    case GO_RUNNABLE:
        return AN_SCHED + 1;
    case GO_WAITING:
        return means & REASON_NET ? AN_NET + 1 : means & REASON_SYNC ? AN_SYNC + 1 : 0;
    default:
        return 0;
    }
}

static uint8_t state_of(uint8_t track) {
    return track == AN_SYS + 1 ? GO_SYSCALL : track == AN_SCHED + 1 ? GO_RUNNABLE : GO_WAITING;
}

/* The goroutine's an_block of a class and a place, index + 1; 0 = out of memory. */
static uint32_t block_of(struct analysis *a, uint32_t go, uint8_t class, uint32_t node) {
    struct blocking *b = &a->blocking;
    struct an_go *g = &a->gos.p[go];
    uint32_t i = g->blocks;
    for (uint32_t k = 0; i && k < AN_LOOK; k++, i = b->list.p[i - 1].next)
        if (b->list.p[i - 1].node == node && b->list.p[i - 1].class == class)
            return i;
    uint64_t key = (uint64_t)go << 35 | (uint64_t)node << 3 | class;
    i = i ? gt_map_get(&b->by_key, key) : 0;
    if (i)
        return i;
    if (!VEC_ROOM(&b->list, b->list.n + 1) || !gt_map_set(&b->by_key, key, b->list.n + 1))
        return 0;
    b->list.p[b->list.n] = (struct an_block){.go = go, .node = node, .class = class, .next = g->blocks};
    return g->blocks = ++b->list.n;
}

static bool record(struct analysis *a, uint32_t go, uint8_t class, uint32_t node, uint64_t ns) {
    uint32_t i = block_of(a, go, class, node);
    if (!i)
        return false;
    a->blocking.list.p[i - 1].count++;
    a->blocking.list.p[i - 1].ns += ns;
    return true;
}

static bool keep_early(struct blocking *b, struct an_go *g, uint8_t class, uint32_t node, uint64_t ns) {
    uint32_t at = b->early_free;
    if (at) {
        b->early_free = b->early.p[at - 1].next;
    } else {
        if (!VEC_ROOM(&b->early, b->early.n + 1))
            return false;
        at = ++b->early.n;
    }
    b->early.p[at - 1] = (struct an_early){.next = g->early, .node = node, .class = class, .ns = ns};
    g->early = at;
    return true;
}

bool gt_blocking_moves(struct gt_reader *r, uint32_t go, uint8_t to, uint32_t reason, uint64_t now, uint32_t node) {
    struct analysis *a = r->analysis;
    struct an_go *g = &a->gos.p[go];
    if (g->track) {
        if (state_of(g->track) == to)
            return true;
        uint64_t ns = gt_an_part(a, g->track_since, now);
        uint8_t class = g->track - 1;
        g->track = 0;
        bool ok = !ns || (g->started ? record(a, go, class, g->track_node, ns)
                                     : keep_early(&a->blocking, g, class, g->track_node, ns));
        if (!ok)
            return false;
    }
    uint8_t means = to == GO_WAITING ? gt_an_reason(r, reason) : REASON_KNOWN;
    g->track = class_of(to, means);
    g->track_node = node;
    g->track_since = now;
    return means != 0;
}

void gt_blocking_started(struct gt_reader *r, uint32_t go) {
    struct blocking *b = &r->analysis->blocking;
    struct an_go *g = &r->analysis->gos.p[go];
    while (g->early) {
        struct an_early *e = &b->early.p[g->early - 1];
        uint32_t next = e->next;
        e->next = b->early_free;
        b->early_free = g->early;
        g->early = next;
    }
}

bool gt_blocking_sample(struct gt_reader *r, uint32_t go, uint64_t stack) {
    struct analysis *a = r->analysis;
    if (!gt_an_part(a, a->last, a->last + 1))
        return true;
    uint32_t node = gt_an_node(r, stack);
    return node != UINT32_MAX && record(a, go, AN_CPU, node, 0);
}

bool gt_blocking_finish(struct gt_reader *r) {
    struct analysis *a = r->analysis;
    for (uint32_t i = 0; i < a->gos.n; i++)
        for (uint32_t e = a->gos.p[i].early; e; e = a->blocking.early.p[e - 1].next) {
            const struct an_early *x = &a->blocking.early.p[e - 1];
            if (!record(a, i, x->class, x->node, x->ns))
                return false;
        }
    return true;
}
