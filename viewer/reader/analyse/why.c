/*
 * why.c: why a goroutine was not running at a moment: a pass of its own that follows it, who became runnable before it,
 * and what every P did since it stopped.
 *
 * Run queues are not in the format: "before it" means that it became runnable earlier and still waits at the moment
 * asked about. The pass ends when the goroutine's state changes after the moment.
 *
 * {"goid", "fn", "state", "since", "until", "reason", "stack": [frame], "woken": {"goid", "stack"} | null, "ahead",
 * "queue": [{"goid", "fn", "since"}], "procs": [{"p", "goid", "fn", "state", "since", "busy_ns", "runs"}], "stopped",
 * "gc"}. state: "running" and so on, "none" = it does not exist then. Moments are since the first event; null = never.
 */
#include "analyse/analyse.h"

#include <math.h>
#include <stdlib.h>

enum { QUEUE_TOLD = 20 };

struct why_go {
    uint64_t id;
    uint32_t name; /* lasting string */
    uint8_t state; /* enum go_state */
    uint64_t since;
    uint64_t p; /* the P it runs on */
};

struct why_p {
    uint64_t id;
    uint32_t go; /* who runs there: index + 1 */
    bool idle;
    uint64_t since; /* when that began */
    uint64_t busy;  /* ns since the goroutine asked about stopped */
    uint64_t runs;  /* slices since then */
};

struct why {
    uint64_t goid;
    double t;
    uint64_t at;            /* t, absolute */
    bool asked, past, done; /* past: the moment is behind us, what is told stands */
    VEC(struct why_go) gos;
    struct map ids;
    VEC(struct why_p) ps;
    struct map p_ids;
    uint32_t me;                        /* index + 1 */
    uint64_t since, until;              /* in its state; 0 = never */
    uint64_t waker;                     /* NO_ID = none */
    uint32_t reason;                    /* lasting string */
    VEC(uint32_t) frames, waker_frames; /* sites */
    uint64_t stops, gcs;                /* going on */
    struct text answer;                 /* what was true at the moment, as JSON members */
};

struct why *gt_why_open(void) {
    return gt_alloc(sizeof(struct why));
}

void gt_why_close(struct why *w) {
    if (!w)
        return;
    VEC_FREE(&w->gos);
    VEC_FREE(&w->ps);
    VEC_FREE(&w->frames);
    VEC_FREE(&w->waker_frames);
    gt_map_free(&w->ids);
    gt_map_free(&w->p_ids);
    gt_text_free(&w->answer);
    gt_free(w, sizeof *w);
}

void gt_why(gt_reader *r, double goid, double t) {
    if (!r->why)
        return;
    r->why->goid = (uint64_t)goid;
    r->why->t = t > 0 ? t : 0;
    r->why->asked = true;
}

int gt_why_done(gt_reader *r) { return r->why && r->why->done; }

static uint32_t go_at(struct why *w, uint64_t id) {
    uint32_t i = gt_map_get(&w->ids, id);
    if (i)
        return i;
    if (!VEC_ROOM(&w->gos, w->gos.n + 1) || !gt_map_set(&w->ids, id, w->gos.n + 1))
        return 0;
    w->gos.p[w->gos.n] = (struct why_go){.id = id, .p = NO_ID};
    if (id == w->goid)
        w->me = w->gos.n + 1;
    return ++w->gos.n;
}

static struct why_p *p_at(struct why *w, uint64_t id) {
    uint32_t i = gt_map_get(&w->p_ids, id);
    if (!i) {
        if (!VEC_ROOM(&w->ps, w->ps.n + 1) || !gt_map_set(&w->p_ids, id, w->ps.n + 1))
            return NULL;
        w->ps.p[w->ps.n] = (struct why_p){.id = id};
        i = ++w->ps.n;
    }
    return &w->ps.p[i - 1];
}

/* Whoever runs on a P stops now. */
static void p_stops(struct why *w, struct why_p *p, uint64_t now) {
    if (p->go && w->since)
        p->busy += now - (p->since > w->since ? p->since : w->since);
    p->go = 0;
    p->since = now;
}

/* The sites of a stack, the innermost first. */
static bool frames_of(struct gt_reader *r, uint64_t stack, uint32_t **p, uint32_t *n, uint32_t *cap) {
    uint32_t index = id_find(&r->gen.stack_ids, stack);
    *n = 0;
    if (index == UINT32_MAX)
        return true;
    const struct local_stack *s = &r->gen.stacks.p[index];
    if (s->n > *cap && !gt_grow(p, cap, s->n, sizeof **p))
        return false;
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t site = gt_site_of_frame(r, r->gen.frame_refs.p[s->first + i]);
        if (site == UINT32_MAX)
            return false;
        (*p)[(*n)++] = site;
    }
    return true;
}

static void string_json(struct gt_reader *r, struct text *t, uint32_t id) {
    gt_text_json_quote(t, r->intern.strings.p[id].p, r->intern.strings.p[id].n);
}

static void moment(struct gt_reader *r, struct text *t, const char *name, uint64_t at) {
    gt_text_str(t, name);
    if (at)
        gt_text_i64(t, (int64_t)(at - (uint64_t)r->first_time));
    else
        gt_text_str(t, "null");
}

static void frames_json(struct gt_reader *r, struct text *t, const uint32_t *sites, uint32_t n) {
    gt_text_char(t, '[');
    for (uint32_t i = 0; i < n; i++) {
        struct site s = r->intern.sites.p[sites[i]];
        gt_text_str(t, i ? ",{\"func\":" : "{\"func\":");
        string_json(r, t, s.func);
        gt_text_str(t, ",\"file\":");
        string_json(r, t, s.file);
        gt_text_str(t, ",\"line\":");
        gt_text_u64(t, s.line);
        gt_text_char(t, '}');
    }
    gt_text_char(t, ']');
}

static const char *state_name(uint8_t state) {
    static const char *const names[] = {
        [GO_UNDETERMINED] = "none", [GO_NOT_EXIST] = "none",  [GO_RUNNABLE] = "runnable",
        [GO_RUNNING] = "running",   [GO_WAITING] = "waiting", [GO_SYSCALL] = "syscall",
    };
    return names[state];
}

static int by_since(const void *x, const void *y) {
    const struct why_go *const *a = x, *const *b = y;
    return (*a)->since < (*b)->since ? -1 : (*a)->since > (*b)->since;
}

/* Who became runnable before it and still waits, the longest first. */
static bool queue_json(struct gt_reader *r, struct text *t) {
    struct why *w = r->why;
    size_t size = (w->gos.n + 1) * sizeof(struct why_go *);
    const struct why_go **ahead = gt_alloc(size);
    if (!ahead)
        return false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->gos.n; i++)
        if (w->gos.p[i].state == GO_RUNNABLE && w->gos.p[i].since < w->since && i + 1 != w->me)
            ahead[n++] = &w->gos.p[i];
    qsort(ahead, n, sizeof(struct why_go *), by_since);
    gt_text_str(t, ",\"ahead\":");
    gt_text_u64(t, n);
    gt_text_str(t, ",\"queue\":[");
    for (uint32_t i = 0; i < n && i < QUEUE_TOLD; i++) {
        gt_text_str(t, i ? ",{\"goid\":" : "{\"goid\":");
        gt_text_u64(t, ahead[i]->id);
        gt_text_str(t, ",\"fn\":");
        string_json(r, t, ahead[i]->name);
        moment(r, t, ",\"since\":", ahead[i]->since);
        gt_text_char(t, '}');
    }
    gt_text_char(t, ']');
    gt_free(ahead, size);
    return true;
}

static int by_p(const void *x, const void *y) {
    const struct why_p *a = x, *b = y;
    return a->id < b->id ? -1 : a->id > b->id;
}

static void procs_json(struct gt_reader *r, struct text *t) {
    struct why *w = r->why;
    gt_text_str(t, ",\"procs\":[");
    for (uint32_t i = 0; i < w->ps.n; i++) {
        const struct why_p *p = &w->ps.p[i];
        const struct why_go *g = p->go ? &w->gos.p[p->go - 1] : NULL;
        uint64_t from = p->since > w->since ? p->since : w->since;
        gt_text_str(t, i ? ",{\"p\":" : "{\"p\":");
        gt_text_u64(t, p->id);
        gt_text_str(t, ",\"goid\":");
        if (g)
            gt_text_u64(t, g->id);
        else
            gt_text_str(t, "null");
        gt_text_str(t, ",\"fn\":");
        string_json(r, t, g ? g->name : 0);
        gt_text_str(t, ",\"state\":\"");
        gt_text_str(t, g ? state_name(g->state) : p->idle ? "idle" : "scheduling");
        gt_text_char(t, '"');
        moment(r, t, ",\"since\":", p->since);
        gt_text_str(t, ",\"busy_ns\":");
        gt_text_u64(t, p->busy + (g && w->since ? w->at - from : 0));
        gt_text_str(t, ",\"runs\":");
        gt_text_u64(t, p->runs);
        gt_text_char(t, '}');
    }
    gt_text_char(t, ']');
}

/* The moment has come: what is true now is told. */
static bool tell(struct gt_reader *r) {
    struct why *w = r->why;
    struct text *t = &w->answer;
    const struct why_go *g = w->me ? &w->gos.p[w->me - 1] : NULL;
    w->past = true;
    gt_text_str(t, "{\"goid\":");
    gt_text_u64(t, w->goid);
    gt_text_str(t, ",\"fn\":");
    string_json(r, t, g ? g->name : 0);
    gt_text_str(t, ",\"state\":\"");
    gt_text_str(t, state_name(g ? g->state : GO_NOT_EXIST));
    gt_text_char(t, '"');
    moment(r, t, ",\"since\":", w->since);
    gt_text_str(t, ",\"reason\":");
    string_json(r, t, w->reason);
    gt_text_str(t, ",\"stack\":");
    frames_json(r, t, w->frames.p, w->frames.n);
    gt_text_str(t, ",\"stopped\":");
    gt_text_str(t, w->stops ? "true" : "false");
    gt_text_str(t, ",\"gc\":");
    gt_text_str(t, w->gcs ? "true" : "false");
    /* Indices hold until here: nobody is looked up by place afterwards. */
    if (w->ps.n)
        qsort(w->ps.p, w->ps.n, sizeof *w->ps.p, by_p);
    procs_json(r, t);
    w->done = !g || g->state == GO_NOT_EXIST;
    return queue_json(r, t) && !t->failed;
}

/* The goroutine asked about goes to another state. */
static bool i_move(struct gt_reader *r, const struct event *ev, const struct transition *x) {
    struct why *w = r->why;
    uint64_t now = (uint64_t)ev->time, by = ev->g;
    bool has, woken = x->from == GO_WAITING && x->to == GO_RUNNABLE;
    uint64_t stack = gt_stack_of(ev, &has);
    if (w->past) {
        w->until = now;
        w->done = true;
        w->waker = woken || x->from == GO_WAITING ? by : NO_ID;
        return frames_of(r, has ? stack : 0, &w->waker_frames.p, &w->waker_frames.n, &w->waker_frames.cap);
    }
    w->since = now;
    for (uint32_t i = 0; i < w->ps.n; i++)
        w->ps.p[i].busy = w->ps.p[i].runs = 0;
    w->reason = gt_lasting_of(r, x->reason);
    return w->reason != UINT32_MAX &&
           (woken || x->to == GO_RUNNING || frames_of(r, x->stack, &w->frames.p, &w->frames.n, &w->frames.cap));
}

static bool go_moves(struct gt_reader *r, const struct event *ev, const struct transition *x) {
    struct why *w = r->why;
    uint32_t i = go_at(w, x->id);
    if (!i)
        return false;
    struct why_go *g = &w->gos.p[i - 1];
    uint64_t now = (uint64_t)ev->time;
    if (!g->name && (g->name = gt_root_of(r, x->stack)) == UINT32_MAX)
        return false;
    if (x->from == x->to)
        return true;
    bool executed = g->state == GO_RUNNING || g->state == GO_SYSCALL,
         executes = x->to == GO_RUNNING || x->to == GO_SYSCALL;
    g->state = x->to;
    g->since = now;
    if (executed && !executes && g->p != NO_ID) {
        struct why_p *p = p_at(w, g->p);
        if (!p)
            return false;
        if (p->go == i)
            p_stops(w, p, now);
        g->p = NO_ID;
    }
    if (i == w->me && !i_move(r, ev, x))
        return false;
    if (executes && ev->p != NO_ID) {
        struct why_p *p = p_at(w, ev->p);
        if (!p)
            return false;
        if (p->go != i) {
            p_stops(w, p, now);
            p->go = i;
            p->runs += w->since != 0;
        }
        g->p = ev->p;
    }
    return true;
}

static bool event(struct gt_reader *r, const struct event *ev) {
    struct why *w = r->why;
    struct transition x = gt_transition_of(ev);
    if (x.kind == 'G')
        return go_moves(r, ev, &x);
    if (x.kind == 'P') {
        struct why_p *p = p_at(w, x.id);
        if (!p)
            return false;
        p->idle = x.to == PROC_IDLE;
        if (p->idle)
            p_stops(w, p, (uint64_t)ev->time);
    }
    w->stops += ev->type == TRACE_EV_STW_BEGIN;
    w->stops -= ev->type == TRACE_EV_STW_END && w->stops;
    if (ev->type == TRACE_EV_GC_BEGIN || ev->type == TRACE_EV_GC_ACTIVE)
        w->gcs = 1;
    if (ev->type == TRACE_EV_GC_END)
        w->gcs = 0;
    return true;
}

bool gt_why_event(struct gt_reader *r, const struct event *ev) {
    struct why *w = r->why;
    if (!w->asked || w->done)
        return true;
    if (!w->at) {
        w->waker = NO_ID;
        w->at = (uint64_t)r->first_time + (uint64_t)fmin(w->t, 9e18 - (double)r->first_time);
    }
    if (!w->past && (uint64_t)ev->time > w->at && !tell(r))
        return gt_fail_memory(r);
    return w->done || event(r, ev) || gt_fail_memory(r);
}

int gt_why_json(gt_reader *r) {
    struct text *t = gt_text_anew(r);
    struct why *w = r->why;
    if (!w || !w->asked)
        return 0;
    if (!w->past && !tell(r))
        return 0;
    gt_text_bytes(t, w->answer.p, w->answer.n);
    moment(r, t, ",\"until\":", w->until);
    gt_text_str(t, ",\"woken\":");
    if (w->until && w->waker != NO_ID) {
        gt_text_str(t, "{\"goid\":");
        gt_text_u64(t, w->waker);
        gt_text_str(t, ",\"stack\":");
        frames_json(r, t, w->waker_frames.p, w->waker_frames.n);
        gt_text_char(t, '}');
    } else {
        gt_text_str(t, "null");
    }
    gt_text_char(t, '}');
    return !t->failed;
}
