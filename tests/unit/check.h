/* check.h: the harness of the unit programs. A program lists its tests in TESTS(...); they run one after the other in
 * goroutine 1, each failure prints its place, the last line says how many passed, the exit code is 1 if any failed.
 *
 * The same programs run on every port and driver, so a test may not count on how goroutines are placed or on how long
 * anything takes: it waits for what it needs (check_await), or tries again with more patience where "it is asleep
 * by now" cannot be seen from outside (CHECK_PATIENT). */
#ifndef CHECK_H
#define CHECK_H

#include "goroscope.h"
#ifndef __wasi__
#include <pthread.h>
#endif
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct check_test {
    const char *name; /* of the function */
    void (*fn)(void);
} check_test;

static const char *check_running = "(none)"; /* name of the test under way */
static _Atomic int check_failures;           /* of the test under way */
static bool check_parallel; /* --parallel: the Ps are real threads, goroutines may spin for each other */

static inline bool check_that(bool ok, const char *cond, const char *file, int line) {
    if (ok)
        return true;
    if (atomic_fetch_add(&check_failures, 1) < 10)
        printf("%s:%d: %s: CHECK(%s) failed\n", file, line, check_running, cond);
    return false;
}

static inline bool check_equal(long long a, long long b, const char *cond, const char *file, int line) {
    if (a == b)
        return true;
    if (atomic_fetch_add(&check_failures, 1) < 10)
        printf("%s:%d: %s: CHECK_EQ(%s) failed: %lld is not %lld\n", file, line, check_running, cond, a, b);
    return false;
}

#define CHECK(cond) check_that((cond), #cond, __FILE__, __LINE__)
#define CHECK_EQ(a, b) check_equal((long long)(a), (long long)(b), #a ", " #b, __FILE__, __LINE__)

/* Waits until *v reaches want, letting others run and sleep. */
static inline void check_await(_Atomic int *v, int want) {
    for (int i = 0; atomic_load(v) < want; i++) {
        if (i < 100)
            gr_yield();
        else
            gr_sleep(100 * GR_MICROSECOND);
    }
}

/* attempt(patience_ns) is true when things came in the order they should. It may fail for want of patience on a busy
 * machine, so it is tried up to six times, each with four times the patience; wrong code fails every time. */
static inline bool check_patient(bool (*attempt)(int64_t patience_ns)) {
    int64_t patience_ns = 500 * GR_MICROSECOND;
    for (int i = 0; i < 6; i++, patience_ns *= 4)
        if (attempt(patience_ns))
            return true;
    return false;
}
#define CHECK_PATIENT(attempt) check_that(check_patient(attempt), #attempt " within six attempts", __FILE__, __LINE__)

/* Which thread of the host this is; 0 where there is only one. Not inlined: the compiler would keep it over a
 * switch. */
__attribute__((noinline, unused)) static uintptr_t check_thread(void) {
    __asm__ volatile("" ::: "memory");
#ifdef __wasi__
    return 0;
#else
    return (uintptr_t)pthread_self();
#endif
}

static inline int check_run(const check_test *tests, int n, int argc, char **argv) {
    const char *only = NULL;
    int passed = 0, failed = 0;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--parallel"))
            check_parallel = true;
        else
            only = argv[i];
    }
    for (int i = 0; i < n; i++) {
        if (only && strcmp(only, tests[i].name))
            continue;
        check_running = tests[i].name;
        atomic_store(&check_failures, 0);
        tests[i].fn();
        if (atomic_load(&check_failures)) {
            failed++;
            printf("FAILED %s\n", tests[i].name);
        } else {
            passed++;
            printf("ok %s\n", tests[i].name);
        }
    }
    if (failed)
        printf("%d failed, ", failed);
    printf("%d passed\n", passed);
    return failed || !passed ? 1 : 0;
}

/* TESTS({"name", fn}, ...): gr_main of a unit program. */
#define T(fn)                                                                                                          \
    { #fn, fn }
#define TESTS(...)                                                                                                     \
    int gr_main(int argc, char **argv) {                                                                               \
        static const check_test tests[] = {__VA_ARGS__};                                                               \
        return check_run(tests, (int)(sizeof tests / sizeof *tests), argc, argv);                                      \
    }

#endif
