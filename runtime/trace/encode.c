/* encode.c: the events as bytes, one function each. What each is about has its number, its time and how it stands
 * afterwards brought up to date. (Go's traceevent.go)
 */
#include "trace/trace.h"

/* When an event happens that is about a G or P whose last was at `last`: later than that, also if the clock stands
 * still (in pages it moves in steps of 5 us) or another worker's lags behind. Go's reader needs it: when the earliest
 * event cannot be next yet, it passes over others of the same time. */
static inline int64_t later(TraceBuf *b, int64_t last, int64_t now) {
    if (now <= last)
        now = last + 1;
    return now <= b->last_ns ? b->last_ns + 1 : now;
}

/* An event about what s tells of, at `clock` or later. Inline, so that nobody counts arguments while the program
 * runs. */
static inline __attribute__((always_inline)) void put_at(TraceBuf *b, uint8_t ev, TraceState *s, int64_t clock,
                                                         int nargs, const uint64_t *args) {
    rt_buf_prepare(b);
    s->ns = later(b, s->ns, clock);
    rt_buf_put(b, ev, s->ns, nargs, args);
}

#define EV(b, ev, s, ...)                                                                                              \
    do {                                                                                                               \
        const uint64_t args_[] = {__VA_ARGS__};                                                                        \
        put_at((b), (ev), (s), rt_trace_now(), sizeof args_ / sizeof *args_, args_);                                   \
    } while (0)
#define EV_ALONE(b, ev, s) put_at((b), (ev), (s), rt_trace_now(), 0, NULL)

static uint64_t next_seq(TraceState *s, TraceBuf *b) {
    uint64_t *seq = &s->seq[b->gen % 2];
    if (*seq >> 32 != b->gen)
        *seq = (uint64_t)b->gen << 32;
    *seq += 1;
    return (uint32_t)*seq;
}

static void stand(TraceState *s, TraceBuf *b, uint64_t m, uint32_t how) { rt_stand(s, b->gen, m, how); }
/* What was created in this generation has been, and who has stopped the world still has, whatever else it does. */
static void stand_g(gTraceState *t, TraceBuf *b, uint32_t how) {
    uint32_t old = (uint32_t)load_relaxed(TraceStood, &t->s.stood[b->gen % 4]);
    stand(&t->s, b, b->m, how | (old & (STOOD_STW | STOOD_CREATED | STOOD_RANGE)));
}
static void stand_p(pTraceState *p, TraceBuf *b, uint32_t how) { stand(&p->s, b, b->m, how); }
/* It stands as before, but for its range. */
static void stand_in_range(TraceState *s, TraceBuf *b, bool open) {
    TraceStood old = load_relaxed(TraceStood, &s->stood[b->gen % 4]);
    store_relaxed(TraceStood, &s->stood[b->gen % 4], open ? old | STOOD_RANGE : old & ~(TraceStood)STOOD_RANGE);
}

void rt_ev_proc_status(TraceBuf *b, pTraceState *p, uint64_t m, uint32_t how) {
    uint32_t status = how & STOOD_STATUS;
    EV(b, TRACE_EV_PROC_STATUS, &p->s, (uint64_t)p->id, status);
    if (how & STOOD_RANGE)
        EV(b, TRACE_EV_GC_SWEEP_ACTIVE, &p->s, (uint64_t)p->id);
    stand(&p->s, b, m, (status == TRACE_P_SYSCALL_ABANDONED ? TRACE_P_SYSCALL : status) | (how & STOOD_RANGE));
}
void rt_ev_proc_start(TraceBuf *b, pTraceState *p) {
    EV(b, TRACE_EV_PROC_START, &p->s, (uint64_t)p->id, next_seq(&p->s, b));
    stand_p(p, b, TRACE_P_RUNNING);
}
void rt_ev_proc_stop(TraceBuf *b, pTraceState *p) {
    EV_ALONE(b, TRACE_EV_PROC_STOP, &p->s);
    stand_p(p, b, TRACE_P_IDLE);
}

void rt_ev_go_status(TraceBuf *b, gTraceState *t, uint64_t m, uint32_t how) {
    EV(b, TRACE_EV_GO_STATUS, &t->s, t->goid, m, how & STOOD_STATUS);
    if (how & STOOD_RANGE)
        EV(b, TRACE_EV_GC_MARK_ASSIST_ACTIVE, &t->s, t->goid);
    stand(&t->s, b, m, how);
}
void rt_ev_go_create(TraceBuf *b, gTraceState *t, uint32_t start_stack, uint32_t stack) {
    EV(b, TRACE_EV_GO_CREATE, &t->s, t->goid, start_stack, stack);
    stand(&t->s, b, b->m, TRACE_G_RUNNABLE | STOOD_CREATED);
}
void rt_ev_go_create_blocked(TraceBuf *b, gTraceState *t, uint32_t start_stack, uint32_t stack) {
    EV(b, TRACE_EV_GO_CREATE_BLOCKED, &t->s, t->goid, start_stack, stack);
    stand(&t->s, b, b->m, TRACE_G_WAITING | STOOD_CREATED);
}
void rt_ev_go_create_syscall(TraceBuf *b, gTraceState *t) {
    EV(b, TRACE_EV_GO_CREATE_SYSCALL, &t->s, t->goid);
    stand(&t->s, b, b->m, TRACE_G_SYSCALL | STOOD_CREATED);
}
void rt_ev_go_start(TraceBuf *b, gTraceState *t, int64_t now) {
    const uint64_t args[] = {t->goid, next_seq(&t->s, b)};
    put_at(b, TRACE_EV_GO_START, &t->s, now, 2, args);
    stand_g(t, b, TRACE_G_RUNNING);
}
void rt_ev_go_stop(TraceBuf *b, gTraceState *t, uint32_t reason, uint32_t stack) {
    EV(b, TRACE_EV_GO_STOP, &t->s, reason, stack);
    stand_g(t, b, TRACE_G_RUNNABLE);
}
void rt_ev_go_block(TraceBuf *b, gTraceState *t, uint32_t reason, uint32_t stack) {
    EV(b, TRACE_EV_GO_BLOCK, &t->s, reason, stack);
    stand_g(t, b, TRACE_G_WAITING);
}
void rt_ev_go_unblock(TraceBuf *b, gTraceState *t, uint32_t stack) {
    EV(b, TRACE_EV_GO_UNBLOCK, &t->s, t->goid, next_seq(&t->s, b), stack);
    stand_g(t, b, TRACE_G_RUNNABLE);
}
void rt_ev_go_destroy(TraceBuf *b, gTraceState *t) {
    EV_ALONE(b, TRACE_EV_GO_DESTROY, &t->s);
    stand_g(t, b, 0);
}
void rt_ev_go_destroy_syscall(TraceBuf *b, gTraceState *t) {
    EV_ALONE(b, TRACE_EV_GO_DESTROY_SYSCALL, &t->s);
    stand_g(t, b, 0);
}

/* Taking a P from a system call must be later than the beginning of the call and its return later than the taking,
 * whatever the clocks of the Ms: so these are events of both, the goroutine and the P. */
void rt_ev_go_syscall_begin(TraceBuf *b, gTraceState *t, pTraceState *p, uint32_t stack) {
    EV(b, TRACE_EV_GO_SYSCALL_BEGIN, &t->s, next_seq(&p->s, b), stack);
    p->s.ns = t->s.ns;
    stand_g(t, b, TRACE_G_SYSCALL);
    stand_p(p, b, TRACE_P_SYSCALL);
}
void rt_ev_go_syscall_end(TraceBuf *b, gTraceState *t, pTraceState *p) {
    EV_ALONE(b, TRACE_EV_GO_SYSCALL_END, &t->s);
    p->s.ns = t->s.ns;
    stand_g(t, b, TRACE_G_RUNNING);
    stand_p(p, b, TRACE_P_RUNNING);
}
void rt_ev_go_syscall_end_blocked(TraceBuf *b, gTraceState *t) {
    EV_ALONE(b, TRACE_EV_GO_SYSCALL_END_BLOCKED, &t->s);
    stand_g(t, b, TRACE_G_RUNNABLE);
}
void rt_ev_proc_steal(TraceBuf *b, pTraceState *p, mTraceState *from) {
    EV(b, TRACE_EV_PROC_STEAL, &p->s, (uint64_t)p->id, next_seq(&p->s, b), (uint64_t)from->id);
    from->stolen_ns = p->s.ns;
    stand_p(p, b, TRACE_P_IDLE);
}
void rt_ev_stw_begin(TraceBuf *b, gTraceState *t, uint32_t reason, uint32_t stack) {
    EV(b, TRACE_EV_STW_BEGIN, &t->s, TRACE_STR_STW + reason, stack);
    stand_g(t, b, TRACE_G_RUNNING | (reason + 1) << STOOD_STW_SHIFT);
}
void rt_ev_stw_end(TraceBuf *b, gTraceState *t) {
    EV_ALONE(b, TRACE_EV_STW_END, &t->s);
    uint32_t old = (uint32_t)load_relaxed(TraceStood, &t->s.stood[b->gen % 4]);
    stand(&t->s, b, b->m, TRACE_G_RUNNING | (old & (STOOD_CREATED | STOOD_RANGE)));
}

/* They need nothing that readers know, so they may stand anywhere. */
void rt_ev_memory(TraceBuf *b, uint8_t ev, int nargs, const uint64_t *args) {
    TraceState none = {0};
    put_at(b, ev, &none, rt_trace_now(), nargs, args);
}

void rt_ev_procs_change(TraceBuf *b, uint64_t procs, uint32_t stack) {
    TraceState none = {0};
    EV(b, TRACE_EV_PROCS_CHANGE, &none, procs, stack);
}

/* Readers make three events of it, a nanosecond apart: `to` is unblocked, `from` blocks or ends, `to` starts. What
 * follows for either, or for the P, is later than the last. */
void rt_ev_go_switch(TraceBuf *b, gTraceState *from, gTraceState *to, pTraceState *p, bool destroy) {
    if (to->s.ns < from->s.ns)
        to->s.ns = from->s.ns;
    EV(b, destroy ? TRACE_EV_GO_SWITCH_DESTROY : TRACE_EV_GO_SWITCH, &to->s, to->goid, next_seq(&to->s, b));
    from->s.ns = to->s.ns += 2;
    if (p->s.ns < to->s.ns)
        p->s.ns = to->s.ns;
    stand_g(from, b, destroy ? 0 : TRACE_G_WAITING);
    stand_g(to, b, TRACE_G_RUNNING);
}

void rt_ev_go_label(TraceBuf *b, gTraceState *t, uint32_t label) { EV(b, TRACE_EV_GO_LABEL, &t->s, label); }
void rt_ev_task_begin(TraceBuf *b, gTraceState *t, uint64_t task, uint64_t parent, uint32_t name, uint32_t stack) {
    EV(b, TRACE_EV_USER_TASK_BEGIN, &t->s, task, parent, name, stack);
}
void rt_ev_task_end(TraceBuf *b, gTraceState *t, uint64_t task, uint32_t stack) {
    EV(b, TRACE_EV_USER_TASK_END, &t->s, task, stack);
}
void rt_ev_region_begin(TraceBuf *b, gTraceState *t, uint64_t task, uint32_t name, uint32_t stack) {
    EV(b, TRACE_EV_USER_REGION_BEGIN, &t->s, task, name, stack);
}
void rt_ev_region_end(TraceBuf *b, gTraceState *t, uint64_t task, uint32_t name, uint32_t stack) {
    EV(b, TRACE_EV_USER_REGION_END, &t->s, task, name, stack);
}
void rt_ev_log(TraceBuf *b, gTraceState *t, uint64_t task, uint32_t key, uint32_t value, uint32_t stack) {
    EV(b, TRACE_EV_USER_LOG, &t->s, task, key, value, stack);
}

void rt_ev_gc_begin(TraceBuf *b, gTraceState *t, uint64_t seq, uint32_t stack) {
    EV(b, TRACE_EV_GC_BEGIN, &t->s, seq, stack);
}
void rt_ev_gc_active(TraceBuf *b, gTraceState *t, uint64_t seq) { EV(b, TRACE_EV_GC_ACTIVE, &t->s, seq); }
void rt_ev_gc_end(TraceBuf *b, gTraceState *t, uint64_t seq) { EV(b, TRACE_EV_GC_END, &t->s, seq); }
void rt_ev_gc_mark_assist_begin(TraceBuf *b, gTraceState *t, uint32_t stack) {
    EV(b, TRACE_EV_GC_MARK_ASSIST_BEGIN, &t->s, stack);
    stand_in_range(&t->s, b, true);
}
void rt_ev_gc_mark_assist_end(TraceBuf *b, gTraceState *t) {
    EV_ALONE(b, TRACE_EV_GC_MARK_ASSIST_END, &t->s);
    stand_in_range(&t->s, b, false);
}
void rt_ev_gc_sweep_begin(TraceBuf *b, pTraceState *p, uint32_t stack) {
    EV(b, TRACE_EV_GC_SWEEP_BEGIN, &p->s, stack);
    stand_in_range(&p->s, b, true);
}
void rt_ev_gc_sweep_end(TraceBuf *b, pTraceState *p, uint64_t swept, uint64_t reclaimed) {
    EV(b, TRACE_EV_GC_SWEEP_END, &p->s, swept, reclaimed);
    stand_in_range(&p->s, b, false);
}
void rt_ev_heap_alloc(TraceBuf *b, pTraceState *p, uint64_t bytes) { EV(b, TRACE_EV_HEAP_ALLOC, &p->s, bytes); }
void rt_ev_heap_goal(TraceBuf *b, pTraceState *p, uint64_t bytes) { EV(b, TRACE_EV_HEAP_GOAL, &p->s, bytes); }
