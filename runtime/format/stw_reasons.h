/* stw_reasons.h: why the world is stopped, as the trace says it. (Go's stwReasonStrings) */
#ifndef RT_STW_REASONS_H
#define RT_STW_REASONS_H

#define STW_REASONS(X)                                                                                                 \
    X(STW_GC_SWEEP_TERM, "GC sweep termination")                                                                       \
    X(STW_GC_MARK_TERM, "GC mark termination")                                                                         \
    X(STW_GOMAXPROCS, "GOMAXPROCS")                                                                                    \
    X(STW_DEBUG_CALL, "debug call")                                                                                    \
    X(STW_START_TRACE, "start trace")                                                                                  \
    X(STW_STOP_TRACE, "stop tracing")                                                                                  \
    X(STW_GC_SETTINGS, "GC settings")

typedef enum StwReason {
#define X(id, text) id,
    STW_REASONS(X)
#undef X
        STW_COUNT
} StwReason;

#endif
