/* native_clock.c: the C library's clocks and its sources of chance, natively. With threads they are the system's
 * own: all of them go with gr_now already. In sim they are the simulation's (drive/clock.c): these functions stand
 * before libc's of the same names.
 *
 * What a program can read in other ways stays the system's: /dev/urandom, getrusage, the time stamp counter.
 */
#define _GNU_SOURCE
#include "drive/clock.h"
#include "port/native_clock.h"
#include <dlfcn.h>
#include <errno.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

typedef int clock_fn(clockid_t id, struct timespec *t);

/* libc's, which asks the kernel without a system call. */
static clock_fn *libc_clock_gettime;

static __attribute__((constructor(101))) void find_libc(void) {
    libc_clock_gettime = (clock_fn *)dlsym(RTLD_NEXT, "clock_gettime");
}

int port_native_clock_gettime(clockid_t id, struct timespec *t) {
    return libc_clock_gettime ? libc_clock_gettime(id, t) : (int)syscall(SYS_clock_gettime, id, t);
}

static struct timespec split(int64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / GR_SECOND), .tv_nsec = (long)(ns % GR_SECOND)};
}

int clock_gettime(clockid_t id, struct timespec *t) {
    if (!rt_config.sim)
        return port_native_clock_gettime(id, t);
    switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
        *t = split(rt_wall());
        return 0;
    default:
        if (syscall(SYS_clock_getres, id, NULL) != 0)
            return -1; /* with errno: there is no such clock */
        *t = split(rt_clock());
        return 0;
    }
}

time_t time(time_t *t) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (t)
        *t = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone) {
    (void)zone;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *t = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

int timespec_get(struct timespec *t, int base) {
    if (base != TIME_UTC)
        return 0;
    clock_gettime(CLOCK_REALTIME, t);
    return base;
}

clock_t clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * CLOCKS_PER_SEC + now.tv_nsec / (GR_SECOND / CLOCKS_PER_SEC);
}

clock_t times(struct tms *t) {
    if (!rt_config.sim)
        return syscall(SYS_times, t);
    clock_t ticks = (clock_t)(rt_clock() / (GR_SECOND / sysconf(_SC_CLK_TCK)));
    if (t)
        *t = (struct tms){.tms_utime = ticks};
    return ticks;
}

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
    if (!rt_config.virtual_clock)
        return syscall(SYS_getrandom, to, n, flags);
    rt_random_bytes(to, n);
    return (ssize_t)n;
}

/* In libc since glibc 2.36. */
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
