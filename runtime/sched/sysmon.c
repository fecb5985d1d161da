/* sysmon.c: the M without a P. It takes Ps away from system calls that last, preempts slices that last, and turns the trace's
 * generations over while all Ms compute. In sim nobody needs to watch: sim.c knows what happens when. (sysmon of Go's proc.go)
 */
#include "../trace/trace.h"
#include "debug.h"
#include "nullpage.h"
#include "proc.h"

#define SHORTEST_NS (20 * GR_MICROSECOND) /* as Go: so often while there are Ps to be taken back, */
#define PATIENCE 50                       /* and so many times after the last, */
#define LONGEST_NS (10 * GR_MILLISECOND)  /* then ever more rarely, down to this */

static bool all_idle(void) { return atomic_load(&sched.npidle) == atomic_load(&sched.procs); }

/* Sleeps until an M takes a P. */
static void sleep_deeply(void) {
    atomic_store(&sched.sysmon_note, 0);
    while (all_idle() && atomic_load(&sched.sysmon_note) == 0 && !atomic_load(&sched.exiting))
        port_futex_wait((uint32_t *)(void *)&sched.sysmon_note, 0, -1);
    atomic_store(&sched.sysmon_note, 1);
}

static void rt_sysmon_main(void *arg) {
    M *m = arg;
    port_set_m(m);
    int64_t delay = LONGEST_NS, traced = 0;
    for (int rounds = 0;; rounds++) {
        port_futex_wait((uint32_t *)(void *)&sched.exiting, 0, delay);
        if (atomic_load(&sched.exiting))
            rt_stop_here();
        bool idle = all_idle();
        int64_t now = port_now_ns();
        atomic_store_explicit(&sched.coarse_ns, now, memory_order_relaxed);
        if (now - traced >= TRACE_PERIOD_NS || idle) {
            traced = now;
            trace_tick(m);
            null_page_check(", noticed while the program ran", NULL);
        }
        schedtrace_tick(now);
        if (idle && debug_vars.schedtrace == 0) { /* Go's does not sleep then either */
            sleep_deeply();
            rounds = PATIENCE;
            continue;
        }
        if (retake_all(m, now))
            rounds = 0;
        preempt_long_slices(now);
        leak_tick(now);
        if (netpoll_pending())
            inject_glist(netpoll(m));
        if (rounds == 0)
            delay = SHORTEST_NS;
        else if (rounds > PATIENCE && delay < LONGEST_NS)
            delay = delay * 2 < LONGEST_NS ? delay * 2 : LONGEST_NS;
    }
}

/* Wakes sysmon if it sleeps for want of anything to do. Called with a P just taken. */
void sysmon_wake(void) {
    if (atomic_load(&sched.sysmon_note) == 0) {
        atomic_store_explicit(&sched.coarse_ns, rt_now(), memory_order_relaxed);
        atomic_store(&sched.sysmon_note, 1);
        port_futex_wake((uint32_t *)(void *)&sched.sysmon_note, 1);
    }
}

void sysmon_start(void) {
    if (!port_thread_start(rt_sysmon_main, sched.sysmon))
        rt_fatal("cannot start the worker that watches over the others");
}
