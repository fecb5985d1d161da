/* trace_samples.c: looking at goroutines that run: CPU samples, and whole stacks of those that go on. (Go's
 * tracecpu.go; traceStack)
 *
 * No signal stops a goroutine here. Every SAMPLE_NS somebody wishes for a sample of each P that runs: sysmon, in
 * sim the P's clock when it comes past such a time. The goroutine then gives it where it first comes to: a safe
 * point, that is, an operation of the runtime or a preemption point, or else where it leaves its P. So a sample
 * says: this goroutine ran here when the time came, and got up to this place. What computes between two operations
 * counts for the second, unless the program has preemption points. A P that is idle, looks for work, or is in a
 * system call gives none.
 *
 * A stack is only known when it has been left (port_frames). So for a sample at a safe point the goroutine
 * switches out, and its M goes straight on with it (AFTER_LOOK). Where the port knows no frames there is no such
 * sample: it is taken when the goroutine leaves, which it does after 10 ms, of the call by which it does.
 *
 * GRDEBUG=tracestacks=1 has each operation do that at its beginning, and its events have that stack: GoCreate,
 * GoUnblock, GoSyscallBegin, STWBegin; else they have the call site alone.
 */
#include "core/trace_samples.h"
#include "base/debug.h"
#include <stdlib.h>

#define SAMPLE_NS (10 * GR_MILLISECOND) /* as Go's profiler: 100 a second */
/* Sim: when in them. What programs do at whole milliseconds shall neither always nor never be hit. */
#define SAMPLE_PHASE_NS 6180339

/* ---- wishing ------------------------------------------------------------------------------------------------- */

static bool wanted(void) { return load_relaxed(bool, &rt_trace_enabled) && rt_debug_vars.tracesamples; }

/* Lowers the bit unless somebody still has to give one. rt_sched.lock is held, as it is by whoever raises it. */
static void no_more(void) {
    if (!(load_relaxed(uint32_t, &rt_attention) & ATTEND_SAMPLE))
        return;
    for (int i = 0; i < rt_sched.procs; i++)
        if (load_relaxed(bool, &rt_sched.allp[i]->sample))
            return;
    rt_lower_attention(ATTEND_SAMPLE);
}

void rt_samples_tick(int64_t now) {
    static int64_t last;
    if (!wanted() && !(load_relaxed(uint32_t, &rt_attention) & ATTEND_SAMPLE))
        return;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    if (wanted() && now - last >= SAMPLE_NS) {
        last = now;
        for (int i = 0; i < rt_sched.procs; i++)
            if (rt_pstatus(rt_sched.allp[i]) == P_RUNNING)
                store_relaxed(bool, &rt_sched.allp[i]->sample, true);
        if (port_has_frames())
            rt_raise_attention(ATTEND_SAMPLE);
    }
    no_more();
    rt_unlock(&rt_sched.lock);
}

void rt_samples_over(void) {
    rt_lock(&rt_sched.lock, RANK_SCHED);
    for (int i = 0; i < rt_sched.procs; i++)
        store_relaxed(bool, &rt_sched.allp[i]->sample, false);
    rt_lower_attention(ATTEND_SAMPLE);
    rt_unlock(&rt_sched.lock);
}

void rt_sim_samples_begin(P *p) {
    int64_t since = p->clock_ns - SAMPLE_PHASE_NS;
    p->sample_ns =
        wanted() && !rt_explore ? p->clock_ns + SAMPLE_NS - (since % SAMPLE_NS + SAMPLE_NS) % SAMPLE_NS : INT64_MAX;
}

void rt_sim_samples_wish(P *p, int64_t now) {
    if (!wanted()) { /* the trace has ended within this slice */
        p->sample_ns = INT64_MAX;
        return;
    }
    store_relaxed(bool, &p->sample, true);
    p->sample_ns += (1 + (now - p->sample_ns) / SAMPLE_NS) * SAMPLE_NS;
}

/* ---- giving -------------------------------------------------------------------------------------------------- */

void rt_trace_give_sample(TraceLocker l, G *g, P *p, uint32_t stack, int64_t ns) {
    uint32_t gen = rt_locker_gen(l);
    store_relaxed(bool, &p->sample, false);
    if (!rt_debug_vars.tracesamples)
        return;
    if (!stack)
        stack = rt_trace_start_stack(gen, g->name, g->create_site);
    rt_trace_sample(gen, ns, l.m->id, p->id, g->goid, stack);
}

/* ---- looking ------------------------------------------------------------------------------------------------- */

bool rt_trace_wants_look(M *m) {
    if (!port_has_frames() || !load_relaxed(bool, &rt_trace_enabled))
        return false;
    return load_relaxed(bool, &m->p->sample) || load_relaxed(uint32_t, &rt_attention) & ATTEND_STACKS;
}

static void keep(mTraceState *m, G *g, const uint32_t *frames, uint32_t n) {
    if (!m->frames && !(m->frames = malloc(TRACE_MOST_FRAMES * sizeof *m->frames)))
        rt_fatal("out of memory (a stack of the trace)");
    for (uint32_t i = 0; i < n; i++)
        m->frames[i] = frames[i];
    m->nframes = n;
    m->frames_of = g->goid;
}

void rt_trace_look(M *m) {
    G *g = m->curg;
    bool sample = load_relaxed(bool, &m->p->sample);
    TraceLocker l = rt_trace_acquire(m);
    if (l.m) {
        uint32_t frames[TRACE_MOST_FRAMES], n = (uint32_t)port_frames(&g->ctx, frames, TRACE_MOST_FRAMES);
        if (load_relaxed(uint32_t, &rt_attention) & ATTEND_STACKS)
            keep(&m->trace, g, frames, n);
        if (sample) {
            uint32_t stack = n ? rt_trace_whole_stack(rt_locker_gen(l), NULL, frames, n, &g->trace.stack) : 0;
            rt_trace_give_sample(l, g, m->p, stack, rt_trace_now());
        }
        rt_trace_release(l);
    }
    if (sample) {
        rt_lock(&rt_sched.lock, RANK_SCHED);
        store_relaxed(bool, &m->p->sample, false);
        no_more();
        rt_unlock(&rt_sched.lock);
    }
}
