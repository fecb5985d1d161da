/* trace_region.h: the ring in shared memory through which a trace leaves: version 1, little-endian, 64-byte
 * aligned. Its reader polls write_pos, reads up to there, and stores read_pos; the program never waits for it.
 * (wasm/host/region.mjs)
 *
 * The ring still holds what has been read, until that is written over. Whoever wants to see it, besides the reader or
 * as a flight recorder, copies from start_pos on, and looks afterwards whether start_pos is still not behind the place
 * it copied from: it is moved before anything is written over. It stands in the tail, behind data.
 */
#ifndef RT_TRACE_REGION_H
#define RT_TRACE_REGION_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define RING_MAGIC 0x52545247u /* "GRTR" */
#define RING_ABI 1
#define RING_STREAM 0
#define RING_FLIGHT 1

typedef struct TraceRegion {
    uint32_t magic;                    /* "GRTR" */
    uint32_t abi_version;              /* RING_ABI */
    uint32_t capacity;                 /* bytes of data, a power of two */
    uint32_t mode;                     /* 0 stream, 1 flight: has no reader; what does not fit writes over the oldest */
    _Atomic uint64_t write_pos;        /* bytes since the start, never wraps; the reader may read up to here */
    _Atomic uint64_t read_pos;         /* stored by the reader */
    _Atomic uint64_t lost_generations; /* for want of room, so far */
    _Atomic uint32_t generation;       /* being written */
    _Atomic uint32_t state;            /* 0 off, 1 on, 2 drained: nothing more will come */
    _Atomic uint32_t wake;             /* futex: bumped and notified at each publish */
    uint32_t clock_step_ns;            /* smallest step of its clock that was seen at the start; 0: none was */
    uint32_t clock_read_ns;            /* what reading it took then */
    uint32_t clock_per_second;         /* units of time a second */
    uint8_t data[];
} TraceRegion;

/* At data + capacity. */
typedef struct TraceTail {
    _Atomic uint64_t start_pos; /* the oldest generation that is whole here and that a trace may begin with */
    _Atomic uint64_t begin_pos; /* the newest beginning of one that a trace may begin with, <= write_pos */
    _Atomic uint32_t told;      /* the last wish (gr_trace_ask) that a turn has fulfilled */
    uint32_t version;           /* of the format: 25 for 1.25 */
} TraceTail;

_Static_assert(offsetof(TraceRegion, write_pos) == 16, "the contract");
_Static_assert(offsetof(TraceRegion, read_pos) == 24, "the contract");
_Static_assert(offsetof(TraceRegion, lost_generations) == 32, "the contract");
_Static_assert(offsetof(TraceRegion, generation) == 40, "the contract");
_Static_assert(offsetof(TraceRegion, state) == 44, "the contract");
_Static_assert(offsetof(TraceRegion, wake) == 48, "the contract");
_Static_assert(offsetof(TraceRegion, clock_step_ns) == 52, "the contract");
_Static_assert(offsetof(TraceRegion, data) == 64, "the contract");

#endif
