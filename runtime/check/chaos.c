/* chaos.c: makes the scheduler's choices at random, by the seed, so that seeds explore schedules that the
 * order of simulated time alone never shows: a goroutine is preempted at any operation, an operation takes long, a
 * P falls behind the timers, what becomes runnable goes to the end of the queue, Ms are woken for nothing.
 *
 * Each seed has a temper of its own, a random subset of the disturbances with random rates: all at once on every
 * seed would drown each other. (Groce et al., Swarm testing, 2012. Go itself moves goroutines about under its race
 * detector: randomizeScheduler.)
 */
#include "check/check.h"

bool rt_choosing;
Explore rt_explore;

/* Of splitmix64; apart from the Ms' own numbers, so that a program sees the same ones with chaos and without. */
static uint64_t state;

/* One in so many; 0: never. */
static struct Temper {
    uint32_t preempt, tail, wake, delay, long_delay;
    uint32_t long_ns; /* a long delay is shorter than this */
} temper;

static uint32_t below(uint32_t n) {
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (uint32_t)(((z ^ (z >> 31)) >> 32) * n >> 32);
}

static uint32_t one_in(uint32_t n) { return n > 0 && below(n) == 0; }

static uint32_t delay_ns(void) {
    if (one_in(temper.long_delay))
        return below(temper.long_ns);
    return one_in(temper.delay) ? below(1000) : 0;
}

static uint32_t at_random(Choice what, uint32_t n) {
    switch (what) {
    case CHOOSE_PREEMPT:
        return one_in(temper.preempt);
    case CHOOSE_TAIL:
        return one_in(temper.tail);
    case CHOOSE_WAKE:
        return one_in(temper.wake);
    case CHOOSE_DELAY:
        return delay_ns();
    default:
        return below(n);
    }
}

#ifdef __wasm__ /* a call through a pointer would make its callers suspend (base/hooks.h) */
uint32_t rt_chosen(Choice what, uint32_t n) { return at_random(what, n); }
#else
uint32_t (*rt_explorer)(Choice what, uint32_t n);
uint32_t rt_chosen(Choice what, uint32_t n) { return rt_explorer ? rt_explorer(what, n) : at_random(what, n); }
#endif

void rt_chaos_init(uint64_t seed) {
    static const uint32_t often[] = {0, 2, 3, 8, 32, 128}, seldom[] = {0, 16, 64, 512},
                          ns[] = {5000, 50000, 2000000, 30000000};
    state = seed * 0xD1342543DE82EF95u;
    temper = (struct Temper){.preempt = often[below(6)],
                             .tail = often[below(6)],
                             .wake = often[below(6)],
                             .delay = often[below(6)],
                             .long_delay = seldom[below(4)],
                             .long_ns = ns[below(4)]};
    rt_choosing = true;
}
