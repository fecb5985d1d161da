/* trace_region.h: the ring in shared memory through which a trace leaves: version 1, little-endian, 64-byte
 * aligned. Its reader polls write_pos, reads up to there, and stores read_pos; the program never waits for it.
 * (wasm/host/region.mjs)
 */
#ifndef RT_TRACE_REGION_H
#define RT_TRACE_REGION_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define RING_MAGIC 0x52545247u /* "GRTR" */
#define RING_ABI 1

typedef struct TraceRegion {
    uint32_t magic;                    /* "GRTR" */
    uint32_t abi_version;              /* RING_ABI */
    uint32_t capacity;                 /* bytes of data, a power of two */
    uint32_t mode;                     /* 0 stream */
    _Atomic uint64_t write_pos;        /* bytes since the start, never wraps; the reader may read up to here */
    _Atomic uint64_t read_pos;         /* stored by the reader */
    _Atomic uint64_t lost_generations; /* for want of room, so far */
    _Atomic uint32_t generation;       /* being written */
    _Atomic uint32_t state;            /* 0 off, 1 on, 2 drained: nothing more will come */
    _Atomic uint32_t wake;             /* futex: bumped and notified at each publish */
    uint32_t pad[3];
    uint8_t data[];
} TraceRegion;

_Static_assert(offsetof(TraceRegion, write_pos) == 16, "the contract");
_Static_assert(offsetof(TraceRegion, read_pos) == 24, "the contract");
_Static_assert(offsetof(TraceRegion, lost_generations) == 32, "the contract");
_Static_assert(offsetof(TraceRegion, generation) == 40, "the contract");
_Static_assert(offsetof(TraceRegion, state) == 44, "the contract");
_Static_assert(offsetof(TraceRegion, wake) == 48, "the contract");
_Static_assert(offsetof(TraceRegion, data) == 64, "the contract");

#endif
