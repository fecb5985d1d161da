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
    debug_parse(cfg->debug);
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
    atomic_store(&sched.sleep_until, INT64_MAX);
    if (rt_config.sim)
        attend(ATTEND_SIM);
    null_page_begin();
    if (rt_config.sim)
        sim_begin();
    M *m = m_new(true);
    port_set_m(m);
    port_set_away(0);
    clock_begin();
    atomic_store(&sched.coarse_ns, rt_now());
    sched.sysmon = m_new(false);
    atomic_store(&sched.sysmon_note, 1);
    procs_init(rt_config.procs);
    trace_init(m);
    if (rt_config.sim)
        sim_wake_p(sched.allp[0]); /* its time begins with the program's */
    acquirep(m, sched.allp[0]);
    main_start(argc, argv);
}
