/* gen.c: generations: the barrier, ending one and beginning the next. See trace.h for the design. */
#include "trace.h"
#include "../sched/clock.h"

#define SPINS 2000 /* a traced section takes less than 1 us; copying a full buffer to the ring about 10 */

bool trace_enabled;
_Atomic uint32_t trace_barrier;
_Atomic bool trace_want_advance;
Tracer tracer;

/* ---- the barrier ------------------------------------------------------------------------------------------------------ */

/* The barrier is up: step back out and wait until it is down. */
void trace_enter_slow(M *m) {
    for (;;) {
        trace_release(m);
        while (atomic_load(&trace_barrier))
            port_futex_wait((uint32_t *)(void *)&trace_barrier, 1, -1);
        uint32_t seq = atomic_load_explicit(&m->trace_seq, memory_order_relaxed);
        atomic_store(&m->trace_seq, seq + 1);
        if (!atomic_load(&trace_barrier))
            return;
    }
}

void trace_leave_slow(M *m) { port_futex_wake((uint32_t *)(void *)&m->trace_seq, 1); }

static void wait_even(M *m) {
    for (int i = 0;; i++) {
        uint32_t seq = atomic_load(&m->trace_seq);
        if (seq % 2 == 0)
            return;
        if (i < SPINS)
            port_pause();
        else
            port_futex_wait((uint32_t *)(void *)&m->trace_seq, seq, -1);
    }
}

static void barrier_raise(void) {
    atomic_store(&trace_barrier, 1);
    for (M *m = atomic_load(&sched.allm); m; m = m->all_next)
        wait_even(m);
}

static void barrier_drop(void) {
    atomic_store(&trace_barrier, 0);
    port_futex_wake((uint32_t *)(void *)&trace_barrier, 1 << 30);
}

/* ---- beginning and ending; barrier is up -------------------------------------------------------------------------------- */

/* Status of every P and live goroutine, each bound one on its M, the others on self. */
static void begin_generation(M *self) {
    for (int i = 0; i < sched.allocated; i++) {
        P *p = sched.allp[i];
        p->trace_seq = 0;
        ev_proc_status(m_buf(p->m ? p->m : self), p, trace_pstatus_of(p));
    }
    for (G *g = atomic_load(&sched.allg); g; g = g->all_next) {
        uint32_t status = trace_gstatus_of(g);
        if (status == 0 || g->goid == 0)
            continue;
        g->trace.seq = 0;
        ev_go_status(m_buf(g->m ? g->m : self), &g->trace, g->m ? (uint64_t)g->m->id : TRACE_NO_M, status);
    }
}

/* Notes what readers know after the generation just shown to them. */
static void remember_published(void) {
    for (int i = 0; i < sched.allocated; i++) {
        P *p = sched.allp[i];
        p->trace_pub = (uint8_t)trace_pstatus_of(p);
        p->trace_pub_m = p->m ? (uint32_t)p->m->id : 0;
    }
    for (G *g = atomic_load(&sched.allg); g; g = g->all_next) {
        g->trace.pub = (uint8_t)trace_gstatus_of(g); /* not goid: g_free clears it outside of the barrier */
        g->trace.pub_m = g->m ? (uint32_t)g->m->id : 0;
        g->trace.pub_stw = g->stw;
    }
    tracer.ntombs = 0;
}

/* Units of time and what the clocks say. Readers want all three clocks to move on from one generation to the next. */
static void write_sync(TraceBuf *b) {
    static int64_t last;
    int64_t now = trace_now();
    if (now <= last)
        now = last + 1;
    last = now;
    b->batch_ns = now;
    b->data[b->n++] = TRACE_EV_SYNC;
    b->data[b->n++] = TRACE_EV_FREQUENCY;
    buf_varint(b, GR_SECOND); /* units a second: times are nanoseconds */
    b->data[b->n++] = TRACE_EV_CLOCK_SNAPSHOT;
    buf_varint(b, 0); /* later than the batch by */
    buf_varint(b, (uint64_t)now);
    buf_varint(b, (uint64_t)((rt_epoch_ns() + now) / GR_SECOND));
    buf_varint(b, (uint64_t)((rt_epoch_ns() + now) % GR_SECOND));
    buf_flush(b);
}

/* Buffers to the ring, tables, clocks. True if the generation got through. */
static bool end_generation(void) {
    for (M *m = atomic_load(&sched.allm); m; m = m->all_next) {
        if (!m->trace_buf)
            continue;
        buf_flush(m->trace_buf);
        m->trace_buf->events = 0;
    }
    tracer.tables->batch_ns = trace_now();
    tables_write(tracer.tables);
    write_sync(tracer.tables);
    if (atomic_exchange(&trace_want_advance, false))
        attend_no_more(ATTEND_TRACE);
    return ring_commit(tracer.gen);
}

void trace_advance(M *m) {
    if (!trace_enabled)
        return;
    rt_lock(&tracer.lock, RANK_TRACE);
    if (!tracer.finished) {
        barrier_raise();
        /* Readers want generations numbered without gaps: a lost one gives its number to the next. */
        if (end_generation()) {
            remember_published();
            tracer.gen++;
            begin_generation(m);
        } else {
            gap_begin_generation(m);
        }
        uint32_t begun = ring_pending();
        for (M *each = atomic_load(&sched.allm); each; each = each->all_next)
            if (each->trace_buf) {
                each->trace_buf->events = 0; /* statuses are no news */
                begun += (uint32_t)each->trace_buf->n;
            }
        ring_begun(begun);
        barrier_drop();
    }
    rt_unlock(&tracer.lock);
}

/* Whether a reader would learn anything: events were written, or a goroutine runs on. */
static bool anything_new(void) {
    if (atomic_load(&sched.npidle) < sched.procs || ring_pending() > 0)
        return true;
    for (M *m = atomic_load(&sched.allm); m; m = m->all_next)
        if (m->trace_buf && m->trace_buf->events > 0)
            return true;
    return false;
}

void trace_tick(M *m) {
    if (trace_enabled && anything_new())
        trace_advance(m);
}

/* The barrier stays up: nobody writes any more. */
void trace_finish(M *m) {
    if (!trace_enabled)
        return;
    if (atomic_load(&m->trace_seq) % 2)
        return; /* we died while writing an event; the generation would be broken */
    rt_lock(&tracer.lock, RANK_TRACE);
    tracer.finished = true;
    barrier_raise();
    end_generation();
    ring_close();
    rt_unlock(&tracer.lock);
}

void trace_init(M *m) {
    if (rt_config.ring_bytes == 0)
        return;
    if (!ring_init(rt_config.ring_bytes))
        rt_fatal("out of memory (allocating the trace ring)");
    static const char header[TRACE_HEADER_BYTES] = "go 1.25 trace\0\0";
    ring_append(header, sizeof header, NULL, 0);
    ring_commit(0); /* at once: it must not be lost with the first generation */
    tracer.tables = buf_new(TRACE_NO_M);
    tables_init();
    tracer.gen = 1;
    trace_enabled = true;
    begin_generation(m);
}
