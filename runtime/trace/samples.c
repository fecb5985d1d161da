/* samples.c: the CPU samples of a generation, in batches of their own that belong to no M. Two generations are
 * written at once: two batches, by the last bit. Each has its time in full, and readers sort them in. (Go's
 * tracecpu.go)
 */
#include "trace/trace.h"

typedef struct Samples {
    rt_mutex lock; /* RANK_TABLES */
    TraceBuf *buf; /* the batch being filled, NULL: none yet */
} Samples;

static Samples samples[2];

void rt_trace_sample(uint32_t gen, int64_t ns, int m, int p, uint64_t goid, uint32_t stack) {
    Samples *s = &samples[gen % 2];
    rt_lock(&s->lock, RANK_TABLES);
    TraceBuf *b = s->buf;
    if (!b)
        b = s->buf = rt_buf_new(TRACE_NO_M);
    b->gen = gen;
    rt_buf_table(b, TRACE_EV_CPU_SAMPLES, 1 + TRACE_MAX_ARGS * TRACE_MAX_VARINT);
    b->data[b->n++] = TRACE_EV_CPU_SAMPLE;
    rt_buf_varint(b, (uint64_t)ns);
    rt_buf_varint(b, (uint64_t)m);
    rt_buf_varint(b, (uint64_t)p);
    rt_buf_varint(b, goid);
    rt_buf_varint(b, stack);
    rt_unlock(&s->lock);
}

void rt_samples_end(uint32_t gen) {
    Samples *s = &samples[gen % 2];
    rt_lock(&s->lock, RANK_TABLES);
    if (s->buf)
        rt_buf_flush(s->buf);
    rt_unlock(&s->lock);
}

void rt_samples_forget(uint32_t gen) {
    if (samples[gen % 2].buf)
        samples[gen % 2].buf->n = 0;
}
