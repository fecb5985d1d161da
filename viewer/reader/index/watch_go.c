/*
 * watch_go.c: what events tell the lanes of goroutines and threads, and the curves of how many are in which state.
 *
 * The rules are those of the summary (tell/summary.c), so a lane's times add up to the figures of `goroscope stat`:
 * what is first told of has been so since its generation began; a P taken during a system call makes the rest of it a
 * state of its own. There Go's summary errs in two ways that lanes do not follow: who is made in a system call without
 * a P counts as having one; and when one comes back from a system call in which it lost its P, whoever by now is in one
 * with the same P is forgotten, so that its own loss goes unseen.
 */
#include "index/marks.h"

struct mark_lane *gt_watch_g(struct gt_reader *r, uint64_t id) {
    uint32_t lane = id == NO_ID ? 0 : gt_map_get(&r->marks->gos, id);
    return lane ? r->marks->lanes.p[lane - 1] : NULL;
}

/* The lane + 1 of a goroutine, 0 = none. */
static uint32_t lane_of(struct gt_reader *r, uint64_t id) { return id == NO_ID ? 0 : gt_map_get(&r->marks->gos, id); }

/* A P's id + 1 in 32 bits, 0 = none. */
static uint32_t p_word(uint64_t p) { return p < UINT32_MAX - 1 ? (uint32_t)p + 1 : 0; }

static int curve_of(uint8_t go_state) {
    switch (go_state) {
    case GO_RUNNING:
        return CURVE_RUNNING;
    case GO_RUNNABLE:
        return CURVE_RUNNABLE;
    case GO_WAITING:
        return CURVE_WAITING;
    case GO_SYSCALL:
        return CURVE_SYSCALL;
    default:
        return -1;
    }
}

static bool count(struct gt_reader *r, uint8_t from, uint8_t to) {
    struct curve *c = r->marks->curves;
    int a = curve_of(from), b = curve_of(to);
    if (a >= 0 && !gt_curve_set(&c[a], r->now, c[a].value - 1))
        return false;
    if (b < 0)
        return true;
    return from == GO_UNDETERMINED ? gt_curve_late(&c[b], r->now) : gt_curve_set(&c[b], r->now, c[b].value + 1);
}

/* A new life; *l stays NULL beyond the limit. */
static bool life_begins(struct gt_reader *r, uint64_t id, uint64_t creator, struct mark_lane **l) {
    struct marks *ms = r->marks;
    const struct mark_lane *before = gt_watch_g(r, id);
    uint32_t lane = gt_marks_lane(ms, MARKS_GO, id);
    if (lane == UINT32_MAX)
        return false;
    if (!lane) {
        gt_map_delete(&ms->gos, id);
        return true;
    }
    *l = ms->lanes.p[lane - 1];
    (*l)->life = before ? before->life + 1 : 0;
    (*l)->owner = lane_of(r, creator);
    return gt_map_set(&ms->gos, id, lane);
}

/* By whoever the event is of, who is at `stack`. */
static bool woken(struct gt_reader *r, const struct event *ev, struct mark_lane *l, uint32_t stack) {
    struct marks *ms = r->marks;
    uint32_t who = lane_of(r, ev->g);
    if (!gt_mark_put(ms, l, r->now, MARK_RUNNABLE, who, stack))
        return false;
    if (!who)
        return true;
    if (!VEC_ROOM(&ms->wakes, ms->wakes.n + 1))
        return false;
    ms->wakes.p[ms->wakes.n++] = (struct wake){lane_of(r, l->id) - 1, l->n - 1};
    return true;
}

/* The event's own stack, kept. */
static uint32_t own_stack(struct gt_reader *r, const struct event *ev) {
    bool has;
    uint64_t stack = gt_stack_of(ev, &has);
    return has ? gt_stack_keep(r, stack) : 0;
}

static bool to_runnable(struct gt_reader *r, const struct event *ev, struct mark_lane *l, struct transition x,
                        double since) {
    uint32_t stack = own_stack(r, ev);
    if (stack == UINT32_MAX)
        return false;
    if (x.from == GO_WAITING || x.from == GO_NOT_EXIST)
        return woken(r, ev, l, stack);
    uint32_t why = x.from == GO_SYSCALL        ? (uint32_t)WORD_SYSCALL_BLOCKED
                   : x.from == GO_UNDETERMINED ? (uint32_t)WORD_TRACE_START
                                               : gt_lasting_of(r, x.reason);
    return why != UINT32_MAX && gt_mark_put(r->marks, l, since, MARK_STOPPED_RUNNABLE, why, stack);
}

/* A running goroutine's thread is told to the lane by gt_watch_m, which comes later: here only its P is known. */
static bool enters(struct gt_reader *r, const struct event *ev, struct mark_lane *l, struct transition x) {
    struct marks *ms = r->marks;
    double since = x.from == GO_UNDETERMINED ? ms->sync : r->now;
    switch (x.to) {
    case GO_RUNNING:
        return gt_mark_put(ms, l, since, MARK_RUNNING, p_word(ev->p), 0);
    case GO_RUNNABLE:
        return to_runnable(r, ev, l, x, since);
    case GO_WAITING: {
        uint32_t why = gt_lasting_of(r, x.reason), stack = own_stack(r, ev);
        if (ev->type == TRACE_EV_GO_BLOCK && !x.reason)
            why = WORD_SWITCH;
        return why != UINT32_MAX && stack != UINT32_MAX && gt_mark_put(ms, l, since, MARK_WAITING, why, stack);
    }
    case GO_SYSCALL: {
        uint32_t stack = own_stack(r, ev);
        if (stack == UINT32_MAX)
            return false;
        if (ev->p == NO_ID)
            return gt_mark_put(ms, l, since, MARK_SYSCALL_NO_P, 0, stack);
        return gt_map_set(&ms->syscalling, ev->p, lane_of(r, x.id)) &&
               gt_mark_put(ms, l, since, MARK_SYSCALL, p_word(ev->p), stack);
    }
    default:
        return gt_mark_put(ms, l, since, MARK_NONE, WORD_EXITED, 0);
    }
}

/* Its system call ends: whoever takes the P from now on takes it from nobody. */
static void leaves_syscall(struct gt_reader *r, const struct mark_lane *l) {
    struct mark last = gt_mark_at(r->marks, l, l->n - 1);
    if (last.state == MARK_SYSCALL && last.a)
        gt_map_delete(&r->marks->syscalling, last.a - 1);
}

static bool go_moves(struct gt_reader *r, const struct event *ev, struct transition x) {
    if (x.from == x.to || x.id == NO_ID)
        return true;
    if (!count(r, x.from, x.to))
        return false;
    struct mark_lane *l = NULL;
    if (x.from == GO_UNDETERMINED || x.from == GO_NOT_EXIST) {
        if (!life_begins(r, x.id, x.from == GO_NOT_EXIST ? ev->g : NO_ID, &l))
            return false;
    } else {
        l = gt_watch_g(r, x.id);
        if (l && !l->record) {
            const struct gstate *g = gt_order_g(r, x.id);
            l->record = g ? g->record : 0;
        }
    }
    if (!l)
        return true;
    if (x.from == GO_SYSCALL && l->n)
        leaves_syscall(r, l);
    return enters(r, ev, l, x);
}

static bool proc_moves(struct gt_reader *r, struct transition x) {
    struct marks *ms = r->marks;
    if (x.from == x.to)
        return true;
    bool was = gt_map_get(&ms->running_ps, x.id), is = x.to == PROC_RUNNING;
    if (was != is) {
        if (is && !gt_map_set(&ms->running_ps, x.id, 1))
            return false;
        if (!is)
            gt_map_delete(&ms->running_ps, x.id);
        struct curve *c = &ms->curves[CURVE_PS];
        bool late = is && x.from == PROC_UNDETERMINED;
        if (!(late ? gt_curve_late(c, r->now) : gt_curve_set(c, r->now, ms->running_ps.n)))
            return false;
    }
    uint32_t lane = x.to == PROC_IDLE ? gt_map_get(&ms->syscalling, x.id) : 0;
    if (!lane)
        return true;
    gt_map_delete(&ms->syscalling, x.id);
    struct mark_lane *l = ms->lanes.p[lane - 1];
    return gt_mark_put(ms, l, r->now, MARK_SYSCALL_NO_P, WORD_P_STOLEN, gt_mark_at(ms, l, l->n - 1).b);
}

bool gt_watch_m(struct gt_reader *r, const struct mstate *m) {
    struct marks *ms = r->marks;
    if (!ms)
        return true;
    uint32_t lane = gt_map_get(&ms->ms, m->id);
    if (!lane) {
        lane = gt_marks_lane(ms, MARKS_M, m->id);
        if (lane == UINT32_MAX || (lane && !gt_map_set(&ms->ms, m->id, lane)))
            return gt_fail_memory(r);
        if (!lane)
            return true;
    }
    struct mark_lane *l = ms->lanes.p[lane - 1], *g = gt_watch_g(r, m->g);
    uint32_t who = lane_of(r, m->g), p = p_word(m->p);
    uint8_t state = who ? MARK_RUNNING : p ? MARK_P_ONLY : MARK_NONE;
    uint8_t is = g && g->n ? gt_mark_state(g, g->n - 1) : (uint8_t)MARK_NONE;
    if (is == MARK_SYSCALL || is == MARK_SYSCALL_NO_P)
        state = is;
    if (is == MARK_RUNNING && !gt_mark_amend(ms, g, gt_mark_at(ms, g, g->n - 1).a, lane))
        return gt_fail_memory(r);
    struct mark last = l->n ? gt_mark_at(ms, l, l->n - 1) : (struct mark){.state = MARK_NONE};
    if (last.state == state && (!l->n || (last.a == who && last.b == p)))
        return true;
    return gt_mark_put(ms, l, r->now, state, who, p) || gt_fail_memory(r);
}

bool gt_watch_event(struct gt_reader *r, const struct event *ev) {
    struct marks *ms = r->marks;
    bool ok = true;
    if (ev->type == EV_SYNC) {
        ms->sync = r->now;
        for (int i = CURVE_RUNNING; i <= CURVE_WAITING; i++)
            ok = ok && (ms->curves[i].from >= 0 || gt_curve_set(&ms->curves[i], r->now, 0));
        return ok || gt_fail_memory(r);
    }
    struct transition x = gt_transition_of(ev);
    if (x.kind == 'G')
        ok = go_moves(r, ev, x);
    else if (x.kind == 'P')
        ok = proc_moves(r, x);
    else
        ok = gt_watch_user(r, ev);
    return ok || gt_fail_memory(r);
}
