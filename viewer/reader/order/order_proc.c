/* order_proc.c: how Ps change hands: start, stop, steal, and the status at a generation's start. */
#include "base/reader.h"

static const char *pstatus_name(uint64_t s) {
    static const char *const names[] = {"bad", "running", "idle", "in a syscall", "abandoned in a syscall"};
    return s <= TRACE_P_SYSCALL_ABANDONED ? names[s] : "bad";
}

static bool succeeds(const struct gt_reader *r, uint64_t seq_gen, uint64_t seq, uint64_t next) {
    return seq_gen == r->gen.gen && next == seq + 1;
}

static struct pstate *new_p(struct gt_reader *r, uint64_t id, uint8_t status) {
    struct order *o = &r->order;
    struct pstate *p = VEC_ROOM(&o->p_list, o->p_list.n + 1) ? gt_alloc(sizeof *p) : NULL;
    if (!p) {
        gt_fail_memory(r);
        return NULL;
    }
    o->p_list.p[o->p_list.n++] = p;
    *p = (struct pstate){.id = id, .status = status, .seq_gen = r->gen.gen};
    if (!gt_map_set(&o->ps, id, o->p_list.n) || (p->lane = gt_lane_new(r, id)) == UINT32_MAX) {
        p->lane = 0;
        gt_fail_memory(r);
        return NULL;
    }
    return p;
}

/* The state a status event goes on from, given what is known of its P; PROC_UNDETERMINED + 8 = they disagree. */
enum { STATUS_DISAGREES = 8 };
static uint8_t status_from(struct pstate *p, struct event *ev) {
    uint64_t status = ev->args[1];
    if (status == TRACE_P_SYSCALL_ABANDONED && p->status == TRACE_P_SYSCALL) {
        ev->args[1] = TRACE_P_SYSCALL; /* we know more than the writer did: nothing is lost */
        return PROC_RUNNING;
    }
    return p->status == status ? gt_proc_state_of(status) : STATUS_DISAGREES;
}

/* The P is about to be stolen and its status comes from another M: show the event where the P is bound. */
static bool status_context(struct gt_reader *r, struct event *ev, struct pstate *p) {
    struct mstate *m = p->holder;
    for (uint32_t i = 0; (!m || m->p != p->id) && i < r->order.m_list.n; i++)
        m = r->order.m_list.p[i];
    if (!m || m->p != p->id)
        return gt_fail(r, "proc-status", "P %u is about to be stolen, but no thread has it", p->id);
    p->holder = m;
    ev->m = m->id;
    ev->p = m->p;
    ev->g = m->g;
    return true;
}

enum advance gt_order_proc_status(struct gt_reader *r, struct event *ev, struct mstate *m) {
    uint64_t id = ev->args[0], status = ev->args[1];
    if (status > TRACE_P_SYSCALL_ABANDONED) {
        gt_fail(r, "proc-status", "P %i is given status %u, which does not exist", id, status);
        return ADV_BROKEN;
    }
    struct pstate *p = gt_order_p(r, id);
    uint8_t from;
    if (p) {
        from = status_from(p, ev);
        if (from == STATUS_DISAGREES) {
            gt_fail(r, "proc-status", "P %u is said to be %s, but it was %s", id, pstatus_name(status),
                    pstatus_name(p->status));
            return ADV_BROKEN;
        }
        p->seq_gen = r->gen.gen;
        p->seq = 0;
    } else {
        p = new_p(r, id, (uint8_t)status);
        if (!p)
            return ADV_BROKEN;
        if (gt_is_part(r)) {
            /* It can only be in a syscall from before: which M's is told when it is stolen. */
            p->abandoned = status == TRACE_P_SYSCALL_ABANDONED;
            p->came = p->status = p->abandoned ? TRACE_P_SYSCALL : (uint8_t)status;
        }
        from = r->gen.gen == r->order.first_gen ? PROC_UNDETERMINED : PROC_NOT_EXIST;
    }
    ev->extra[0] = from;
    if (status == TRACE_P_SYSCALL_ABANDONED && from == PROC_RUNNING && !status_context(r, ev, p))
        return ADV_BROKEN;
    if (!gt_emit(r, ev))
        return ADV_BROKEN;
    if (m && (status == TRACE_P_RUNNING || status == TRACE_P_SYSCALL)) {
        if (gt_is_part(r))
            gt_part_has_p(m, id);
        m->p = id;
        p->holder = m;
        if (!gt_lane_sync(r, m, WORD_MOVED, 0))
            return ADV_BROKEN;
    }
    return ADV_YES;
}

enum advance gt_order_proc_start(struct gt_reader *r, struct event *ev, struct mstate *m) {
    struct pstate *p = gt_order_p(r, ev->args[0]);
    /* In a syscall with a P still bound we have not yet seen that it was stolen: wait. */
    if (!p || p->status != TRACE_P_IDLE || !succeeds(r, p->seq_gen, p->seq, ev->args[1]) || ev->p != NO_ID)
        return ADV_NO;
    if (!gt_order_ctx(r, ev, '+', '-', '?') || !gt_emit(r, ev))
        return ADV_BROKEN;
    p->status = TRACE_P_RUNNING;
    p->seq = ev->args[1];
    m->p = p->id;
    p->holder = m;
    return gt_lane_sync(r, m, WORD_MOVED, 0) ? ADV_YES : ADV_BROKEN;
}

enum advance gt_order_proc_stop(struct gt_reader *r, struct event *ev, struct mstate *m) {
    struct pstate *p = gt_order_p(r, ev->p);
    if (!p) {
        gt_fail(r, "context", "%e needs a P, and its thread has none", (int)ev->type);
        return ADV_BROKEN;
    }
    if (p->status != TRACE_P_RUNNING && p->status != TRACE_P_SYSCALL) {
        gt_fail(r, "proc-state", "ProcStop of P %u, which is %s", p->id, pstatus_name(p->status));
        return ADV_BROKEN;
    }
    if (!gt_order_ctx(r, ev, '+', '+', '?') || !gt_emit(r, ev))
        return ADV_BROKEN;
    p->status = TRACE_P_IDLE;
    m->p = NO_ID;
    return gt_lane_sync(r, m, WORD_P_STOPPED, 0) ? ADV_YES : ADV_BROKEN;
}

/* Checks the M that loses its P; *from is it, or NULL when the writer had lost sight of it. */
static bool steal_victim(struct gt_reader *r, const struct event *ev, struct pstate *which, struct mstate **from) {
    uint64_t p = ev->args[0], mid = ev->args[2];
    *from = NULL;
    if (which->status == TRACE_P_SYSCALL_ABANDONED)
        return true;
    if (which->abandoned) {
        struct mstate *m = gt_order_thread(r, mid);
        if (!m)
            return gt_fail_memory(r);
        if (!m->p_known)
            m->p = p;
        gt_part_has_p(m, p);
        which->holder = m;
    }
    *from = gt_order_m(r, mid);
    if (!*from)
        return gt_fail(r, "proc-steal", "P %u is stolen from M %i, which does not exist", p, mid);
    if ((*from)->p != p)
        return gt_fail(r, "proc-steal", "P %u is stolen from M %i, which has P %i", p, mid, (*from)->p);
    return true;
}

enum advance gt_order_proc_steal(struct gt_reader *r, struct event *ev, struct mstate *m) {
    (void)m;
    struct pstate *p = gt_order_p(r, ev->args[0]);
    if (!p || (p->status != TRACE_P_SYSCALL && p->status != TRACE_P_SYSCALL_ABANDONED) ||
        !succeeds(r, p->seq_gen, p->seq, ev->args[1]))
        return ADV_NO;
    if (!gt_order_ctx(r, ev, '+', '?', '?'))
        return ADV_BROKEN;
    struct mstate *from;
    if (!steal_victim(r, ev, p, &from))
        return ADV_BROKEN;
    ev->extra[0] = p->status;
    p->status = TRACE_P_IDLE;
    p->seq = ev->args[1];
    if (!gt_emit(r, ev))
        return ADV_BROKEN;
    if (!from)
        return ADV_YES;
    if (p->lane && !r->lanes.p[p->lane - 1]->n && !p->past_end)
        p->past_end = r->now;
    from->p = NO_ID; /* so that it may go on to the end of its syscall */
    return gt_lane_sync(r, from, WORD_P_STOLEN, 0) ? ADV_YES : ADV_BROKEN;
}
