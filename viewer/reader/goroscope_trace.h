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
    GT_OPT_DUMP_GO = 1,    /* gt_text receives what `go tool trace -d=parsed` prints */
    GT_OPT_DUMP_JSON = 2,  /* gt_text receives one JSON object a line */
    GT_OPT_VALIDATE = 4,   /* apply the rules of Go's trace validator too */
    GT_OPT_NO_INDEX = 8,   /* keep no spans (dump and validate do not need them) */
    GT_OPT_STAT = 16,      /* sum up goroutines, GC and waits for gt_stat_json */
    GT_OPT_PART = 32,      /* what is fed is one generation, not the first: see gt_part_save */
    GT_OPT_LANES = 64,     /* keep lanes of Gs, Ms, GC, tasks and regions, too, and curves; needs the index */
    GT_OPT_OFFSETS = 128,  /* lines of JSON tell where in the trace the event stands: "offset", after "time" */
    GT_OPT_NO_SPANS = 256, /* with GT_OPT_LANES, of a whole trace: no lanes of Ps and of stops */
    GT_OPT_ANALYSE = 1024, /* gather tables, see gt_tables_json */
    GT_OPT_WHY = 2048,     /* answer gt_why */
    GT_OPT_MIDDLE = 4096,  /* the trace may begin while the world is stopped, as one that is a piece of another does:
                            * of all that may go on then a generation does not tell this alone at its begin */
};

/* Opens a reader; NULL = out of memory. */
GT_API(gt_open) gt_reader *gt_open(uint32_t options);
GT_API(gt_close) void gt_close(gt_reader *r);

/* Where the next n bytes of the trace go; NULL = out of memory or the generation is too long: gt_error_json tells. */
GT_API(gt_room) uint8_t *gt_room(gt_reader *r, uint32_t n);
/* So many bytes will come: one growth in place of many. No harm if there is no memory for it. */
GT_API(gt_reserve) void gt_reserve(gt_reader *r, uint32_t n);
/* No more bytes will come and none are to be decoded: what only that needs is given back. */
GT_API(gt_trim) void gt_trim(gt_reader *r);
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
 * The lanes of GT_OPT_LANES from number `from` on, `most` of them at most, and how many there are:
 * {"total", "denied", "lanes": [{index, kind, id, key, name, fn, parent, t0, t1, spans, depth}, …]}
 */
GT_API(gt_lanes_json) int gt_lanes_json(gt_reader *r, uint32_t from, uint32_t most);
GT_API(gt_lanes_total) uint32_t gt_lanes_total(gt_reader *r);

/*
 * Fills the columns of one lane for the window [t0, t1) drawn on px buckets and returns the number of items n:
 *   0 start f64   1 end f64   2 goid f64   3 state u8   4 span index i32 (-1 = an aggregate)   5 busy f32   6 fn u32
 *   7 mix u32: of an aggregate of GT_OPT_LANES the shares of running, syscall, runnable and waiting, a byte each
 *   13 why u32: of a P's span, or a stop's, two strings' ids, 16 bits each: why it had not run before, and why it ended
 *      (0 = it has not); of an aggregate those of its longest span; on lanes of GT_OPT_LANES 0
 * Returns UINT32_MAX when memory is out or there is no such lane. gt_column's pointers hold until the next gt_query or
 * gt_spans.
 */
GT_API(gt_query) uint32_t gt_query(gt_reader *r, uint32_t lane, double t0, double t1, uint32_t px);
/*
 * The same with each span that lies in the window at least in part, none summed up, if they are at most `most`;
 * GT_TOO_MANY if they are more.
 */
#define GT_TOO_MANY (UINT32_MAX - 1)
GT_API(gt_spans) uint32_t gt_spans(gt_reader *r, uint32_t lane, double t0, double t1, uint32_t most);
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

/*
 * A trace in parts, for readers that work side by side. A part is the trace's header and the bytes of one generation,
 * with gt_boundary behind them; gt_skip says how many bytes of the trace stand between the two.
 *
 * A reader that has read the trace up to a generation's end writes what the next one has to know by gt_carry_save;
 * gt_carry_load makes a fresh reader go on from there as if it had read everything before: same times, same verdicts.
 * Who has not waited for that reads with GT_OPT_PART, by which everything that is told of the past is believed, and
 * writes by gt_part_save what it believed and what it found. gt_part_join brings a reader that stands at the
 * generation's beginning (by gt_carry_load or another join; it gets no bytes) to its end, if all of that is so.
 */
/* Room for n bytes that the next of these calls reads; NULL = out of memory. */
GT_API(gt_blob) uint8_t *gt_blob(gt_reader *r, uint32_t n);
GT_API(gt_skip) void gt_skip(gt_reader *r, double bytes);
/* Into gt_text; 1 = written, 0 = out of memory. */
GT_API(gt_carry_save) int gt_carry_save(gt_reader *r);
GT_API(gt_part_save) int gt_part_save(gt_reader *r);
/* From the blob. 1 = done, 0 = out of memory or no such bytes: close the reader. */
GT_API(gt_carry_load) int gt_carry_load(gt_reader *r);
/* 1 = joined, 0 = the part believed what is not so (nothing was changed), -1 = out of memory. */
GT_API(gt_part_join) int gt_part_join(gt_reader *r);
/*
 * Lanes in the order of gt_query, for who joins parts: {kind, id, before, spans, open: null or {goid, fn, state},
 * continues, pastEnd}. The lane's first span here is span number `before` of the whole trace; with GT_OPT_PART
 * `continues` says that it was there before, `pastEnd` (not 0) when the one from before ended, which is not here.
 */
GT_API(gt_ends_json) int gt_ends_json(gt_reader *r);
/* Start function of a goroutine that is alive, as a lasting string; 0 = unknown. */
GT_API(gt_fn_of) uint32_t gt_fn_of(gt_reader *r, double goid);
/* Time of the first event of the last generation that began, ns. */
GT_API(gt_begins) double gt_begins(gt_reader *r);
/* Length of a unit of time in the last generation, ns; 0 = none yet. */
GT_API(gt_unit_ns) double gt_unit_ns(gt_reader *r);

/* Figures that are asked for often. */
GT_API(gt_events) double gt_events(gt_reader *r); /* events yielded, as Go's reader counts them */
GT_API(gt_complete_offset)
double gt_complete_offset(gt_reader *r); /* bytes up to the end of the last whole generation */
GT_API(gt_generations) double gt_generations(gt_reader *r);
GT_API(gt_t1) double gt_t1(gt_reader *r);

/*
 * Analysis, with GT_OPT_ANALYSE. Before the first byte: the window [t0, t1) that counts; the whole trace unless said.
 * When all is read, gt_tables_json tells {"tables": {name: {"index", "columns": [names], "strings": [columns whose
 * numbers are gt_string's ids]}}, …}; then gt_table gives one as rows of numbers, valid until the next call (NaN =
 * never, -1 = none), gt_table_rows how many; NULL = out of memory. gt_bins_json: how long pieces of kind (enum an_kind)
 * were, [[least ns, most ns, count]], of a goroutine's row, or with -1 of all whose start function is the string `fn`.
 */
GT_API(gt_analyse_window) void gt_analyse_window(gt_reader *r, double t0, double t1);
GT_API(gt_tables_json) int gt_tables_json(gt_reader *r);
GT_API(gt_table) const double *gt_table(gt_reader *r, uint32_t table);
GT_API(gt_table_rows) uint32_t gt_table_rows(gt_reader *r);
GT_API(gt_bins_json) int gt_bins_json(gt_reader *r, uint32_t kind, double go, double fn);

/* Why goroutine goid was not running at t, with GT_OPT_WHY: asked before the first byte; gt_why_done says when no more
 * bytes are needed. */
GT_API(gt_why) void gt_why(gt_reader *r, double goid, double t);
GT_API(gt_why_done) int gt_why_done(gt_reader *r);
GT_API(gt_why_json) int gt_why_json(gt_reader *r);

/* Memory: bytes in use, and a cap for tests and for hosts that must not grow (0 = none). */
GT_API(gt_mem_used) double gt_mem_used(void);
GT_API(gt_mem_limit) void gt_mem_limit(double bytes);

#endif
