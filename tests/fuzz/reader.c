/*
 * reader.c: the trace reader under libFuzzer with the address and undefined-behaviour sanitizers.
 *
 * An input is the bytes of a trace. Its last byte also says how they are read, so that the corpus holds plain traces:
 * bits 0-3 are the reader's options, bits 4-5 the chunks, bit 6 a limit on memory, bit 7 whether to compare the dump of
 * a reading in one piece with that of one in chunks; of the byte before it bit 0 asks for sums, bit 1 for an
 * analysis. After each reading all queries run on what is left.
 *
 * Beside libFuzzer's own mutations, half of all inputs are made by one that knows batches: it changes the inside of a
 * batch and counts its size anew, or repeats, drops, swaps whole batches. Without it nearly every input dies at the
 * first wrong size.
 */
#include "goroscope_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

enum { HEADER = 16, BATCHES = 4096 };

static void die(const char *what) {
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

static uint32_t state; /* of the pseudo-random numbers of one input */

static uint32_t next(uint32_t below) {
    state = state * 1664525u + 1013904223u;
    return below ? (state >> 8) % below : 0;
}

/* ---- one reading ---- */

/* Asks everything that can be asked. */
static void ask(gt_reader *r) {
    double t1 = gt_t1(r) + 1;
    for (uint32_t lane = 0; lane < 4; lane++) {
        double t0 = next(2) ? 0 : t1 / 3;
        uint32_t n = next(2) ? gt_spans(r, lane, t0, t1, 1 + next(4000)) : gt_query(r, lane, t0, t1, 1 + next(64));
        if (n >= GT_TOO_MANY || n == 0)
            continue;
        const double *start = gt_column(r, 0), *end = gt_column(r, 1);
        const int32_t *index = gt_column(r, 4);
        const uint32_t *fn = gt_column(r, 6);
        for (uint32_t i = 0; i < n; i++) {
            if (!(start[i] <= end[i]) || (i && start[i] < start[i - 1]))
                die("items of a lane are out of order");
            if (!gt_string(r, fn[i]))
                die("a span's function has no name");
            if (i < 4 && index[i] >= 0 && !gt_detail_json(r, lane, (uint32_t)index[i]))
                die("a span has no details");
        }
    }
    if (!gt_info_json(r) || !gt_stat_json(r))
        die("no figures");
}

/* The same of an analysis. */
static void ask_analysis(gt_reader *r) {
    enum { TABLES = 13, KINDS = 4 };
    if (!gt_tables_json(r) || !gt_why_json(r))
        die("no analysis");
    for (uint32_t table = 0; table < TABLES; table++) {
        const double *rows = gt_table(r, table);
        if (!rows)
            die("a table is missing");
        for (uint32_t i = 0; i < gt_table_rows(r); i++)
            if (rows[i] > 1e300)
                die("a number is infinite");
    }
    if (gt_table(r, TABLES))
        die("there is a table more");
    for (uint32_t kind = 0; kind < KINDS; kind++)
        if (!gt_bins_json(r, kind, next(3), 0) || !gt_bins_json(r, kind, -1, next(20)))
            die("no histogram");
}

struct outcome {
    int status;
    uint64_t hash; /* of the dump's text */
};

/* chunk: the most bytes fed at once, 0 = all. */
static struct outcome read_all(const uint8_t *p, size_t n, uint32_t options, uint32_t chunk, double memory) {
    struct outcome out = {GT_FAILED, 14695981039346656037u};
    gt_mem_limit(memory);
    gt_reader *r = gt_open(options);
    if (r && options & GT_OPT_ANALYSE) {
        if (next(2))
            gt_analyse_window(r, next(1000), next(1000000));
        gt_why(r, 1 + next(4), next(1000000));
    }
    for (size_t at = 0; r;) {
        out.status = gt_run(r, 1 + next(300));
        const char *text = gt_text(r);
        for (uint32_t i = 0; i < gt_text_len(r); i++)
            out.hash = (out.hash ^ (uint8_t)text[i]) * 1099511628211u;
        gt_text_clear(r);
        if (out.status == GT_DONE || out.status == GT_FAILED)
            break;
        if (out.status == GT_MORE)
            continue;
        if (out.status != GT_WANT)
            die("a status that does not exist");
        size_t len = chunk && chunk < n - at ? 1 + next(chunk) : n - at;
        uint8_t *room = gt_room(r, (uint32_t)len);
        if (!room) {
            out.status = GT_FAILED;
            break;
        }
        if (len)
            memcpy(room, p + at, len);
        gt_feed(r, (uint32_t)len);
        at += len;
        if (at == n)
            gt_end(r);
    }
    gt_mem_limit(0);
    if (r) {
        if (out.status == GT_FAILED && (!gt_error_json(r) || memcmp(gt_text(r), "null", 4) == 0))
            die("it failed without an error");
        ask(r);
        if (options & GT_OPT_ANALYSE)
            ask_analysis(r);
        gt_close(r);
    }
    if (gt_mem_used() != 0)
        die("memory is lost");
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    uint8_t how = data[size - 1];
    uint32_t stat = (data[size - 2] & 1 ? GT_OPT_STAT : 0) | (data[size - 2] & 2 ? GT_OPT_ANALYSE | GT_OPT_WHY : 0);
    static const uint32_t chunks[] = {0, 1, 7, 300};
    state = how * 2654435761u + (uint32_t)size;
    if (how & 0x80) {
        struct outcome whole = read_all(data, size, GT_OPT_DUMP_GO | (how & GT_OPT_VALIDATE), 0, 0);
        struct outcome parts =
            read_all(data, size, GT_OPT_DUMP_GO | (how & GT_OPT_VALIDATE), chunks[1 + (how >> 4) % 3], 0);
        if (whole.status != parts.status || whole.hash != parts.hash)
            die("chunks change the events");
        return 0;
    }
    read_all(data, size, (how & 15) | stat, chunks[how >> 4 & 3], how & 0x40 ? 20000 + 997.0 * (how * 31 % 256) : 0);
    return 0;
}

/* ---- a mutation that keeps batches whole ---- */

struct piece {
    size_t head, body, end; /* where the batch begins, its data begins, and ends */
    size_t size_at;         /* where its size stands */
};

/* Skips one varint; SIZE_MAX = there is none. */
static size_t skip(const uint8_t *p, size_t at, size_t n, uint64_t *value) {
    *value = 0;
    for (int i = 0; i < 10 && at < n; i++) {
        *value |= (uint64_t)(p[at] & 127) << (7 * i);
        if (p[at++] < 128)
            return at;
    }
    return SIZE_MAX;
}

static size_t split(const uint8_t *p, size_t n, struct piece *out) {
    size_t count = 0, at = HEADER;
    while (at < n && count < BATCHES) {
        struct piece b = {.head = at};
        uint64_t v = 0;
        if (p[at] == 52) {
            b.body = b.end = b.size_at = ++at;
            out[count++] = b;
            continue;
        }
        if (p[at] != 1 && p[at] != 49)
            break;
        at += p[at] == 49 ? 2 : 1;
        for (int i = 0; i < 4 && at != SIZE_MAX; i++) {
            b.size_at = at;
            at = skip(p, at, n, &v);
        }
        if (at == SIZE_MAX || v > n - at)
            break;
        b.body = at;
        b.end = at += (size_t)v;
        out[count++] = b;
    }
    return count;
}

static size_t put_varint(uint8_t *p, uint64_t v) {
    size_t n = 0;
    for (; v > 127; v >>= 7)
        p[n++] = (uint8_t)(v | 128);
    p[n++] = (uint8_t)v;
    return n;
}

/* Replaces [from, to) by len bytes; returns the new size, or the old one when there is no room. */
static size_t splice(uint8_t *data, size_t size, size_t max, size_t from, size_t to, const uint8_t *by, size_t len) {
    if (size - (to - from) + len > max)
        return size;
    memmove(data + from + len, data + to, size - to);
    memcpy(data + from, by, len);
    return size - (to - from) + len;
}

/* Changes what stands in a batch: libFuzzer's way, or one byte to a small number (ids, statuses, sequence numbers). */
static size_t change_body(uint8_t *data, size_t size, size_t max, struct piece b) {
    static uint8_t body[(1 << 17) + 16];
    size_t len = b.end - b.body;
    if (b.body == b.size_at || len > 1 << 16)
        return size;
    if (len && next(2)) {
        data[b.body + next((uint32_t)len)] = (uint8_t)next(next(2) ? 8 : 60);
        return size;
    }
    memcpy(body + 16, data + b.body, len);
    len = LLVMFuzzerMutate(body + 16, len, len + 64);
    uint8_t number[10];
    size_t digits = put_varint(number, len);
    memcpy(body + 16 - digits, number, digits);
    return splice(data, size, max, b.size_at, b.end, body + 16 - digits, len + digits);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed) {
    static struct piece pieces[BATCHES];
    static uint8_t copy[(1 << 16) + 64];
    state = seed;
    if (size <= HEADER || next(2) == 0)
        return LLVMFuzzerMutate(data, size, max);
    size_t n = split(data, size, pieces);
    if (n == 0)
        return LLVMFuzzerMutate(data, size, max);
    struct piece a = pieces[next((uint32_t)n)], b = pieces[next((uint32_t)n)];
    size_t len = a.end - a.head;
    switch (next(10)) {
    case 0: /* again, elsewhere */
        if (len > sizeof copy)
            return size;
        memcpy(copy, data + a.head, len);
        return splice(data, size, max, b.head, b.head, copy, len);
    case 1: /* left out */
        return splice(data, size, max, a.head, a.end, copy, 0);
    case 2: /* another number of generation, M or time */
        if (a.size_at > a.head + 1)
            data[a.head + 1 + next((uint32_t)(a.size_at - a.head - 1))] = (uint8_t)next(5);
        return size;
    case 3: /* another version */
        data[5] = '2';
        data[6] = (uint8_t)('2' + next(5));
        return size;
    case 4: /* read in another way */
        data[size - 1] = (uint8_t)next(256);
        return size;
    default:
        return change_body(data, size, max, a);
    }
}
