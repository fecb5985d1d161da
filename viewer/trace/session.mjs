// session.mjs: the worker's side: reads one trace, and answers questions about it meanwhile.
import { Breather } from './breather.mjs';
import { messageOf } from './decoder.mjs';
import { Reading } from './reading.mjs';
import { PushQueue, ringSource, streamSource } from './source.mjs';
import { compileReader, MARK_LANES } from './store.mjs';
import { buffersOfTiles } from './tiles.mjs';

/** @typedef {import('./types.mjs').TraceInfo} TraceInfo */
/** @typedef {import('./types.mjs').Query} Query */
/** @typedef {import('./client.mjs').WorkerLike} WorkerLike */

/**
 * From the client. `epoch` numbers what is opened: answers about an older one are dropped there.
 * `prepare`: something will be opened; lanes: of goroutines, too, by another worker.
 * @typedef {{type: 'prepare', reader: string | null, lanes: boolean}
 *   | {type: 'open', epoch: number, name: string, blob: Blob | null, totalBytes: number | null,
 *     budget: number, reader: string | null, lanes: boolean}
 *   | {type: 'chunk', epoch: number, bytes: Uint8Array}
 *   | {type: 'finish', epoch: number, error: string | null}
 *   | {type: 'region', epoch: number, name: string, memory: WebAssembly.Memory, ptr: number, budget: number,
 *     reader: string | null, lanes: boolean}
 *   | {type: 'limit', epoch: number, budget: number}
 *   | {type: 'halt', epoch: number}
 *   | {type: 'query', epoch: number, id: number, query: Query}
 *   | {type: 'detail', epoch: number, id: number, lane: number, index: number}
 *   | {type: 'lanes', epoch: number, id: number, from: number}
 *   | {type: 'find', epoch: number, id: number, lane: number, t: number}
 *   | {type: 'point', epoch: number, id: number, lane: number, index: number}
 *   | {type: 'more', epoch: number, id: number}
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

/**
 * Makes a worker, or hands out the spare one. keep: has one started that no trace has yet.
 * @typedef {(() => WorkerLike) & {keep: () => void, close: () => void}} WithSpare
 */
/** @param {() => WorkerLike} make @returns {WithSpare} */
function withSpare(make) {
  /** @type {WorkerLike | null} */ let spare = null;
  const take = () => {
    const worker = spare;
    spare = null;
    return worker ?? make();
  };
  const keep = () => {
    if (spare) return;
    try {
      const worker = spare = make();
      worker.onerror = (event) => {
        event.preventDefault?.();
        worker.terminate();
        if (spare === worker) spare = null;
      };
    } catch { /* whoever needs one will be told */ }
  };
  return Object.assign(take, { keep, close: () => spare?.terminate() });
}

/** Workers that read, this thread included. */
const MOST_READERS = 4;

export class TraceSession {
  /**
   * @param {Post} post
   * @param {{makeReader?: (() => WorkerLike) | null, makeMarker?: (() => WorkerLike) | null, readers?: number,
   *   eager?: boolean}} [options]
   *   makeReader: a worker that is a Decoder (viewer-worker.mjs), makeMarker: one that is a Marker; without, this
   *   thread reads alone. readers: how many read, this thread included. eager: start them for the smallest trace, read
   *   generations as parts that could be read exactly, for tests
   */
  constructor(post, { makeReader = null, makeMarker = null, readers, eager = false } = {}) {
    this.eager = eager;
    this.post = post;
    this.makeReader = makeReader && withSpare(makeReader);
    this.makeMarker = makeMarker && withSpare(makeMarker);
    const processors = globalThis.navigator?.hardwareConcurrency ?? 1;
    this.readers = readers ?? Math.min(MOST_READERS, processors);
    this.crowded = processors <= this.readers;
    this.epoch = 0;
    /** @type {Reading | null} */
    this.reading = null;
    /** Bytes of the trace being read that are kept, if not all are; may change before there is a reading. */
    this.budget = 0;
    /** @type {PushQueue | null} of the trace being read, when its bytes are pushed */
    this.queue = null;
    this.breather = new Breather();
    /** @type {number | null} the newest unanswered question of those who draw */
    this.question = null;
    /** @type {Promise<WebAssembly.Module> | null} */
    this.module = null;
    /** @type {string | null} its address */
    this.reader = null;
  }

  /** @param {Request} request */
  receive(request) {
    switch (request.type) {
      case 'prepare': this.prepare(request); break;
      case 'open':
      case 'region': this.begin(request); break;
      case 'chunk': if (request.epoch === this.epoch) this.queue?.push(request.bytes); break;
      case 'finish': if (request.epoch === this.epoch) this.queue?.finish(request.error); break;
      case 'halt': if (request.epoch === this.epoch) this.reading?.halt(); break;
      case 'limit':
        if (request.epoch !== this.epoch) break;
        this.budget = request.budget;
        this.reading?.limit(request.budget);
        break;
      case 'query': void this.ask(request.id, request.query); break;
      case 'detail': void this.answer(request.id, (reading) => this.detail(reading, request)); break;
      case 'lanes':
      case 'find':
      case 'point':
        void this.answer(request.id, ({ more }) => more?.ask((id) => ({ ...request, id })) ?? null);
        break;
      case 'more':
        // Cut off by another trace, it is answered too.
        void this.answer(request.id, (reading) => reading.readMore().then(() => true));
        break;
      case 'save': void this.answer(request.id, (reading) => reading.saved()); break;
    }
  }

  close() {
    this.epoch = -1;
    this.reading?.stop();
    this.reading = null;
    this.makeReader?.close();
    this.makeMarker?.close();
    this.breather.close();
  }

  /**
   * Loads what any trace will want. What fails now is tried again, and told, then.
   * @param {{reader: string | null, lanes: boolean}} request
   */
  prepare({ reader, lanes }) {
    this.compiled(reader).catch(() => { this.module = null; });
    if (this.readers > 1) this.makeReader?.keep();
    if (lanes) this.makeMarker?.keep();
  }

  /** @param {string | null} reader address, null: where the package has it */
  compiled(reader) {
    if (this.reader !== reader) this.module = null;
    this.reader = reader;
    return this.module ??= compileReader(reader ?? undefined);
  }

  /** @param {Extract<Request, {type: 'open' | 'region'}>} request */
  begin(request) {
    const { epoch, name } = request;
    this.reading?.stop();
    this.reading = null;
    this.queue = null;
    this.epoch = epoch;
    this.budget = request.budget;
    let source;
    try {
      source = this.sourceOf(request);
    } catch (error) {
      this.post({ type: 'end', epoch, error: messageOf(error) });
      return;
    }
    this.compiled(request.reader).then(async (module) => {
      if (epoch !== this.epoch) return;
      const reading = new Reading({
        module, reader: request.reader, name, budget: this.budget, breather: this.breather,
        makeWorker: this.makeReader, makeMarker: this.makeMarker,
        readers: request.type === 'region' ? 1 : this.readers, crowded: this.crowded, eager: this.eager,
        tell: (info) => this.post({ type: 'info', epoch, info }),
        refined: () => this.post({ type: 'refined', epoch }),
      });
      if (request.lanes) reading.readMore().catch(() => {}); // it is waited for below
      this.reading = reading;
      await reading.run(source);
      await reading.moreRead;
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
   * Of those who draw the latest question wins: one that was still waiting is answered with null. Who is patient is
   * answered in any case.
   * @param {number} id @param {Query} query
   */
  async ask(id, query) {
    const look = () => this.answer(id, (reading) => this.look(reading, query), buffersOfTiles);
    if (query.patient) return look();
    if (this.question !== null) this.post({ type: 'answer', id: this.question, result: null });
    this.question = id;
    await this.breather.breathe();
    if (this.question !== id) return;
    this.question = null;
    return look();
  }

  /**
   * Lanes of Ps and of stops from the joined trace, the others from the second reading, in the order asked.
   * @param {Reading} reading @param {Query} query @returns {Promise<import('./types.mjs').Tiles>}
   */
  async look(reading, query) {
    const { more } = reading;
    const others = query.lanes.filter((lane) => lane >= MARK_LANES);
    if (!others.length) return reading.query(query);
    const [ofPs, ofMore] = await Promise.all([
      reading.query({ ...query, lanes: query.lanes.filter((lane) => lane < MARK_LANES) }),
      more?.query({ ...query, lanes: others }),
    ]);
    const found = new Map([...ofPs.lanes, ...ofMore?.lanes ?? []].map((lane) => [lane.lane, lane]));
    // Of a lane that is not there any more nothing is shown; but it is answered, or it would be asked for again.
    const lanes = query.lanes.flatMap((lane) => found.get(lane) ?? (lane >= MARK_LANES ? emptyLane(lane) : []));
    return {
      ...ofPs, lanes, strings: { ...ofPs.strings, ...ofMore?.strings },
      coarse: [...ofPs.coarse ?? [], ...ofMore?.coarse ?? []],
    };
  }

  /** @param {Reading} reading @param {{lane: number, index: number}} what */
  async detail(reading, { lane, index }) {
    if (lane >= MARK_LANES) return reading.more?.ask((id) => ({ type: 'detail', id, lane, index })) ?? null;
    if (reading.preview) await reading.firstJoined; // a preview knows no details
    return reading.details.detail(lane, index);
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

/** @param {number} lane @returns {import('./types.mjs').LaneTiles} */
function emptyLane(lane) {
  return {
    lane, n: 0, start: new Float64Array(0), end: new Float64Array(0), goid: new Float64Array(0),
    state: new Uint8Array(0), index: new Int32Array(0), busy: new Float32Array(0), fn: new Uint32Array(0),
  };
}
