/* clock.c: how fine the clock is by which events are timed, and what reading it costs. A browser's steps are 5 us in a
 * page that is isolated and 100 us in others: what lies within a step looks as if it had happened at once.
 */
#include "base/port.h"
#include "trace/trace.h"

#define MOST_READS 100000 /* a clock that stands still ends it: some ms */
#define FEWEST_READS 256
#define ENOUGH_STEPS 16
#define LONG_NS 1000000 /* of coarse ones two will do */

/* Two digits: a host's clock in milliseconds and fractions is some ns off. */
static int64_t rounded(int64_t ns) {
    int64_t unit = 1;
    while (ns / unit >= 100)
        unit *= 10;
    return (ns + unit / 2) / unit * unit;
}

/* What a reading takes is told by the step in which most of them fit: in the others somebody else may have run. */
static TraceClock measure(void) {
    int64_t begin = port_now_ns(), last = begin, step = 0, each = 0, since = 0;
    for (uint32_t reads = 1, steps = 0; reads < MOST_READS; reads++) {
        int64_t now = port_now_ns();
        since++;
        if (now > last) {
            int64_t took = now - last;
            if (step == 0 || took < step)
                step = took;
            if (steps > 0 && (each == 0 || took / since < each)) /* the first had begun before */
                each = took / since;
            last = now;
            since = 0;
            steps++;
        }
        if (reads >= FEWEST_READS && (steps >= ENOUGH_STEPS || (steps >= 2 && now - begin >= LONG_NS)))
            break;
    }
    return (TraceClock){(uint32_t)rounded(step), (uint32_t)(each > 0 ? each : 1)};
}

TraceClock rt_trace_clock(bool is_virtual) {
    static _Atomic uint64_t known; /* step_ns | read_ns << 32; 0: not measured yet. Two at once: either's will do */
    if (is_virtual)
        return (TraceClock){.step_ns = 1};
    uint64_t k = atomic_load(&known);
    if (k == 0) {
        TraceClock c = measure();
        k = c.step_ns | (uint64_t)c.read_ns << 32;
        atomic_store(&known, k);
    }
    return (TraceClock){(uint32_t)k, (uint32_t)(k >> 32)};
}
