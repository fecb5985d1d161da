/* buf.c: batches. A buffer collects the events of one M; when full, or when the generation ends, it goes to the
 * ring as one batch: header (kind, generation, M, time, size), then the events with times as deltas. (Go's
 * tracebuf.go, traceBatch) */
#include "base/throw.h"
#include "trace/trace.h"
#include <stdlib.h>
#include <string.h>

#define HEADER_MAX (1 + 4 * TRACE_MAX_VARINT)

Tracer rt_tracer;

/* For who has taken all memory and ends: the last generation wants some that its M has not had yet. */
static TraceBuf *_Atomic reserve[3];

void rt_buf_reserve(void) {
    for (size_t i = 0; i < sizeof reserve / sizeof *reserve; i++)
        if (!atomic_load(&reserve[i]))
            atomic_store(&reserve[i], malloc(sizeof(TraceBuf)));
}

static TraceBuf *from_reserve(void) {
    TraceBuf *b = NULL;
    for (size_t i = 0; i < sizeof reserve / sizeof *reserve && !b; i++)
        b = atomic_exchange(&reserve[i], NULL);
    return b;
}

TraceBuf *rt_buf_new(uint64_t m) {
    TraceBuf *b = malloc(sizeof *b);
    if (!b && !(b = from_reserve()))
        rt_fatal("out of memory (allocating a trace buffer)");
    b->m = m;
    b->n = 0;
    b->last_ns = b->batch_ns = 0;
    b->flushed = b->open = false;
    b->gen = 0;
    return b;
}

TraceBuf *rt_trace_buf_begin(mTraceState *m, uint32_t gen) {
    if (!m->buf[gen % 2])
        rt_trace_place(REENTER_BUFFER); /* may have made one */
    TraceBuf *b = m->buf[gen % 2];
    if (!b)
        b = m->buf[gen % 2] = rt_buf_new((uint64_t)m->id);
    b->gen = gen;
    return b;
}

bool rt_buf_has_room(TraceBuf *b, size_t bytes) { return b->n + bytes <= rt_tracer.batch_bytes; }

void rt_buf_varint(TraceBuf *b, uint64_t v) { b->n = (uint32_t)(rt_put_varint(b->data + b->n, v) - b->data); }

void rt_buf_bytes(TraceBuf *b, const void *s, size_t n) {
    memcpy(b->data + b->n, s, n);
    b->n += (uint32_t)n;
}

/* An event in the middle of this one finds a batch that can be written, before as after. */
void rt_buf_make_room(TraceBuf *b) {
    rt_trace_place(REENTER_EVENT);
    if (rt_buf_has_room(b, TRACE_MAX_EVENT))
        return;
    rt_trace_place(REENTER_FLUSH);
    rt_buf_flush(b);
    rt_trace_place(REENTER_FLUSHED);
    if (!rt_buf_has_room(b, TRACE_MAX_EVENT))
        rt_buf_flush(b);
}

void rt_buf_table(TraceBuf *b, uint8_t kind, size_t bytes) {
    if (!rt_buf_has_room(b, bytes))
        rt_buf_flush(b);
    if (b->n > 0)
        return;
    b->batch_ns = rt_trace_now();
    b->data[b->n++] = kind;
}

void rt_buf_flush(TraceBuf *b) {
    rt_assert_slow(!b->open);
    if (b->n == 0)
        return;
    uint8_t head[HEADER_MAX];
    uint8_t *at = head;
    *at++ = TRACE_EV_EVENT_BATCH;
    at = rt_put_batch(at, b->gen, b->m, b->batch_ns, b->n);
    rt_ring_append(b->gen, head, (size_t)(at - head), b->data, b->n);
    b->n = 0;
    b->flushed = true;
}

void rt_buf_forget(mTraceState *m, uint32_t gen) {
    TraceBuf *b = m->buf[gen % 2];
    if (b)
        b->n = 0;
}

bool rt_buf_end(mTraceState *m, uint32_t gen) {
    TraceBuf *b = m->buf[gen % 2];
    if (!b)
        return false;
    rt_buf_flush(b);
    if (b->flushed) {
        b->flushed = false;
    } else {
        free(b);
        m->buf[gen % 2] = NULL;
    }
    return true;
}

/* One timed event. Times of one M go forward, also if the host's clock does not. */
void rt_buf_event(TraceBuf *b, uint8_t ev, int64_t now, int nargs, const uint64_t *args) {
    rt_buf_prepare(b);
    rt_buf_put(b, ev, now <= b->last_ns ? b->last_ns + 1 : now, nargs, args);
}
