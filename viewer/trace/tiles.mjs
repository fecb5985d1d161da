// tiles.mjs: one lane's items put together from several generations: a span that goes over a boundary is one item, a
// bucket that holds one is one item, and what is narrower than a bucket is summed up.

import { NOT_TOLD } from './types.mjs';

/** @typedef {import('./types.mjs').LaneTiles} LaneTiles */

/**
 * A growing column. @template {Float64Array | Float32Array | Uint8Array | Int32Array | Uint32Array} T
 * @param {T} column @param {number} n @returns {T} with room for one more
 */
function room(column, n) {
  if (n < column.length) return column;
  const more = /** @type {T} */ (new /** @type {any} */ (column.constructor)(column.length * 2));
  more.set(column);
  return more;
}

export class LaneItems {
  /** @param {number} t0 of the window @param {number} width of a bucket, ns @param {boolean} [tellsWhy] */
  constructor(t0, width, tellsWhy = false) {
    this.t0 = t0;
    this.width = width;
    this.n = 0;
    this.start = new Float64Array(64);
    this.end = new Float64Array(64);
    this.goid = new Float64Array(64);
    this.state = new Uint8Array(64);
    this.index = new Int32Array(64);
    this.busy = new Float32Array(64);
    this.fn = new Uint32Array(64);
    /** Why each had not run before, and why it ended; null: nobody asks. */
    this.why = tellsWhy ? { was: new Uint32Array(64), ended: new Uint32Array(64) } : null;
    /** The bucket that narrow items are being summed up in; -1 = none. */
    this.bucket = -1;
    this.ran = 0;
    this.inSyscall = 0;
    this.longest = 0;
    this.sumGoid = 0;
    this.sumFn = 0;
    this.sumState = 0;
  }

  /**
   * The next item in order of time. One that overlaps the one before shares a bucket with it.
   * @param {number} start @param {number} end @param {number} goid @param {number} state @param {number} index
   * @param {number} busy @param {number} fn @param {number} [was] why it had not run before, a string; or NOT_TOLD
   * @param {number} [ended] why it ended
   */
  add(start, end, goid, state, index, busy, fn, was = NOT_TOLD, ended = NOT_TOLD) {
    const last = this.n - 1;
    if (last >= 0 && index >= 0 && this.index[last] === index) {
      this.end[last] = Math.max(this.end[last], end);
      if (this.why) this.why.ended[last] = ended;
      return;
    }
    if (last >= 0 && start < this.end[last]) {
      if (index < 0 && this.index[last] < 0) {
        const had = this.busy[last] * (this.end[last] - this.start[last]);
        const has = busy * (end - start);
        const to = Math.max(end, this.end[last]);
        this.busy[last] = Math.min(1, (had + has) / (to - this.start[last]));
        this.end[last] = to;
        if (has > had) {
          this.goid[last] = goid;
          this.state[last] = state;
          this.fn[last] = fn;
        }
        return;
      }
      if (index >= 0 && this.index[last] < 0 && start > this.start[last]) {
        const ran = this.busy[last] * (this.end[last] - this.start[last]);
        this.end[last] = start;
        this.busy[last] = Math.min(1, ran / (start - this.start[last]));
      } else {
        const ran = busy * (end - start);
        start = this.end[last];
        busy = index >= 0 ? busy : Math.min(1, ran / (end - start));
      }
    }
    if (!(end > start)) return;
    const n = this.n++;
    this.start = room(this.start, n);
    this.end = room(this.end, n);
    this.goid = room(this.goid, n);
    this.state = room(this.state, n);
    this.index = room(this.index, n);
    this.busy = room(this.busy, n);
    this.fn = room(this.fn, n);
    this.start[n] = start;
    this.end[n] = end;
    this.goid[n] = goid;
    this.state[n] = state;
    this.index[n] = index;
    this.busy[n] = busy;
    this.fn[n] = fn;
    if (!this.why) return;
    this.why.was = room(this.why.was, n);
    this.why.ended = room(this.why.ended, n);
    this.why.was[n] = was;
    this.why.ended[n] = ended;
  }

  /**
   * An item of a summary: as it is if it is a bucket wide, else into its bucket's sum.
   * @param {number} start @param {number} end @param {number} goid @param {number} state @param {number} index
   * @param {number} busy @param {number} fn
   */
  sum(start, end, goid, state, index, busy, fn) {
    if (end - start >= this.width) {
      this.flush(start);
      this.add(start, end, goid, state, index, busy, fn);
      return;
    }
    for (let at = start; at < end;) {
      let bucket = Math.floor((at - this.t0) / this.width);
      if (this.t0 + (bucket + 1) * this.width <= at) bucket++; // its last digit was rounded away
      const to = Math.min(end, this.t0 + (bucket + 1) * this.width);
      if (bucket !== this.bucket) this.flush();
      this.bucket = bucket;
      const ran = (to - at) * busy;
      this.ran += ran;
      if (state === 1) this.inSyscall += ran;
      if (ran > this.longest) {
        this.longest = ran;
        this.sumGoid = goid;
        this.sumFn = fn;
        this.sumState = state;
      }
      if (!(to > at)) break; // digits have run out
      at = to;
    }
  }

  /**
   * A span that is known exactly begins here: what a summary has placed over it, which it does about right, ends.
   * @param {number} t @param {number} index of the span; told before, it goes on
   */
  giveWay(t, index) {
    while (this.n && this.index[this.n - 1] !== index && this.start[this.n - 1] >= t) this.n--;
    const last = this.n - 1;
    if (last < 0 || this.end[last] <= t) return;
    if (this.index[last] === index) {
      this.end[last] = this.start[last]; // add() tells its end
      return;
    }
    if (this.index[last] < 0) {
      const ran = this.busy[last] * (this.end[last] - this.start[last]);
      this.busy[last] = Math.min(1, ran / (t - this.start[last]));
    }
    this.end[last] = t;
  }

  /** Ends the bucket that is being summed up. @param {number} [until] where something else begins */
  flush(until = Infinity) {
    if (this.bucket < 0) return;
    const from = this.t0 + this.bucket * this.width;
    const start = this.n ? Math.max(from, this.end[this.n - 1]) : from;
    const end = Math.min(from + this.width, until);
    const state = this.sumState === 2 ? 2 : this.inSyscall * 2 > this.ran ? 1 : 0;
    if (this.ran > 0 && end > start)
      this.add(start, end, this.sumGoid, state, -1, Math.min(1, this.ran / (end - start)), this.sumFn);
    this.bucket = -1;
    this.ran = this.inSyscall = this.longest = 0;
  }

  /** @param {number} lane @returns {LaneTiles} */
  done(lane) {
    this.flush();
    const { n } = this;
    return {
      lane, n,
      start: this.start.slice(0, n), end: this.end.slice(0, n), goid: this.goid.slice(0, n),
      state: this.state.slice(0, n), index: this.index.slice(0, n), busy: this.busy.slice(0, n),
      fn: this.fn.slice(0, n),
    };
  }
}

/** Bytes of a buffer that is sooner handed over than copied: what is small has none of its own yet. */
const WORTH_A_TRANSFER = 1024;

/** Memory of columns that goes over with a message. @param {unknown[]} columns @returns {Transferable[]} */
export function buffersOf(columns) {
  const inBuffers = columns.filter((column) => ArrayBuffer.isView(column) &&
    (column.byteOffset > 0 || column.byteLength >= WORTH_A_TRANSFER));
  const buffers = new Set(inBuffers.map((column) => /** @type {Uint8Array<ArrayBuffer>} */ (column).buffer));
  return [...buffers].filter(({ byteLength }) => byteLength >= WORTH_A_TRANSFER);
}

/** Those of an answer. @param {any} tiles @returns {Transferable[]} */
export function buffersOfTiles(tiles) {
  return (tiles?.lanes ?? []).flatMap((/** @type {import('./types.mjs').LaneTiles} */ lane) =>
    buffersOf([...Object.values(lane), ...Object.values(lane.points ?? {}), ...(lane.series ?? [])]));
}
