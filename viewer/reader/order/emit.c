/*
 * emit.c: the way out of every event: ids checked, time made to grow, counted, told to the dump, the validator and who
 * else asked for it.
 */
#include "base/reader.h"

enum arg_type {
#define TRACE_A(NAME, name, type) TYPE_OF_##NAME##_ = TRACE_TYPE_##type,
    TRACE_ARGS(TRACE_A)
#undef TRACE_A
};

/* Which arguments of an event (bit 0: the first after dt) are ids to look up. From the one table, at compile time. */
static const struct {
    uint8_t strings, stacks; /* sets of arguments */
} id_args[TRACE_EV_LIMIT] = {
#define IS(arg, type, bit) ((int)TYPE_OF_##arg##_ == (int)TRACE_TYPE_##type) << (bit)
#define TRACE_X(NAME, num, Name, since, form, start, n, a, b, c, d, e)                                                 \
    [num] = {IS(b, STRING, 0) | IS(c, STRING, 1) | IS(d, STRING, 2) | IS(e, STRING, 3),                                \
             IS(b, STACK, 0) | IS(c, STACK, 1) | IS(d, STACK, 2) | IS(e, STACK, 3)},
    TRACE_EVENTS(TRACE_X)
#undef TRACE_X
};

static bool lacks(struct gt_reader *r, const struct event *ev, const char *what, uint64_t id) {
    return gt_fail(r, what[1] == 't' && what[2] == 'a' ? "stack-id" : "string-id",
                   "%e names %s %u, which generation %u does not have", (int)ev->type, what, id, r->gen.gen);
}

/* Checks the string and stack ids among the arguments. */
static bool check_ids(struct gt_reader *r, const struct event *ev) {
    if (ev->type == TRACE_EV_CPU_SAMPLE) {
        if (id_find(&r->gen.stack_ids, ev->args[0]) != UINT32_MAX)
            return true;
        return gt_fail(r, "stack-id", "a CPU sample names stack %u, which generation %u does not have", ev->args[0],
                       r->gen.gen);
    }
    uint32_t strings = id_args[ev->type].strings, stacks = id_args[ev->type].stacks;
    for (uint32_t i = 0; stacks; i++, stacks >>= 1)
        if ((stacks & 1) && id_find(&r->gen.stack_ids, ev->args[i]) == UINT32_MAX)
            return lacks(r, ev, "stack", ev->args[i]);
    for (uint32_t i = 0; strings; i++, strings >>= 1)
        if ((strings & 1) && id_find(&r->gen.string_ids, ev->args[i]) == UINT32_MAX)
            return lacks(r, ev, "string", ev->args[i]);
    return true;
}

static bool pass_on(struct gt_reader *r, struct event *ev) {
    if (ev->time <= r->last_time) {
        if (r->last_time == INT64_MAX)
            return gt_fail(r, "time", "time goes beyond 63 bits of nanoseconds");
        ev->time = r->last_time + 1;
    }
    if (r->events == 0)
        r->first_time = ev->time;
    r->last_time = ev->time;
    r->now = (double)((uint64_t)ev->time - (uint64_t)r->first_time);
    if (++r->events == 2)
        r->begins = r->now; /* a Sync's time is that of any batch, and a table's may be anything */
    r->counts[ev->type]++;
    for (uint32_t i = 0; i < r->told_n; i++)
        if (!r->told[i](r, ev))
            return false;
    return true;
}

bool gt_emit(struct gt_reader *r, struct event *ev) {
    if (!check_ids(r, ev))
        return false;
    if (r->nameless && ev->g != NO_ID && ev->type != TRACE_EV_CPU_SAMPLE && !gt_g_learn(r, ev))
        return false;
    return pass_on(r, ev);
}

/* extra[0] = 1: the clock snapshot of r->gen belongs to it. */
bool gt_emit_sync(struct gt_reader *r, bool with_clock, int64_t time) {
    struct event ev = {.type = EV_SYNC, .time = time, .m = NO_ID, .p = NO_ID, .g = NO_ID};
    ev.args[0] = ++r->syncs;
    ev.extra[0] = with_clock && r->gen.has_clock;
    ev.offset = r->at.offset;
    return pass_on(r, &ev);
}
