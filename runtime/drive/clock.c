/* clock.c: what time it is, and chance: the one place from which everything a program can read of the two comes,
 * gr_now as well as the C library's clocks (wasm/libc/time.c, runtime/port/native_clock.c, runtime/port/hostsleep.c).
 *
 * There is one clock, rt_clock. The time of day is that plus when it began, so all clocks advance together: with
 * the measured clock by the host's, with the virtual clock by what the program does, from the same date on for
 * every run. Under the virtual clock random numbers come from the seed, by a generator of their own: how many a
 * program takes does not change the schedule.
 */
#include "drive/clock.h"
#include "drive/sim.h"
#include <string.h>

/* 2009-11-10 23:00 UTC, Go's birthday, and the time in its playground. */
#define PLAYGROUND_EPOCH_NS (1257894000 * GR_SECOND)

static bool started;         /* rt_init has begun: it is known what clock there is */
static int64_t epoch_ns;     /* since 1970: when rt_clock was 0 */
static uint64_t seeded;      /* state of the generator */
static bool seeded_anything; /* it has been taken from the seed */

void rt_clock_begin(void) {
    started = true;
    epoch_ns = rt_config.virtual_clock ? PLAYGROUND_EPOCH_NS : port_wall_ns() - rt_now();
}

int64_t rt_epoch_ns(void) { return epoch_ns; }

int64_t rt_now(void) { return rt_config.sim ? rt_sim_now(port_get_m()) : port_now_ns(); }

int64_t rt_clock(void) {
    if (__builtin_expect(rt_config.sim, 0))
        return rt_sim_clock(true);
    return port_now_ns();
}

int64_t rt_clock_unparked(void) { return rt_config.sim ? rt_sim_clock(false) : port_now_ns(); }

static int64_t began_ns(void) {
    if (started)
        return epoch_ns;
    return rt_config.virtual_clock ? PLAYGROUND_EPOCH_NS : port_wall_ns() - port_now_ns();
}

int64_t rt_wall(void) {
    int64_t now = rt_clock();
    return began_ns() + now;
}

int64_t rt_wall_unparked(void) { return began_ns() + rt_clock_unparked(); }

int64_t gr_now(void) { return rt_clock(); }

/* splitmix64 (Vigna 2015) */
static uint64_t next_seeded(void) {
    if (!seeded_anything) {
        seeded_anything = true;
        seeded = rt_config.seed ^ 0x6a09e667f3bcc908u; /* not what the scheduler's begin with */
    }
    uint64_t x = seeded += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

void rt_random_bytes(void *to, size_t n) {
    char *p = to;
    while (n > 0) {
        uint64_t r = rt_config.virtual_clock ? next_seeded() : port_random();
        size_t k = n < sizeof r ? n : sizeof r;
        memcpy(p, &r, k);
        p += k;
        n -= k;
    }
}
