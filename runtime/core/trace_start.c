/* trace_start.c: how tracing begins and ends. (StartTrace, StopTrace of Go's trace.go) */
#include "core/driver.h"
#include "core/trace.h"

/* The generation stays closed: nobody writes any more. */
void rt_trace_finish(M *m) {
    if (!rt_trace_enabled)
        return;
    if (atomic_load(&m->trace.seqlock) % 2)
        return; /* we died while writing an event; the generation would be broken */
    rt_lock(&rt_trace_control.lock, RANK_TRACE);
    uint32_t gen = atomic_load(&rt_tracer.gen);
    rt_trace_control.finished = true;
    rt_trace_close(m);
    rt_tracer.turning = true;
    rt_trace_end_generation(gen);
    rt_loss_report();
    rt_ring_close();
    rt_unlock(&rt_trace_control.lock);
}

void rt_trace_init(M *m) {
    (void)m;
    if (rt_config.ring_bytes == 0)
        return;
    if (!rt_ring_init(rt_config.ring_bytes, rt_config.procs, rt_config.flight, rt_config.flight_ms))
        rt_fatal("out of memory (allocating the trace ring)");
    static const char header[TRACE_HEADER_BYTES] = "go 1.25 trace\0\0";
    rt_ring_header(header); /* at once: it must not be lost with the first generation */
    uint32_t fair = rt_ring_room() / (8 * ((uint32_t)rt_config.procs + 8)); /* what lies in buffers must fit, too */
    rt_tracer.batch_bytes = fair < TRACE_MIN_BATCH ? TRACE_MIN_BATCH : fair > TRACE_MAX_BATCH ? TRACE_MAX_BATCH : fair;
    rt_trace_control.tables = rt_buf_new(TRACE_NO_M);
    rt_tables_init();
    rt_loss_init();
    rt_trace_control.first = 5; /* older than four generations, nobody has been told of */
    rt_tracer.number[rt_trace_control.first % 2] = 1;
    rt_trace_note_all(rt_trace_control.first - 1);
    rt_trace_plan(0);
    rt_ring_begun(rt_trace_control.first, 0, rt_tracer.rest, true);
    rt_trace_enabled = true;
    rt_trace_open(rt_trace_control.first);
}
