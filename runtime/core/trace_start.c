/* trace_start.c: how tracing begins and ends, any number of times. (StartTrace, StopTrace of Go's trace.go)
 *
 * Both stop the world, so that nobody with a P is in the middle of a change of state; those without one are waited for.
 * Neither writes about every goroutine meanwhile: the first generation tells of all at its end, as others do, and
 * before the end there is one more turn while all run.
 */
#include "core/driver.h"
#include "core/park.h"
#include "core/stw.h"
#include "core/trace.h"
#include "core/trace_allocfree.h"
#include "core/trace_gc.h"
#include "core/trace_samples.h"

static uint32_t last = 1; /* generation of the last trace */

/* ---- beginning ----------------------------------------------------------------------------------------------- */

/* Ms without a P that have not seen that there is tracing are through with what they do. */
static void wait_for_those_outside(void) {
    atomic_store(&rt_trace_control.waiting, 1);
    for (uint32_t n; (n = atomic_load(&rt_trace_control.outside)) != 0;)
        port_futex_wait((uint32_t *)(void *)&rt_trace_control.outside, n, -1);
    atomic_store(&rt_trace_control.waiting, 0);
}

static void write_header(void) {
    bool newer = rt_config.trace_version >= 26;
    const char *header = newer ? "go 1.26 trace\0\0" : "go 1.25 trace\0\0"; /* TRACE_HEADER_BYTES with the last NUL */
    rt_ring_header(header); /* at once: it must not be lost with the first generation */
}

/* Nobody with a P runs but the caller. Nobody has been told of in the last four generations. */
static void begin(void) {
    TraceControl *c = &rt_trace_control;
    write_header();
    uint32_t fair = rt_ring_room() / (8 * ((uint32_t)rt_config.procs + 8)); /* what lies in buffers must fit */
    rt_tracer.batch_bytes = fair < TRACE_MIN_BATCH ? TRACE_MIN_BATCH : fair > TRACE_MAX_BATCH ? TRACE_MAX_BATCH : fair;
    if (!c->tables)
        c->tables = rt_buf_new(TRACE_NO_M);
    rt_buf_reserve();
    rt_loss_init();
    rt_tracer.quiet_bytes = rt_debug_vars.tracereentrancy ? 0 : rt_tracer.batch_bytes;
    c->tracing++;
    c->first = last + 4;
    c->finished = false;
    rt_trace_clear_tombs(UINT32_MAX);
    rt_tracer.shown = 0;
    rt_gc_trace_begins();
    rt_tracer.number[c->first % 2] = 1;
    rt_trace_plan(0);
    rt_ring_begun(c->first, 0, rt_tracer.rest, true);
    atomic_store(&rt_tracer.gen, c->first | TRACE_CLOSED);
    atomic_store(&rt_trace_enabled, true);
    wait_for_those_outside();
    rt_trace_note_all(c->first - 1, true);
    if (rt_debug_vars.tracestacks && port_has_frames())
        rt_raise_attention(ATTEND_STACKS);
    rt_trace_open(c->first);
}

void rt_trace_init(void) {
    if (rt_config.ring_bytes == 0 || rt_config.trace_asked)
        return;
    TraceClock clock = rt_trace_clock(rt_config.virtual_clock);
    if (!rt_ring_init(rt_config.ring_bytes, rt_config.procs, rt_config.flight, rt_config.flight_ms, clock))
        rt_fatal("out of memory (allocating the trace ring)");
    begin();
}

const char *gr_trace_start_at(const gr_trace_options *options, gr_site *site) {
    rt_charge(100);
    size_t bytes = options && options->ring_bytes ? options->ring_bytes
                   : rt_config.ring_bytes         ? rt_config.ring_bytes
                                                  : DEFAULT_RING;
    if (bytes < RING_LEAST || bytes > RING_MOST)
        return "gr_trace_start: ring_bytes must be 64 KiB to 1 GiB";
    TraceClock clock = rt_trace_clock(rt_config.virtual_clock); /* takes up to some ms: not while the world stands */
    rt_stop_the_world(STW_START_TRACE, site);
    const char *why = NULL;
    rt_lock(&rt_trace_control.lock, RANK_TRACE);
    if (atomic_load(&rt_trace_enabled)) {
        why = "gr_trace_start: a trace is being written already";
    } else if (!rt_ring_init((uint32_t)bytes, rt_sched.procs, rt_config.flight, rt_config.flight_ms, clock)) {
        why = "gr_trace_start: out of memory (allocating the trace ring)";
    } else if (!(why = port_trace_begin())) {
        begin();
        rt_trace_release(rt_trace_acquire(port_get_m())); /* tells of the caller, and that it has stopped the world */
        rt_allocfree_snapshot(port_get_m());
    }
    rt_unlock(&rt_trace_control.lock);
    rt_start_the_world();
    return why;
}

/* ---- ending -------------------------------------------------------------------------------------------------- */

/* Nobody writes any more. With rt_trace_control.lock. all: also those that wait are told of. */
static void end(uint32_t gen, bool all) {
    rt_trace_control.finished = true;
    rt_lower_attention(ATTEND_STACKS);
    rt_trace_close();
    rt_tracer.turning = true;
    rt_trace_end_generation(gen, all);
    rt_tracer.turning = false;
    last = gen;
    rt_loss_report();
    rt_reentry_report();
    rt_ring_close();
}

const char *gr_trace_stop_at(gr_site *site) {
    rt_charge(100);
    rt_trace_turn(port_get_m(), true);
    rt_stop_the_world(STW_STOP_TRACE, site);
    const char *why = NULL;
    rt_lock(&rt_trace_control.lock, RANK_TRACE);
    uint32_t gen = atomic_load(&rt_tracer.gen);
    if (!atomic_load(&rt_trace_enabled)) {
        why = "gr_trace_stop: no trace is being written";
    } else {
        end(gen, false);
        atomic_store(&rt_trace_enabled, false);
        rt_samples_over();
        rt_trace_open(0);
    }
    rt_unlock(&rt_trace_control.lock);
    rt_start_the_world();
    return why;
}

/* The generation stays closed. */
void rt_trace_finish(M *m) {
    if (!atomic_load(&rt_trace_enabled))
        return;
    if (atomic_load(&m->trace.seqlock) % 2)
        return; /* we died while writing an event; the generation would be broken */
    rt_lock(&rt_trace_control.lock, RANK_TRACE);
    end(atomic_load(&rt_tracer.gen), true);
    rt_unlock(&rt_trace_control.lock);
}

bool gr_trace_enabled(void) { return load_relaxed(bool, &rt_trace_enabled); }
