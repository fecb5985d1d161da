/* hostsleep.c: the C library's ways of sleeping. In a goroutine they are gr_sleep: the goroutine waits, and others
 * run. In a system call, where the runtime may not be called, they block the thread.
 */
#include "core/timers.h"
#include "drive/sim.h"
#include <errno.h>
#include <time.h>
#include <unistd.h>

static void block_thread(int64_t ns) {
    uint32_t nobody_wakes_us = 0;
    int64_t until = port_now_ns() + ns;
    for (int64_t left = ns; left > 0; left = until - port_now_ns())
        port_futex_wait(&nobody_wakes_us, 0, left);
}

static void sleep_for(int64_t ns) {
    static gr_site site = {"nanosleep", "runtime/port/hostsleep.c", __LINE__, 0};
    G *g = rt_getg();
    if (ns > TIMER_END)
        ns = TIMER_END;
    if (g && rt_gstate(g) == G_RUNNING)
        gr_sleep_at(ns, &site);
    else if (g && rt_config.sim)
        rt_sim_syscall_takes(ns);
    else if (!rt_config.virtual_clock)
        block_thread(ns);
}

static bool is_time(const struct timespec *t) { return t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < GR_SECOND; }

static int64_t ns_of(const struct timespec *t) {
    int64_t longest = INT64_MAX / GR_SECOND - 1;
    return (t->tv_sec < longest ? t->tv_sec : longest) * GR_SECOND + t->tv_nsec;
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *req, struct timespec *rem) {
    struct timespec now;
    if (!is_time(req))
        return EINVAL;
    int64_t ns = ns_of(req);
    if (flags & TIMER_ABSTIME) {
        if (clock_gettime(id, &now) != 0)
            return EINVAL;
        ns -= ns_of(&now);
    } else if (rem) {
        *rem = (struct timespec){0, 0};
    }
    if (ns > 0)
        sleep_for(ns);
    return 0;
}

int nanosleep(const struct timespec *req, struct timespec *rem) {
    int error = clock_nanosleep(CLOCK_MONOTONIC, 0, req, rem);
    if (error == 0)
        return 0;
    errno = error;
    return -1;
}

int usleep(unsigned us) {
    sleep_for((int64_t)us * 1000);
    return 0;
}

unsigned sleep(unsigned seconds) {
    sleep_for(seconds * GR_SECOND);
    return 0;
}

#ifndef __wasi__ /* has no threads.h */
int thrd_sleep(const struct timespec *req, struct timespec *rem);
int thrd_sleep(const struct timespec *req, struct timespec *rem) {
    return clock_nanosleep(CLOCK_REALTIME, 0, req, rem) == 0 ? 0 : -2;
}
#endif
