/*
 * goroscope_trace.h: the trace reader's interface, the same for the wasm module of the viewer and for native programs.
 *
 * A reader takes the bytes of a Go execution trace (v2: go 1.22, 1.23, 1.25, 1.26) as they come, from a file, a network
 * or the shared ring, and yields the events of a generation, in Go's order, as soon as the generation is complete:
 *
 *     gt_room / gt_feed    hand over bytes
 *     gt_run               decode and order at most so many events; call again while it says GT_MORE
 *     gt_end, gt_boundary  no more bytes; or: the source knows that a generation ends here (the ring does)
 *
 * What comes out: counts and the lanes' index (always), the text of a dump (gt_text) and Go's validator's judgement (by
 * option). After an error everything that stood before the damage stays and can be queried.
 *
 * Times are nanoseconds since the first event of the trace, as double: exact up to 2^53 ns, 104 days.
 * Nothing here does I/O, starts threads, or keeps global state apart from the counters in mem.c.
 */
#ifndef GOROSCOPE_TRACE_H
#define GOROSCOPE_TRACE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__wasm__)
#define GT_API(name) __attribute__((export_name(#name), used))
#else
#define GT_API(name)
#endif

typedef struct gt_reader gt_reader;

enum gt_status {
    GT_WANT = 0,   /* wants more bytes */
    GT_MORE = 1,   /* stopped at max_events (or with a lot of dump text waiting): call again */
    GT_DONE = 2,   /* all read after gt_end, nothing wrong */
    GT_FAILED = 3, /* see gt_error_json */
};

enum gt_option {
    GT_OPT_DUMP_GO = 1,   /* gt_text receives what `go tool trace -d=parsed` prints */
    GT_OPT_DUMP_JSON = 2, /* gt_text receives one JSON object a line */
    GT_OPT_VALIDATE = 4,  /* apply the rules of Go's trace validator too */
    GT_OPT_NO_INDEX = 8,  /* keep no spans (dump and validate do not need them) */
    GT_OPT_STAT = 16,     /* sum up goroutines, GC and waits for gt_stat_json */
    GT_OPT_LANES = 32,    /* keep lanes of Gs, Ms, GC, tasks and regions, too, and curves; needs the index */
};

/* Opens a reader; NULL = out of memory. */
GT_API(gt_open) gt_reader *gt_open(uint32_t options);
GT_API(gt_close) void gt_close(gt_reader *r);

/* Where the next n bytes of the trace go; NULL = out of memory or the generation is too long: gt_error_json tells. */
GT_API(gt_room) uint8_t *gt_room(gt_reader *r, uint32_t n);
/* The first n bytes of that room are filled. */
GT_API(gt_feed) void gt_feed(gt_reader *r, uint32_t n);
/* The bytes so far end with a whole generation, the source vouches for it. */
GT_API(gt_boundary) void gt_boundary(gt_reader *r);
/* There are no more bytes. */
GT_API(gt_end) void gt_end(gt_reader *r);
/* Decodes and orders about max_events events at most; returns an enum gt_status. */
GT_API(gt_run) int gt_run(gt_reader *r, uint32_t max_events);

/* Text waiting to be taken: dump lines, or what the last gt_*_json call wrote. Valid until the next call. */
GT_API(gt_text) const char *gt_text(gt_reader *r);
GT_API(gt_text_len) uint32_t gt_text_len(gt_reader *r);
GT_API(gt_text_clear) void gt_text_clear(gt_reader *r);

/* JSON into gt_text; 1 = written, 0 = out of memory or no such thing. */
GT_API(gt_info_json) int gt_info_json(gt_reader *r);   /* version, events, generations, t0, t1, lanes, … */
GT_API(gt_error_json) int gt_error_json(gt_reader *r); /* {message, rule, offset, generation, m, event} or null */
GT_API(gt_stat_json) int gt_stat_json(gt_reader *r);   /* the figures of `goroscope stat`; most need GT_OPT_STAT */
GT_API(gt_detail_json) int gt_detail_json(gt_reader *r, uint32_t lane, uint32_t span);

/*
 * The lanes of GT_OPT_LANES from number `from` on, and how many there are:
 * {"total", "denied", "lanes": [{index, kind, id, key, name, fn, parent, t0, t1, spans, depth}, …]}
 */
GT_API(gt_lanes_json) int gt_lanes_json(gt_reader *r, uint32_t from);
GT_API(gt_lanes_total) uint32_t gt_lanes_total(gt_reader *r);

/*
 * Fills the columns of one lane for the window [t0, t1) drawn on px buckets and returns the number of items n:
 *   0 start f64   1 end f64   2 goid f64   3 state u8   4 span index i32 (-1 = an aggregate)   5 busy f32   6 fn u32
 *   7 mix u32: of an aggregate of GT_OPT_LANES the shares of running, syscall, runnable and waiting, a byte each
 * Returns UINT32_MAX when memory is out or there is no such lane. gt_column's pointers hold until the next gt_query.
 */
GT_API(gt_query) uint32_t gt_query(gt_reader *r, uint32_t lane, double t0, double t1, uint32_t px);
GT_API(gt_column) const void *gt_column(gt_reader *r, uint32_t column);

/*
 * Logs, labels and samples on a lane, one for each bucket that has any:
 *   8 t f64   9 index u32   10 count u32   11 kind u8
 */
GT_API(gt_points) uint32_t gt_points(gt_reader *r, uint32_t lane, double t0, double t1, uint32_t px);
/* One of them in full, as JSON; 1 = written. */
GT_API(gt_point_json) int gt_point_json(gt_reader *r, uint32_t lane, uint32_t index);
/* The lane's span at t; UINT32_MAX = none. Of GT_OPT_LANES only. */
GT_API(gt_find) uint32_t gt_find(gt_reader *r, uint32_t lane, double t);

/* Which curves are known, a bit each; one of them as 12 f32: least, mean and greatest value a bucket, NaN = unknown. */
GT_API(gt_curves) uint32_t gt_curves(gt_reader *r);
GT_API(gt_curve) uint32_t gt_curve(gt_reader *r, uint32_t which, double t0, double t1, uint32_t px);

/* A lasting string by its id (fn in the columns). */
GT_API(gt_string) const char *gt_string(gt_reader *r, uint32_t id);
GT_API(gt_string_len) uint32_t gt_string_len(gt_reader *r, uint32_t id);

/* Figures that are asked for often. */
GT_API(gt_events) double gt_events(gt_reader *r); /* events yielded, as Go's reader counts them */
GT_API(gt_complete_offset)
double gt_complete_offset(gt_reader *r); /* bytes up to the end of the last whole generation */
GT_API(gt_generations) double gt_generations(gt_reader *r);
GT_API(gt_t1) double gt_t1(gt_reader *r);

/* Memory: bytes in use, and a cap for tests and for hosts that must not grow (0 = none). */
GT_API(gt_mem_used) double gt_mem_used(void);
GT_API(gt_mem_limit) void gt_mem_limit(double bytes);

#endif
