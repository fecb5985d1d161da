/* trace_gen.c: the locker, and generations: ending one while the next is being written. See core/trace.h for the
 * design. (Go's traceAcquire, traceRelease, traceAdvance)
 */
#include "core/driver.h"
#include "core/trace.h"
#include "core/trace_allocfree.h"
#include "core/trace_gc.h"
#include "core/trace_user.h"

#define SPINS 2000 /* a traced section takes less than 1 us; copying a full buffer to the ring about 10 */
#define PERIOD_NS (100 * GR_MILLISECOND) /* length of a generation: what a live reader lags behind by */
/* A generation tells of every goroutine: where that is much, it lasts as much longer, else a million waiting goroutines
 * wrote a gigabyte in 15 s. */
#define PERIOD_BYTES (256 * 1024)
#define LONGEST_PERIOD_NS (2 * GR_SECOND)

_Atomic bool rt_trace_enabled;
TraceControl rt_trace_control;

/* ---- the locker ---------------------------------------------------------------------------------------------- */

static void leave(M *m) {
    uint32_t seq = load_relaxed(uint32_t, &m->trace.seqlock);
    rt_assert_slow(seq % 2 == 1);
    RT_CHECKED(rt_rank_drop(&m->trace.seqlock);)
    atomic_store(&m->trace.seqlock, seq + 1);
    if (__builtin_expect(atomic_load(&rt_trace_control.waiting), 0))
        port_futex_wake((uint32_t *)(void *)&m->trace.seqlock, 1);
}

/* m has found generation `gen`, which is not the one that it wrote in last. */
static __attribute__((noinline)) TraceLocker enter_other(M *m, uint32_t gen) {
    while (gen & TRACE_CLOSED) { /* step back out and wait */
        leave(m);
        port_futex_wait((uint32_t *)(void *)&rt_tracer.gen, gen, -1);
        RT_CHECKED(rt_rank_hold(&m->trace.seqlock, RANK_WRITING);)
        atomic_store(&m->trace.seqlock, load_relaxed(uint32_t, &m->trace.seqlock) + 1);
        gen = atomic_load(&rt_tracer.gen);
    }
    if (gen == 0) { /* it has been stopped meanwhile */
        leave(m);
        return (TraceLocker){NULL};
    }
    atomic_store(&m->trace.gen, gen); /* who sees it has all that m wrote before */
    TraceLocker l = {m};
    rt_trace_place(REENTER_ENTERED);
    rt_trace_tell_own(l);
    return l;
}

TraceLocker rt_trace_acquire_enabled(M *m) {
    uint32_t seq = load_relaxed(uint32_t, &m->trace.seqlock);
    if (__builtin_expect(seq % 2, 0)) {
        m->trace.nested++;
        return (TraceLocker){m};
    }
    RT_CHECKED(rt_rank_hold(&m->trace.seqlock, RANK_WRITING);)
    /* Sequentially consistent: who turns the generation sees it, or we see the new generation. */
    atomic_store(&m->trace.seqlock, seq + 1);
    uint32_t gen = atomic_load(&rt_tracer.gen);
    if (__builtin_expect(gen != load_relaxed(uint32_t, &m->trace.gen), 0))
        return enter_other(m, gen);
    return (TraceLocker){m};
}

void rt_trace_release(TraceLocker l) {
    if (__builtin_expect(l.m->trace.nested > 0, 0)) {
        l.m->trace.nested--;
        return;
    }
    RT_CHECKED(rt_trace_place(REENTER_LEAVE);)
    RT_CHECKED(rt_trace_check_told(l);)
    leave(l.m);
}

static void left_outside(void) {
    if (atomic_fetch_sub(&rt_trace_control.outside, 1) == 1 && atomic_load(&rt_trace_control.waiting))
        port_futex_wake((uint32_t *)(void *)&rt_trace_control.outside, 1);
}

TraceLocker rt_trace_acquire_outside(M *m) {
    for (;;) {
        atomic_fetch_add(&rt_trace_control.outside, 1);
        if (!atomic_load(&rt_trace_enabled))
            return (TraceLocker){NULL};
        left_outside();
        TraceLocker l = rt_trace_acquire_enabled(m);
        if (l.m)
            return l;
    }
}

void rt_trace_release_outside(TraceLocker l) {
    if (l.m)
        rt_trace_release(l);
    else
        left_outside();
}

/* ---- waiting for them ---------------------------------------------------------------------------------------- */

/* m writes in no generation but `gen`, TRACE_CLOSED: in none. */
static void wait_left(M *m, uint32_t gen) {
    for (int i = 0;; i++) {
        uint32_t seq = atomic_load(&m->trace.seqlock);
        if (seq % 2 == 0 || atomic_load(&m->trace.gen) == gen)
            return;
        if (i < SPINS)
            port_pause();
        else
            port_futex_wait((uint32_t *)(void *)&m->trace.seqlock, seq, -1);
    }
}

/* The tracer goes on with `gen`. */
static void go_on(uint32_t gen) {
    rt_lock(&rt_sched.lock, RANK_SCHED); /* invariant 4 */
    atomic_store(&rt_tracer.gen, gen);
    rt_unlock(&rt_sched.lock);
    atomic_store(&rt_trace_control.waiting, 1);
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        wait_left(m, gen);
    atomic_store(&rt_trace_control.waiting, 0);
}

void rt_trace_close(void) { go_on(atomic_load(&rt_tracer.gen) | TRACE_CLOSED); }

void rt_trace_open(uint32_t gen) {
    atomic_store(&rt_tracer.gen, gen);
    port_futex_wake((uint32_t *)(void *)&rt_tracer.gen, 1 << 30);
}

/* ---- ending a generation ------------------------------------------------------------------------------------- */

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

void rt_trace_plan(uint32_t told) {
    int64_t period_ns = PERIOD_NS * (1 + told / PERIOD_BYTES);
    if (period_ns > LONGEST_PERIOD_NS)
        period_ns = LONGEST_PERIOD_NS;
    if (rt_config.flight_ms && period_ns > rt_config.flight_ms * (GR_MILLISECOND / 4))
        period_ns = rt_config.flight_ms * (GR_MILLISECOND / 4); /* whole generations are kept: else up to 100 ms more */
    uint32_t rest = rt_ring_room() / 4;
    rt_loss_plan(told, &period_ns, &rest);
    atomic_store(&rt_trace_control.period_ns, period_ns);
    rt_tracer.rest = rest;
}

bool rt_trace_end_generation(uint32_t gen, bool all) {
    TraceBuf *tables = rt_trace_control.tables;
    uint64_t before = rt_ring_asked();
    tables->gen = gen;
    bool stopped = rt_trace_tell_rest(gen, all);
    rt_buf_flush(tables);
    uint32_t told = (uint32_t)(rt_ring_asked() - before), buffered = 0;
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        if (rt_buf_end(&m->trace, gen))
            buffered += rt_tracer.batch_bytes;
    before = rt_ring_asked();
    rt_samples_end(gen);
    rt_allocfree_end(tables);
    rt_stacks_write(tables);
    rt_strings_end(gen);
    write_sync(tables);
    if (rt_config.trace_version >= 26)
        rt_ring_append(gen, (uint8_t[]){TRACE_EV_END_OF_GENERATION}, 1, NULL, 0);
    if (atomic_exchange(&rt_trace_want_advance, false))
        rt_lower_attention(ATTEND_TRACE);
    rt_trace_plan(told);
    if (!rt_ring_commit(told + buffered + (uint32_t)(rt_ring_asked() - before),
                        rt_loss_wanted(rt_trace_control.finished), !stopped))
        return false;
    rt_tracer.shown = gen;
    rt_gc_shown(gen);
    rt_trace_clear_tombs(gen);
    rt_tasks_clear(gen);
    return true;
}

/* Generation `gen` was lost, and what has been written of the next says how things went on from there: that is
 * forgotten too, and another one begins with a bridge from what readers know. Its number is the lost one's; ours is by
 * so much higher that nobody's state as readers know it is written over. */
static void begin_anew(M *self, uint32_t gen) {
    rt_trace_close();
    rt_tracer.turning = true;
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        rt_buf_forget(&m->trace, gen + 1);
    rt_strings_forget(gen + 1);
    rt_samples_forget(gen + 1);
    rt_stacks_forget(gen + 1);
    uint32_t next = gen + 4, buffered = 0;
    rt_tracer.number[next % 2] = rt_tracer.number[gen % 2];
    rt_ring_begun(next, RING_MOST, rt_tracer.rest, false); /* a bridge that does not fit is no reason for another */
    uint64_t before = rt_ring_asked();
    if (rt_tracer.shown) {
        rt_gap_write(self, next);
    } else {
        rt_trace_clear_tombs(gen + 1);
        rt_trace_note_all(next - 1, false);
        rt_trace_control.first = next;
    }
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        if (m->trace.buf[next % 2])
            buffered += m->trace.buf[next % 2]->n;
    uint32_t begun = (uint32_t)(rt_ring_asked() - before) + buffered;
    rt_trace_plan(begun);
    rt_ring_begun(next, begun, rt_tracer.rest, true);
    store_relaxed(bool, &rt_tracer.news, false);
    rt_tracer.turning = false;
    rt_trace_open(next);
}

static void turn(M *self, uint32_t gen) {
    rt_tracer.turning = true;
    if (gen == rt_trace_control.first) {
        rt_trace_control.tables->gen = gen;
        rt_gc_tell_first(rt_trace_control.tables);
    }
    rt_tracer.number[(gen + 1) % 2] = rt_tracer.number[gen % 2] + 1;
    store_relaxed(bool, &rt_tracer.news, false); /* what is told of the old one is none */
    go_on(gen + 1);
    bool shown = rt_trace_end_generation(gen, true);
    rt_tracer.turning = false;
    if (shown)
        rt_ring_begun(gen + 1, 0, rt_tracer.rest, true);
    else
        begin_anew(self, gen);
}

void rt_trace_turn(M *self, bool last) {
    rt_lock(&rt_trace_control.lock, RANK_TRACE);
    uint32_t gen = atomic_load(&rt_tracer.gen), asked = rt_trace_asked_so_far();
    if (gen && !rt_trace_control.finished) {
        if (gen == rt_trace_control.first || rt_gc_may_end(gen))
            turn(self, gen);
        rt_trace_control.finished = last;
    }
    if (asked)
        rt_ring_told(asked);
    rt_unlock(&rt_trace_control.lock);
}

void rt_trace_advance(M *self) {
    if (load_relaxed(bool, &rt_trace_enabled))
        rt_trace_turn(self, false);
}

/* Whether a reader would learn anything: events were written, or a goroutine runs on. */
static bool anything_new(void) {
    return load_relaxed(bool, &rt_tracer.news) || atomic_load(&rt_sched.npidle) < atomic_load(&rt_sched.procs);
}

int64_t rt_trace_period(void) { return atomic_load_explicit(&rt_trace_control.period_ns, memory_order_relaxed); }

void rt_trace_tick(M *m) {
    if (rt_trace_enabled && (anything_new() || rt_trace_asked()))
        rt_trace_advance(m);
}
