// pool.mjs: the readers of a trace: one in the session's own thread, which is there at once, and others in workers of
// their own, when there is enough to do for them.
import { Asked } from './asked.mjs';
import { Decoder } from './decoder.mjs';
import { tellReader } from './store.mjs';

/** @typedef {import('./decoder.mjs').Order} Order */
/** @typedef {import('./decoder.mjs').Report} Report */
/** @typedef {import('./decoder.mjs').Found} Found */
/** @typedef {Extract<Report, {type: 'progress'}>} Progress */
/** @typedef {import('./client.mjs').WorkerLike} WorkerLike */

/** Generations a reader has at hand: one that it reads and one that waits, so that it never does. */
const AT_HAND = 2;

export class Pool {
  /**
   * @param {object} how
   * @param {WebAssembly.Module} how.module
   * @param {string | null} how.reader where that is from
   * @param {import('./breather.mjs').Breather} how.breather
   * @param {(() => WorkerLike) | null} how.makeWorker null: there are no workers to be had
   * @param {number} how.most workers beside this thread
   * @param {() => void} how.onReady one reader more is there
   * @param {(reader: Reader) => void} how.onLost it is gone, and what it kept
   * @param {(error: Error) => void} how.onError a reader is gone, and with it what it was doing
   */
  constructor({ module, reader, breather, makeWorker, most, onReady, onLost, onError }) {
    this.module = module;
    this.place = reader;
    this.makeWorker = makeWorker;
    this.most = most;
    this.onReady = onReady;
    this.onLost = onLost;
    this.onError = onError;
    this.stopped = false;
    /** @type {Reader[]} */
    this.readers = [];
    this.asked = new Asked();
    this.local = this.#addLocal(breather);
  }

  #addLocal(/** @type {import('./breather.mjs').Breather} */ breather) {
    const decoder = new Decoder((report) => queueMicrotask(() => this.#receive(report)), breather);
    const reader = new Reader((order) => decoder.receive(order), () => decoder.stop());
    reader.alive = true;
    this.readers.push(reader);
    reader.send({ type: 'init', module: this.module, reader: this.place });
    return reader;
  }

  /** One reader more, if it can be had. */
  grow() {
    if (this.stopped || !this.makeWorker || this.readers.length > this.most) return;
    let worker;
    try {
      worker = this.makeWorker();
    } catch {
      this.makeWorker = null; // one thread does it too
      return;
    }
    const reader = new Reader((order, transfer) => worker.postMessage(order, transfer), () => worker.terminate());
    worker.onmessage = ({ data }) => {
      if (data.type !== 'ready') return this.#receive(data);
      reader.alive = true; // what waits for it was not given to it before: to start may take long
      if (!this.stopped) this.onReady();
    };
    worker.onerror = (event) => this.#lose(reader, event);
    this.readers.push(reader);
    reader.send({ type: 'init', ...tellReader(this.module, this.place) });
  }

  /** @param {Reader} reader @param {any} event */
  #lose(reader, event) {
    event?.preventDefault?.();
    if (this.stopped || reader.gone) return;
    this.makeWorker = null;
    reader.gone = true;
    reader.stop();
    this.onLost(reader);
    this.readers = this.readers.filter((r) => r !== reader);
    const error = new Error(
      `A worker of the trace reader failed: ${event?.message || 'it could not run'}. Open the trace again.`);
    if (this.asked.lose(error, reader) || reader.alive) this.onError(error);
  }

  /** The reader with least to do, if it takes more. @returns {Reader | null} */
  free() {
    const take = this.readers.filter((r) => r.alive && r.load < (r === this.local ? 1 : AT_HAND));
    return take.length ? take.reduce((a, b) => (b.load < a.load ? b : a)) : null;
  }

  /** @returns {Reader} */
  leastBusy() {
    return this.readers.reduce((a, b) => (b.alive && b.load < a.load ? b : a));
  }

  /**
   * This thread's reader takes a trace's first generation in while it comes. @param {Uint8Array} header
   * @param {number} room for so many bytes @returns {number} a job for read()
   */
  begin(header, room) {
    const job = this.asked.number();
    this.local.send({ type: 'begin', job, header, skip: 0, room });
    return job;
  }

  /** @param {number} job of begin() @param {Uint8Array[]} chunks */
  more(job, chunks) {
    for (const bytes of chunks) this.local.send({ type: 'bytes', job, bytes });
  }

  /**
   * @param {Reader} reader
   * @param {{header: Uint8Array, skip: number, chunks: Uint8Array[], give: boolean, begun?: number | null,
   *   go: Omit<Extract<Order, {type: 'go'}>, 'type' | 'job'>}} what give: the chunks may be transferred; begun: the
   *   job of begin(), the chunks are what has come since
   * @param {(progress: Progress) => void} [progress]
   * @returns {Promise<Found>}
   */
  read(reader, { header, skip, chunks, give, begun = null, go }, progress) {
    const job = begun ?? this.asked.number();
    reader.load++;
    if (begun === null) reader.send({ type: 'begin', job, header, skip });
    for (const chunk of chunks) {
      // A part of a chunk is copied out: else all of it would go over.
      const whole = give && chunk.byteLength === chunk.buffer.byteLength;
      const bytes = whole || reader === this.local ? chunk : chunk.slice();
      reader.send({ type: 'bytes', job, bytes },
        reader === this.local ? [] : [/** @type {ArrayBuffer} */ (bytes.buffer)]);
    }
    return this.#ask(reader, () => ({ type: 'go', job, ...go }), { id: job, progress })
      .finally(() => { reader.load--; });
  }

  /** @param {Reader} reader @param {(id: number) => Order} make @returns {Promise<any>} */
  ask(reader, make) {
    return this.#ask(reader, make);
  }

  /**
   * @param {Reader} reader @param {(id: number) => Order} make
   * @param {{id?: number, progress?: (progress: Progress) => void}} [how] @returns {Promise<any>}
   */
  #ask(reader, make, how) {
    if (this.stopped) return new Promise(() => {}); // nobody waits any more
    return this.asked.ask((id) => {
      if (reader.gone) throw new Error('A worker of the trace reader is gone.');
      reader.send(make(id));
    }, { ...how, whom: reader });
  }

  /** @param {Report} report */
  #receive(report) {
    if (this.stopped || report.type === 'ready') return;
    switch (report.type) {
      case 'progress': return this.asked.progress(report.job, report);
      case 'found': return this.asked.answer(report.job, report.found);
      case 'answer': return this.asked.answer(report.id, report.result);
      case 'failed': return this.asked.fail(report.id ?? report.job ?? -1, report.error);
    }
  }

  /** Ends all readers at once; what was asked is never answered. */
  stop() {
    this.stopped = true;
    for (const reader of this.readers) reader.stop();
    this.asked.forget();
  }
}

/** One of them. */
export class Reader {
  /** @param {(order: Order, transfer: Transferable[]) => void} send @param {() => void} stop */
  constructor(send, stop) {
    this.post = send;
    this.stop = stop;
    /** Generations it is reading or about to. */
    this.load = 0;
    /** It has started. */
    this.alive = false;
    /** It has failed. */
    this.gone = false;
  }

  /** @param {Order} order @param {Transferable[]} [transfer] */
  send(order, transfer = []) {
    this.post(order, transfer);
  }
}
