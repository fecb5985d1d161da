/* event.c: what an event tells, as Go's reader names it: its kind, its stack, the change of state. */
#include "base/reader.h"

/* Which argument (the first after dt is 1) is the stack of the event's own goroutine; 0 = none. */
static const uint8_t own_stack[TRACE_EV_LIMIT] = {
#define OWN(arg, at) (TRACE_ARG_##arg == TRACE_ARG_STACK) * (at)
#define TRACE_X(NAME, num, Name, since, form, start, n, a, b, c, d, e)                                                 \
    [num] = OWN(b, 1) + OWN(c, 2) + OWN(d, 3) + OWN(e, 4),
    TRACE_EVENTS(TRACE_X)
#undef TRACE_X
};

uint8_t gt_go_state_of(uint64_t gstatus) {
    switch (gstatus) {
    case TRACE_G_RUNNABLE:
        return GO_RUNNABLE;
    case TRACE_G_RUNNING:
        return GO_RUNNING;
    case TRACE_G_SYSCALL:
        return GO_SYSCALL;
    case TRACE_G_WAITING:
        return GO_WAITING;
    default:
        return GO_UNDETERMINED;
    }
}

uint8_t gt_proc_state_of(uint64_t pstatus) {
    switch (pstatus) {
    case TRACE_P_RUNNING:
    case TRACE_P_SYSCALL:
        return PROC_RUNNING;
    case TRACE_P_IDLE:
    case TRACE_P_SYSCALL_ABANDONED:
        return PROC_IDLE;
    default:
        return PROC_UNDETERMINED;
    }
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
    uint32_t at = own_stack[ev->type];
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
    bool own = false;
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
        own = true;
        break;
    case TRACE_EV_GO_SYSCALL_BEGIN:
        t = g_moves(ev->g, GO_RUNNING, GO_SYSCALL);
        own = true;
        break;
    case TRACE_EV_GO_STATUS:
    case TRACE_EV_GO_STATUS_STACK:
        t = g_moves(ev->args[0], (uint8_t)ev->extra[0], gt_go_state_of(ev->args[2]));
        own = true;
        break;
    default:
        return t;
    }
    if (own)
        t.stack = gt_stack_of(ev, &t.has_stack);
    return t;
}
