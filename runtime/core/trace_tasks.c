/* trace_tasks.c: tasks, logs and labels. (Go's runtime/trace/annotation.go, traceruntime.go)
 *
 * Readers know tasks by their beginnings and ends, wherever those stand. If generations have been lost, they are told
 * which have begun and ended meanwhile: so while tracing the open ones are remembered by name, and those that have
 * ended until readers know of it.
 */
#include "core/trace_user.h"
#include <stdlib.h>

#define BUCKETS 256

typedef struct Task {
    struct Task *next;  /* in its bucket, or of those that have ended */
    gr_task id, parent; /* 0: none */
    gr_site *site;      /* where it began */
    TraceSpan span;
    char name[];
} Task;

static _Atomic uint64_t last_id;
static rt_mutex lock; /* RANK_TASKS */
static Task *open_tasks[BUCKETS];
static Task *ended;
static uint32_t tracing;            /* whose they are */
static _Atomic uint32_t told_first; /* the rt_trace_control.first whose readers know of all of them */

static void free_all(Task **list) {
    for (Task *t = *list, *next; t; t = next) {
        next = t->next;
        free(t);
    }
    *list = NULL;
}

static void write_begin(TraceBuf *b, G *g, Task *t) {
    t->span.begun = b->gen;
    rt_ev_task_begin(b, &g->trace, t->id, t->parent, rt_trace_string(b->gen, t->name), rt_trace_stack(b->gen, t->site));
}

/* What an earlier tracing has left. */
static void tidy(void) {
    if (tracing == rt_trace_control.tracing)
        return;
    tracing = rt_trace_control.tracing;
    for (int i = 0; i < BUCKETS; i++)
        free_all(&open_tasks[i]);
    free_all(&ended);
}

/* Tells of those from before the trace, whoever has something to say first. */
static void catch_up(TraceLocker l, G *g) {
    uint32_t first = rt_trace_control.first;
    if (__builtin_expect(load_relaxed(uint32_t, &told_first) == first, 1))
        return;
    rt_lock(&lock, RANK_TASKS);
    tidy();
    for (int i = 0; i < BUCKETS && told_first != first; i++)
        for (Task *t = open_tasks[i]; t; t = t->next)
            if (rt_span_is_before_trace(t->span))
                write_begin(rt_locker_buf(l), g, t);
    told_first = first;
    rt_unlock(&lock);
}

gr_task gr_task_begin_at(gr_task parent, const char *name, gr_site *site) {
    TraceLocker l = rt_user_acquire();
    if (!l.m)
        return 0;
    TraceBuf *b = rt_locker_buf(l);
    catch_up(l, l.m->curg);
    Task *t = rt_user_named(offsetof(Task, name), name);
    gr_task id = t->id = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
    t->parent = parent;
    t->site = site;
    t->span.ended = 0;
    write_begin(b, l.m->curg, t);
    rt_lock(&lock, RANK_TASKS);
    tidy();
    t->next = open_tasks[id % BUCKETS];
    open_tasks[id % BUCKETS] = t;
    rt_unlock(&lock);
    rt_trace_release(l);
    return id;
}

void gr_task_end_at(gr_task task, gr_site *site) {
    if (rt_user_off() || task == 0)
        return;
    TraceLocker l = rt_trace_acquire(port_get_m());
    if (!l.m)
        return;
    TraceBuf *b = rt_locker_buf(l);
    catch_up(l, l.m->curg);
    rt_ev_task_end(b, &l.m->curg->trace, task, rt_trace_stack(b->gen, site));
    rt_lock(&lock, RANK_TASKS);
    tidy();
    Task **at = &open_tasks[task % BUCKETS];
    while (*at && (*at)->id != task)
        at = &(*at)->next;
    Task *t = *at;
    if (t) {
        *at = t->next;
        t->span.ended = b->gen;
        if (rt_span_is_over(t->span, atomic_load(&rt_tracer.shown))) {
            free(t);
        } else {
            t->next = ended;
            ended = t;
        }
    }
    rt_unlock(&lock);
    rt_trace_release(l);
}

void gr_log_at(gr_task task, const char *key, const char *value, gr_site *site) {
    TraceLocker l = rt_user_acquire();
    if (!l.m)
        return;
    TraceBuf *b = rt_locker_buf(l);
    catch_up(l, l.m->curg);
    rt_regions_tidy(l, l.m->curg);
    rt_ev_log(b, &l.m->curg->trace, task, rt_trace_string(b->gen, key), rt_trace_string_once(b->gen, value),
              rt_trace_stack(b->gen, site));
    rt_trace_release(l);
}

void gr_label(const char *text) {
    if (rt_user_off() || !text || !*text) /* readers reject an empty one */
        return;
    TraceLocker l = rt_trace_acquire(port_get_m());
    if (!l.m)
        return;
    TraceBuf *b = rt_locker_buf(l);
    rt_regions_tidy(l, l.m->curg);
    rt_ev_go_label(b, &l.m->curg->trace, rt_trace_string(b->gen, text));
    rt_trace_release(l);
}

/* ---- lost generations ---------------------------------------------------------------------------------------- */

bool rt_tasks_differ(void) {
    uint32_t shown = atomic_load(&rt_tracer.shown);
    if (tracing != rt_trace_control.tracing)
        return false;
    for (Task *t = ended; t; t = t->next)
        if (rt_span_is_known_open(t->span, shown))
            return true;
    for (int i = 0; i < BUCKETS; i++)
        for (Task *t = open_tasks[i]; t; t = t->next)
            if (!rt_span_is_known_open(t->span, shown))
                return true;
    return false;
}

void rt_tasks_bridge(TraceBuf *b, G *g) {
    uint32_t shown = atomic_load(&rt_tracer.shown);
    for (Task *t = ended; t; t = t->next)
        if (rt_span_is_known_open(t->span, shown))
            rt_ev_task_end(b, &g->trace, t->id, 0);
    for (int i = 0; i < BUCKETS; i++)
        for (Task *t = open_tasks[i]; t; t = t->next)
            if (!rt_span_is_known_open(t->span, shown))
                write_begin(b, g, t);
}

void rt_tasks_clear(uint32_t shown) {
    rt_lock(&lock, RANK_TASKS);
    for (Task **at = &ended; *at;) {
        Task *t = *at;
        if (rt_span_is_over(t->span, shown)) {
            *at = t->next;
            free(t);
        } else {
            at = &t->next;
        }
    }
    rt_unlock(&lock);
}
