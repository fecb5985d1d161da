/* emit.c: the way out of every event: ids checked, time made to grow, counted, passed to the dump and the validator. */
#include "reader.h"

enum arg_type {
#define TRACE_A(NAME, name, type) TYPE_OF_##NAME##_ = TRACE_TYPE_##type,
    TRACE_ARGS(TRACE_A)
#undef TRACE_A
};

/* Which arguments of an event (bit 0: the first after dt) are ids to look up. From the one table, at compile time. */
static const struct {
    uint8_t strings, stacks; /* sets of arguments */
    uint8_t own_stack;       /* the one that is the stack of the event's own goroutine, + 1; 0 = none */
} id_args[TRACE_EV_LIMIT] = {
#define IS(arg, type, bit) ((int)TYPE_OF_##arg##_ == (int)TRACE_TYPE_##type) << (bit)
#define OWN(arg, at) (TRACE_ARG_##arg == TRACE_ARG_STACK) * (at)
#define TRACE_X(NAME, num, Name, since, form, start, n, a, b, c, d, e)                                                 \
    [num] = {IS(b, STRING, 0) | IS(c, STRING, 1) | IS(d, STRING, 2) | IS(e, STRING, 3),                                \
             IS(b, STACK, 0) | IS(c, STACK, 1) | IS(d, STACK, 2) | IS(e, STACK, 3),                                    \
             OWN(b, 1) + OWN(c, 2) + OWN(d, 3) + OWN(e, 4)},
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
    r->events++;
    r->counts[ev->type]++;
    if (!(r->options & (GT_OPT_DUMP_GO | GT_OPT_DUMP_JSON | GT_OPT_VALIDATE | GT_OPT_STAT)))
        return true;
    if (r->options & GT_OPT_DUMP_GO)
        gt_dump_go(r, ev);
    if (r->options & GT_OPT_DUMP_JSON)
        gt_dump_json(r, ev);
    if (r->text.failed)
        return gt_fail_memory(r);
    if (r->summary && !gt_summary_event(r, ev))
        return false;
    return !r->validator || gt_validator_event(r, ev);
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

const char *gt_kind_of(uint8_t type) {
    switch (type) {
    case EV_SYNC:
        return "Sync";
    case TRACE_EV_CPU_SAMPLE:
        return "StackSample";
    case TRACE_EV_PROCS_CHANGE:
    case TRACE_EV_HEAP_ALLOC:
    case TRACE_EV_HEAP_GOAL:
        return "Metric";
    case TRACE_EV_GO_LABEL:
        return "Label";
    case TRACE_EV_STW_BEGIN:
    case TRACE_EV_GC_BEGIN:
    case TRACE_EV_GC_SWEEP_BEGIN:
    case TRACE_EV_GC_MARK_ASSIST_BEGIN:
        return "RangeBegin";
    case TRACE_EV_GC_ACTIVE:
    case TRACE_EV_GC_SWEEP_ACTIVE:
    case TRACE_EV_GC_MARK_ASSIST_ACTIVE:
        return "RangeActive";
    case TRACE_EV_STW_END:
    case TRACE_EV_GC_END:
    case TRACE_EV_GC_SWEEP_END:
    case TRACE_EV_GC_MARK_ASSIST_END:
        return "RangeEnd";
    case TRACE_EV_USER_TASK_BEGIN:
        return "TaskBegin";
    case TRACE_EV_USER_TASK_END:
        return "TaskEnd";
    case TRACE_EV_USER_REGION_BEGIN:
        return "RegionBegin";
    case TRACE_EV_USER_REGION_END:
        return "RegionEnd";
    case TRACE_EV_USER_LOG:
        return "Log";
    default:
        return type >= TRACE_EV_SPAN ? "Experimental" : "StateTransition";
    }
}

uint64_t gt_stack_of(const struct event *ev, bool *has) {
    *has = false;
    if (ev->type == EV_SYNC)
        return 0;
    if (ev->type == TRACE_EV_CPU_SAMPLE) {
        *has = true; /* an empty stack too: Go prints its heading */
        return ev->args[0];
    }
    uint32_t at = id_args[ev->type].own_stack;
    if (!at)
        return 0;
    *has = ev->args[at - 1] != 0;
    return ev->args[at - 1];
}

static struct transition g_moves(uint64_t id, uint8_t from, uint8_t to) {
    return (struct transition){.kind = 'G', .id = id, .from = from, .to = to};
}

static struct transition p_moves(uint64_t id, uint8_t from, uint8_t to) {
    return (struct transition){.kind = 'P', .id = id, .from = from, .to = to};
}

struct transition gt_transition_of(const struct event *ev) {
    struct transition t = {0};
    bool own_stack = false;
    switch (ev->type) {
    case TRACE_EV_PROC_START:
        return p_moves(ev->args[0], PROC_IDLE, PROC_RUNNING);
    case TRACE_EV_PROC_STOP:
        return p_moves(ev->p, PROC_RUNNING, PROC_IDLE);
    case TRACE_EV_PROC_STEAL:
        return p_moves(ev->args[0], ev->extra[0] == TRACE_P_SYSCALL_ABANDONED ? PROC_IDLE : PROC_RUNNING, PROC_IDLE);
    case TRACE_EV_PROC_STATUS:
        return p_moves(ev->args[0], (uint8_t)ev->extra[0], gt_proc_state_of(ev->args[1]));
    case TRACE_EV_GO_CREATE:
    case TRACE_EV_GO_CREATE_BLOCKED:
        t = g_moves(ev->args[0], GO_NOT_EXIST, ev->type == TRACE_EV_GO_CREATE ? GO_RUNNABLE : GO_WAITING);
        t.stack = ev->args[1];
        t.has_stack = true;
        return t;
    case TRACE_EV_GO_CREATE_SYSCALL:
        return g_moves(ev->args[0], GO_NOT_EXIST, GO_SYSCALL);
    case TRACE_EV_GO_START:
        return g_moves(ev->args[0], GO_RUNNABLE, GO_RUNNING);
    case TRACE_EV_GO_DESTROY:
        return g_moves(ev->g, GO_RUNNING, GO_NOT_EXIST);
    case TRACE_EV_GO_DESTROY_SYSCALL:
        return g_moves(ev->g, GO_SYSCALL, GO_NOT_EXIST);
    case TRACE_EV_GO_UNBLOCK:
    case TRACE_EV_GO_SWITCH:
    case TRACE_EV_GO_SWITCH_DESTROY:
        return g_moves(ev->args[0], GO_WAITING, GO_RUNNABLE);
    case TRACE_EV_GO_SYSCALL_END:
        return g_moves(ev->g, GO_SYSCALL, GO_RUNNING);
    case TRACE_EV_GO_SYSCALL_END_BLOCKED:
        return g_moves(ev->g, GO_SYSCALL, GO_RUNNABLE);
    case TRACE_EV_GO_STOP:
    case TRACE_EV_GO_BLOCK:
        t = g_moves(ev->g, GO_RUNNING, ev->type == TRACE_EV_GO_STOP ? GO_RUNNABLE : GO_WAITING);
        t.reason = ev->args[0];
        own_stack = true;
        break;
    case TRACE_EV_GO_SYSCALL_BEGIN:
        t = g_moves(ev->g, GO_RUNNING, GO_SYSCALL);
        own_stack = true;
        break;
    case TRACE_EV_GO_STATUS:
    case TRACE_EV_GO_STATUS_STACK:
        t = g_moves(ev->args[0], (uint8_t)ev->extra[0], gt_go_state_of(ev->args[2]));
        own_stack = true;
        break;
    default:
        return t;
    }
    if (own_stack)
        t.stack = gt_stack_of(ev, &t.has_stack);
    return t;
}
