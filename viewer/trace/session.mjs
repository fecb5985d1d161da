// session.mjs: the worker's side: reads one trace, and answers questions about it meanwhile.
import { Breather } from './breather.mjs';
import { messageOf } from './decoder.mjs';
import { Reading } from './reading.mjs';
import { PushQueue, ringSource, streamSource } from './source.mjs';
import { compileReader } from './store.mjs';

/** @typedef {import('./types.mjs').TraceInfo} TraceInfo */
/** @typedef {import('./types.mjs').Query} Query */
/** @typedef {import('./client.mjs').WorkerLike} WorkerLike */

/**
 * From the client. `epoch` numbers what is opened: answers about an older one are dropped there.
 * @typedef {{type: 'open', epoch: number, name: string, blob: Blob | null, totalBytes: number | null,
 *     budget: number, reader: string | null}
 *   | {type: 'chunk', epoch: number, bytes: Uint8Array}
 *   | {type: 'finish', epoch: number, error: string | null}
 *   | {type: 'region', epoch: number, name: string, memory: WebAssembly.Memory, ptr: number, budget: number,
 *     reader: string | null}
 *   | {type: 'query', epoch: number, id: number, query: Query}
 *   | {type: 'detail', epoch: number, id: number, lane: number, index: number}
 *   | {type: 'save', epoch: number, id: number}} Request
 */

/**
 * To the client. refined: details are there that an answer lacked (Tiles.coarse).
 * @typedef {{type: 'info', epoch: number, info: TraceInfo}
 *   | {type: 'taken', epoch: number, bytes: number}
 *   | {type: 'refined', epoch: number}
 *   | {type: 'end', epoch: number, error: string | null}
 *   | {type: 'answer', id: number, result: any}
 *   | {type: 'failed', id: number, error: string}} Answer
 */

/** @typedef {(answer: Answer, transfer?: Transferable[]) => void} Post */

/** Workers that read, this thread included. */
const MOST_READERS = 4;

export class TraceSession {
  /**
   * @param {Post} post
   * @param {{makeReader?: (() => WorkerLike) | null, readers?: number, eager?: boolean}} [options]
   *   makeReader: a worker that is a Decoder (worker.mjs); without, this thread reads alone. readers: how many read,
   *   this thread included. eager: start them for the smallest trace and read generations as parts that could be read
   *   exactly, for tests
   */
  constructor(post, { makeReader = null, readers, eager = false } = {}) {
    this.eager = eager;
    this.post = post;
    this.makeReader = makeReader;
    const processors = globalThis.navigator?.hardwareConcurrency ?? 1;
    this.readers = readers ?? Math.min(MOST_READERS, processors);
    this.epoch = 0;
    /** @type {Reading | null} */
    this.reading = null;
    /** @type {PushQueue | null} of the trace being read, when its bytes are pushed */
    this.queue = null;
    this.breather = new Breather();
    /** @type {{id: number, query: Query} | null} the newest unanswered question */
    this.question = null;
    /** @type {Promise<WebAssembly.Module> | null} */
    this.module = null;
  }

  /** @param {Request} request */
  receive(request) {
    switch (request.type) {
      case 'open':
      case 'region': this.begin(request); break;
      case 'chunk': if (request.epoch === this.epoch) this.queue?.push(request.bytes); break;
      case 'finish': if (request.epoch === this.epoch) this.queue?.finish(request.error); break;
      case 'query': void this.ask(request.id, request.query); break;
      case 'detail':
        void this.answer(request.id, (reading) => reading.details.detail(request.lane, request.index));
        break;
      case 'save': void this.answer(request.id, (reading) => reading.saved()); break;
    }
  }

  close() {
    this.epoch = -1;
    this.reading?.stop();
    this.reading = null;
    this.breather.close();
  }

  /** @param {Extract<Request, {type: 'open' | 'region'}>} request */
  begin(request) {
    const { epoch, name } = request;
    this.reading?.stop();
    this.reading = null;
    this.queue = null;
    this.epoch = epoch;
    let source;
    try {
      source = this.sourceOf(request);
    } catch (error) {
      this.post({ type: 'end', epoch, error: messageOf(error) });
      return;
    }
    this.module ??= compileReader(request.reader ?? undefined);
    this.module.then(async (module) => {
      if (epoch !== this.epoch) return;
      const reading = new Reading({
        module, name, budget: request.budget, breather: this.breather,
        makeWorker: this.makeReader, readers: request.type === 'region' ? 1 : this.readers, eager: this.eager,
        tell: (info) => this.post({ type: 'info', epoch, info }),
        refined: () => this.post({ type: 'refined', epoch }),
      });
      this.reading = reading;
      await reading.run(source);
      if (epoch === this.epoch) this.post({ type: 'end', epoch, error: null });
    }).catch((error) => {
      if (!this.reading) this.module = null; // so that a second try fetches anew
      if (epoch === this.epoch) this.post({ type: 'end', epoch, error: messageOf(error) });
    });
  }

  /** @param {Extract<Request, {type: 'open' | 'region'}>} request */
  sourceOf(request) {
    if (request.type === 'region') {
      const ring = ringSource(request.memory, request.ptr);
      return async () => ring;
    }
    const { epoch, blob, totalBytes } = request;
    if (blob) return () => streamSource(blob, blob.size);
    const queue = new PushQueue((bytes) => this.post({ type: 'taken', epoch, bytes }));
    this.queue = queue;
    return () => streamSource(queue.stream(), totalBytes);
  }

  /**
   * The latest question wins: one that was still waiting is answered with null.
   * @param {number} id @param {Query} query
   */
  async ask(id, query) {
    if (this.question) this.post({ type: 'answer', id: this.question.id, result: null });
    this.question = { id, query };
    await this.breather.breathe();
    if (this.question?.id !== id) return;
    this.question = null;
    void this.answer(id, (reading) => reading.details.query(query), (tiles) => tiles.lanes.flatMap(
      (/** @type {import('./types.mjs').LaneTiles} */ l) =>
        [l.start, l.end, l.goid, l.state, l.index, l.busy, l.fn].map((a) => a.buffer)));
  }

  /**
   * @param {number} id @param {(reading: Reading) => any} make
   * @param {(result: any) => Transferable[]} [transfer]
   */
  async answer(id, make, transfer) {
    const { epoch } = this;
    try {
      const result = this.reading ? await make(this.reading) : null;
      if (epoch !== this.epoch) this.post({ type: 'answer', id, result: null });
      else this.post({ type: 'answer', id, result }, result && transfer ? transfer(result) : []);
    } catch (error) {
      this.post({ type: 'failed', id, error: messageOf(error) });
    }
  }
}
