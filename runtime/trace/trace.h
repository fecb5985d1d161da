/* trace.h: the execution tracer. Writes Go's own wire format (include/trace_events.h) into a ring shared with the host.
 * The version is 1.25, the first with the clock snapshots that the validator of current Go asks for; 1.26 would gain nothing
 * here and shut out Go 1.25's tools.
 *
 *   scheduler ─► trace_acquire … event.c … trace_release ─► M's buffer (buf.c) ─► ring (ring.c) ─► host
 *                                    strings, stacks: tables.c          generations: gen.c, after a loss: gap.c (tests: loss.c)
 *
 * Design
 *  An M writes its events into a buffer of its own, without locks. Between trace_acquire and trace_release its trace_seq is
 *  odd. To begin a new generation the tracer raises the barrier, waits until every M's trace_seq is even, and then owns all
 *  buffers: no G, P or M changes state meanwhile, though goroutines go on computing. It ends the old generation and begins the
 *  new one with the status of every P and every live goroutine, written into the buffers of the Ms they are bound to.
 *  (Go's traceAdvance lets the generations overlap, and writes the status of each G and P when it is first met or at the
 *  end: no barrier, but a state per G and generation. Ours costs about 30 ns a live goroutine, ten times a second at most.)
 *
 * Invariants
 *  1. State changes only between trace_acquire and trace_release, in which also its event is written. Otherwise the statuses
 *     of a new generation would contradict its events and readers would reject the trace.
 *  2. trace_enabled is set before the first M runs and never changes, so a stale value cannot be read.
 *  3. An M never waits for anything but a runtime lock while its trace_seq is odd. Otherwise the barrier could not rise.
 *  4. The ring only ever shows whole generations: write_pos moves when one is complete.
 *  5. A generation that does not fit is dropped whole; the next one written starts from the state that the last one in the
 *     ring ended with and bridges the difference (gap.c). Otherwise Go's reader, which carries states over, would reject it.
 */
#ifndef GR_TRACE_H
#define GR_TRACE_H

#include "../include/trace_events.h"
#include "../sched/proc.h"

/* Strings that are always in the table, in this order, then the trace's names of the wait reasons. */
enum {
    TRACE_STR_EMPTY,
    TRACE_STOP_GOSCHED,
    TRACE_STOP_PREEMPTED,
    TRACE_STOP_LOST,
    TRACE_STR_STW, /* STW_COUNT of them */
    TRACE_STR_REASONS = TRACE_STR_STW + STW_COUNT
};

extern bool trace_enabled;
extern void *trace_region;              /* the ring's header (ring.c), NULL: off */
extern _Atomic uint32_t trace_barrier;  /* futex; 1: a generation is being turned over */
extern _Atomic bool trace_want_advance; /* the generation has grown large */

/* ---- the locker ------------------------------------------------------------------------------------------------------ */

void trace_enter_slow(M *m);
void trace_leave_slow(M *m);

/* Off: one load and one branch. Returns what to test before writing events and calling trace_release. Does not nest. */
static inline bool trace_acquire(M *m) {
    if (__builtin_expect(!trace_enabled, 1))
        return false;
    uint32_t seq = load_relaxed(uint32_t, &m->trace_seq);
    rt_assert_slow(seq % 2 == 0);
    atomic_store(&m->trace_seq,
                 seq + 1); /* sequentially consistent: the barrier's raiser sees it, or we see the barrier */
    if (__builtin_expect(atomic_load(&trace_barrier), 0))
        trace_enter_slow(m);
    return true;
}

static inline void trace_release(M *m) {
    uint32_t seq = load_relaxed(uint32_t, &m->trace_seq);
    rt_assert_slow(seq % 2 == 1);
    atomic_store(&m->trace_seq, seq + 1);
    if (__builtin_expect(atomic_load(&trace_barrier), 0))
        trace_leave_slow(m);
}

/* ---- events; only between trace_acquire and trace_release (event.c) ---------------------------------------------------- */

void trace_procs_change(M *m, gr_site *site); /* takes the locker itself; m's goroutine says it */
void trace_proc_new(M *m, P *p);
void trace_proc_start(M *m, P *p);
void trace_proc_stop(M *m, P *p);
void trace_proc_steal(M *m, P *p, M *from);
void trace_go_create(M *m, G *g);
void trace_go_start(M *m, G *g);
void trace_go_stop(M *m, G *g, uint32_t reason);
void trace_go_block(M *m, G *g);
void trace_go_unblock(M *m, G *g, gr_site *site);
void trace_go_destroy(M *m, G *g);
void trace_go_create_blocked(M *m, G *g);
void trace_go_switch(M *m, G *from, G *to, bool destroy); /* m has a P */
void trace_go_create_syscall(M *m, G *g);
void trace_go_destroy_syscall(M *m, G *g);
void trace_go_syscall_begin(M *m, G *g, P *p);
void trace_go_syscall_end(M *m, G *g, P *p); /* p is still its own */
void trace_go_syscall_end_blocked(M *m, G *g);
void trace_stw_begin(M *m, G *g, gr_site *site);
void trace_stw_end(M *m, G *g);

/* ---- generations (gen.c) ---------------------------------------------------------------------------------------------- */

/* Allocates buffers and ring if rt_config.ring_bytes says so. m: the first M, which has no P yet. */
void trace_init(M *m);
/* Called between slices: begins a new generation if this one has grown large. */
void trace_advance(M *m);
/* Called every trace_period() ns by whoever watches the clock: begins a new generation if anything happened or still runs. */
void trace_tick(M *m);
int64_t trace_period(void);
/* The program ends: last generation, ring drained of nothing more to come. */
void trace_finish(M *m);

/* ---- inside the tracer -------------------------------------------------------------------------------------------------- */

/* A batch being written: one per M, and one for tables. (Go's traceBuf) */
typedef struct TraceBuf {
    uint32_t n;       /* bytes used in data */
    int64_t last_ns;  /* time of the last event */
    int64_t batch_ns; /* time of the batch */
    bool flushed;     /* in this generation */
    uint64_t m;       /* M it belongs to, TRACE_NO_M */
    uint8_t data[TRACE_MAX_BATCH];
} TraceBuf;

typedef struct Tracer {
    rt_mutex lock; /* RANK_TRACE: turns of generations */
    uint64_t gen;  /* number of the generation being written */
    bool finished;
    bool shown;        /* a generation has got through to readers */
    _Atomic bool news; /* events have been written since this one began; sysmon looks without the barrier */
    _Atomic bool
        procs_untold; /* nobody ran when it began: the first goroutine that starts says how many Ps there are */
    _Atomic int64_t period_ns; /* how long it may last; sysmon again */
    uint32_t batch_bytes;      /* buffers are flushed when they hold so much */
    TraceBuf *tables;          /* buffer for batches of no M */
    TraceG *tombs;             /* goroutines known to readers that ended in this generation or in lost ones before it */
    uint32_t ntombs, captombs;
    rt_mutex tomb_lock; /* RANK_TABLES */
} Tracer;
extern Tracer tracer;

/* buf.c */
#define TRACE_MIN_BATCH 1024 /* bytes at which a buffer is flushed, at least */
TraceBuf *buf_new(uint64_t m);
void buf_event(TraceBuf *b, uint8_t ev, int64_t now, int nargs, const uint64_t *args);
void buf_varint(TraceBuf *b, uint64_t v);
void buf_bytes(TraceBuf *b, const void *s, size_t n);
void buf_flush(TraceBuf *b);
uint32_t bufs_end(void);
bool buf_has_room(TraceBuf *b, size_t bytes);
TraceBuf *m_buf(M *m);

/* tables.c */
uint32_t trace_stack(gr_site *site);
uint32_t trace_start_stack(G *g);
void tables_init(void);
void tables_write(TraceBuf *b);

/* event.c: also used by gen.c and gap.c with the barrier up */
int64_t trace_now(void);
void ev_proc_status(TraceBuf *b, P *p, uint32_t status);
void ev_proc_start(TraceBuf *b, P *p);
void ev_proc_stop(TraceBuf *b, P *p);
void ev_go_status(TraceBuf *b, TraceG *t, uint64_t m, uint32_t status);
void ev_go_create(TraceBuf *b, G *g, uint32_t stack);
void ev_go_start(TraceBuf *b, TraceG *t);
void ev_go_stop(TraceBuf *b, TraceG *t, uint32_t reason, uint32_t stack);
void ev_go_block(TraceBuf *b, TraceG *t, uint32_t reason, uint32_t stack);
void ev_go_unblock(TraceBuf *b, TraceG *t, uint32_t stack);
void ev_go_destroy(TraceBuf *b, TraceG *t);
void ev_go_syscall_begin(TraceBuf *b, TraceG *t, P *p, uint32_t stack);
void ev_go_syscall_end(TraceBuf *b, TraceG *t, P *p);
void ev_go_syscall_end_blocked(TraceBuf *b, TraceG *t);
void ev_proc_steal(TraceBuf *b, P *p, M *from);
void ev_stw_begin(TraceBuf *b, TraceG *t, uint32_t reason, uint32_t stack);
void ev_stw_end(TraceBuf *b, TraceG *t);
void ev_procs_change(TraceBuf *b, uint32_t stack);
uint32_t trace_gstatus_of(G *g); /* 0: not alive */
uint32_t trace_pstatus_of(P *p);

/* ring.c */
bool ring_init(uint32_t bytes);
void ring_append(const void *head, size_t nhead, const void *body, size_t nbody);
bool ring_commit(uint64_t gen, uint32_t bytes, bool lose); /* false: the generation was lost */
void ring_begun(uint32_t bytes, uint32_t rest);
uint64_t ring_asked(void);
uint32_t ring_capacity(void);
void ring_close(void);

/* loss.c */
void loss_init(void);
void loss_report(void);
bool loss_wanted(bool last);
void loss_plan(uint32_t begun, int64_t *period_ns, uint32_t *most_bytes, uint32_t *batch_bytes);

/* gap.c */
void gap_write(M *self);

#endif
