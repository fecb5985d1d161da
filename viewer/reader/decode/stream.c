/*
 * stream.c: from bytes in any portions to the batches of one generation.
 *
 * A generation ends, up to Go 1.25, with the first batch of the next one or the end of the trace; from 1.26 on with a
 * byte of its own (a batch that begins with that byte will do, as for Go's reader). A source that writes whole
 * generations only (our ring) can say so with gt_boundary and saves the wait. Damage behind a generation does not cost
 * that generation: it is kept in in.damage and reported after it.
 */
#include "base/reader.h"
#include "decode/varint.h"

/* One generation may not be longer: offsets in it are 32 bits wide. */
#define MAX_GENERATION ((size_t)1 << 30)

/* From this size on the buffer grows by quarters: a generation of 150 MB would take 256 and, while it moves, 384. */
#define SLOWER ((size_t)16 << 20)

/* Moves what is left to the front; a larger buffer only when that would have to be done again soon. */
static bool make_room(struct gt_reader *r, uint32_t n) {
    struct stream *in = &r->in;
    if (in->p != in->mem && in->len)
        memmove(in->mem, in->p, in->len);
    in->p = in->mem;
    size_t cap = in->cap ? in->cap : 64 << 10;
    while (cap < in->len + n || (cap == in->cap && in->len > cap / 2))
        cap += cap < SLOWER ? cap : cap / 4;
    if (cap == in->cap)
        return true;
    uint8_t *p = gt_realloc(in->mem, in->cap, cap);
    if (!p)
        return gt_fail_memory(r);
    in->p = in->mem = p;
    in->cap = cap;
    return true;
}

uint8_t *gt_room(gt_reader *r, uint32_t n) {
    struct stream *in = &r->in;
    if (r->err.set)
        return NULL;
    if (n > MAX_GENERATION || in->len + n > MAX_GENERATION) {
        r->at = (struct where){in->base + in->len, r->gen.gen, NO_ID, 0};
        gt_fail(r, "generation-size", "a generation is longer than 1 GiB");
        return NULL;
    }
    size_t start = in->p ? (size_t)(in->p - in->mem) : 0;
    if (start + in->len + n > in->cap && !make_room(r, n))
        return NULL;
    return in->p + in->len;
}

void gt_reserve(gt_reader *r, uint32_t n) {
    struct stream *in = &r->in;
    if (in->mem || n > MAX_GENERATION)
        return;
    in->mem = in->p = gt_realloc(NULL, 0, n);
    in->cap = in->mem ? n : 0;
}

void gt_trim(gt_reader *r) {
    struct stream *in = &r->in;
    gt_free(in->mem, in->cap);
    in->mem = in->p = NULL;
    in->cap = in->len = in->scan = 0;
    gt_gen_close(&r->gen);
    r->gen = (struct generation){0};
    VEC_FREE(&r->blob);
}

void gt_feed(gt_reader *r, uint32_t n) {
    struct stream *in = &r->in;
    size_t room = in->p ? in->cap - (size_t)(in->p - in->mem) - in->len : 0;
    if (n > room)
        n = (uint32_t)room;
    in->len += n;
    if (n)
        in->boundary = false;
}

void gt_skip(gt_reader *r, double bytes) { r->in.skipped = (uint64_t)bytes; }

void gt_end(gt_reader *r) { r->in.ended = true; }

void gt_boundary(gt_reader *r) { r->in.boundary = true; }

/* "go 1.NN trace" and three NULs. 1 = read, 0 = more bytes wanted, -1 = not a trace we read. */
static int header(struct gt_reader *r) {
    struct stream *in = &r->in;
    r->at = (struct where){0, 0, NO_ID, 0};
    static const char form[TRACE_HEADER_BYTES + 1] = "go 1.## trace\0\0\0";
    for (size_t i = 0; i < TRACE_HEADER_BYTES && i < in->len; i++) {
        bool good = form[i] == '#' ? in->p[i] >= '0' && in->p[i] <= '9' : in->p[i] == (uint8_t)form[i];
        if (!good) {
            gt_fail(r, "header", "this is not a Go execution trace: it does not begin with \"go 1.NN trace\"");
            return -1;
        }
    }
    if (in->len < TRACE_HEADER_BYTES) {
        if (!in->ended)
            return 0;
        gt_fail(r, "header", "this is not a Go execution trace: it ends after %u bytes, within its header",
                (uint64_t)in->len);
        return -1;
    }
    uint32_t version = (uint32_t)(in->p[5] - '0') * 10 + (uint32_t)(in->p[6] - '0');
    if (version < 22) {
        gt_fail(r, "version", "traces of Go 1.%u are in the old format; this reader begins with Go 1.22",
                (uint64_t)version);
        return -1;
    }
    if (version > 26 || version == 24) {
        gt_fail(r, "version", "unknown trace version go 1.%u; this reader knows 1.22, 1.23, 1.25 and 1.26",
                (uint64_t)version);
        return -1;
    }
    in->version = version;
    in->p += TRACE_HEADER_BYTES;
    in->len -= TRACE_HEADER_BYTES;
    in->base = in->complete = TRACE_HEADER_BYTES + in->skipped;
    return 1;
}

struct head {
    struct batch b;
    uint64_t gen;
    size_t size; /* bytes of the header */
};

/* Reads a batch header at in->scan. 1 = read, 0 = more bytes wanted, -1 = damaged. */
static int batch_head(struct gt_reader *r, struct head *h) {
    struct stream *in = &r->in;
    const uint8_t *p = in->p + in->scan;
    size_t n = in->len - in->scan, at = 1;
    static const char *const fields[] = {"generation", "thread", "time", "size"};
    uint64_t v[4];
    *h = (struct head){0};
    if (p[0] == TRACE_EV_EXPERIMENTAL_BATCH) {
        if (n < 2)
            return 0;
        h->b.exp = p[1];
        at = 2;
    } else if (p[0] != TRACE_EV_EVENT_BATCH) {
        gt_fail(r, "batch", "expected a batch, found byte %u", (uint64_t)p[0]);
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        int len = varint(p + at, n - at, &v[i]);
        if (len == VARINT_SHORT)
            return 0;
        if (len < 0) {
            gt_fail(r, "varint", "the %s of a batch is a number over 64 bits", fields[i]);
            return -1;
        }
        at += (size_t)len;
    }
    if (v[3] > TRACE_MAX_BATCH) {
        gt_fail(r, "batch-size", "a batch says it has %u bytes; %u is the most", v[3], (uint64_t)TRACE_MAX_BATCH);
        return -1;
    }
    h->gen = v[0];
    h->b.m = v[1];
    h->b.time = v[2];
    h->b.len = (uint32_t)v[3];
    h->b.off = (uint32_t)(in->scan + at);
    h->size = at;
    r->at = (struct where){in->base + in->scan, h->gen, v[1], 0};
    return at + v[3] <= n ? 1 : 0;
}

/* Is this batch the first of the next generation, part of this one, or wrong? 1 next, 0 this, -1 wrong. */
static int belongs(struct gt_reader *r, const struct head *h) {
    struct generation *g = &r->gen;
    if (h->gen == 0) {
        gt_fail(r, "generation", "a batch names generation 0; they begin with 1");
        return -1;
    }
    if (g->gen == 0) {
        if (r->in.version < 26 && r->in.last_gen && h->gen != r->in.last_gen + 1) {
            gt_fail(r, "generation", "generation %u follows generation %u", h->gen, r->in.last_gen);
            return -1;
        }
        g->gen = h->gen;
        g->min_time = h->b.time;
        return 0;
    }
    if (h->gen == g->gen)
        return 0;
    if (r->in.version >= 26) {
        gt_fail(r, "generation", "a batch of generation %u stands before generation %u was ended", h->gen, g->gen);
        return -1;
    }
    if (h->gen == g->gen + 1)
        return 1;
    gt_fail(r, "generation", "a batch of generation %u stands among those of generation %u", h->gen, g->gen);
    return -1;
}

/* The generation at hand is complete; what follows begins at `next`. */
static bool complete(struct gt_reader *r, size_t next) {
    r->in.next = next;
    return true;
}

/* Whether events of threads are among what is here of the generation. */
static bool has_event_batch(const struct gt_reader *r) {
    for (uint32_t i = 0; i < r->gen.batches.n; i++)
        if (!gt_batch_is_table(r, &r->gen.batches.p[i]))
            return true;
    return false;
}

/* Nothing more can be split off: what does that mean? True = a generation to decode, or the fault is set. */
static bool starved(struct gt_reader *r) {
    struct stream *in = &r->in;
    struct generation *g = &r->gen;
    if (in->scan == in->len && in->boundary && g->gen)
        return complete(r, in->len);
    if (!in->ended)
        return false;
    r->at = (struct where){in->base + in->scan, g->gen, NO_ID, 0};
    if (in->len - in->scan == 1 && in->p[in->scan] == TRACE_EV_EXPERIMENTAL_BATCH)
        in->len = in->scan; /* an end to Go's reader, which sees no batch begin yet */
    if (in->scan < in->len) {
        gt_fail(r, "truncated", "the trace ends inside a batch");
    } else if (g->gen && in->version >= 26) {
        /* Tables alone are no loss: nothing told by them is missing. */
        return has_event_batch(r) ? !gt_fail(r, "truncated", "the trace ends before generation %u does", g->gen) : true;
    } else if (g->gen) {
        return complete(r, in->len);
    } else if (r->generations == 0 && in->version < 26) {
        gt_fail(r, "empty", "the trace has no events");
    }
    return true;
}

/* After a fault while splitting: from 1.26 on it is fatal; before, what is here of the generation may still be good. */
static bool damaged(struct gt_reader *r) {
    struct stream *in = &r->in;
    if (in->version >= 26 || r->gen.batches.n == 0 || r->no_memory)
        return true;
    in->damage = r->err;
    r->err = (struct fault){0};
    in->next = in->scan;
    return true;
}

/* The mark in the stream, of so many bytes. One that ends nothing is refused: to Go a generation without a clock. */
static bool end_of_generation(struct gt_reader *r, size_t bytes) {
    if (r->gen.batches.n == 0)
        return !gt_fail(r, "generation", "an EndOfGeneration stands where no generation has begun");
    r->in.scan += bytes;
    return complete(r, r->in.scan);
}

bool gt_stream_scan(struct gt_reader *r) {
    struct stream *in = &r->in;
    if (in->version == 0) {
        int got = header(r);
        if (got <= 0)
            return got < 0;
    }
    for (;;) {
        r->at = (struct where){in->base + in->scan, r->gen.gen, NO_ID, 0};
        if (in->scan == in->len)
            break;
        if (in->p[in->scan] == TRACE_EV_END_OF_GENERATION && in->version >= 26)
            return end_of_generation(r, 1);
        struct head h;
        int got = batch_head(r, &h);
        if (got == 0)
            break;
        if (got < 0)
            return damaged(r);
        if (in->version >= 26 && !h.b.exp && h.b.len && in->p[h.b.off] == TRACE_EV_END_OF_GENERATION)
            return end_of_generation(r, h.size + h.b.len);
        int where = belongs(r, &h);
        if (where < 0)
            return true; /* mixed generations: nothing of them can be trusted */
        if (where > 0)
            return complete(r, in->scan);
        struct generation *g = &r->gen;
        if (!VEC_ROOM(&g->batches, g->batches.n + 1))
            return !gt_fail_memory(r);
        if (h.b.time < g->min_time || g->min_time == 0)
            g->min_time = h.b.time;
        g->batches.p[g->batches.n++] = h.b;
        in->scan += h.size + h.b.len;
    }
    bool something = starved(r);
    return r->err.set ? damaged(r) : something;
}

void gt_stream_advance(struct gt_reader *r) {
    struct stream *in = &r->in;
    size_t rest = in->len - in->next;
    in->p += in->next;
    in->base += in->next;
    if (!in->damage.set)
        in->complete = in->base;
    in->len = rest;
    in->scan = in->next = 0;
    in->last_gen = r->gen.gen;
    gt_gen_reset(&r->gen);
    gt_allocfree_reset(&r->allocfree);
}
