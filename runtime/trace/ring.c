/* ring.c: the trace region, a ring of bytes shared with the host. The host polls it and never blocks the program.
 *
 * The writer puts a generation behind write_pos, where the reader does not look yet, and moves write_pos when it is
 * whole. If it meets read_pos first, the generation is lost: its bytes are forgotten and lost_generations counts
 * it. A flight recorder's ring has no reader: the oldest generations are written over (trace/window.c), and only one
 * that is larger than the ring is lost.
 */
#include "base/attention.h"
#include "base/port.h"
#include "base/text.h"
#include "base/throw.h"
#include "format/limits.h"
#include "format/trace_region.h"
#include "trace/region.h"
#include "trace/trace.h"
#include "trace/window.h"
#include <stdlib.h>
#include <string.h>

#define COPY_BYTES 65536 /* of a snapshot at once: about 10 us */

_Atomic bool rt_trace_want_advance;
static TraceRegion *ring;
static uint8_t header[TRACE_HEADER_BYTES]; /* what a trace begins with */
static int64_t keep_ns;                    /* flight: so long is kept; 0: while there is room */
static rt_mutex ring_lock;                 /* batches of different Ms come at any time */
static uint32_t current;                   /* the generation that lies behind write_pos */

/* A batch of the generation after that: generations do not mix in a file. */
typedef struct Held {
    struct Held *next;
    size_t n;
    uint8_t bytes[];
} Held;
static Held *held, **held_end = &held;
static uint64_t held_bytes;
static uint64_t pending;   /* where the next byte goes; >= write_pos */
static bool overrun;       /* this generation did not fit, */
static bool alone;         /* although nothing else lay in the ring */
static uint32_t beginning; /* bytes of it that tell how things stood */
static uint32_t most;      /* bytes besides after which it should end */
static uint64_t asked;     /* bytes that there would be if nothing had been lost, */
static uint64_t asked_by;  /* those up to this generation */
static uint32_t smallest;  /* capacity that every generation so far, lost or not, would have fitted into */

/* The capacity of a ring of at least so many bytes. */
static uint32_t capacity_for(uint64_t bytes) {
    uint32_t cap = RING_LEAST;
    while (cap < bytes && cap < RING_MOST)
        cap *= 2;
    return cap;
}

/* Half of it holds what may lie in the buffers of so many Ms and some more. */
uint32_t rt_smallest_ring(int procs, bool flight) {
    return capacity_for(2 * TRACE_MIN_BATCH * ((uint64_t)procs + 8)) << flight;
}

static TraceTail *tail_of(TraceRegion *r) { return (TraceTail *)(void *)(r->data + r->capacity); }

/* A ring of its own for each trace: the last one's may still be read. */
bool rt_ring_init(uint32_t bytes, int procs, bool flight, uint32_t flight_ms, TraceClock clock) {
    uint32_t least = rt_smallest_ring(procs, flight), cap = capacity_for(bytes > least ? bytes : least);
    uint8_t *block = malloc(sizeof *ring + cap + sizeof(TraceTail) +
                            63); /* not zeroed: memory that no trace comes to is never touched */
    if (!block)
        return false;
    ring = (TraceRegion *)(((uintptr_t)block + 63) & ~(uintptr_t)63);
    memset(ring, 0, sizeof *ring);
    ring->magic = RING_MAGIC;
    ring->abi_version = RING_ABI;
    ring->capacity = cap;
    ring->clock_step_ns = clock.step_ns;
    ring->clock_read_ns = clock.read_ns;
    ring->clock_per_second = GR_SECOND;
    pending = asked = asked_by = 0; /* there may have been a trace before */
    overrun = alone = false;
    current = beginning = smallest = 0;
    ring->mode = flight ? RING_FLIGHT : RING_STREAM;
    keep_ns = flight_ms * GR_MILLISECOND;
    memset(tail_of(ring), 0, sizeof(TraceTail));
    most = rt_ring_room() / 4;
    atomic_store(&ring->state, 1);
    return true;
}

static bool is_flight(void) { return ring->mode == RING_FLIGHT; }

/* A generation of a flight recorder's that is too large leaves half of what was before. */
uint32_t rt_ring_room(void) { return is_flight() ? ring->capacity / 2 : ring->capacity; }

static uint32_t ring_pending(void) {
    return (uint32_t)(pending - atomic_load_explicit(&ring->write_pos, memory_order_relaxed));
}

static void copy_in(const uint8_t *s, size_t n) {
    if (n == 0)
        return;
    uint32_t at = (uint32_t)(pending & (ring->capacity - 1));
    size_t first = ring->capacity - at < n ? ring->capacity - at : n;
    if (pending + n > ring->capacity)
        rt_window_evict(pending + n - ring->capacity);
    memcpy(ring->data + at, s, first);
    memcpy(ring->data, s + first, n - first);
    pending += n;
}

static void want_advance(bool want) {
    if (atomic_exchange(&rt_trace_want_advance, want) == want)
        return;
    if (want)
        rt_raise_attention(ATTEND_TRACE);
    else
        rt_lower_attention(ATTEND_TRACE);
}

/* The generation is lost. Another one before the reader has read, or its time has come, would be too; unless it was
 * only that much happened at once. */
static void run_over(void) {
    overrun = true;
    alone = is_flight() || atomic_load(&ring->read_pos) >= atomic_load(&ring->write_pos);
    want_advance(alone && beginning <= rt_ring_room() / 2);
}

/* A batch of the next generation waits until this one is complete; what no ring would have room for is not kept. */
static void hold(const void *head, size_t nhead, const void *body, size_t nbody) {
    held_bytes += nhead + nbody;
    if (held_bytes > ring->capacity)
        return;
    Held *h = malloc(sizeof *h + nhead + nbody);
    if (!h)
        rt_fatal("out of memory (a batch of the trace)");
    h->next = NULL;
    h->n = nhead + nbody;
    memcpy(h->bytes, head, nhead);
    memcpy(h->bytes + nhead, body, nbody);
    *held_end = h;
    held_end = &h->next;
}

/* With ring_lock. */
static void append(const void *head, size_t nhead, const void *body, size_t nbody) {
    asked += nhead + nbody;
    uint64_t used =
        is_flight() ? ring_pending() : pending - atomic_load_explicit(&ring->read_pos, memory_order_acquire);
    if (!overrun && nhead + nbody + used > rt_ring_room())
        run_over();
    if (!overrun) {
        copy_in(head, nhead);
        copy_in(body, nbody);
        if (ring_pending() > beginning + most)
            want_advance(true);
    }
}

/* Appends a batch (header and body) to generation gen: the current one or the next. */
void rt_ring_append(uint32_t gen, const void *head, size_t nhead, const void *body, size_t nbody) {
    rt_lock(&ring_lock, RANK_RING);
    if (gen == current)
        append(head, nhead, body, nbody);
    else
        hold(head, nhead, body, nbody);
    rt_unlock(&ring_lock);
}

/* The ring takes generation gen from here on, as far as it has come. `bytes` of it, here or still in the Ms' buffers,
 * bridge what was lost. They do not count for its length: with very many goroutines it would else be ended as soon as
 * it had begun. Then it should end after `rest` more. keep: what has been held is of it; else it is forgotten. */
void rt_ring_begun(uint32_t gen, uint32_t bytes, uint32_t rest, bool keep) {
    rt_lock(&ring_lock, RANK_RING);
    current = gen;
    beginning = bytes;
    most = rest;
    bool whole = held_bytes <= ring->capacity;
    for (Held *h = held, *next; h; h = next) {
        next = h->next;
        if (keep)
            append(h->bytes, h->n, NULL, 0);
        free(h);
    }
    held = NULL;
    held_end = &held;
    held_bytes = 0;
    if (overrun || (keep && !whole))
        run_over(); /* also what did not fit before its beginning was known to be that long */
    rt_unlock(&ring_lock);
}

uint64_t rt_ring_asked(void) { return asked; }

/* The generation could not do with less than its beginning and `bytes`; twice as much leaves room for what happens
 * in it. */
static void note_needs(uint32_t bytes) {
    uint64_t needs = 2 * ((uint64_t)beginning + bytes), all = asked - asked_by;
    if (overrun && (alone || all > rt_ring_room()) && needs < all)
        needs = is_flight() ? 2 * all : all;
    uint32_t cap = capacity_for(needs);
    if (smallest < cap)
        smallest = cap;
    asked_by = asked;
}

static void show(bool next_begins) {
    int64_t now = rt_trace_now();
    atomic_store_explicit(&ring->write_pos, pending, memory_order_release);
    rt_window_add(pending, now, next_begins);
    if (keep_ns > 0)
        rt_window_forget(now - keep_ns);
    if (is_flight())
        atomic_store(&ring->read_pos, atomic_load(&tail_of(ring)->start_pos));
    atomic_fetch_add(&ring->generation, 1);
}

/* What the trace begins with, which is no generation's. */
void rt_ring_header(const char *text) {
    memcpy(header, text, sizeof header);
    tail_of(ring)->version = (uint32_t)(text[5] - '0') * 10 + (uint32_t)(text[6] - '0');
    copy_in(header, sizeof header);
    atomic_store(&ring->write_pos, pending);
    rt_window_init(tail_of(ring), pending, 0);
    atomic_store(&ring->generation, 1);
}

/* The current generation is complete, with `bytes` besides its events: shows it to the reader, or counts it as lost.
 * next_begins: a trace may begin with the next one. */
bool rt_ring_commit(uint32_t bytes, bool lose, bool next_begins) {
    rt_lock(&ring_lock, RANK_RING);
    bool ok = !overrun && !lose;
    note_needs(bytes);
    if (ok) {
        show(next_begins);
    } else {
        pending = atomic_load_explicit(&ring->write_pos, memory_order_relaxed);
        atomic_fetch_add(&ring->lost_generations, 1);
        overrun = false;
    }
    rt_unlock(&ring_lock);
    if (ok)
        port_notify_host((uint32_t *)(void *)&ring->wake);
    return ok;
}

/* Generations were lost that no reader could have saved. */
static void say_too_small(uint64_t lost) {
    Text t = {0};
    bool empty = rt_tracer.shown == 0;
    rt_text_put(&t, empty ? "goroscope: the trace is empty: none of its " : "goroscope: ");
    rt_text_i64(&t, (int64_t)lost);
    rt_text_put(&t, lost > 1 ? " generations" : " generation");
    rt_text_put(&t, empty ? " fitted into a ring of " : " of the trace did not fit into a ring of ");
    rt_text_i64(&t, ring->capacity);
    rt_text_put(&t, " bytes; one of ");
    /* Twice: where generations begin, and so what they begin with, is another matter in the next run. */
    rt_text_i64(&t, capacity_for(2 * (uint64_t)smallest));
    rt_text_put(&t, " bytes is large enough (trace.ringBytes, --ring or GOROSCOPE_RING)\n");
    rt_text_flush(&t);
}

void rt_ring_close(void) {
    uint64_t lost = atomic_load(&ring->lost_generations);
    if (lost > 0 && smallest > ring->capacity)
        say_too_small(lost);
    atomic_store(&ring->state, 2);
    port_notify_host((uint32_t *)(void *)&ring->wake);
}

void rt_ring_told(uint32_t asked) {
    atomic_store(&tail_of(ring)->told, asked);
    port_notify_host((uint32_t *)(void *)&ring->wake);
}

uint32_t rt_ring_shown(void) { return atomic_load(&ring->generation); }

bool rt_ring_has_whole(void) { return atomic_load(&tail_of(ring)->start_pos) < atomic_load(&ring->write_pos); }

/* ---- snapshots ----------------------------------------------------------------------------------------------- */

/* Copies [from, from + n) out of r. */
static void copy_out(uint8_t *to, TraceRegion *r, uint64_t from, size_t n) {
    uint32_t at = (uint32_t)(from & (r->capacity - 1));
    size_t first = r->capacity - at < n ? r->capacity - at : n;
    memcpy(to, r->data + at, first);
    memcpy(to + first, r->data, n - first);
}

/* Copies the next piece; *from .. end is to be copied, `done` of it is. If the writer has come past there the copy has
 * to begin anew, where *from is now. */
static void copy_piece(uint8_t *to, TraceRegion *r, uint64_t *from, uint64_t end, size_t *done) {
    rt_lock(&ring_lock, RANK_RING);
    uint64_t at = *from + *done;
    if (r != ring || at + r->capacity >= pending) { /* what was copied before may be gone here meanwhile */
        size_t n = end - at < COPY_BYTES ? (size_t)(end - at) : COPY_BYTES;
        copy_out(to + *done, r, at, n);
        *done += n;
    } else {
        *from = atomic_load(&tail_of(r)->start_pos);
        *done = 0;
    }
    rt_unlock(&ring_lock);
}

/* A trace of the whole generations that are here now, in malloc'd memory, NULL: there is no memory. The lock is held
 * for a piece at a time: Ms that write wait for it. */
uint8_t *rt_ring_snapshot(size_t *n) {
    rt_lock(&ring_lock, RANK_RING);
    TraceRegion *r = ring; /* another trace may begin meanwhile */
    uint64_t from = atomic_load(&tail_of(r)->start_pos), end = atomic_load(&r->write_pos);
    rt_unlock(&ring_lock);
    uint8_t *bytes = malloc(sizeof header + (size_t)(end - from));
    if (!bytes)
        return NULL;
    memcpy(bytes, header, sizeof header);
    size_t done = 0;
    while (from < end && done < end - from)
        copy_piece(bytes + sizeof header, r, &from, end, &done);
    *n = sizeof header + done;
    return bytes;
}

void *rt_trace_region(void) { return ring; }
