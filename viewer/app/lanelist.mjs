/**
 * All lanes of a trace as they become known: Ps from what is told anyway, the others asked for when there are more.
 */
import { curveLanes } from '../trace/client.mjs';

/** While a trace grows, new lanes are asked for this often at most. */
const EVERY_MS = 250;
/** Of very many they are shown less often: some tens of ms in so many. */
const LANES_PER_MS = 200;

/** @typedef {import('../trace/types.mjs').Lane} Lane */
/** @typedef {import('../trace/types.mjs').TraceInfo} TraceInfo */
/** @typedef {{lanes(from: number): Promise<{total: number, denied: number, lanes: Lane[]} | null>}} Reader */

export class LaneList {
  /** @param {Reader} reader @param {() => void} onChange @param {(error: unknown) => void} onError */
  constructor(reader, onChange, onError) {
    this.reader = reader;
    this.onChange = onChange;
    this.onError = onError;
    /** @type {TraceInfo | null} */
    this.info = null;
    /** @type {Lane[]} beside those of Ps */
    this.more = [];
    /** Lanes the reader had no room for. */
    this.denied = 0;
    /** Counts changes: who keeps something made of the lanes compares it. */
    this.version = 0;
    this.told = '';
    this.busy = false;
    /** Timer of an update. */
    this.later = 0;
    this.closed = false;
    this.whole = false;
    /** Of the second reading: in another one lanes have other numbers. */
    this.life = 0;
    this.askedAt = -Infinity;
    /** Places in `more`. @type {Map<string, number>} */
    this.keys = new Map();
    /** @type {Lane[] | null} */
    this.list = null;
    /** @type {Map<string, Lane> | null} all but `more`, by key */
    this.others = null;
    /** The reader could not tell. */
    this.failed = false;
    /** Those that wait for a change. @type {Array<() => void>} */
    this.waiting = [];
  }

  close() {
    this.closed = true;
    clearTimeout(this.later);
    this.#wake();
  }

  #wake() {
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** More lanes are being read, or are there and not known yet. */
  get coming() {
    const { info } = this;
    return info?.lanesDone === false || (info?.moreLanes ?? 0) > this.more.length;
  }

  /** The lane of that key, waited for if all has been read and it may come yet; null: there is none.
   * @param {string} key */
  async find(key) {
    while (!this.byKey(key) && this.info?.state === 'done' && this.coming && !this.closed && !this.failed)
      await new Promise((next) => { this.waiting.push(() => next(undefined)); });
    return this.byKey(key) ?? null;
  }

  /** @param {TraceInfo} info */
  update(info) {
    this.info = info;
    if (!this.coming) this.#wake();
    const told = `${info.lanes.length} ${info.curves ?? 0} ${info.gaps?.length ?? 0}`;
    if (told !== this.told) {
      this.told = told;
      this.changed();
    }
    if (this.life !== (info.lanesLife ?? 0)) {
      this.life = info.lanesLife ?? 0;
      this.more = [];
      this.keys.clear();
      this.whole = false;
      this.changed();
    }
    if (!info.moreLanes || this.busy || this.closed) return;
    const done = info.state === 'done' && info.lanesDone !== false;
    // Names and ends of goroutines become known late: at the end all are asked for once more.
    if (done ? this.whole : info.moreLanes === this.more.length) return;
    if (!done && !this.isTime) { // a program that rests tells nothing that would come to this again
      this.later ||= window.setTimeout(() => {
        this.later = 0;
        if (this.info) this.update(this.info);
      }, EVERY_MS);
      return;
    }
    this.busy = true;
    void this.ask(done ? 0 : this.more.length, done);
  }

  /** For more lanes to show. The more there are, the longer it takes to put them in rows. */
  get isTime() {
    return performance.now() - this.askedAt >= Math.max(EVERY_MS, this.more.length / LANES_PER_MS);
  }

  /** From one lane on all there are, an answer after the other. @param {number} from @param {boolean} whole */
  async ask(from, whole) {
    const { life } = this;
    this.askedAt = performance.now();
    try {
      for (let at = from, total = Infinity; at < total && life === this.life;) {
        const answer = await this.reader.lanes(at);
        if (this.closed) return;
        if (!answer) return this.changed(); // nothing is read any more
        if (life !== this.life) break;
        for (const lane of answer.lanes) this.put(at++, lane);
        ({ denied: this.denied } = answer);
        total = answer.lanes.length ? answer.total : at;
        if (at < total && !whole && this.isTime) {
          this.askedAt = performance.now();
          this.changed();
        }
      }
      if (life === this.life) {
        this.whole = whole;
        this.changed();
      } else this.askedAt = -Infinity; // of the second reading nothing was asked meanwhile
    } catch (error) {
      this.failed = true;
      this.#wake();
      if (!this.closed) this.onError(error);
      return;
    } finally {
      this.busy = false;
    }
    if (this.info) this.update(this.info);
  }

  /** @param {number} at @param {Lane} lane */
  put(at, lane) {
    if (at >= this.more.length) this.keys.set(lane.key, at);
    this.more[at] = lane;
  }

  changed() {
    this.version++;
    this.list = this.others = null;
    this.#wake();
    this.onChange();
  }

  /** Every lane. @returns {Lane[]} */
  get all() {
    this.list ??= [...this.few.values()].concat(this.more);
    return this.list;
  }

  /** All but `more`, by key. */
  get few() {
    const { info } = this;
    if (this.others) return this.others;
    const lanes = info ? [...info.gaps?.length ? [gapLane()] : [], ...curveLanes(info.curves ?? 0), ...info.lanes] : [];
    this.others = new Map(lanes.map((lane) => [lane.key, lane]));
    return this.others;
  }

  /** @param {string} key @returns {Lane | undefined} */
  byKey(key) {
    return this.few.get(key) ?? this.more[this.keys.get(key) ?? -1];
  }

  /** @param {number} index @returns {Lane | undefined} */
  byIndex(index) {
    return this.more[index - (this.more[0]?.index ?? 0)] ?? this.all.find((lane) => lane.index === index);
  }
}

/** @returns {Lane} where generations were lost */
function gapLane() {
  return { index: -2, kind: 'gap', id: 0, key: 'gap:0', name: 'lost', spans: 0 };
}
