/* time.c: the C library's clocks and its sources of chance: all of them read the runtime's (drive/clock.c).
 *
 * There is no processor's time to be had in wasm: clock() and the clocks of process and thread tell the time since
 * the start. Under WASI everything of libc comes down to two calls of the host, which are wrapped; Emscripten's
 * libc has its clocks in JS, so all are defined here. emscripten_get_now and its like are not instrumented by
 * asyncify (NEVER_SUSPEND in wasm/passes/linked.mjs): they may not park.
 */
#include "drive/clock.h"
#include <errno.h>
#include <time.h>

#ifdef __wasi__

#include <wasi/api.h>

__wasi_errno_t __real___wasi_clock_time_get(__wasi_clockid_t id, __wasi_timestamp_t precision, __wasi_timestamp_t *now);

__wasi_errno_t __wrap___wasi_clock_time_get(__wasi_clockid_t id, __wasi_timestamp_t precision,
                                            __wasi_timestamp_t *now) {
    (void)precision;
    if (id > __WASI_CLOCKID_THREAD_CPUTIME_ID)
        return __WASI_ERRNO_INVAL;
    *now = (__wasi_timestamp_t)(id == __WASI_CLOCKID_REALTIME ? rt_wall() : rt_clock());
    return __WASI_ERRNO_SUCCESS;
}

__wasi_errno_t __wrap___wasi_clock_res_get(__wasi_clockid_t id, __wasi_timestamp_t *resolution) {
    if (id > __WASI_CLOCKID_THREAD_CPUTIME_ID)
        return __WASI_ERRNO_INVAL;
    *resolution = 1;
    return __WASI_ERRNO_SUCCESS;
}

__wasi_errno_t __wrap___wasi_random_get(uint8_t *to, __wasi_size_t n) {
    rt_random_bytes(to, n);
    return __WASI_ERRNO_SUCCESS;
}

#else

#include <limits.h>
#include <sys/random.h>
#include <sys/time.h>
#include <sys/timeb.h>
#include <sys/times.h>
#include <unistd.h>

/* What each clock of POSIX and Linux is: */
typedef enum Kind { NONE, WALL, SINCE_START } Kind;

static Kind kind_of(clockid_t id) {
    switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
        return WALL;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
        return SINCE_START;
    default:
        return NONE;
    }
}

static struct timespec split(int64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / GR_SECOND), .tv_nsec = (long)(ns % GR_SECOND)};
}

static int invalid(void) {
    errno = EINVAL;
    return -1;
}

int clock_gettime(clockid_t id, struct timespec *t) {
    Kind kind = kind_of(id);
    if (kind == NONE)
        return invalid();
    *t = split(kind == WALL ? rt_wall() : rt_clock());
    return 0;
}
/* Libc's own name for it. Its locks call it for a deadline, malloc's among them: were it to park, everything that
 * allocates might (NEVER_SUSPEND). */
int __clock_gettime(clockid_t id, struct timespec *t) {
    Kind kind = kind_of(id);
    if (kind == NONE)
        return invalid();
    *t = split(kind == WALL ? rt_wall_unparked() : rt_clock_unparked());
    return 0;
}

int clock_getres(clockid_t id, struct timespec *t) {
    if (kind_of(id) == NONE)
        return invalid();
    if (t)
        *t = split(1);
    return 0;
}

time_t time(time_t *t) {
    time_t now = (time_t)(rt_wall() / GR_SECOND);
    if (t)
        *t = now;
    return now;
}

int gettimeofday(struct timeval *t, void *zone) {
    (void)zone;
    if (!t)
        return 0;
    struct timespec now = split(rt_wall());
    *t = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = (suseconds_t)(now.tv_nsec / 1000)};
    return 0;
}

int timespec_get(struct timespec *t, int base) {
    if (base != TIME_UTC)
        return 0;
    *t = split(rt_wall());
    return base;
}

int ftime(struct timeb *t) {
    struct timespec now = split(rt_wall());
    *t = (struct timeb){.time = now.tv_sec, .millitm = (unsigned short)(now.tv_nsec / 1000000)};
    return 0;
}

/* As POSIX has it, -1 when it does not fit any more: after 36 minutes. */
clock_t clock(void) {
    int64_t us = rt_clock() / 1000;
    return us > LONG_MAX ? -1 : (clock_t)us;
}

/* In hundredths of a second, as sysconf(_SC_CLK_TCK) says; there is no system's time. */
__attribute__((weak)) clock_t
times(struct tms *t) { /* weak: Emscripten 3.1.6 has it in one object with popen and the like */
    clock_t ticks = (clock_t)(rt_clock() / (GR_SECOND / 100));
    if (t)
        *t = (struct tms){.tms_utime = ticks};
    return ticks;
}

double emscripten_get_now(void) { return (double)rt_clock_unparked() / 1e6; }
double emscripten_date_now(void) { return (double)rt_wall_unparked() / 1e6; }
double emscripten_get_now_res(void) { return 1; }

/* ---- chance -------------------------------------------------------------------------------------------------- */

int getentropy(void *to, size_t n) {
    if (n > 256) {
        errno = EIO;
        return -1;
    }
    rt_random_bytes(to, n);
    return 0;
}

ssize_t getrandom(void *to, size_t n, unsigned flags) {
    (void)flags;
    rt_random_bytes(to, n);
    return (ssize_t)n;
}

/* Declared by no header of Emscripten 3.1.6. */
void arc4random_buf(void *to, size_t n);
uint32_t arc4random(void);
uint32_t arc4random_uniform(uint32_t bound);

void arc4random_buf(void *to, size_t n) { rt_random_bytes(to, n); }

uint32_t arc4random(void) {
    uint32_t r;
    rt_random_bytes(&r, sizeof r);
    return r;
}

/* Without bias: what is below 2^32 mod bound is drawn anew. */
uint32_t arc4random_uniform(uint32_t bound) {
    if (bound < 2)
        return 0;
    uint32_t least = -bound % bound, r;
    do
        r = arc4random();
    while (r < least);
    return r % bound;
}

#endif
