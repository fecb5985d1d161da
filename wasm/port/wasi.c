/* wasi.c: port.h for a WASI command (wasi_snapshot_preview1): one thread, sim mode. main() is in
 * runtime/port/hosted.c. */
#include "drive/netpoll.h"
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

/* The host's own; the program's calls go to wasm/libc/time.c. */
__wasi_errno_t __real___wasi_clock_time_get(__wasi_clockid_t id, __wasi_timestamp_t precision, __wasi_timestamp_t *now);
__wasi_errno_t __real___wasi_random_get(uint8_t *to, __wasi_size_t n);

int64_t port_now_ns(void) {
    static __wasi_timestamp_t start;
    __wasi_timestamp_t now = 0;
    (void)!__real___wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now);
    if (!start)
        start = now;
    return (int64_t)(now - start);
}

int64_t port_wall_ns(void) {
    __wasi_timestamp_t now = 0;
    (void)!__real___wasi_clock_time_get(__WASI_CLOCKID_REALTIME, 1, &now);
    return (int64_t)now;
}

uint64_t port_random(void) {
    uint64_t r = 0;
    (void)!__real___wasi_random_get((uint8_t *)&r, sizeof r);
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

void port_report(const void *buf, size_t n) { port_write(2, buf, n); }
void port_report_mark(void) {}

/* ---- what the host does in its own time: stdin, read when nothing else can go on ---- */

static struct {
    uint32_t id, bytes;
    bool asked, answered, failed;
    uint32_t n;
    char piece[16 << 10];
} in;

bool port_request(uint32_t kind, uint32_t id, uint32_t stream, const void *bytes, size_t n) {
    if (kind != PORT_READ || stream != 0 || n != sizeof in.bytes)
        return false;
    in.id = id;
    memcpy(&in.bytes, bytes, n);
    in.asked = true;
    return true;
}

const bool port_has_calls = false;

bool port_answered(void) { return in.answered; }

void port_answers(void) {
    if (!in.answered)
        return;
    in.answered = false;
    static const char error[] = "stdin cannot be read";
    if (in.failed)
        rt_answer(in.id, PORT_ERROR, sizeof error - 1, error, sizeof error - 1);
    else
        rt_answer(in.id, in.n ? PORT_OK : PORT_END, in.n, in.piece, in.n);
}

uint32_t *port_wake_word(void) {
    static uint32_t word; /* for threads only */
    return &word;
}

/* True: stdin can be read now, or nobody can say; false: ns have passed before. */
static bool wait_for_stdin(int64_t ns) {
    __wasi_subscription_t both[2] = {{0}, {0}};
    __wasi_event_t events[2];
    __wasi_size_t n = 0;
    both[0].userdata = 1;
    both[0].u.tag = __WASI_EVENTTYPE_FD_READ;
    both[0].u.u.fd_read.file_descriptor = 0;
    both[1].u.tag = __WASI_EVENTTYPE_CLOCK;
    both[1].u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
    both[1].u.u.clock.timeout = (__wasi_timestamp_t)ns;
    if (__wasi_poll_oneoff(both, events, ns == INT64_MAX ? 1 : 2, &n) != 0)
        return true;
    for (__wasi_size_t i = 0; i < n; i++)
        if (events[i].userdata == 1)
            return true;
    return false;
}

void port_idle(int64_t ns) {
    static uint32_t nobody_wakes_us;
    if (!in.asked) {
        port_futex_wait(&nobody_wakes_us, 0, ns);
    } else if (!in.answered && wait_for_stdin(ns)) {
        __wasi_iovec_t v = {(uint8_t *)in.piece, in.bytes < sizeof in.piece ? in.bytes : sizeof in.piece};
        __wasi_size_t n = 0;
        __wasi_errno_t error = __wasi_fd_read(0, &v, 1, &n);
        if (error == __WASI_ERRNO_AGAIN) /* node's polling makes pipes so */
            return;
        in.failed = error != 0;
        in.n = (uint32_t)n;
        in.asked = false;
        in.answered = true;
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

uintptr_t port_image_base(void) { return 0; }

_Noreturn void port_exit(int code) { __wasi_proc_exit((__wasi_exitcode_t)code); }

size_t port_stack_text(char *to, size_t most) { return (void)to, (void)most, 0; }
bool port_has_frames(void) { return false; }
size_t port_frames(port_ctx *ctx, uint32_t *sites, size_t most) { return (void)ctx, (void)sites, (void)most, 0; }
size_t port_frame_places(uint32_t site, port_place *places, size_t most) {
    return (void)site, (void)places, (void)most, 0;
}
bool port_is_programs(const void *variable) { return (void)variable, true; }
