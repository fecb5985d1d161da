// scan.mjs: goes through a whole trace for the spans that fit a query: the next one, the one before, all.
//
// The reader is asked for piece after piece of time. Where spans that may fit are summed up in aggregates it is asked
// for each of them, which it tells where they are few; where they are many the piece is cut into smaller ones. So an
// answer is exact, and costs what it has to look at.
// Where the bytes of a stream were given up there is no more than a summary: what stands by itself there is taken as it
// is, the rest is left out, and `about` says so.
import { MAYBE } from './match.mjs';
import { EXACT, GONE, roughness } from './rough.mjs';

/** @typedef {import('./match.mjs').Query} Query */
/** @typedef {import('./match.mjs').LaneOf & {index: number, t0?: number, t1?: number | null}} ScanLane */
/** @typedef {import('../types.mjs').Tiles} Tiles */
/** @typedef {import('../types.mjs').LaneTiles} LaneTiles */
/** @typedef {{lane: number, index: number, start: number}} Place */
/** @typedef {Place & {end: number}} Match */

/**
 * @typedef {object} ScanReader
 * @property {(query: import('../types.mjs').Query) => Promise<Tiles | null>} query
 * @property {(lane: number, index: number) => Promise<import('../types.mjs').SpanDetail | null>} detail
 */

/** Items in one answer, about: some milliseconds of the reader's time. */
const ITEMS = 40_000;
/** Each lane has so many in an answer, at least: of very many lanes some are asked about at once. */
const LEAST_PX = 64;
/** A piece is first cut into so many. */
const PIECES = 16;
/** ns; a piece this short is not cut further. */
const SHORTEST = 8;
/** Of a piece. A summary's places are 1/65535 of a generation apart, and it is taken for pieces down to 1/16 of one. */
const BESIDE = 1 / 64;
/** Spans whose details are asked for together. */
const AT_ONCE = 64;

export class Scan {
  /**
   * @param {object} what
   * @param {ScanReader} what.reader
   * @param {ReadonlyArray<ScanLane>} what.lanes
   * @param {Query} what.query
   * @param {number} what.extent           length of the trace
   * @param {AbortSignal} [what.signal]    ends it; what was found so far is the answer
   */
  constructor({ reader, lanes, query, extent, signal }) {
    this.reader = reader;
    this.lanes = lanes.filter((lane) => query.mayFit(lane));
    this.query = query;
    this.extent = extent;
    this.signal = signal;
    /** Something may be missing, or is not exactly where it is said to be. */
    this.about = false;
    /** It was ended, or the trace is not read any more. */
    this.brokenOff = false;
    this.place = new Map(this.lanes.map((lane, i) => [lane.index, i]));
  }

  /**
   * The fitting spans that start in from..to, in the order of their start.
   * @param {number} from @param {number} to @param {1 | -1} direction
   * @returns {AsyncGenerator<Match>}
   */
  async *matches(from, to, direction) {
    for await (const some of this.batches(from, to, direction)) yield* some;
  }

  /**
   * The same, many at a time: who counts millions has no time to wait for each of them.
   * @param {number} from @param {number} to @param {1 | -1} direction
   * @returns {AsyncGenerator<Match[]>} a batch has one at least
   */
  batches(from, to, direction) {
    return this.#through(this.lanes, cut(from, to, PIECES, direction), direction);
  }

  /**
   * All of them, lanes after lanes: so those that lived short, of which there may be thousands, are asked about once
   * or twice each, and not for each piece of the trace. (13,000 goroutines and as many lanes of theirs, their waits, on
   * a busy machine: 2.3 s for 15.7.)
   * @returns {AsyncGenerator<Match[]>} a batch has one at least
   */
  async *all() {
    for (const { lanes } of blocksOf(this.lanes)) {
      const from = lanes.reduce((t, { t0 }) => Math.min(t, t0 ?? 0), this.extent);
      const to = lanes.reduce((t, { t1 }) => Math.max(t, t1 ?? this.extent), 0);
      yield* this.#through(lanes, cut(from, Math.min(to + 1, this.extent), 1, 1), 1);
      if (this.brokenOff || this.signal?.aborted) return;
    }
  }

  /**
   * @param {ScanLane[]} among @param {Array<[number, number]>} todo the first at the end @param {1 | -1} direction
   * @returns {AsyncGenerator<Match[]>}
   */
  async *#through(among, todo, direction) {
    for (let piece = todo.pop(); piece; piece = todo.pop()) {
      const [a, b] = piece;
      /** @type {NonNullable<ReturnType<Scan['look']>>} */
      const found = [];
      let told = true;
      const margin = (b - a) * BESIDE;
      const alive = among.filter(({ t0, t1 }) => (t0 ?? 0) < b + margin && (t1 ?? Infinity) >= a - margin);
      for (const { lanes, isSummed } of blocksOf(alive)) {
        /** @type {ReturnType<Scan['look']>} */
        let some = null;
        // What a summary tells may lie a little aside, so it is looked at beyond the piece's ends.
        for (const beside of isSummed ? [margin, 0] : [0]) {
          const each = beside === 0, tiles = await this.ask(lanes, a - beside, b + beside, each);
          if (!tiles) {
            this.brokenOff = true;
            return;
          }
          if (!each && tiles.coarse?.length) continue; // too coarse for that
          some = this.look(tiles, a, b, { beside, isLast: each && b - a <= SHORTEST });
          if (some) break;
        }
        if (some) for (const match of some) found.push(match);
        else {
          told = false;
          break;
        }
      }
      if (!told) {
        todo.push(...cut(a, b, 4, direction));
        continue;
      }
      found.sort((x, y) => direction * this.order(x, y));
      for (let i = 0; i < found.length && !this.signal?.aborted;) {
        let sure = i;
        while (sure < found.length && found[sure].sure) sure++;
        if (sure > i) {
          yield found.slice(i, sure);
          i = sure;
          continue;
        }
        const some = found.slice(i, i + AT_ONCE);
        const fits = await Promise.all(some.map((match) => match.sure || this.sure(match)));
        i += some.length;
        const fitting = some.filter((_, k) => fits[k]);
        if (fitting.length && !this.signal?.aborted) yield fitting;
      }
      if (this.signal?.aborted) return;
    }
  }

  /**
   * The first that comes after (before) a place. @param {Place | null} after
   * @param {number} t where to begin when there is no such place @param {1 | -1} direction
   * @returns {Promise<Match | null>}
   */
  async next(after, t, direction) {
    const at = after ? after.start : t;
    const [from, to] = direction > 0 ? [Math.max(0, at), this.extent] : [0, Math.min(this.extent, at + 1)];
    if (!(to > from)) return null;
    for await (const match of this.matches(from, to, direction)) {
      const later = after ? direction * this.order(match, after) > 0 : direction * (match.start - t) >= 0;
      if (later) return match;
    }
    return null;
  }

  /** How many there are, and their time together. */
  async count() {
    let spans = 0, ns = 0;
    for await (const some of this.all()) {
      spans += some.length;
      for (const { start, end } of some) ns += end - start;
    }
    return { spans, ns, about: this.about };
  }

  /** @param {Place} x @param {Place} y */
  order(x, y) {
    return x.start - y.start || (this.place.get(x.lane) ?? 0) - (this.place.get(y.lane) ?? 0) || x.index - y.index;
  }

  /**
   * @param {ScanLane[]} lanes @param {number} t0 @param {number} t1 @param {boolean} each
   * @returns {Promise<Tiles | null>} null: it was ended, or the trace is not read any more
   */
  async ask(lanes, t0, t1, each) {
    const px = Math.max(LEAST_PX, Math.min(1 << 15, Math.floor(ITEMS / lanes.length)));
    if (this.signal?.aborted) return null;
    const indexes = lanes.map(({ index }) => index);
    const tiles = await this.reader.query({ t0, t1, px, lanes: indexes, patient: true, each });
    return this.signal?.aborted ? null : tiles;
  }

  /**
   * @param {Tiles} tiles @param {number} a @param {number} b
   * @param {{beside: number, isLast: boolean}} how isLast: it cannot be told more exactly
   * @returns {Array<Match & {sure: boolean}> | null} null: spans that may fit are not told apart
   */
  look(tiles, a, b, { beside, isLast }) {
    const found = [];
    for (const items of tiles.lanes) {
      const lane = this.lanes[this.place.get(items.lane) ?? -1];
      if (!lane) continue;
      const view = { items, strings: tiles.strings, lane, bucket: (tiles.t1 - tiles.t0) / tiles.px, rough: false };
      const roughAt = roughness(items);
      for (let i = 0; i < items.n; i++) {
        const start = items.start[i];
        const alone = items.index[i] >= 0;
        if (alone && (start < a - beside || start >= b + beside)) continue;
        const fits = this.query.test(view, i);
        if (!fits) continue;
        const rough = roughAt(i), isExact = alone && rough === EXACT;
        if (!isExact && rough !== GONE && !isLast) return null;
        if (alone && (start < a || start >= b)) continue;
        this.about ||= !isExact;
        if (alone)
          found.push({ lane: items.lane, index: items.index[i], start, end: items.end[i], sure: fits !== MAYBE });
      }
    }
    return found;
  }

  /** What the tiles do not tell the details do. @param {Match} match */
  async sure(match) {
    const lane = this.lanes[this.place.get(match.lane) ?? 0];
    const span = await this.reader.detail(match.lane, match.index);
    return span !== null && this.query.fits(span, lane);
  }
}

/**
 * Lanes that are asked about at once. A thread's aggregates leave out where it has a P and no goroutine.
 * @param {ReadonlyArray<ScanLane>} lanes
 */
function blocksOf(lanes) {
  const size = Math.floor(ITEMS / LEAST_PX);
  return [true, false].flatMap((isSummed) => {
    const some = lanes.filter(({ kind }) => (kind !== 'm') === isSummed);
    return Array.from({ length: Math.ceil(some.length / size) }, (_, i) =>
      ({ isSummed, lanes: some.slice(i * size, (i + 1) * size) }));
  });
}

/**
 * In n parts, the one to look at first at the end. @param {number} from @param {number} to @param {number} n
 * @param {1 | -1} direction @returns {Array<[number, number]>}
 */
function cut(from, to, n, direction) {
  const parts = Array.from({ length: n }, (_, i) => /** @type {[number, number]} */ (
    [from + ((to - from) * i) / n, from + ((to - from) * (i + 1)) / n]));
  return direction > 0 ? parts.reverse() : parts;
}
