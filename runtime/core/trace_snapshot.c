/* trace_snapshot.c: what the ring holds, as a trace, at any moment; and turns of the generation on demand, by which
 * all that has happened gets there. (WriteTo of Go's runtime/trace/flightrecorder.go)
 *
 * Where we differ from Go: two snapshots may be taken at once, each has its own copy. A trace may not begin in the
 * middle of a stopped world (Go's generations wait for its end, ours have nobody who could wait): then it begins with
 * a later generation.
 */
#include "core/driver.h"
#include "core/park.h"
#include "core/trace.h"
#include <stdlib.h>

#define MOST_TURNS 16 /* until there is a generation that a trace may begin with: one is enough but by chance */
#define PIECE_BYTES (1u << 20) /* handed to the caller at once */

static _Atomic uint32_t asked; /* wishes so far */
static _Atomic uint32_t told;  /* of these */

uint32_t rt_trace_ask(void) {
    if (!atomic_load(&rt_trace_enabled))
        return 0;
    uint32_t n = atomic_fetch_add(&asked, 1) + 1;
    rt_sysmon_wake();
    return n;
}

uint32_t rt_trace_asked_so_far(void) {
    uint32_t n = atomic_load(&asked);
    atomic_store(&told, n);
    return n;
}

bool rt_trace_asked(void) { return load_relaxed(uint32_t, &asked) != load_relaxed(uint32_t, &told); }

void rt_trace_turn_now(M *m) {
    if (!atomic_load(&rt_trace_enabled))
        return;
    uint32_t shown;
    int n = 0;
    do {
        shown = rt_ring_shown();
        rt_trace_advance(m);
    } while (!rt_ring_has_whole() && rt_ring_shown() != shown && ++n < MOST_TURNS);
}

int gr_trace_snapshot(int (*write)(void *arg, const void *bytes, size_t n), void *arg) {
    rt_charge(100);
    if (!atomic_load(&rt_trace_enabled))
        return -1;
    rt_trace_turn_now(port_get_m());
    size_t n, done = 0;
    uint8_t *bytes = rt_ring_snapshot(&n);
    int failed = !bytes || n == TRACE_HEADER_BYTES ? -1 : 0;
    while (done < n && failed == 0) {
        size_t piece = n - done < PIECE_BYTES ? n - done : PIECE_BYTES;
        failed = write(arg, bytes + done, piece);
        done += piece;
    }
    free(bytes);
    return failed;
}
