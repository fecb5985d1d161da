// decoder.mjs: a reader of generations: one at a time it decodes, orders and sums up, and it keeps those whose details
// are looked at. It runs in a worker of its own, or in the session's.
import { PreviewTime } from './preview.mjs';
import { decodeChunks } from './slices.mjs';
import { bucketsFor, pack } from './summary.mjs';
import { newInstance, OPTION, STATUS, tellFault, toldReader, TraceStore } from './store.mjs';
import { buffersOf, buffersOfTiles } from './tiles.mjs';

/** @typedef {import('./types.mjs').Query} Query */
/** @typedef {import('./types.mjs').LaneTiles} LaneTiles */
/** @typedef {import('./summary.mjs').Summary} Summary */
/** @typedef {import('./store.mjs').LaneEnd} LaneEnd */
/** @typedef {import('./breather.mjs').Breather} Breather */

/**
 * How a generation is read: the trace's first, or all of it; with what the one before hands on; without knowing that.
 * @typedef {{how: 'first'} | {how: 'exact', carry: Uint8Array, from: number} | {how: 'part'}} Past
 */

/**
 * From the session. `begin`, `bytes` and `go` are one generation's; room: it is the first one, not all of which is
 * there, and will have about so many bytes: each is taken in as it comes. end: nothing follows it. keep: its details
 * will be asked for by this key. summary: wanted, of so many bytes.
 * @typedef {({type: 'init'} & import('./store.mjs').ReaderTold)
 *   | {type: 'begin', job: number, header: Uint8Array, skip: number, room?: number}
 *   | {type: 'bytes', job: number, bytes: Uint8Array}
 *   | {type: 'go', job: number, past: Past, end: boolean, keep: number | null, summary: number}
 *   | {type: 'query', id: number, key: number, query: {t0: number, t1: number, px: number, lanes: string[],
 *     each: boolean}}
 *   | {type: 'detail', id: number, key: number, lane: string, index: number}
 *   | {type: 'drop', key: number}} Order
 */

/**
 * What was found. part, or carry of what follows. error: why reading stopped.
 * @typedef {object} Found
 * @property {string | null} error
 * @property {Uint8Array | null} part
 * @property {Uint8Array | null} carry
 * @property {any} info      as TraceStore.info() gives it
 * @property {LaneEnd[]} ends
 * @property {Summary | null} summary
 * @property {string[]} strings   fn in the summary is a place in it
 * @property {number} begins      first event of the generation, ns
 * @property {number} unitNs
 * @property {number} complete    bytes up to the end of the last generation that is whole and good
 * @property {number} memory      of what is kept
 */

/**
 * @typedef {{type: 'ready'}
 *   | {type: 'found', job: number, found: Found}
 *   | {type: 'progress', job: number, events: number, seen: import('./preview.mjs').Seen | null}
 *   | {type: 'answer', id: number, result: any}
 *   | {type: 'failed', id: number | null, job: number | null, error: string}} Report
 */

/** @typedef {{store: TraceStore, lanes: Map<string, number>}} KeptStore */

/**
 * A generation whose bytes come. store: it has those so far; before: memory without it.
 * @typedef {{header: Uint8Array, skip: number, chunks: Uint8Array[], store: TraceStore | null, before: number}} Job
 */

export class Decoder {
  /** @param {(report: Report, transfer?: Transferable[]) => void} post @param {Breather} breather */
  constructor(post, breather) {
    this.post = post;
    this.breather = breather;
    /** @type {import('./store.mjs').ReaderExports | null} */
    this.wasm = null;
    /** @type {Map<number, Job>} */
    this.jobs = new Map();
    /** @type {Map<number, KeptStore>} */
    this.kept = new Map();
    /** Memory of what was dropped: one may be dropped while another is read, and measured. */
    this.freed = 0;
    this.turn = Promise.resolve();
    this.stopped = false;
  }

  /** @param {Order} order */
  receive(order) {
    switch (order.type) {
      case 'init':
        if (order.module) this.init(order.module);
        else toldReader(order).then((module) => this.init(module), (error) => reportError(error)); // as if thrown
        break;
      case 'begin': this.begin(order); break;
      case 'bytes': {
        const job = this.jobs.get(order.job);
        if (job?.store) job.store.push(order.bytes);
        else job?.chunks.push(order.bytes);
        break;
      }
      case 'go': this.turn = this.turn.then(() => this.go(order)); break;
      case 'query':
      case 'detail': this.answer(order); break;
      case 'drop': this.drop(order.key); break;
    }
  }

  /** @param {WebAssembly.Module} module */
  init(module) {
    this.wasm = newInstance(module);
    this.post({ type: 'ready' });
  }

  /** @param {Extract<Order, {type: 'begin'}>} order */
  begin({ job, header, skip, room }) {
    const { wasm } = this;
    const before = (wasm?.gt_mem_used() ?? 0) + this.freed;
    const store = room && wasm ? new TraceStore(wasm) : null;
    if (store && room) takeHeader(store, header, skip, room);
    this.jobs.set(job, { header, skip, chunks: [], store, before });
  }

  /** @param {number} key */
  drop(key) {
    const kept = this.kept.get(key);
    if (!kept || !this.wasm) return;
    const before = this.wasm.gt_mem_used();
    kept.store.close();
    this.kept.delete(key);
    this.freed += before - this.wasm.gt_mem_used();
  }

  /** Nothing more is wanted. */
  stop() {
    this.stopped = true;
    this.kept.clear();
    this.wasm = null;
  }

  /** @param {Extract<Order, {type: 'go'}>} order */
  async go(order) {
    if (this.stopped) return;
    try {
      const { found, transfer } = await this.read(order);
      if (!this.stopped) this.post({ type: 'found', job: order.job, found }, transfer);
    } catch (error) {
      if (!this.stopped) this.post({ type: 'failed', id: null, job: order.job, error: messageOf(error) });
    }
  }

  /** @param {Extract<Order, {type: 'go'}>} order */
  async read({ job, past, end, keep, summary }) {
    const { wasm } = this;
    const bytes = this.jobs.get(job);
    this.jobs.delete(job);
    if (!wasm || !bytes) throw new Error('The trace reader was asked for what it was not given.');
    const before = bytes.store ? bytes.before : wasm.gt_mem_used() + this.freed;
    const store = bytes.store ?? new TraceStore(wasm, past.how === 'part' ? OPTION.PART : 0);
    let kept = false;
    try {
      if (past.how === 'exact') store.load(past.carry);
      const preview = past.how === 'first' && summary ? new PreviewTime() : null;
      const status = await this.decode(store, bytes, end, () => {
        const seen = preview?.isCome ? seenOf(store, summary) : null;
        this.post({ type: 'progress', job, events: store.events, seen });
      });
      const fault = status === STATUS.FAILED ? store.fault() : null;
      const ends = store.ends();
      const lanes = new Map(ends.map((e, i) => [`${e.kind}:${e.id}`, i]));
      const from = past.how === 'exact' ? past.from : past.how === 'part' ? wasm.gt_begins(store.reader) : 0;
      const sum = summary && !(fault && past.how === 'part') ? summarise(store, ends, from, summary) : null;
      const found = {
        error: fault && tellFault(fault),
        part: past.how === 'part' && !fault ? store.part() : null,
        carry: past.how !== 'part' && !fault ? store.carry() : null,
        info: store.info(), ends,
        summary: sum?.summary ?? null, strings: sum?.strings ?? [],
        begins: wasm.gt_begins(store.reader), unitNs: wasm.gt_unit_ns(store.reader),
        complete: store.completeOffset, memory: 0,
      };
      if (keep !== null) {
        store.trim();
        this.kept.set(keep, { store, lanes });
        kept = true;
        found.memory = wasm.gt_mem_used() + this.freed - before;
      }
      return { found, transfer: sum ? buffersOf(Object.values(sum.summary)) : [] };
    } finally {
      if (!kept) store.close();
    }
  }

  /**
   * @param {TraceStore} store @param {Job} bytes
   * @param {boolean} end @param {() => void} progress @returns {Promise<number>} STATUS
   */
  async decode(store, { header, skip, chunks, store: begun }, end, progress) {
    let n = header.length;
    for (const chunk of chunks) n += chunk.length;
    if (!begun) takeHeader(store, header, skip, n);
    return decodeChunks(store, chunks, { end, breather: this.breather, stopped: () => this.stopped, progress });
  }

  /** @param {Extract<Order, {type: 'query' | 'detail'}>} order */
  answer(order) {
    try {
      const kept = this.kept.get(order.key);
      if (!kept) this.post({ type: 'answer', id: order.id, result: null });
      else if (order.type === 'query') this.query(order, kept);
      else {
        const lane = kept.lanes.get(order.lane);
        this.post({
          type: 'answer', id: order.id, result: lane === undefined ? null : kept.store.detail(lane, order.index),
        });
      }
    } catch (error) {
      this.post({ type: 'failed', id: order.id, job: null, error: messageOf(error) });
    }
  }

  /** @param {Extract<Order, {type: 'query'}>} order @param {KeptStore} kept */
  query({ id, query }, { store, lanes }) {
    const wanted = query.lanes.map((key) => lanes.get(key) ?? -1);
    const tiles = store.query({ ...query, lanes: wanted.filter((i) => i >= 0) });
    const keys = [...lanes.keys()];
    const result = { ...tiles, lanes: tiles.lanes.map((lane) => ({ ...lane, key: keys[lane.lane] })) };
    this.post({ type: 'answer', id, result }, buffersOfTiles(tiles));
  }
}

/** @param {TraceStore} store @param {Uint8Array} header @param {number} skip @param {number} room for so many bytes */
function takeHeader(store, header, skip, room) {
  store.skip(skip);
  store.reserve(room);
  store.push(header);
}

/**
 * @param {TraceStore} store @param {LaneEnd[]} ends @param {number} t0 @param {number} bytes
 * @returns {{summary: Summary, strings: string[]}}
 */
function summarise(store, ends, t0, bytes) {
  const buckets = bucketsFor(bytes);
  const t1 = Math.max(store.t1, t0 + 1);
  const { lanes } = store.query({ t0, t1, px: buckets, lanes: ends.map((_, i) => i) });
  /** @type {Map<number, number>} */
  const places = new Map();
  for (const { fn } of lanes) {
    for (let i = 0; i < fn.length; i++) {
      let place = places.get(fn[i]);
      if (place === undefined) places.set(fn[i], place = places.size);
      fn[i] = place;
    }
  }
  return {
    summary: pack(lanes, ends.map((e) => `${e.kind}:${e.id}`), { t0, t1, buckets }),
    strings: [...places.keys()].map((id) => store.string(id)),
  };
}

/**
 * A trace's first generation, as far as it is read; null: there is nothing to see yet, or no memory for it.
 * @param {TraceStore} store @param {number} bytes @returns {import('./preview.mjs').Seen | null}
 */
function seenOf(store, bytes) {
  try {
    const ends = store.ends(), unitNs = store.wasm.gt_unit_ns(store.reader);
    if (!ends.some(({ spans }) => spans)) return null;
    return { ends, ...summarise(store, ends, 0, bytes), info: store.info(), unitNs };
  } catch {
    return null; // reading goes on without
  }
}

/** @param {unknown} error @returns {string} */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
