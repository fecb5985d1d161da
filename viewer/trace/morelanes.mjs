// morelanes.mjs: the session's end of the second reading, which gives lanes of goroutines, threads, GC, tasks, regions,
// and curves. It gets the generations that were joined, one after the other, so it stops at the same place, and its
// times are the same. Its memory is bounded: when that is used up it begins anew with the generation that comes next,
// and so do its lanes (`from`); `life` counts that.
import { Asked } from './asked.mjs';
import { Marker } from './marker.mjs';
import { tellReader } from './store.mjs';

/** @typedef {import('./reading.mjs').Reading} Reading */
/** @typedef {import('./types.mjs').Query} Query */
/** @typedef {import('./types.mjs').Tiles} Tiles */
/** @typedef {import('./marker.mjs').MarkOrder} MarkOrder */
/** @typedef {import('./marker.mjs').Marked} Marked */

/** A trace of so many bytes is read faster in this thread than a worker starts. */
const WORTH_A_WORKER = 1 << 20;

export class MoreLanes {
  /**
   * @param {object} how
   * @param {WebAssembly.Module} how.module
   * @param {string | null} how.reader where that is from
   * @param {Reading} how.reading
   * @param {import('./breather.mjs').Breather} how.breather
   * @param {(() => import('./client.mjs').WorkerLike) | null} how.makeWorker a worker that is a Marker; null: none
   * @param {number} how.budget bytes of memory, of a stream's or ring's lanes
   * @param {boolean} how.last a file's are read when all else was, which they would only slow down
   * @param {() => void} how.onMore more is known, or it is done
   */
  constructor({ module, reader, reading, breather, makeWorker, budget, last, onMore }) {
    this.module = module;
    this.reader = reader;
    this.reading = reading;
    this.breather = breather;
    this.makeWorker = makeWorker;
    this.budget = budget;
    this.last = last;
    this.onMore = onMore;
    this.total = 0;
    this.curves = 0;
    this.from = 0;
    this.t1 = 0;
    this.life = 0;
    this.done = false;
    this.stopped = false;
    this.wake = () => {};
    this.asked = new Asked();
    /** @type {((order: MarkOrder) => void) | null} */
    this.send = null;
    this.isFar = false;
    this.end = () => {};
    /** @type {Error | null} */
    this.error = null;
  }

  stop() {
    this.stopped = true;
    this.end();
    this.asked.end();
    this.wake();
  }

  /** Reads to the end of what is joined. */
  async run() {
    try {
      await this.readAll();
    } catch (error) {
      this.error = error instanceof Error ? error : new Error(String(error));
    }
    this.done = true;
    if (!this.stopped) this.onMore();
    if (this.error && !this.stopped) throw this.error;
  }

  async readAll() {
    const { reading } = this;
    const { joined, kept } = reading;
    let fresh = true;
    for (let n = 0; ; n++) {
      while (n >= joined.count || (this.last && reading.source?.blob && !reading.ended && !reading.done)) {
        if (this.stopped || reading.done || reading.ended) return;
        await new Promise((resolve) => { this.wake = () => resolve(undefined); });
      }
      if (this.stopped) return;
      if (n < kept.first) { // given up before it came to it
        n = kept.first - 1;
        fresh = true;
        continue;
      }
      const g = joined.generations[n];
      const chunks = await reading.bytesOf(g);
      if (this.stopped) return;
      if (!chunks) { // given up meanwhile
        fresh = true;
        continue;
      }
      if (!this.send) this.start();
      const header = reading.cutter.header.slice(0, reading.headerBytes);
      const last = reading.ended && n === joined.count - 1;
      /** @type {Marked | null} */
      const told = await this.ask((id) => ({
        type: 'piece', id, end: last,
        // A part of a chunk is copied out: else all of it would go over.
        chunks: chunks.map((c) => (this.isFar && c.byteLength < c.buffer.byteLength ? c.slice() : c)),
        fresh: fresh ? { header, skip: g.start - header.length, origin: joined.info.baseNs } : null,
      }));
      if (!told) return;
      if (fresh && n > 0) this.life++;
      Object.assign(this, { total: told.total, curves: told.curves, from: this.life ? told.from : 0, t1: told.t1 });
      fresh = told.failed || (!reading.source?.blob && told.memory > this.budget);
      this.onMore();
    }
  }

  start() {
    const { reading } = this;
    const bytes = reading.source?.blob?.size;
    const worker = this.makeWorker && (bytes === undefined || bytes > WORTH_A_WORKER) ? this.makeWorker() : null;
    if (worker) {
      worker.onmessage = ({ data }) => this.#receive(data);
      worker.onerror = (event) => this.#lose(event);
      this.send = (order) => worker.postMessage(order, []);
      this.isFar = true;
      this.end = () => worker.terminate();
    } else {
      const marker = new Marker((report) => queueMicrotask(() => this.#receive(report)), this.breather);
      this.send = (order) => marker.receive(order);
      this.end = () => marker.stop();
    }
    const { module, reader } = this;
    this.send({ type: 'init', ...this.isFar ? tellReader(module, reader) : { module, reader } });
  }

  /** @param {any} event */
  #lose(event) {
    event?.preventDefault?.();
    this.end();
    this.error = new Error(
      `The worker that reads lanes failed: ${event?.message || 'it could not run'}. Open the trace again.`);
    this.asked.lose(this.error);
  }

  /** @param {import('./marker.mjs').MarkReport} report */
  #receive(report) {
    if (report.type === 'answer') this.asked.answer(report.id, report.result);
    else this.asked.fail(report.id, report.error);
  }

  /** @param {(id: number) => Exclude<MarkOrder, {type: 'init'}>} make @returns {Promise<any>} */
  ask(make) {
    const { send } = this;
    if (this.stopped || this.error || !send) return Promise.resolve(null);
    return this.asked.ask((id) => send(make(id)));
  }

  /** Strings are numbered as the joined trace's are. @param {Query} query @returns {Promise<Tiles>} */
  async query(query) {
    /** @type {Tiles} */
    const tiles = await this.ask((id) => ({ type: 'query', id, query })) ?? { ...query, lanes: [], strings: {} };
    const { joined } = this.reading;
    /** @type {Map<number, number>} */
    const ids = new Map(Object.entries(tiles.strings).map(([id, text]) => [Number(id), joined.intern(text)]));
    for (const { fn } of tiles.lanes) for (let i = 0; i < fn.length; i++) fn[i] = ids.get(fn[i]) ?? 0;
    /** @type {Record<number, string>} */
    const strings = {};
    for (const id of ids.values()) strings[id] = joined.strings[id];
    // What is joined and not here yet will come.
    const coarse = this.t1 < joined.t1 && !this.done ? [{ t0: this.t1, t1: joined.t1 }] : [];
    return { ...tiles, strings, coarse };
  }
}
