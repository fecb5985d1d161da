/* tables.c: strings and stacks. A stack is one frame: the call site, or the start function of a goroutine. Ids are
 * given once and kept; every generation carries the whole tables, which are as large as the program has call
 * sites. (Go's tracestring.go, tracestack.go) */
#include "base/port.h"
#include "base/throw.h"
#include "trace/trace.h"
#include <stdlib.h>
#include <string.h>

typedef struct Frame {
    const void *key;     /* the site, or the name of a start function: shown as program counter */
    uint32_t func, file; /* string ids */
    uint32_t line;
} Frame;

static rt_mutex lock; /* RANK_TABLES */
static const char **strings;
static uint32_t nstrings, capstrings;
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

/* The id of s. A program has hundreds of them and each is asked for once a call site: a list will do. */
static uint32_t string_id(const char *s) {
    for (uint32_t i = 0; i < nstrings; i++)
        if (strings[i] == s || strcmp(strings[i], s) == 0)
            return i;
    strings = grow(strings, nstrings, &capstrings, sizeof *strings);
    strings[nstrings] = s;
    return nstrings++;
}

void rt_tables_init(void) {
    static const char *const fixed[] = {"", "runtime.Gosched", "preempted", "(generations lost)",
#define X(id, text) text,
                                        STW_REASONS(X)
#undef X
#define X(id, dump, trace) trace,
                                            WAIT_REASONS(X)
#undef X
    };
    strings = grow(strings, sizeof fixed / sizeof *fixed, &capstrings, sizeof *strings);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        strings[nstrings++] = fixed[i]; /* not string_id: several reasons share a name, each has its number */
}

static uint32_t add_frame(const void *key, const char *func, gr_site *site) {
    frames = grow(frames, nframes, &capframes, sizeof *frames);
    frames[nframes] = (Frame){key, string_id(func), string_id(site->file), site->line};
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

/* Writes both tables as batches of no M. Barrier is up. */
void rt_tables_write(TraceBuf *b) {
    rt_lock(&lock, RANK_TABLES);
    for (uint32_t i = 1; i < nstrings; i++) {
        size_t len = strlen(strings[i]);
        if (len > TRACE_MAX_STRING)
            len = TRACE_MAX_STRING;
        need(b, TRACE_EV_STRINGS, 1 + 2 * TRACE_MAX_VARINT + len);
        b->data[b->n++] = TRACE_EV_STRING;
        rt_buf_varint(b, i);
        rt_buf_varint(b, len);
        rt_buf_bytes(b, strings[i], len);
    }
    rt_buf_flush(b);
    for (uint32_t i = 0; i < nframes; i++) {
        need(b, TRACE_EV_STACKS, 1 + 6 * TRACE_MAX_VARINT);
        b->data[b->n++] = TRACE_EV_STACK;
        rt_buf_varint(b, i + 1);
        rt_buf_varint(b, 1);
        rt_buf_varint(b, (uint64_t)((uintptr_t)frames[i].key - port_image_base()));
        rt_buf_varint(b, frames[i].func);
        rt_buf_varint(b, frames[i].file);
        rt_buf_varint(b, frames[i].line);
    }
    rt_buf_flush(b);
    rt_unlock(&lock);
}
