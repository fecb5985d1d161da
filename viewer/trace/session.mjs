// session.mjs: the worker's side: reads one trace in slices of time, and answers questions about it in between.
import { blobFeed, PushFeed, RingFeed } from './feed.mjs';
import { compileReader, describeFault, OPTION, STATUS, TraceStore } from './store.mjs';

/** @typedef {import('./types.mjs').TraceInfo} TraceInfo */
/** @typedef {import('./types.mjs').Query} Query */
/** @typedef {import('./feed.mjs').Feed} Feed */

/** Longest stretch of decoding between two looks at the questions, ms. */
const SLICE_MS = 8;
/** Events decoded between two looks at the clock. */
const SLICE_EVENTS = 4096;
/** Shortest time between two infos, ms. */
const INFO_MS = 34;

/**
 * From the client. `epoch` numbers what is opened: answers about an older one are dropped there.
 * @typedef {{type: 'open', epoch: number, name: string, blob: Blob | null, totalBytes: number | null,
 *     budget: number, reader: string | null, lanes: boolean}
 *   | {type: 'chunk', epoch: number, bytes: Uint8Array}
 *   | {type: 'finish', epoch: number, error: string | null}
 *   | {type: 'region', epoch: number, name: string, memory: WebAssembly.Memory, ptr: number, budget: number,
 *     reader: string | null, lanes: boolean}
 *   | {type: 'query', epoch: number, id: number, query: Query}
 *   | {type: 'detail', epoch: number, id: number, lane: number, index: number}
 *   | {type: 'lanes', epoch: number, id: number, from: number}
 *   | {type: 'find', epoch: number, id: number, lane: number, t: number}
 *   | {type: 'point', epoch: number, id: number, lane: number, index: number}
 *   | {type: 'save', epoch: number, id: number}} Request
 */

/**
 * To the client.
 * @typedef {{type: 'info', epoch: number, info: TraceInfo}
 *   | {type: 'taken', epoch: number, bytes: number}
 *   | {type: 'end', epoch: number, error: string | null}
 *   | {type: 'answer', id: number, result: any}
 *   | {type: 'failed', id: number, error: string}} Answer
 */

/** @typedef {(answer: Answer, transfer?: Transferable[]) => void} Post */

/** Lets waiting messages in. A message channel is not slowed down as timers are. */
class Breather {
  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.near = port1;
    this.far = port2;
    /** @type {Array<() => void>} */
    this.waiting = [];
    this.near.onmessage = () => this.waiting.shift()?.();
  }

  /** @returns {Promise<void>} */
  breathe() {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.far.postMessage(null);
    });
  }

  close() {
    this.near.close();
  }
}

export class TraceSession {
  /** @param {Post} post */
  constructor(post) {
    this.post = post;
    this.epoch = 0;
    /** @type {Reading | null} */
    this.reading = null;
    /** @type {PushFeed | null} of the trace being read, when its bytes are pushed */
    this.pushFeed = null;
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
      case 'chunk': if (request.epoch === this.epoch) this.pushFeed?.push(request.bytes); break;
      case 'finish': if (request.epoch === this.epoch) this.pushFeed?.finish(request.error); break;
      case 'query': void this.ask(request.id, request.query); break;
      case 'detail': this.answer(request.id, (reading) => reading.store.detail(request.lane, request.index)); break;
      case 'lanes': this.answer(request.id, (reading) => reading.store.lanes(request.from)); break;
      case 'find': this.answer(request.id, (reading) => reading.store.find(request.lane, request.t)); break;
      case 'point': this.answer(request.id, (reading) => reading.store.point(request.lane, request.index)); break;
      case 'save': this.answer(request.id, (reading) => reading.saved()); break;
    }
  }

  close() {
    this.reading?.stop();
    this.reading = null;
    this.breather.close();
  }

  /** @param {Extract<Request, {type: 'open' | 'region'}>} request */
  begin(request) {
    const { epoch, name } = request;
    this.reading?.stop();
    this.reading = null;
    this.pushFeed = null;
    this.epoch = epoch;
    let feed;
    try {
      feed = this.feedOf(request);
    } catch (error) {
      this.post({ type: 'end', epoch, error: messageOf(error) });
      return;
    }
    this.module ??= compileReader(request.reader ?? undefined);
    this.module.then(async (module) => {
      if (epoch !== this.epoch) return;
      const reading = new Reading(new TraceStore(module, request.lanes ? OPTION.LANES : 0), feed, name,
        (info) => this.post({ type: 'info', epoch, info }));
      this.reading = reading;
      await reading.run(this.breather);
      this.post({ type: 'end', epoch, error: null });
    }).catch((error) => {
      if (!this.reading) this.module = null; // so that a second try fetches anew
      this.post({ type: 'end', epoch, error: messageOf(error) });
    });
  }

  /** @param {Extract<Request, {type: 'open' | 'region'}>} request @returns {Feed} */
  feedOf(request) {
    if (request.type === 'region') return new RingFeed(request.memory, request.ptr, request.budget);
    if (request.blob) return blobFeed(request.blob);
    const { epoch } = request;
    this.pushFeed = new PushFeed(request.totalBytes, request.budget,
      (bytes) => this.post({ type: 'taken', epoch, bytes }));
    return this.pushFeed;
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
    this.answer(id, (reading) => reading.store.query(query), (tiles) => tiles.lanes.flatMap(buffersOf));
  }

  /** @param {number} id @param {(reading: Reading) => any} make @param {(result: any) => Transferable[]} [transfer] */
  answer(id, make, transfer) {
    try {
      const result = this.reading ? make(this.reading) : null;
      this.post({ type: 'answer', id, result }, result && transfer ? transfer(result) : []);
    } catch (error) {
      this.post({ type: 'failed', id, error: messageOf(error) });
    }
  }
}

/** One trace on its way into one store. */
class Reading {
  /** @param {TraceStore} store @param {Feed} feed @param {string} name @param {(info: TraceInfo) => void} tell */
  constructor(store, feed, name, tell) {
    this.store = store;
    this.feed = feed;
    this.name = name;
    this.tell = tell;
    this.bytes = 0;
    /** @type {string | null} */
    this.error = null;
    this.done = false;
    this.stopped = false;
    this.toldAt = -Infinity;
    this.told = '';
    /** @type {Array<{at: number, events: number}>} for the rate */
    this.marks = [];
  }

  stop() {
    this.stopped = true;
    this.feed.stop();
  }

  /** @param {Breather} breather */
  async run(breather) {
    try {
      await this.readAll(breather);
    } catch (error) {
      this.error ??= messageOf(error);
      throw error;
    } finally {
      this.done = true;
      this.feed.stop();
      if (!this.stopped) this.inform(true);
    }
  }

  /** @param {Breather} breather */
  async readAll(breather) {
    const { store, feed } = this;
    for (;;) {
      const status = await this.decode(breather);
      if (this.stopped) return;
      if (status !== STATUS.WANT) {
        if (status === STATUS.FAILED) this.fault();
        return;
      }
      const chunk = await feed.next();
      if (this.stopped) return;
      if (!chunk) {
        if (!feed.full) store.end();
        if (feed.full || this.bytes === 0) {
          if (this.bytes === 0 && !feed.full) this.emptySource();
          return;
        }
        continue;
      }
      if (chunk.length) {
        this.bytes += chunk.length;
        if (!store.push(chunk)) {
          this.fault();
          return;
        }
        if (feed.whole) store.boundary();
      }
      this.inform(false);
    }
  }

  /** A file of no bytes is a mistake worth a word; a program that traced nothing is not. */
  emptySource() {
    if (!this.feed.live) this.error = 'The file is empty: there is no trace in it.';
  }

  fault() {
    const fault = this.store.fault();
    if (fault) this.error = describeFault(fault);
  }

  /** Decodes what is there, with pauses for questions. @param {Breather} breather */
  async decode(breather) {
    let from = performance.now();
    for (;;) {
      const status = this.store.run(SLICE_EVENTS);
      if (status !== STATUS.MORE) return status;
      if (performance.now() - from < SLICE_MS) continue;
      this.inform(false);
      await breather.breathe();
      if (this.stopped) return status;
      from = performance.now();
    }
  }

  /** @param {boolean} always */
  inform(always) {
    const now = performance.now();
    if (!always && now - this.toldAt < INFO_MS) return;
    const { feed } = this;
    const rate = this.rate(now);
    const news = `${this.bytes} ${this.store.events} ${feed.lost} ${rate}`;
    if (!always && news === this.told) return;
    this.toldAt = now;
    this.told = news;
    this.tell({
      ...this.store.info(),
      state: this.done ? 'done' : feed.live ? 'live' : 'loading',
      name: this.name,
      bytes: this.bytes,
      totalBytes: feed.totalBytes,
      lost: feed.lost,
      eventsPerSecond: this.done ? 0 : rate,
      error: this.error,
      full: feed.full,
    });
  }

  /** Events a second, over the last second. @param {number} now */
  rate(now) {
    const { marks } = this;
    const { events } = this.store;
    marks.push({ at: now, events });
    while (marks.length > 2 && marks[1].at <= now - 1000) marks.shift();
    const span = now - marks[0].at;
    return span > 0 ? Math.round((events - marks[0].events) / Math.max(span, 250) * 1000) : 0;
  }

  /** @returns {Blob} */
  saved() {
    return new Blob(this.feed.saved(this.store.completeOffset), { type: 'application/octet-stream' });
  }
}

/** The memory of a lane's columns. @param {import('./types.mjs').LaneTiles} lane @returns {Transferable[]} */
function buffersOf(lane) {
  return [...Object.values(lane), ...Object.values(lane.points ?? {}), ...(lane.series ?? [])]
    .filter((a) => ArrayBuffer.isView(a)).map((a) => /** @type {ArrayBuffer} */ (a.buffer));
}

/** @param {unknown} error @returns {string} */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
