/*
 * gather.c: every event of the pass: where each goroutine's time went, by the rules of Go's own summary
 * (internal/trace/summary.go): what is known only from a generation's start counts from there; a P taken away during a
 * system call makes the rest of it blocked time; who waits forever is gone. tell/summary.c sums by the same rules
 * without a window; a test compares the two.
 */
#include "analyse/analyse.h"

#include <math.h>

struct analysis *gt_analysis_open(void) {
    struct analysis *a = gt_alloc(sizeof *a);
    if (a)
        a->t1 = INFINITY;
    return a;
}

void gt_analysis_close(struct analysis *a) {
    if (!a)
        return;
    for (uint32_t i = 0; i < a->gos.n; i++) {
        for (int k = 0; k < AN_DISTS; k++)
            gt_dist_close(&a->gos.p[i].dist[k]);
        VEC_FREE(&a->gos.p[i].regions);
    }
    VEC_FREE(&a->gos);
    VEC_FREE(&a->reasons);
    VEC_FREE(&a->waits);
    VEC_FREE(&a->rows);
    VEC_FREE(&a->stacks.nodes);
    VEC_FREE(&a->stacks.by_local);
    VEC_FREE(&a->blocking.list);
    VEC_FREE(&a->blocking.early);
    VEC_FREE(&a->marks.tasks);
    VEC_FREE(&a->marks.regions);
    VEC_FREE(&a->marks.region_waits);
    VEC_FREE(&a->marks.had);
    VEC_FREE(&a->marks.logs);
    VEC_FREE(&a->collect.stw);
    VEC_FREE(&a->collect.gc);
    VEC_FREE(&a->collect.ops);
    VEC_FREE(&a->odd.convoys);
    struct map *maps[] = {&a->go_ids,          &a->wait_ids,       &a->syscalling,      &a->stacks.by_edge,
                          &a->blocking.by_key, &a->marks.task_ids, &a->collect.working, &a->odd.busy_ps,
                          &a->odd.by_node,     &a->odd.by_site};
    for (uint32_t i = 0; i < sizeof maps / sizeof *maps; i++)
        gt_map_free(maps[i]);
    gt_free(a, sizeof *a);
}

void gt_analyse_window(gt_reader *r, double t0, double t1) {
    if (!r->analysis)
        return;
    r->analysis->t0 = t0 > 0 ? t0 : 0;
    r->analysis->t1 = t1;
}

uint32_t gt_an_go(struct analysis *a, uint64_t id) { return id == NO_ID ? 0 : gt_map_get(&a->go_ids, id); }

uint64_t gt_an_part(const struct analysis *a, uint64_t from, uint64_t to) {
    if (from < a->w0)
        from = a->w0;
    if (to > a->w1)
        to = a->w1;
    return to > from ? to - from : 0;
}

static uint32_t go_new(struct analysis *a, uint64_t id, uint64_t now) {
    if (!VEC_ROOM(&a->gos, a->gos.n + 1) || !gt_map_set(&a->go_ids, id, a->gos.n + 1))
        return 0;
    a->gos.p[a->gos.n] = (struct an_go){.id = id, .created = now, .syscall_p = NO_ID};
    return ++a->gos.n;
}

bool gt_an_has(const struct lasting_string *s, const char *what) {
    uint32_t n = (uint32_t)strlen(what);
    for (uint32_t i = 0; i + n <= s->n; i++)
        if (memcmp(s->p + i, what, n) == 0)
            return true;
    return false;
}

bool gt_an_is(const struct lasting_string *s, const char *what) { return s->n == strlen(what) && gt_an_has(s, what); }

uint8_t gt_an_reason(struct gt_reader *r, uint32_t reason) {
    struct analysis *a = r->analysis;
    uint32_t n = r->intern.strings.n;
    if (reason >= a->reasons.n) {
        if (!VEC_ROOM(&a->reasons, n))
            return 0;
        memset(a->reasons.p + a->reasons.n, 0, n - a->reasons.n);
        a->reasons.n = n;
    }
    uint8_t *known = &a->reasons.p[reason];
    if (!*known) {
        const struct lasting_string *s = &r->intern.strings.p[reason];
        *known = REASON_KNOWN | (gt_an_is(s, "forever") ? REASON_FOREVER : 0) |
                 (gt_an_is(s, "sync") ? REASON_LOCK : 0) |
                 (gt_an_is(s, "network")                                                   ? REASON_NET
                  : gt_an_has(s, "chan") || gt_an_has(s, "sync") || gt_an_has(s, "select") ? REASON_SYNC
                                                                                           : 0);
    }
    return *known;
}

/* The goroutine's an_wait for a reason, index + 1; 0 = out of memory. */
static uint32_t wait_of(struct analysis *a, struct an_go *g, uint32_t reason) {
    uint32_t i = g->waits;
    for (uint32_t k = 0; i && k < AN_LOOK; k++, i = a->waits.p[i - 1].next)
        if (a->waits.p[i - 1].reason == reason)
            return i;
    uint64_t key = (uint64_t)(g - a->gos.p) << 32 | reason;
    i = i ? gt_map_get(&a->wait_ids, key) : 0;
    if (i)
        return i;
    if (!VEC_ROOM(&a->waits, a->waits.n + 1) || !gt_map_set(&a->wait_ids, key, a->waits.n + 1))
        return 0;
    a->waits.p[a->waits.n] = (struct an_wait){.reason = reason, .next = g->waits};
    return g->waits = ++a->waits.n;
}

static void waited(struct an_wait *w, uint64_t ns) {
    w->ns += ns;
    w->count += ns > 0;
}

/* A piece of the goroutine's life has ended. */
static bool length(struct analysis *a, struct an_go *g, enum an_kind kind, uint64_t now) {
    uint64_t ns = gt_an_part(a, g->from, now);
    return !ns || gt_dist_add(&g->dist[kind], ns);
}

void gt_an_settled(const struct analysis *a, const struct an_go *g, uint64_t now, uint64_t ns[AN_KINDS]) {
    memcpy(ns, g->ns, sizeof g->ns);
    uint64_t part = g->since ? gt_an_part(a, g->since, now) : 0;
    switch (g->state) {
    case GO_RUNNING:
        ns[AN_RUNNING] += part;
        break;
    case GO_RUNNABLE:
        ns[AN_RUNNABLE] += part;
        break;
    case GO_WAITING:
        ns[AN_WAITING] += part;
        break;
    case GO_SYSCALL:
        ns[AN_SYSCALL] += part;
        ns[AN_RUNNABLE] += g->lost_p ? gt_an_part(a, g->lost_p, now) : 0; /* Go counts it so too */
        break;
    default:
        break;
    }
}

static bool leave_waiting(struct gt_reader *r, struct an_go *g, const struct event *ev, uint32_t node, uint64_t part) {
    struct analysis *a = r->analysis;
    g->ns[AN_WAITING] += part;
    if (g->wait)
        waited(&a->waits.p[g->wait - 1], part);
    if (g->lock)
        gt_odd_unlock(r, g, (uint64_t)ev->time, ev->g, node);
    return length(a, g, AN_WAITING, (uint64_t)ev->time);
}

/* Its time in the state it is in now counts; the event's own stack is at `node`. */
static bool leave(struct gt_reader *r, uint32_t go, uint8_t to, const struct event *ev, uint32_t node) {
    struct analysis *a = r->analysis;
    struct an_go *g = &a->gos.p[go];
    uint64_t now = (uint64_t)ev->time;
    uint64_t part = g->since ? gt_an_part(a, g->since, now) : 0;
    switch (g->state) {
    case GO_RUNNING:
        g->ns[AN_RUNNING] += part;
        return length(a, g, AN_RUNNING, now);
    case GO_RUNNABLE:
        a->odd.queued--;
        gt_odd_idle(r, now);
        g->ns[AN_RUNNABLE] += part;
        if (to == GO_RUNNING && gt_odd_ranks(&a->odd, ODD_WAIT, now - g->from))
            gt_odd_keep(
                r, ODD_WAIT,
                (struct odd_row){.start = g->from, .end = now, .rank = now - g->from, .go = go + 1, .node = g->node});
        return length(a, g, AN_RUNNABLE, now);
    case GO_WAITING:
        return leave_waiting(r, g, ev, node, part);
    case GO_SYSCALL:
        g->ns[AN_SYSCALL] += gt_an_part(a, g->since, g->lost_p ? g->lost_p : now);
        g->ns[AN_SYSCALL_BLOCKED] += g->lost_p ? gt_an_part(a, g->lost_p, now) : 0;
        g->lost_p = 0;
        gt_map_delete(&a->syscalling, g->syscall_p);
        return length(a, g, AN_SYSCALL, now);
    default:
        return true;
    }
}

/* The goroutine is gone, or waits forever. */
static bool over(struct gt_reader *r, uint32_t go, uint64_t now) {
    struct analysis *a = r->analysis;
    struct an_go *g = &a->gos.p[go];
    g->ended = now;
    g->since = 0;
    if (g->assist_since)
        g->assist_ns += gt_an_part(a, g->assist_since, now);
    g->assist_since = 0;
    return gt_an_marks_over(r, go, now, false);
}

static bool enter_waiting(struct gt_reader *r, uint32_t go, uint32_t reason, uint64_t now) {
    struct analysis *a = r->analysis;
    struct an_go *g = &a->gos.p[go];
    uint8_t means = gt_an_reason(r, reason);
    if (means & REASON_FOREVER) {
        g->wait = 0;
        return over(r, go, now);
    }
    g->wait = wait_of(a, g, reason);
    return means && g->wait && (!(means & REASON_LOCK) || gt_odd_lock(r, g, now));
}

static bool enter(struct gt_reader *r, uint32_t go, const struct event *ev, uint8_t to, uint32_t reason) {
    struct analysis *a = r->analysis;
    struct an_go *g = &a->gos.p[go];
    uint64_t now = (uint64_t)ev->time;
    g->state = to;
    g->since = now;
    switch (to) {
    case GO_RUNNING:
        if (!g->started) {
            g->started = now;
            gt_blocking_started(r, go);
        }
        return true;
    case GO_RUNNABLE:
        a->odd.queued++;
        gt_odd_idle(r, now);
        return true;
    case GO_WAITING:
        return enter_waiting(r, go, reason, now);
    case GO_NOT_EXIST:
        return over(r, go, now);
    case GO_SYSCALL:
        g->syscall_p = ev->p;
        return gt_map_set(&a->syscalling, ev->p, go + 1);
    default:
        return true;
    }
}

/* First seen in a state it was in before: the time since the generation's start counts for it. */
static bool was_already(struct analysis *a, struct an_go *g, const struct event *ev, uint8_t to, uint32_t reason) {
    uint64_t part = gt_an_part(a, a->sync, (uint64_t)ev->time);
    g->from = a->sync;
    switch (to) {
    case GO_RUNNING:
        g->ns[AN_RUNNING] += part;
        return true;
    case GO_RUNNABLE:
        g->ns[AN_RUNNABLE] += part;
        return true;
    case GO_WAITING:
        g->ns[AN_WAITING] += part;
        g->wait = wait_of(a, g, reason);
        if (g->wait)
            a->waits.p[g->wait - 1].ns += part;
        return g->wait != 0;
    case GO_SYSCALL:
        g->ns[ev->p == NO_ID ? AN_SYSCALL_BLOCKED : AN_SYSCALL] += part;
        return true;
    default:
        return true;
    }
}

/* The life that a transition is about, made when it begins; index + 1. 0 = unknown, UINT32_MAX = out of memory. */
static uint32_t life(struct gt_reader *r, const struct event *ev, const struct transition *x, uint32_t reason) {
    struct analysis *a = r->analysis;
    uint32_t creator = x->from == GO_NOT_EXIST ? gt_an_go(a, ev->g) : 0;
    if (x->from != GO_UNDETERMINED && x->from != GO_NOT_EXIST)
        return gt_an_go(a, x->id);
    uint32_t go = go_new(a, x->id, x->from == GO_NOT_EXIST ? (uint64_t)ev->time : a->sync);
    if (!go)
        return UINT32_MAX;
    struct an_go *g = &a->gos.p[go - 1];
    g->creator = creator;
    g->begun = x->from == GO_NOT_EXIST;
    g->from = (uint64_t)ev->time;
    return x->from == GO_NOT_EXIST || was_already(a, g, ev, x->to, reason) ? go : UINT32_MAX;
}

static bool go_moves(struct gt_reader *r, const struct event *ev, struct transition x) {
    struct analysis *a = r->analysis;
    uint32_t reason = x.to == GO_WAITING ? gt_lasting_of(r, x.reason) : 0; /* of others nothing is made */
    uint32_t go = reason == UINT32_MAX ? UINT32_MAX : x.from == x.to ? gt_an_go(a, x.id) : life(r, ev, &x, reason);
    if (go == UINT32_MAX)
        return false;
    if (!go--)
        return true;
    bool has_stack;
    uint64_t stack = gt_stack_of(ev, &has_stack);
    /* Of who is told of once more, as all that wait are in each generation, nothing begins. */
    bool begins = x.from != x.to || (x.to != GO_WAITING && !a->gos.p[go].track);
    uint32_t node = has_stack && begins ? gt_an_node(r, stack) : 0;
    if (node == UINT32_MAX || !gt_blocking_moves(r, go, x.to, reason, (uint64_t)ev->time, node))
        return false;
    if (x.from == x.to)
        return true;
    bool lived = x.from != GO_UNDETERMINED && x.from != GO_NOT_EXIST;
    if (lived && !leave(r, go, x.to, ev, node))
        return false;
    struct an_go *g = &a->gos.p[go];
    g->node = node;
    uint32_t name = g->name ? g->name : gt_root_of(r, x.stack);
    if (name == UINT32_MAX)
        return false;
    g->name = name;
    if (x.from == GO_NOT_EXIST)
        g->create_node = node;
    if (x.from != GO_UNDETERMINED)
        g->from = (uint64_t)ev->time;
    int executes = (x.to == GO_RUNNING || x.to == GO_SYSCALL) - (x.from == GO_RUNNING || x.from == GO_SYSCALL);
    if (executes && !gt_collect_executes(r, x.id, ev, (int8_t)executes))
        return false;
    return enter(r, go, ev, x.to, reason);
}

/* A P that goes idle while its goroutine is in a system call: the rest of that is blocked time. */
static bool proc_moves(struct gt_reader *r, const struct event *ev, struct transition x) {
    struct analysis *a = r->analysis;
    uint32_t i = x.from != x.to && x.to == PROC_IDLE ? gt_map_get(&a->syscalling, x.id) : 0;
    if (i) {
        a->gos.p[i - 1].lost_p = (uint64_t)ev->time;
        gt_map_delete(&a->syscalling, x.id);
    }
    return gt_odd_proc(r, ev, x);
}

static uint64_t absolute(const struct gt_reader *r, double t) {
    double most = (double)(INT64_MAX - 1024) - (double)r->first_time;
    return t >= most ? UINT64_MAX : (uint64_t)r->first_time + (uint64_t)t;
}

static bool gather(struct gt_reader *r, const struct event *ev) {
    if (ev->type >= TRACE_EV_STW_BEGIN && ev->type <= TRACE_EV_GO_LABEL)
        return gt_collect_event(r, ev);
    if (ev->type >= TRACE_EV_USER_TASK_BEGIN && ev->type <= TRACE_EV_USER_LOG)
        return gt_an_marks_event(r, ev);
    if (ev->type == TRACE_EV_PROCS_CHANGE)
        return gt_collect_procs(r, ev);
    if (ev->type == TRACE_EV_CPU_SAMPLE) {
        uint32_t go = gt_an_go(r->analysis, ev->g);
        return !go || gt_blocking_sample(r, go - 1, ev->args[0]);
    }
    struct transition x = gt_transition_of(ev);
    return x.kind == 'G' ? go_moves(r, ev, x) : x.kind != 'P' || proc_moves(r, ev, x);
}

bool gt_analysis_event(struct gt_reader *r, const struct event *ev) {
    struct analysis *a = r->analysis;
    if (a->sync == 0) {
        a->w0 = a->t0 > 0 ? absolute(r, a->t0) : 0;
        a->w1 = absolute(r, a->t1);
    }
    if (a->sync == 0 || ev->type == EV_SYNC)
        a->sync = (uint64_t)ev->time;
    a->last = (uint64_t)ev->time;
    return gather(r, ev) || gt_fail_memory(r);
}

/* The trace is over, or as far as it will be read: what goes on is closed. */
bool gt_an_finish(struct gt_reader *r) {
    struct analysis *a = r->analysis;
    if (a->finished)
        return true;
    a->finished = true;
    if (!gt_odd_leaks(r))
        return false;
    for (uint32_t i = 0; i < a->gos.n; i++) {
        struct an_go *g = &a->gos.p[i];
        if (g->state == GO_RUNNABLE)
            gt_odd_keep(
                r, ODD_WAIT,
                (struct odd_row){
                    .start = g->from, .end = a->last, .rank = a->last - g->from, .go = i + 1, .node = g->node, .a = 1});
        /* Who waits to the end has waited. Profiles leave that out, as Go's do (blocking.c). */
        bool waits = g->since && g->state == GO_WAITING;
        if (waits && g->wait)
            waited(&a->waits.p[g->wait - 1], gt_an_part(a, g->since, a->last));
        if ((waits && !length(a, g, AN_WAITING, a->last)) || !gt_an_marks_over(r, i, a->last, true))
            return false;
        for (int k = 0; k < AN_DISTS; k++)
            gt_dist_order(&g->dist[k]);
        if (!g->ended && g->assist_since)
            g->assist_ns += gt_an_part(a, g->assist_since, a->last);
        gt_an_settled(a, g, a->last, g->ns);
        g->since = 0;
    }
    gt_odd_finish(r);
    return gt_blocking_finish(r);
}
