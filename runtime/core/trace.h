/* trace.h: the execution tracer, as the scheduler sees it. Writes Go's own wire format (format/trace_events.h) into
 * a ring shared with the host. The version is 1.25, the first with the clock snapshots that the validator of
 * current Go asks for; 1.26 would gain nothing here and shut out Go 1.25's tools.
 *
 *   scheduler ─► rt_trace_acquire … trace_events.c … rt_trace_release   generations: trace_gen.c, a loss: trace_gap.c
 *        │
 *   below, in runtime/trace: encode.c ─► M's buffer (buf.c) ─► ring (ring.c) ─► host     strings, stacks: tables.c
 *
 * Design
 *  An M writes its events into a buffer of its own, without locks. Between rt_trace_acquire and rt_trace_release
 *  its trace.seqlock is odd. To begin a new generation the tracer raises the barrier, waits until every M's
 *  trace.seqlock is even, and then owns all buffers: no G, P or M changes state meanwhile, though goroutines go on
 *  computing. It ends the old generation and begins the new one with the status of every P and every live
 *  goroutine, written into the buffers of the Ms they are bound to. (Go's traceAdvance lets the generations
 *  overlap, and writes the status of each G and P when it is first met or at the end: no barrier, but a state per G
 *  and generation. Ours costs about 30 ns a live goroutine, ten times a second at most.)
 *
 * Invariants
 *  1. State changes only between rt_trace_acquire and rt_trace_release, in which also its event is written.
 *     Otherwise the statuses of a new generation would contradict its events and readers would reject the trace.
 *  2. rt_trace_enabled is set before the first M runs and never changes, so a stale value cannot be read.
 *  3. An M never waits for anything but a runtime lock while its trace.seqlock is odd. Otherwise the barrier could not
 *     rise.
 *  4. The ring only ever shows whole generations: write_pos moves when one is complete.
 *  5. A generation that does not fit is dropped whole; the next one written starts from the state that the last one
 *     in the ring ended with and bridges the difference (trace_gap.c). Otherwise Go's reader, which carries states
 *     over, would reject it.
 */
#ifndef RT_CORE_TRACE_H
#define RT_CORE_TRACE_H

#include "core/sched.h"

extern bool rt_trace_enabled;
extern _Atomic uint32_t rt_trace_barrier; /* futex; 1: a generation is being turned over */

/* ---- the locker ---------------------------------------------------------------------------------------------- */

void rt_trace_enter_slow(M *m);
void rt_trace_leave_slow(M *m);

/* Off: one load and one branch. Returns what to test before writing events and calling rt_trace_release. Does not
 * nest. */
static inline bool rt_trace_acquire(M *m) {
    if (__builtin_expect(!rt_trace_enabled, 1))
        return false;
    uint32_t seq = load_relaxed(uint32_t, &m->trace.seqlock);
    rt_assert_slow(seq % 2 == 0);
    /* Sequentially consistent: the barrier's raiser sees it, or we see the barrier. */
    atomic_store(&m->trace.seqlock, seq + 1);
    if (__builtin_expect(atomic_load(&rt_trace_barrier), 0))
        rt_trace_enter_slow(m);
    return true;
}

static inline void rt_trace_release(M *m) {
    uint32_t seq = load_relaxed(uint32_t, &m->trace.seqlock);
    rt_assert_slow(seq % 2 == 1);
    atomic_store(&m->trace.seqlock, seq + 1);
    if (__builtin_expect(atomic_load(&rt_trace_barrier), 0))
        rt_trace_leave_slow(m);
}

/* ---- events; only between rt_trace_acquire and rt_trace_release (trace_events.c) ----------------------------- */

void rt_trace_procs_change(M *m, gr_site *site); /* takes the locker itself; m's goroutine says it */
void rt_trace_proc_new(M *m, P *p);
void rt_trace_proc_start(M *m, P *p);
void rt_trace_proc_stop(M *m, P *p);
void rt_trace_proc_steal(M *m, P *p, M *from);
void rt_trace_go_create(M *m, G *g);
void rt_trace_go_start(M *m, G *g);
void rt_trace_go_stop(M *m, G *g, uint32_t reason);
void rt_trace_go_block(M *m, G *g);
void rt_trace_go_unblock(M *m, G *g, gr_site *site);
void rt_trace_go_destroy(M *m, G *g);
void rt_trace_go_create_blocked(M *m, G *g);
void rt_trace_go_switch(M *m, G *from, G *to, bool destroy); /* m has a P */
void rt_trace_go_create_syscall(M *m, G *g);
void rt_trace_go_destroy_syscall(M *m, G *g);
void rt_trace_go_syscall_begin(M *m, G *g, P *p);
void rt_trace_go_syscall_end(M *m, G *g, P *p); /* p is still its own */
void rt_trace_go_syscall_end_blocked(M *m, G *g);
void rt_trace_stw_begin(M *m, G *g, gr_site *site);
void rt_trace_stw_end(M *m, G *g);

/* ---- generations (trace_gen.c) ------------------------------------------------------------------------------- */

/* Allocates buffers and ring if rt_config.ring_bytes says so. m: the first M, which has no P yet. */
void rt_trace_init(M *m);
/* Called between slices: begins a new generation if this one has grown large. */
void rt_trace_advance(M *m);
/* Called every rt_trace_period() ns by whoever watches the clock: begins a new generation if anything happened or
 * still runs. */
void rt_trace_tick(M *m);
int64_t rt_trace_period(void);
/* The program ends: last generation, ring drained of nothing more to come. */
void rt_trace_finish(M *m);

/* ---- between the files of the tracer's control --------------------------------------------------------------- */

/* m's buffer, made when it first has something to say. */
static inline TraceBuf *rt_m_buf(M *m) { return rt_trace_buf_of(&m->trace); }
uint32_t rt_trace_gstatus_of(G *g); /* 0: not alive */
uint32_t rt_trace_pstatus_of(P *p);

typedef struct TraceControl {
    rt_mutex lock;             /* RANK_TRACE: turns of generations */
    bool finished;             /* the program ends: this generation is the last */
    _Atomic bool procs_untold; /* nobody ran when this one began: the first that starts says how many Ps there are */
    _Atomic int64_t period_ns; /* how long it may last; sysmon looks without the barrier */
    TraceBuf *tables;          /* buffer for batches of no M */
    gTraceState *tombs;        /* goroutines known to readers that ended in this generation or in lost ones before it */
    uint32_t ntombs, captombs; /* how many, and for how many there is room */
    rt_mutex tomb_lock;        /* RANK_TABLES */
} TraceControl;
extern TraceControl rt_trace_control;

/* trace_gap.c */
bool rt_gap_write(M *self); /* whether it says how many Ps there are */

#endif
