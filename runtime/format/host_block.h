/* host_block.h: what a program for the loader and the loader share in linear memory. JS has it from
 * wasm/host/format.mjs; a change takes another HOST_ABI.
 *
 * Output goes through a ring of records {u32 fd << 24 | n, n bytes, padding to 4}. The program writes and advances
 * out_write; the host reads and advances out_read. Both count bytes and wrap at 2^32. The host sets out_told to 0
 * before it reads; it is called when out_told was 0, so nothing is overlooked, and some times more: what was printed is
 * kept outside of this memory then, which a program may overwrite. The report of a failure has records of its own,
 * between two marks, so that the host knows whether it is whole before it shows it.
 *
 * Input is the same in the other direction: a ring of records {u32 id, what, n, total; n bytes, padding to 4},
 * pieces of answers to host_request (ids and `what` as in requests.h), `total` being the bytes of the whole answer.
 * The host writes, advances in_write, bumps `wake` and wakes whoever waits there. When the ring is full it sets
 * in_waiting and keeps the rest; the program sets that to 0 after it has read and calls host_input. In sim mode the
 * worker itself is this host.
 *
 * Threads: the host starts `pool` workers before the program runs; worker i waits (Atomics.wait) on
 * threads[i].state. To start a thread the program fills the next slot and sets its state. No message is needed
 * unless there are more threads than workers, so the host may be busy.
 */
#ifndef RT_HOST_BLOCK_H
#define RT_HOST_BLOCK_H

#include "format/limits.h"
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_MAGIC 0x4f485247u /* "GRHO" */
#define HOST_ABI 6
#define HOST_OUT_BYTES (256u << 10)
#define HOST_OUT_TELLS 8  /* so often, a write each, the host is called while it does not read */
#define HOST_OUT_REPORT 3 /* in place of fd: a piece of the report, for stderr; */
#define HOST_OUT_MARK 4   /* no bytes: the report begins, the second time: it is whole */
#define HOST_IN_BYTES (256u << 10)

typedef struct HostThread {
    _Atomic uint32_t state; /* 0 free, 1 filled: run it */
    uint32_t pthread;       /* libc's struct */
    uint32_t tls;           /* block for its thread-locals */
    uint32_t sp;            /* top of its C stack */
    uint32_t fn;            /* void (*)(void *) */
    uint32_t arg;           /* what fn is called with */
    uint32_t pad[2];
} HostThread;

typedef struct HostBlock {
    uint32_t magic;              /* HOST_MAGIC */
    uint32_t abi;                /* HOST_ABI */
    uint32_t out;                /* address of the output ring */
    uint32_t out_bytes;          /* its size, a power of two */
    _Atomic uint32_t out_write;  /* ours */
    _Atomic uint32_t out_read;   /* the host's; futex of a writer that finds the ring full */
    _Atomic uint32_t out_told;   /* how often the host was called since it read; 0: it knows of no output */
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

_Static_assert(sizeof(HostThread) == 32, "the loader's layout");
_Static_assert(offsetof(HostBlock, out_write) == 16 && offsetof(HostBlock, out_told) == 24, "the loader's layout");
_Static_assert(offsetof(HostBlock, image) == 28 && offsetof(HostBlock, pool) == 36, "the loader's layout");
_Static_assert(offsetof(HostBlock, in) == 40 && offsetof(HostBlock, in_bytes) == 44, "the loader's layout");
_Static_assert(offsetof(HostBlock, in_write) == 48 && offsetof(HostBlock, in_read) == 52, "the loader's layout");
_Static_assert(offsetof(HostBlock, in_waiting) == 56 && offsetof(HostBlock, wake) == 60, "the loader's layout");
_Static_assert(offsetof(HostBlock, threads) == 64, "the loader's layout");

/* What gr_boot is given. */
typedef struct HostConfig {
    uint32_t procs;
    uint32_t sim;
    uint32_t virtual_clock;
    uint32_t seed_lo, seed_hi;
    uint32_t stack_bytes;   /* 0: the default */
    uint32_t ring_bytes;    /* 0: no trace */
    uint32_t trace_version; /* 25 or 26: NN of "go 1.NN trace" */
    uint32_t argc;
    uint32_t argv;        /* char ** */
    uint32_t debug;       /* char *: settings as in GRDEBUG; 0: none */
    uint32_t flight;      /* 1: the trace is a flight recorder's */
    uint32_t flight_ms;   /* which keeps so many ms; 0: what the ring holds */
    uint32_t trace_asked; /* 1: the first trace begins when it is asked for, not with the program */
} HostConfig;
_Static_assert(sizeof(HostConfig) == 56, "the loader's layout");

/* What host_strings gives. */
typedef enum HostStrings {
    HOST_ENV,   /* NAME=VALUE */
    HOST_FILES, /* names for host_file_size */
} HostStrings;

#endif
