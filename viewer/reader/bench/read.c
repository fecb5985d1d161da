/*
 * read.c: how fast this machine reads a trace natively: `read-bench FILE N [index|lanes|marks|analyse]`.
 *
 * Reads the whole file N times from memory, as `goroscope bench read` does in wasm, and prints one JSON object. Without
 * `index` only decoding and ordering are measured, which is what Go's reader does; `lanes` adds those of goroutines,
 * threads and tasks to the index, `marks` has only those, `analyse` gathers tables in
 * place of it. mem_bytes: what a reader holds at the end.
 */
#define _POSIX_C_SOURCE 200809L
#include "goroscope_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIECE = 1 << 20 }; /* bytes handed over at once */

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int fail(const char *what) {
    fprintf(stderr, "read-bench: %s\n", what);
    return 1;
}

/* Bytes of a whole file, *size of them; NULL = it cannot be read. */
static uint8_t *load(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    uint8_t *p = NULL;
    long n = -1;
    if (f && fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0)
        p = malloc((size_t)n + 1);
    if (p && fread(p, 1, (size_t)n, f) != (size_t)n) {
        free(p);
        p = NULL;
    }
    if (f)
        fclose(f);
    *size = p ? (size_t)n : 0;
    return p;
}

/* One reading; the number of events, or -1 with the error on stderr. */
static double read_once(const uint8_t *p, size_t n, uint32_t options, double *mem) {
    gt_reader *r = gt_open(options);
    int status = GT_WANT;
    for (size_t at = 0; r && status != GT_DONE && status != GT_FAILED;) {
        uint32_t len = n - at < PIECE ? (uint32_t)(n - at) : PIECE;
        uint8_t *room = gt_room(r, len);
        if (!room)
            break;
        memcpy(room, p + at, len);
        gt_feed(r, len);
        at += len;
        if (at == n)
            gt_end(r);
        do
            status = gt_run(r, 1 << 16);
        while (status == GT_MORE);
    }
    double events = r && status == GT_DONE ? gt_events(r) : -1;
    if (events < 0 && r && gt_error_json(r))
        fprintf(stderr, "read-bench: %.*s\n", (int)gt_text_len(r), gt_text(r));
    *mem = gt_mem_used();
    gt_close(r);
    return events;
}

int main(int argc, char **argv) {
    long rounds = argc > 2 ? atol(argv[2]) : 0;
    if (argc < 3 || rounds < 1)
        return fail("usage: read-bench FILE N [index|lanes|marks|analyse]");
    size_t size;
    uint8_t *bytes = load(argv[1], &size);
    if (!bytes)
        return fail("the file cannot be read");
    double best = 1e99, cpu = 1e99, events = 0, mem = 0;
    uint32_t options = argc < 4                          ? GT_OPT_NO_INDEX
                       : strcmp(argv[3], "lanes") == 0   ? GT_OPT_LANES
                       : strcmp(argv[3], "marks") == 0   ? GT_OPT_LANES | GT_OPT_NO_SPANS
                       : strcmp(argv[3], "analyse") == 0 ? GT_OPT_NO_INDEX | GT_OPT_ANALYSE
                                                         : 0;
    for (long i = 0; i < rounds; i++) {
        double wall0 = seconds(CLOCK_MONOTONIC), cpu0 = seconds(CLOCK_PROCESS_CPUTIME_ID);
        events = read_once(bytes, size, options, &mem);
        double wall = seconds(CLOCK_MONOTONIC) - wall0, used = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu0;
        if (events < 0)
            return 1;
        best = wall < best ? wall : best;
        cpu = used < cpu ? used : cpu;
    }
    free(bytes);
    printf("{\"bytes\":%zu,\"events\":%.0f,\"best_s\":%.6f,\"events_per_s\":%.0f,\"cpu_s\":%.6f,\"mem_bytes\":%.0f}\n",
           size, events, best, events / best, cpu, mem);
    return 0;
}
