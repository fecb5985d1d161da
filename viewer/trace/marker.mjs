// marker.mjs: the second reader of a trace: from one generation to the next it keeps lanes of goroutines, threads, GC,
// tasks and regions, and curves (OPTION.LANES). It runs in a worker of its own, or in the session's thread.
import { messageOf } from './decoder.mjs';
import { decodeChunks } from './slices.mjs';
import { OPTION, STATUS, toldReader, TraceStore } from './store.mjs';
import { buffersOfTiles } from './tiles.mjs';

/** @typedef {import('./types.mjs').Query} Query */
/** @typedef {import('./breather.mjs').Breather} Breather */

/**
 * `piece`: a generation's bytes; fresh: what was kept so far is forgotten, and a trace begins here; origin: absolute
 * time of the whole trace's t = 0; end: nothing follows. What is asked goes by the whole trace's times.
 * @typedef {({type: 'init'} & import('./store.mjs').ReaderTold)
 *   | {type: 'piece', id: number, fresh: {header: Uint8Array, skip: number, origin: string} | null,
 *     chunks: Uint8Array[], end: boolean}
 *   | {type: 'query', id: number, query: Query}
 *   | {type: 'lanes', id: number, from: number}
 *   | {type: 'find', id: number, lane: number, t: number}
 *   | {type: 'point' | 'detail', id: number, lane: number, index: number}} MarkOrder
 */

/** After a piece. @typedef {{total: number, curves: number, from: number, t1: number, memory: number,
 *   failed: boolean}} Marked */

/** @typedef {{type: 'answer', id: number, result: any} | {type: 'failed', id: number, error: string}} MarkReport */

export class Marker {
  /** @param {(report: MarkReport, transfer?: Transferable[]) => void} post @param {Breather} breather */
  constructor(post, breather) {
    this.post = post;
    this.breather = breather;
    /** @type {WebAssembly.Module | null} */
    this.module = null;
    /** @type {TraceStore | null} */
    this.store = null;
    /** What is added to the store's times. */
    this.shift = 0;
    this.origin = '0';
    /** Its lanes begin here. */
    this.from = 0;
    this.turn = Promise.resolve();
    this.stopped = false;
  }

  /** @param {MarkOrder} order */
  receive(order) {
    if (order.type === 'init') {
      this.module = order.module;
      if (!order.module)
        this.turn = toldReader(order).then((module) => { this.module = module; }, (error) => reportError(error));
    } else if (order.type === 'piece') this.turn = this.turn.then(() => this.piece(order));
    else this.answer(order);
  }

  stop() {
    this.stopped = true;
    this.store = null;
  }

  /** @param {Extract<MarkOrder, {type: 'piece'}>} order */
  async piece(order) {
    if (this.stopped) return;
    try {
      const result = await this.read(order);
      if (!this.stopped) this.post({ type: 'answer', id: order.id, result });
    } catch (error) {
      if (!this.stopped) this.post({ type: 'failed', id: order.id, error: messageOf(error) });
    }
  }

  /** @param {Extract<MarkOrder, {type: 'piece'}>} order @returns {Promise<Marked | null>} null: stopped */
  async read({ fresh, chunks, end }) {
    if (fresh && this.module) {
      // In the same instance: a second one would grow while nobody has collected the first one's memory.
      this.store?.close();
      this.store = new TraceStore(this.store?.wasm ?? this.module, OPTION.LANES | OPTION.NO_SPANS);
      this.store.skip(fresh.skip);
      this.store.push(fresh.header);
      this.origin = fresh.origin;
    }
    const { store } = this;
    if (!store) throw new Error('The reader of lanes was asked to go on where it had not begun.');
    const status = await decodeChunks(store, chunks,
      { end, breather: this.breather, stopped: () => this.stopped });
    if (this.stopped) return null;
    const { baseNs, moreLanes, curves, t1 } = store.info();
    this.shift = Number(BigInt(baseNs) - BigInt(this.origin));
    // A trace's first event may have any earlier time: it stands for its tables.
    if (fresh) this.from = fresh.skip > 0 ? this.shift + store.wasm.gt_begins(store.reader) : 0;
    return {
      total: moreLanes ?? 0, curves: curves ?? 0, from: this.from, t1: t1 + this.shift,
      memory: store.memoryUsed, failed: status === STATUS.FAILED,
    };
  }

  /** @param {Exclude<MarkOrder, {type: 'init' | 'piece'}>} order */
  answer(order) {
    try {
      const result = this.store ? this.look(order, this.store) : null;
      this.post({ type: 'answer', id: order.id, result }, order.type === 'query' ? buffersOfTiles(result) : []);
    } catch (error) {
      this.post({ type: 'failed', id: order.id, error: messageOf(error) });
    }
  }

  /** @param {Exclude<MarkOrder, {type: 'init' | 'piece'}>} order @param {TraceStore} store @returns {any} */
  look(order, store) {
    const { shift } = this;
    switch (order.type) {
      case 'query': {
        const { t0, t1 } = order.query;
        const tiles = store.query({ ...order.query, t0: t0 - shift, t1: t1 - shift });
        if (shift) {
          for (const { start, end, points } of tiles.lanes) {
            for (const column of [start, end, points?.t ?? new Float64Array(0)])
              for (let i = 0; i < column.length; i++) column[i] += shift;
          }
        }
        return { ...tiles, t0, t1 };
      }
      case 'lanes': return later(store.lanes(order.from), shift);
      case 'find': return order.t < this.from ? null : later(store.find(order.lane, order.t - shift), shift);
      case 'point': return later(store.point(order.lane, order.index), shift);
      case 'detail': return later(store.detail(order.lane, order.index), shift);
    }
  }
}

/** What is a time in the answers. */
const TIMES = new Set(['start', 'end', 'time', 't0', 't1']);

/** The same, its times later by so much. @template T @param {T} value @param {number} by @returns {T} */
function later(value, by) {
  if (!by || typeof value !== 'object' || value === null) return value;
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'object') later(inner, by);
    else if (typeof inner === 'number' && TIMES.has(key)) /** @type {any} */ (value)[key] = inner + by;
  }
  return value;
}
