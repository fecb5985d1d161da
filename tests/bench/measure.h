/* measure.h: how every benchmark here measures, and the one line of JSON it prints:
 * {"bench":…,"procs":…,"n":…,"NAME_ns":…}.
 *
 * Warm-up. V8 starts wasm in its baseline tier and compiles what is called often a second time, in the background;
 * a call that is under way stays in the old code. So a measurement begins with runs that do not count, again and
 * again because only a new call gets the new code, until WARM_NS have passed or as much has been done as will be
 * measured. Measured in parts of 20,000 yields: the last change of tier comes 20 to 30 ms after the start, with
 * both processors busy otherwise; the rest is for slower machines and larger programs. The Go programs beside these
 * warm up the same way, for the sake of Go's own wasm.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <goroscope.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define WARM_NS (200 * GR_MILLISECOND)
#define WARM_PARTS 20 /* one run of the warm-up is this part of what is measured */

/* Nanoseconds for each of n operations; run(n) does n of them and checks that they did what they should. */
static inline double measure(void (*run)(long n), long n) {
    long part = n / WARM_PARTS > 0 ? n / WARM_PARTS : 1;
    int64_t start = gr_now();
    for (long done = 0; done < n && gr_now() - start < WARM_NS; done += part)
        run(part);
    int64_t began = gr_now();
    run(n);
    return (double)(gr_now() - began) / (double)n;
}

/* How many operations: the program's first argument, else so many. At least 1. */
static inline long count_asked(int argc, char **argv, long unless_given) {
    long n = argc > 1 ? atol(argv[1]) : unless_given;
    return n > 0 ? n : 1;
}

static inline void say_begin(const char *bench, long n) {
    printf("{\"bench\":\"%s\",\"procs\":%d,\"n\":%ld", bench, gr_gomaxprocs(0), n);
}

/* what: the name with its unit, such as yield_ns. */
static inline void say(const char *what, double value) { printf(",\"%s\":%.2f", what, value); }

static inline void say_end(void) { printf("}\n"); }

/* What a benchmark computed is not what it should be. */
static inline void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "benchmark: %s\n", what);
        exit(1);
    }
}

#endif
