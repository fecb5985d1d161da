/* about.c: which lanes of marks there are, and everything known about one of their spans or points, as JSON. */
#include "index/marks.h"

static const char *const kind_name[] = {
    [MARKS_GO] = "go",     [MARKS_M] = "m",           [MARKS_GC] = "gc",
    [MARKS_TASK] = "task", [MARKS_REGION] = "region", [MARKS_RANGE] = "range",
};

/* What a lane is called for ever: "go:17"; an id's second life is "go:17~2", regions of depth 1 are "region:17/1". */
static void key_json(struct gt_reader *r, uint32_t lane) {
    struct text *t = &r->text;
    const struct mark_lane *l = r->marks->lanes.p[lane];
    const struct mark_lane *named =
        l->owner && (l->kind == MARKS_REGION || l->kind == MARKS_RANGE) ? r->marks->lanes.p[l->owner - 1] : l;
    gt_text_char(t, '"');
    gt_text_str(t, kind_name[l->kind]);
    gt_text_char(t, ':');
    gt_text_u64(t, l->id);
    if (named->life) {
        gt_text_char(t, '~');
        gt_text_u64(t, named->life + 1);
    }
    if (l->kind == MARKS_REGION && l->life) {
        gt_text_char(t, '/');
        gt_text_u64(t, l->life);
    }
    gt_text_char(t, '"');
}

static uint32_t record_of(struct gt_reader *r, struct mark_lane *l) {
    if (l->kind == MARKS_GO && !l->record) {
        const struct gstate *g = gt_order_g(r, l->id);
        if (g && gt_watch_g(r, l->id) == l)
            l->record = g->record;
    }
    return l->record;
}

static void member(struct gt_reader *r, const char *name, double v) {
    gt_text_str(&r->text, name);
    gt_text_u64(&r->text, v > 0 ? (uint64_t)v : 0);
}

static void lane_json(struct gt_reader *r, uint32_t lane) {
    struct text *t = &r->text;
    struct mark_lane *l = r->marks->lanes.p[lane];
    gt_text_str(t, "{\"index\":");
    gt_text_u64(t, MARK_LANES + lane);
    gt_text_str(t, ",\"kind\":\"");
    gt_text_str(t, kind_name[l->kind]);
    gt_text_str(t, "\",\"id\":");
    gt_text_u64(t, l->id);
    gt_text_str(t, ",\"key\":");
    key_json(r, lane);
    gt_text_str(t, ",\"name\":");
    gt_string_json(r, l->name);
    gt_text_str(t, ",\"fn\":");
    gt_string_json(r, r->goroutines.p[record_of(r, l)].fn);
    gt_text_str(t, ",\"parent\":");
    if (l->owner)
        key_json(r, l->owner - 1);
    else
        gt_text_str(t, "null");
    member(r, ",\"t0\":", l->n ? gt_mark_time(l, 0) : 0);
    gt_text_str(t, ",\"t1\":");
    if (l->n && gt_mark_state(l, l->n - 1) == MARK_NONE)
        gt_text_u64(t, (uint64_t)gt_mark_time(l, l->n - 1));
    else
        gt_text_str(t, "null");
    member(r, ",\"depth\":", l->kind == MARKS_REGION ? l->life : 0);
    member(r, ",\"spans\":", l->n);
    gt_text_char(t, '}');
}

uint32_t gt_lanes_total(gt_reader *r) { return r->marks ? r->marks->lanes.n : 0; }

int gt_lanes_json(gt_reader *r, uint32_t from, uint32_t most) {
    struct text *t = gt_text_anew(r);
    uint32_t total = gt_lanes_total(r), n = from < total && most < total - from ? from + most : total;
    member(r, "{\"total\":", total);
    member(r, ",\"denied\":", r->marks ? (double)r->marks->denied : 0);
    gt_text_str(t, ",\"lanes\":[");
    for (uint32_t i = from; i < n; i++) {
        if (i > from)
            gt_text_char(t, ',');
        lane_json(r, i);
    }
    gt_text_str(t, "]}");
    return !t->failed;
}

/* ---- one span ---- */

/* {goid, lane, time, func, file, line}; null when nobody is known. */
static void actor_json(struct gt_reader *r, const char *name, uint32_t who, uint32_t stack, double t) {
    struct text *text = &r->text;
    gt_text_str(text, name);
    uint32_t top = gt_stack_top(r, stack);
    if (!who && !top) {
        gt_text_str(text, "null");
        return;
    }
    gt_text_str(text, "{\"goid\":");
    gt_text_u64(text, who ? r->marks->lanes.p[who - 1]->id : 0);
    if (who)
        member(r, ",\"lane\":", MARK_LANES + who - 1);
    member(r, ",\"time\":", t);
    gt_text_char(text, ',');
    gt_site_json(r, top);
    gt_text_char(text, '}');
}

enum { WOKE_MOST = 500, WOKE_LOOK = 1 << 20 };

static double time_of(const struct marks *ms, struct wake w) { return gt_mark_time(ms->lanes.p[w.whom], w.mark); }

/* Whom the goroutine of this lane woke or created from a to b. */
static void woke_json(struct gt_reader *r, uint32_t lane, double a, double b) {
    const struct marks *ms = r->marks;
    struct text *t = &r->text;
    uint32_t i = 0, end = ms->wakes.n, n = 0;
    while (i < end) {
        uint32_t mid = i + (end - i) / 2;
        if (time_of(ms, ms->wakes.p[mid]) >= a)
            end = mid;
        else
            i = mid + 1;
    }
    gt_text_str(t, ",\"woke\":[");
    for (uint32_t look = 0; i < ms->wakes.n && n < WOKE_MOST && look < WOKE_LOOK; i++, look++) {
        const struct wake *w = &ms->wakes.p[i];
        struct mark k = gt_mark_at(ms, ms->lanes.p[w->whom], w->mark);
        if (k.t > b)
            break;
        if (k.a != lane + 1)
            continue;
        gt_text_str(t, n++ ? ",{\"goid\":" : "{\"goid\":");
        gt_text_u64(t, ms->lanes.p[w->whom]->id);
        member(r, ",\"lane\":", MARK_LANES + w->whom);
        member(r, ",\"time\":", k.t);
        gt_text_str(t, ",\"created\":");
        gt_text_str(t, w->mark == 0 ? "true" : "false");
        gt_text_char(t, '}');
    }
    gt_text_char(t, ']');
}

static bool has_reason(uint8_t s) { return s == MARK_WAITING || s == MARK_STOPPED_RUNNABLE || s == MARK_SYSCALL_NO_P; }

static bool in_syscall(uint8_t s) { return s == MARK_SYSCALL || s == MARK_SYSCALL_NO_P; }

/* Why it had not been running before span i, and why it did not go on after it. */
static uint32_t came_from(const struct marks *ms, const struct mark_lane *l, uint32_t i) {
    for (uint32_t k = i; k-- > 0 && i - k <= 2;) {
        struct mark m = gt_mark_at(ms, l, k);
        if (has_reason(m.state))
            return m.a;
        if (in_syscall(m.state))
            return WORD_SYSCALL;
        if (m.state == MARK_RUNNABLE && k == 0)
            return WORD_CREATED;
        if (m.state != MARK_RUNNABLE)
            return 0;
    }
    return 0;
}

/* A mark of a lane; beyond its ends one whose state is no state. */
static struct mark mark_or_none(const struct marks *ms, const struct mark_lane *l, uint32_t i) {
    return i < l->n ? gt_mark_at(ms, l, i) : (struct mark){.state = MARK_STATES};
}

static uint32_t ended_by(const struct mark_lane *l, struct mark k, struct mark next) {
    if (next.state == MARK_NONE)
        return WORD_EXITED;
    if (in_syscall(k.state))
        return next.state == MARK_RUNNING ? (uint32_t)WORD_SYSCALL_END : has_reason(next.state) ? next.a : 0;
    if (k.state != MARK_RUNNING || l->kind != MARKS_GO)
        return 0;
    return has_reason(next.state) ? next.a : in_syscall(next.state) ? (uint32_t)WORD_SYSCALL : 0;
}

/* Of a G: stack, who woke it, whom it woke. */
static void go_json(struct gt_reader *r, uint32_t lane, uint32_t i, double start, double end) {
    const struct marks *ms = r->marks;
    const struct mark_lane *l = ms->lanes.p[lane];
    struct mark before = mark_or_none(ms, l, i - 1), k = gt_mark_at(ms, l, i), next = mark_or_none(ms, l, i + 1);
    uint8_t s = k.state;
    struct mark woken = s == MARK_RUNNABLE                                   ? k
                        : s == MARK_RUNNING && before.state == MARK_RUNNABLE ? before
                        : s == MARK_WAITING && next.state == MARK_RUNNABLE   ? next
                                                                             : (struct mark){.state = MARK_STATES};
    uint32_t stack = has_reason(s) || s == MARK_SYSCALL ? k.b : 0;
    if (s == MARK_RUNNING && (has_reason(next.state) || in_syscall(next.state)))
        stack = next.b; /* where it was when it stopped running */
    gt_text_str(&r->text, ",\"stack\":");
    gt_stack_json(r, stack);
    uint32_t site = gt_stack_top(r, stack);
    gt_text_str(&r->text, ",\"site\":");
    if (site) {
        gt_text_char(&r->text, '{');
        gt_site_json(r, site);
        gt_text_char(&r->text, '}');
    } else {
        gt_text_str(&r->text, "null");
    }
    actor_json(r, ",\"unblockedBy\":", woken.a, woken.b, woken.t);
    if ((s == MARK_RUNNING || s == MARK_SYSCALL) && k.a)
        member(r, ",\"p\":", k.a - 1);
    if (s == MARK_RUNNING && k.b)
        member(r, ",\"m\":", (double)ms->lanes.p[k.b - 1]->id);
    if (s == MARK_RUNNING || in_syscall(s))
        woke_json(r, lane, start, end);
}

/* Of all others: stack and P, in the same members. */
static void other_json(struct gt_reader *r, const struct mark_lane *l, struct mark k) {
    uint32_t stack = l->kind == MARKS_M ? 0 : k.b, site = gt_stack_top(r, stack);
    gt_text_str(&r->text, ",\"stack\":");
    gt_stack_json(r, stack);
    gt_text_str(&r->text, ",\"site\":");
    gt_text_str(&r->text, site ? "{" : "null");
    if (site) {
        gt_site_json(r, site);
        gt_text_char(&r->text, '}');
    }
    gt_text_str(&r->text, ",\"unblockedBy\":null");
    if (l->kind == MARKS_M && k.b)
        member(r, ",\"p\":", k.b - 1);
}

/* The goroutine a span is about: its lane + 1, 0 = none. */
static uint32_t subject(const struct mark_lane *l, uint32_t lane, struct mark k) {
    if (l->kind == MARKS_GO)
        return lane + 1;
    if (l->kind == MARKS_M || l->kind == MARKS_GC)
        return k.a;
    return l->kind == MARKS_TASK ? 0 : l->owner;
}

int gt_about_json(struct gt_reader *r, uint32_t lane, uint32_t i) {
    struct text *t = gt_text_anew(r);
    if (!r->marks || lane >= r->marks->lanes.n || i >= r->marks->lanes.p[lane]->n)
        return 0;
    struct mark_lane *l = r->marks->lanes.p[lane];
    struct mark k = gt_mark_at(r->marks, l, i), next = mark_or_none(r->marks, l, i + 1);
    if (k.state == MARK_NONE)
        return 0;
    bool open = i + 1 == l->n;
    double end = open ? trace_length(r) : next.t;
    uint32_t who = subject(l, lane, k);
    uint32_t record = who ? record_of(r, r->marks->lanes.p[who - 1]) : 0;
    const struct grecord *g = &r->goroutines.p[record];
    uint8_t s = k.state;
    member(r, "{\"lane\":", MARK_LANES + lane);
    member(r, ",\"index\":", i);
    gt_text_str(t, ",\"kind\":\"");
    gt_text_str(t, kind_name[l->kind]);
    gt_text_str(t, "\",\"key\":");
    key_json(r, lane);
    member(r, ",\"goid\":", who ? (double)r->marks->lanes.p[who - 1]->id : 0);
    gt_text_str(t, ",\"fn\":");
    gt_string_json(r, g->fn);
    member(r, ",\"start\":", k.t);
    member(r, ",\"end\":", end);
    gt_text_str(t, open ? ",\"open\":true,\"state\":" : ",\"open\":false,\"state\":");
    gt_text_u64(t, mark_told(k));
    gt_text_str(t, ",\"name\":");
    gt_string_json(r, s == MARK_ON && l->kind != MARKS_GC ? k.a : 0);
    gt_text_str(t, ",\"startReason\":");
    uint32_t why = has_reason(s)                  ? k.a
                   : s == MARK_RUNNABLE && i == 0 ? (uint32_t)WORD_CREATED
                                                  : came_from(r->marks, l, i);
    gt_string_json(r, l->kind == MARKS_GO ? why : 0);
    gt_text_str(t, ",\"endReason\":");
    gt_string_json(r, l->kind == MARKS_GO ? ended_by(l, k, next) : 0);
    uint32_t creator = l->kind == MARKS_GO ? l->owner : 0;
    gt_text_str(t, ",\"createdBy\":");
    if (creator || g->create_site) {
        gt_text_str(t, "{\"goid\":");
        gt_text_u64(t, creator ? r->marks->lanes.p[creator - 1]->id : r->goroutines.p[g->creator].id);
        if (creator)
            member(r, ",\"lane\":", MARK_LANES + creator - 1);
        member(r, ",\"time\":", gt_mark_time(l, 0));
        gt_text_char(t, ',');
        gt_site_json(r, g->create_site);
        gt_text_char(t, '}');
    } else {
        gt_text_str(t, "null");
    }
    if (l->kind == MARKS_GO)
        go_json(r, lane, i, k.t, end);
    else
        other_json(r, l, k);
    gt_text_char(t, '}');
    return !t->failed;
}

int gt_point_json(gt_reader *r, uint32_t lane, uint32_t index) {
    struct text *t = gt_text_anew(r);
    if (!r->marks || lane < MARK_LANES || lane - MARK_LANES >= r->marks->lanes.n ||
        index >= r->marks->lanes.p[lane - MARK_LANES]->points.n)
        return 0;
    static const char *const names[] = {[POINT_LOG] = "log", [POINT_LABEL] = "label", [POINT_SAMPLE] = "sample"};
    const struct point *p = &r->marks->lanes.p[lane - MARK_LANES]->points.p[index];
    gt_text_str(t, "{\"kind\":\"");
    gt_text_str(t, names[p->kind]);
    member(r, "\",\"time\":", p->t);
    gt_text_str(t, ",\"category\":");
    gt_string_json(r, p->a);
    gt_text_str(t, ",\"message\":");
    gt_string_json(r, p->b);
    gt_text_str(t, ",\"stack\":");
    gt_stack_json(r, p->c);
    gt_text_char(t, '}');
    return !t->failed;
}
