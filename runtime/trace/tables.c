/* tables.c: stacks. A stack is one frame: the call site, or the start function of a goroutine. Ids are given once and
 * kept; every generation carries the whole table, which is as large as the program has call sites. (Go's
 * tracestack.go) */
#include "base/port.h"
#include "base/throw.h"
#include "trace/trace.h"
#include <stdlib.h>

typedef struct Frame {
    const void *key;         /* the site, or the name of a start function: shown as program counter */
    const char *func, *file; /* static */
    uint32_t line;
} Frame;

static rt_mutex lock; /* RANK_TABLES */
static Frame *frames; /* stack id n is frames[n - 1] */
static uint32_t nframes, capframes;
static uint32_t *starts; /* hash table: stack id by (start function's name, site), 0 = free */
static uint32_t nstarts, capstarts;

static void *grow(void *array, uint32_t n, uint32_t *cap, size_t size) {
    if (n < *cap)
        return array;
    *cap = *cap ? 2 * *cap : 64;
    void *more = realloc(array, *cap * size);
    if (!more)
        rt_fatal("out of memory (tables of the trace)");
    return more;
}

static uint32_t add_frame(const void *key, const char *func, gr_site *site) {
    frames = grow(frames, nframes, &capframes, sizeof *frames);
    frames[nframes] = (Frame){key, func, site->file, site->line};
    return ++nframes;
}

/* Stack id of a call site; 0 for NULL. */
uint32_t rt_trace_stack(gr_site *site) {
    if (!site)
        return 0;
    uint32_t id = load_relaxed(uint32_t, (_Atomic uint32_t *)&site->id);
    if (id)
        return id;
    rt_trace_place(REENTER_STACK);
    rt_lock(&lock, RANK_TABLES);
    id = __atomic_load_n(&site->id, __ATOMIC_RELAXED);
    if (!id) {
        id = add_frame(site, site->func, site);
        __atomic_store_n(&site->id, id, __ATOMIC_RELAXED);
    }
    rt_unlock(&lock);
    return id;
}

static uint32_t *start_slot(const char *name, gr_site *site) {
    uint32_t at = (uint32_t)(((uintptr_t)name >> 2) * 2654435761u);
    for (;; at++) {
        uint32_t *slot = &starts[at & (capstarts - 1)];
        if (*slot == 0)
            return slot;
        Frame *f = &frames[*slot - 1];
        if (f->key == name && f->line == site->line)
            return slot;
    }
}

uint32_t rt_trace_start_stack(const char *name, gr_site *create_site) {
    rt_lock(&lock, RANK_TABLES);
    if (2 * nstarts >= capstarts) {
        uint32_t *old = starts, n = capstarts;
        capstarts = n ? 2 * n : 64;
        starts = calloc(capstarts, sizeof *starts);
        if (!starts)
            rt_fatal("out of memory (tables of the trace)");
        for (uint32_t i = 0; i < n; i++)
            if (old[i])
                *start_slot(frames[old[i] - 1].key, &(gr_site){.line = frames[old[i] - 1].line}) = old[i];
        free(old);
    }
    uint32_t *slot = start_slot(name, create_site);
    if (!*slot) {
        *slot = add_frame(name, name, create_site);
        nstarts++;
    }
    uint32_t id = *slot;
    rt_unlock(&lock);
    return id;
}

/* Begins a table batch in b if it is empty. */
static void need(TraceBuf *b, uint8_t kind, size_t bytes) {
    if (!rt_buf_has_room(b, bytes))
        rt_buf_flush(b);
    if (b->n == 0)
        b->data[b->n++] = kind;
}

/* Writes the table as batches of no M. Every M has left the generation. */
void rt_stacks_write(TraceBuf *b) {
    rt_lock(&lock, RANK_TABLES);
    for (uint32_t i = 0; i < nframes; i++) {
        need(b, TRACE_EV_STACKS, 1 + 6 * TRACE_MAX_VARINT);
        b->data[b->n++] = TRACE_EV_STACK;
        rt_buf_varint(b, i + 1);
        rt_buf_varint(b, 1);
        rt_buf_varint(b, (uint64_t)((uintptr_t)frames[i].key - port_image_base()));
        rt_buf_varint(b, rt_trace_string(b->gen, frames[i].func));
        rt_buf_varint(b, rt_trace_string(b->gen, frames[i].file));
        rt_buf_varint(b, frames[i].line);
    }
    rt_buf_flush(b);
    rt_unlock(&lock);
}
