/* start.c: how a program begins. (schedinit of Go's proc.go) */
#include "base/debug.h"
#include "base/hooks.h"
#include "core/m.h"
#include "core/main.h"
#include "core/nullpage.h"
#include "core/proc.h"
#include "core/stw.h"
#include "core/trace.h"
#include "drive/clock.h"
#include "drive/drive.h"
#include "drive/sim.h"

void rt_init(const Config *cfg, int argc, char **argv) {
    rt_config = *cfg;
    rt_debug_parse(cfg->debug);
    if (rt_config.procs < 1)
        rt_config.procs = 1;
    if (rt_config.procs > MAX_PROCS)
        rt_config.procs = MAX_PROCS;
    if (!rt_config.sim && !port_has_threads())
        rt_config.sim = true;
    if (!rt_config.sim)
        rt_config.virtual_clock = rt_config.check = false;
    if (rt_config.chaos && rt_config.virtual_clock)
        rt_chaos_init(rt_config.seed);
    if (rt_config.stack_max == 0)
        rt_config.stack_max = DEFAULT_STACK_MAX;
    atomic_store(&rt_sched.sleep_until, INT64_MAX);
    if (rt_config.sim)
        rt_raise_attention(ATTEND_SIM);
    if (rt_debug_vars.preempt)
        rt_raise_attention(ATTEND_POINTS);
    rt_null_page_begin();
    if (rt_config.sim)
        rt_sim_begin();
    M *m = rt_m_new(true);
    port_set_m(m);
    port_set_away(0);
    rt_clock_begin();
    atomic_store(&rt_sched.coarse_ns, rt_now());
    rt_sched.sysmon = rt_m_new(false);
    atomic_store(&rt_sched.sysmon_note, 1);
    rt_procs_init(rt_config.procs);
    rt_trace_init();
    if (rt_config.sim)
        rt_sim_wake_p(rt_sched.allp[0]); /* its time begins with the program's */
    rt_acquirep(m, rt_sched.allp[0]);
    rt_main_start(argc, argv);
}
