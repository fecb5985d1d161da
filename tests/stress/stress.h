/* stress.h: what the stress programs share: arguments, random numbers, checks that count.
 *
 * A stress program is given `rounds seed`, drives one part of the runtime hard from many goroutines, checks its own
 * invariants and prints one line. Exit code 1 if an invariant broke. The seed fixes what is attempted, not the
 * schedule (in sim mode both).
 */
#ifndef STRESS_H
#define STRESS_H

#include "goroscope.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic int stress_failures;

/* Counts a broken invariant; prints the first ones. */
#define STRESS_CHECK(cond)                                                                                             \
    ((cond) ? (void)0                                                                                                  \
            : (void)(atomic_fetch_add(&stress_failures, 1) < 5 ? (gr_print(__FILE__ ": broken: " #cond "\n"), 0) : 0))

/* A stream of random numbers of one goroutine (splitmix64). */
typedef struct Rand {
    uint64_t state;
} Rand;

static inline uint32_t rand_below(Rand *r, uint32_t n) {
    uint64_t z = r->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (uint32_t)(((z ^ (z >> 31)) >> 32) * n >> 32);
}

static inline Rand rand_of(uint64_t seed, uint64_t stream) { return (Rand){seed * 1000003 + stream * 7919}; }

/* Now and then lets others run, so that schedules differ. */
static inline void rand_yield(Rand *r) {
    if (rand_below(r, 4) == 0)
        gr_yield();
}

static inline void *must_alloc(size_t n) {
    void *p = calloc(1, n);
    if (!p)
        gr_panic("stress: out of memory");
    return p;
}

/* Runs round(seed) as often as the arguments say and prints the line. */
static inline int stress_main(const char *name, int argc, char **argv, int default_rounds,
                              void (*round)(uint64_t seed)) {
    int rounds = argc > 1 ? atoi(argv[1]) : default_rounds;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    for (int i = 0; i < rounds; i++)
        round(seed + (uint64_t)i);
    int failures = atomic_load(&stress_failures);
    printf("%s: %d rounds, seed %llu, %d procs: %s (%d broken)\n", name, rounds, (unsigned long long)seed,
           gr_gomaxprocs(0), failures ? "FAILED" : "ok", failures);
    return failures ? 1 : 0;
}

#endif
