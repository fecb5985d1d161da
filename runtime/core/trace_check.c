/* trace_check.c: what builds with checks look at while they trace: that states change only in a locker, and that
 * when it ends readers know what is true of its M, so each change had its event.
 *
 * Go asks for more of each place: an event about who is going to run comes after the change, one about who stops
 * running before it, and no P is acquired within, since its writer goes by the P that it finds. Ours goes by `stood`,
 * and nobody looks at a state before the locker has left (trace_gap.c, rt_trace_note_all); what others may take by
 * itself, a P in a system call, has its event before. So the order within is free. A P is found before the locker, as
 * in Go (rt_pidle_get), but made its M's within: that, too, is a change of state.
 */
#include "core/trace.h"

#ifdef GR_CHECK
/* In sim the thread does things for Ms that it is not at. */
static bool somebody_writes(void) {
    for (M *m = atomic_load(&rt_sched.allm); m; m = m->all_next)
        if (rt_trace_writing(m))
            return true;
    return false;
}

void rt_trace_check_writing(void) {
    M *m = port_get_m();
    if (!load_relaxed(bool, &rt_trace_enabled) || (m && rt_trace_writing(m)) ||
        atomic_load(&rt_trace_control.outside)) /* it may be one that began before the trace did */
        return;
    if (!rt_config.sim || !somebody_writes())
        rt_throw("trace: a state changes outside of rt_trace_acquire");
}

void rt_trace_check_told(TraceLocker l) {
    M *m = l.m;
    if (!m->p)
        return; /* its goroutine is in a system call, which somebody may tell of later */
    uint32_t gen = rt_locker_gen(l);
    TraceStood p = rt_stood_after(&m->p->trace.s, gen);
    if (rt_stood_status(p) != TRACE_P_RUNNING || rt_stood_m(p) != (uint32_t)m->id)
        rt_throw("trace: an M has a P and no event said so");
    if (!m->curg)
        return;
    TraceStood g = rt_stood_after(&m->curg->trace.s, gen);
    if (rt_stood_status(g) != rt_trace_gstatus_of(m->curg) || rt_stood_m(g) != (uint32_t)m->id)
        rt_throw("trace: a goroutine is on an M and no event said so");
}
#endif
