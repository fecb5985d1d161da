// summary.mjs: what stays of a generation when its details are given up: each lane as some hundred buckets, in few
// bytes. Zoomed out it is what is drawn; zoomed in it is shown until the generation has been decoded again.
import { LaneItems } from './tiles.mjs';

/** Places an item's ends can have in a generation: 64 for each of the most buckets. */
const PLACES = 65535;
/** Bytes of trace for each bucket: so a trace's summaries grow with its bytes, at about 3 % a lane of eight. */
const BYTES_PER_BUCKET = 2048;
const FEWEST = 64;
const MOST = 1024;
/**
 * What a generation takes beside its columns: objects, views and the maps of joined.mjs (10,000 of five lanes each,
 * node 20; a column with a buffer of its own takes some 300 bytes more, so all are in one).
 */
export const BESIDE = 4500;

/**
 * All lanes of one generation, as columns. Times are places between t0 and t1. Lane i has the items from first[i] to
 * first[i + 1].
 * @typedef {object} Summary
 * @property {number} t0        ns
 * @property {number} t1
 * @property {number} buckets
 * @property {string[]} keys    of the lanes: "proc:3"
 * @property {Uint32Array} first
 * @property {Uint16Array} start
 * @property {Uint16Array} end
 * @property {Uint32Array | Float64Array} goid
 * @property {Uint8Array} state
 * @property {Uint8Array} busy  0 = at most 1/255
 * @property {Uint16Array | Uint32Array} fn
 * @property {Uint32Array} wide items that are one span, in order
 * @property {Int32Array} index their spans' numbers, counted from the generation's first
 */

/** @param {number} bytes of the generation @returns {number} a power of two */
export const bucketsFor = (bytes) =>
  Math.min(MOST, Math.max(FEWEST, 2 ** Math.floor(Math.log2(Math.max(1, bytes / BYTES_PER_BUCKET)))));

/**
 * Columns in one buffer of so many bytes, one behind the other.
 * @param {number} bytes @returns {(Type: any, n: number) => any} makes one with room for n
 */
function columns(bytes) {
  const buffer = new ArrayBuffer(bytes);
  let at = 0;
  return (Type, n) => {
    const from = at;
    at += n * Type.BYTES_PER_ELEMENT;
    return new Type(buffer, from, n);
  };
}

/**
 * @param {import('./types.mjs').LaneTiles[]} lanes @param {string[]} keys
 * @param {{t0: number, t1: number, buckets: number}} of @returns {Summary}
 */
export function pack(lanes, keys, { t0, t1, buckets }) {
  let n = 0, spans = 0, large = false, names = 0;
  const first = new Uint32Array(lanes.length + 1);
  lanes.forEach((lane, i) => {
    n += lane.n;
    first[i + 1] = n;
    for (let k = 0; k < lane.n; k++) {
      if (lane.index[k] >= 0) spans++;
      large = large || lane.goid[k] > 0xffffffff;
      names = Math.max(names, lane.fn[k]);
    }
  });
  const Goids = large ? Float64Array : Uint32Array, Names = names > 0xffff ? Uint32Array : Uint16Array;
  const inPlace = columns((Goids.BYTES_PER_ELEMENT + Names.BYTES_PER_ELEMENT + 6) * n + 8 * spans + 4 * first.length);
  // The widest elements first: so each column begins where it may.
  /** @type {Summary} */
  const s = {
    goid: inPlace(Goids, n), first: inPlace(Uint32Array, first.length), wide: inPlace(Uint32Array, spans),
    index: inPlace(Int32Array, spans), fn: inPlace(Names, n), start: inPlace(Uint16Array, n),
    end: inPlace(Uint16Array, n), state: inPlace(Uint8Array, n), busy: inPlace(Uint8Array, n), t0, t1, buckets, keys,
  };
  s.first.set(first);
  const scale = t1 > t0 ? PLACES / (t1 - t0) : 0;
  const place = (/** @type {number} */ t) => Math.min(PLACES, Math.max(0, Math.round((t - t0) * scale)));
  let at = 0, span = 0;
  for (const lane of lanes) {
    for (let k = 0; k < lane.n; k++, at++) {
      s.start[at] = place(lane.start[k]);
      s.end[at] = place(lane.end[k]);
      s.goid[at] = lane.goid[k];
      s.state[at] = lane.state[k];
      s.busy[at] = Math.round(lane.busy[k] * 255);
      s.fn[at] = lane.fn[k];
      if (lane.index[k] < 0) continue;
      s.wide[span] = at;
      s.index[span++] = lane.index[k];
    }
  }
  return s;
}

/** @param {Summary} s */
export const sizeOf = (s) =>
  s.goid.buffer.byteLength + (s.fn.buffer === s.goid.buffer ? 0 : s.fn.byteLength) + BESIDE;

/** First of n ascending numbers that is not below v. @param {Uint32Array} a @param {number} v */
function lowerBound(a, v) {
  let from = 0, to = a.length;
  while (from < to) {
    const mid = (from + to) >> 1;
    if (a[mid] < v) from = mid + 1;
    else to = mid;
  }
  return from;
}

/**
 * Adds a lane's items between two times to `out`.
 * @param {Summary} s @param {number} lane its place in keys
 * @param {{t0: number, t1: number, base: number, least: number}} window base: number of the lane's first span;
 *   least: nothing begins before it
 * @param {LaneItems} out
 */
export function show(s, lane, { t0, t1, base, least }, out) {
  const unit = (s.t1 - s.t0) / PLACES;
  const from = s.first[lane], to = s.first[lane + 1];
  let span = lowerBound(s.wide, from);
  let last = least;
  for (let i = from; i < to; i++) {
    const isSpan = s.wide[span] === i;
    const index = isSpan ? s.index[span++] + base : -1;
    const start = Math.max(last, s.t0 + s.start[i] * unit);
    const end = Math.max(start, s.t0 + Math.max(s.end[i], s.start[i] + 1) * unit);
    last = end;
    if (end <= t0) continue;
    if (start >= t1) break;
    out.sum(start, end, s.goid[i], s.state[i], index, Math.max(s.busy[i], 0.5) / 255, s.fn[i]);
  }
}

/** Of all generations of which nothing is kept. */
export const NOTHING = pack([], [], { t0: 0, t1: 0, buckets: 1 });

/** The same with half the buckets. @param {Summary} s @returns {Summary} */
export function coarser(s) {
  const width = (s.t1 - s.t0) / (s.buckets / 2);
  const lanes = s.keys.map((_, i) => {
    const out = new LaneItems(s.t0, width);
    show(s, i, { t0: s.t0, t1: s.t1, base: 0, least: s.t0 }, out);
    return out.done(i);
  });
  return pack(lanes, s.keys, { t0: s.t0, t1: s.t1, buckets: s.buckets / 2 });
}
