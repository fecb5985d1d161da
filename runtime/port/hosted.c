/* hosted.c: main() where the host is an operating system (native, wasi): settings come from the environment, the
 * trace goes to a file.
 *
 *   GOROSCOPE_PROCS  number of Ps              GOROSCOPE_MODE   threads (native's default) or sim (wasi: always)
 *   GOROSCOPE_SEED   of sim mode, default 1    GOROSCOPE_CLOCK  measured (default) or virtual (sim mode only)
 *   GRDEBUG          what the runtime is to tell, see base/debug.c
 *   GOROSCOPE_STACK  bytes of a goroutine      GOROSCOPE_TRACE  file for the trace
 *   GOROSCOPE_RING   bytes of the ring between program and file
 *   GOROSCOPE_FLIGHT the file gets, when the program ends, only the last so many ms, 0: what the ring then holds
 *   GOROSCOPE_TRACE_VERSION  1.25 (the default) or 1.26: which version of Go's format
 *   In builds with --check:
 *   GOROSCOPE_CHECK  1: sim checks the runtime's invariants after each step
 *   GOROSCOPE_CHAOS  1: virtual clock only, the seed also makes the scheduler's choices (check/chaos.c)
 *   native only: GOROSCOPE_SEEDS, GOROSCOPE_EXPLORE, many runs at once (check/explorer.c)
 *
 * The ring is emptied into the file whenever a generation has been committed, by the M that did it: only what does
 * not fit is lost.
 */
#include "base/port.h"
#include "check/explorer.h"
#include "drive/drive.h"
#include "format/trace_region.h"
#include "trace/region.h"
#include "trace/trace.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLICE_NS 10000000 /* sim: host time per rt_sim_step */
#define DEFAULT_SEED 1

/* ---- messages: before rt_init there is no runtime to print through ------------------------------------------- */

static void complain(const char *a, const char *b, const char *c, const char *d) {
    const char *parts[] = {"goroscope: ", a, b, c, d, "\n"};
    char line[512];
    size_t n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t len = strlen(parts[i]);
        if (len > sizeof line - n)
            len = sizeof line - n;
        memcpy(line + n, parts[i], len);
        n += len;
    }
    port_write(2, line, n);
}

static _Noreturn void bad_setting(const char *name, const char *value, const char *wanted) {
    complain(name, "=", value, wanted);
    port_exit(1);
}

/* ---- the trace file ------------------------------------------------------------------------------------------ */

static const char *trace_path;
static int trace_fd = -1;

static bool write_all(int fd, const uint8_t *p, size_t n) {
    while (n > 0) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

static off_t trace_whole; /* bytes of it that are whole generations */

static void to_file(const uint8_t *bytes, size_t n) {
    if (trace_fd < 0 || write_all(trace_fd, bytes, n))
        return;
    complain("cannot write the trace to ", trace_path, ": ", strerror(errno));
    if (ftruncate(trace_fd, trace_whole) != 0)
        trace_whole = 0; /* no file that could be cut: its reader has what there was */
    close(trace_fd);
    trace_fd = -1;
}

/* A flight recorder's file is written at the end. */
static void write_snapshot(void) {
    size_t n;
    uint8_t *bytes = rt_ring_snapshot(&n);
    if (bytes)
        to_file(bytes, n);
    else
        complain("cannot write the trace to ", trace_path, ": ", "out of memory");
    free(bytes);
}

/* Empties the ring. Called under the tracer's lock, so by one M at a time. */
static void drain(void) {
    TraceRegion *r = rt_trace_region();
    if (!r)
        return;
    if (r->mode == RING_FLIGHT) {
        if (atomic_load(&r->state) == 2)
            write_snapshot();
        return;
    }
    uint64_t from = atomic_load_explicit(&r->read_pos, memory_order_relaxed);
    uint64_t to = atomic_load_explicit(&r->write_pos, memory_order_acquire);
    while (from < to) {
        uint32_t at = (uint32_t)from & (r->capacity - 1);
        uint64_t n = to - from;
        if (n > r->capacity - at)
            n = r->capacity - at;
        to_file(r->data + at, (size_t)n);
        from += n;
    }
    trace_whole = (off_t)to;
    atomic_store_explicit(&r->read_pos, to, memory_order_release);
}

void port_notify_host(uint32_t *addr) {
    (void)addr;
    int err = errno;
    drain();
    errno = err;
}

/* ---- settings ------------------------------------------------------------------------------------------------ */

/* A decimal number from lo to hi, or the default if the variable is not set or empty. */
static uint64_t number(const char *name, uint64_t lo, uint64_t hi, uint64_t unset, const char *wanted) {
    const char *s = getenv(name);
    if (!s || !*s)
        return unset;
    char *end;
    errno = 0;
    unsigned long long v = strtoull(s, &end, 10);
    if (*s < '0' || *s > '9' || *end || errno || v < lo || v > hi)
        bad_setting(name, s, wanted);
    return v;
}

/* True if the variable is `yes`, false if it is `no`, else the default. */
static bool choice(const char *name, const char *yes, const char *no, bool unset, const char *wanted) {
    const char *s = getenv(name);
    if (!s || !*s)
        return unset;
    if (strcmp(s, yes) != 0 && strcmp(s, no) != 0)
        bad_setting(name, s, wanted);
    return strcmp(s, yes) == 0;
}

static int default_procs(void) {
#ifdef _SC_NPROCESSORS_ONLN
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    if (n > 0)
        return n < MAX_PROCS ? (int)n : MAX_PROCS;
#endif
    return 1;
}

static Config read_settings(void) {
    Config c = {0};
    c.sim = choice("GOROSCOPE_MODE", "sim", "threads", !port_has_threads(), ": must be threads or sim");
    if (!c.sim && !port_has_threads())
        bad_setting("GOROSCOPE_MODE", "threads", ": this build has no threads; leave it out or use sim");
    c.procs =
        (int)number("GOROSCOPE_PROCS", 1, MAX_PROCS, (uint64_t)default_procs(), ": must be a number from 1 to 256");
    c.seed = number("GOROSCOPE_SEED", 0, UINT64_MAX, DEFAULT_SEED, ": must be a number from 0 to 18446744073709551615");
    c.virtual_clock = choice("GOROSCOPE_CLOCK", "virtual", "measured", false, ": must be measured or virtual");
    if (c.virtual_clock && !c.sim)
        bad_setting("GOROSCOPE_CLOCK", "virtual", ": only with GOROSCOPE_MODE=sim");
#ifdef GR_CHECK
    c.check = choice("GOROSCOPE_CHECK", "1", "0", false, ": must be 0 or 1");
    c.chaos = choice("GOROSCOPE_CHAOS", "1", "0", false, ": must be 0 or 1");
#else
    static const char *const checks[] = {"GOROSCOPE_CHECK", "GOROSCOPE_CHAOS", "GOROSCOPE_SEEDS", "GOROSCOPE_EXPLORE"};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (getenv(checks[i]) && *getenv(checks[i]))
            bad_setting(checks[i], getenv(checks[i]), ": this program has no checks in it; build it with --check");
#endif
    if (c.chaos && !c.virtual_clock)
        bad_setting("GOROSCOPE_CHAOS", "1", ": only with GOROSCOPE_CLOCK=virtual");
    c.stack_max = (size_t)number("GOROSCOPE_STACK", STACK_MAX_LEAST, STACK_MAX_MOST, DEFAULT_STACK_MAX,
                                 ": must be a number of bytes, 1024 to 1 GiB");
    trace_path = getenv("GOROSCOPE_TRACE");
    if (trace_path && *trace_path) {
        char wanted[80];
        c.flight = getenv("GOROSCOPE_FLIGHT") && *getenv("GOROSCOPE_FLIGHT");
        uint32_t least = rt_smallest_ring(c.procs, c.flight);
        snprintf(wanted, sizeof wanted, ": must be a number of bytes, %u (with %d Ps) to 1 GiB", least, c.procs);
        c.trace_asked = choice("GOROSCOPE_TRACE_BEGIN", "asked", "start", false, ": must be asked or start");
        c.ring_bytes = (uint32_t)number("GOROSCOPE_RING", least, RING_MOST, DEFAULT_RING, wanted);
        c.flight_ms = (uint32_t)number("GOROSCOPE_FLIGHT", 0, FLIGHT_MS_MOST, 0,
                                       ": must be a number of milliseconds, 0 (as much as the ring holds) to 86400000");
        bool newer = choice("GOROSCOPE_TRACE_VERSION", "1.26", "1.25", false, ": must be 1.25 or 1.26");
        c.trace_version = newer ? 26 : 25;
    }
    c.debug = getenv("GRDEBUG");
    return c;
}

/* Before other constructors: what they read of time and chance shall be as virtual as the rest. Mistakes are main's
 * to report. */
static __attribute__((constructor(101))) void early_settings(void) {
    const char *mode = getenv("GOROSCOPE_MODE"), *clock = getenv("GOROSCOPE_CLOCK"), *seed = getenv("GOROSCOPE_SEED");
    rt_config.sim = !port_has_threads() || (mode && strcmp(mode, "sim") == 0);
    rt_config.virtual_clock = rt_config.sim && clock && strcmp(clock, "virtual") == 0;
    rt_config.seed = seed && *seed ? strtoull(seed, NULL, 10) : DEFAULT_SEED;
}

/* Each trace in a file of its own. */
static const char *next_path(void) {
    static char path[4096];
    static unsigned traces;
    if (++traces == 1)
        return trace_path;
    int n = snprintf(path, sizeof path, "%s.%u", trace_path, traces);
    return n > 0 && (size_t)n < sizeof path ? path : trace_path;
}

const char *port_trace_begin(void) {
    if (!trace_path || !*trace_path)
        return "gr_trace_start: GOROSCOPE_TRACE names no file that the trace could be written to";
    if (trace_fd >= 0)
        close(trace_fd);
    trace_fd = open(next_path(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    return trace_fd >= 0 ? NULL : "gr_trace_start: the trace file of GOROSCOPE_TRACE cannot be created";
}

static void open_trace(void) {
    trace_fd = open(next_path(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (trace_fd >= 0)
        return;
    complain("cannot create the trace file ", trace_path, ": ", strerror(errno));
    port_exit(1);
}

/* ---- main ---------------------------------------------------------------------------------------------------- */

int main(int argc, char **argv) {
    /* The runtime collects the lines, goroutine by goroutine; what libc kept back would be lost at the end. */
    setvbuf(stdout, NULL, _IONBF, 0);
    setvbuf(stderr, NULL, _IONBF, 0);
    Config c = read_settings();
#if defined(GR_CHECK) && !defined(__wasm__)
    rt_many_runs(&c, argv);
#endif
    if (c.ring_bytes && !c.trace_asked)
        open_trace();
    rt_init(&c, argc, argv);
    if (!c.sim)
        rt_run_threads();
    for (;;) {
        int64_t wait_ns = rt_sim_step(SLICE_NS);
        if (wait_ns > 0)
            port_idle(wait_ns);
    }
}
