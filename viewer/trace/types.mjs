// types.mjs: the shapes that pass between the reader, its worker and the view. Nothing runs here.

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
 * @property {Gap[]} [gaps]         where those are missing
 * @property {number} t0
 * @property {number} t1
 * @property {string} baseNs        absolute time of t = 0, a whole number
 * @property {number} eventsPerSecond over the last second
 * @property {Lane[]} lanes         by the id of their P
 * @property {number} lanesDenied   Ps beyond the most the index keeps lanes for
 * @property {number} goroutines
 * @property {string | null} error  one sentence; what was read before it stays
 * @property {boolean} full         the memory set aside for a live trace is used up: its oldest details were given up
 * @property {number} [detailFrom]  from here on there are details; before it only summaries
 */

/** @typedef {{t0: number, t1: number, count: number}} Gap */

/** @typedef {{index: number, kind: 'proc' | 'stw', id: number, name: string, spans: number}} Lane */

/**
 * summary: answered from summaries alone, at once.
 * @typedef {{t0: number, t1: number, px: number, lanes: number[], summary?: boolean}} Query
 */

/**
 * Part of one lane: n items. An item is a span (index >= 0, busy 1) or, where spans are narrower than a bucket of the
 * window, the sum of those in a bucket (index -1; busy: share of its time that a goroutine ran; goid and fn: of the
 * longest). state: 0 running, 1 in a syscall, 2 the world is stopped. fn: a key of Tiles.strings.
 * Idle time has no item.
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
 */

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
 * @property {number} state
 * @property {string} startReason   why it had not been running before
 * @property {string} endReason
 * @property {Site | null} site     where it stopped
 * @property {(Site & {goid: number}) | null} createdBy
 * @property {(Site & {goid: number}) | null} unblockedBy
 * @property {number} [clockStepNs]  of the clock that timed it, where that is known: what is shorter has no length
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
