/* states.h: the states of goroutines, and what dumps and the list of goroutines call them. (Go's _Gidle… and
 * gStatusStrings) */
#ifndef RT_STATES_H
#define RT_STATES_H

#define G_STATES(X)                                                                                                    \
    X(G_IDLE, "idle")                                                                                                  \
    X(G_RUNNABLE, "runnable")                                                                                          \
    X(G_RUNNING, "running")                                                                                            \
    X(G_SYSCALL, "syscall") /* on its M, which has no P or whose P may be taken */                                     \
    X(G_WAITING, "waiting")                                                                                            \
    X(G_DEAD, "dead")

typedef enum GState {
#define X(id, text) id,
    G_STATES(X)
#undef X
} GState;

#endif
