/* leak.c: the leak report: which goroutines hang when main has returned (GRDEBUG=leaks=1).
 *
 * main's goroutine then waits instead of ending the program, the others go on, until nothing can happen any more:
 * every M is idle and no timer is set, which is where a deadlock would be reported (rt_check_dead). Whoever waits
 * then waits for ever: nobody is left to wake him. So the report is exact, misses nothing and accuses nobody. Go's
 * goroutine leak profile (GoroutineLeak of runtime/pprof), whose marking is used, finds leaks while the program
 * runs, by what the garbage collector can reach; that we cannot.
 *
 * A program that never comes to rest (a ticker, a server) is cut off leakwait milliseconds after main's return. Who
 * waits for other goroutines then is reported, too, and may be innocent; the text says so.
 */
#include "base/debug.h"
#include "core/driver.h"
#include "core/exit.h"
#include "core/leak.h"
#include "core/panic.h"
#include "core/park.h"

static _Atomic int64_t until = INT64_MAX; /* end of the patience; INT64_MAX: main has not returned */
static int main_code;

_Noreturn void rt_leak_await(int code) {
    rt_charge(0);
    main_code = code;
    atomic_store(&until, rt_now() + rt_debug_vars.leakwait * GR_MILLISECOND);
    rt_park(NULL, NULL, WAIT_LEAKS, NULL);
    rt_throw("the goroutine of main was woken after its return");
}

int64_t rt_leak_horizon(void) { return atomic_load_explicit(&until, memory_order_relaxed); }

/* At rest. */
static bool waits(G *g) { return rt_gstate(g) == G_WAITING && g->reason != WAIT_LEAKS; }

/* While others run: not who waits for time, for the host or for a debugger. A coroutine waits for its caller, or he
 * for it. */
static bool waits_for_another(G *g) {
    return waits(g) && g->reason != WAIT_SLEEP && g->reason != WAIT_IO && g->reason != WAIT_COROUTINE &&
           g->reason != WAIT_PREEMPTED && g->reason != WAIT_DEBUG_CALL;
}

bool rt_is_leaked(G *g, bool at_rest) { return !g->system && (at_rest ? waits(g) : waits_for_another(g)); }

_Noreturn void rt_leak_report(bool at_rest) {
    int n = 0;
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
        n += rt_is_leaked(g, at_rest);
    if (n == 0) {
        port_libc_flush();
        rt_exit(main_code);
    }
    rt_fatal_leaked(n, at_rest ? 0 : rt_debug_vars.leakwait);
}

void rt_leak_tick(int64_t now) {
    if (now >= rt_leak_horizon())
        rt_leak_report(false);
}
