/* config.h: what a run is given at its start. */
#ifndef RT_CONFIG_H
#define RT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fixed by rt_init (drive/start.c). */
typedef struct Config {
    int procs;              /* Ps at the start */
    bool sim;               /* simulated on one thread; else each M is a thread */
    bool virtual_clock;     /* sim: time is simulated too */
    uint64_t seed;          /* sim: of everything that is chosen at random */
    size_t stack_max;       /* bytes to which a goroutine's stack may grow */
    uint32_t ring_bytes;    /* trace ring; 0: no trace, or later, of the default size */
    uint32_t trace_version; /* 25 or 26: NN of "go 1.NN trace" */
    bool trace_asked;       /* the first trace begins when the program or its host asks for it */
    bool flight;            /* the trace is a flight recorder's: nobody reads the ring, it keeps the newest */
    uint32_t flight_ms;     /* of these so many ms; 0: what it holds */
    const char *debug;      /* settings as in GRDEBUG (base/debug.c); NULL: none */
    bool check;             /* sim, builds with checks: the whole state is checked after each step (check/check.c) */
    bool chaos;             /* the same, virtual clock: its choices are made at random (check/chaos.c) */
} Config;
extern Config rt_config;

#endif
