// details.mjs: answers questions about a joined trace: from summaries where those are fine enough, else from
// generations decoded again, of which the last ones looked at are kept.
import { show } from './summary.mjs';
import { LaneItems } from './tiles.mjs';
import { NOT_TOLD } from './types.mjs';

/** @typedef {import('./types.mjs').Query} Query */
/** @typedef {import('./types.mjs').Tiles} Tiles */
/** @typedef {import('./types.mjs').LaneTiles} LaneTiles */
/** @typedef {import('./joined.mjs').Joined} Joined */
/** @typedef {import('./joined.mjs').Generation} Generation */
/** @typedef {import('./pool.mjs').Pool} Pool */
/** @typedef {import('./pool.mjs').Reader} Reader */

/**
 * A window over so few bytes, in so few generations, is shown exactly at any zoom: decoding takes some 40 ms. Where
 * each picture asked all of 873 small ones, a query beside it took 10.8 s in place of 4.8 (Chromium, two runs each).
 */
const SMALL_WINDOW = 2 << 20;
const FEW_GENERATIONS = 64;
/** An answer waits so long for details; then it shows summaries, and says so. */
const PATIENCE_MS = 60;
/** Memory of decoded generations that is kept, unless someone says otherwise. */
const KEEP_BYTES = 64 << 20;

/** Memory that a byte of a trace takes decoded, until one was measured. */
const GUESSED_RATIO = 8;

/** There is at least room for what a small window shows, whatever is to be kept: else it would not be exact. */
export const LEAST_KEEP = SMALL_WINDOW * GUESSED_RATIO;

/** @typedef {{reader: Reader, memory: number}} Decoded */
/**
 * was, ended: why, as strings of the whole trace.
 * @typedef {LaneTiles & {was?: Uint32Array, ended?: Uint32Array}} Named
 */

/**
 * Generations follow each other: of thousands that are alike there is one stretch.
 * @typedef {{t0: number, t1: number, gone: boolean}} Stretch
 * @param {Stretch[]} stretches @param {Stretch} one
 */
function addStretch(stretches, one) {
  const last = stretches.at(-1);
  if (last?.t1 === one.t0 && last.gone === one.gone) last.t1 = one.t1;
  else stretches.push(one);
}

export class Details {
  /**
   * @param {object} how
   * @param {Joined} how.joined
   * @param {Pool} how.pool
   * @param {() => Uint8Array} how.header
   * @param {(g: {n: number, start: number, end: number}) => Promise<Uint8Array[] | null>} how.bytesOf null: given up
   * @param {(n: number) => boolean} how.gone the bytes of that generation were given up
   * @param {() => boolean} how.fresh what bytesOf gives is nobody else's
   * @param {() => boolean} how.done reading is over: what begins behind the last generation is its end
   * @param {() => void} how.onDecoded a generation that an answer had only a summary of
   * @param {number} [how.keep] bytes
   */
  constructor({ joined, pool, header, bytesOf, gone, fresh, done, onDecoded, keep = KEEP_BYTES }) {
    this.joined = joined;
    this.pool = pool;
    this.header = header;
    this.bytesOf = bytesOf;
    this.gone = gone;
    this.fresh = fresh;
    this.done = done;
    this.onDecoded = onDecoded;
    this.keep = keep;
    /** By generation, the one looked at longest ago first. @type {Map<number, Decoded>} */
    this.decoded = new Map();
    this.memory = 0;
    /** @type {Map<number, Promise<Decoded | null>>} */
    this.coming = new Map();
    /** @type {Set<number>} generations some answer shows coarsely */
    this.owed = new Set();
    /** Questions under way that want a generation. @type {Map<number, number>} */
    this.pins = new Map();
    /** Memory of each that was decoded once. @type {Map<number, number>} */
    this.sizes = new Map();
    /** Bytes of traces decoded so far, and the memory they took. */
    this.known = { bytes: 0, memory: 0 };
  }

  /** Room for one more that the first reading would leave behind. */
  get hasRoom() { return this.memory < this.keep; }

  /** @param {number} n @param {Decoded} decoded */
  add(n, decoded) {
    this.decoded.set(n, decoded);
    this.memory += decoded.memory;
    this.sizes.set(n, decoded.memory);
    this.#shrink(n);
  }

  /** Drops what was looked at longest ago and no question wants. @param {number} newest stays */
  #shrink(newest) {
    for (const [old, { memory, reader }] of this.decoded) {
      if (this.memory <= this.keep) break;
      if (old === newest || this.pins.has(old)) continue;
      this.decoded.delete(old);
      this.memory -= memory;
      reader.send({ type: 'drop', key: old });
    }
  }

  /** A reader is gone, and what it had decoded. @param {Reader} reader */
  lose(reader) {
    for (const [n, decoded] of this.decoded) {
      if (decoded.reader !== reader) continue;
      this.decoded.delete(n);
      this.memory -= decoded.memory;
    }
  }

  /** @param {Iterable<Generation>} generations */
  #pin(generations) {
    for (const { n } of generations) this.pins.set(n, (this.pins.get(n) ?? 0) + 1);
  }

  /** @param {Iterable<Generation>} generations */
  #unpin(generations) {
    for (const { n } of generations) {
      const others = (this.pins.get(n) ?? 1) - 1;
      if (others) this.pins.set(n, others);
      else this.pins.delete(n);
    }
    this.#shrink([...this.decoded.keys()].pop() ?? -1);
  }

  /**
   * Those that have room together, first what is there: more would push each other out.
   * @param {Generation[]} wanted
   */
  #fitting(wanted) {
    const ratio = this.known.bytes ? this.known.memory / this.known.bytes : GUESSED_RATIO;
    const had = wanted.filter((g) => !this.#isGone(g.n));
    const there = had.filter((g) => this.decoded.has(g.n));
    const others = had.filter((g) => !this.decoded.has(g.n));
    let memory = 0;
    return [...there, ...others].filter((g, i) => {
      const size = this.sizes.get(g.n) ?? (g.end - g.start) * ratio;
      if (i > 0 && memory + size > this.keep) return false;
      memory += size;
      return true;
    });
  }

  /** @param {number} n @returns {Decoded | undefined} */
  #have(n) {
    const have = this.decoded.get(n);
    if (have) { // looked at last
      this.decoded.delete(n);
      this.decoded.set(n, have);
    }
    return have;
  }

  /** Its details, decoded again if need be; null: its bytes were given up. @param {Generation} g */
  async need(g) {
    const have = this.#have(g.n);
    if (have) return have;
    let coming = this.coming.get(g.n);
    if (!coming) {
      coming = this.#decode(g).finally(() => this.coming.delete(g.n));
      this.coming.set(g.n, coming);
    }
    return coming;
  }

  /** The nearest before it, or itself, that knows its past: to decode it begins there. @param {number} n */
  #beginOf(n) {
    while (n > 0 && !this.joined.generations[n].carry) n--;
    return n;
  }

  /** Its details cannot be had any more. @param {number} n */
  #isGone(n) {
    return this.gone(n) || this.gone(this.#beginOf(n)); // of those that are gone none knows its past: not looked for
  }

  /** @param {Generation} g @returns {Promise<Decoded | null>} */
  async #decode(g) {
    const first = this.#beginOf(g.n);
    let { carry } = this.joined.generations[first];
    for (let n = first; ; n++) {
      const at = this.joined.generations[n];
      const chunks = await this.bytesOf(at);
      if (!chunks) {
        this.owed.delete(g.n);
        return null;
      }
      const reader = this.pool.leastBusy();
      const last = n === g.n;
      const found = await this.pool.read(reader, {
        header: this.header(), skip: at.start - this.header().length, chunks, give: this.fresh(),
        go: {
          past: carry ? { how: 'exact', carry, from: at.t0 } : { how: 'first' }, summary: 0, keep: last ? n : null,
          end: this.done() && n === this.joined.count - 1,
        },
      }).catch((error) => {
        if (!reader.gone) throw error;
        return null;
      });
      if (!found) { // another reads it
        n--;
        continue;
      }
      carry = found.carry;
      if (!last && carry) continue;
      const decoded = { reader, memory: found.memory };
      this.known.bytes += at.end - at.start;
      this.known.memory += found.memory;
      this.add(n, decoded);
      if (this.owed.delete(g.n)) this.onDecoded();
      return decoded;
    }
  }

  /**
   * Asks the reader that has it; once more if that gave it up, or is gone, meanwhile.
   * @param {Generation} g @param {(id: number) => import('./decoder.mjs').Order} make @returns {Promise<any>}
   */
  async #ask(g, make) {
    for (;;) {
      const decoded = await this.need(g);
      if (!decoded) return null;
      const answer = await this.pool.ask(decoded.reader, make).catch((error) => {
        if (!decoded.reader.gone) throw error;
        return null;
      });
      if (answer || this.decoded.get(g.n) === decoded) return answer;
    }
  }

  /** Whether the window wants more than the summary. @param {Generation} g @param {number} width of a bucket */
  #wants(g, width) {
    return width < (g.t1 - g.t0) / g.summary.buckets;
  }

  /**
   * It has about so many spans as can be told one by one: more are not worth decoding it.
   * @param {Generation} g @param {number[]} lanes @param {{t0: number, t1: number, px: number}} window
   */
  #hasFew(g, lanes, { t0, t1, px }) {
    const part = Math.min(t1, g.t1) - Math.max(t0, g.t0);
    const inPart = part / Math.max(1, g.t1 - g.t0), most = Math.max(1, (px * part) / (t1 - t0));
    return lanes.reduce((n, lane) => n + this.joined.spansIn(lane, g.n), 0) * inPart <= 2 * most * lanes.length;
  }

  /** @param {Query} query @returns {Promise<Tiles>} */
  async query({ t0, t1, px, lanes, summary = false, patient = false, each = false }) {
    const { joined } = this;
    px = Math.max(1, Math.floor(px));
    const width = (t1 - t0) / px;
    /** @type {Generation[]} */
    const shown = [];
    for (let i = joined.at(t0); i < joined.count && (joined.generations[i].t0 < t1 || i === 0); i++) {
      shown.push(joined.generations[i]);
    }
    const own = lanes.filter((lane) => joined.lanes[lane]);
    const bytes = shown.reduce((n, g) => n + g.end - g.start, 0);
    const small = bytes <= SMALL_WINDOW && shown.length <= FEW_GENERATIONS;
    const wanted = summary || !own.length ? []
      : shown.filter((g) => small || this.#wants(g, width) || (each && this.#hasFew(g, own, { t0, t1, px })));
    const exact = await this.#exact(wanted, { t0, t1, px, lanes: own, patient, each });
    const wants = new Set(wanted);
    /** @type {Array<{t0: number, t1: number}>} */
    const coarse = [];
    /** @type {Array<{t0: number, t1: number, gone: boolean}>} */
    const rough = [];
    const items = new Map(own.map((lane) => [lane, new LaneItems(t0, width, each)]));
    for (const g of shown) {
      const fine = exact.get(g.n);
      if (!fine && wants.has(g)) coarse.push({ t0: g.t0, t1: g.t1 });
      if (!fine) addStretch(rough, { t0: g.t0, t1: g.t1, gone: this.#isGone(g.n) });
      for (const [lane, out] of items) {
        if (fine) this.#addExact(g, fine, lane, out);
        else this.#addSummary(g, lane, { t0, t1 }, out);
      }
    }
    if (patient) await Promise.all([...items].map(([lane, out]) => this.#extend(lane, out, shown.at(-1)?.n ?? 0)));
    const answer = own.map((lane) => {
      const of = /** @type {LaneItems} */ (items.get(lane)), tiles = of.done(lane);
      return { ...tiles, rough, ...(of.why ? { reason: this.#reasons(of.why, tiles.n) } : {}) };
    });
    /** @type {Record<number, string>} */
    const strings = {};
    for (const { fn, reason } of answer) {
      for (const id of new Set(fn)) strings[id] = joined.strings[id];
      for (const id of new Set(reason)) if (id !== NOT_TOLD) strings[id] = joined.strings[id];
    }
    return { t0, t1, px, lanes: answer, strings, coarse };
  }

  /**
   * Exact items of the generations that have, or soon have, details.
   * @param {Generation[]} wanted @param {Query} query @returns {Promise<Map<number, Map<string, Named>>>}
   */
  async #exact(wanted, { t0, t1, px, lanes, patient, each = false }) {
    /** @type {Map<number, Map<string, Named>>} */
    const exact = new Map();
    const width = (t1 - t0) / px;
    const keys = lanes.map((i) => this.joined.lanes[i]).map((l) => `${l.kind}:${l.id}`);
    const ask = async (/** @type {Generation} */ g) => {
      // On the grid of the whole window.
      const from = Math.max(0, Math.floor((g.t0 - t0) / width));
      const to = Math.max(from + 1, Math.min(px, Math.ceil((g.t1 - t0) / width)));
      const query = {
        t0: t0 + from * width, t1: to === px ? t1 : t0 + to * width, px: to - from, lanes: keys, each,
      };
      const tiles = await this.#ask(g, (id) => ({ type: 'query', id, key: g.n, query }));
      if (tiles) exact.set(g.n, this.#named(tiles));
    };
    if (each) {
      await this.#oneByOne(wanted, ask);
      return exact;
    }
    const fitting = this.#fitting(wanted);
    this.#pin(fitting);
    /** @type {Array<Promise<void>>} answers under way: these are waited for */
    const answers = [];
    let late = false;
    const coming = fitting.map(async (g) => {
      if (await this.need(g) && !late) answers.push(ask(g));
    });
    void Promise.allSettled(coming).then(() => Promise.allSettled(answers)).then(() => this.#unpin(fitting));
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const patience = new Promise((resolve) => { timer = setTimeout(resolve, PATIENCE_MS); });
    await Promise.race([...(patient ? [] : [patience]), Promise.all(coming)]);
    clearTimeout(timer);
    late = true;
    for (const g of fitting) if (this.coming.has(g.n)) this.owed.add(g.n);
    await Promise.all(answers);
    return exact;
  }

  /**
   * As many at once as there are readers: so there need not be room for all of them.
   * @param {Generation[]} wanted @param {(g: Generation) => Promise<void>} ask
   */
  async #oneByOne(wanted, ask) {
    const rest = wanted.filter((g) => !this.#isGone(g.n)).values();
    const take = async () => {
      for (const g of rest) {
        this.#pin([g]);
        await ask(g).finally(() => this.#unpin([g]));
      }
    };
    await Promise.all(this.pool.readers.map(take));
  }

  /**
   * One text for both, as those that ask want it.
   * @param {{was: Uint32Array, ended: Uint32Array}} why @param {number} n
   */
  #reasons({ was, ended }, n) {
    const { strings } = this.joined, known = new Map(), reasons = new Uint32Array(n);
    for (let i = 0; i < n; i++) {
      const key = was[i] * 2 ** 26 + ended[i];
      let id = was[i] === NOT_TOLD || ended[i] === NOT_TOLD ? NOT_TOLD : known.get(key);
      if (id === undefined)
        known.set(key, id = this.joined.intern([strings[was[i]], strings[ended[i]]].filter(Boolean).join(' | ')));
      reasons[i] = id;
    }
    return reasons;
  }

  /** By lane, with the names of the whole trace. @param {any} tiles @returns {Map<string, Named>} */
  #named(tiles) {
    /** @type {Map<number, number>} */
    const names = new Map();
    const name = (/** @type {number} */ local) => {
      let id = names.get(local);
      if (id === undefined) names.set(local, id = this.joined.intern(tiles.strings[local]));
      return id;
    };
    for (const lane of tiles.lanes) {
      for (let i = 0; i < lane.fn.length; i++) lane.fn[i] = name(lane.fn[i]);
      if (!lane.why) continue;
      lane.was = new Uint32Array(lane.n);
      lane.ended = new Uint32Array(lane.n);
      for (let i = 0; i < lane.n; i++) {
        lane.was[i] = name(lane.why[i] >>> 16);
        lane.ended[i] = name(lane.why[i] & 0xffff);
      }
    }
    return new Map(tiles.lanes.map((/** @type {any} */ lane) => [lane.key, lane]));
  }

  /** @param {Generation} g @param {Map<string, Named>} fine @param {number} lane @param {LaneItems} out */
  #addExact(g, fine, lane, out) {
    const whole = this.joined.lanes[lane];
    const tiles = whole && fine.get(`${whole.kind}:${whole.id}`);
    if (!tiles) return;
    const base = this.joined.firstSpan(whole, g.n);
    out.flush(); // an exact bucket that it shares is joined to it
    if (tiles.n && base >= 0 && tiles.index[0] >= 0) out.giveWay(tiles.start[0], tiles.index[0] + base);
    for (let i = 0; i < tiles.n; i++) {
      const index = tiles.index[i] < 0 || base < 0 ? -1 : tiles.index[i] + base;
      const isSpan = index >= 0;
      // One that goes on in a generation behind is told to the end there, if each span is told there, too.
      const goesOn = out.why && isSpan && i === tiles.n - 1 && (this.joined.holder(lane, index)?.n ?? 0) > g.n;
      out.add(tiles.start[i], tiles.end[i], tiles.goid[i], tiles.state[i], index, tiles.busy[i], tiles.fn[i],
        isSpan ? tiles.was?.[i] : undefined, isSpan && !goesOn ? tiles.ended?.[i] : undefined);
    }
  }

  /** The last span goes on in a generation that is not shown: its end is there. @param {number} lane
   * @param {LaneItems} out @param {number} n the last that is shown */
  async #extend(lane, out, n) {
    out.flush();
    const i = out.n - 1, index = i >= 0 ? out.index[i] : -1;
    if (index < 0 || (this.joined.holder(lane, index)?.n ?? 0) <= n) return;
    const span = await this.detail(lane, index);
    if (!span) return;
    out.end[i] = span.end;
    if (out.why) out.why.ended[i] = this.joined.intern(span.endReason);
  }

  /** @param {Generation} g @param {number} lane @param {{t0: number, t1: number}} window @param {LaneItems} out */
  #addSummary(g, lane, { t0, t1 }, out) {
    const carried = g.carried.get(lane);
    if (carried && carried.until > t0 && g.t0 < t1) {
      out.sum(g.t0, carried.until, carried.goid, carried.state, carried.index, 1, carried.fn);
    }
    const here = g.lanes.get(lane);
    if (here) show(g.summary, here.place, { t0, t1, base: here.base, least: g.t0 }, out);
  }

  /** @param {number} lane @param {number} index @returns {Promise<import('./types.mjs').SpanDetail | null>} */
  async detail(lane, index) {
    const whole = this.joined.lanes[lane];
    const mark = whole && this.joined.holder(lane, index);
    if (!mark) return null;
    const key = `${whole.kind}:${whole.id}`;
    const detail = await this.#ask(this.joined.generations[mark.n], (id) =>
      ({ type: 'detail', id, key: mark.n, lane: key, index: index - mark.first }));
    return detail && { ...detail, lane, index, end: detail.open ? this.joined.t1 : detail.end };
  }
}
