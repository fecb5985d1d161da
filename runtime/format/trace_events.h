/*
 * trace_events.h: the one table of trace events, in Go's execution trace wire format (v2).
 *
 * The writer (runtime/trace), the reader (viewer/reader) and its dumps are all made from TRACE_EVENTS below: the number
 * on the wire, the name, the first format version that has it, what surrounds it, and its arguments in wire order.
 * Go keeps the same knowledge in internal/trace/tracev2/events.go; we differ in giving each argument a kind of its own
 * (TRACE_ARGS), so that nobody has to read a type out of an argument's name.
 */
#ifndef RT_TRACE_EVENTS_H
#define RT_TRACE_EVENTS_H

#include <stdint.h>

/* What an argument's value means to a reader. */
enum trace_type {
    TRACE_TYPE_RAW,     /* a plain number */
    TRACE_TYPE_DT,      /* timestamp units since the previous event of the batch */
    TRACE_TYPE_SEQ,     /* next value of a G's or P's sequence counter */
    TRACE_TYPE_G,       /* goroutine id */
    TRACE_TYPE_P,       /* P id */
    TRACE_TYPE_M,       /* M (thread) id */
    TRACE_TYPE_GSTATUS, /* enum trace_gstatus */
    TRACE_TYPE_PSTATUS, /* enum trace_pstatus */
    TRACE_TYPE_STRING,  /* string id of this generation; 0 = "" */
    TRACE_TYPE_STACK,   /* stack id of this generation; 0 = none */
    TRACE_TYPE_TASK,    /* task id */
    TRACE_TYPE_VALUE,   /* a measured quantity */
};

/* clang-format off: tables */
/* A(enumerator, name as Go spells it, type) */
#define TRACE_ARGS(A)                                                                                                  \
    A(NONE, "", RAW)                                                                                                   \
    A(DT, "dt", DT)                                                                                                    \
    A(GEN, "gen", RAW)                                                                                                 \
    A(TIME, "time", RAW)                                                                                               \
    A(SIZE, "size", RAW)                                                                                               \
    A(ID, "id", RAW)                                                                                                   \
    A(NFRAMES, "nframes", RAW)                                                                                         \
    A(FREQ, "freq", RAW)                                                                                               \
    A(EXP, "exp", RAW)                                                                                                 \
    A(M, "m", M)                                                                                                       \
    A(P, "p", P)                                                                                                       \
    A(P_SEQ, "p_seq", SEQ)                                                                                             \
    A(PSTATUS, "pstatus", PSTATUS)                                                                                     \
    A(PROCS, "procs_value", VALUE)                                                                                     \
    A(G, "g", G)                                                                                                       \
    A(G_SEQ, "g_seq", SEQ)                                                                                             \
    A(GSTATUS, "gstatus", GSTATUS)                                                                                     \
    A(NEW_G, "new_g", G)                                                                                               \
    A(NEW_STACK, "new_stack", STACK)                                                                                   \
    A(STACK, "stack", STACK)                                                                                           \
    A(REASON, "reason_string", STRING)                                                                                 \
    A(KIND, "kind_string", STRING)                                                                                     \
    A(GC_SEQ, "gc_seq", SEQ)                                                                                           \
    A(SWEPT, "swept_value", VALUE)                                                                                     \
    A(RECLAIMED, "reclaimed_value", VALUE)                                                                             \
    A(HEAPALLOC, "heapalloc_value", VALUE)                                                                             \
    A(HEAPGOAL, "heapgoal_value", VALUE)                                                                               \
    A(LABEL, "label_string", STRING)                                                                                   \
    A(TASK, "task", TASK)                                                                                              \
    A(PARENT_TASK, "parent_task", TASK)                                                                                \
    A(NAME, "name_string", STRING)                                                                                     \
    A(KEY, "key_string", STRING)                                                                                       \
    A(VALUE, "value_string", STRING)                                                                                   \
    A(MONO, "mono", RAW)                                                                                               \
    A(SEC, "sec", RAW)                                                                                                 \
    A(NSEC, "nsec", RAW)                                                                                               \
    A(NPAGES, "npages_value", VALUE)                                                                                   \
    A(KINDCLASS, "kindclass", RAW)                                                                                     \
    A(TYPE, "type", RAW)                                                                                               \
    A(ORDER, "order", RAW)

/* Where an event stands and what follows its arguments. */
enum trace_form {
    TRACE_FORM_UNUSED,     /* no event has this number */
    TRACE_FORM_STRUCTURAL, /* builds batches and tables; never in a stream of timed events */
    TRACE_FORM_TIMED,      /* first argument is DT; stands in an ordinary batch */
    TRACE_FORM_ALLOCFREE,  /* timed, of the AllocFree experiment */
};

/*
 * X(enumerator, number, Name, since Go 1.N, form, event that begins the range this one goes on with or ends, number of
 *   arguments, five arguments)
 */
#define TRACE_EVENTS(X)                                                                                                \
    X(EVENT_BATCH, 1, EventBatch, 22, STRUCTURAL, NONE, 4, GEN, M, TIME, SIZE, NONE)                                   \
    X(STACKS, 2, Stacks, 22, STRUCTURAL, NONE, 0, NONE, NONE, NONE, NONE, NONE)                                        \
    X(STACK, 3, Stack, 22, STRUCTURAL, NONE, 2, ID, NFRAMES, NONE, NONE, NONE)                                         \
    X(STRINGS, 4, Strings, 22, STRUCTURAL, NONE, 0, NONE, NONE, NONE, NONE, NONE)                                      \
    X(STRING, 5, String, 22, STRUCTURAL, NONE, 1, ID, NONE, NONE, NONE, NONE)                                          \
    X(CPU_SAMPLES, 6, CPUSamples, 22, STRUCTURAL, NONE, 0, NONE, NONE, NONE, NONE, NONE)                               \
    X(CPU_SAMPLE, 7, CPUSample, 22, STRUCTURAL, NONE, 5, TIME, M, P, G, STACK)                                         \
    X(FREQUENCY, 8, Frequency, 22, STRUCTURAL, NONE, 1, FREQ, NONE, NONE, NONE, NONE)                                  \
    X(PROCS_CHANGE, 9, ProcsChange, 22, TIMED, NONE, 3, DT, PROCS, STACK, NONE, NONE)                                  \
    X(PROC_START, 10, ProcStart, 22, TIMED, NONE, 3, DT, P, P_SEQ, NONE, NONE)                                         \
    X(PROC_STOP, 11, ProcStop, 22, TIMED, NONE, 1, DT, NONE, NONE, NONE, NONE)                                         \
    X(PROC_STEAL, 12, ProcSteal, 22, TIMED, NONE, 4, DT, P, P_SEQ, M, NONE)                                            \
    X(PROC_STATUS, 13, ProcStatus, 22, TIMED, NONE, 3, DT, P, PSTATUS, NONE, NONE)                                     \
    X(GO_CREATE, 14, GoCreate, 22, TIMED, NONE, 4, DT, NEW_G, NEW_STACK, STACK, NONE)                                  \
    X(GO_CREATE_SYSCALL, 15, GoCreateSyscall, 22, TIMED, NONE, 2, DT, NEW_G, NONE, NONE, NONE)                         \
    X(GO_START, 16, GoStart, 22, TIMED, NONE, 3, DT, G, G_SEQ, NONE, NONE)                                             \
    X(GO_DESTROY, 17, GoDestroy, 22, TIMED, NONE, 1, DT, NONE, NONE, NONE, NONE)                                       \
    X(GO_DESTROY_SYSCALL, 18, GoDestroySyscall, 22, TIMED, NONE, 1, DT, NONE, NONE, NONE, NONE)                        \
    X(GO_STOP, 19, GoStop, 22, TIMED, NONE, 3, DT, REASON, STACK, NONE, NONE)                                          \
    X(GO_BLOCK, 20, GoBlock, 22, TIMED, NONE, 3, DT, REASON, STACK, NONE, NONE)                                        \
    X(GO_UNBLOCK, 21, GoUnblock, 22, TIMED, NONE, 4, DT, G, G_SEQ, STACK, NONE)                                        \
    X(GO_SYSCALL_BEGIN, 22, GoSyscallBegin, 22, TIMED, NONE, 3, DT, P_SEQ, STACK, NONE, NONE)                          \
    X(GO_SYSCALL_END, 23, GoSyscallEnd, 22, TIMED, GO_SYSCALL_BEGIN, 1, DT, NONE, NONE, NONE, NONE)                    \
    X(GO_SYSCALL_END_BLOCKED, 24, GoSyscallEndBlocked, 22, TIMED, GO_SYSCALL_BEGIN, 1, DT, NONE, NONE, NONE, NONE)     \
    X(GO_STATUS, 25, GoStatus, 22, TIMED, NONE, 4, DT, G, M, GSTATUS, NONE)                                            \
    X(STW_BEGIN, 26, STWBegin, 22, TIMED, NONE, 3, DT, KIND, STACK, NONE, NONE)                                        \
    X(STW_END, 27, STWEnd, 22, TIMED, STW_BEGIN, 1, DT, NONE, NONE, NONE, NONE)                                        \
    X(GC_ACTIVE, 28, GCActive, 22, TIMED, GC_BEGIN, 2, DT, GC_SEQ, NONE, NONE, NONE)                                   \
    X(GC_BEGIN, 29, GCBegin, 22, TIMED, NONE, 3, DT, GC_SEQ, STACK, NONE, NONE)                                        \
    X(GC_END, 30, GCEnd, 22, TIMED, GC_BEGIN, 2, DT, GC_SEQ, NONE, NONE, NONE)                                         \
    X(GC_SWEEP_ACTIVE, 31, GCSweepActive, 22, TIMED, GC_SWEEP_BEGIN, 2, DT, P, NONE, NONE, NONE)                       \
    X(GC_SWEEP_BEGIN, 32, GCSweepBegin, 22, TIMED, NONE, 2, DT, STACK, NONE, NONE, NONE)                               \
    X(GC_SWEEP_END, 33, GCSweepEnd, 22, TIMED, GC_SWEEP_BEGIN, 3, DT, SWEPT, RECLAIMED, NONE, NONE)                    \
    X(GC_MARK_ASSIST_ACTIVE, 34, GCMarkAssistActive, 22, TIMED, GC_MARK_ASSIST_BEGIN, 2, DT, G, NONE, NONE, NONE)      \
    X(GC_MARK_ASSIST_BEGIN, 35, GCMarkAssistBegin, 22, TIMED, NONE, 2, DT, STACK, NONE, NONE, NONE)                    \
    X(GC_MARK_ASSIST_END, 36, GCMarkAssistEnd, 22, TIMED, GC_MARK_ASSIST_BEGIN, 1, DT, NONE, NONE, NONE, NONE)         \
    X(HEAP_ALLOC, 37, HeapAlloc, 22, TIMED, NONE, 2, DT, HEAPALLOC, NONE, NONE, NONE)                                  \
    X(HEAP_GOAL, 38, HeapGoal, 22, TIMED, NONE, 2, DT, HEAPGOAL, NONE, NONE, NONE)                                     \
    X(GO_LABEL, 39, GoLabel, 22, TIMED, NONE, 2, DT, LABEL, NONE, NONE, NONE)                                          \
    X(USER_TASK_BEGIN, 40, UserTaskBegin, 22, TIMED, NONE, 5, DT, TASK, PARENT_TASK, NAME, STACK)                      \
    X(USER_TASK_END, 41, UserTaskEnd, 22, TIMED, NONE, 3, DT, TASK, STACK, NONE, NONE)                                 \
    X(USER_REGION_BEGIN, 42, UserRegionBegin, 22, TIMED, NONE, 4, DT, TASK, NAME, STACK, NONE)                         \
    X(USER_REGION_END, 43, UserRegionEnd, 22, TIMED, USER_REGION_BEGIN, 4, DT, TASK, NAME, STACK, NONE)                \
    X(USER_LOG, 44, UserLog, 22, TIMED, NONE, 5, DT, TASK, KEY, VALUE, STACK)                                          \
    X(GO_SWITCH, 45, GoSwitch, 23, TIMED, NONE, 3, DT, G, G_SEQ, NONE, NONE)                                           \
    X(GO_SWITCH_DESTROY, 46, GoSwitchDestroy, 23, TIMED, NONE, 3, DT, G, G_SEQ, NONE, NONE)                            \
    X(GO_CREATE_BLOCKED, 47, GoCreateBlocked, 23, TIMED, NONE, 4, DT, NEW_G, NEW_STACK, STACK, NONE)                   \
    X(GO_STATUS_STACK, 48, GoStatusStack, 23, TIMED, NONE, 5, DT, G, M, GSTATUS, STACK)                                \
    X(EXPERIMENTAL_BATCH, 49, ExperimentalBatch, 23, STRUCTURAL, NONE, 4, EXP, GEN, M, TIME, NONE)                     \
    X(SYNC, 50, Sync, 25, STRUCTURAL, NONE, 0, NONE, NONE, NONE, NONE, NONE)                                           \
    X(CLOCK_SNAPSHOT, 51, ClockSnapshot, 25, STRUCTURAL, NONE, 4, DT, MONO, SEC, NSEC, NONE)                           \
    X(END_OF_GENERATION, 52, EndOfGeneration, 26, STRUCTURAL, NONE, 0, NONE, NONE, NONE, NONE, NONE)                   \
    X(SPAN, 128, Span, 23, ALLOCFREE, NONE, 4, DT, ID, NPAGES, KINDCLASS, NONE)                                        \
    X(SPAN_ALLOC, 129, SpanAlloc, 23, ALLOCFREE, NONE, 4, DT, ID, NPAGES, KINDCLASS, NONE)                             \
    X(SPAN_FREE, 130, SpanFree, 23, ALLOCFREE, NONE, 2, DT, ID, NONE, NONE, NONE)                                      \
    X(HEAP_OBJECT, 131, HeapObject, 23, ALLOCFREE, NONE, 3, DT, ID, TYPE, NONE, NONE)                                  \
    X(HEAP_OBJECT_ALLOC, 132, HeapObjectAlloc, 23, ALLOCFREE, NONE, 3, DT, ID, TYPE, NONE, NONE)                       \
    X(HEAP_OBJECT_FREE, 133, HeapObjectFree, 23, ALLOCFREE, NONE, 2, DT, ID, NONE, NONE, NONE)                         \
    X(GOROUTINE_STACK, 134, GoroutineStack, 23, ALLOCFREE, NONE, 3, DT, ID, ORDER, NONE, NONE)                         \
    X(GOROUTINE_STACK_ALLOC, 135, GoroutineStackAlloc, 23, ALLOCFREE, NONE, 3, DT, ID, ORDER, NONE, NONE)              \
    X(GOROUTINE_STACK_FREE, 136, GoroutineStackFree, 23, ALLOCFREE, NONE, 2, DT, ID, NONE, NONE, NONE)

/* clang-format on */

/* enum trace_ev: TRACE_EV_GO_START and so on; the values are the bytes on the wire. */
enum trace_ev {
    TRACE_EV_NONE = 0,
#define TRACE_X(NAME, num, Name, since, form, start, n, a, b, c, d, e) TRACE_EV_##NAME = num,
    TRACE_EVENTS(TRACE_X)
#undef TRACE_X
        TRACE_EV_LIMIT = 137, /* one more than the largest number */
};

/* enum trace_arg: TRACE_ARG_G_SEQ and so on: which argument, hence its name and type. */
enum trace_arg {
#define TRACE_A(NAME, name, type) TRACE_ARG_##NAME,
    TRACE_ARGS(TRACE_A)
#undef TRACE_A
        TRACE_ARG_LIMIT,
};

/* What a goroutine is doing, as GoStatus carries it. */
enum trace_gstatus {
    TRACE_G_RUNNABLE = 1,
    TRACE_G_RUNNING = 2,
    TRACE_G_SYSCALL = 3,
    TRACE_G_WAITING = 4,
};

/* What a P is doing, as ProcStatus carries it. */
enum trace_pstatus {
    TRACE_P_RUNNING = 1,
    TRACE_P_IDLE = 2,
    TRACE_P_SYSCALL = 3,
    TRACE_P_SYSCALL_ABANDONED = 4, /* in a syscall whose M the writer no longer knows; about to be stolen */
};

/* Limits of the format. */
enum {
    TRACE_MAX_ARGS = 5,         /* arguments of one event, DT counted */
    TRACE_MAX_BATCH = 64 << 10, /* bytes in a batch after its header */
    TRACE_MAX_FRAMES = 128,     /* frames of one stack */
    TRACE_MAX_STRING = 1 << 10, /* bytes of one string */
    TRACE_HEADER_BYTES = 16,    /* "go 1.NN trace" and three NULs */
    TRACE_MAX_VARINT = 10,      /* bytes of the longest unsigned LEB128 number */
};

#define TRACE_NO_M UINT64_MAX /* the m of a batch that belongs to no thread */

/* One event's row as data; gt_trace_event_table in the reader is indexed by the wire number. */
struct trace_event_desc {
    const char *name;             /* Go's name; NULL = no such event */
    uint8_t since;                /* first format version, NN of "go 1.NN" */
    uint8_t form;                 /* enum trace_form */
    uint8_t start;                /* enum trace_ev that begins its range; 0 = none */
    uint8_t nargs;                /* arguments in use */
    uint8_t args[TRACE_MAX_ARGS]; /* enum trace_arg, wire order */
};

#define TRACE_EVENT_DESC(NAME, num, Name, since, form, start, n, a, b, c, d, e)                                        \
    [num] = {#Name,                                                                                                    \
             since,                                                                                                    \
             TRACE_FORM_##form,                                                                                        \
             TRACE_EV_##start,                                                                                         \
             n,                                                                                                        \
             {TRACE_ARG_##a, TRACE_ARG_##b, TRACE_ARG_##c, TRACE_ARG_##d, TRACE_ARG_##e}},

/* `static const struct trace_event_desc table[TRACE_EV_LIMIT] = TRACE_EVENT_TABLE;` */
#define TRACE_EVENT_TABLE                                                                                              \
    { TRACE_EVENTS(TRACE_EVENT_DESC) }

#endif
