/*
 * hostile.c: feeds the reader broken input, natively under the sanitizers.
 *
 *     hostile SEED ROUNDS FILE…
 *
 * Each file is read whole and in odd chunks (the dumps must be alike), then ROUNDS times with some bytes changed, cut
 * or repeated, and with memory running out. The queries run on whatever is left. Prints a line of counts; any sanitizer
 * report or wrong status ends it with an error.
 */
#include "goroscope_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint32_t next(uint32_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return below ? (uint32_t)((state >> 33) % below) : 0;
}

static void die(const char *what) {
    fprintf(stderr, "hostile: %s\n", what);
    exit(1);
}

struct result {
    int status;
    uint64_t hash; /* of the dump */
};

static void ask_lane(gt_reader *r, uint32_t lane, double t1) {
    double t0 = next(2) ? 0 : t1 / 3;
    uint32_t n = next(2) ? gt_spans(r, lane, t0, t1, 1 + next(4000)) : gt_query(r, lane, t0, t1, 1 + next(400));
    if (n >= GT_TOO_MANY || n == 0)
        return;
    const double *start = gt_column(r, 0), *end = gt_column(r, 1);
    const int32_t *index = gt_column(r, 4);
    const uint32_t *fn = gt_column(r, 6);
    for (uint32_t i = 0; i < n; i++) {
        if (!(start[i] <= end[i]) || (i && start[i] < start[i - 1]))
            die("items of a lane are out of order");
        if (!gt_string(r, fn[i]))
            die("a span's function has no name");
        if (index[i] >= 0 && !gt_detail_json(r, lane, (uint32_t)index[i]))
            die("a span has no details");
    }
}

enum { MARK_LANES = 1 << 16 }; /* where the lanes of GT_OPT_LANES begin; index/marks.h */

static void ask(gt_reader *r) {
    double t1 = gt_t1(r) + 1;
    for (uint32_t lane = 0; lane < 5; lane++)
        ask_lane(r, lane, t1);
    for (uint32_t i = 0; i < gt_lanes_total(r) + 1; i++) {
        uint32_t lane = MARK_LANES + i, n = gt_points(r, lane, 0, t1, 1 + next(200));
        const uint32_t *index = gt_column(r, 9);
        for (uint32_t k = 0; k < n && n != UINT32_MAX; k++)
            if (!gt_point_json(r, lane, index[k]))
                die("a point has no details");
        ask_lane(r, lane, t1);
        gt_find(r, lane, next(1000) * t1 / 1000);
    }
    for (uint32_t which = 0; which < 9; which++)
        gt_curve(r, which, 0, t1 * 1.1, 1 + next(300));
    gt_lanes_json(r, next(2), next(2) ? UINT32_MAX : next(3));
    gt_info_json(r);
    gt_stat_json(r);
}

static struct result read_all(const uint8_t *p, size_t n, uint32_t options, uint32_t chunk) {
    gt_reader *r = gt_open(options);
    struct result out = {GT_FAILED, 1469598103934665603u};
    if (!r)
        return out;
    size_t at = 0;
    for (;;) {
        out.status = gt_run(r, 1 + next(5000));
        const char *text = gt_text(r);
        for (uint32_t i = 0; i < gt_text_len(r); i++)
            out.hash = (out.hash ^ (uint8_t)text[i]) * 1099511628211u;
        gt_text_clear(r);
        if (out.status == GT_DONE || out.status == GT_FAILED)
            break;
        if (out.status == GT_MORE)
            continue;
        uint32_t len = chunk && chunk < n - at ? 1 + next(chunk) : (uint32_t)(n - at);
        uint8_t *room = gt_room(r, len);
        if (!room) {
            out.status = GT_FAILED;
            break;
        }
        if (len)
            memcpy(room, p + at, len);
        gt_feed(r, len);
        if (next(50) == 0 && chunk == 0)
            gt_boundary(r);
        at += len;
        if (at == n)
            gt_end(r);
    }
    gt_mem_limit(0);
    if (out.status == GT_FAILED && (!gt_error_json(r) || memcmp(gt_text(r), "null", 4) == 0))
        die("it failed without an error");
    ask(r);
    gt_close(r);
    if (gt_mem_used() != 0)
        die("memory is lost");
    return out;
}

static size_t spoil(uint8_t *to, const uint8_t *from, size_t n) {
    memcpy(to, from, n);
    for (uint32_t i = next(4); i > 0; i--) {
        size_t at = 16 + next((uint32_t)n - 16);
        switch (next(4)) {
        case 0:
            to[at] ^= (uint8_t)(1u << next(8));
            break;
        case 1:
            to[at] = (uint8_t)next(256);
            break;
        case 2:
            to[at] = (uint8_t)next(60);
            break;
        default:
            memmove(to + at, to + 16 + next((uint32_t)(n - 16)), next((uint32_t)(n - at) / 2 + 1) / 4);
            break;
        }
    }
    return next(4) ? n : 16 + next((uint32_t)n - 16);
}

int main(int argc, char **argv) {
    if (argc < 4)
        die("usage: hostile SEED ROUNDS FILE...");
    state = strtoull(argv[1], NULL, 10);
    long rounds = atol(argv[2]), failed = 0, total = 0;
    for (int a = 3; a < argc; a++) {
        static uint8_t bytes[1 << 20], spoiled[1 << 20];
        FILE *f = fopen(argv[a], "rb");
        size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
        if (f)
            fclose(f);
        if (n < 20)
            die("a file cannot be read");
        uint64_t whole = read_all(bytes, n, GT_OPT_DUMP_GO, (uint32_t)n).hash;
        for (uint32_t chunk = 1; chunk < 40; chunk += 3)
            if (read_all(bytes, n, GT_OPT_DUMP_GO, chunk).hash != whole)
                die("chunks change the events");
        for (long i = 0; i < rounds; i++, total++) {
            size_t len = spoil(spoiled, bytes, n);
            if (next(8) == 0)
                gt_mem_limit(20000 + next(200000));
            uint32_t options = next(64);
            failed += read_all(spoiled, len, options, next(2) ? 0 : 1 + next(4096)).status == GT_FAILED;
        }
    }
    printf("%ld inputs, %ld refused\n", total, failed);
    return 0;
}
