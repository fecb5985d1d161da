/* random.h: xorshift64*, high bits scaled to n (Vigna 2016; Lemire 2019 for the scaling). Cheap, and good enough
 * for whom to steal from; not for secrets. */
#ifndef RT_RANDOM_H
#define RT_RANDOM_H

#include <stdint.h>

/* The next number below n (n >= 1). *state is never 0. */
static inline uint32_t rt_random_below(uint64_t *state, uint32_t n) {
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return (uint32_t)(((x * 0x2545F4914F6CDD1Du) >> 32) * n >> 32);
}

#endif
