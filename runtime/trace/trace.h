/* trace.h: the tracer's mechanism: what is known of each G, P and M, how events become bytes, and where those go.
 * When which event is right is core/trace.h's business.
 */
#ifndef RT_TRACE_H
#define RT_TRACE_H

#include "base/debug.h"
#include "base/hooks.h"
#include "base/lock.h"
#include "base/throw.h"
#include "format/stw_reasons.h"
#include "format/trace_events.h"
#include "format/wait_reasons.h"
#include <goroscope.h>

/* Strings that are in every generation, in this order, then the trace's names of the wait reasons. */
enum {
    TRACE_STR_EMPTY,
    TRACE_STOP_GOSCHED,
    TRACE_STOP_PREEMPTED,
    TRACE_STOP_LOST,
    TRACE_STR_STW, /* STW_COUNT of them */
    TRACE_STR_REASONS = TRACE_STR_STW + STW_COUNT
};

/* ---- what the tracer knows of a G, a P, an M (Go's gTraceState, pTraceState, mTraceState) -------------------- */

/* How a G or P stood after its last event in a generation: a word, so that who turns generations may look at it any
 * time. 0: it has not been told of. Four, by generation: two are written at once, the turn looks at the one before,
 * and what readers know may be older (core/trace_gap.c). */
typedef uint64_t TraceStood;
#define STOOD_STATUS 7u  /* enum trace_gstatus or trace_pstatus; 0: it is gone */
#define STOOD_CREATED 8u /* in this generation */
#define STOOD_STW 0xf0u  /* it has stopped the world, or is about to: its StwReason + 1 */
#define STOOD_STW_SHIFT 4
#define STOOD_RANGE 0x100u /* G: it helps to mark; P: it sweeps */
#define STOOD_M_SHIFT 9    /* the M it is on */
#define STOOD_M_MASK 0x7fffffu
#define STOOD_GEN_SHIFT 32

static inline uint32_t rt_stood_gen(TraceStood s) { return (uint32_t)(s >> STOOD_GEN_SHIFT); }
static inline uint32_t rt_stood_status(TraceStood s) { return (uint32_t)s & STOOD_STATUS; }
static inline uint32_t rt_stood_m(TraceStood s) { return (uint32_t)s >> STOOD_M_SHIFT & STOOD_M_MASK; }

/* What G and P have alike. (Go's traceSchedResourceState) */
typedef struct TraceState {
    _Atomic TraceStood stood[4]; /* by the last two bits of the generation */
    uint64_t seq[2];             /* number of its last numbered event, by the last bit; above it, the generation */
    int64_t ns;                  /* time of its last event */
} TraceState;

/* After its last event in gen so far it stands thus. A turn looks at it when all have left gen, before that only for
 * whether it is gone. m: of a G or P that is on none, any. */
static inline void rt_stand(TraceState *s, uint32_t gen, uint64_t m, uint32_t how) {
    store_relaxed(TraceStood, &s->stood[gen % 4],
                  (uint64_t)gen << STOOD_GEN_SHIFT | (m & STOOD_M_MASK) << STOOD_M_SHIFT | how);
}

/* Kept on its own when the goroutine is gone (core/trace_status.c). */
typedef struct gTraceState {
    TraceState s;
    uint64_t goid;  /* its G's, also when that is gone */
    uint32_t stack; /* the last id of a whole stack of its G, in whichever generation; 0: none */
} gTraceState;

typedef struct pTraceState {
    TraceState s;
    int id; /* its P's */
} pTraceState;

typedef struct mTraceState {
    int id;                   /* its M's */
    _Atomic uint32_t seqlock; /* odd: it writes; not a sequence number of events */
    _Atomic uint32_t gen;     /* generation in which it wrote last, or writes */
    uint32_t nested;          /* how often it has begun to write while it did */
    uint32_t reentered;       /* how often at places (TracePlace) */
    struct TraceBuf *buf[2];  /* being filled, NULL: none; by the last bit of the generation */
    int64_t left_ns;          /* when a goroutine left it, if it has only looked into its queue since then; else 0 */
    int64_t stolen_ns;        /* time at which its P was taken from it in a system call (the scheduler's lock) */
    uint32_t *frames;         /* stack of what it runs at its last safe point, if whole stacks are wanted of it; */
    uint32_t nframes;         /* 0: not known. It is that */
    uint64_t frames_of;       /* of this goroutine */
} mTraceState;

/* ---- batches (buf.c) ----------------------------------------------------------------------------------------- */

#define TRACE_MAX_EVENT (1 + TRACE_MAX_ARGS * TRACE_MAX_VARINT)
#define TRACE_MIN_BATCH 1024 /* bytes at which a buffer is flushed, at least */

/* A batch being written: one per M, and one for tables. (Go's traceBuf) */
typedef struct TraceBuf {
    uint32_t n;       /* bytes used in data */
    int64_t last_ns;  /* time of the last event */
    int64_t batch_ns; /* time of the batch */
    bool flushed;     /* in this generation */
    bool open;        /* builds with checks: an event is being written; nobody else may write here */
    uint32_t gen;     /* generation */
    uint64_t m;       /* M it belongs to, TRACE_NO_M */
    uint8_t data[TRACE_MAX_BATCH];
} TraceBuf;

typedef struct Tracer {
    _Atomic uint32_t gen;   /* being written, and TRACE_CLOSED; 0: none */
    uint64_t number[2];     /* what readers call a generation, by its last bit: theirs have no gaps */
    _Atomic uint32_t shown; /* the last that has got through to readers, 0: none */
    uint32_t rest;          /* bytes after which a generation ends */
    bool turning;           /* sim: what is written belongs to no moment of a P's */
    _Atomic bool news;      /* events have been written since this one began; sysmon looks without a lock */
    uint32_t batch_bytes;   /* buffers are flushed when they hold so much */
    uint32_t quiet_bytes;   /* up to here an event asks nobody before it is written; less: GRDEBUG=tracereentrancy */
} Tracer;
extern Tracer rt_tracer;

#define TRACE_CLOSED (1u << 31) /* nobody may begin to write */

void rt_buf_reserve(void); /* when a trace begins, by one at a time */
TraceBuf *rt_buf_new(uint64_t m);
TraceBuf *rt_trace_buf_begin(mTraceState *m, uint32_t gen);
/* Made when m first has something to say. */
static inline TraceBuf *rt_trace_buf_of(mTraceState *m, uint32_t gen) {
    TraceBuf *b = m->buf[gen % 2];
    return __builtin_expect(b && b->gen == gen, 1) ? b : rt_trace_buf_begin(m, gen);
}
void rt_buf_flush(TraceBuf *b);
void rt_buf_event(TraceBuf *b, uint8_t ev, int64_t now, int nargs, const uint64_t *args);
void rt_buf_make_room(TraceBuf *b);
/* Makes room for an event: meanwhile others may be written, so what depends on the last one is found out afterwards. */
static inline void rt_buf_prepare(TraceBuf *b) {
    if (__builtin_expect(b->n + TRACE_MAX_EVENT > rt_tracer.quiet_bytes, 0))
        rt_buf_make_room(b);
}
static inline uint8_t *rt_put_varint(uint8_t *at, uint64_t v) {
    for (; __builtin_expect(v >= 0x80, 0); v >>= 7)
        *at++ = (uint8_t)(v | 0x80);
    *at++ = (uint8_t)v;
    return at;
}
/* What the header of a batch says behind its kind: generation, M, time, size. */
static inline uint8_t *rt_put_batch(uint8_t *at, uint32_t gen, uint64_t m, int64_t ns, size_t bytes) {
    at = rt_put_varint(at, rt_tracer.number[gen % 2]);
    at = rt_put_varint(at, m);
    at = rt_put_varint(at, (uint64_t)ns);
    return rt_put_varint(at, bytes);
}
/* An event that happens now, later than the last; there is room (rt_buf_prepare). From its first byte to the last
 * nothing is called that might want to write another. Inline, for callers with few arguments that they know. */
static inline __attribute__((always_inline)) void rt_buf_put(TraceBuf *b, uint8_t ev, int64_t now, int nargs,
                                                             const uint64_t *args) {
    rt_assert_slow(!b->open && b->n + TRACE_MAX_EVENT <= TRACE_MAX_BATCH);
    rt_assert_slow(b->n == 0 || now > b->last_ns);
    RT_CHECKED(b->open = true;)
    if (__builtin_expect(b->n == 0, 0))
        b->batch_ns = b->last_ns = now;
    uint8_t *at = b->data + b->n;
    *at++ = ev;
    at = rt_put_varint(at, (uint64_t)(now - b->last_ns));
    for (int i = 0; i < nargs; i++)
        at = rt_put_varint(at, args[i]);
    RT_CHECKED(b->open = false;)
    b->last_ns = now;
    b->n = (uint32_t)(at - b->data);
    if (__builtin_expect(!load_relaxed(bool, &rt_tracer.news), 0))
        store_relaxed(bool, &rt_tracer.news, true);
}
void rt_buf_varint(TraceBuf *b, uint64_t v);
void rt_buf_bytes(TraceBuf *b, const void *s, size_t n);
bool rt_buf_has_room(TraceBuf *b, size_t bytes);
/* Begins a batch of a table of this kind (TRACE_EV_STRINGS, ...) if b is empty, or has no room for an entry. */
void rt_buf_table(TraceBuf *b, uint8_t kind, size_t bytes);
/* The generation ends and m has left it: its buffer goes to the ring. Who has written nothing in all of it, as one that
 * has ended, gives its buffer back. True: it had one. */
bool rt_buf_end(mTraceState *m, uint32_t gen);
/* What m has written of the generation is forgotten. */
void rt_buf_forget(mTraceState *m, uint32_t gen);

/* ---- strings (strings.c) ------------------------------------------------------------------------------------- */

/* The id of s in generation gen; NULL is "". What is behind TRACE_MAX_STRING bytes is cut off. */
uint32_t rt_trace_string(uint32_t gen, const char *s);
uint32_t rt_trace_string_once(uint32_t gen, const char *s); /* not looked for: hardly any is there twice */
void rt_strings_end(uint32_t gen);    /* every M has left it: what is not yet in the ring goes there */
void rt_strings_forget(uint32_t gen); /* nobody may write: nothing of it has been */

/* ---- stacks, in the tables of a generation (stacks.c) -------------------------------------------------------- */

#define TRACE_MOST_FRAMES 128 /* of a stack; what lies below is left out */

/* Stack id of a call site alone; 0 for NULL. */
uint32_t rt_trace_stack(uint32_t gen, gr_site *site);
/* Of what a goroutine was started with: the function's name, and for want of its own place that of the gr_go. */
uint32_t rt_trace_start_stack(uint32_t gen, const char *name, gr_site *create_site);
/* Of a whole stack: n > 0 call sites as port_frames tells them, innermost first, left by an operation at `site`, NULL:
 * not told. last: the id that the same goroutine had last, in whichever generation, 0: none. */
uint32_t rt_trace_whole_stack(uint32_t gen, gr_site *site, const uint32_t *frames, uint32_t n, uint32_t *last);
/* The places of those, TRACE_MOST_FRAMES at most. Returns how many. */
struct port_place;
uint32_t rt_places_of(gr_site *site, const uint32_t *frames, uint32_t n, struct port_place *places);
void rt_stacks_write(TraceBuf *b);   /* every M has left b's generation; before rt_strings_end */
void rt_stacks_forget(uint32_t gen); /* nobody writes in it */

/* ---- CPU samples (samples.c) --------------------------------------------------------------------------------- */

/* At ns goroutine goid ran on m with P p; by a locker of gen. stack: an id of gen's, 0: none. */
void rt_trace_sample(uint32_t gen, int64_t ns, int m, int p, uint64_t goid, uint32_t stack);
void rt_samples_end(uint32_t gen);    /* every M has left it: what is not yet in the ring goes there */
void rt_samples_forget(uint32_t gen); /* nobody may write: nothing of it has been */

/* ---- events as bytes (encode.c) ------------------------------------------------------------------------------ */

/* Now, as the trace tells time: ns since the start, from 1 (some readers take 0 for "no time"). core/trace_events.c
 * has it. */
int64_t rt_trace_now(void);

/* What is known of the clock by which events are timed (trace/clock.c). */
typedef struct TraceClock {
    uint32_t step_ns; /* the smallest step that was seen; 0: none was */
    uint32_t read_ns; /* what reading it takes; 0: no time, it is simulated */
} TraceClock;
/* Measured the first time. is_virtual: it steps by 1 ns whatever the host's does. */
TraceClock rt_trace_clock(bool is_virtual);

/* Each into the buffer b of the M that says it, in b's generation. how: STOOD_… */
void rt_ev_memory(TraceBuf *b, uint8_t ev, int nargs, const uint64_t *args); /* of the experiment AllocFree */
void rt_ev_procs_change(TraceBuf *b, uint64_t procs, uint32_t stack);
void rt_ev_proc_status(TraceBuf *b, pTraceState *p, uint64_t m, uint32_t how);
void rt_ev_proc_start(TraceBuf *b, pTraceState *p);
void rt_ev_proc_stop(TraceBuf *b, pTraceState *p);
void rt_ev_proc_steal(TraceBuf *b, pTraceState *p, mTraceState *from);
void rt_ev_go_status(TraceBuf *b, gTraceState *t, uint64_t m, uint32_t how);
void rt_ev_go_create(TraceBuf *b, gTraceState *t, uint32_t start_stack, uint32_t stack);
void rt_ev_go_create_blocked(TraceBuf *b, gTraceState *t, uint32_t start_stack, uint32_t stack);
void rt_ev_go_create_syscall(TraceBuf *b, gTraceState *t);
void rt_ev_go_start(TraceBuf *b, gTraceState *t, int64_t now);
void rt_ev_go_stop(TraceBuf *b, gTraceState *t, uint32_t reason, uint32_t stack);
void rt_ev_go_block(TraceBuf *b, gTraceState *t, uint32_t reason, uint32_t stack);
void rt_ev_go_unblock(TraceBuf *b, gTraceState *t, uint32_t stack);
void rt_ev_go_destroy(TraceBuf *b, gTraceState *t);
void rt_ev_go_destroy_syscall(TraceBuf *b, gTraceState *t);
/* p: the P of the M that does it. */
void rt_ev_go_switch(TraceBuf *b, gTraceState *from, gTraceState *to, pTraceState *p, bool destroy);
void rt_ev_go_syscall_begin(TraceBuf *b, gTraceState *t, pTraceState *p, uint32_t stack);
void rt_ev_go_syscall_end(TraceBuf *b, gTraceState *t, pTraceState *p);
void rt_ev_go_syscall_end_blocked(TraceBuf *b, gTraceState *t);
void rt_ev_stw_begin(TraceBuf *b, gTraceState *t, uint32_t reason, uint32_t stack);
void rt_ev_stw_end(TraceBuf *b, gTraceState *t);
/* What a running goroutine says of itself; names are ids of the generation's strings. */
void rt_ev_go_label(TraceBuf *b, gTraceState *t, uint32_t label);
void rt_ev_task_begin(TraceBuf *b, gTraceState *t, uint64_t task, uint64_t parent, uint32_t name, uint32_t stack);
void rt_ev_task_end(TraceBuf *b, gTraceState *t, uint64_t task, uint32_t stack);
void rt_ev_region_begin(TraceBuf *b, gTraceState *t, uint64_t task, uint32_t name, uint32_t stack);
void rt_ev_region_end(TraceBuf *b, gTraceState *t, uint64_t task, uint32_t name, uint32_t stack);
void rt_ev_log(TraceBuf *b, gTraceState *t, uint64_t task, uint32_t key, uint32_t value, uint32_t stack);

/* The heap's. */
void rt_ev_gc_begin(TraceBuf *b, gTraceState *t, uint64_t seq, uint32_t stack);
void rt_ev_gc_active(TraceBuf *b, gTraceState *t, uint64_t seq);
void rt_ev_gc_end(TraceBuf *b, gTraceState *t, uint64_t seq);
void rt_ev_gc_mark_assist_begin(TraceBuf *b, gTraceState *t, uint32_t stack);
void rt_ev_gc_mark_assist_end(TraceBuf *b, gTraceState *t);
void rt_ev_gc_sweep_begin(TraceBuf *b, pTraceState *p, uint32_t stack);
void rt_ev_gc_sweep_end(TraceBuf *b, pTraceState *p, uint64_t swept, uint64_t reclaimed);
void rt_ev_heap_alloc(TraceBuf *b, pTraceState *p, uint64_t bytes);
void rt_ev_heap_goal(TraceBuf *b, pTraceState *p, uint64_t bytes);

/* ---- the ring (ring.c; what the host needs of it is in region.h) --------------------------------------------- */

extern _Atomic bool rt_trace_want_advance; /* the generation has grown large */

bool rt_ring_init(uint32_t bytes, int procs, bool flight, uint32_t flight_ms, TraceClock clock);
void rt_ring_header(const char *text);
void rt_ring_append(uint32_t gen, const void *head, size_t nhead, const void *body, size_t nbody);
bool rt_ring_commit(uint32_t bytes, bool lose, bool next_begins); /* false: the generation was lost */
void rt_ring_begun(uint32_t gen, uint32_t bytes, uint32_t rest, bool keep);
uint64_t rt_ring_asked(void);
uint32_t rt_ring_room(void); /* bytes that a generation may have */
void rt_ring_close(void);
void rt_ring_told(uint32_t asked); /* what the wish was for is in the ring */
uint32_t rt_ring_shown(void);      /* changes with each generation that gets through */
bool rt_ring_has_whole(void);      /* a generation that a trace may begin with */
uint8_t *rt_ring_snapshot(size_t *n);

/* ---- events in the middle of events (core/trace_reenter.c has it) -------------------------------------------- */

/* Where something may be called that might want to write an event: it allocates, its stack grows, it waits. */
#define TRACE_PLACES(X)                                                                                                \
    X(ENTERED, "before the statuses")                                                                                  \
    X(STATUS, "before a status")                                                                                       \
    X(BUFFER, "before a new buffer")                                                                                   \
    X(STACK, "before a stack's number")                                                                                \
    X(EVENT, "before an event")                                                                                        \
    X(FLUSH, "before a flush")                                                                                         \
    X(FLUSHED, "after a flush")                                                                                        \
    X(LEAVE, "before the end")
typedef enum TracePlace {
#define X(id, text) REENTER_##id,
    TRACE_PLACES(X)
#undef X
        REENTER_PLACES
} TracePlace;
void rt_trace_reenter(TracePlace place); /* GRDEBUG=tracereentrancy=1 only */
void rt_reentry_report(void);
static inline void rt_trace_place(TracePlace place) {
    if (__builtin_expect(rt_debug_vars.tracereentrancy, 0))
        rt_trace_reenter(place);
}

/* ---- losing generations on command (loss.c) ------------------------------------------------------------------ */

void rt_loss_init(void);
void rt_loss_report(void);
bool rt_loss_wanted(bool last);
void rt_loss_plan(uint32_t begun, int64_t *period_ns, uint32_t *most_bytes);

#endif
