/* coro.h: what a coroutine is, for coro.c, defer.c and the iterators of sync/iter.c. */
#ifndef RT_CORO_H
#define RT_CORO_H

#include "core/sched.h"

/* How the coroutine's goroutine ended. */
typedef enum CoroEnd { CORO_RUNS, CORO_RETURNED, CORO_GOEXIT, CORO_PANICKED } CoroEnd;

typedef struct Coro {
    _Atomic(G *) g; /* blocked here, runs when somebody switches; NULL: nobody, the coroutine has ended */
    M *lockedm;     /* the M its maker was locked to, NULL: to none. Whoever switches has to be locked to the same, */
    uint32_t locks; /* as often */
    void (*entry)(void); /* where its goroutine begins; ends with rt_goroutine_end */
    CoroEnd end;         /* written by its goroutine before the last switch */
    char *panic;         /* CORO_PANICKED: the message, malloc'd; whoever finds it owns it */
} Coro;

/* Makes a goroutine that will run entry() when it is first switched to; its G.coro is c, which is the caller's and
 * stays until the end. The entry is its lowest frame, left and entered at each switch: it calls what is to run
 * directly. */
void rt_coro_start(Coro *c, void (*entry)(void), const char *name, gr_site *site);
/* The calling goroutine blocks on c, the one that was blocked there runs, on the same M and P. [parks] (coroswitch) */
static inline void rt_coro_switch(Coro *c) {
    M *m = port_get_m();
    m->coro = c;
    m->after = AFTER_SWITCH;
    port_switch_out(&m->curg->ctx);
}
/* The same to c's own goroutine, from any other, which runs on the caller's stack if it may. True: it has switched
 * back. False: the caller has to leave its stack at once, by rt_coro_leave, and goes on when c's goroutine switches
 * back. Itself it is never suspended. */
bool rt_coro_enter(Coro *c);
static inline void rt_coro_leave(void) { port_switch_out(&rt_getg()->ctx); }
/* The same at the end of c's own goroutine. (coroexit) */
_Noreturn void rt_coro_exit(Coro *c);

/* On the M's stack: sees to what g, which has left its own, wanted; returns the goroutine that runs now.
 * (coroswitch_m) */
G *rt_coro_switch_m(M *m, G *g);

#endif
