/* wait_reasons.h: what a goroutine can wait for: its name in C, what a dump of goroutines shows, what the trace
 * says. (Go's waitReasonStrings and traceBlockReason) */
#ifndef RT_WAIT_REASONS_H
#define RT_WAIT_REASONS_H

#define WAIT_REASONS(X)                                                                                                \
    X(WAIT_NONE, "", "unspecified")                                                                                    \
    X(WAIT_CHAN_RECV, "chan receive", "chan receive")                                                                  \
    X(WAIT_CHAN_RECV_NIL, "chan receive (nil chan)", "forever")                                                        \
    X(WAIT_CHAN_SEND, "chan send", "chan send")                                                                        \
    X(WAIT_CHAN_SEND_NIL, "chan send (nil chan)", "forever")                                                           \
    X(WAIT_SELECT, "select", "select")                                                                                 \
    X(WAIT_SELECT_EMPTY, "select (no cases)", "forever")                                                               \
    X(WAIT_SLEEP, "sleep", "sleep")                                                                                    \
    X(WAIT_MUTEX, "sync.Mutex.Lock", "sync")                                                                           \
    X(WAIT_RWMUTEX_R, "sync.RWMutex.RLock", "sync")                                                                    \
    X(WAIT_RWMUTEX_W, "sync.RWMutex.Lock", "sync")                                                                     \
    X(WAIT_WAITGROUP, "sync.WaitGroup.Wait", "sync")                                                                   \
    X(WAIT_COND, "sync.Cond.Wait", "sync.(*Cond).Wait")                                                                \
    X(WAIT_IO, "IO wait", "network")                                                                                   \
    X(WAIT_PREEMPTED, "preempted", "preempted")                                                                        \
    X(WAIT_DEBUG_CALL, "debug call", "wait for debug call")                                                            \
    X(WAIT_LEAKS, "goroutine leak report", "system goroutine wait")                                                    \
    X(WAIT_COROUTINE, "coroutine", "coroutine")                                                                        \
    X(WAIT_SEMACQUIRE, "semacquire", "sync")                                                                           \
    X(WAIT_GC_WORKER, "GC worker (idle)", "system goroutine wait")                                                     \
    X(WAIT_GC_ASSIST, "GC assist wait", "GC mark assist wait for work")                                                \
    X(WAIT_GC_SWEEP, "GC sweep wait", "GC background sweeper wait")                                                    \
    X(WAIT_GC_CYCLE, "wait for GC cycle", "sync")                                                                      \
    X(WAIT_CLEANUP, "finalizer wait", "system goroutine wait")

typedef enum WaitReason {
#define X(id, dump, trace) id,
    WAIT_REASONS(X)
#undef X
        WAIT_COUNT
} WaitReason;

#endif
