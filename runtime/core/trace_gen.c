/* trace_gen.c: generations: the barrier, ending one and beginning the next. See core/trace.h for the design. */
#include "core/driver.h"
#include "core/trace.h"

#define SPINS 2000 /* a traced section takes less than 1 us; copying a full buffer to the ring about 10 */
#define PERIOD_NS (100 * GR_MILLISECOND) /* length of a generation: what a live reader lags behind by */
/* A generation begins with the status of every goroutine: where that is much, it lasts as much longer, else a million
 * waiting goroutines wrote a gigabyte in 15 s. */
#define PERIOD_BYTES (256 * 1024)
#define LONGEST_PERIOD_NS (2 * GR_SECOND)

bool rt_trace_enabled;
_Atomic uint32_t rt_trace_barrier;
TraceControl rt_trace_control;

/* ---- the barrier --------------------------------------------------------------------------------------------- */

/* The barrier is up: step back out and wait until it is down. */
void rt_trace_enter_slow(M *m) {
    for (;;) {
        rt_trace_release(m);
        while (atomic_load(&rt_trace_barrier))
            port_futex_wait((uint32_t *)(void *)&rt_trace_barrier, 1, -1);
        uint32_t seq = atomic_load_explicit(&m->trace.seqlock, memory_order_relaxed);
        atomic_store(&m->trace.seqlock, seq + 1);
        if (!atomic_load(&rt_trace_barrier))
            return;
    }
}

void rt_trace_leave_slow(M *m) { port_futex_wake((uint32_t *)(void *)&m->trace.seqlock, 1); }

static void wait_even(M *m) {
    for (int i = 0;; i++) {
        uint32_t seq = atomic_load(&m->trace.seqlock);
        if (seq % 2 == 0)
            return;
        if (i < SPINS)
            port_pause();
        else
            port_futex_wait((uint32_t *)(void *)&m->trace.seqlock, seq, -1);
    }
}

static void barrier_raise(void) {
    atomic_store(&rt_trace_barrier, 1);
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        wait_even(m);
}

static void barrier_drop(void) {
    atomic_store(&rt_trace_barrier, 0);
    port_futex_wake((uint32_t *)(void *)&rt_trace_barrier, 1 << 30);
}

/* ---- beginning and ending; barrier is up --------------------------------------------------------------------- */

/* Status of every P and live goroutine, each bound one on its M, the others on self. */
static void write_statuses(M *self) {
    for (int i = 0; i < rt_sched.allocated; i++) {
        P *p = rt_sched.allp[i];
        p->trace.seq = 0;
        rt_ev_proc_status(rt_m_buf(p->m ? p->m : self), &p->trace, rt_trace_pstatus_of(p));
    }
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next) {
        uint32_t status = rt_trace_gstatus_of(g);
        if (status == 0)
            continue;
        g->trace.seq = 0;
        rt_ev_go_status(rt_m_buf(g->m ? g->m : self), &g->trace, g->m ? (uint64_t)g->m->id : TRACE_NO_M, status);
        if (g->stw && !rt_tracer.shown) /* readers that know of none yet come in the middle of it */
            rt_ev_stw_begin(rt_m_buf(g->m), &g->trace, g->stw_reason, 0);
    }
}

/* How many Ps there are, for readers that come late. Only a goroutine on a P can say it; false if there is none. */
static bool tell_procs(void) {
    for (int i = 0; i < rt_sched.allocated; i++) {
        M *m = rt_sched.allp[i]->m;
        if (m && m->curg) {
            rt_ev_procs_change(rt_m_buf(m), (uint64_t)rt_sched.procs, 0);
            return true;
        }
    }
    return false;
}

/* bridge: the last generations were lost, and readers know others before them. */
static void begin_generation(M *self, bool bridge) {
    uint64_t before = rt_ring_asked();
    bool told;
    if (bridge) {
        told = rt_gap_write(self);
    } else {
        write_statuses(self);
        told = tell_procs();
    }
    atomic_store(&rt_trace_control.procs_untold, !told); /* the next that starts says it */
    uint32_t begun = (uint32_t)(rt_ring_asked() - before);
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        if (m->trace.buf)
            begun += m->trace.buf->n;
    int64_t period_ns = PERIOD_NS * (1 + begun / PERIOD_BYTES);
    if (period_ns > LONGEST_PERIOD_NS)
        period_ns = LONGEST_PERIOD_NS;
    uint32_t rest = rt_ring_capacity() / 4;
    rt_loss_plan(begun, &period_ns, &rest, &rt_tracer.batch_bytes);
    atomic_store(&rt_trace_control.period_ns, period_ns);
    rt_ring_begun(begun, rest);
    store_relaxed(bool, &rt_tracer.news, false); /* statuses are none */
}

/* Notes what readers know after the generation just shown to them. */
static void remember_published(void) {
    for (int i = 0; i < rt_sched.allocated; i++) {
        P *p = rt_sched.allp[i];
        p->trace.pub = (uint8_t)rt_trace_pstatus_of(p);
        p->trace.pub_m = p->m ? (uint32_t)p->m->id : 0;
    }
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next) {
        g->trace.pub = (uint8_t)rt_trace_gstatus_of(g); /* not goid: rt_g_free clears it outside of the barrier */
        g->trace.pub_m = g->m ? (uint32_t)g->m->id : 0;
        g->trace.pub_stw = g->stw;
    }
    rt_trace_control.ntombs = 0;
}

/* Units of time and what the clocks say. Readers want all three clocks to move on from one generation to the next. */
static void write_sync(TraceBuf *b) {
    static int64_t last;
    int64_t now = rt_trace_now();
    if (now <= last)
        now = last + 1;
    last = now;
    b->batch_ns = now;
    b->data[b->n++] = TRACE_EV_SYNC;
    b->data[b->n++] = TRACE_EV_FREQUENCY;
    rt_buf_varint(b, GR_SECOND); /* units a second: times are nanoseconds */
    b->data[b->n++] = TRACE_EV_CLOCK_SNAPSHOT;
    rt_buf_varint(b, 0); /* later than the batch by */
    rt_buf_varint(b, (uint64_t)now);
    rt_buf_varint(b, (uint64_t)((rt_epoch_ns() + now) / GR_SECOND));
    rt_buf_varint(b, (uint64_t)((rt_epoch_ns() + now) % GR_SECOND));
    rt_buf_flush(b);
}

/* Buffers to the ring, tables, clocks. True if the generation got through. */
static bool end_generation(void) {
    uint32_t buffered = 0;
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        if (rt_buf_end(&m->trace))
            buffered += rt_tracer.batch_bytes;
    uint64_t before = rt_ring_asked();
    rt_trace_control.tables->batch_ns = rt_trace_now();
    rt_tables_write(rt_trace_control.tables);
    write_sync(rt_trace_control.tables);
    if (atomic_exchange(&rt_trace_want_advance, false))
        rt_lower_attention(ATTEND_TRACE);
    bool shown = rt_ring_commit(rt_tracer.gen, buffered + (uint32_t)(rt_ring_asked() - before),
                                rt_loss_wanted(rt_trace_control.finished));
    rt_tracer.shown |= shown;
    return shown;
}

void rt_trace_advance(M *m) {
    if (!rt_trace_enabled)
        return;
    rt_lock(&rt_trace_control.lock, RANK_TRACE);
    if (!rt_trace_control.finished) {
        barrier_raise();
        bool shown = end_generation();
        if (shown) {
            remember_published();
            rt_tracer.gen++; /* readers want them numbered without gaps: a lost one gives its number to the next */
        }
        begin_generation(m, rt_tracer.shown && !shown);
        barrier_drop();
    }
    rt_unlock(&rt_trace_control.lock);
}

/* Whether a reader would learn anything: events were written, or a goroutine runs on. */
static bool anything_new(void) {
    return load_relaxed(bool, &rt_tracer.news) || atomic_load(&rt_sched.npidle) < atomic_load(&rt_sched.procs);
}

int64_t rt_trace_period(void) { return atomic_load_explicit(&rt_trace_control.period_ns, memory_order_relaxed); }

void rt_trace_tick(M *m) {
    if (rt_trace_enabled && anything_new())
        rt_trace_advance(m);
}

/* The barrier stays up: nobody writes any more. */
void rt_trace_finish(M *m) {
    if (!rt_trace_enabled)
        return;
    if (atomic_load(&m->trace.seqlock) % 2)
        return; /* we died while writing an event; the generation would be broken */
    rt_lock(&rt_trace_control.lock, RANK_TRACE);
    rt_trace_control.finished = true;
    barrier_raise();
    end_generation();
    rt_loss_report();
    rt_ring_close();
    rt_unlock(&rt_trace_control.lock);
}

void rt_trace_init(M *m) {
    if (rt_config.ring_bytes == 0)
        return;
    if (!rt_ring_init(rt_config.ring_bytes, rt_config.procs))
        rt_fatal("out of memory (allocating the trace ring)");
    static const char header[TRACE_HEADER_BYTES] = "go 1.25 trace\0\0";
    rt_ring_append(header, sizeof header, NULL, 0);
    rt_ring_commit(0, 0, false); /* at once: it must not be lost with the first generation */
    uint32_t fair = rt_ring_capacity() / (8 * ((uint32_t)rt_config.procs + 8)); /* what lies in buffers must fit, too */
    rt_tracer.batch_bytes = fair < TRACE_MIN_BATCH ? TRACE_MIN_BATCH : fair > TRACE_MAX_BATCH ? TRACE_MAX_BATCH : fair;
    rt_trace_control.tables = rt_buf_new(TRACE_NO_M);
    rt_tables_init();
    rt_loss_init();
    rt_tracer.gen = 1;
    rt_trace_enabled = true;
    begin_generation(m, false);
}
