/**
 * What happened in an area: time by state, lane by lane and goroutine by goroutine, and how many spans.
 *
 * While an area is drawn the tiles at hand give a first answer; then the reader is asked in smaller and smaller pieces
 * until every span stands by itself, or so many questions were asked that "about" has to do.
 */
import { STATES } from '../trace/query/fields.mjs';
import { EXACT, GONE, roughness } from '../trace/query/rough.mjs';
import { firstEndingAfter } from '../view/layout.mjs';
import { MIX_STATES, RUNNING, SYSCALL, SYSCALL_NO_P } from '../view/states.mjs';

/** @typedef {import('../view/lanes.mjs').Tiles} Tiles */
/** @typedef {{index: number, kind: string, id: number, name: string, key: string, fn?: string}} StatLane */

/** Questions for one area, at most; each is a few milliseconds of the reader's. */
const MOST_QUESTIONS = 96;
/** Items in one answer, about, and for each lane at least: of very many lanes some are asked about at once. */
const ITEMS = 40_000;
const LEAST_PX = 64;

export class Stats {
  /** @param {ReadonlyArray<StatLane>} lanes @param {number} t0 @param {number} t1 */
  constructor(lanes, t0, t1) {
    this.lanes = lanes;
    this.places = new Map(lanes.map((lane, at) => [lane.index, at]));
    /** Goroutines are summed up on Ps, or on their own lanes if the area has no P: never twice. */
    this.counts = lanes.some((lane) => lane.kind === 'proc') ? 'proc' : 'go';
    this.t0 = t0;
    this.t1 = t1;
    /** False: some spans were only known summed up. */
    this.exact = true;
    /** Per lane: ns by state, and spans that lie in the area at least in part. */
    this.rows = lanes.map(() => ({ ns: new Float64Array(STATES.length), spans: 0 }));
    /** ns that each goroutine ran, or was on a P. @type {Map<number, {ns: number, spans: number, fn: string}>} */
    this.goroutines = new Map();
    /** Of the spans that fit the query, when there is one. @type {{ns: number, spans: number} | null} */
    this.fitting = null;
  }

  /** States that occur, by number. */
  get states() {
    return STATES.map((_, state) => state).filter((state) => this.rows.some((row) => row.ns[state] > 0));
  }

  get total() {
    const sum = { ns: new Float64Array(STATES.length), spans: 0 };
    for (const row of this.rows) {
      row.ns.forEach((ns, state) => (sum.ns[state] += ns));
      sum.spans += row.spans;
    }
    return sum;
  }

  /** The goroutines with the most time. @param {number} n */
  top(n) {
    return [...this.goroutines].sort(([, a], [, b]) => b.ns - a.ns).slice(0, n)
      .map(([goid, sum]) => ({ goid, ...sum }));
  }

  /**
   * Adds what the tiles tell of the moments a..b. @param {Tiles} tiles @param {number} a @param {number} b
   * @param {import('../trace/query/match.mjs').Query | null} query
   */
  add(tiles, a, b, query) {
    if (query) this.fitting ??= { ns: 0, spans: 0 };
    for (const items of tiles.lanes) {
      const at = this.places.get(items.lane);
      if (at === undefined) continue;
      const lane = this.lanes[at];
      const roughAt = roughness(items);
      const mask = query?.mask({ items, strings: tiles.strings, lane, bucket: (tiles.t1 - tiles.t0) / tiles.px });
      for (let i = firstEndingAfter(items.end, items.n, a); i < items.n && items.start[i] < b; i++) {
        const ns = (Math.min(items.end[i], b) - Math.max(items.start[i], a)) * items.busy[i];
        // A span that began in an earlier piece was counted there.
        const begins = items.start[i] >= a || a === this.t0 ? 1 : 0;
        this.exact &&= items.index[i] >= 0 && roughAt(i) === EXACT;
        const running = this.addTime(this.rows[at].ns, items, i, ns);
        this.rows[at].spans += begins;
        const fn = lane.kind === 'go' ? lane.fn ?? '' : tiles.strings[items.fn[i]] ?? '';
        // On its own lane a goroutine is all the time; what it ran differs.
        this.addGoroutine(items.goid[i], lane.kind === 'go' ? running : ns, begins, fn, lane.kind);
        if (!mask?.[i] || !this.fitting) continue;
        this.fitting.ns += ns;
        this.fitting.spans += begins;
      }
    }
  }

  /**
   * @param {Float64Array} sums by state @param {import('../view/rows.mjs').LaneItems} items @param {number} i
   * @param {number} ns in which anything was @returns {number} in which something ran
   */
  addTime(sums, items, i, ns) {
    const mix = items.index[i] < 0 ? items.mix?.[i] ?? 0 : 0;
    if (!mix) {
      const state = items.state[i];
      sums[state === SYSCALL_NO_P ? SYSCALL : state] += ns;
      return state === RUNNING ? ns : 0;
    }
    const bytes = MIX_STATES.map((_, k) => (mix >>> (8 * k)) & 255);
    const all = bytes.reduce((a, b) => a + b, 0);
    MIX_STATES.forEach((state, k) => (sums[state] += (ns * bytes[k]) / all));
    return (ns * bytes[MIX_STATES.indexOf(RUNNING)]) / all;
  }

  /** @param {number} goid @param {number} ns @param {number} spans @param {string} fn @param {string} kind */
  addGoroutine(goid, ns, spans, fn, kind) {
    if (kind !== this.counts || !(goid > 0)) return;
    const sum = this.goroutines.get(goid) ?? { ns: 0, spans: 0, fn };
    sum.ns += ns;
    sum.spans += spans;
    this.goroutines.set(goid, sum);
  }
}

/**
 * Asks the reader. @param {object} what
 * @param {(query: import('./tiles.mjs').Query) => Promise<Tiles | null>} what.ask
 * @param {ReadonlyArray<StatLane>} what.lanes @param {number} what.t0 @param {number} what.t1
 * @param {import('../trace/query/match.mjs').Query | null} what.query
 * @param {AbortSignal} what.signal
 * @returns {Promise<Stats | null>} null: ended by the signal, or the trace is not read any more
 */
export async function statsOf({ ask, lanes, t0, t1, query, signal }) {
  const stats = new Stats(lanes, t0, t1);
  const size = Math.floor(ITEMS / LEAST_PX);
  const most = Math.ceil(MOST_QUESTIONS / Math.max(1, Math.ceil(lanes.length / size)));
  for (let from = 0; from < lanes.length; from += size) {
    const indexes = lanes.slice(from, from + size).map((lane) => lane.index);
    const px = Math.max(LEAST_PX, Math.min(1 << 15, Math.floor(ITEMS / indexes.length)));
    /** @type {Array<[number, number]>} */
    const todo = [[t0, t1]];
    let questions = 0;
    for (let piece = todo.pop(); piece; piece = todo.pop()) {
      const [a, b] = piece;
      const tiles = await ask({ t0: a, t1: b, px, lanes: indexes, each: true });
      if (!tiles || signal.aborted) return null;
      if (tiles.lanes.some(isMixed) && ++questions + todo.length < most && b - a > 8) {
        const step = (b - a) / 4;
        for (let k = 3; k >= 0; k--) todo.push([a + k * step, k === 3 ? b : a + (k + 1) * step]);
      } else stats.add(tiles, a, b, query);
    }
  }
  return stats;
}

/** Whether a closer look tells more. @param {Tiles['lanes'][number]} items */
function isMixed(items) {
  const roughAt = roughness(items);
  for (let i = 0; i < items.n; i++) {
    const rough = roughAt(i);
    if (rough !== GONE && (rough !== EXACT || items.index[i] < 0)) return true;
  }
  return false;
}
