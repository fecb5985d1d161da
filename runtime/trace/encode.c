/* encode.c: the events as bytes, one function each. What each is about has its number and its time raised. (Go's
 * traceevent.go) */
#include "trace/trace.h"

/* One event about a G or P whose last event was at *last: later than that, also if the clock stands still (in pages
 * it moves in steps of 5 us) or another worker's lags behind. Go's reader needs it: when the earliest event cannot
 * be next yet, it passes over others of the same time. */
static void put(TraceBuf *b, uint8_t ev, int64_t *last, int nargs, const uint64_t *args) {
    int64_t now = rt_trace_now();
    if (now <= *last)
        now = *last + 1;
    if (now < b->last_ns)
        now = b->last_ns;
    *last = now;
    rt_buf_event(b, ev, now, nargs, args);
}

#define EV(b, ev, last, ...)                                                                                           \
    do {                                                                                                               \
        const uint64_t args_[] = {__VA_ARGS__};                                                                        \
        put((b), (ev), (last), sizeof args_ / sizeof *args_, args_);                                                   \
    } while (0)

void rt_ev_proc_status(TraceBuf *b, pTraceState *p, uint32_t status) {
    EV(b, TRACE_EV_PROC_STATUS, &p->ns, (uint64_t)p->id, status);
}
void rt_ev_proc_start(TraceBuf *b, pTraceState *p) { EV(b, TRACE_EV_PROC_START, &p->ns, (uint64_t)p->id, ++p->seq); }
void rt_ev_proc_stop(TraceBuf *b, pTraceState *p) { put(b, TRACE_EV_PROC_STOP, &p->ns, 0, NULL); }

void rt_ev_go_status(TraceBuf *b, gTraceState *t, uint64_t m, uint32_t status) {
    EV(b, TRACE_EV_GO_STATUS, &t->ns, t->goid, m, status);
}
void rt_ev_go_create(TraceBuf *b, gTraceState *t, uint32_t start_stack, uint32_t stack) {
    EV(b, TRACE_EV_GO_CREATE, &t->ns, t->goid, start_stack, stack);
}
void rt_ev_go_start(TraceBuf *b, gTraceState *t) { EV(b, TRACE_EV_GO_START, &t->ns, t->goid, ++t->seq); }
void rt_ev_go_stop(TraceBuf *b, gTraceState *t, uint32_t reason, uint32_t stack) {
    EV(b, TRACE_EV_GO_STOP, &t->ns, reason, stack);
}
void rt_ev_go_block(TraceBuf *b, gTraceState *t, uint32_t reason, uint32_t stack) {
    EV(b, TRACE_EV_GO_BLOCK, &t->ns, reason, stack);
}
void rt_ev_go_unblock(TraceBuf *b, gTraceState *t, uint32_t stack) {
    EV(b, TRACE_EV_GO_UNBLOCK, &t->ns, t->goid, ++t->seq, stack);
}
void rt_ev_go_destroy(TraceBuf *b, gTraceState *t) { put(b, TRACE_EV_GO_DESTROY, &t->ns, 0, NULL); }

/* Taking a P from a system call must be later than the beginning of the call and its return later than the taking,
 * whatever the clocks of the Ms: so these are events of both, the goroutine and the P. */
void rt_ev_go_syscall_begin(TraceBuf *b, gTraceState *t, pTraceState *p, uint32_t stack) {
    EV(b, TRACE_EV_GO_SYSCALL_BEGIN, &t->ns, ++p->seq, stack);
    p->ns = t->ns;
}
void rt_ev_go_syscall_end(TraceBuf *b, gTraceState *t, pTraceState *p) {
    put(b, TRACE_EV_GO_SYSCALL_END, &t->ns, 0, NULL);
    p->ns = t->ns;
}
void rt_ev_go_syscall_end_blocked(TraceBuf *b, gTraceState *t) {
    put(b, TRACE_EV_GO_SYSCALL_END_BLOCKED, &t->ns, 0, NULL);
}
void rt_ev_proc_steal(TraceBuf *b, pTraceState *p, mTraceState *from) {
    EV(b, TRACE_EV_PROC_STEAL, &p->ns, (uint64_t)p->id, ++p->seq, (uint64_t)from->id);
    from->stolen_ns = p->ns;
}
void rt_ev_stw_begin(TraceBuf *b, gTraceState *t, uint32_t reason, uint32_t stack) {
    EV(b, TRACE_EV_STW_BEGIN, &t->ns, TRACE_STR_STW + reason, stack);
}
void rt_ev_stw_end(TraceBuf *b, gTraceState *t) { put(b, TRACE_EV_STW_END, &t->ns, 0, NULL); }

void rt_ev_procs_change(TraceBuf *b, uint64_t procs, uint32_t stack) {
    int64_t none = 0;
    EV(b, TRACE_EV_PROCS_CHANGE, &none, procs, stack);
}

void rt_ev_go_create_blocked(TraceBuf *b, gTraceState *t, uint32_t start_stack, uint32_t stack) {
    EV(b, TRACE_EV_GO_CREATE_BLOCKED, &t->ns, t->goid, start_stack, stack);
}
void rt_ev_go_create_syscall(TraceBuf *b, gTraceState *t) { EV(b, TRACE_EV_GO_CREATE_SYSCALL, &t->ns, t->goid); }
void rt_ev_go_destroy_syscall(TraceBuf *b, gTraceState *t) { put(b, TRACE_EV_GO_DESTROY_SYSCALL, &t->ns, 0, NULL); }

/* Readers make three events of it, a nanosecond apart: `to` is unblocked, `from` blocks or ends, `to` starts. What
 * follows for either, or for the P, is later than the last. */
void rt_ev_go_switch(TraceBuf *b, gTraceState *from, gTraceState *to, pTraceState *p, bool destroy) {
    int64_t last = from->ns > to->ns ? from->ns : to->ns;
    EV(b, destroy ? TRACE_EV_GO_SWITCH_DESTROY : TRACE_EV_GO_SWITCH, &last, to->goid, ++to->seq);
    from->ns = to->ns = last + 2;
    if (p->ns < last + 2)
        p->ns = last + 2;
}
