// types.mjs: the shapes and numbers that pass between the reader, its worker and the view. Nothing runs here.

/**
 * What is known of a trace. Times are nanoseconds since its first event.
 * @typedef {object} TraceInfo
 * @property {'empty' | 'loading' | 'live' | 'done'} state
 * @property {string} name
 * @property {string} version       "go 1.25", or "" before the header was read
 * @property {number} events        as Go's reader counts them
 * @property {number} bytes         read so far
 * @property {number | null} totalBytes
 * @property {number} generations
 * @property {number | null} [expectedT1] where t1 will be, about, as long as it is not known and there is a hint
 * @property {number} lost          generations the program had to drop because the ring was full
 * @property {number} t0
 * @property {number} t1
 * @property {string} baseNs        absolute time of t = 0, a whole number
 * @property {number} eventsPerSecond over the last second
 * @property {Lane[]} lanes         by the id of their P
 * @property {number} [moreLanes]   lanes of Gs, Ms, GC, tasks and regions so far; client.lanes() tells them
 * @property {number} [lanesFrom]   those begin here: what came before was given up, or could not be had any more
 * @property {number} [lanesT1]     and are known up to here; of a live trace that is some way behind
 * @property {number} [lanesLife]   counts how often that happened: lanes and spans of another life are not there
 * @property {boolean} [lanesDone]  all that was read is in them; false: they are still being read
 * @property {number} [curves]      a bit for each CURVE that is known
 * @property {Gap[]} [gaps]         where generations were lost
 * @property {number} lanesDenied   Ps beyond the most the index keeps lanes for
 * @property {number} goroutines
 * @property {string | null} error  one sentence; what was read before it stays
 * @property {boolean} full         the memory set aside for a live trace is used up: its oldest details were given up
 * @property {number} [detailFrom]  from here on there are details; before it only summaries
 * @property {number} [knownFrom]   and before this not even those
 */

/** @typedef {{t0: number, t1: number, count: number}} Gap  count: generations lost there */

/**
 * A lane. It is known by its key ("proc:3", "go:17", "stw:0"; an id's second life is "go:17~2"), never by its place.
 * @typedef {object} Lane
 * @property {number} index         what queries name it by
 * @property {'proc' | 'stw' | 'go' | 'm' | 'gc' | 'task' | 'region' | 'range' | 'curve' | 'heat' | 'gap'} kind
 * @property {number} id            of the P, G, M, task; of a region's or range's goroutine
 * @property {string} key
 * @property {string} name
 * @property {number} spans
 * @property {string} [fn]          start function of a goroutine
 * @property {string | null} [parent] key: who created the goroutine, whose region it is, the task around the task
 * @property {number} [t0]          its first moment
 * @property {number | null} [t1]   its last; null = it is still there
 * @property {number} [depth]       of regions: how deep they are nested
 */

/**
 * summary: answered from summaries alone, at once. patient: the answer waits for details, where it else would show
 * summaries after a moment, later questions do not displace it, and the last span has the end that it has behind the
 * window. each: lanes tell each of their spans where those are few: px for each lane, all together.
 * @typedef {{t0: number, t1: number, px: number, lanes: number[], summary?: boolean,
 *   patient?: boolean, each?: boolean}} Query
 */

/**
 * Part of one lane: n items. An item is a span (index >= 0, busy 1) or, where spans are narrower than a bucket of the
 * window, the sum of those in a bucket (index -1; busy: share of its time that a goroutine ran; goid and fn: of the
 * longest). state: see STATE. fn: a key of Tiles.strings; the start function of the goroutine, or why it waits, or a
 * region's or task's name. mix: of a sum, the shares of running, syscall, runnable and waiting, a byte each, from the
 * lowest. Nothing (an idle P, a goroutine that is not there) has no item.
 * @typedef {object} LaneTiles
 * @property {number} lane
 * @property {number} n
 * @property {Float64Array} start
 * @property {Float64Array} end
 * @property {Float64Array} goid
 * @property {Uint8Array} state
 * @property {Int32Array} index
 * @property {Float32Array} busy
 * @property {Uint32Array} fn
 * @property {Uint32Array} [mix]
 * @property {Uint32Array} [why]     of an answer of one reader; see column 13 at gt_query
 * @property {Uint32Array} [reason]  where each span was asked for, of Ps and stops: why it had not run before and why
 *   it ended, joined by " | "; NOT_TOLD: not known here
 * @property {Array<{t0: number, t1: number, gone: boolean}>} [rough] where items are a summary's, which places them
 *   about; gone: nothing tells it more exactly
 * @property {Points} [points]
 * @property {Float32Array[]} [series]   of a curve: 3 numbers a bucket: least, mean, greatest; NaN = unknown
 */

/**
/**
 * Moments on a lane: logs, labels and CPU samples, one for each bucket that has any.
 * @typedef {{n: number, t: Float64Array, index: Uint32Array, count: Uint32Array, kind: Uint8Array}} Points
 */

/** What an item's state says; mirrors enum mark_state in viewer/reader/index/marks.h. */
export const STATE = Object.freeze({
  RUNNING: 0, SYSCALL: 1, STOPPED: 2, RUNNABLE: 3, WAITING: 4, SYSCALL_NO_P: 5, ON: 6, P_ONLY: 7,
});

/** A reason that only the span's details tell. */
export const NOT_TOLD = 0xffffffff;

/** Kinds of points; mirrors enum point_kind. */
export const POINT = Object.freeze({ LOG: 0, LABEL: 1, SAMPLE: 2 });

/** Curves by number; mirrors enum curve_name. */
export const CURVE = Object.freeze({
  RUNNING: 0, SYSCALL: 1, RUNNABLE: 2, WAITING: 3, HEAP: 4, GOAL: 5, PS: 6, PROCS: 7,
});

/**
 * coarse: where a summary stands in for details that are not there, or not yet: then TraceClient.onRefined tells when
 * asking again is worth it.
 * @typedef {{t0: number, t1: number, px: number, lanes: LaneTiles[], strings: Record<number, string>,
 *   coarse?: Array<{t0: number, t1: number}>}} Tiles
 */

/** @typedef {{func: string, file: string, line: number}} Site */

/**
 * One span in full. An open span (the goroutine still runs) ends at the trace's end for now.
 * @typedef {object} SpanDetail
 * @property {number} lane
 * @property {number} index
 * @property {number} goid
 * @property {string} fn            start function of the goroutine, "" = unknown
 * @property {number} start
 * @property {number} end
 * @property {boolean} open
 * @property {number} state         see STATE
 * @property {string} startReason   why it had not been running before
 * @property {string} endReason
 * @property {Site | null} site     where it stopped
 * @property {Actor | null} createdBy
 * @property {Actor | null} unblockedBy
 * @property {boolean} [over]      nothing more will come: what is open stays so
 * @property {number} [clockStepNs]  of the clock that timed it, where that is known: what is shorter has no length
 * @property {string} [kind]        of its lane; none: a P's or STW
 * @property {string} [key]         of its lane
 * @property {string} [name]        of a region, range or task
 * @property {Site[]} [stack]       all frames, the innermost first; of a running goroutine: where it stopped
 * @property {number} [p]           the P it ran on
 * @property {number} [m]           the thread it ran on
 * @property {Woken[]} [woke]       whom it woke or created, in order of time, 500 at most
 */

/** Who did something to a goroutine; lane and time where goroutines have lanes. */
/** @typedef {Site & {goid: number, lane?: number, time?: number}} Actor */

/** @typedef {{goid: number, lane: number, time: number, created: boolean}} Woken */

/**
 * A log, label or CPU sample in full. A label's text is its category.
 * @typedef {object} PointDetail
 * @property {'log' | 'label' | 'sample'} kind
 * @property {number} time
 * @property {string} category
 * @property {string} message
 * @property {Site[]} stack
 */

/**
 * Where and why reading stopped.
 * @typedef {object} TraceFault
 * @property {string} message
 * @property {string} rule
 * @property {number} offset
 * @property {number} generation
 * @property {number | null} m
 * @property {string | null} event
 */

export {};
