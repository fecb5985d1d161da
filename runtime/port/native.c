/* native.c: port.h for Linux: pthreads, futex, mmap'd stacks. It exists so that sanitizers can see the runtime.
 *
 * Stacks: [guard, PROT_NONE][stack ...... | Host]. A fault in the guard of the running goroutine is its stack
 * overflow; the handler runs on the thread's signal stack. A stack is as large as it may ever grow from the start;
 * the kernel gives it memory as it is touched. It is never less than MIN_STACK: native frames are wider, and
 * printf's most.
 *
 * The switch saves what the ABI says a call keeps and exchanges the stack pointer. ASan is told of each switch so
 * that it knows the stack's bounds and keeps its fake frames apart; to TSan every goroutine is a fiber.
 *
 * port_notify_host is in hosted.c: natively the host is a file.
 */
#if !defined(__linux__) || !__has_include(<gnu/libc-version.h>)
#error "the native port knows only Linux with glibc (futex, fopencookie); elsewhere build for wasm"
#endif
#define _GNU_SOURCE
#include "check/explorer.h"
#include "core/exit.h"
#include "core/nullpage.h"
#include "core/panic.h"
#include "host/output.h"
#include "port/native_clock.h"
#include "port/native_tls.h"
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define TSAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASAN 1
#elif __has_feature(thread_sanitizer)
#define TSAN 1
#endif
#endif

#ifdef ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef TSAN
#include <sanitizer/tsan_interface.h>
#endif

#define PAGE 4096
#define GUARD (64 * 1024) /* a frame larger than this could jump over it; address space only */
#if defined(ASAN) || defined(TSAN)
#define MIN_STACK (256 * 1024)
#else
#define MIN_STACK (64 * 1024)
#endif
#define SIGNAL_STACK MIN_STACK

/* ---- the current G and M ------------------------------------------------------------------------------------- */

static _Thread_local struct G *current_g;
static _Thread_local struct M *current_m;
static _Thread_local uint32_t current_away = 1;

/* Opaque: a compiler that saw through these would keep the address of the thread-local over a switch to another
 * thread. */
#define OPAQUE __attribute__((noinline))
#define BARRIER() __asm__ volatile("" ::: "memory")

OPAQUE struct G *port_get_g(void) {
    BARRIER();
    return current_g;
}

OPAQUE void port_set_g(struct G *g) {
    BARRIER();
    current_g = g;
}

OPAQUE struct M *port_get_m(void) {
    BARRIER();
    return current_m;
}

OPAQUE void port_set_m(struct M *m) {
    BARRIER();
    current_m = m;
}

/* glibc declares the address of errno const, though here it changes with the thread: programs ask by this instead
 * (port/libc/errno.h). */
OPAQUE int *rt_errno_location(void) {
    BARRIER();
    return &errno;
}

OPAQUE uint32_t port_is_away(void) {
    BARRIER();
    return current_away;
}

OPAQUE void port_set_away(uint32_t away) {
    BARRIER();
    current_away = away;
}

/* ---- stacks -------------------------------------------------------------------------------------------------- */

static size_t real_bytes(size_t bytes) {
    if (bytes < rt_config.stack_max)
        bytes = rt_config.stack_max;
    bytes = (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
    return bytes < MIN_STACK ? MIN_STACK : bytes;
}

void *port_stack_alloc(size_t bytes) {
    if (bytes > SIZE_MAX / 2)
        return NULL;
    size_t all = GUARD + real_bytes(bytes);
    char *base = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    if (mprotect(base + GUARD, all - GUARD, PROT_READ | PROT_WRITE) != 0) {
        munmap(base, all);
        return NULL;
    }
    return base + GUARD;
}

void port_stack_free(void *block, size_t bytes) { munmap((char *)block - GUARD, GUARD + real_bytes(bytes)); }

/* ---- the switch ---------------------------------------------------------------------------------------------- */

/* What the port keeps per goroutine, at the top of its block. */
typedef struct Host {
    void *m_sp;            /* stack pointer of the M that runs it */
    void (*entry)(void);   /* what a fresh one begins with */
    bool over;             /* port_switch_exit has been called */
    void *g_fake, *m_fake; /* ASan: fake stacks while the one or the other does not run */
    const void *m_bottom;  /* ASan: stack of the M that runs it */
    size_t m_size;
    void *g_fiber, *m_fiber; /* TSan */
} Host;

#define HOST_BYTES ((sizeof(Host) + 15) & ~(size_t)15)

/* Saves the registers a call keeps on this stack, its pointer in *save, and continues on the stack sp in the same
 * way. */
void port_native_switch(void **save, void *sp);
/* Where a fresh stack begins: calls the second register of its frame with the first. */
void port_native_start(void);

#if defined(__x86_64__)
__asm__(".text\n"
        ".globl port_native_switch\n.type port_native_switch,@function\n"
        "port_native_switch:\n"
        "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
        "  subq $8, %rsp\n  stmxcsr (%rsp)\n  fnstcw 4(%rsp)\n"
        "  movq %rsp, (%rdi)\n"
        "  movq %rsi, %rsp\n"
        "  ldmxcsr (%rsp)\n  fldcw 4(%rsp)\n  addq $8, %rsp\n"
        "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
        "  ret\n"
        ".size port_native_switch,.-port_native_switch\n"
        ".globl port_native_start\n.type port_native_start,@function\n"
        "port_native_start:\n"
        "  .cfi_startproc\n  .cfi_undefined rip\n"
        "  movq %r12, %rdi\n  call *%r13\n  ud2\n"
        "  .cfi_endproc\n"
        ".size port_native_start,.-port_native_start\n");

/* The frame port_native_switch pops: control words, r15, r14, r13, r12, rbx, rbp, return address, then 16 bytes so
 * that the call in port_native_start is aligned. */
static void *fresh_frame(uintptr_t top, void *arg, void (*fn)(port_ctx *)) {
    uintptr_t *f = (uintptr_t *)top - 10;
    memset(f, 0, 10 * sizeof *f);
    uint32_t mxcsr, fpu = 0;
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(mxcsr), "=m"(fpu));
    f[0] = (uintptr_t)fpu << 32 | mxcsr;
    f[3] = (uintptr_t)fn;
    f[4] = (uintptr_t)arg;
    f[7] = (uintptr_t)port_native_start;
    return f;
}
#elif defined(__aarch64__)
__asm__(".text\n"
        ".globl port_native_switch\n.type port_native_switch,%function\n"
        "port_native_switch:\n"
        "  sub sp, sp, #160\n"
        "  stp x19, x20, [sp, #0]\n  stp x21, x22, [sp, #16]\n  stp x23, x24, [sp, #32]\n"
        "  stp x25, x26, [sp, #48]\n  stp x27, x28, [sp, #64]\n  stp x29, x30, [sp, #80]\n"
        "  stp d8, d9, [sp, #96]\n  stp d10, d11, [sp, #112]\n  stp d12, d13, [sp, #128]\n  stp d14, d15, [sp, #144]\n"
        "  mov x9, sp\n  str x9, [x0]\n"
        "  mov sp, x1\n"
        "  ldp x19, x20, [sp, #0]\n  ldp x21, x22, [sp, #16]\n  ldp x23, x24, [sp, #32]\n"
        "  ldp x25, x26, [sp, #48]\n  ldp x27, x28, [sp, #64]\n  ldp x29, x30, [sp, #80]\n"
        "  ldp d8, d9, [sp, #96]\n  ldp d10, d11, [sp, #112]\n  ldp d12, d13, [sp, #128]\n  ldp d14, d15, [sp, #144]\n"
        "  add sp, sp, #160\n"
        "  ret\n"
        ".size port_native_switch,.-port_native_switch\n"
        ".globl port_native_start\n.type port_native_start,%function\n"
        "port_native_start:\n"
        "  .cfi_startproc\n  .cfi_undefined x30\n"
        "  mov x0, x19\n  blr x20\n  brk #1\n"
        "  .cfi_endproc\n"
        ".size port_native_start,.-port_native_start\n");

static void *fresh_frame(uintptr_t top, void *arg, void (*fn)(port_ctx *)) {
    uintptr_t *f = (uintptr_t *)top - 20;
    memset(f, 0, 20 * sizeof *f);
    f[0] = (uintptr_t)arg;                /* x19 */
    f[1] = (uintptr_t)fn;                 /* x20 */
    f[11] = (uintptr_t)port_native_start; /* x30 */
    return f;
}
#else
#error "the native port has a stack switch for x86-64 and aarch64 only; elsewhere build for wasm"
#endif

void port_ctx_init(port_ctx *ctx, void *block, size_t bytes) {
    Host *h = (Host *)(void *)((char *)block + real_bytes(bytes) - HOST_BYTES);
    memset(h, 0, sizeof *h);
    *ctx = (port_ctx){.stack_lo = (uintptr_t)block, .stack_hi = (uintptr_t)h, .host = h};
}

/* The first thing on a fresh stack. */
static void start(port_ctx *ctx) {
    Host *h = ctx->host;
#ifdef ASAN
    __sanitizer_finish_switch_fiber(NULL, &h->m_bottom, &h->m_size);
#endif
    h->entry();
    port_switch_exit(ctx);
}

OPAQUE void port_switch_in(port_ctx *ctx, void (*entry)(void)) {
    Host *h = ctx->host;
    if (!ctx->suspended) {
        h->entry = entry;
        ctx->sp = (uintptr_t)fresh_frame(ctx->stack_hi, ctx, start);
#ifdef TSAN
        h->g_fiber = __tsan_create_fiber(0);
#endif
    }
#ifdef ASAN
    __sanitizer_start_switch_fiber(&h->m_fake, (void *)ctx->stack_lo, ctx->stack_hi - ctx->stack_lo);
#endif
#ifdef TSAN
    h->m_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(h->g_fiber, 0);
#endif
    errno = ctx->err; /* on both sides this thread's: whoever called us does not move meanwhile */
    port_native_switch(&h->m_sp, (void *)ctx->sp);
    ctx->err = errno;
#ifdef ASAN
    __sanitizer_finish_switch_fiber(h->m_fake, NULL, NULL);
#endif
#ifdef TSAN
    if (h->over)
        __tsan_destroy_fiber(h->g_fiber);
#endif
    BARRIER();
}

/* What port_switch_in remembers is ctx's, not the thread's: where it is called from makes no difference. */
void port_switch_nested(port_ctx *outer, port_ctx *ctx, void (*entry)(void)) {
    port_set_g((struct G *)(void *)ctx); /* G.ctx is first */
    outer->err = errno;
    port_switch_in(ctx, entry);
    errno = outer->err;
    port_set_g((struct G *)(void *)outer);
}

bool port_may_nest(port_ctx *outer) {
    (void)outer;
    return true;
}

OPAQUE void port_switch_out(port_ctx *ctx) {
    Host *h = ctx->host;
    ctx->suspended = 1;
#ifdef ASAN
    __sanitizer_start_switch_fiber(h->over ? NULL : &h->g_fake, h->m_bottom, h->m_size);
#endif
#ifdef TSAN
    __tsan_switch_to_fiber(h->m_fiber, 0);
#endif
    port_native_switch((void **)&ctx->sp, h->m_sp);
#ifdef ASAN
    __sanitizer_finish_switch_fiber(h->g_fake, &h->m_bottom, &h->m_size);
#endif
    BARRIER();
}

_Noreturn void port_switch_exit(port_ctx *ctx) {
    Host *h = ctx->host;
    h->over = true;
#ifdef ASAN /* frames that never return, from about here on, would leave some poison */
    char *here = (char *)__builtin_frame_address(0) - PAGE;
    __asan_unpoison_memory_region(here, ctx->stack_hi - (uintptr_t)here);
#endif
    port_switch_out(ctx);
    abort(); /* nobody switches to it again */
}

/* ---- roots, the heap's memory -------------------------------------------------------------------------------- */

/* What the switch has saved lies in the frames, too. */
bool port_stack_roots(port_ctx *ctx, port_roots *r) {
    if (r->step == 0) {
        r->step = 1;
        if (ctx->suspended) {
            r->from = (const void *)ctx->sp;
            r->bytes = ctx->stack_hi - ctx->sp;
            return true;
        }
    }
    return port_tls_roots(ctx, r);
}

/* What may be written of the program and of all libraries that are loaded: the C library keeps what it is given
 * (strtok, setvbuf). Looked up once in each stop of the world, so that all who ask in one hear the same, whatever a
 * thread in a system call loads meanwhile. Of the loader's locks dl_iterate_phdr takes the one that is held while its
 * lists change, by nobody who might have been stopped; constructors run without it. */
static struct {
    uint64_t stop; /* in which they were looked up, + 1 */
    size_t n, room;
    struct Segment {
        uintptr_t from, to;
    } * at;
} segments;

static int note_segments(struct dl_phdr_info *info, size_t size, void *arg) {
    (void)size, (void)arg;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type != PT_LOAD || !(h->p_flags & PF_W))
            continue;
        if (segments.n == segments.room) {
            segments.room = segments.room ? 2 * segments.room : 64;
            segments.at = realloc(segments.at, segments.room * sizeof *segments.at);
            if (!segments.at)
                rt_fatal("out of memory (static data of libraries)");
        }
        uintptr_t from = info->dlpi_addr + h->p_vaddr;
        segments.at[segments.n++] = (struct Segment){(from + 7) & ~(uintptr_t)7, (from + h->p_memsz) & ~(uintptr_t)7};
    }
    return 0;
}

bool port_static_roots(port_roots *r) {
    uint64_t stop = atomic_load(&rt_sched.nstw) + 1;
    if (segments.stop != stop) {
        segments.stop = stop;
        segments.n = 0;
        dl_iterate_phdr(note_segments, NULL);
    }
    if (r->step == segments.n)
        return false;
    const struct Segment *s = &segments.at[r->step++];
    r->from = (const void *)s->from;
    r->bytes = s->to - s->from;
    return true;
}

#define HEAP_ROOM ((size_t)4 << 30)
#define HEAP_ALIGN 8192u /* a page of the heap's (pages.c) */

static char *heap_at; /* what has not been given out of it */
static uintptr_t heap_lowest;

uintptr_t port_heap_lowest(void) {
    if (!heap_lowest) {
        char *room = mmap(NULL, HEAP_ROOM + HEAP_ALIGN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (room == MAP_FAILED)
            return UINTPTR_MAX / 2;
        room += -(uintptr_t)room % HEAP_ALIGN;
        heap_at = room + PAGE; /* what has the lowest address in static data does not point to the first block */
        heap_lowest = (uintptr_t)room;
    }
    return heap_lowest;
}

void *port_heap_more(size_t bytes) {
    if (!heap_at || bytes > heap_lowest + HEAP_ROOM - (uintptr_t)heap_at ||
        mprotect(heap_at, bytes, PROT_READ | PROT_WRITE) != 0)
        return NULL;
    char *at = heap_at;
    heap_at += bytes;
    return at;
}

/* ---- threads ------------------------------------------------------------------------------------------------- */

static void use_signal_stack(void) {
    void *p = mmap(NULL, SIGNAL_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p != MAP_FAILED)
        sigaltstack(&(stack_t){.ss_sp = p, .ss_size = SIGNAL_STACK}, NULL);
}

typedef struct Start {
    void (*fn)(void *);
    void *arg;
} Start;

static void *rt_thread_main(void *p) {
    Start s = *(Start *)p;
    free(p);
    use_signal_stack();
    s.fn(s.arg);
    return NULL;
}

bool port_has_threads(void) { return true; }

bool port_thread_start(void (*fn)(void *), void *arg) {
    Start *s = malloc(sizeof *s);
    if (!s)
        return false;
    *s = (Start){fn, arg};
    pthread_t t;
    if (pthread_create(&t, NULL, rt_thread_main, s) != 0) {
        free(s);
        return false;
    }
    pthread_detach(t);
    return true;
}

/* Like every function here that a goroutine may call for reasons of the runtime's, it leaves errno as it is. */
void port_futex_wait(uint32_t *addr, uint32_t expected, int64_t timeout_ns) {
    struct timespec ts = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
    int err = errno;
    syscall(SYS_futex, addr, FUTEX_WAIT_PRIVATE, expected, timeout_ns < 0 ? NULL : &ts, NULL, 0);
    errno = err;
}

void port_futex_wake(uint32_t *addr, int n) { syscall(SYS_futex, addr, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0); }

void port_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    __asm__ volatile("yield");
#endif
}

/* ---- clock, random ------------------------------------------------------------------------------------------- */

static int64_t start_ns;

static int64_t monotonic_ns(void) {
    struct timespec ts;
    port_native_clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t port_now_ns(void) { return monotonic_ns() - start_ns; }

int64_t port_wall_ns(void) {
    struct timespec ts;
    port_native_clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * GR_SECOND + ts.tv_nsec;
}

uint64_t port_random(void) {
    uint64_t v = 0;
    if (syscall(SYS_getrandom, &v, sizeof v, 0) != (ssize_t)sizeof v)
        v = (uint64_t)monotonic_ns() * UINT64_C(0x9e3779b97f4a7c15);
    return v;
}

/* ---- output, files, memory, the end -------------------------------------------------------------------------- */

void port_write(int fd, const void *buf, size_t n) {
    if (rt_many_output(fd, buf, n))
        return;
    const char *p = buf;
    int err = errno;
    while (n > 0) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno != EINTR && errno != EAGAIN)
            break; /* nobody is listening any more */
        if (k > 0) {
            p += k;
            n -= (size_t)k;
        }
    }
    errno = err;
}

void port_report(const void *buf, size_t n) { port_write(2, buf, n); }
void port_report_mark(void) {}

char *port_readfile(const char *path, size_t *n) {
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    size_t len = 0, cap = 64 * 1024;
    char *text = malloc(cap + 1);
    while (text) {
        size_t k = fread(text + len, 1, cap - len, f);
        len += k;
        if (k == 0)
            break;
        if (len < cap)
            continue;
        char *more = realloc(text, cap * 2 + 1);
        if (!more)
            free(text);
        text = more;
        cap *= 2;
    }
    if (text && ferror(f)) {
        free(text);
        text = NULL;
    }
    fclose(f);
    if (!text)
        return NULL;
    text[len] = 0;
    *n = len;
    return text;
}

void *port_alloc(size_t n) {
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

extern const char __executable_start[]; /* the linker's */
uintptr_t port_image_base(void) { return (uintptr_t)__executable_start; }

_Noreturn void port_exit(int code) {
    rt_many_end(code);
    _exit(code);
}

size_t port_stack_text(char *to, size_t most) { return (void)to, (void)most, 0; }
bool port_has_frames(void) { return false; }
size_t port_frames(port_ctx *ctx, uint32_t *sites, size_t most) { return (void)ctx, (void)sites, (void)most, 0; }
size_t port_frame_places(uint32_t site, port_place *places, size_t most) {
    return (void)site, (void)places, (void)most, 0;
}
bool port_is_programs(const void *variable) { return (void)variable, true; }

/* Its handlers run in here, on the goroutine's stack; then port_native_end. */
_Noreturn void port_libc_exit(int code) { exit(code); }
void port_libc_handlers(void) {}
void port_libc_flush(void) { fflush(NULL); }

/* ---- before main --------------------------------------------------------------------------------------------- */

static struct sigaction default_segv;

static void on_segv(int sig, siginfo_t *info, void *context) {
    (void)context;
    if (info->si_code <= 0) { /* no fault, somebody sent it: it does what it would do without us */
        if (default_segv.sa_handler == SIG_IGN)
            return;
        sigaction(sig, &default_segv, NULL);
        raise(sig); /* comes when we return */
        return;
    }
    port_ctx *ctx = (port_ctx *)(void *)port_get_g(); /* G.ctx is first */
    uintptr_t at = (uintptr_t)info->si_addr;
    if (ctx && at < ctx->stack_lo && at >= ctx->stack_lo - GUARD)
        rt_stack_overflow();
#ifndef ASAN /* tells more */
    if (ctx && at < PAGE)
        rt_null_pointer("a fault at", (uint32_t)at, "", NULL);
#endif
    sigaction(sig, &default_segv, NULL); /* not ours: happens again when we return, and is then dealt with as usual */
}

static ssize_t write_out(void *fd, const char *buf, size_t n) { return (ssize_t)rt_output((int)(intptr_t)fd, buf, n); }

/* A stdio stream whose output goes to the runtime at once: lines are put together there, per goroutine. */
static FILE *stream_to(int fd, FILE *fallback) {
    FILE *f = fopencookie((void *)(intptr_t)fd, "w", (cookie_io_functions_t){.write = write_out});
    if (!f)
        return fallback;
    setvbuf(f, NULL, _IONBF, 0);
    return f;
}

#ifndef __has_feature
#define __has_feature(x) 0 /* gcc */
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
/* A program ends without giving its memory back, and goroutines that wait hold theirs: no leaks. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) { return 1; }
#endif

static int exit_code; /* exit's argument */

static void on_libc_exit(int code, void *unused) {
    (void)unused;
    exit_code = code;
}

/* After the program's own destructors and before what glibc does then. */
static __attribute__((destructor(101))) void port_native_end(void) {
    if (!port_get_m())
        return; /* main has not come to rt_init */
    fflush(NULL);
    rt_exit(exit_code);
}

static __attribute__((constructor(102))) void port_native_begin(void) {
    start_ns = monotonic_ns();
    use_signal_stack();
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    action.sa_sigaction = on_segv;
    sigaction(SIGSEGV, &action, &default_segv);
    stdout = stream_to(1, stdout);
    stderr = stream_to(2, stderr);
    on_exit(on_libc_exit, NULL); /* first here, so called last: later handlers may still call exit */
}
