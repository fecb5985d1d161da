/*
 * order.c: which event may advance now; each kind has its handler in one of the files order_*.c.
 *
 * Go's rule (internal/trace/order.go): times are a hint; sequence numbers and the states of Gs, Ps and Ms decide. Each
 * handler answers ADV_YES (it happened), ADV_NO (not yet: another M's event has to come first) or ADV_BROKEN.
 * As in Go, an id that is all ones means none: a goroutine or P of that id can be told of, and never runs. The lanes of
 * the index are told of changes right here.
 */
#include "base/reader.h"

static bool ctx_part(struct gt_reader *r, uint64_t id, char want, const char *what) {
    if (want == '+' && id == NO_ID)
        return gt_fail(r, "context", "%e needs %s, and its thread has none", (int)r->at.ev, what);
    if (want == '-' && id != NO_ID)
        return gt_fail(r, "context", "%e must not have %s, and its thread has %u", (int)r->at.ev, what, id);
    return true;
}

/* Each of m, p, g: '+' must have, '-' must not have, '?' may have. */
bool gt_order_ctx(struct gt_reader *r, const struct event *ev, char m, char p, char g) {
    return ctx_part(r, ev->m, m, "a thread") && ctx_part(r, ev->p, p, "a P") && ctx_part(r, ev->g, g, "a goroutine");
}

static order_fn *const dispatch[TRACE_EV_LIMIT] = {
    [TRACE_EV_PROCS_CHANGE] = gt_order_annotation,
    [TRACE_EV_PROC_START] = gt_order_proc_start,
    [TRACE_EV_PROC_STOP] = gt_order_proc_stop,
    [TRACE_EV_PROC_STEAL] = gt_order_proc_steal,
    [TRACE_EV_PROC_STATUS] = gt_order_proc_status,
    [TRACE_EV_GO_CREATE] = gt_order_go_create,
    [TRACE_EV_GO_CREATE_SYSCALL] = gt_order_create_syscall,
    [TRACE_EV_GO_START] = gt_order_go_start,
    [TRACE_EV_GO_DESTROY] = gt_order_go_stop_exec,
    [TRACE_EV_GO_DESTROY_SYSCALL] = gt_order_destroy_syscall,
    [TRACE_EV_GO_STOP] = gt_order_go_stop_exec,
    [TRACE_EV_GO_BLOCK] = gt_order_go_stop_exec,
    [TRACE_EV_GO_UNBLOCK] = gt_order_go_unblock,
    [TRACE_EV_GO_SYSCALL_BEGIN] = gt_order_syscall_begin,
    [TRACE_EV_GO_SYSCALL_END] = gt_order_syscall_end,
    [TRACE_EV_GO_SYSCALL_END_BLOCKED] = gt_order_syscall_end_blocked,
    [TRACE_EV_GO_STATUS] = gt_order_go_status,
    [TRACE_EV_GO_STATUS_STACK] = gt_order_go_status,
    [TRACE_EV_GO_SWITCH] = gt_order_go_switch,
    [TRACE_EV_GO_SWITCH_DESTROY] = gt_order_go_switch,
    [TRACE_EV_GO_CREATE_BLOCKED] = gt_order_go_create,
    [TRACE_EV_STW_BEGIN] = gt_order_range_begin,
    [TRACE_EV_STW_END] = gt_order_range_end,
    [TRACE_EV_GC_ACTIVE] = gt_order_gc_active,
    [TRACE_EV_GC_BEGIN] = gt_order_gc_begin,
    [TRACE_EV_GC_END] = gt_order_gc_end,
    [TRACE_EV_GC_SWEEP_ACTIVE] = gt_order_sweep_active,
    [TRACE_EV_GC_SWEEP_BEGIN] = gt_order_sweep_begin,
    [TRACE_EV_GC_SWEEP_END] = gt_order_sweep_end,
    [TRACE_EV_GC_MARK_ASSIST_ACTIVE] = gt_order_range_active,
    [TRACE_EV_GC_MARK_ASSIST_BEGIN] = gt_order_range_begin,
    [TRACE_EV_GC_MARK_ASSIST_END] = gt_order_range_end,
    [TRACE_EV_HEAP_ALLOC] = gt_order_heap_metric,
    [TRACE_EV_HEAP_GOAL] = gt_order_heap_metric,
    [TRACE_EV_GO_LABEL] = gt_order_annotation,
    [TRACE_EV_USER_TASK_BEGIN] = gt_order_task_begin,
    [TRACE_EV_USER_TASK_END] = gt_order_task_end,
    [TRACE_EV_USER_REGION_BEGIN] = gt_order_region_begin,
    [TRACE_EV_USER_REGION_END] = gt_order_region_end,
    [TRACE_EV_USER_LOG] = gt_order_annotation,
    [TRACE_EV_SPAN] = gt_order_allocfree,
    [TRACE_EV_SPAN_ALLOC] = gt_order_allocfree,
    [TRACE_EV_SPAN_FREE] = gt_order_allocfree,
    [TRACE_EV_HEAP_OBJECT] = gt_order_allocfree,
    [TRACE_EV_HEAP_OBJECT_ALLOC] = gt_order_allocfree,
    [TRACE_EV_HEAP_OBJECT_FREE] = gt_order_allocfree,
    [TRACE_EV_GOROUTINE_STACK] = gt_order_allocfree,
    [TRACE_EV_GOROUTINE_STACK_ALLOC] = gt_order_allocfree,
    [TRACE_EV_GOROUTINE_STACK_FREE] = gt_order_allocfree,
};

enum advance gt_order_advance(struct gt_reader *r, struct cursor *c) {
    struct event *ev = &c->ev;
    if (r->order.first_gen == 0)
        r->order.first_gen = r->gen.gen;
    ev->m = c->mid;
    ev->p = ev->g = NO_ID;
    if (c->mid != NO_ID) {
        if (!c->m)
            c->m = gt_order_thread(r, c->mid);
        if (!c->m) {
            gt_fail_memory(r);
            return ADV_BROKEN;
        }
        if (gt_is_part(r) && ev->type != TRACE_EV_PROC_STATUS && ev->type != TRACE_EV_GO_STATUS &&
            ev->type != TRACE_EV_GO_STATUS_STACK)
            gt_part_thread(c->m);
        ev->p = c->m->p;
        ev->g = c->m->g;
    }
    return dispatch[ev->type](r, ev, c->m); /* next_event lets only timed events through; each has a row */
}
