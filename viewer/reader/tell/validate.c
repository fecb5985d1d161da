/*
 * validate.c: what Go's trace validator (internal/trace/testtrace) checks beyond what ordering already guarantees.
 *
 * It sees only what comes out of the reader, and keeps its own states. Left out are rules the reader cannot break:
 * growing times, sequential syncs, stacks of a transition that differ from the event's.
 */
#include "base/reader.h"

struct seen {
    uint64_t bound;       /* G, P: thread it runs on; NO_ID = none */
    uint8_t state;        /* enum go_state or proc_state */
    struct ranges ranges; /* by begin event; STW by kind */
};

struct seen_m {
    uint64_t g, p; /* what runs on it */
};

struct validator {
    struct map gs, ps, ms; /* ids to index + 1 */
    VEC(struct seen) g_list, p_list;
    VEC(struct seen_m) m_list;
    uint64_t syncs;      /* so far */
    int64_t clock_time;  /* of the last snapshot: ns on the trace's clock, */
    uint64_t clock_mono; /* on the monotonic one, */
    struct wall wall;    /* and wall time */
};

struct validator *gt_validator_open(void) {
    return gt_alloc(sizeof(struct validator));
}

void gt_validator_close(struct validator *v) {
    if (!v)
        return;
    for (uint32_t i = 0; i < v->g_list.n; i++)
        VEC_FREE(&v->g_list.p[i].ranges.v);
    for (uint32_t i = 0; i < v->p_list.n; i++)
        VEC_FREE(&v->p_list.p[i].ranges.v);
    gt_map_free(&v->gs);
    gt_map_free(&v->ps);
    gt_map_free(&v->ms);
    VEC_FREE(&v->g_list);
    VEC_FREE(&v->p_list);
    VEC_FREE(&v->m_list);
    gt_free(v, sizeof *v);
}

/* What is known of a G or P, made when new; NULL = out of memory. Holds until the next call. */
static struct seen *seen_of(struct validator *v, char kind, uint64_t id, bool *fresh) {
    struct map *map = kind == 'G' ? &v->gs : &v->ps;
    uint32_t i = gt_map_get(map, id);
    *fresh = !i;
    if (kind == 'G') {
        if (i)
            return &v->g_list.p[i - 1];
        if (!VEC_ROOM(&v->g_list, v->g_list.n + 1) || !gt_map_set(map, id, v->g_list.n + 1))
            return NULL;
        v->g_list.p[v->g_list.n] = (struct seen){.bound = NO_ID};
        return &v->g_list.p[v->g_list.n++];
    }
    if (i)
        return &v->p_list.p[i - 1];
    if (!VEC_ROOM(&v->p_list, v->p_list.n + 1) || !gt_map_set(map, id, v->p_list.n + 1))
        return NULL;
    v->p_list.p[v->p_list.n] = (struct seen){.bound = NO_ID};
    return &v->p_list.p[v->p_list.n++];
}

static struct seen_m *thread_of(struct validator *v, uint64_t id) {
    uint32_t i = gt_map_get(&v->ms, id);
    if (i)
        return &v->m_list.p[i - 1];
    if (!VEC_ROOM(&v->m_list, v->m_list.n + 1) || !gt_map_set(&v->ms, id, v->m_list.n + 1))
        return NULL;
    v->m_list.p[v->m_list.n] = (struct seen_m){NO_ID, NO_ID};
    return &v->m_list.p[v->m_list.n++];
}

static bool stack_ok(struct gt_reader *r, uint64_t stack) {
    uint32_t index = id_find(&r->gen.stack_ids, stack);
    if (index == UINT32_MAX || index == 0)
        return true;
    const struct local_stack *s = &r->gen.stacks.p[index];
    for (uint32_t i = 1; i < s->n; i++) { /* the first frame may be all zero */
        const struct local_frame *f = &r->gen.frames.p[r->gen.frame_refs.p[s->first + i]];
        if (!f->pc || !f->line || !r->gen.strings.p[f->func].n || !r->gen.strings.p[f->file].n)
            return gt_fail(r, "validate-stack", "frame %u of stack %u lacks its pc, function, file or line",
                           (uint64_t)i, stack);
    }
    return true;
}

static bool executing(char kind, uint8_t state) {
    return kind == 'G' ? state == GO_RUNNING || state == GO_SYSCALL : state == PROC_RUNNING;
}

/* Binds a G or P that starts to execute to its thread, or takes it off. */
static bool bind(struct gt_reader *r, const struct event *ev, struct transition x, struct seen *s) {
    const char *what = x.kind == 'G' ? "goroutine" : "P";
    bool now = executing(x.kind, x.to), before = executing(x.kind, x.from);
    if (!now && !before)
        return true;
    if (now) {
        if (ev->m == NO_ID)
            return gt_fail(r, "validate-thread", "%s %u runs without a thread", what, x.id);
        struct seen_m *m = thread_of(r->validator, ev->m);
        if (!m)
            return gt_fail_memory(r);
        uint64_t *slot = x.kind == 'G' ? &m->g : &m->p;
        if (*slot != NO_ID && *slot != x.id)
            return gt_fail(r, "validate-thread", "%s %u starts on M %u, which already runs %s %u", what, x.id, ev->m,
                           what, *slot);
        *slot = x.id;
        s->bound = ev->m;
        return true;
    }
    if (s->bound == NO_ID)
        return gt_fail(r, "validate-thread", "%s %u stops, but no thread ran it", what, x.id);
    struct seen_m *m = thread_of(r->validator, s->bound);
    if (!m)
        return gt_fail_memory(r);
    uint64_t *slot = x.kind == 'G' ? &m->g : &m->p;
    if (*slot != x.id)
        return gt_fail(r, "validate-thread", "%s %u stops on M %u, which runs %i", what, x.id, s->bound, *slot);
    *slot = NO_ID;
    s->bound = NO_ID;
    return true;
}

static bool transition(struct gt_reader *r, const struct event *ev) {
    struct transition x = gt_transition_of(ev);
    const char *what = x.kind == 'G' ? "goroutine" : "P";
    if (x.kind == 0)
        return true;
    if (!stack_ok(r, x.stack))
        return false;
    bool fresh;
    struct seen *s = seen_of(r->validator, x.kind, x.id, &fresh);
    if (!s)
        return gt_fail_memory(r);
    if (x.to == GO_UNDETERMINED)
        return gt_fail(r, "validate-state", "%s %i is said to be in no state at all", what, x.id);
    if (x.from == GO_UNDETERMINED && r->validator->syncs > 1)
        return gt_fail(r, "validate-state", "%s %u has an undetermined state after the first generation", what, x.id);
    if (x.kind == 'G' && x.to == GO_NOT_EXIST && s->ranges.v.n)
        return gt_fail(r, "validate-range", "goroutine %u ends inside an open range", x.id);
    if (fresh ? x.from != GO_UNDETERMINED && x.from != GO_NOT_EXIST : x.from != s->state)
        return gt_fail(r, "validate-state", "%s %u goes on from a state it was not in", what, x.id);
    s->state = x.to;
    return bind(r, ev, x, s);
}

/* Only ranges of Gs and Ps; the GC's mark phase is one of a kind and guarded by its numbers. */
static bool range(struct gt_reader *r, const struct event *ev) {
    uint8_t begin = gt_trace_event_table[ev->type].start ? gt_trace_event_table[ev->type].start : ev->type;
    if (begin == TRACE_EV_GC_BEGIN)
        return true;
    bool on_p = begin == TRACE_EV_GC_SWEEP_BEGIN, active = gt_kind_of(ev->type)[5] == 'A', fresh;
    uint64_t id = active ? ev->args[0] : on_p ? ev->p : ev->g;
    uint64_t desc = begin == TRACE_EV_STW_BEGIN ? gt_lasting_of(r, ev->args[0]) : 0;
    struct seen *s = seen_of(r->validator, on_p ? 'P' : 'G', id, &fresh);
    if (!s)
        return gt_fail_memory(r);
    uint32_t i = 0;
    while (i < s->ranges.v.n && (s->ranges.v.p[i].type != begin || s->ranges.v.p[i].desc != desc))
        i++;
    bool have = i < s->ranges.v.n;
    if (gt_kind_of(ev->type)[5] == 'E') {
        if (!have)
            return gt_fail(r, "validate-range", "%e ends a range that is not open", (int)ev->type);
        s->ranges.v.p[i] = s->ranges.v.p[--s->ranges.v.n];
        return true;
    }
    if (have)
        return active || gt_fail(r, "validate-range", "%e opens a range that is open", (int)ev->type);
    if (!VEC_ROOM(&s->ranges.v, s->ranges.v.n + 1))
        return gt_fail_memory(r);
    s->ranges.v.p[s->ranges.v.n++] = (struct range){desc, begin};
    return true;
}

#define YEAR_1 INT64_C(-62135596800) /* seconds from 1970 to the time that is zero to Go */

/* Go counts from year 1, in 64 bits that wrap. */
static bool wall_later(struct wall a, struct wall b) {
    int64_t x = (int64_t)((uint64_t)a.sec - (uint64_t)YEAR_1), y = (int64_t)((uint64_t)b.sec - (uint64_t)YEAR_1);
    return x > y || (x == y && a.nsec > b.nsec);
}

/* Clock snapshots (1.25 and later) must grow from generation to generation, in nanoseconds on all three clocks. */
static bool clock_grows(struct gt_reader *r, const struct event *ev) {
    struct validator *v = r->validator;
    v->syncs++;
    if (!ev->extra[0]) {
        /* Nothing but a header is a trace to Go's reader from 1.26 on, and not one to its validator. */
        return r->in.version < 25 || v->syncs > 1 || gt_fail(r, "empty", "the trace has no events");
    }
    const struct generation *g = &r->gen;
    int64_t time = gt_units_to_ns(g->ns_per_unit, g->clock_time);
    if (g->clock_mono == 0 || time == 0 || (g->wall.sec == YEAR_1 && g->wall.nsec == 0))
        return gt_fail(r, "validate-clock", "the clock snapshot of generation %u is zero", g->gen);
    bool later = wall_later(g->wall, v->wall);
    if (v->syncs > 1 && (!later || g->clock_mono <= v->clock_mono || time <= v->clock_time))
        return gt_fail(r, "validate-clock", "the clock snapshot of generation %u is not later than the one before",
                       g->gen);
    v->clock_time = time;
    v->clock_mono = g->clock_mono;
    v->wall = g->wall;
    return true;
}

bool gt_validator_event(struct gt_reader *r, const struct event *ev) {
    bool has;
    uint64_t stack = gt_stack_of(ev, &has);
    if (has && !stack_ok(r, stack))
        return false;
    switch (ev->type) {
    case EV_SYNC:
        return clock_grows(r, ev);
    case TRACE_EV_GO_LABEL: {
        uint32_t index = id_find(&r->gen.string_ids, ev->args[0]);
        return (index && r->gen.strings.p[index].n) || gt_fail(r, "validate-label", "a label is empty");
    }
    case TRACE_EV_USER_TASK_BEGIN:
        return (ev->args[0] != 0 && ev->args[0] != NO_ID) ||
               gt_fail(r, "validate-task", "task id %i is reserved", ev->args[0]);
    default:
        break;
    }
    if (strncmp(gt_kind_of(ev->type), "Range", 5) == 0)
        return range(r, ev);
    return transition(r, ev);
}
