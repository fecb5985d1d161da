// reading.mjs: one trace on its way: its bytes are cut into generations, these go to readers side by side, and what
// they find is joined in order.
//
// The first generation is read as any reader would. A later one is read with what the one before hands on if that is
// known by then (`exact`), else as a part, which believes what it is told of the past. If the join finds that it
// believed too much, or if it failed, it is read again, exactly: so every verdict is that of a reader of the whole. The
// last one is always read exactly, since only it can end inside a batch.
import { Cutter, HEADER_BYTES } from './cutter.mjs';
import { Details, LEAST_KEEP } from './details.mjs';
import { messageOf } from './decoder.mjs';
import { Gaps } from './gaps.mjs';
import { Joined } from './joined.mjs';
import { MoreLanes } from './morelanes.mjs';
import { Pool } from './pool.mjs';
import { Preview } from './preview.mjs';
import { EMPTY_FILE, ForeignFile, whyUnread } from './sniff.mjs';
import { KeptBytes } from './source.mjs';
import { lastBatch } from './tail.mjs';

/** @typedef {import('./types.mjs').TraceInfo} TraceInfo */
/** @typedef {import('./source.mjs').Source} Source */
/** @typedef {import('./decoder.mjs').Found} Found */
/** @typedef {import('./decoder.mjs').Past} Past */

/**
 * Bytes that are read ahead: so many generations for each reader as keep it busy, within these bounds, unless one
 * generation has more. What is read further ahead only takes memory, and time from the first generation.
 */
const LEAST_AHEAD = 8 << 20;
const MOST_AHEAD = 48 << 20;
const AHEAD_A_READER = 2;
/** With so many bytes waiting one more reader pays: it takes some 50 ms to start. */
const WORTH_A_WORKER = 1 << 20;
/** A file wants one reader more for each of so many bytes. */
const LARGE = 8 << 20;
/**
 * A first generation of more than that is taken in while it comes: so its bytes are not there twice, and it is decoded
 * as soon as the last of them is there. There is room for so many at first.
 */
const LONG_BYTES = 8 << 20;
const MOST_ROOM = 256 << 20;
/** However little is to be kept, there is room for the summaries of some generations. */
const LEAST_SUMMARIES = 16 << 10;
/**
 * What summaries, and generations that are looked at, may take of memory.
 * @param {number} budget of a stream's bytes
 */
const shares = (budget) => ({
  summaries: Math.max(LEAST_SUMMARIES, Math.min(64 << 20, budget / 4)),
  details: Math.max(LEAST_KEEP, Math.min(64 << 20, budget / 4)),
});
const HALTED = 'Reading was cancelled';
/** Shortest time between two infos, ms. */
const INFO_MS = 34;

/**
 * A generation that is being read, or about to be. found: what came of it; part: it was read as one.
 * @typedef {{n: number, start: number, end: number, chunks: Uint8Array[] | null, last: boolean,
 *   past: Past | null, found: Found | null}} Piece
 */

export class Reading {
  /**
   * @param {object} how
   * @param {WebAssembly.Module} how.module
   * @param {string | null} how.reader where that is from
   * @param {string} how.name
   * @param {number} how.budget bytes of a stream to keep
   * @param {import('./breather.mjs').Breather} how.breather
   * @param {(() => import('./client.mjs').WorkerLike) | null} how.makeWorker
   * @param {number} how.readers
   * @param {boolean} how.crowded these readers alone keep all processors busy
   * @param {boolean} how.eager
   * @param {(() => import('./client.mjs').WorkerLike) | null} how.makeMarker a worker for the lanes of readMore()
   * @param {(info: TraceInfo) => void} how.tell
   * @param {() => void} how.refined
   */
  constructor({ module, reader, name, budget, breather, makeWorker, makeMarker, readers, crowded, eager, tell,
    refined }) {
    this.eager = eager;
    this.readers = readers;
    this.name = name;
    this.tell = tell;
    /** @type {Source | null} */
    this.source = null;
    this.joined = new Joined(module, { summaryBytes: shares(budget).summaries });
    /** @type {(error: Error) => void} */
    this.fail = () => {};
    /** @type {Promise<never>} a reader is gone */
    this.failed = new Promise((_, reject) => { this.fail = reject; });
    this.failed.catch(() => {});
    this.pool = new Pool({
      module, reader, breather, makeWorker, most: readers - 1,
      onReady: () => this.next(),
      onLost: (reader) => this.details.lose(reader), onError: (error) => this.fail(error),
    });
    this.kept = new KeptBytes(budget);
    this.details = new Details({
      joined: this.joined, pool: this.pool, header: () => this.cutter.header.subarray(0, this.headerBytes),
      bytesOf: (g) => this.bytesOf(g), gone: (n) => n < this.kept.first, fresh: () => Boolean(this.source?.blob),
      done: () => this.ended, onDecoded: refined,
      keep: shares(budget).details,
    });
    /** @type {Piece[]} those that no reader has yet */
    this.waiting = [];
    /** @type {Map<number, Piece>} those that are not joined yet */
    this.open = new Map();
    this.cutter = new Cutter((cut) => this.cut(cut));
    this.pieces = 0;
    this.inFlight = 0;
    /** Bytes of the longest generation so far. */
    this.longest = 0;
    this.bytes = 0;
    /** @type {string | null} */
    this.error = null;
    /** Why no more bytes came: what is there is read, and that it ends early comes of this. @type {string | null} */
    this.broken = null;
    /** The last generation was joined, or reading ended in it. */
    this.ended = false;
    this.done = false;
    this.stopped = false;
    this.moved = () => {};
    /** Events of the generation that is being read, where they can be told. */
    this.ahead = 0;
    this.expected = 0;
    /** Of the first generation, if it is taken in while it comes. @type {number | null} */
    this.begun = null;
    /** Of the first generation, until it is joined. @type {Preview | null} */
    this.preview = null;
    this.refined = refined;
    this.joinedFirst = () => {};
    /** @type {Promise<void>} */
    this.firstJoined = new Promise((resolve) => { this.joinedFirst = resolve; });
    this.gaps = new Gaps();
    /** Lanes of goroutines and the like, if they were asked for. @type {MoreLanes | null} */
    this.more = null;
    this.makeMore = () => new MoreLanes({
      module, reader, reading: this, breather, makeWorker: makeMarker, budget: this.kept.budget, last: crowded,
      onMore: () => {
        this.inform(this.more?.done ?? false);
        refined();
      },
    });
    /** @type {Promise<void>} */
    this.moreRead = Promise.resolve();
    this.toldAt = -Infinity;
    this.told = '';
    /** @type {Array<{at: number, events: number}>} for the rate */
    this.marks = [];
  }

  /** From now on so much is kept. @param {number} budget */
  limit(budget) {
    this.kept.budget = budget;
    this.#giveUp();
    this.joined.summaryBytes = shares(budget).summaries;
    this.details.keep = shares(budget).details;
    if (this.more) this.more.budget = budget;
  }

  /** Keeps to the budget. */
  #giveUp() {
    this.kept.shrink(this.joined.count);
    this.joined.released(this.kept.first);
  }

  get headerBytes() { return Math.min(this.bytes, HEADER_BYTES); }

  stop() {
    this.stopped = true;
    this.source?.stop();
    this.pool.stop();
    this.#endPreview();
    this.joined.close();
    this.more?.stop();
    this.moved();
  }

  /** Reads no further; what is joined stays, as where a trace is damaged. */
  halt() {
    if (this.done) return;
    this.error ??= HALTED;
    this.ended = true;
    this.source?.stop();
    this.moved();
  }

  /** Reads the lanes of goroutines, threads, GC, tasks and regions, too; resolves when all are there. */
  readMore() {
    if (this.more) return this.moreRead;
    this.more = this.makeMore();
    this.moreRead = this.more.run();
    if (this.source) this.inform(true); // who asks for them later hears that they come
    return this.moreRead;
  }

  /** @param {() => Promise<Source>} open */
  async run(open) {
    try {
      this.source = await open();
      if (this.stopped) return this.source.stop();
      // What is large will want all readers: they start while the first bytes come.
      for (let n = this.source.blob?.size ?? 0; n > LARGE; n -= LARGE) this.pool.grow();
      await Promise.race([this.readAll(this.source), this.failed]);
    } catch (error) {
      if (this.stopped) return;
      this.error ??= messageOf(error);
      if (!(error instanceof ForeignFile)) throw error;
    } finally {
      this.done = true;
      this.#endPreview(); // if there still is one nothing will come in its place
      this.source?.stop();
      this.more?.wake();
      if (!this.stopped) this.inform(true);
    }
  }

  /** @param {Source} source */
  async readAll(source) {
    void this.lookAhead(source);
    for (;;) {
      const { lost } = source;
      const chunk = await source.next().catch((error) => {
        if (!this.bytes) throw error;
        this.broken = messageOf(error);
        return null;
      });
      if (this.stopped || this.error) return;
      if (!chunk) break;
      if (chunk.length) {
        const from = this.pieces;
        this.bytes += chunk.length;
        this.cutter.push(chunk);
        if (source.whole) this.cutter.flush();
        this.takeIn(source);
        this.gaps.lose(lost, from, this.pieces);
        if (this.cutter.odd) break;
      }
      this.inform(false);
      while (this.inFlight > 0 && this.inFlight + this.cutter.pending > this.aheadAtMost && !this.stopped &&
        !this.error)
        await new Promise((resolve) => { this.moved = () => resolve(undefined); });
    }
    if (this.bytes === 0) {
      // A file of no bytes is a mistake worth a word; a program that traced nothing is not.
      if (!source.live) this.error = EMPTY_FILE;
      return;
    }
    const rest = this.cutter.rest();
    this.give({ ...rest, last: true });
    while (!this.ended && !this.stopped) await new Promise((resolve) => { this.moved = () => resolve(undefined); });
  }

  /** Of a long first generation what is there by now. @param {Source} source */
  takeIn({ blob }) {
    const { cutter, pool } = this;
    if (!blob || this.pieces || cutter.odd || cutter.pending < (this.eager ? 1 : LONG_BYTES)) return;
    this.begun ??= pool.begin(cutter.header.slice(), Math.min(blob.size, MOST_ROOM));
    pool.more(this.begun, cutter.begun());
  }

  /** Bytes that may have been read and not joined. */
  get aheadAtMost() {
    return Math.min(MOST_AHEAD, Math.max(LEAST_AHEAD, AHEAD_A_READER * this.readers * this.longest));
  }

  /** @param {import('./cutter.mjs').Cut} cut */
  cut(cut) {
    this.give({ ...cut, last: false });
  }

  /** @param {{start: number, end: number, chunks: Uint8Array[], last: boolean}} what */
  give({ start, end, chunks, last }) {
    const piece = { n: this.pieces++, start, end, chunks, last, past: null, found: null };
    this.open.set(piece.n, piece);
    this.inFlight += end - start;
    this.longest = Math.max(this.longest, end - start);
    if (!this.source?.blob) {
      this.kept.add(piece.n, chunks);
      this.#giveUp();
    }
    this.waiting.push(piece);
    if (this.waiting.length > 1 && (this.eager || this.inFlight > WORTH_A_WORKER)) this.pool.grow();
    this.next();
  }

  /** Gives readers to do what can be done. */
  next() {
    while (this.waiting.length && !this.stopped && !this.error) {
      const [piece] = this.waiting;
      const isNext = piece.n === this.joined.count;
      if (piece.last && !isNext) return;
      const reader = piece.n === 0 && this.begun !== null ? this.pool.local : this.pool.free();
      if (!reader) return;
      this.waiting.shift();
      const known = isNext && !(this.eager && piece.n && !piece.last);
      void this.read(piece, reader, known ? this.joined.past() : { how: 'part' });
    }
  }

  /** @param {Piece} piece @param {import('./pool.mjs').Reader} reader @param {Past} past */
  async read(piece, reader, past) {
    piece.past = past;
    try {
      const chunks = piece.chunks ?? await this.bytesOf(piece);
      if (!chunks) throw new Error('The trace was given up before it was read.');
      piece.chunks = null;
      const keep = past.how !== 'part' && (this.source?.live || this.details.hasRoom) ? piece.n : null;
      piece.found = await this.pool.read(reader, {
        header: this.cutter.header.slice(0, this.headerBytes), skip: Math.max(0, piece.start - HEADER_BYTES),
        chunks, give: Boolean(this.source?.blob), begun: piece.n === 0 ? this.begun : null,
        go: { past, end: piece.last, keep, summary: Math.max(1, piece.end - piece.start) },
      }, past.how === 'part' ? undefined : (progress) => this.progress(progress));
      if (this.stopped) return;
      if (keep !== null) this.details.add(piece.n, { reader, memory: piece.found.memory });
      this.join();
      this.next();
    } catch (error) {
      if (!this.stopped) this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Who waited for more than it can tell goes on. */
  #endPreview() {
    this.preview = null;
    this.joinedFirst();
  }

  /** @param {import('./pool.mjs').Progress} progress */
  progress({ events, seen }) {
    if (this.done) return;
    this.ahead = events;
    if (seen) {
      this.preview = new Preview(seen);
      this.refined();
    }
    this.inform(Boolean(seen));
  }

  /**
   * Lanes of Ps and of stops. Who is patient counts, or sums up, and would take what a preview says for the truth.
   * @param {import('./types.mjs').Query} query
   */
  async query(query) {
    if (this.preview && !query.patient) return this.preview.query(query);
    if (this.preview) await this.firstJoined;
    return this.details.query(query);
  }

  /** Joins what has been found, in order. */
  join() {
    const hadNone = !this.joined.count;
    for (;;) {
      const piece = this.open.get(this.joined.count);
      if (!piece?.found || this.error) break;
      const { found, past } = piece;
      const { count, t1 } = this.joined;
      piece.found = null;
      const carry = past?.how === 'exact' ? past.carry : null;
      const broken = past?.how === 'part' && found.error !== null;
      if (broken || !this.joined.accept(piece, found, carry)) {
        void this.read(piece, this.pool.leastBusy(), this.joined.past());
        return;
      }
      this.open.delete(piece.n);
      if (this.preview) this.refined();
      this.#endPreview();
      this.inFlight -= piece.end - piece.start;
      this.ahead = 0;
      this.#giveUp();
      this.gaps.joined(count, t1, this.joined.begins);
      this.error ??= piece.last ? this.broken ?? found.error : found.error;
      if (piece.last || found.error) this.ended = true;
      this.moved();
    }
    this.more?.wake();
    this.inform(hadNone && this.joined.count > 0);
  }

  /**
   * The bytes of a generation, once more; null: they were given up.
   * @param {{n: number, start: number, end: number}} g
   */
  async bytesOf({ n, start, end }) {
    const blob = this.source?.blob;
    if (!blob) return this.kept.chunks.get(n) ?? null;
    try {
      return [new Uint8Array(await blob.slice(start, end).arrayBuffer())];
    } catch (error) {
      throw await whyUnread(blob, false, error);
    }
  }

  /** Finds out early how long the trace is. @param {Source} source */
  async lookAhead({ blob }) {
    if (!blob) return;
    this.expected = await lastBatch(blob).catch(() => 0);
  }

  /** Where the trace will end, as far as known before it was read, ns. */
  get expectedT1() {
    const { unitNs, info } = this.preview ?? this.joined;
    if (!this.expected || !unitNs) return null;
    const t1 = Number(BigInt(Math.round(this.expected * unitNs)) - BigInt(info.baseNs));
    return t1 > info.t1 ? t1 : null;
  }

  /** @param {boolean} always */
  inform(always) {
    const now = performance.now();
    if (!always && now - this.toldAt < INFO_MS) return;
    const { source, joined, more } = this;
    const events = Math.max(joined.info.events, this.ahead);
    const rate = this.rate(now, events);
    const lost = source?.lost ?? 0;
    const news = `${this.bytes} ${events} ${joined.count} ${lost} ${rate} ${more?.t1} ${more?.total}`;
    if (!always && news === this.told) return;
    this.toldAt = now;
    this.told = news;
    const { version, t1, baseNs, goroutines, lanesDenied } = (this.preview ?? joined).info;
    const kept = joined.generations[this.kept.first];
    this.tell({
      version, events, generations: joined.info.generations, t0: 0, t1, baseNs,
      goroutines, lanesDenied,
      lanes: this.preview?.lanes ?? joined.laneList(),
      state: this.done ? 'done' : source?.live ? 'live' : 'loading',
      name: this.name,
      bytes: this.bytes,
      totalBytes: source?.totalBytes ?? null,
      expectedT1: this.done ? null : this.expectedT1,
      lost,
      gaps: this.gaps.found,
      moreLanes: more?.total ?? 0,
      curves: more?.curves ?? 0,
      lanesFrom: more?.from ?? 0,
      lanesT1: more && !more.done ? more.t1 : t1,
      lanesLife: more?.life ?? 0,
      lanesDone: more ? more.done : true,
      eventsPerSecond: this.done ? 0 : rate,
      error: this.error,
      full: this.kept.first > 0,
      knownFrom: joined.knownFrom,
      detailFrom: this.kept.first > 0 ? kept?.t0 ?? t1 : 0,
    });
  }

  /** Events a second, over the last second. @param {number} now @param {number} events */
  rate(now, events) {
    const { marks } = this;
    marks.push({ at: now, events });
    while (marks.length > 2 && marks[1].at <= now - 1000) marks.shift();
    const span = now - marks[0].at;
    return span > 0 ? Math.round((events - marks[0].events) / Math.max(span, 250) * 1000) : 0;
  }

  /** All whole generations; of a stream those that are kept. @returns {Blob} */
  saved() {
    const { complete } = this.joined;
    const blob = this.source?.blob;
    const type = 'application/octet-stream';
    if (blob) return new Blob([blob.slice(0, complete)], { type });
    /** @type {BlobPart[]} */
    const parts = [/** @type {BlobPart} */ (this.cutter.header.slice(0, Math.min(complete, this.headerBytes)))];
    for (let n = this.kept.first; n < this.joined.count; n++) {
      let room = complete - this.joined.generations[n].start;
      for (const chunk of this.kept.chunks.get(n) ?? []) {
        if (room > 0) parts.push(/** @type {BlobPart} */ (chunk.subarray(0, Math.min(room, chunk.length))));
        room -= chunk.length;
      }
    }
    return new Blob(parts, { type });
  }
}
