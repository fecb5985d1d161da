/**
 * All lanes of a trace as they become known: Ps from what is told anyway, the others asked for when there are more.
 */
import { curveLanes } from '../trace/client.mjs';

/** While a trace grows, new lanes are asked for this often at most. */
const EVERY_MS = 250;

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
    this.closed = false;
    this.whole = false;
    /** Of the second reading: in another one lanes have other numbers. */
    this.life = 0;
    this.askedAt = -Infinity;
    /** @type {Map<string, Lane> | null} */
    this.keys = null;
    /** @type {Lane[] | null} */
    this.list = null;
  }

  close() {
    this.closed = true;
  }

  /** @param {TraceInfo} info */
  update(info) {
    this.info = info;
    const told = `${info.lanes.length} ${info.curves ?? 0} ${info.gaps?.length ?? 0}`;
    if (told !== this.told) {
      this.told = told;
      this.changed();
    }
    if (this.life !== (info.lanesLife ?? 0)) {
      this.life = info.lanesLife ?? 0;
      this.more = [];
      this.whole = false;
      this.changed();
    }
    if (!info.moreLanes || this.busy || this.closed) return;
    const done = info.state === 'done' && info.lanesDone !== false;
    // Names and ends of goroutines become known late: at the end all are asked for once more.
    if (done ? this.whole : info.moreLanes === this.more.length || performance.now() - this.askedAt < EVERY_MS) return;
    this.askedAt = performance.now();
    this.ask(done ? 0 : this.more.length, done);
  }

  /** @param {number} from @param {boolean} whole */
  ask(from, whole) {
    this.busy = true;
    const { life } = this;
    this.reader.lanes(from).then((answer) => {
      this.busy = false;
      if (this.closed) return;
      if (life !== this.life) { // of the first reading: nothing was asked of the second one meanwhile
        this.askedAt = -Infinity;
        if (this.info) this.update(this.info);
        return;
      }
      if (!answer) return;
      this.more.length = from;
      for (const lane of answer.lanes) this.more.push(lane);
      this.denied = answer.denied;
      this.whole = whole;
      this.changed();
      if (this.info) this.update(this.info);
    }, (error) => {
      this.busy = false;
      if (!this.closed) this.onError(error);
    });
  }

  changed() {
    this.version++;
    this.list = null;
    this.keys = null;
    this.onChange();
  }

  /** Every lane. @returns {Lane[]} */
  get all() {
    const { info } = this;
    if (!info) return [];
    this.list ??= [
      ...(info.gaps?.length ? [gapLane()] : []),
      ...curveLanes(info.curves ?? 0), ...info.lanes, ...this.more,
    ];
    return this.list;
  }

  /** @param {string} key @returns {Lane | undefined} */
  byKey(key) {
    this.keys ??= new Map(this.all.map((lane) => [lane.key, lane]));
    return this.keys.get(key);
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
