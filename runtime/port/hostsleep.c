/* hostsleep.c: the C library's ways of sleeping. They block the thread, so they are system calls: the P is handed on meanwhile.
 * (gr_sleep blocks only the goroutine.) */
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

static void take_time(int64_t ns) {
    if (rt_config.sim)
        sim_syscall_takes(ns);
    else
        block_thread(ns);
}

static void host_sleep(int64_t ns) {
    static gr_site site = {"nanosleep", "runtime/port/hostsleep.c", __LINE__, 0};
    G *g = getg();
    if (!g) {
        block_thread(ns);
    } else if (gstate(g) == G_SYSCALL) {
        take_time(ns);
    } else {
        gr_entersyscallblock_at(&site);
        take_time(ns);
        gr_exitsyscall();
    }
}

int nanosleep(const struct timespec *req, struct timespec *rem) {
    if (req->tv_sec < 0 || req->tv_nsec < 0 || req->tv_nsec >= GR_SECOND) {
        errno = EINVAL;
        return -1;
    }
    int64_t longest = INT64_MAX / GR_SECOND - 1;
    host_sleep((req->tv_sec < longest ? req->tv_sec : longest) * GR_SECOND + req->tv_nsec);
    if (rem)
        *rem = (struct timespec){0, 0};
    return 0;
}

int usleep(unsigned us) {
    host_sleep((int64_t)us * 1000);
    return 0;
}

unsigned sleep(unsigned seconds) {
    host_sleep(seconds * GR_SECOND);
    return 0;
}
