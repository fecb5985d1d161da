/*
 * summary.c: where the time of every goroutine went, by the rules of Go's own summary (internal/trace/summary.go), so
 * that the figures are Go's: what is known only from a generation's start counts from there; a P taken away during a
 * syscall makes the rest of it blocked time; who waits forever is gone.
 *
 * Beyond Go's: totals of GC, stops of the world, sweeps, and how long goroutines were runnable before they ran.
 * Differs: a goroutine id that comes back (callbacks from C) is a new life in the list, where Go forgets the old one.
 */
#include "tell/summary.h"

struct summary *gt_summary_open(void) {
    return gt_alloc(sizeof(struct summary));
}

void gt_summary_close(struct summary *s) {
    if (!s)
        return;
    for (uint32_t i = 0; i < s->list.n; i++) {
        VEC_FREE(&s->list.p[i].waits);
        VEC_FREE(&s->list.p[i].ranges);
    }
    VEC_FREE(&s->list);
    VEC_FREE(&s->stw);
    gt_map_free(&s->gs);
    gt_map_free(&s->syscalling);
    gt_map_free(&s->sweeping);
    gt_free(s, sizeof *s);
}

uint32_t gt_latency_bucket(uint64_t ns) {
    uint32_t shift = 0;
    while (ns >> shift >= 2 * LATENCY_STEPS)
        shift++;
    return shift * LATENCY_STEPS + (uint32_t)(ns >> shift);
}

uint64_t gt_latency_most(uint32_t bucket) {
    if (bucket < 2 * LATENCY_STEPS)
        return bucket;
    uint32_t shift = bucket / LATENCY_STEPS - 1;
    return ((uint64_t)(bucket - shift * LATENCY_STEPS + 1) << shift) - 1;
}

static struct g_sum *g_of(struct summary *s, uint64_t id) {
    uint32_t i = id == NO_ID ? 0 : gt_map_get(&s->gs, id);
    return i ? &s->list.p[i - 1] : NULL;
}

/* A new life; NULL = out of memory. */
static struct g_sum *g_new(struct summary *s, uint64_t id, uint64_t now) {
    if (!VEC_ROOM(&s->list, s->list.n + 1) || !gt_map_set(&s->gs, id, s->list.n + 1))
        return NULL;
    s->list.p[s->list.n] = (struct g_sum){.id = id, .created = now, .syscall_p = NO_ID};
    return &s->list.p[s->list.n++];
}

static bool wait_add(struct g_sum *g, uint32_t reason, uint64_t ns) {
    uint32_t i = 0;
    while (i < g->waits.n && g->waits.p[i].reason != reason)
        i++;
    if (i == MAX_WORDS) {
        i = 0; /* nobody has so many reasons: at least the sum is right */
    } else if (i == g->waits.n) {
        if (!VEC_ROOM(&g->waits, i + 1))
            return false;
        g->waits.p[g->waits.n++] = (struct wait_sum){reason, 0};
    }
    g->waits.p[i].ns += ns;
    return true;
}

/* The entry of a range, made when it is new; NULL = out of memory. */
static struct range_sum *range_of(struct g_sum *g, uint8_t type, uint32_t kind) {
    for (uint32_t i = 0; i < g->ranges.n; i++)
        if (g->ranges.p[i].type == type && g->ranges.p[i].kind == kind)
            return &g->ranges.p[i];
    if (g->ranges.n == MAX_WORDS)
        return &g->ranges.p[0];
    if (!VEC_ROOM(&g->ranges, g->ranges.n + 1))
        return NULL;
    g->ranges.p[g->ranges.n] = (struct range_sum){.type = type, .kind = kind};
    return &g->ranges.p[g->ranges.n++];
}

/* The goroutine is gone (or waits forever): what goes on ends now. */
static void g_over(struct g_sum *g, uint64_t now) {
    g->ended = now;
    if (g->total == 0)
        g->total = now - g->created;
    for (uint32_t i = 0; i < g->ranges.n; i++) {
        if (g->ranges.p[i].since)
            g->ranges.p[i].ns += now - g->ranges.p[i].since;
        g->ranges.p[i].since = 0;
    }
    g->in_exec = g->in_runnable = g->in_block = g->in_syscall = g->in_syscall_block = 0;
}

/* First seen in a state it was in before: the time since the generation's start counts for it. */
static bool was_already(struct summary *s, struct g_sum *g, const struct event *ev, uint8_t to, uint32_t reason) {
    uint64_t ns = ev->time - s->sync;
    switch (to) {
    case GO_RUNNING:
        g->exec += ns;
        return true;
    case GO_RUNNABLE:
        g->runnable += ns;
        return true;
    case GO_WAITING:
        return wait_add(g, reason, ns);
    case GO_SYSCALL:
        *(ev->p == NO_ID ? &g->syscall_block : &g->syscall) += ns;
        return true;
    default:
        return true;
    }
}

static void latency(struct summary *s, uint64_t ns) {
    s->latencies++;
    s->latency_sum += ns;
    if (ns > s->latency_max)
        s->latency_max = ns;
    s->latency[gt_latency_bucket(ns)]++;
}

static void leave_syscall(struct summary *s, struct g_sum *g, uint64_t now) {
    if (!g->in_syscall)
        return;
    if (g->in_syscall_block) {
        g->syscall_block += now - g->in_syscall_block;
        g->syscall += g->in_syscall_block - g->in_syscall;
    } else {
        g->syscall += now - g->in_syscall;
    }
    g->in_syscall = g->in_syscall_block = 0;
    gt_map_delete(&s->syscalling, g->syscall_p);
}

static bool leave(struct summary *s, struct g_sum *g, uint8_t from, uint8_t to, uint64_t now) {
    switch (from) {
    case GO_RUNNING:
        g->exec += now - g->in_exec;
        g->in_exec = 0;
        return true;
    case GO_WAITING:
        if (g->in_block && !wait_add(g, g->block_reason, now - g->in_block))
            return false;
        g->in_block = 0;
        return true;
    case GO_RUNNABLE:
        if (g->in_runnable) {
            g->runnable += now - g->in_runnable;
            if (to == GO_RUNNING)
                latency(s, now - g->in_runnable);
        }
        g->in_runnable = 0;
        return true;
    case GO_SYSCALL:
        leave_syscall(s, g, now);
        return true;
    default:
        return true;
    }
}

static bool enter(struct gt_reader *r, struct g_sum *g, const struct event *ev, uint8_t to, uint32_t reason) {
    struct summary *s = r->summary;
    switch (to) {
    case GO_RUNNING:
        g->in_exec = ev->time;
        if (!g->started)
            g->started = ev->time;
        return true;
    case GO_RUNNABLE:
        g->in_runnable = ev->time;
        return true;
    case GO_WAITING: {
        const struct lasting_string *w = &r->intern.strings.p[reason];
        if (w->n == 7 && memcmp(w->p, "forever", 7) == 0) {
            g_over(g, ev->time);
            return true;
        }
        g->in_block = ev->time;
        g->block_reason = reason;
        return wait_add(g, reason, 0);
    }
    case GO_NOT_EXIST:
        g_over(g, ev->time);
        return true;
    case GO_SYSCALL:
        g->in_syscall = ev->time;
        g->syscall_p = ev->p;
        return gt_map_set(&s->syscalling, ev->p, (uint32_t)(g - s->list.p) + 1);
    default:
        return true;
    }
}

static bool go_moves(struct gt_reader *r, const struct event *ev, struct transition x) {
    struct summary *s = r->summary;
    if (x.from == x.to)
        return true;
    uint32_t reason = gt_lasting_of(r, x.reason);
    if (reason == UINT32_MAX)
        return false;
    struct g_sum *g;
    if (x.from == GO_UNDETERMINED) {
        g = g_new(s, x.id, s->sync);
        if (!g || !was_already(s, g, ev, x.to, reason))
            return false;
    } else if (x.from == GO_NOT_EXIST) {
        g = g_new(s, x.id, ev->time);
    } else {
        g = g_of(s, x.id);
        if (!g)
            return true;
        if (!leave(s, g, x.from, x.to, ev->time))
            return false;
    }
    if (!g)
        return false;
    if (!g->name) {
        g->name = gt_root_of(r, x.stack);
        if (g->name == UINT32_MAX) {
            g->name = 0;
            return false;
        }
    }
    return enter(r, g, ev, x.to, reason);
}

/* A P that goes idle while its goroutine is in a syscall: the rest of that is blocked time. */
static void proc_moves(struct summary *s, const struct event *ev, struct transition x) {
    if (x.from == x.to || x.to != PROC_IDLE)
        return;
    uint32_t i = gt_map_get(&s->syscalling, x.id);
    if (!i)
        return;
    s->list.p[i - 1].in_syscall_block = ev->time;
    gt_map_delete(&s->syscalling, x.id);
}

static bool stw_add(struct summary *s, uint32_t kind, uint64_t ns) {
    uint32_t i = 0;
    while (i < s->stw.n && s->stw.p[i].kind != kind)
        i++;
    if (i == MAX_WORDS) {
        i = 0;
    } else if (i == s->stw.n) {
        if (!VEC_ROOM(&s->stw, i + 1))
            return false;
        s->stw.p[s->stw.n++] = (struct stw_sum){.kind = kind};
    }
    struct stw_sum *w = &s->stw.p[i];
    w->count++;
    w->ns += ns;
    if (ns > w->max_ns)
        w->max_ns = ns;
    return true;
}

static void gc_phase(struct summary *s, const struct event *ev) {
    if (ev->type == TRACE_EV_GC_END) {
        s->gcs++;
        s->gc_ns += s->gc_since ? ev->time - s->gc_since : 0;
        s->gc_since = 0;
    } else if (!s->gc_since) {
        s->gc_since = ev->type == TRACE_EV_GC_ACTIVE ? s->sync : (uint64_t)ev->time;
    }
}

static bool range_ends(struct summary *s, const struct event *ev, uint8_t type, uint32_t kind, struct g_sum *g) {
    if (type == TRACE_EV_GC_SWEEP_BEGIN) {
        s->sweeps++;
        s->swept += ev->args[0];
        s->reclaimed += ev->args[1];
        uint32_t i = gt_map_get(&s->sweeping, ev->p);
        gt_map_delete(&s->sweeping, ev->p);
        if (!g || i == 0 || &s->list.p[i - 1] != g)
            return true; /* it ends on another goroutine than it began on: whose was it */
    }
    struct range_sum *x = g ? range_of(g, type, kind) : NULL;
    if (!x)
        return !g;
    if (!x->since)
        return true;
    uint64_t ns = ev->time - x->since;
    x->ns += ns;
    x->since = 0;
    if (type == TRACE_EV_GC_MARK_ASSIST_BEGIN) {
        s->assists++;
        s->assist_ns += ns;
    }
    return type != TRACE_EV_STW_BEGIN || stw_add(s, kind, ns);
}

static bool range(struct gt_reader *r, const struct event *ev) {
    struct summary *s = r->summary;
    uint8_t type = gt_trace_event_table[ev->type].start ? gt_trace_event_table[ev->type].start : ev->type;
    bool active = ev->type == TRACE_EV_GC_SWEEP_ACTIVE || ev->type == TRACE_EV_GC_MARK_ASSIST_ACTIVE;
    if (type == TRACE_EV_GC_BEGIN) {
        gc_phase(s, ev);
        return true;
    }
    uint32_t kind = type == TRACE_EV_STW_BEGIN ? gt_lasting_of(r, ev->args[0]) : 0;
    if (kind == UINT32_MAX)
        return false;
    struct g_sum *g = g_of(s, ev->type == TRACE_EV_GC_MARK_ASSIST_ACTIVE ? ev->args[0] : ev->g);
    if (!active && ev->type != type)
        return range_ends(s, ev, type, kind, g);
    if (!g)
        return true;
    uint64_t p = active ? ev->args[0] : ev->p;
    if (type == TRACE_EV_GC_SWEEP_BEGIN && !gt_map_set(&s->sweeping, p, (uint32_t)(g - s->list.p) + 1))
        return false;
    struct range_sum *x = range_of(g, type, kind);
    if (!x)
        return false;
    if (active && x->since)
        x->ns += s->sync - x->since;
    x->since = active ? s->sync : (uint64_t)ev->time;
    return true;
}

bool gt_summary_event(struct gt_reader *r, const struct event *ev) {
    struct summary *s = r->summary;
    if (s->sync == 0 || ev->type == EV_SYNC)
        s->sync = ev->time;
    s->last = ev->time;
    bool ok = true;
    if (ev->type >= TRACE_EV_STW_BEGIN && ev->type <= TRACE_EV_GC_MARK_ASSIST_END) {
        ok = range(r, ev);
    } else {
        struct transition x = gt_transition_of(ev);
        if (x.kind == 'G')
            ok = go_moves(r, ev, x);
        else if (x.kind == 'P')
            proc_moves(s, ev, x);
    }
    return ok || gt_fail_memory(r);
}
