// joined.mjs: one trace made of generations that were read apart: takes them in order, knows what each hands on to the
// next, and which spans of which lane are in which.
import { TraceStore } from './store.mjs';
import { BESIDE, NOTHING, coarser, sizeOf } from './summary.mjs';

/** @typedef {import('./summary.mjs').Summary} Summary */
/** @typedef {import('./decoder.mjs').Found} Found */
/** @typedef {import('./store.mjs').LaneEnd} LaneEnd */

/** Bytes that summaries, and what generations hand on, may take unless someone says otherwise. */
const SUMMARY_BYTES = 64 << 20;
const CARRY_BYTES = 32 << 20;
const FEWEST_BUCKETS = 8;

/** Of what was given up. @type {Map<number, any>} */
const NONE = new Map();

/**
 * A lane of the whole. marks: the generations it has spans in, with the numbers of the first one and the one behind
 * the last; a span over a boundary is in both.
 * @typedef {object} WholeLane
 * @property {number} index
 * @property {'proc' | 'stw'} kind
 * @property {number} id
 * @property {string} name
 * @property {number} spans
 * @property {Array<{n: number, first: number, total: number}>} marks
 */

/** What goes on at a generation's beginning. @typedef {{until: number, goid: number, state: number, index: number,
 *   fn: number}} Carried */

/**
 * A generation that was taken in. Its events are after t0, the last one at t1. lanes: of the summary's keys, which of
 * the whole's and what its spans' numbers count from. carry: what the one before hands on; null: the first's, or given
 * up (then the nearest before it that has one is where decoding begins).
 * @typedef {object} Generation
 * @property {number} n         from 0 on
 * @property {number} start     bytes
 * @property {number} end
 * @property {number} t0
 * @property {number} t1
 * @property {Summary} summary
 * @property {Map<number, {place: number, base: number}>} lanes by index
 * @property {Map<number, Carried>} carried by index
 * @property {Uint8Array | null} carry
 */

/** @param {number} index @param {Pick<LaneEnd, 'kind' | 'id'>} end @returns {WholeLane} */
export function newLane(index, { kind, id }) {
  return { index, kind, id, name: kind === 'stw' ? 'STW' : `P ${id}`, spans: 0, marks: [] };
}

/** As they are told: by their Ps' ids, stops of the world last. @param {WholeLane[]} lanes
 * @returns {import('./types.mjs').Lane[]} */
export function inOrder(lanes) {
  return [...lanes]
    .sort((a, b) => (a.kind === b.kind ? a.id - b.id : a.kind === 'stw' ? 1 : -1))
    .map(({ index, kind, id, name, spans }) => ({ index, kind, id, key: `${kind}:${id}`, name, spans }));
}

export class Joined {
  /** @param {WebAssembly.Module} module @param {{summaryBytes?: number}} [most] */
  constructor(module, { summaryBytes = SUMMARY_BYTES } = {}) {
    this.module = module;
    this.summaryBytes = summaryBytes;
    /** Stands at the end of the last generation. @type {TraceStore} */
    this.store = new TraceStore(module);
    /** @type {Generation[]} */
    this.generations = [];
    /** @type {WholeLane[]} by index */
    this.lanes = [];
    /** @type {Map<string, WholeLane>} by kind and id */
    this.byKey = new Map();
    /** @type {string[]} what fn is a number of */
    this.strings = [''];
    /** @type {Map<string, number>} */
    this.stringIds = new Map([['', 0]]);
    /** @type {LaneEnd[]} */
    this.ends = [];
    /** @type {any} as TraceStore.info() */
    this.info = { version: '', events: 0, generations: 0, t0: 0, t1: 0, baseNs: '0', goroutines: 0, lanesDenied: 0 };
    this.unitNs = 0;
    /** First event of the last generation, ns. */
    this.begins = 0;
    this.complete = 0;
    this.summarySize = 0;
    /** So many generations have no summary any more, the oldest. */
    this.forgotten = 0;
    this.carrySize = 0;
    /** Of so many generations one keeps its carry. */
    this.carryEvery = 1;
  }

  get count() { return this.generations.length; }
  get t1() { return this.info.t1; }

  /** How the next generation is to be read by who waits for it. @returns {import('./decoder.mjs').Past} */
  past() {
    if (!this.count) return { how: 'first' };
    return { how: 'exact', carry: this.store.carry(), from: this.t1 };
  }

  /**
   * Takes the next generation in. False: it was read as a part, and what it believed is not so.
   * @param {{start: number, end: number}} place @param {Found} found @param {Uint8Array | null} carry what it was
   *   read with, if it was
   * @returns {boolean}
   */
  accept(place, found, carry) {
    const t0 = this.count ? this.t1 : 0;
    if (found.part) {
      const handed = this.count % this.carryEvery === 0 ? this.store.carry() : null;
      this.#nameGoroutines(found);
      if (!this.store.join(found.part)) return false;
      carry = handed;
      const { events, generations, t1, goroutines, lanesDenied } = this.store.info();
      Object.assign(this.info, { events, generations, t1, goroutines, lanesDenied });
      this.complete = place.end;
    } else {
      if (found.carry) this.#stand(found.carry);
      const { lanes: _, ...info } = found.info;
      this.info = info;
      this.complete = found.complete;
      if (this.count % this.carryEvery) carry = null;
    }
    const shift = found.part ? Number(BigInt(found.info.baseNs) - BigInt(this.info.baseNs)) : 0;
    this.begins = found.begins + shift;
    if (found.unitNs) this.unitNs = found.unitNs;
    const ends = found.carry || found.part ? this.store.ends() : found.ends;
    if (found.summary) this.#add(place, found, { t0, carry, ends });
    this.ends = ends;
    return true;
  }

  /** @param {Uint8Array} carry */
  #stand(carry) {
    this.store.close();
    this.store = new TraceStore(this.store.wasm);
    this.store.load(carry);
  }

  /** A part does not know who was there before it. @param {Found} found before it is joined */
  #nameGoroutines({ summary, strings }) {
    if (!summary) return;
    const unknown = strings.indexOf('');
    if (unknown < 0) return;
    /** @type {Map<string, number>} */
    const places = new Map(strings.map((s, i) => [s, i]));
    const fns = new Map();
    for (let i = 0; i < summary.fn.length; i++) {
      if (summary.fn[i] !== unknown) continue;
      const goid = summary.goid[i];
      let place = fns.get(goid);
      if (place === undefined) {
        const fn = this.store.fnOf(goid);
        place = places.get(fn) ?? strings.push(fn) - 1;
        places.set(fn, place);
        fns.set(goid, place);
      }
      summary.fn[i] = place;
    }
  }

  /** @param {string} text */
  intern(text) {
    let id = this.stringIds.get(text);
    if (id === undefined) {
      id = this.strings.push(text) - 1;
      this.stringIds.set(text, id);
    }
    return id;
  }

  /**
   * @param {{start: number, end: number}} place @param {Found} found
   * @param {{t0: number, carry: Uint8Array | null, ends: LaneEnd[]}} at
   */
  #add(place, found, { t0, carry, ends }) {
    const summary = this.#placed(/** @type {Summary} */ (found.summary), found);
    const before = new Map(this.ends.map((e) => [`${e.kind}:${e.id}`, e]));
    const n = this.count;
    const t1 = this.t1;
    for (const end of ends) {
      const lane = this.#lane(end);
      const was = before.get(`${end.kind}:${end.id}`);
      const first = was ? was.before + was.spans - (was.open ? 1 : 0) : 0;
      const total = end.before + end.spans;
      if (total > first) lane.marks.push({ n, first, total });
      lane.spans = total;
    }
    /** @type {Generation['lanes']} */
    const lanes = new Map();
    summary.keys.forEach((key, i) => {
      const lane = this.byKey.get(key);
      if (!lane) return;
      const was = before.get(key);
      const told = found.ends[i];
      const base = !found.part ? told.before : (was ? was.before + was.spans : 0) - (told.continues ? 1 : 0);
      lanes.set(lane.index, { place: i, base });
    });
    const carried = found.part ? this.#carried(summary, found, { t0, t1, lanes }) : new Map();
    this.generations.push({ n, ...place, t0, t1, summary, lanes, carried, carry });
    this.carrySize += carry?.length ?? 0;
    this.summarySize += sizeOf(summary);
    this.#shrink();
  }

  /** Times and names as the whole has them. @param {Summary} summary @param {Found} found */
  #placed(summary, found) {
    const ids = found.strings.map((s) => this.intern(s));
    if (summary.fn.BYTES_PER_ELEMENT === 2 && this.strings.length > 0xffff) summary.fn = new Uint32Array(summary.fn);
    for (let i = 0; i < summary.fn.length; i++) summary.fn[i] = ids[summary.fn[i]];
    if (found.part) {
      const shift = Number(BigInt(found.info.baseNs) - BigInt(this.info.baseNs));
      summary.t0 += shift;
      summary.t1 += shift;
    }
    return summary;
  }

  /**
   * Spans that were open before, in a part, which does not know them, up to its own first.
   * @param {Summary} summary @param {Found} found
   * @param {{t0: number, t1: number, lanes: Generation['lanes']}} at
   * @returns {Map<number, Carried>}
   */
  #carried(summary, found, { t0, t1, lanes }) {
    const carried = new Map();
    const shift = Number(BigInt(found.info.baseNs) - BigInt(this.info.baseNs));
    for (const was of this.ends) {
      const lane = this.byKey.get(`${was.kind}:${was.id}`);
      if (!was.open || !lane) continue;
      const here = lanes.get(lane.index);
      const told = here && found.ends[here.place];
      let until = t1;
      if (here && summary.first[here.place] < summary.first[here.place + 1]) {
        const unit = (summary.t1 - summary.t0) / 65535;
        until = summary.t0 + summary.start[summary.first[here.place]] * unit;
      }
      if (told && !told.continues && told.pastEnd) until = told.pastEnd + shift;
      const { goid, state, fn } = was.open;
      if (until > t0) {
        carried.set(lane.index, { until, goid, state, index: was.before + was.spans - 1, fn: this.intern(fn) });
      }
    }
    return carried;
  }

  /** @param {LaneEnd} end @returns {WholeLane} */
  #lane({ kind, id }) {
    const key = `${kind}:${id}`;
    let lane = this.byKey.get(key);
    if (!lane) {
      lane = newLane(this.lanes.length, { kind, id });
      this.lanes.push(lane);
      this.byKey.set(key, lane);
    }
    return lane;
  }

  /** What comes before is not known any more, ns. */
  get knownFrom() {
    return this.forgotten ? this.generations[this.forgotten].t0 : 0;
  }

  /** Gives up the oldest summary. What is left of the generation is small: a live trace of a day has very many. */
  #forget() {
    const g = this.generations[this.forgotten++];
    this.summarySize -= sizeOf(g.summary);
    Object.assign(g, { summary: NOTHING, lanes: NONE, carried: NONE });
    for (const { marks } of this.lanes) while (marks.length && marks[0].n < this.forgotten) marks.shift();
  }

  /**
   * Keeps to the bounds: coarser summaries, the longest first, then none of the oldest, but always the newest; a carry
   * for fewer generations.
   */
  #shrink() {
    while (this.summarySize > this.summaryBytes) {
      let most = 0;
      for (let n = this.forgotten; n < this.count; n++) most = Math.max(most, this.generations[n].summary.buckets);
      // Where most of it is what generations take anyway, coarser summaries free next to nothing.
      const columns = this.summarySize - (this.count - this.forgotten) * BESIDE;
      if (most <= FEWEST_BUCKETS || columns < this.summaryBytes / 4) {
        while (this.summarySize > this.summaryBytes && this.forgotten < this.count - 1) this.#forget();
        break;
      }
      for (let n = this.forgotten; n < this.count; n++) {
        const g = this.generations[n];
        if (g.summary.buckets < most || this.summarySize <= this.summaryBytes * 0.9) continue;
        this.summarySize -= sizeOf(g.summary);
        g.summary = coarser(g.summary);
        this.summarySize += sizeOf(g.summary);
      }
    }
    while (this.carrySize > CARRY_BYTES && this.carryEvery < this.count) {
      this.carryEvery *= 2;
      for (const g of this.generations) {
        if (g.n % this.carryEvery === 0 || !g.carry) continue;
        this.carrySize -= g.carry.length;
        g.carry = null;
      }
    }
  }

  laneList() {
    return inOrder(this.lanes);
  }

  /** The last generation that has this span. @param {number} lane @param {number} index */
  holder(lane, index) {
    const marks = this.lanes[lane]?.marks ?? [];
    let a = 0, b = marks.length;
    while (a < b) {
      const mid = (a + b) >> 1;
      if (marks[mid].first <= index) a = mid + 1;
      else b = mid;
    }
    const mark = marks[a - 1];
    return mark && index >= 0 && index < mark.total ? mark : null;
  }

  /** Generations before this one will not be decoded again: nobody needs what they were read with. @param {number} n */
  released(n) {
    for (; this.#released < n; this.#released++) {
      const g = this.generations[this.#released];
      this.carrySize -= g.carry?.length ?? 0;
      g.carry = null;
    }
  }

  #released = 0;

  /**
   * Number of the first span of a lane that generation n, decoded, has; -1: it has been forgotten.
   * @param {WholeLane} lane @param {number} n
   */
  firstSpan(lane, n) {
    return n < this.forgotten ? -1 : this.#mark(lane, n)?.first ?? 0;
  }

  /** What a lane has in generation n. @param {WholeLane} lane @param {number} n */
  #mark({ marks }, n) {
    let a = 0, b = marks.length;
    while (a < b) {
      const mid = (a + b) >> 1;
      if (marks[mid].n < n) a = mid + 1;
      else b = mid;
    }
    return marks[a]?.n === n ? marks[a] : null;
  }

  /** How many spans of a lane generation n has, those over its borders too. @param {number} lane @param {number} n */
  spansIn(lane, n) {
    const mark = this.#mark(this.lanes[lane], n);
    return mark ? mark.total - mark.first : 0;
  }

  /** Place of the first generation that ends after t. @param {number} t */
  at(t) {
    let a = 0, b = this.count;
    while (a < b) {
      const mid = (a + b) >> 1;
      if (this.generations[mid].t1 > t) b = mid;
      else a = mid + 1;
    }
    return a;
  }

  close() {
    this.store.close();
  }
}
