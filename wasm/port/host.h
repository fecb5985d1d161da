/* host.h: what the program and the loader share in linear memory, and what the loader gives the program to call. Mirrored by
 * wasm/host/abi.mjs; change both, and HOST_ABI.
 *
 * Output goes through a ring of records {u32 fd << 24 | n, n bytes, padding to 4}. The program writes and advances out_write;
 * the host reads and advances out_read. Both count bytes and wrap at 2^32. The host is called only when out_told was 0: it
 * sets it to 0 before it reads, so nothing is overlooked.
 *
 * Input is the same in the other direction: a ring of records {u32 id, what, n, total; n bytes, padding to 4}, pieces of answers to
 * host_request (ids and `what` as in runtime/base/port.h), `total` being the bytes of the whole answer. The host writes, advances
 * in_write, bumps `wake` and wakes whoever waits there. When the ring is full it sets in_waiting and keeps the rest; the program sets
 * that to 0 after it has read and calls host_input. In sim mode the worker itself is this host.
 *
 * Threads: the host starts `pool` workers before the program runs; worker i waits (Atomics.wait) on threads[i].state. To
 * start a thread the program fills the next slot and sets its state. No message is needed unless there are more threads than
 * workers, so the host may be busy.
 */
#ifndef GR_HOST_H
#define GR_HOST_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_MAGIC 0x4f485247u /* "GRHO" */
#define HOST_ABI 2
#define HOST_THREADS 1024
#define HOST_OUT_BYTES (256u << 10)
#define HOST_IN_BYTES (256u << 10)

typedef struct HostThread {
    _Atomic uint32_t state; /* 0 free, 1 filled: run it */
    uint32_t pthread;       /* libc's struct */
    uint32_t tls;           /* block for its thread-locals */
    uint32_t sp;            /* top of its C stack */
    uint32_t fn;            /* void (*)(void *) */
    uint32_t arg;
    uint32_t pad[2];
} HostThread;

typedef struct HostBlock {
    uint32_t magic;
    uint32_t abi;
    uint32_t out;                /* address of the output ring */
    uint32_t out_bytes;          /* its size, a power of two */
    _Atomic uint32_t out_write;  /* ours */
    _Atomic uint32_t out_read;   /* the host's; futex of a writer that finds the ring full */
    _Atomic uint32_t out_told;   /* 1: the host knows that there is output */
    uint32_t image;              /* address of {u32 width, height, address of pixels}; width 0: no picture yet */
    _Atomic uint32_t nthreads;   /* slots used */
    uint32_t pool;               /* the host's: workers it has started */
    uint32_t in;                 /* address of the input ring */
    uint32_t in_bytes;           /* its size, a power of two */
    _Atomic uint32_t in_write;   /* the host's */
    _Atomic uint32_t in_read;    /* ours */
    _Atomic uint32_t in_waiting; /* 1: the host has more than fits */
    _Atomic uint32_t wake;       /* futex: bumped when there is input, or one of ours is to look */
    HostThread threads[HOST_THREADS];
} HostBlock;

_Static_assert(sizeof(HostThread) == 32, "wasm/host/abi.mjs");
_Static_assert(offsetof(HostBlock, out_write) == 16 && offsetof(HostBlock, out_told) == 24, "wasm/host/abi.mjs");
_Static_assert(offsetof(HostBlock, image) == 28 && offsetof(HostBlock, pool) == 36, "wasm/host/abi.mjs");
_Static_assert(offsetof(HostBlock, in) == 40 && offsetof(HostBlock, in_bytes) == 44, "wasm/host/abi.mjs");
_Static_assert(offsetof(HostBlock, in_write) == 48 && offsetof(HostBlock, in_read) == 52, "wasm/host/abi.mjs");
_Static_assert(offsetof(HostBlock, in_waiting) == 56 && offsetof(HostBlock, wake) == 60, "wasm/host/abi.mjs");
_Static_assert(offsetof(HostBlock, threads) == 64, "wasm/host/abi.mjs");

/* What gr_boot is given. */
typedef struct HostConfig {
    uint32_t procs;
    uint32_t sim;
    uint32_t virtual_clock;
    uint32_t seed_lo, seed_hi;
    uint32_t stack_bytes; /* 0: the default */
    uint32_t ring_bytes;  /* 0: no trace */
    uint32_t argc;
    uint32_t argv;  /* char ** */
    uint32_t debug; /* char *: settings as in GRDEBUG; 0: none */
} HostConfig;
_Static_assert(sizeof(HostConfig) == 40, "wasm/host/abi.mjs");

#define HOST(name) __attribute__((import_module("goroscope"), import_name(#name)))
HOST(host_now) double host_now(void);       /* ms since the start, the same on all threads */
HOST(host_date) double host_date(void);     /* ms since 1970 */
HOST(host_random) double host_random(void); /* an integer of 52 random bits */
HOST(host_output) void host_output(void);   /* the ring has output */
HOST(host_input) void host_input(void);     /* the ring has room again */
HOST(host_request)
void host_request(uint32_t kind, uint32_t id, uint32_t stream, const void *bytes, size_t n); /* port_request; copies */
HOST(host_threads) void host_threads(uint32_t n); /* there must be n workers now */
HOST(host_exit) _Noreturn void host_exit(int code);
HOST(host_file_size) double host_file_size(const char *path, size_t path_bytes); /* -1: there is no such file */
HOST(host_file_read) void host_file_read(const char *path, size_t path_bytes, void *to);
/* What the host has given: strings, each with a NUL. Returns their bytes; to: where they go, or NULL. */
typedef enum HostStrings {
    HOST_ENV,   /* NAME=VALUE */
    HOST_FILES, /* names for host_file_size */
} HostStrings;
HOST(host_strings) uint32_t host_strings(HostStrings what, char *to);

#endif
