/* sysmon.c: the M without a P. It takes Ps away from system calls that last, preempts slices that last, and turns
 * the trace's generations over while all Ms compute. In sim nobody needs to watch: sim.c knows what happens when.
 * (sysmon of Go's proc.go)
 */
#include "base/debug.h"
#include "core/driver.h"
#include "core/exit.h"
#include "core/idle.h"
#include "core/leak.h"
#include "core/nullpage.h"
#include "core/preempt.h"
#include "core/syscall.h"
#include "core/trace.h"
#include "core/trace_samples.h"
#include "drive/schedtrace.h"
#include "drive/sysmon.h"

#define SHORTEST_NS (20 * GR_MICROSECOND) /* as Go: so often while there are Ps to be taken back, */
#define PATIENCE 50                       /* and so many times after the last, */
#define LONGEST_NS (10 * GR_MILLISECOND)  /* then ever more rarely, down to this */

static bool all_idle(void) { return atomic_load(&rt_sched.npidle) == atomic_load(&rt_sched.procs); }

/* Sleeps until an M takes a P. */
static void sleep_deeply(void) {
    atomic_store(&rt_sched.sysmon_note, 0);
    while (all_idle() && atomic_load(&rt_sched.sysmon_note) == 0 && !atomic_load(&rt_sched.exiting))
        port_futex_wait((uint32_t *)(void *)&rt_sched.sysmon_note, 0, -1);
    atomic_store(&rt_sched.sysmon_note, 1);
}

static void rt_sysmon_main(void *arg) {
    M *m = arg;
    port_set_m(m);
    int64_t delay = LONGEST_NS, traced = 0;
    for (int rounds = 0;; rounds++) {
        port_futex_wait((uint32_t *)(void *)&rt_sched.exiting, 0, delay);
        if (atomic_load(&rt_sched.exiting))
            rt_stop_here();
        bool idle = all_idle();
        int64_t now = port_now_ns();
        atomic_store_explicit(&rt_sched.coarse_ns, now, memory_order_relaxed);
        if (now - traced >= rt_trace_period() || idle || rt_trace_asked()) {
            traced = now;
            rt_trace_tick(m);
            rt_null_page_check(", noticed while the program ran", NULL);
        }
        rt_schedtrace_tick(now);
        if (idle && rt_debug_vars.schedtrace == 0) { /* Go's does not sleep then either */
            sleep_deeply();
            rounds = PATIENCE;
            continue;
        }
        if (rt_retake_all(m, now))
            rounds = 0;
        rt_preempt_long_slices(now);
        rt_samples_tick(now);
        rt_leak_tick(now);
        if (rt_netpoll_pending())
            rt_inject_glist(rt_netpoll(m));
        if (rounds == 0)
            delay = SHORTEST_NS;
        else if (rounds > PATIENCE && delay < LONGEST_NS)
            delay = delay * 2 < LONGEST_NS ? delay * 2 : LONGEST_NS;
    }
}

/* Wakes sysmon if it sleeps for want of anything to do. Called with a P just taken. */
void rt_sysmon_wake(void) {
    if (atomic_load(&rt_sched.sysmon_note) == 0) {
        atomic_store_explicit(&rt_sched.coarse_ns, rt_now(), memory_order_relaxed);
        atomic_store(&rt_sched.sysmon_note, 1);
        port_futex_wake((uint32_t *)(void *)&rt_sched.sysmon_note, 1);
    }
}

void rt_sysmon_start(void) {
    if (!port_thread_start(rt_sysmon_main, rt_sched.sysmon))
        rt_fatal("cannot start the worker that watches over the others");
}
