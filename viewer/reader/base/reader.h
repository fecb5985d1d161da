/*
 * reader.h: the reader's inner types.
 *
 * Words: G, P, M as in Go. A *generation* is a stretch of the trace that stands alone; ids of strings and stacks live
 * in it. A *batch* is a run of one M's events. A *cursor* walks one M's batches; the *frontier* is the heap of cursors
 * by the time of their next event. *Lasting* strings and sites have ids that outlive generations (intern.c); the index
 * keeps only those.
 *
 * The way of a byte: stream.c splits batches and finds where a generation ends; gen.c reads its tables; frontier.c
 * picks the next event; order*.c checks it against the states of Gs, Ps and Ms and lets it advance as Go's reader does
 * (internal/trace/order.go; the rules are Go's, the code is not); emit.c gives it its final time and passes it to dump,
 * validator and counts; the index (lanes.c, goroutines.c) is told of changes by the order functions.
 *
 * Invariants
 * 1. No byte of a batch is looked at before the whole batch is here, and none beyond its end.
 * 2. Every id, length and count from the trace is checked where it is read; afterwards only indices travel.
 * 3. Emitted times strictly grow. Otherwise spans could overlap and the lane search would be wrong.
 * 4. r->err is set before a function says false; after that the tables of the generation are not touched again, and the
 *    index stays valid for queries.
 */
#ifndef GT_READER_H
#define GT_READER_H

#include "goroscope_trace.h"
#include "base/map.h"
#include "base/mem.h"
#include "trace_events.h"

#include <string.h>

#define NO_ID UINT64_MAX /* no goroutine, P or M; Go's -1 */

extern const struct trace_event_desc gt_trace_event_table[TRACE_EV_LIMIT];

enum { EV_SYNC = 255 }; /* the reader's own event at each generation's start and at the end of the trace */

/* ---- errors (error.c) ---- */

struct where {
    uint64_t offset; /* bytes from the start of the trace */
    uint64_t gen;    /* generation; 0 = none yet */
    uint64_t m;      /* M of the batch; NO_ID = none */
    uint8_t ev;      /* event number; 0 = none */
};

struct fault {
    bool set;         /* something is wrong: the reader stops */
    const char *rule; /* short name of the rule that broke, "varint", "order", … */
    struct where at;  /* where */
    struct text text; /* one sentence */
};

struct gt_reader;

/*
 * Sets the fault unless one is set, at r->at; always returns false. Directives: %s text, %u uint64_t, %d int64_t,
 * %x uint64_t in hex, %i uint64_t as an id (all ones prints "none"), %e event name of an int.
 */
bool gt_fail(struct gt_reader *r, const char *rule, const char *fmt, ...);
bool gt_fail_memory(struct gt_reader *r);
/* r->text, emptied, for one of the JSON answers. */
struct text *gt_text_anew(struct gt_reader *r);
const char *gt_event_name(uint8_t ev);

/* ---- lasting strings and sites (intern.c) ---- */

struct lasting_string {
    const char *p; /* bytes, not terminated; in a pool block */
    uint32_t n;    /* how many */
};

struct site {
    uint32_t func, file; /* lasting strings */
    uint32_t line;       /* source line, cut to 32 bits */
    bool inside;         /* the runtime, or a package that waits on the program's behalf: sync, internal */
};

struct intern {
    VEC(struct lasting_string) strings; /* by id; 0 = "" */
    VEC(struct site) sites;             /* by id; 0 = unknown */
    uint32_t *string_slots;             /* hash: string id, 0 = empty */
    uint32_t string_cap;                /* slots, a power of two */
    uint32_t *site_slots;               /* hash: site id, 0 = empty */
    uint32_t site_cap;                  /* slots, a power of two */
    VEC(char *) blocks;                 /* pool blocks that hold the bytes */
    uint32_t block_left;                /* bytes free in the newest block */
};

bool gt_intern_open(struct intern *in);
/* The id of these bytes; UINT32_MAX = out of memory. */
uint32_t gt_intern_string(struct intern *in, const char *p, uint32_t n);
uint32_t gt_intern_site(struct intern *in, struct site s);
void gt_intern_close(struct intern *in);

/* Lasting strings that exist from the start; the ids are 1, 2, … in this order. */
#define FIXED_STRINGS(X)                                                                                               \
    X(EXITED, "exited")                                                                                                \
    X(SYSCALL, "syscall")                                                                                              \
    X(SYSCALL_END, "back from syscall")                                                                                \
    X(SYSCALL_BLOCKED, "syscall took long")                                                                            \
    X(P_STOLEN, "P taken during syscall")                                                                              \
    X(P_STOPPED, "P given up")                                                                                         \
    X(SWITCH, "coroutine switch")                                                                                      \
    X(CREATED, "created")                                                                                              \
    X(TRACE_START, "already there when tracing began")                                                                 \
    X(MOVED, "moved")                                                                                                  \
    X(UNSPECIFIED, "unspecified")
enum fixed_string {
    WORD_NONE,
#define FIXED_X(NAME, text) WORD_##NAME,
    FIXED_STRINGS(FIXED_X)
#undef FIXED_X
};

/* ---- one generation's tables (gen.c) ---- */

struct batch {
    uint64_t m;    /* thread */
    uint64_t time; /* timestamp units */
    uint32_t off;  /* first byte of data in the stream buffer */
    uint32_t len;  /* bytes of data */
    uint32_t next; /* next batch of the same M, UINT32_MAX = none; set by gen.c */
    uint8_t exp;   /* experiment, 0 = an ordinary batch */
};

struct local_string {
    uint64_t id;      /* as the trace has it */
    uint32_t off, n;  /* bytes in the stream buffer */
    uint32_t lasting; /* lasting string, 0 = not yet asked for */
};

struct local_frame {
    uint64_t pc;         /* program counter */
    uint64_t func, file; /* string ids; after check_frames: indices into strings */
    uint64_t line;       /* source line */
    uint32_t site;       /* lasting site, 0 = not yet asked for */
};

struct local_stack {
    uint64_t id;    /* as the trace has it */
    uint32_t first; /* first of n entries in frame_refs */
    uint32_t n;     /* frames, the innermost first */
    uint32_t off;   /* where it stands in the stream buffer */
    uint32_t site;  /* what gt_site_of tells, 0 = not yet asked for */
};

/* An id to index table: an array when ids are dense, else a map. Index 0 always is id 0. */
struct id_table {
    uint32_t *dense; /* index by id, 0 = none (except id 0) */
    uint32_t cap;    /* room in dense */
    uint32_t limit;  /* ids below this are looked up in dense */
    struct map map;  /* all ids, when they are sparse */
    bool sparse;     /* use map */
};

struct cpu_sample {
    uint64_t time;    /* timestamp units */
    int64_t ns;       /* the same in nanoseconds */
    uint64_t m, p, g; /* context; NO_ID = none */
    uint64_t stack;   /* stack id */
    uint32_t off;     /* where it stands in the stream buffer */
};

struct wall {      /* a time of day */
    int64_t sec;   /* seconds since 1970; before it: negative */
    uint32_t nsec; /* 0 to 999,999,999 */
};

struct generation {
    uint64_t gen;                     /* its number; 0 = none begun */
    double ns_per_unit;               /* 0 = no frequency seen */
    bool has_clock;                   /* the next three are set */
    uint64_t clock_time, clock_mono;  /* trace clock (units), monotonic clock (ns) */
    struct wall wall;                 /* wall clock */
    uint64_t min_time;                /* earliest batch */
    VEC(struct batch) batches;        /* in stream order */
    VEC(struct local_string) strings; /* [0] = "" */
    VEC(struct local_stack) stacks;   /* [0] = none */
    VEC(struct local_frame) frames;   /* distinct by pc */
    VEC(uint32_t) frame_refs;         /* the stacks' frames */
    VEC(struct cpu_sample) samples;   /* sorted by time */
    struct id_table string_ids, stack_ids;
    struct map pcs;       /* pc + 1 to frame + 1 */
    uint32_t next_sample; /* first sample not yet yielded */
    bool open;            /* its events are being yielded */
};

/* Strings, stacks, samples and clock of the batches at hand, without asking whether they make a generation. */
bool gt_gen_read_tables(struct gt_reader *r);
/* All of a generation that is complete. */
bool gt_gen_decode(struct gt_reader *r);
/* Not a batch of a thread's events, empty or not: Go's reader looks at such a batch while it reads it. */
bool gt_batch_is_table(const struct gt_reader *r, const struct batch *b);
void gt_gen_reset(struct generation *g);
void gt_gen_close(struct generation *g);
/* Index of an id or UINT32_MAX. */
static inline uint32_t id_find(struct id_table *t, uint64_t id) {
    if (id == 0)
        return 0;
    uint32_t i = id < t->limit ? t->dense[id] : t->sparse ? gt_map_get(&t->map, id) : 0;
    return i ? i : UINT32_MAX;
}
/* Text of a string by index. */
const char *gt_local_text(struct gt_reader *r, uint32_t index, uint32_t *n);
/* Lasting id of a string by its (checked) id of this generation; UINT32_MAX = out of memory. */
uint32_t gt_lasting_of(struct gt_reader *r, uint64_t string_id);
/* Lasting site of a (checked) stack id: of the innermost frame that is the program's own, if it has one, else of the
 * innermost; 0 = none; UINT32_MAX = out of memory. */
uint32_t gt_site_of(struct gt_reader *r, uint64_t stack_id);
/* … of any frame of a stack by its index; 0 = the innermost. */
uint32_t gt_site_at(struct gt_reader *r, uint32_t stack, uint32_t frame);
/* The same of a frame, by its index in the generation. */
uint32_t gt_site_of_frame(struct gt_reader *r, uint32_t frame);
/* Lasting name of the outermost function of a (checked) stack id, 0 = none; UINT32_MAX = out of memory. */
uint32_t gt_root_of(struct gt_reader *r, uint64_t stack_id);
int64_t gt_units_to_ns(double ns_per_unit, uint64_t units);

/* ---- the order of what happens at the same time (time_sort.c) ---- */

struct time_key {
    int64_t time;  /* sorted by it, upwards */
    uint32_t what; /* index of the thing that has this time */
};
/* Leaves equal times in the order in which Go's slices.SortFunc leaves them. */
void gt_time_sort(struct time_key *p, uint32_t n);

/* ---- events and cursors (frontier.c) ---- */

struct event {
    uint64_t args[TRACE_MAX_ARGS - 1]; /* without dt */
    uint64_t extra[2];                 /* what order*.c adds, see emit.c's readers */
    int64_t time;                      /* nanoseconds, absolute */
    uint64_t m, p, g;                  /* context before the event; NO_ID = none */
    uint64_t offset;                   /* bytes from the start of the trace */
    uint8_t type;                      /* enum trace_ev or EV_SYNC */
};

struct mstate;

struct cursor {
    struct event ev;   /* the next event */
    struct mstate *m;  /* its thread; NULL = NO_ID */
    uint64_t mid;      /* its id */
    uint32_t batch;    /* batch being read, UINT32_MAX = none left */
    uint32_t off;      /* next byte in it */
    int64_t last_time; /* time of the event before; 0 = take the batch's */
};

struct frontier {
    VEC(struct cursor) cursors; /* one an M */
    VEC(struct cursor *) heap;  /* by time of the next event */
    VEC(struct cursor *) aside; /* room to sort in */
    VEC(struct time_key) keys;  /* the same */
};

bool gt_frontier_build(struct gt_reader *r);
/* Yields one event or CPU sample (a coroutine switch yields three). */
bool gt_frontier_step(struct gt_reader *r);
void gt_frontier_close(struct frontier *f);

/* ---- states (order.c, order_proc.c, order_go.c, order_range.c) ---- */

struct range {
    uint64_t desc; /* STW: kind string id of this generation, else 0 */
    uint8_t type;  /* event that begins it */
};

enum {
    MAX_RANGES = 1024
}; /* open on one G or P at once; a real one has a handful. Lists of them are searched in a row */

struct ranges {
    VEC(struct range) v; /* in flight */
};

struct region {
    uint64_t task; /* task id */
    uint32_t name; /* lasting string */
};

struct gstate {
    uint64_t id;                /* goroutine id */
    uint64_t seq_gen, seq;      /* sequence counter: generation and value */
    struct ranges ranges;       /* in flight */
    VEC(struct region) regions; /* open user regions, the innermost last */
    uint32_t record;            /* goroutine table */
    uint32_t was;               /* lasting string: why it last stopped running */
    uint32_t wake_by;           /* who made it runnable: goroutine record, 0 = unknown */
    uint32_t wake_site;         /* where */
    uint32_t next_free;         /* free list of the pool */
    uint8_t status;             /* enum trace_gstatus; 0 = dead */
    uint8_t came;               /* with GT_OPT_PART: 1 + the status it is taken to have had; 0 = created here */
    uint8_t news;               /* what was learned of it since it was made, NEWS_* */
};
enum { NEWS_WAS = 1, NEWS_WAKE = 2, NEWS_FN_GUESSED = 4, NEWS_ASSIST = 8 };

struct lane;

struct pstate {
    uint64_t id;           /* P id */
    uint64_t seq_gen, seq; /* sequence counter */
    struct ranges ranges;  /* in flight */
    uint8_t status;        /* enum trace_pstatus */
    uint8_t came;          /* with GT_OPT_PART: the status it is taken to have had */
    bool abandoned;        /* with GT_OPT_PART: it was told as abandoned, and is to be stolen from an M not yet seen */
    bool sweeps;           /* with GT_OPT_PART: its sweep was said to go on */
    double past_end;       /* with GT_OPT_PART: a span from before ended then, ns; 0 = none known */
    uint32_t lane;         /* lane + 1; 0 = too many Ps to have one */
    struct mstate *holder; /* the M that took it last: where to look first; may have lost it */
};

struct mstate {
    uint64_t id;             /* thread id */
    uint64_t g, p;           /* bound to it; NO_ID = none */
    uint32_t open;           /* lane + 1 that it has a span open on; 0 = none */
    uint64_t open_g;         /* goroutine of that span */
    uint8_t open_state;      /* enum span_state of it */
    bool p_known, g_known;   /* with GT_OPT_PART: the next two are set; what stands in p and g is not a guess */
    uint64_t p_came, g_came; /* what it is taken to have had; NO_ID = none */
};

struct task {
    uint64_t parent;    /* task id, NO_ID = none */
    uint32_t name;      /* lasting string */
    uint32_t next_free; /* free list */
};

enum { G_CHUNK = 256 }; /* goroutine states in one pool chunk */

struct order {
    struct map gs, ps, ms, tasks;  /* ids to index + 1 */
    VEC(struct gstate *) g_chunks; /* pool: chunks of G_CHUNK, so that pointers hold */
    uint32_t g_used, g_free;       /* places ever used; free list (index + 1) */
    VEC(struct pstate *) p_list;
    VEC(struct mstate *) m_list;
    VEC(struct task) task_list;
    uint32_t task_free; /* free list (index + 1) */
    uint64_t gc_seq;    /* last GC sequence number */
    uint8_t gc_state;   /* 0 undetermined, 1 off, 2 on */
    uint64_t first_gen; /* first generation; 0 = none yet */
};

/* ---- a generation read without those before it, with GT_OPT_PART (part.c, order/carry.c, order/join.c) ---- */

struct gone {
    uint64_t id;  /* goroutine id */
    uint8_t came; /* 1 + the status it is taken to have had */
};

struct pop {
    uint64_t g, task; /* goroutine id, task id */
    uint32_t name;    /* lasting string */
};

/* What is taken for granted of the generations before, beyond what stands in the states themselves. */
struct part {
    VEC(struct gone) gone; /* goroutines from before that ended */
    VEC(uint64_t) brief;   /* goroutines created here that ended here */
    VEC(struct pop) pops;  /* regions from before that ended */
    VEC(uint64_t) ended;   /* tasks from before that ended */
    uint64_t least_task;   /* lowest id of a task begun here; NO_ID = none */
    uint64_t gc_seq;       /* number of the first GC event */
    uint8_t gc_first;      /* that event's type; 0 = there was none */
};

static inline bool gt_is_part(const struct gt_reader *r);
/* The event's thread is looked at: what is not known of it by now it had not. */
void gt_part_thread(struct mstate *m);
void gt_part_has_p(struct mstate *m, uint64_t p);
void gt_part_has_g(struct mstate *m, uint64_t g);
/* g ends. False = out of memory. */
bool gt_part_gone(struct gt_reader *r, const struct gstate *g);
bool gt_part_pop(struct gt_reader *r, uint64_t g, struct region x);
bool gt_part_task_ended(struct gt_reader *r, uint64_t id);
void gt_part_gc(struct gt_reader *r, uint8_t type, uint64_t seq);
void gt_part_close(struct part *p);

enum advance { ADV_NO, ADV_YES, ADV_BROKEN };

/* Lets the cursor's event happen if it may happen now. */
enum advance gt_order_advance(struct gt_reader *r, struct cursor *c);
typedef enum advance order_fn(struct gt_reader *r, struct event *ev, struct mstate *m);
order_fn gt_order_proc_start, gt_order_proc_stop, gt_order_proc_steal, gt_order_proc_status;
order_fn gt_order_go_create, gt_order_go_start, gt_order_go_stop_exec, gt_order_go_unblock, gt_order_go_switch,
    gt_order_go_status;
order_fn gt_order_create_syscall, gt_order_destroy_syscall, gt_order_syscall_begin, gt_order_syscall_end,
    gt_order_syscall_end_blocked;
order_fn gt_order_gc_active, gt_order_gc_begin, gt_order_gc_end, gt_order_sweep_active, gt_order_sweep_begin,
    gt_order_sweep_end;
order_fn gt_order_range_begin, gt_order_range_active, gt_order_range_end, gt_order_heap_metric, gt_order_annotation,
    gt_order_allocfree;
order_fn gt_order_task_begin, gt_order_task_end, gt_order_region_begin, gt_order_region_end;

/* The n-th place of a map of goroutines, from 0 up to order.gs.cap: the goroutine there, or NULL. */
struct gstate *gt_order_g_at(struct gt_reader *r, uint32_t place);
struct mstate *gt_order_thread(struct gt_reader *r, uint64_t id);
struct gstate *gt_order_g(struct gt_reader *r, uint64_t id);
struct pstate *gt_order_p(struct gt_reader *r, uint64_t id);
struct mstate *gt_order_m(struct gt_reader *r, uint64_t id);
struct gstate *gt_order_new_g(struct gt_reader *r, uint64_t id, uint8_t status);
void gt_order_drop_g(struct gt_reader *r, struct gstate *g);
bool gt_order_ctx(struct gt_reader *r, const struct event *ev, char m, char p, char g);
void gt_order_close(struct order *o);

/* ---- the way out (emit.c, dump_go.c, dump_json.c, validate.c) ---- */

/* Checks the event's string and stack ids, fixes its time (r->now), counts it and passes it on. */
bool gt_emit(struct gt_reader *r, struct event *ev);
bool gt_emit_sync(struct gt_reader *r, bool with_clock, int64_t time);
/* What is told of every event, as the options ask for it. False = r->err is set. */
typedef bool event_fn(struct gt_reader *r, const struct event *ev);
enum { TOLD_MOST = 7 };
bool gt_dump_go(struct gt_reader *r, const struct event *ev);
bool gt_dump_json(struct gt_reader *r, const struct event *ev);

struct validator;
struct validator *gt_validator_open(void);
bool gt_validator_event(struct gt_reader *r, const struct event *ev);
void gt_validator_close(struct validator *v);

/* State transition told by an event; kind 'G', 'P' or 0 for none. States are enum go_state / proc_state. */
enum go_state { GO_UNDETERMINED, GO_NOT_EXIST, GO_RUNNABLE, GO_RUNNING, GO_WAITING, GO_SYSCALL };
enum proc_state { PROC_UNDETERMINED, PROC_NOT_EXIST, PROC_RUNNING, PROC_IDLE };
struct transition {
    uint64_t id;      /* of the G or P */
    uint64_t reason;  /* string id of this generation, 0 = "" */
    uint64_t stack;   /* stack id of the one it happens to */
    bool has_stack;   /* Go prints this stack, even an empty one */
    char kind;        /* 'G', 'P', 0 */
    uint8_t from, to; /* states */
};
struct transition gt_transition_of(const struct event *ev);
uint8_t gt_go_state_of(uint64_t gstatus);
uint8_t gt_proc_state_of(uint64_t pstatus);
/* What Go calls the event's kind: "StateTransition" and so on. */
const char *gt_kind_of(uint8_t type);
/* The executing context's own stack id; *has = Go prints one, even an empty one. */
uint64_t gt_stack_of(const struct event *ev, bool *has);

/* ---- the AllocFree experiment (allocfree.c) ---- */

enum { ALLOC_FREE = 1 }; /* its number */

struct alloc_type {
    uint64_t id;                       /* as events name it */
    uint64_t address, size, ptr_bytes; /* of the type; bytes; bytes up to its last pointer */
    uint32_t off, n;                   /* name: bytes in the stream buffer */
};

struct allocfree {
    VEC(struct alloc_type) types; /* of this generation */
    struct map ids;               /* id to index + 1 */
    bool has_info;                /* the next four are set */
    uint64_t min_heap, page_size; /* lowest heap address; bytes */
    uint64_t heap_align;          /* what object ids count in */
    uint64_t stack_align;         /* what stack ids count in */
    uint64_t batches, damaged;    /* in the whole trace; those that could not be read to their end */
};

/* Takes in a batch of the experiment. Damage in it is counted and costs what it hides: Go's reader looks at none. */
bool gt_allocfree_batch(struct gt_reader *r, const struct batch *b);
void gt_allocfree_reset(struct allocfree *a);
void gt_allocfree_close(struct allocfree *a);
/* JSON members for the address and type that an event's ids stand for, as far as known. */
void gt_allocfree_json(struct gt_reader *r, const struct event *ev);

/* ---- sums for `goroscope stat` (summary.c, stat.c) ---- */

struct summary;
struct summary *gt_summary_open(void);
bool gt_summary_event(struct gt_reader *r, const struct event *ev);
void gt_summary_close(struct summary *s);

/* ---- analysis (analyse/) ---- */

struct analysis;
struct analysis *gt_analysis_open(void);
bool gt_analysis_event(struct gt_reader *r, const struct event *ev);
void gt_analysis_close(struct analysis *a);

struct why;
struct why *gt_why_open(void);
bool gt_why_event(struct gt_reader *r, const struct event *ev);
void gt_why_close(struct why *w);

/* ---- the index (lanes.c, forest.c, goroutines.c, query.c) ---- */

enum span_state { SPAN_RUNNING = 0, SPAN_SYSCALL = 1, SPAN_STATES = 2 };
#define SPAN_LONG UINT32_MAX
enum { SPAN_CHUNK = 256, SPAN_GROUP = 16, LANE_LIMIT = 4096, FOREST_LEVELS = 32 };

struct span_chunk {                 /* columns of SPAN_CHUNK spans */
    double start[SPAN_CHUNK];       /* ns */
    uint32_t length[SPAN_CHUNK];    /* ns; SPAN_LONG: longer than fits, see lane.longs */
    uint32_t g[SPAN_CHUNK];         /* goroutine record */
    uint16_t reason[SPAN_CHUNK];    /* lasting string: why it ended (word16) */
    uint32_t site[SPAN_CHUNK];      /* where it stopped */
    uint16_t was[SPAN_CHUNK];       /* lasting string: why it had not been running before (word16) */
    uint32_t wake_by[SPAN_CHUNK];   /* goroutine record */
    uint32_t wake_site[SPAN_CHUNK]; /* where that was */
    uint8_t state[SPAN_CHUNK];      /* enum span_state */
};

/* Chunks are taken from slabs: in wasm each growth of the memory is dear, so there are few and large ones. */
struct slab {
    struct span_chunk *p; /* n chunks */
    uint32_t n, used;     /* chunks; given out */
};

struct node {               /* of a forest: what happened in a run of groups */
    double ns[SPAN_STATES]; /* time by state */
    double longest_ns;      /* length of the longest span */
    uint32_t longest;       /* which one */
};

struct forest {
    VEC(struct node) level[FOREST_LEVELS]; /* level[k].p[i] covers groups i << k up to (i + 1) << k */
};

bool gt_forest_append(struct forest *f, struct node leaf);
/* Sum over groups [a, b). */
struct node gt_forest_sum(const struct forest *f, uint32_t a, uint32_t b);
struct node gt_node_join(struct node a, struct node b);
void gt_forest_close(struct forest *f);

struct long_span {
    double end;    /* ns */
    uint32_t span; /* which one */
};

struct lane {
    uint64_t p;                      /* P id */
    uint64_t before;                 /* spans of the generations before those that are here; see carry.c */
    uint32_t made_at;                /* where the system call that is the first span was made, if that was before */
    uint64_t opened;                 /* number of the event that opened the last span */
    uint8_t news;                    /* what was known of the last span's goroutine when it began, NEWS_* */
    bool continues;                  /* with GT_OPT_PART: the first span was there when the generation began */
    VEC(struct span_chunk *) chunks; /* columns */
    uint32_t n;                      /* spans, the open one included */
    bool open;                       /* the last span has not ended */
    struct mstate *owner;            /* who opened it */
    struct forest forest;            /* over groups of SPAN_GROUP ended spans */
    VEC(struct long_span) longs;     /* in order */
};

/* When a span ended; infinity = it goes on. */
double gt_span_end_of(const struct lane *l, uint32_t span);

/* Where the goroutine was when the span ended; of a system call where it was made. 0 = unknown. */
uint32_t gt_span_site(const struct lane *l, uint32_t span);

/* A lane for a P: its index + 1, or 0 with LANE_LIMIT reached. UINT32_MAX = out of memory. */
uint32_t gt_lane_new(struct gt_reader *r, uint64_t p);

/* The world stands still: a lane of its own, last. A span says why the world was stopped in place of why it had
 * not run, and who did it and where in place of who woke it. */
#define LANE_STW UINT64_MAX /* in place of a P's id */
enum { STATE_STOPPED = 2 }; /* what such a span is told as; it is kept, and summed up, as running */
/* Opens a span; m: whose it is; NULL = none's, it is ended by name. */
bool gt_span_begin(struct gt_reader *r, struct lane *l, struct mstate *m, const struct gstate *g, uint8_t state);
bool gt_lane_stw_begin(struct gt_reader *r, const struct gstate *g, uint64_t kind, uint64_t stack);
bool gt_lane_stw_end(struct gt_reader *r);
/* Brings the lanes in line with what m now runs on which P; why and where the old span ended. */
bool gt_lane_sync(struct gt_reader *r, struct mstate *m, uint32_t reason, uint64_t stack);
struct node gt_lane_sum(const struct lane *l, uint32_t a, uint32_t b);
void gt_lanes_close(struct gt_reader *r);

struct grecord {          /* one life of a goroutine; records are never dropped */
    uint64_t id;          /* goroutine id */
    uint32_t fn;          /* lasting string: start function; 0 = unknown */
    uint32_t creator;     /* record; 0 = unknown */
    uint32_t create_site; /* where */
};

/* g is new; `stack` begins with its start function, the stack `site` is where it was created. */
bool gt_g_begin(struct gt_reader *r, struct gstate *g, uint64_t stack, uint64_t creator, uint64_t site);
/* Learns the start function of the event's goroutine from its own stack, if it is not known. */
bool gt_g_learn(struct gt_reader *r, const struct event *ev);
/* Its life is over. */
void gt_g_end(struct gt_reader *r, const struct gstate *g);
/* Who woke g, and where: the event's goroutine, at the top of `stack`. */
bool gt_g_woken(struct gt_reader *r, struct gstate *g, const struct event *ev, uint64_t stack);
/* Why g leaves its thread: a (checked) string id. */
bool gt_g_leaves(struct gt_reader *r, struct gstate *g, uint64_t reason);

enum { COLUMNS = 9 };

struct columns {
    double *start, *end, *goid; /* room for cap items each, at least */
    float *busy;
    int32_t *index;
    uint32_t *fn;
    uint8_t *state;
    uint32_t *mix, *why;
    uint32_t n, cap;        /* items; room */
    uint32_t caps[COLUMNS]; /* room of each column, in the order above */
};
bool gt_columns_room(struct columns *c, uint32_t want);
void gt_columns_close(struct columns *c);

struct points_out {      /* answers of gt_points and gt_curve */
    VEC(double) t;       /* ns */
    VEC(uint32_t) index; /* of the lane's points: the first of those in one bucket */
    VEC(uint32_t) count; /* how many they are */
    VEC(uint8_t) kind;   /* enum point_kind of the first */
    VEC(float) curve;    /* low, mean, high of each bucket */
};

void gt_points_close(struct points_out *o);

struct marks; /* lanes of marks, see index/marks.h */
struct marks *gt_marks_open(void);
void gt_marks_close(struct marks *ms);
bool gt_watch_event(struct gt_reader *r, const struct event *ev);
bool gt_watch_m(struct gt_reader *r, const struct mstate *m);
/* JSON into the text: a lasting string; the members func, file and line of a lasting site. */
void gt_string_json(struct gt_reader *r, uint32_t id);
void gt_site_json(struct gt_reader *r, uint32_t site);

/* ---- the reader ---- */

struct stream {
    uint8_t *mem;        /* room for cap bytes */
    uint8_t *p;          /* in it: bytes not yet done with; p[0] is the first of the generation at hand */
    size_t len, cap;     /* in use, from p on; room, from mem on */
    size_t scan;         /* bytes already split into batches */
    size_t next;         /* where the bytes after the generation at hand begin; 0 = it is not complete */
    uint64_t base;       /* offset of p[0] in the trace */
    uint64_t complete;   /* offset behind the last generation known to be whole */
    uint64_t last_gen;   /* number of the generation before this one; 0 = none */
    uint64_t skipped;    /* bytes of the trace between its header and what is fed */
    uint32_t version;    /* 22, 23, 25, 26; 0 = header not read yet */
    bool ended;          /* gt_end */
    bool boundary;       /* gt_boundary: a generation ends at len */
    struct fault damage; /* found behind a generation that may still be yielded; reported after it */
};

/* Splits what is there into batches; true when a generation is complete or nothing more can be done. */
bool gt_stream_scan(struct gt_reader *r);
/* Drops the generation at hand and moves on to the bytes behind it. */
void gt_stream_advance(struct gt_reader *r);

struct gt_reader {
    struct stream in;
    struct generation gen;
    struct frontier front;
    struct order order;
    struct intern intern;
    struct fault err;
    struct where at;  /* what is being looked at; errors take it */
    uint32_t options; /* enum gt_option */
    uint32_t told_n;  /* how many are told of each event; in this order: */
    event_fn *told[TOLD_MOST];
    bool done;            /* the last sync event is out */
    bool no_memory;       /* an allocation failed: err is set too */
    uint64_t syncs;       /* sync events so far */
    uint64_t generations; /* generations begun */
    uint64_t events;      /* events yielded */
    uint64_t counts[256]; /* by type */
    uint64_t lives;       /* goroutines seen; one that comes back counts again */
    struct allocfree allocfree;
    uint64_t exp_unknown;  /* batches of experiments we do not know, passed over */
    uint64_t lanes_denied; /* Ps beyond LANE_LIMIT */
    uint32_t stw_lane;     /* lane + 1; 0 = the world has not been stopped */
    uint64_t nameless;     /* goroutine records whose start function a stack of theirs may still tell */
    int64_t first_time;    /* absolute ns of the first event */
    int64_t last_time;     /* absolute ns of the last event */
    double now;            /* ns since first_time of the event being emitted */
    VEC(struct lane *) lanes;
    VEC(struct slab) slabs;         /* of the lanes' chunks; the last one has room */
    VEC(struct grecord) goroutines; /* [0] = unknown */
    struct summary *summary;        /* with GT_OPT_STAT */
    struct marks *marks;            /* with GT_OPT_LANES */
    struct analysis *analysis;      /* with GT_OPT_ANALYSE */
    struct why *why;                /* with GT_OPT_WHY */
    struct columns columns;         /* answer of the last gt_query */
    struct points_out points;       /* of the last gt_points or gt_curve */
    struct validator *validator;    /* with GT_OPT_VALIDATE */
    struct part part;               /* with GT_OPT_PART */
    VEC(uint8_t) blob;              /* bytes from the host: see gt_blob */
    double begins;                  /* time of the first event of the last generation */
    double unit_ns;                 /* length of a time unit in the last generation; 0 = none yet */
    struct text text;               /* dump or JSON */
};

static inline bool gt_is_part(const struct gt_reader *r) { return r->options & GT_OPT_PART; }

/* From the first event to the last, ns; what gt_t1 tells. */
static inline double trace_length(const struct gt_reader *r) {
    return (double)((uint64_t)r->last_time - (uint64_t)r->first_time);
}

#endif
