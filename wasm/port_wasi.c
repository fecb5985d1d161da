/* port_wasi.c: port.h for a WASI command (wasi_snapshot_preview1): one thread, sim mode. main() is in runtime/port/hosted.c. */
#include "../runtime/port/port.h"
#include "../runtime/sched/main.h"
#include "switch.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

/* ---- threads ---- */

bool port_has_threads(void) { return false; }

bool port_thread_start(void (*fn)(void *), void *arg) {
    (void)fn;
    (void)arg;
    return false;
}

/* Nobody else could change *addr: this is a sleep, or returns "for no reason". */
void port_futex_wait(uint32_t *addr, uint32_t expected, int64_t timeout_ns) {
    if (timeout_ns <= 0 || *addr != expected)
        return;
    __wasi_subscription_t sleep = {0};
    __wasi_event_t event;
    __wasi_size_t n;
    sleep.u.tag = __WASI_EVENTTYPE_CLOCK;
    sleep.u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
    sleep.u.u.clock.timeout = (__wasi_timestamp_t)timeout_ns;
    (void)!__wasi_poll_oneoff(&sleep, &event, 1, &n);
}

void port_futex_wake(uint32_t *addr, int n) {
    (void)addr;
    (void)n;
}

void port_pause(void) {}

/* ---- clock, random ---- */

int64_t port_now_ns(void) {
    static __wasi_timestamp_t start;
    __wasi_timestamp_t now = 0;
    (void)!__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now);
    if (!start)
        start = now;
    return (int64_t)(now - start);
}

uint64_t port_random(void) {
    uint64_t r = 0;
    (void)!__wasi_random_get((uint8_t *)&r, sizeof r);
    return r;
}

/* ---- output ---- */

void port_write(int fd, const void *buf, size_t size) {
    const uint8_t *from = buf;
    while (size > 0) {
        __wasi_ciovec_t v = {from, size};
        __wasi_size_t n = 0;
        if (__wasi_fd_write((__wasi_fd_t)fd, &v, 1, &n) != 0 || n == 0)
            return; /* nobody is left to tell */
        from += n;
        size -= n;
    }
}

/* ---- files, memory, the end ---- */

char *port_readfile(const char *path, size_t *n) {
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    size_t room = 64 << 10, have = 0;
    char *text = malloc(room);
    while (text) {
        have += fread(text + have, 1, room - 1 - have, f);
        if (have < room - 1)
            break;
        room *= 2;
        char *more = realloc(text, room);
        if (!more)
            free(text);
        text = more;
    }
    if (text && ferror(f)) {
        free(text);
        text = NULL;
    }
    fclose(f);
    if (!text)
        return NULL;
    text[have] = 0;
    *n = have;
    return text;
}

void *port_alloc(size_t n) { return calloc(1, n); }

_Noreturn void port_exit(int code) { __wasi_proc_exit((__wasi_exitcode_t)code); }
