// client.mjs: the page's end of the trace worker: opens files, streams and running programs, asks for what is to be
// drawn.
import { Asked } from './asked.mjs';
import { ROLE } from './roles.mjs';
import { placeOf, startWorker } from './workers.mjs';
export { curveLanes } from './curves.mjs';
export { EMPTY_FILE } from './sniff.mjs';

/** @typedef {import('./types.mjs').TraceInfo} TraceInfo */
/** @typedef {import('./types.mjs').Tiles} Tiles */
/** @typedef {import('./types.mjs').SpanDetail} SpanDetail */
/** @typedef {import('./types.mjs').Query} Query */
/** @typedef {import('./session.mjs').Request} Request */
/** @typedef {import('./session.mjs').Answer} Answer */

/**
 * What the client needs of a Worker.
 * @typedef {object} WorkerLike
 * @property {(message: any, transfer: Transferable[]) => void} postMessage
 * @property {() => void} terminate
 * @property {((event: MessageEvent) => void) | null} onmessage
 * @property {((event: any) => void) | null} onerror
 */

/**
 * Bytes of a live trace or stream that are kept, unless someone says otherwise. Its lanes of goroutines may take as
 * much again, its summaries and what is looked at a quarter each.
 */
const DEFAULT_BUDGET = 256 << 20;
/** Bytes of a stream that may be on their way to the worker. */
const WINDOW = 8 << 20;

export class TraceClient {
  /**
   * @param {object} [options]
   * @param {(info: TraceInfo) => void} [options.onInfo] about 30 times a second while data comes, and at the end
   * @param {() => void} [options.onRefined] there are details now that an answer lacked (Tiles.coarse)
   * @param {(error: Error) => void} [options.onError] what is wrong with the reading itself; a broken trace is
   *   info.error
   * @param {number} [options.maxBytes] of a live trace or stream to keep
   * @param {boolean} [options.lanes] also keep lanes of Gs, Ms, GC, tasks, regions, and curves; else readLanes() does
   * @param {string | URL} [options.readerUrl] of reader.wasm
   * @param {() => WorkerLike} [options.makeWorker]
   */
  constructor(options = {}) {
    const { onInfo, onRefined, onError, maxBytes = DEFAULT_BUDGET, lanes = false, readerUrl } = options;
    const { makeWorker = () => startWorker(ROLE.SESSION) } = options;
    this.onInfo = onInfo ?? (() => {});
    this.onRefined = onRefined ?? (() => {});
    this.onError = onError ?? (() => {});
    this.maxBytes = maxBytes;
    this.keepLanes = lanes;
    this.reader = readerUrl ? String(new URL(readerUrl, globalThis.location?.href)) : placeOf('reader');
    this.makeWorker = makeWorker;
    this.epoch = 0;
    /** @type {WorkerLike | null} */
    this.worker = null;
    this.asked = new Asked();
    /** @type {{resolve: () => void, reject: (error: Error) => void} | null} of open() */
    this.opening = null;
    /** @type {ReadableStreamDefaultReader<Uint8Array> | null} */
    this.stream = null;
    this.onTheWay = 0;
    this.moved = () => {};
  }

  /**
   * Reads a recorded trace in place of what was there; resolves when all of it was read. A broken trace resolves
   * too, with info.error set: what stands before the damage can be asked for. Rejects when the bytes could not be
   * had.
   * @param {Blob | ReadableStream<Uint8Array> | Uint8Array} source
   * @param {{name?: string}} [options]
   * @returns {Promise<void>}
   */
  open(source, { name = 'trace' } = {}) {
    const epoch = this.#begin();
    const blob = source instanceof Blob ? source
      : source instanceof Uint8Array ? new Blob([/** @type {BlobPart} */ (source)]) : null;
    const opened = new Promise((/** @type {(v: void) => void} */ resolve, reject) => {
      this.opening = { resolve, reject };
    });
    this.#send({
      type: 'open', epoch, name, blob, totalBytes: blob ? blob.size : null,
      budget: this.maxBytes, reader: this.reader, lanes: this.keepLanes,
    });
    if (!blob) void this.#pump(/** @type {ReadableStream<Uint8Array>} */ (source), epoch);
    return opened;
  }

  /**
   * Follows a running program by its trace region. The worker becomes the ring's one reader.
   * @param {{memory: WebAssembly.Memory, ptr: number}} region
   * @param {{name?: string}} [options]
   */
  attachRegion({ memory, ptr }, { name = 'live' } = {}) {
    const epoch = this.#begin();
    this.#send({
      type: 'region', epoch, name, memory, ptr,
      budget: this.maxBytes, reader: this.reader, lanes: this.keepLanes,
    });
  }

  /**
   * What a window shows. The latest question wins: an older one may be answered null, unless it is patient: that one
   * is null only when its trace is not read any more.
   * @param {Query} query @returns {Promise<Tiles | null>}
   */
  query(query) {
    return this.#ask((id) => ({ type: 'query', epoch: this.epoch, id, query }));
  }

  /** @param {number} lane @param {number} index @returns {Promise<SpanDetail | null>} */
  detail(lane, index) {
    return this.#ask((id) => ({ type: 'detail', epoch: this.epoch, id, lane, index }));
  }

  /**
   * The lanes beside those of Ps, from number `from` on, some thousands at a time; total tells how many there are.
   * @param {number} from
   * @returns {Promise<{total: number, denied: number, lanes: import('./types.mjs').Lane[]} | null>}
   */
  lanes(from) {
    return this.#ask((id) => ({ type: 'lanes', epoch: this.epoch, id, from }));
  }

  /**
   * Keeps those lanes, too, though they were not asked for at first: what is there of the trace is read once more.
   * Resolves when all of it was, and at once when they are kept anyway and there.
   * @returns {Promise<void>}
   */
  async readLanes() {
    await this.#ask((id) => ({ type: 'more', epoch: this.epoch, id }));
  }

  /** The span at t of such a lane. @param {number} lane @param {number} t @returns {Promise<SpanDetail | null>} */
  find(lane, t) {
    return this.#ask((id) => ({ type: 'find', epoch: this.epoch, id, lane, t }));
  }

  /**
   * A log, label or sample. @param {number} lane @param {number} index
   * @returns {Promise<import('./types.mjs').PointDetail | null>}
   */
  point(lane, index) {
    return this.#ask((id) => ({ type: 'point', epoch: this.epoch, id, lane, index }));
  }

  /** Every byte so far up to the last whole generation: a valid Go trace file. @returns {Promise<Blob>} */
  async save() {
    const blob = await this.#ask((id) => ({ type: 'save', epoch: this.epoch, id }));
    if (!blob) throw new Error('There is no trace to save yet.');
    return blob;
  }

  /** Reads no further; what was read stays. */
  halt() {
    if (this.worker) this.#send({ type: 'halt', epoch: this.epoch });
  }

  /** From now on so many bytes of a live trace or stream are kept. @param {number} maxBytes */
  limit(maxBytes) {
    this.maxBytes = maxBytes;
    if (this.worker) this.#send({ type: 'limit', epoch: this.epoch, budget: maxBytes });
  }

  close() {
    this.#begin();
    this.worker?.terminate();
    this.worker = null;
  }

  /** Leaves whatever is being read. @returns {number} the new epoch */
  #begin() {
    void this.stream?.cancel().catch(() => {});
    this.stream = null;
    this.onTheWay = 0;
    this.moved();
    this.opening?.resolve();
    this.opening = null;
    this.asked.end();
    return ++this.epoch;
  }

  /** @param {Request} request @param {Transferable[]} [transfer] */
  #send(request, transfer = []) {
    if (!this.worker) {
      this.worker = this.makeWorker();
      this.worker.onmessage = ({ data }) => this.#receive(data);
      this.worker.onerror = (event) => this.#broken(
        new Error(`The trace reader's worker could not run: ${event.message || 'it did not load'}.`));
    }
    this.worker.postMessage(request, transfer);
  }

  /** @param {(id: number) => Request} make @returns {Promise<any>} */
  #ask(make) {
    if (!this.worker) return Promise.resolve(null);
    return this.asked.ask((id) => this.#send(make(id)));
  }

  /** @param {Answer} answer */
  #receive(answer) {
    if (answer.type === 'answer') return this.asked.answer(answer.id, answer.result);
    if (answer.type === 'failed') return this.asked.fail(answer.id, answer.error);
    if (answer.epoch !== this.epoch) return;
    if (answer.type === 'info') {
      this.onInfo(answer.info);
    } else if (answer.type === 'refined') {
      this.onRefined();
    } else if (answer.type === 'taken') {
      this.onTheWay -= answer.bytes;
      this.moved();
    } else {
      this.#ended(answer.error);
    }
  }

  /** Reading is over. @param {string | null} error */
  #ended(error) {
    void this.stream?.cancel().catch(() => {});
    this.stream = null;
    this.moved();
    const { opening } = this;
    this.opening = null;
    if (!error) opening?.resolve();
    else if (opening) opening.reject(new Error(error));
    else this.onError(new Error(error));
  }

  /** @param {Error} error */
  #broken(error) {
    this.worker?.terminate();
    this.worker = null;
    this.asked.lose(error);
    const { opening } = this;
    this.opening = null;
    if (opening) opening.reject(error);
    else this.onError(error);
  }

  /**
   * Sends a stream's chunks on, never many of them at once.
   * @param {ReadableStream<Uint8Array>} source @param {number} epoch
   */
  async #pump(source, epoch) {
    let bytes = 0;
    /** @type {string | null} */
    let error = null;
    try {
      if (source.locked) throw new Error('somebody else reads its stream');
      const reader = source.getReader();
      this.stream = reader;
      for (;;) {
        const { done, value } = await reader.read();
        if (epoch !== this.epoch) return;
        if (done) break;
        bytes += value.length;
        this.onTheWay += value.length;
        this.#send({ type: 'chunk', epoch, bytes: value });
        while (this.onTheWay > WINDOW && this.stream === reader)
          await new Promise((resolve) => { this.moved = () => resolve(undefined); });
        if (this.stream !== reader) return;
      }
    } catch (e) {
      const why = e instanceof Error ? e.message : String(e);
      error = bytes ? `The trace broke off after ${bytes} bytes, where more was to come: ${why}.`
        : `Nothing of the trace came: ${why}.`;
    }
    if (epoch === this.epoch) this.#send({ type: 'finish', epoch, error });
  }
}
