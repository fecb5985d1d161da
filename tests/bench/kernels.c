/* kernels: what preemption points cost. Five computations with loops of different kinds, each in a function of its
 * own (V8 compiles one big function worse), on one goroutine. tests/bench/preempt.mjs runs this built with and
 * without points and compares.
 *
 * Each line of standard input names a kernel; it runs once, and its checksum is the answer. So who asks can measure
 * each run, and two programs can take turns.
 */
#include <goroscope.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIEVE 1000000
#define BODIES 5
#define STEPS 400000
#define FIB 33
#define MATRIX 220

/* Loops of a few instructions around a store. */
__attribute__((noinline)) static double sieve(void) {
    static unsigned char composite[SIEVE];
    int primes = 0;
    for (int turn = 0; turn < 8; turn++) {
        memset(composite, 0, sizeof composite);
        primes = 0;
        for (int i = 2; i < SIEVE; i++) {
            if (composite[i])
                continue;
            primes++;
            for (int k = i + i; k < SIEVE; k += i)
                composite[k] = 1;
        }
    }
    return primes;
}

typedef struct Body {
    double x[3], v[3], mass;
} Body;

static volatile int steps = STEPS;

/* Floating point, two small loops inside one long one. */
__attribute__((noinline)) static double nbody(void) {
    Body b[BODIES];
    for (int i = 0; i < BODIES; i++)
        b[i] = (Body){{i, 2.0 * i, 3.0 * i}, {0.01 * i, 0, -0.01 * i}, 1.0 / (1 + i)};
    for (int step = steps; step > 0; step--) {
        for (int i = 0; i < BODIES; i++) {
            for (int k = i + 1; k < BODIES; k++) {
                double d[3], r2 = 0;
                for (int a = 0; a < 3; a++) {
                    d[a] = b[i].x[a] - b[k].x[a];
                    r2 += d[a] * d[a];
                }
                double pull = 1e-5 / (r2 * sqrt(r2));
                for (int a = 0; a < 3; a++) {
                    b[i].v[a] -= d[a] * b[k].mass * pull;
                    b[k].v[a] += d[a] * b[i].mass * pull;
                }
            }
        }
        for (int i = 0; i < BODIES; i++)
            for (int a = 0; a < 3; a++)
                b[i].x[a] += 1e-5 * b[i].v[a];
    }
    return b[0].x[0] + b[4].x[2];
}

/* Nothing but calls. */
__attribute__((noinline)) static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

static volatile int fib_of = FIB; /* volatile, here and below: the compiler must not know the result */

__attribute__((noinline)) static double fibs(void) { return fib(fib_of); }

/* A tight loop with two loads and a multiplication. */
__attribute__((noinline)) static double matmul(void) {
    static double a[MATRIX][MATRIX], b[MATRIX][MATRIX], c[MATRIX][MATRIX];
    for (int turn = 0; turn < 4; turn++) {
        for (int i = 0; i < MATRIX; i++)
            for (int k = 0; k < MATRIX; k++) {
                a[i][k] = i + k + turn;
                b[i][k] = i - k;
            }
        for (int i = 0; i < MATRIX; i++)
            for (int k = 0; k < MATRIX; k++) {
                double sum = 0;
                for (int l = 0; l < MATRIX; l++)
                    sum += a[i][l] * b[l][k];
                c[i][k] = sum;
            }
    }
    return c[17][42];
}

static volatile uint64_t seed = 88172645463325252u;

/* One long chain: each step waits for the last one's result. */
__attribute__((noinline)) static double chain(void) {
    uint64_t x = seed;
    for (int i = 0; i < 8000000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    return (double)(x >> 11);
}

static const struct Kernel {
    const char *name;
    double (*run)(void);
} kernels[] = {{"sieve", sieve}, {"nbody", nbody}, {"fib", fibs}, {"matmul", matmul}, {"chain", chain}};

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    for (char *name; (name = gr_stream_line(gr_stdin(), NULL)) != NULL; free(name)) {
        size_t i = 0;
        while (i < sizeof kernels / sizeof *kernels && strcmp(kernels[i].name, name) != 0)
            i++;
        if (i == sizeof kernels / sizeof *kernels) {
            fprintf(stderr, "kernels: there is none called '%s'\n", name);
            return 1;
        }
        printf("%.17g\n", kernels[i].run());
        fflush(stdout);
    }
    return 0;
}
