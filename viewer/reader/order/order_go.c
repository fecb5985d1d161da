/* order_go.c: how goroutines begin, run, block, wake, go into syscalls and end; and what the index is told of it. */
#include "base/reader.h"

static const char *gstatus_name(uint64_t s) {
    static const char *const names[] = {"bad", "runnable", "running", "in a syscall", "waiting"};
    return s <= TRACE_G_WAITING ? names[s] : "bad";
}

static bool succeeds(const struct gt_reader *r, const struct gstate *g, uint64_t next) {
    return g->seq_gen == r->gen.gen && next == g->seq + 1;
}

/* The goroutine of the event's thread, which must be in `status`. */
static struct gstate *current(struct gt_reader *r, const struct event *ev, uint8_t status) {
    struct gstate *g = gt_order_g(r, ev->g);
    if (!g) {
        gt_fail(r, "go-state", "%e for goroutine %i, which does not exist", (int)ev->type, ev->g);
        return NULL;
    }
    if (g->status != status) {
        gt_fail(r, "go-state", "%e for goroutine %u, which is %s, not %s", (int)ev->type, g->id,
                gstatus_name(g->status), gstatus_name(status));
        return NULL;
    }
    return g;
}

/* Is the thread that a G in a syscall sits on the right one? The event is shown there. */
static bool status_syscall(struct gt_reader *r, struct event *ev, struct mstate *m, struct mstate **bind) {
    uint64_t gid = ev->args[0], mid = ev->args[1];
    if (mid == NO_ID)
        return gt_fail(r, "go-status", "goroutine %u is in a syscall without a thread", gid);
    if (m && mid == m->id) {
        bool told = r->gen.gen != r->order.first_gen || (gt_is_part(r) && m->g_known);
        if (told && ev->g != gid)
            return gt_fail(r, "go-status", "goroutine %u is in a syscall on M %u, which has goroutine %i", gid, mid,
                           ev->g);
        *bind = m;
        return true;
    }
    struct mstate *other = gt_order_m(r, mid);
    if (other) {
        if (other->g != gid && (!gt_is_part(r) || other->g_known))
            return gt_fail(r, "go-status", "goroutine %u is in a syscall on M %u, which has goroutine %i", gid, mid,
                           other->g);
        ev->g = other->g;
    } else if (!(other = gt_order_thread(r, mid))) {
        return gt_fail_memory(r);
    }
    *bind = other;
    ev->m = mid;
    return true;
}

enum advance gt_order_go_status(struct gt_reader *r, struct event *ev, struct mstate *m) {
    uint64_t gid = ev->args[0], status = ev->args[2] &= 0xff; /* a byte to Go */
    if (status > TRACE_G_WAITING) {
        gt_fail(r, "go-status", "goroutine %i is given status %u, which does not exist", gid, status);
        return ADV_BROKEN;
    }
    struct gstate *g = gt_order_g(r, gid);
    bool fresh = !g;
    if (g && g->status != status) {
        gt_fail(r, "go-status", "goroutine %u is said to be %s, but it was %s", gid, gstatus_name(status),
                gstatus_name(g->status));
        return ADV_BROKEN;
    }
    if (!g && r->gen.gen != r->order.first_gen) {
        gt_fail(r, "go-status", "goroutine %u appears by its status alone after the first generation", gid);
        return ADV_BROKEN;
    }
    if (!g && !(g = gt_order_new_g(r, gid, (uint8_t)status)))
        return ADV_BROKEN;
    g->seq_gen = r->gen.gen;
    g->seq = 0;
    ev->extra[0] = fresh ? GO_UNDETERMINED : gt_go_state_of(status);
    struct mstate *bind = NULL;
    if (status == TRACE_G_SYSCALL && !status_syscall(r, ev, m, &bind))
        return ADV_BROKEN;
    if (status == TRACE_G_RUNNING)
        bind = m;
    if (!gt_emit(r, ev))
        return ADV_BROKEN;
    if (fresh) {
        if (!gt_g_begin(r, g, ev->type == TRACE_EV_GO_STATUS_STACK ? ev->args[3] : 0, NO_ID, 0))
            return ADV_BROKEN;
        g->was = WORD_TRACE_START;
        g->came = (uint8_t)status + 1;
        if (ev->type == TRACE_EV_GO_STATUS_STACK && ev->args[3])
            g->news |= NEWS_FN_GUESSED;
    }
    if (!bind)
        return ADV_YES;
    if (gt_is_part(r))
        gt_part_has_g(bind, gid);
    bind->g = gid;
    return gt_lane_sync(r, bind, WORD_MOVED, 0) ? ADV_YES : ADV_BROKEN;
}

enum advance gt_order_go_create(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    uint64_t gid = ev->args[0];
    if (!gt_order_ctx(r, ev, '+', '+', '?'))
        return ADV_BROKEN;
    if (gt_order_g(r, ev->g) && !current(r, ev, TRACE_G_RUNNING))
        return ADV_BROKEN;
    if (gt_order_g(r, gid)) {
        gt_fail(r, "go-create", "goroutine %i is created, but there already is one with that id", gid);
        return ADV_BROKEN;
    }
    if (!gt_emit(r, ev))
        return ADV_BROKEN;
    uint8_t status = ev->type == TRACE_EV_GO_CREATE_BLOCKED ? TRACE_G_WAITING : TRACE_G_RUNNABLE;
    struct gstate *g = gt_order_new_g(r, gid, status);
    if (!g)
        return ADV_BROKEN;
    if (!gt_g_begin(r, g, ev->args[1], ev->g, ev->args[2]))
        return ADV_BROKEN;
    g->was = WORD_CREATED;
    return gt_g_woken(r, g, ev, ev->args[2]) ? ADV_YES : ADV_BROKEN;
}

/* GoStop, GoBlock, GoDestroy: the running goroutine leaves its thread. */
enum advance gt_order_go_stop_exec(struct gt_reader *r, struct event *ev, struct mstate *m) {
    if (!gt_order_ctx(r, ev, '+', '+', '+'))
        return ADV_BROKEN;
    struct gstate *g = current(r, ev, TRACE_G_RUNNING);
    if (!g || !gt_emit(r, ev))
        return ADV_BROKEN;
    m->g = NO_ID;
    if (ev->type == TRACE_EV_GO_DESTROY) {
        if (!gt_lane_sync(r, m, WORD_EXITED, 0))
            return ADV_BROKEN;
        gt_g_end(r, g);
        gt_order_drop_g(r, g);
        return ADV_YES;
    }
    if (!gt_g_leaves(r, g, ev->args[0]))
        return ADV_BROKEN;
    g->status = ev->type == TRACE_EV_GO_STOP ? TRACE_G_RUNNABLE : TRACE_G_WAITING;
    return gt_lane_sync(r, m, g->was, ev->args[1]) ? ADV_YES : ADV_BROKEN;
}

enum advance gt_order_go_start(struct gt_reader *r, struct event *ev, struct mstate *m) {
    struct gstate *g = gt_order_g(r, ev->args[0]);
    if (!g || g->status != TRACE_G_RUNNABLE || !succeeds(r, g, ev->args[1]))
        return ADV_NO;
    if (!gt_order_ctx(r, ev, '+', '+', '-') || !gt_emit(r, ev))
        return ADV_BROKEN;
    g->status = TRACE_G_RUNNING;
    g->seq = ev->args[1];
    m->g = g->id;
    return gt_lane_sync(r, m, WORD_MOVED, 0) ? ADV_YES : ADV_BROKEN;
}

enum advance gt_order_go_unblock(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct gstate *g = gt_order_g(r, ev->args[0]);
    if (!g || g->status != TRACE_G_WAITING || !succeeds(r, g, ev->args[1]))
        return ADV_NO;
    if (!gt_emit(r, ev))
        return ADV_BROKEN; /* anything may unblock a goroutine, a thread without a P too */
    g->status = TRACE_G_RUNNABLE;
    g->seq = ev->args[1];
    return gt_g_woken(r, g, ev, ev->args[2]) ? ADV_YES : ADV_BROKEN;
}

/* Coroutine switch: three events, the middle one without reason and stack. */
enum advance gt_order_go_switch(struct gt_reader *r, struct event *ev, struct mstate *m) {
    if (!gt_order_ctx(r, ev, '+', '+', '+'))
        return ADV_BROKEN;
    struct gstate *from = current(r, ev, TRACE_G_RUNNING);
    if (!from)
        return ADV_BROKEN;
    struct gstate *to = gt_order_g(r, ev->args[0]);
    if (!to || to->status != TRACE_G_WAITING || !succeeds(r, to, ev->args[1]))
        return ADV_NO;
    if (!gt_emit(r, ev))
        return ADV_BROKEN;
    to->status = TRACE_G_RUNNABLE;
    if (!gt_g_woken(r, to, ev, 0))
        return ADV_BROKEN;
    bool dies = ev->type == TRACE_EV_GO_SWITCH_DESTROY;
    struct event stop = {.type = dies ? TRACE_EV_GO_DESTROY : TRACE_EV_GO_BLOCK, .time = ev->time, .m = ev->m};
    stop.p = ev->p;
    stop.g = ev->g;
    stop.offset = ev->offset;
    if (!gt_emit(r, &stop))
        return ADV_BROKEN;
    m->g = NO_ID;
    if (!gt_lane_sync(r, m, dies ? WORD_EXITED : WORD_SWITCH, 0))
        return ADV_BROKEN;
    if (dies) {
        gt_g_end(r, from);
        gt_order_drop_g(r, from);
    } else {
        from->was = WORD_SWITCH;
        from->news |= NEWS_WAS;
        from->status = TRACE_G_WAITING;
    }
    struct event start = {.type = TRACE_EV_GO_START, .time = ev->time, .m = ev->m, .p = ev->p, .g = NO_ID};
    start.args[0] = ev->args[0];
    start.args[1] = ev->args[1];
    start.offset = ev->offset;
    if (!gt_emit(r, &start))
        return ADV_BROKEN;
    to->status = TRACE_G_RUNNING;
    to->seq = ev->args[1];
    m->g = to->id;
    return gt_lane_sync(r, m, WORD_MOVED, 0) ? ADV_YES : ADV_BROKEN;
}

enum advance gt_order_syscall_begin(struct gt_reader *r, struct event *ev, struct mstate *m) {
    if (!gt_order_ctx(r, ev, '+', '+', '+'))
        return ADV_BROKEN;
    struct gstate *g = current(r, ev, TRACE_G_RUNNING);
    if (!g)
        return ADV_BROKEN;
    struct pstate *p = gt_order_p(r, ev->p);
    if (!p || p->seq_gen != r->gen.gen || ev->args[0] != p->seq + 1) {
        gt_fail(r, "order", "GoSyscallBegin takes number %u of P %i, which is at number %u", ev->args[0], ev->p,
                p && p->seq_gen == r->gen.gen ? p->seq : (uint64_t)0);
        return ADV_BROKEN;
    }
    if (!gt_emit(r, ev))
        return ADV_BROKEN;
    g->status = TRACE_G_SYSCALL;
    g->was = WORD_SYSCALL;
    g->news |= NEWS_WAS | NEWS_WAKE;
    g->wake_by = g->wake_site = 0; /* nobody wakes it: it comes back by itself */
    p->status = TRACE_P_SYSCALL;
    p->seq = ev->args[0];
    return gt_lane_sync(r, m, WORD_SYSCALL, ev->args[1]) ? ADV_YES : ADV_BROKEN;
}

enum advance gt_order_syscall_end(struct gt_reader *r, struct event *ev, struct mstate *m) {
    if (!gt_order_ctx(r, ev, '+', '+', '+'))
        return ADV_BROKEN;
    struct gstate *g = current(r, ev, TRACE_G_SYSCALL);
    if (!g)
        return ADV_BROKEN;
    struct pstate *p = gt_order_p(r, ev->p);
    if (!p || p->status != TRACE_P_SYSCALL) {
        gt_fail(r, "proc-state", "GoSyscallEnd on P %i, which is not in a syscall", ev->p);
        return ADV_BROKEN;
    }
    if (!gt_emit(r, ev))
        return ADV_BROKEN;
    g->status = TRACE_G_RUNNING;
    p->status = TRACE_P_RUNNING;
    return gt_lane_sync(r, m, WORD_SYSCALL_END, 0) ? ADV_YES : ADV_BROKEN;
}

enum advance gt_order_syscall_end_blocked(struct gt_reader *r, struct event *ev, struct mstate *m) {
    if (ev->p != NO_ID) {
        const struct pstate *p = gt_order_p(r, ev->p);
        if (!p) {
            gt_fail(r, "proc-state", "%e on P %i, which does not exist", (int)ev->type, ev->p);
            return ADV_BROKEN;
        }
        if (p->status == TRACE_P_SYSCALL)
            return ADV_NO; /* we will lose this P first: by the event's own word */
    }
    if (!gt_order_ctx(r, ev, '+', '?', '+'))
        return ADV_BROKEN;
    struct gstate *g = current(r, ev, TRACE_G_SYSCALL);
    if (!g || !gt_emit(r, ev))
        return ADV_BROKEN;
    g->status = TRACE_G_RUNNABLE;
    g->was = WORD_SYSCALL_BLOCKED;
    g->news |= NEWS_WAS;
    m->g = NO_ID;
    return gt_lane_sync(r, m, WORD_SYSCALL_BLOCKED, 0) ? ADV_YES : ADV_BROKEN;
}

/* A goroutine made by a callback from C: born in a syscall. */
enum advance gt_order_create_syscall(struct gt_reader *r, struct event *ev, struct mstate *m) {
    uint64_t gid = ev->args[0];
    if (!gt_order_ctx(r, ev, '+', '?', '-'))
        return ADV_BROKEN;
    if (gt_order_g(r, gid)) {
        gt_fail(r, "go-create", "goroutine %i is created in a syscall, but there already is one with that id", gid);
        return ADV_BROKEN;
    }
    if (!gt_emit(r, ev))
        return ADV_BROKEN;
    struct gstate *g = gt_order_new_g(r, gid, TRACE_G_SYSCALL);
    if (!g || !gt_g_begin(r, g, 0, NO_ID, 0))
        return ADV_BROKEN;
    g->was = WORD_CREATED;
    m->g = gid;
    return gt_lane_sync(r, m, WORD_MOVED, 0) ? ADV_YES : ADV_BROKEN;
}

/* … and gone again; a P it still had is given up as if stolen, since the thread's id may be used anew. */
enum advance gt_order_destroy_syscall(struct gt_reader *r, struct event *ev, struct mstate *m) {
    if (!gt_order_ctx(r, ev, '+', '?', '+'))
        return ADV_BROKEN;
    struct gstate *g = current(r, ev, TRACE_G_SYSCALL);
    if (!g)
        return ADV_BROKEN;
    if (ev->p != NO_ID) {
        struct pstate *p = gt_order_p(r, ev->p);
        if (!p || p->status != TRACE_P_SYSCALL) {
            gt_fail(r, "proc-state", "GoDestroySyscall on P %i, which is not in a syscall", ev->p);
            return ADV_BROKEN;
        }
        p->status = TRACE_P_SYSCALL_ABANDONED;
        struct event steal = {.type = TRACE_EV_PROC_STEAL, .time = ev->time, .m = ev->m, .p = ev->p, .g = ev->g};
        steal.args[0] = ev->p;
        steal.extra[0] = TRACE_P_SYSCALL;
        steal.offset = ev->offset;
        if (!gt_emit(r, &steal))
            return ADV_BROKEN;
        m->p = NO_ID;
    }
    if (!gt_emit(r, ev))
        return ADV_BROKEN;
    m->g = NO_ID;
    if (!gt_lane_sync(r, m, WORD_EXITED, 0))
        return ADV_BROKEN;
    gt_g_end(r, g);
    gt_order_drop_g(r, g);
    return ADV_YES;
}
