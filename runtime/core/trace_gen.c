/* trace_gen.c: generations: the barrier, ending one and beginning the next. See core/trace.h for the design. */
#include "core/driver.h"
#include "core/trace.h"

#define SPINS 2000 /* a traced section takes less than 1 us; copying a full buffer to the ring about 10 */
#define PERIOD_NS (100 * GR_MILLISECOND) /* length of a generation: what a live reader lags behind by */

bool trace_enabled;
_Atomic uint32_t trace_barrier;
TraceControl trace_control;

/* ---- the barrier ------------------------------------------------------------------------------------------------------ */

/* The barrier is up: step back out and wait until it is down. */
void trace_enter_slow(M *m) {
    for (;;) {
        trace_release(m);
        while (atomic_load(&trace_barrier))
            port_futex_wait((uint32_t *)(void *)&trace_barrier, 1, -1);
        uint32_t seq = atomic_load_explicit(&m->trace.seq, memory_order_relaxed);
        atomic_store(&m->trace.seq, seq + 1);
        if (!atomic_load(&trace_barrier))
            return;
    }
}

void trace_leave_slow(M *m) { port_futex_wake((uint32_t *)(void *)&m->trace.seq, 1); }

static void wait_even(M *m) {
    for (int i = 0;; i++) {
        uint32_t seq = atomic_load(&m->trace.seq);
        if (seq % 2 == 0)
            return;
        if (i < SPINS)
            port_pause();
        else
            port_futex_wait((uint32_t *)(void *)&m->trace.seq, seq, -1);
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
static void write_statuses(M *self) {
    for (int i = 0; i < sched.allocated; i++) {
        P *p = sched.allp[i];
        p->trace.seq = 0;
        ev_proc_status(m_buf(p->m ? p->m : self), &p->trace, trace_pstatus_of(p));
    }
    for (G *g = atomic_load(&sched.allg); g; g = g->all_next) {
        uint32_t status = trace_gstatus_of(g);
        if (status == 0)
            continue;
        g->trace.seq = 0;
        ev_go_status(m_buf(g->m ? g->m : self), &g->trace, g->m ? (uint64_t)g->m->id : TRACE_NO_M, status);
        if (g->stw && !tracer.shown) /* readers that know of none yet come in the middle of it */
            ev_stw_begin(m_buf(g->m), &g->trace, g->stw_reason, 0);
    }
}

/* How many Ps there are, in every generation, for readers that come late. Only a goroutine on a P can say it; if there is none, the next
 * that starts does. */
static void tell_procs(void) {
    bool told = false;
    for (int i = 0; i < sched.allocated && !told; i++) {
        M *m = sched.allp[i]->m;
        told = m && m->curg;
        if (told)
            ev_procs_change(m_buf(m), (uint64_t)sched.procs, 0);
    }
    atomic_store(&trace_control.procs_untold, !told);
}

/* bridge: the last generations were lost, and readers know others before them. */
static void begin_generation(M *self, bool bridge) {
    uint64_t before = ring_asked();
    if (bridge)
        gap_write(self);
    else
        write_statuses(self);
    tell_procs();
    uint32_t begun = (uint32_t)(ring_asked() - before);
    for (M *m = atomic_load(&sched.allm); m; m = m->all_next)
        if (m->trace.buf)
            begun += m->trace.buf->n;
    int64_t period_ns = PERIOD_NS;
    uint32_t rest = ring_capacity() / 4;
    loss_plan(begun, &period_ns, &rest, &tracer.batch_bytes);
    atomic_store(&trace_control.period_ns, period_ns);
    ring_begun(begun, rest);
    store_relaxed(bool, &tracer.news, false); /* statuses are none */
}

/* Notes what readers know after the generation just shown to them. */
static void remember_published(void) {
    for (int i = 0; i < sched.allocated; i++) {
        P *p = sched.allp[i];
        p->trace.pub = (uint8_t)trace_pstatus_of(p);
        p->trace.pub_m = p->m ? (uint32_t)p->m->id : 0;
    }
    for (G *g = atomic_load(&sched.allg); g; g = g->all_next) {
        g->trace.pub = (uint8_t)trace_gstatus_of(g); /* not goid: g_free clears it outside of the barrier */
        g->trace.pub_m = g->m ? (uint32_t)g->m->id : 0;
        g->trace.pub_stw = g->stw;
    }
    trace_control.ntombs = 0;
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
    uint32_t buffered = 0;
    for (M *m = atomic_load(&sched.allm); m; m = m->all_next)
        if (buf_end(&m->trace))
            buffered += tracer.batch_bytes;
    uint64_t before = ring_asked();
    trace_control.tables->batch_ns = trace_now();
    tables_write(trace_control.tables);
    write_sync(trace_control.tables);
    if (atomic_exchange(&trace_want_advance, false))
        attend_no_more(ATTEND_TRACE);
    bool shown =
        ring_commit(tracer.gen, buffered + (uint32_t)(ring_asked() - before), loss_wanted(trace_control.finished));
    tracer.shown |= shown;
    return shown;
}

void trace_advance(M *m) {
    if (!trace_enabled)
        return;
    rt_lock(&trace_control.lock, RANK_TRACE);
    if (!trace_control.finished) {
        barrier_raise();
        bool shown = end_generation();
        if (shown) {
            remember_published();
            tracer.gen++; /* readers want them numbered without gaps: a lost one gives its number to the next */
        }
        begin_generation(m, tracer.shown && !shown);
        barrier_drop();
    }
    rt_unlock(&trace_control.lock);
}

/* Whether a reader would learn anything: events were written, or a goroutine runs on. */
static bool anything_new(void) {
    return load_relaxed(bool, &tracer.news) || atomic_load(&sched.npidle) < atomic_load(&sched.procs);
}

int64_t trace_period(void) { return atomic_load_explicit(&trace_control.period_ns, memory_order_relaxed); }

void trace_tick(M *m) {
    if (trace_enabled && anything_new())
        trace_advance(m);
}

/* The barrier stays up: nobody writes any more. */
void trace_finish(M *m) {
    if (!trace_enabled)
        return;
    if (atomic_load(&m->trace.seq) % 2)
        return; /* we died while writing an event; the generation would be broken */
    rt_lock(&trace_control.lock, RANK_TRACE);
    trace_control.finished = true;
    barrier_raise();
    end_generation();
    loss_report();
    ring_close();
    rt_unlock(&trace_control.lock);
}

void trace_init(M *m) {
    if (rt_config.ring_bytes == 0)
        return;
    if (!ring_init(rt_config.ring_bytes, rt_config.procs))
        rt_fatal("out of memory (allocating the trace ring)");
    static const char header[TRACE_HEADER_BYTES] = "go 1.25 trace\0\0";
    ring_append(header, sizeof header, NULL, 0);
    ring_commit(0, 0, false); /* at once: it must not be lost with the first generation */
    uint32_t fair = ring_capacity() / (8 * ((uint32_t)rt_config.procs + 8)); /* what lies in buffers must fit, too */
    tracer.batch_bytes = fair < TRACE_MIN_BATCH ? TRACE_MIN_BATCH : fair > TRACE_MAX_BATCH ? TRACE_MAX_BATCH : fair;
    trace_control.tables = buf_new(TRACE_NO_M);
    tables_init();
    loss_init();
    tracer.gen = 1;
    trace_enabled = true;
    begin_generation(m, false);
}
