/* trace.h: the execution tracer, as the scheduler sees it. Writes Go's own wire format (format/trace_events.h) into
 * a ring shared with the host. The version is 1.25, the first with the clock snapshots that the validator of
 * current Go asks for, or on demand 1.26: it says where a generation ends (trace_version), so that readers need not
 * wait for the next, but shuts out Go 1.25's tools.
 *
 *   scheduler ─► rt_trace_acquire … trace_events.c … rt_trace_release      what is told of whom: trace_status.c
 *        │                  generations: trace_gen.c     a loss: trace_gap.c     begin and end: trace_start.c
 *        │                  what the program says: trace_tasks.c, trace_regions.c     the heap: trace_gc.c
 *   in runtime/trace: encode.c ─► M's buffer (buf.c) ─► ring (ring.c) ─► host     strings.c, stacks.c
 *
 * Design (Go's since 1.22)
 *  An M writes its events into a buffer of its own, without locks. Between rt_trace_acquire and rt_trace_release
 *  its trace.seqlock is odd, and what it writes belongs to the generation that it found at the first acquire. Two
 *  generations overlap: to begin one the tracer says so and goes on; each M writes into the new one from its next
 *  acquire on, into another buffer. When every M has left the old one the tracer has that for itself, ends it and
 *  shows it. Nobody waits.
 *  In each generation the first event about a G or P tells first how it stood (ProcStatus, GoStatus); whom nobody
 *  told of the tracer does, at the end. How a G or P stood at the end of a generation is known from its events
 *  (TraceState.stood), not from what it does by now.
 *
 * Where we differ from Go: an M that has not left the old generation is waited for on a futex, not by yielding;
 * statuses need neither suspended goroutines nor safe points of Ps, since each G and P carries the last in `stood`;
 * and a generation that finds no room is dropped (invariant 6), where Go's has a reader that always reads.
 *
 * Invariants, and what breaks without them
 *  1. State changes only between rt_trace_acquire and rt_trace_release, in which also its event is written; what it
 *     is about was found before. Else an event could be of an older generation than one that it follows from.
 *  2. rt_trace_enabled may be stale and true: acquire looks at the generation. It is never stale and false: it is
 *     set while the world is stopped. Who changes state outside of the world (a goroutine that leaves a system call,
 *     sysmon) takes rt_trace_acquire_outside, and the tracer begins when those are through that did not see it. Else
 *     a change without event would follow the status that told otherwise.
 *  3. An M never waits for anything but a runtime lock while its trace.seqlock is odd. Else a turn would not end.
 *  4. The generation changes under rt_sched.lock: who takes Ps away from system calls holds it. Else a P could be
 *     taken in an older generation than the one in which its M says that it came back and left again.
 *  5. The ring only ever shows whole generations: write_pos moves when one is complete.
 *  6. A generation that does not fit is dropped whole; the next one written starts from the state that the last one
 *     in the ring ended with and bridges the difference, while nobody may write (trace_gap.c). Else Go's reader,
 *     which carries states over, would reject it.
 *  7. Who ends lies in its tomb before a turn can see that it is gone: both take the tombs' lock. Else it would be told
 *     of in neither generation, and if the second is lost, its M would stay taken for readers.
 * tests/model enumerates what start, stop and turns can meet, and finds what goes wrong without each of these.
 */
#ifndef RT_CORE_TRACE_H
#define RT_CORE_TRACE_H

#include "core/sched.h"

extern _Atomic bool rt_trace_enabled;

/* ---- the locker ---------------------------------------------------------------------------------------------- */

/* An M that may write events; m is NULL when not tracing. (Go's traceLocker) */
typedef struct TraceLocker {
    M *m;
} TraceLocker;

TraceLocker rt_trace_acquire_enabled(M *m);
void rt_trace_release(TraceLocker l); /* of a locker whose m is not NULL */

/* Off: one load and one branch. May nest: the generation stays the first one's. */
static inline TraceLocker rt_trace_acquire(M *m) {
    if (__builtin_expect(!load_relaxed(bool, &rt_trace_enabled), 1))
        return (TraceLocker){NULL};
    return rt_trace_acquire_enabled(m);
}

/* The same by an M that has no P: stopping the world does not stop it. Ends with rt_trace_release_outside, also
 * when not tracing. */
TraceLocker rt_trace_acquire_outside(M *m);
void rt_trace_release_outside(TraceLocker l);

/* Whether m is between the two: it must not leave its goroutine, and look for no P. */
static inline bool rt_trace_writing(M *m) { return load_relaxed(uint32_t, &m->trace.seqlock) % 2; }

/* ---- events; only by a locker (trace_events.c) --------------------------------------------------------------- */

void rt_trace_procs_change(M *m, gr_site *site); /* takes the locker itself; m's goroutine says it */
void rt_trace_proc_new(TraceLocker l, P *p);
void rt_trace_proc_start(TraceLocker l, P *p);
void rt_trace_proc_stop(TraceLocker l, P *p);
void rt_trace_proc_steal(TraceLocker l, P *p, M *from);
void rt_trace_go_create(TraceLocker l, G *g);
void rt_trace_go_start(TraceLocker l, G *g);
void rt_trace_go_stop(TraceLocker l, G *g, uint32_t reason);
void rt_trace_go_block(TraceLocker l, G *g);
void rt_trace_go_unblock(TraceLocker l, G *g, gr_site *site);
void rt_trace_go_destroy(TraceLocker l, G *g);
void rt_trace_go_create_blocked(TraceLocker l, G *g);
void rt_trace_go_switch(TraceLocker l, G *from, G *to, bool destroy); /* its M has a P */
void rt_trace_go_create_syscall(TraceLocker l, G *g);
void rt_trace_go_destroy_syscall(TraceLocker l, G *g);
void rt_trace_go_syscall_begin(TraceLocker l, G *g, P *p);
void rt_trace_go_syscall_end(TraceLocker l, G *g, P *p); /* p is still its own */
void rt_trace_go_syscall_end_blocked(TraceLocker l, G *g);
void rt_trace_stw_begin(TraceLocker l, G *g, gr_site *site);
void rt_trace_stw_end(TraceLocker l, G *g);

/* ---- generations (trace_gen.c) ------------------------------------------------------------------------------- */

/* Called between slices: begins a new generation if this one has grown large. */
void rt_trace_advance(M *m);
/* Called every rt_trace_period() ns by whoever watches the clock: begins a new generation if anything happened or
 * still runs. */
void rt_trace_tick(M *m);
int64_t rt_trace_period(void);

/* ---- looking on (trace_snapshot.c) --------------------------------------------------------------------------- */

/* A turn now. Afterwards the ring holds all that goroutines did before, unless it was lost. (A generation in which none
 * has run may have to go on: core/trace_gc.c, invariant 1.) */
void rt_trace_turn_now(M *m);
/* Wishes for one, by whoever may not wait; ends with rt_ring_told(what it returns). 0: no trace. */
uint32_t rt_trace_ask(void);
bool rt_trace_asked(void); /* whether somebody does */
uint32_t rt_trace_asked_so_far(void);

/* ---- begin and end (trace_start.c) --------------------------------------------------------------------------- */

/* Allocates buffers and ring if rt_config.ring_bytes says so. No M has a P yet. */
void rt_trace_init(void);
/* The program ends: last generation, ring drained of nothing more to come. */
void rt_trace_finish(M *m);

/* ---- between the files of the tracer's control --------------------------------------------------------------- */

static inline TraceBuf *rt_m_buf(M *m, uint32_t gen) { return rt_trace_buf_of(&m->trace, gen); }
static inline uint32_t rt_locker_gen(TraceLocker l) { return load_relaxed(uint32_t, &l.m->trace.gen); }
static inline TraceBuf *rt_locker_buf(TraceLocker l) { return rt_m_buf(l.m, rt_locker_gen(l)); }

typedef struct TraceControl {
    rt_mutex lock;             /* RANK_TRACE: turns of generations */
    bool finished;             /* this generation is the last: no turns any more */
    uint32_t first;            /* the first generation: its readers know of nobody */
    uint32_t tracing;          /* how often tracing has begun */
    _Atomic uint32_t waiting;  /* a turn waits for Ms to leave the old generation */
    _Atomic uint32_t outside;  /* Ms without a P that change states and have not seen that there is tracing */
    _Atomic int64_t period_ns; /* how long a generation may last; sysmon looks without the lock */
    TraceBuf *tables;          /* buffer for batches of no M */
    /* The last generation in which somebody said how many Ps there are, by its last bit. */
    _Atomic uint32_t procs_told[2];
    struct Tomb *tombs;        /* goroutines that are gone and may have to be told of (tomb_lock) */
    uint32_t ntombs, captombs; /* how many, and for how many there is room */
    rt_mutex tomb_lock;        /* RANK_TABLES */
} TraceControl;
extern TraceControl rt_trace_control;

/* trace_status.c */
typedef struct Tomb {
    gTraceState trace; /* as its G had it */
    uint32_t gen;      /* the generation in which it ended */
} Tomb;

/* How s stood after generation gen, 0: not alive then, or nobody told. */
static inline TraceStood rt_stood_after(TraceState *s, uint32_t gen) {
    TraceStood w = load_relaxed(TraceStood, &s->stood[gen % 4]);
    return rt_stood_gen(w) == gen ? w : 0;
}
/* A goroutine of this status is on an M. */
static inline bool rt_is_on_m(uint32_t status) { return status == TRACE_G_RUNNING || status == TRACE_G_SYSCALL; }
uint32_t rt_trace_gstatus_of(G *g); /* 0: not alive */
uint32_t rt_trace_pstatus_of(P *p);
void rt_trace_tell_g_slow(TraceLocker l, G *g, uint32_t status);
void rt_trace_tell_p_slow(TraceLocker l, P *p, uint32_t status);
/* How it stood before, unless it has been told of. */
static inline void rt_trace_tell_g(TraceLocker l, G *g, uint32_t status) {
    if (__builtin_expect(!rt_stood_after(&g->trace.s, rt_locker_gen(l)), 0))
        rt_trace_tell_g_slow(l, g, status);
}
static inline void rt_trace_tell_p(TraceLocker l, P *p, uint32_t status) {
    if (__builtin_expect(!rt_stood_after(&p->trace.s, rt_locker_gen(l)), 0))
        rt_trace_tell_p_slow(l, p, status);
}
/* How many Ps there are, for readers that come late: once in b's generation, by a goroutine that runs on b's M. */
void rt_trace_tell_procs(TraceBuf *b);
void rt_trace_tell_own(TraceLocker l);  /* the M's own P and goroutine */
void rt_trace_dig(TraceLocker l, G *g); /* around the event of its end */
void rt_trace_bury(TraceLocker l, G *g);
/* Nobody may write: how all stand is how they stood after gen. who: and that is who they are, since nothing runs. */
void rt_trace_note_all(uint32_t gen, bool who);
/* Every M has left gen: who was not told of in it. True: somebody has stopped the world meanwhile. */
bool rt_trace_tell_rest(uint32_t gen, bool all);
void rt_trace_clear_tombs(uint32_t shown);

/* trace_events.c: the stack of g, which an operation at `site` has stopped: whole if it has left its stack and the
 * port knows its frames, else that of the site alone. */
uint32_t rt_trace_g_stack(uint32_t gen, G *g, gr_site *site);

/* What readers carry over from one generation to the next until it ends: regions, tasks. */
typedef struct TraceSpan {
    uint32_t begun, ended; /* generations; 0: open */
} TraceSpan;
/* Begun in a generation that was lost before any had got through: the trace begins after it. */
static inline bool rt_span_is_before_trace(TraceSpan s) { return s.begun < rt_trace_control.first; }
/* Readers who have what there is up to `shown` know it as open. */
static inline bool rt_span_is_known_open(TraceSpan s, uint32_t shown) {
    return !rt_span_is_before_trace(s) && s.begun <= shown && (s.ended == 0 || s.ended > shown);
}
/* It has ended, and readers know that, or cannot have seen it begin. */
static inline bool rt_span_is_over(TraceSpan s, uint32_t shown) {
    return s.ended && (s.ended == s.begun || s.ended <= shown || rt_span_is_before_trace(s));
}

/* trace_gen.c */
void rt_trace_close(void); /* nobody may write from here on, and nobody does */
void rt_trace_open(uint32_t gen);
void rt_trace_plan(uint32_t told); /* how long the next generation is, if so many bytes just say how all stand */
/* Every M has left it. all: who was not told of is; else only what is on an M. True: it got through. */
bool rt_trace_end_generation(uint32_t gen, bool all);
void rt_trace_turn(M *self, bool last); /* one more generation, if it may end; last: no turns any more */

/* trace_check.c, in builds with checks: readers know how l's P and goroutine stand, now that it is left */
void rt_trace_check_told(TraceLocker l);

/* trace_gap.c; nobody may write */
void rt_gap_write(M *self, uint32_t next);

#endif
