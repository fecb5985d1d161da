/*
 * frontier.c: which event may be next. One cursor an M, in a min-heap by the time of the M's next event; the first that
 * the order lets advance is taken. The heap's moves and the sort are those of Go's reader, so that equal times come out
 * alike.
 */
#include "base/reader.h"
#include "decode/varint.h"

static void at_event(struct gt_reader *r, const struct cursor *c, uint32_t off, uint8_t ev) {
    r->at = (struct where){r->in.base + off, r->gen.gen, c->mid, ev};
}

static bool wrong_type(struct gt_reader *r, const struct cursor *c, uint8_t type) {
    at_event(r, c, c->off, type);
    if (type >= TRACE_EV_LIMIT || !gt_trace_event_table[type].name)
        return gt_fail(r, "event-type", "there is no event number %u", (uint64_t)type);
    return gt_fail(r, "event-type", "%e has no time; it cannot stand among a thread's events", (int)type);
}

/* The arguments of a timed event at c->off near the end of its batch, or broken ones: every byte is checked. */
static bool read_args_slowly(struct gt_reader *r, struct cursor *c, uint32_t end, uint32_t n, uint64_t *dt) {
    at_event(r, c, c->off - 1, c->ev.type);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t *to = i == 0 ? dt : &c->ev.args[i - 1];
        int len = varint(r->in.p + c->off, end - c->off, to);
        if (len < 0) {
            return gt_fail(r, "varint",
                           len == VARINT_SHORT ? "the batch ends inside argument %u of %e"
                                               : "argument %u of %e is over 64 bits",
                           (uint64_t)i + 1, (int)c->ev.type);
        }
        c->off += (uint32_t)len;
    }
    return true;
}

/* The bytes of a number whose first two say that it goes on; the tenth, which may be wrong, is left to the caller. */
static const uint8_t *read_long(const uint8_t *p, uint64_t *v) {
    uint32_t shift = 14, b;
    do {
        b = *p++;
        *v |= (uint64_t)(b & 0x7f) << shift;
        shift += 7;
    } while (b >= 0x80 && shift < 63);
    return b < 0x80 ? p : NULL;
}

/* The same where no argument can leave the batch. */
static bool read_args(struct gt_reader *r, struct cursor *c, uint32_t end, uint32_t n, uint64_t *dt) {
    uint32_t from = c->off;
    if (end - from < n * TRACE_MAX_VARINT)
        return read_args_slowly(r, c, end, n, dt);
    const uint8_t *p = r->in.p + from;
    uint64_t *to = dt;
    for (uint32_t i = 0; i < n; to = &c->ev.args[i++]) {
        uint64_t v = *p++;
        if (v >= 0x80) {
            uint32_t b = *p++;
            v = (v & 0x7f) | (uint64_t)(b & 0x7f) << 7;
            if (b >= 0x80 && !(p = read_long(p, &v)))
                return read_args_slowly(r, c, end, n, dt); /* ten bytes: rare */
        }
        *to = v;
    }
    c->off = (uint32_t)(p - r->in.p);
    return true;
}

/* Reads the cursor's next event; *ok = there is one. */
static bool next_event(struct gt_reader *r, struct cursor *c, bool *ok) {
    const struct batch *b = &r->gen.batches.p[c->batch];
    while (c->off == b->off + b->len) {
        c->batch = b->next;
        c->last_time = 0;
        if (c->batch == UINT32_MAX) {
            *ok = false;
            return true;
        }
        b = &r->gen.batches.p[c->batch];
        c->off = b->off;
    }
    if (c->last_time == 0)
        c->last_time = gt_units_to_ns(r->gen.ns_per_unit, b->time);
    uint8_t type = r->in.p[c->off];
    if (type >= TRACE_EV_LIMIT || gt_trace_event_table[type].form < TRACE_FORM_TIMED)
        return wrong_type(r, c, type);
    const struct trace_event_desc *d = &gt_trace_event_table[type];
    c->ev.type = type;
    c->ev.offset = r->in.base + c->off;
    c->off++;
    uint64_t dt;
    if (!read_args(r, c, b->off + b->len, d->nargs, &dt))
        return false;
    c->ev.time = (int64_t)((uint64_t)gt_units_to_ns(r->gen.ns_per_unit, dt) + (uint64_t)c->last_time);
    c->last_time = c->ev.time;
    *ok = true;
    return true;
}

/* ---- the heap ---- */

static void swap(struct cursor **h, uint32_t a, uint32_t b) {
    struct cursor *t = h[a];
    h[a] = h[b];
    h[b] = t;
}

static uint32_t sift_up(struct cursor **h, uint32_t i) {
    while (i > 0 && h[(i - 1) / 2]->ev.time > h[i]->ev.time) {
        swap(h, (i - 1) / 2, i);
        i = (i - 1) / 2;
    }
    return i;
}

static void sift_down(struct cursor **h, uint32_t n, uint32_t i) {
    for (;;) {
        uint32_t least = i, kid = 2 * i + 1;
        if (kid < n && h[kid]->ev.time < h[least]->ev.time)
            least = kid;
        if (kid + 1 < n && h[kid + 1]->ev.time < h[least]->ev.time)
            least = kid + 1;
        if (least == i)
            return;
        swap(h, i, least);
        i = least;
    }
}

static void heap_remove(struct frontier *f, uint32_t i) {
    for (; i > 0; i = (i - 1) / 2)
        swap(f->heap.p, (i - 1) / 2, i);
    f->heap.n--;
    swap(f->heap.p, 0, f->heap.n);
    sift_down(f->heap.p, f->heap.n, 0);
}

/* Whether the heap is sorted, as it is most of the time. */
static bool is_sorted(const struct frontier *f) {
    for (uint32_t i = 1; i < f->heap.n; i++)
        if (f->heap.p[i]->ev.time < f->heap.p[i - 1]->ev.time)
            return false;
    return true;
}

static bool heap_sort(struct gt_reader *r) {
    struct frontier *f = &r->front;
    uint32_t n = f->heap.n;
    if (is_sorted(f))
        return true;
    if (!VEC_ROOM(&f->aside, n) || !VEC_ROOM(&f->keys, n))
        return gt_fail_memory(r);
    memcpy(f->aside.p, f->heap.p, n * sizeof(struct cursor *));
    for (uint32_t i = 0; i < n; i++)
        f->keys.p[i] = (struct time_key){f->heap.p[i]->ev.time, i};
    gt_time_sort(f->keys.p, n);
    for (uint32_t i = 0; i < n; i++)
        f->heap.p[i] = f->aside.p[f->keys.p[i].what];
    return true;
}

/* ---- a generation's events ---- */

/* Puts each M's batches into a chain; the cursors stand at the first. */
static bool chain(struct gt_reader *r, struct map *last_of) {
    struct generation *g = &r->gen;
    struct frontier *f = &r->front;
    for (uint32_t i = 0; i < g->batches.n; i++) {
        struct batch *b = &g->batches.p[i];
        b->next = UINT32_MAX;
        if (gt_batch_is_table(r, b))
            continue;
        uint32_t last = gt_map_get(last_of, b->m);
        if (last) {
            g->batches.p[last - 1].next = i;
        } else {
            if (!VEC_ROOM(&f->cursors, f->cursors.n + 1))
                return false;
            f->cursors.p[f->cursors.n++] = (struct cursor){.mid = b->m, .batch = i, .off = b->off};
        }
        if (!gt_map_set(last_of, b->m, i + 1))
            return false;
    }
    return true;
}

bool gt_frontier_build(struct gt_reader *r) {
    struct frontier *f = &r->front;
    struct map last_of = {0};
    f->cursors.n = f->heap.n = 0;
    bool ok = chain(r, &last_of);
    gt_map_free(&last_of);
    if (!ok || !VEC_ROOM(&f->heap, f->cursors.n))
        return gt_fail_memory(r);
    for (uint32_t i = 0; i < f->cursors.n; i++) {
        struct cursor *c = &f->cursors.p[i];
        if (!next_event(r, c, &ok))
            return false;
        if (!ok)
            continue;
        f->heap.p[f->heap.n] = c;
        sift_up(f->heap.p, f->heap.n++);
    }
    r->at = (struct where){r->in.base, r->gen.gen, NO_ID, 0};
    return gt_emit_sync(r, true, gt_units_to_ns(r->gen.ns_per_unit, r->gen.min_time));
}

static bool sample_step(struct gt_reader *r) {
    const struct cpu_sample *s = &r->gen.samples.p[r->gen.next_sample++];
    struct event ev = {.type = TRACE_EV_CPU_SAMPLE, .time = s->ns, .m = s->m, .p = s->p, .g = s->g};
    ev.offset = r->in.base + s->off;
    ev.args[0] = s->stack;
    r->at = (struct where){ev.offset, r->gen.gen, s->m, TRACE_EV_CPU_SAMPLE};
    return gt_emit(r, &ev);
}

/* Lets the cursor at heap place i advance and reads its next event. */
static enum advance try_advance(struct gt_reader *r, uint32_t i) {
    struct frontier *f = &r->front;
    struct cursor *c = f->heap.p[i];
    r->at = (struct where){c->ev.offset, r->gen.gen, c->mid, c->ev.type};
    enum advance a = gt_order_advance(r, c);
    if (a != ADV_YES)
        return a;
    bool more;
    if (!next_event(r, c, &more))
        return ADV_BROKEN;
    if (!more)
        heap_remove(f, i);
    else if (sift_up(f->heap.p, i) == i)
        sift_down(f->heap.p, f->heap.n, i);
    return ADV_YES;
}

/* No M can go on: says so with the earliest event and what it waits for. */
static bool stuck(struct gt_reader *r) {
    const struct cursor *c = r->front.heap.p[0];
    r->at = (struct where){c->ev.offset, r->gen.gen, c->mid, c->ev.type};
    const uint64_t *a = c->ev.args;
    const struct trace_event_desc *d = &gt_trace_event_table[c->ev.type];
    if (d->nargs >= 3 && d->args[1] == TRACE_ARG_G) {
        const struct gstate *g = gt_order_g(r, a[0]);
        static const char *const is[] = {"unknown", "runnable", "running", "in a syscall", "waiting"};
        return gt_fail(r, "order",
                       "no thread can go on: M %i wants %e of goroutine %u as number %u, but it is %s at number %u",
                       c->mid, (int)c->ev.type, a[0], a[1], is[g ? g->status : 0],
                       g && g->seq_gen == r->gen.gen ? g->seq : (uint64_t)0);
    }
    if (d->nargs >= 3 && d->args[1] == TRACE_ARG_P) {
        const struct pstate *p = gt_order_p(r, a[0]);
        static const char *const is[] = {"unknown", "running", "idle", "in a syscall", "abandoned in a syscall"};
        return gt_fail(r, "order", "no thread can go on: M %i wants %e of P %u as number %u, but it is %s at number %u",
                       c->mid, (int)c->ev.type, a[0], a[1], is[p ? p->status : 0],
                       p && p->seq_gen == r->gen.gen ? p->seq : (uint64_t)0);
    }
    return gt_fail(r, "order", "no thread can go on: M %i waits at %e, and what it waits for never happens", c->mid,
                   (int)c->ev.type);
}

bool gt_frontier_step(struct gt_reader *r) {
    struct frontier *f = &r->front;
    struct generation *g = &r->gen;
    if (g->next_sample < g->samples.n && (f->heap.n == 0 || g->samples.p[g->next_sample].ns < f->heap.p[0]->ev.time))
        return sample_step(r);
    enum advance a = try_advance(r, 0);
    if (a != ADV_NO)
        return a == ADV_YES;
    if (!heap_sort(r))
        return false;
    for (uint32_t i = 1; i < f->heap.n; i++) {
        a = try_advance(r, i);
        if (a != ADV_NO)
            return a == ADV_YES;
    }
    return stuck(r);
}

void gt_frontier_close(struct frontier *f) {
    VEC_FREE(&f->cursors);
    VEC_FREE(&f->heap);
    VEC_FREE(&f->aside);
    VEC_FREE(&f->keys);
}
