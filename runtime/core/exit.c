/* exit.c: how a program ends. (exit of Go's proc.go) */
#include "base/hooks.h"
#include "core/exit.h"
#include "core/nullpage.h"
#include "core/panic.h"
#include "core/trace.h"

/* The program is being ended by another M. */
_Noreturn void rt_stop_here(void) {
    for (;;)
        port_futex_wait((uint32_t *)(void *)&rt_sched.exiting, 1, -1);
}

/* Ends the program: output and trace first, then the host. Whoever comes second waits for the end. */
_Noreturn void rt_exit(int code) {
    if (rt_sched.mnext && !rt_is_dying()) {
        rt_null_page_check(", noticed at the end of the program", NULL);
        rt_heap_check();
    }
    static _Atomic(M *) ending;
    bool second = atomic_exchange(&rt_sched.exiting, 1);
    rt_raise_attention(ATTEND_EXIT);
    if (second) {
        if (!port_has_threads() || rt_config.sim || atomic_load(&ending) == port_get_m())
            port_exit(code); /* a failure while ending */
        rt_stop_here();
    }
    atomic_store(&ending, port_get_m());
    port_futex_wake((uint32_t *)(void *)&rt_sched.exiting, 1 << 30);
    rt_output_flush_all();
    rt_trace_finish(port_get_m());
    port_exit(code);
}
