/* emscripten.c: port.h for a page's workers and node's worker threads, and the exports that
 * wasm/host/program-worker.mjs calls. */
#include "core/dump.h"
#include "core/nullpage.h"
#include "core/panic.h"
#include "core/preempt.h"
#include "core/trace.h"
#include "drive/drive.h"
#include "drive/netpoll.h"
#include "host/picture.h"
#include "trace/region.h"
#include "wasm/port/host.h"
#include "wasm/port/program.h"
#include "wasm/port/switch.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define M_STACK_BYTES (128u << 10) /* C stack of an M other than M0: the scheduler, failure reports */

static char out_ring[HOST_OUT_BYTES] __attribute__((aligned(64)));
static char in_ring[HOST_IN_BYTES] __attribute__((aligned(64)));
static HostBlock host __attribute__((aligned(64))) = {
    .magic = HOST_MAGIC, .abi = HOST_ABI, .out_bytes = HOST_OUT_BYTES, .in_bytes = HOST_IN_BYTES};

/* ---- threads ---- */

/* libc's and the linker's; the same in Emscripten 3.1.6 to 6.0.5. */
void __set_thread_state(pthread_t self, int is_main_browser_thread, int is_main_runtime_thread, int can_block);
void __wasm_init_tls(void *block);
void __wasm_call_ctors(void);

/* What pthread_create asks of Emscripten's JS. libc has filled in its own struct; ours travels as arg. */
int __pthread_create_js(pthread_t thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg) {
    (void)attr;
    (void)start;
    HostThread *t = arg;
    uint32_t used = (uint32_t)(t - host.threads) + 1;
    t->pthread = (uint32_t)(uintptr_t)thread;
    if (used > host.pool)
        port_host_threads(used);
    atomic_store(&t->state, 1);
    port_futex_wake((uint32_t *)&t->state, 1);
    return 0;
}

static void *never_called(void *arg) { return arg; }

bool port_has_threads(void) { return host.pool > 0; }

bool port_thread_start(void (*fn)(void *), void *arg) {
    uint32_t i = atomic_fetch_add(&host.nthreads, 1);
    if (i >= HOST_THREADS) {
        atomic_fetch_sub(&host.nthreads, 1);
        return false;
    }
    HostThread *t = &host.threads[i];
    char *stack = aligned_alloc(16, M_STACK_BYTES);
    char *tls = port_tls_alloc();
    if (!stack || !tls)
        return false;
    t->tls = (uint32_t)(uintptr_t)tls;
    t->sp = (uint32_t)(uintptr_t)(stack + M_STACK_BYTES);
    t->fn = (uint32_t)(uintptr_t)fn;
    t->arg = (uint32_t)(uintptr_t)arg;
    pthread_attr_t attr;
    pthread_t thread;
    pthread_attr_init(&attr);
    pthread_attr_setstack(&attr, stack, M_STACK_BYTES);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    return pthread_create(&thread, &attr, never_called, t) == 0;
}

__attribute__((noinline)) static void rt_thread_main(HostThread *t) {
    __set_thread_state((pthread_t)(uintptr_t)t->pthread, 0, 0, 1);
    port_know_memory((char *)(uintptr_t)t->tls + __builtin_wasm_tls_size());
    __wasm_init_tls((void *)(uintptr_t)t->tls);
    port_tls_fill_program((char *)(uintptr_t)t->tls);
    ((void (*)(void *))(uintptr_t)t->fn)((void *)(uintptr_t)t->arg);
}

/* The worker of slot i, once its state is 1. Has no C frame: the stack pointer is not its own yet. */
EXPORT(gr_thread_run) void gr_thread_run(uint32_t i) {
    port_set_sp(host.threads[i].sp, 0, UINTPTR_MAX);
    port_set_m_sp(host.threads[i].sp);
    rt_thread_main(&host.threads[i]);
}

#define FOR_EVER_NS (INT64_C(1) << 53) /* 104 days; who waits in vain waits again */

/* The only memory.atomic.wait32 of a program: atomics.mjs turns libc's into calls of this too. V8's baseline compiler
 * (seen in node 20) spoils locals of a function that contains a wait: a store after it goes to a wrong place. Here
 * nothing is live. The call that is never made keeps Binaryen from inlining it; build.sh looks. */
EXPORT(port_wait32) __attribute__((noinline)) int port_wait32(int *addr, int expected, int64_t timeout_ns) {
    static volatile int never; /* always 0 */
    if (never) {
        port_host_output(), port_host_output(), port_host_output(), port_host_output();
        port_host_output(), port_host_output(), port_host_output(), port_host_output();
    }
    if (timeout_ns < 0 || timeout_ns == INT64_MAX) /* libc's: the runtime's own have FOR_EVER_NS */
        timeout_ns = rt_last_wait();
    return __builtin_wasm_memory_atomic_wait32(addr, expected, timeout_ns);
}

/* Through a null pointer memset and memcpy would overwrite all of the program, with nobody left to say so. */
static __attribute__((noinline)) void stop_at_null(char *to) {
    rt_null_stopped = (uint32_t)(uintptr_t)to + 1;
    __builtin_trap();
}

static inline bool is_null(const char *to, size_t n) { return (uintptr_t)to < NULL_PAGE && n > 0; }

/* memory.copy and memory.fill, which check bounds as atomic accesses do: atomics.mjs turns all others into calls of
 * these. */
EXPORT(port_memory_copy) void port_memory_copy(char *to, const char *from, size_t n) {
    if (__builtin_expect(is_null(to, n), 0))
        stop_at_null(to);
    port_know_memory((to > from ? to : from) + n);
    __builtin_memmove(to, from, n);
}

EXPORT(port_memory_fill) void port_memory_fill(char *to, int byte, size_t n) {
    if (__builtin_expect(is_null(to, n) && (byte != NULL_BYTE || n > NULL_PAGE), 0)) /* else it fills the null page */
        stop_at_null(to);
    port_know_memory(to + n);
    __builtin_memset(to, byte, n);
}

void port_futex_wait(uint32_t *addr, uint32_t expected, int64_t timeout_ns) {
    port_wait32((int *)addr, (int)expected, timeout_ns < 0 ? FOR_EVER_NS : timeout_ns);
}

void port_futex_wake(uint32_t *addr, int n) {
    if (n > 0)
        __builtin_wasm_memory_atomic_notify((int *)addr, (uint32_t)n);
}

void port_pause(void) {
    for (int i = 0; i < 30; i++)
        __asm__ volatile("" ::: "memory");
}

/* ---- clock, random ---- */

int64_t port_now_ns(void) {
    double ms = port_host_now(); /* below 0: threads of the host agree only nearly on the program's beginning */
    return ms > 0 ? (int64_t)(ms * 1e6) : 0;
}
int64_t port_wall_ns(void) { return (int64_t)(port_host_date() * 1e6); }

uint64_t port_random(void) { return (uint64_t)port_host_random() << 32 ^ (uint64_t)port_host_random(); }

/* ---- output ---- */

static void out_copy(uint32_t at, const void *from, uint32_t n) {
    uint32_t i = at & (HOST_OUT_BYTES - 1), first = HOST_OUT_BYTES - i;
    if (first > n)
        first = n;
    memcpy(out_ring + i, from, first);
    memcpy(out_ring, (const char *)from + first, n - first);
}

static void out_tell(void) {
    if (atomic_load(&host.out_told) >= HOST_OUT_TELLS)
        return;
    atomic_fetch_add(&host.out_told, 1);
    port_host_output();
}

static void out_record(uint32_t fd, const char *from, uint32_t n) {
    uint32_t need = 4 + ((n + 3) & ~3u), at = atomic_load(&host.out_write), read;
    while (at + need - (read = atomic_load(&host.out_read)) > HOST_OUT_BYTES) {
        out_tell();
        port_futex_wait((uint32_t *)&host.out_read, read,
                        1000000000); /* a host that is slow to notify costs a second, not all */
    }
    uint32_t head = fd << 24 | n;
    out_copy(at, &head, 4);
    out_copy(at + 4, from, n);
    atomic_store(&host.out_write, at + need);
}

static void out_records(uint32_t fd, const char *from, size_t size) {
    while (size > 0) {
        uint32_t n = size > HOST_OUT_BYTES / 8 ? HOST_OUT_BYTES / 8 : (uint32_t)size;
        out_record(fd, from, n);
        from += n;
        size -= n;
    }
    out_tell();
}

void port_write(int fd, const void *buf, size_t size) { out_records((uint32_t)fd, buf, size); }
void port_report(const void *buf, size_t size) { out_records(HOST_OUT_REPORT, buf, size); }

void port_report_mark(void) {
    out_record(HOST_OUT_MARK, "", 0);
    out_tell();
}

/* ---- what the host does in its own time ---- */

const char *port_trace_begin(void) {
    uint32_t region = (uint32_t)(uintptr_t)rt_trace_region();
    port_host_request(PORT_TRACE, 0, 0, &region, sizeof region);
    return NULL;
}

bool port_request(uint32_t kind, uint32_t id, uint32_t stream, const void *bytes, size_t n) {
    port_host_request(kind, id, stream, bytes, n);
    return true;
}

const bool port_has_calls = true;

bool port_answered(void) { return atomic_load(&host.in_write) != atomic_load(&host.in_read); }

void port_answers(void) {
    uint32_t at = atomic_load(&host.in_read), end = atomic_load(&host.in_write);
    if (at == end)
        return;
    while (at != end) {
        uint32_t head[4]; /* id, what, n, total; whole, since both are multiples of 4 but not of 16 */
        for (uint32_t i = 0; i < 4; i++)
            memcpy(head + i, in_ring + ((at + 4 * i) & (HOST_IN_BYTES - 1)), 4);
        uint32_t n = head[2], i = (at + 16) & (HOST_IN_BYTES - 1), first = HOST_IN_BYTES - i;
        if (first > n)
            first = n;
        rt_answer(head[0], head[1], head[3], in_ring + i, first);
        if (first < n)
            rt_answer(head[0], head[1], head[3], in_ring, n - first);
        at += 16 + ((n + 3) & ~3u);
    }
    atomic_store(&host.in_read, at);
    if (atomic_exchange(&host.in_waiting, 0))
        port_host_input();
}

uint32_t *port_wake_word(void) { return (uint32_t *)&host.wake; }

void port_idle(int64_t ns) { (void)ns; } /* the worker owns the thread: wasm/host/program-worker.mjs */

/* ---- memory, the end; files are in wasm/libc/fds.c ---- */

void *port_alloc(size_t n) { return calloc(1, n); }

uintptr_t port_image_base(void) { return 0; }

_Noreturn void port_exit(int code) { port_host_exit(code); }

size_t port_stack_text(char *to, size_t most) { return port_host_stack(to, most); }

void port_notify_host(uint32_t *addr) {
    __atomic_fetch_add(addr, 1, __ATOMIC_SEQ_CST);
    port_futex_wake(addr, INT32_MAX);
}

/* ---- what the loader calls, in this order ---- */

PortProgram port_program = {.magic = {PROGRAM_MAGIC}};

uintptr_t *emscripten_get_sbrk_ptr(void);
int emscripten_resize_heap(size_t bytes);

/* Before malloc's first call: its memory begins behind the data of a merged program, which comes into memory now. */
static void program_begin(void) {
    const PortProgram *p = &port_program;
    if (!p->begin)
        return;
    *emscripten_get_sbrk_ptr() = p->heap_base;
    if (!emscripten_resize_heap(p->heap_base))
        __builtin_trap(); /* more static data than there may be memory */
    p->begin();
}

/* In the instance of M0, before anything else. What constructors read of time and chance shall be as virtual as the
 * rest. */
EXPORT(gr_setup) HostBlock *gr_setup(uint32_t virtual_clock, uint32_t seed_lo, uint32_t seed_hi) {
    static bool done; /* rather fail than run constructors twice on one memory */
    if (done)
        __builtin_trap();
    done = true;
    rt_config.sim = rt_config.virtual_clock = virtual_clock != 0;
    rt_config.seed = (uint64_t)seed_hi << 32 | seed_lo;
    program_begin();
    char *tls = port_tls_alloc();
    __wasm_init_tls(tls);
    port_tls_fill_program(tls);
    host.out = (uint32_t)(uintptr_t)out_ring;
    host.in = (uint32_t)(uintptr_t)in_ring;
    host.image = (uint32_t)(uintptr_t)rt_image_place();
    rt_stdio_setup();
    return &host;
}

/* After it, when the host can see what they print: the constructors. */
EXPORT(gr_construct) void gr_construct(void) { __wasm_call_ctors(); }

EXPORT(gr_setup_alloc) void *gr_setup_alloc(size_t n) { return calloc(1, n); }

EXPORT(gr_boot) void gr_boot(const HostConfig *c) {
    const Config config = {
        .procs = (int)c->procs,
        .sim = c->sim != 0,
        .virtual_clock = c->virtual_clock != 0,
        .seed = (uint64_t)c->seed_hi << 32 | c->seed_lo,
        .stack_max = c->stack_bytes,
        .ring_bytes = c->ring_bytes,
        .flight = c->flight != 0,
        .flight_ms = c->flight_ms,
        .trace_version = c->trace_version,
        .trace_asked = c->trace_asked != 0,
        .debug = (const char *)(uintptr_t)c->debug,
    };
    port_frames_begin();
    rt_init(&config, (int)c->argc, (char **)(uintptr_t)c->argv);
}

EXPORT(gr_run_threads) void gr_run_threads(void) { rt_run_threads(); }

/* Runs slices for about budget_ms, 0: one decision of the scheduler. Returns 0: call again at once, else nothing to
 * do for that many ms. */
EXPORT(gr_sim_step) double gr_sim_step(double budget_ms) {
    return (double)rt_sim_step((int64_t)(budget_ms * 1e6)) / 1e6;
}

/* ---- looking on ---- */

static char observer_stack[16 << 10] __attribute__((aligned(16)));

/* For an instance that is no M and only looks: it gets a C stack of its own. No C frame, as gr_thread_run. */
EXPORT(gr_observe) void gr_observe(void) {
    port_set_sp((uintptr_t)(observer_stack + sizeof observer_stack), 0, UINTPTR_MAX);
}

/* The next piece of the list of goroutines (runtime/core/dump.c): next is 0 after the last, else the next call's
 * `from`. One caller at a time. */
typedef struct HostGoroutines {
    uint32_t next, n;
    char text[32 << 10];
} HostGoroutines;

EXPORT(gr_goroutines) HostGoroutines *gr_goroutines(uint32_t from) {
    static HostGoroutines piece;
    size_t n;
    piece.next = (uint32_t)(uintptr_t)rt_goroutines((struct G *)(uintptr_t)from, piece.text, sizeof piece.text, &n);
    piece.n = (uint32_t)n;
    return &piece;
}

EXPORT(gr_trace_region) void *gr_trace_region(void) { return rt_trace_region(); }

/* Wishes for a turn of the trace's generation, by an instance that only looks, which waits for nothing: `told` in the
 * region's tail becomes what this returns. */
EXPORT(gr_trace_ask) uint32_t gr_trace_ask(void) { return rt_trace_ask(); }

/* That goroutine's slice shall end, if it runs: by the same instance; sysmon sees to it. In sim by the worker, between
 * two slices. */
EXPORT(gr_preempt) void gr_preempt(uint32_t goid_lo, uint32_t goid_hi) {
    rt_preempt_ask((uint64_t)goid_hi << 32 | goid_lo);
    if (!rt_config.sim)
        return;
    rt_lock(&rt_sched.lock, RANK_SCHED);
    rt_preempt_asked();
    rt_unlock(&rt_sched.lock);
}

/* The turn itself: in sim, by the worker, between two slices. */
EXPORT(gr_trace_turn) void gr_trace_turn(void) { rt_trace_turn_now(port_get_m()); }
