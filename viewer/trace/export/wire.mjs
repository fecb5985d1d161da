// wire.mjs: a trace as bytes, without the reader: where its generations and batches are, what stands in a batch,
// and varints both ways. runtime/format/trace_events.h has the same table; tests/export/wire.test.mjs compares
// them.
import { DAMAGED, ForeignFile } from '../sniff.mjs';

/** Events that something here has to know by number. */
export const EV = Object.freeze({
  BATCH: 1, STACKS: 2, STRINGS: 4, CPU_SAMPLES: 6, CPU_SAMPLE: 7, FREQUENCY: 8,
  PROC_START: 10, PROC_STOP: 11, PROC_STEAL: 12, PROC_STATUS: 13,
  GO_CREATE: 14, GO_CREATE_SYSCALL: 15, GO_START: 16, GO_DESTROY: 17, GO_DESTROY_SYSCALL: 18, GO_STOP: 19,
  GO_BLOCK: 20, GO_UNBLOCK: 21, GO_SYSCALL_BEGIN: 22, GO_SYSCALL_END: 23, GO_SYSCALL_END_BLOCKED: 24, GO_STATUS: 25,
  STW_BEGIN: 26, STW_END: 27, GC_ACTIVE: 28, GC_BEGIN: 29, GC_END: 30,
  GC_SWEEP_ACTIVE: 31, GC_SWEEP_BEGIN: 32, GC_SWEEP_END: 33,
  GC_MARK_ASSIST_ACTIVE: 34, GC_MARK_ASSIST_BEGIN: 35, GC_MARK_ASSIST_END: 36,
  GO_SWITCH: 45, GO_SWITCH_DESTROY: 46, GO_CREATE_BLOCKED: 47, GO_STATUS_STACK: 48, EXPERIMENTAL_BATCH: 49,
  SYNC: 50, CLOCK_SNAPSHOT: 51, END_OF_GENERATION: 52,
});

/** Arguments of each timed event, dt among them, by its number; 0: no such event. */
export const ARGS = new Uint8Array(256);
[[9, 3, 3, 1, 4, 3, 4, 2, 3, 1, 1, 3, 3, 4, 3, 1, 1, 4, 3, 1, 2, 3, 2, 2, 2, 3, 2, 2, 1, 2, 2, 2, 5, 3, 4, 4, 5, 3,
  3, 4, 5], [128, 4, 4, 2, 3, 3, 2, 3, 3, 2]].forEach(([first, ...counts]) => ARGS.set(counts, first));

/** What is no M. */
export const NO_M = 2 ** 64;

/** The mistake stands in the trace or in what was asked of it; the message is one sentence for the user. */
export class ExportError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'ExportError';
    /** Something stands before the mistake, and it has been exported. */
    this.isPart = false;
  }
}

/** The trace is damaged; the message is still without what became of the rest, and without a full stop. */
export class Damage extends ExportError {}

/**
 * @param {unknown} error that ended an export @param {boolean} isPart @returns {unknown} it, for the user
 */
export function endedBy(error, isPart) {
  const isGzip = error instanceof ForeignFile || /^(Z_|ERR_TRAILING_JUNK)/.test(
    /** @type {NodeJS.ErrnoException} */ (error)?.code ?? '');
  const what = isGzip ? DAMAGED
    : error instanceof Damage ? error.message : null;
  if (what !== null) error = new ExportError(`${what}; ${isPart ? 'what comes before has been exported'
    : 'nothing before it can be exported'}.`);
  if (error instanceof ExportError) error.isPart = isPart;
  return error;
}

const HEADER = 16;
/** The most a batch may hold, by the format. */
const BATCH_MOST = 65536;
const VARINT_MOST = 10;

/**
 * Numbers are exact up to 2^53; beyond (ids only) they are still told apart.
 * @param {Uint8Array} bytes @param {{at: number}} cursor moved behind it
 * @returns {number} NaN: it does not end
 */
export function varint(bytes, cursor) {
  let value = 0, scale = 1;
  for (let i = 0; i < VARINT_MOST && cursor.at < bytes.length; i++) {
    const b = bytes[cursor.at++];
    value += (b & 127) * scale;
    if (b < 128) return value;
    scale *= 128;
  }
  return NaN;
}

/** @param {number} value below 2^53, or NO_M @returns {number[]} */
export function varintOf(value) {
  if (value === NO_M) return [255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
  const out = [];
  for (; value >= 128; value = Math.floor(value / 128)) out.push(value % 128 + 128);
  out.push(value);
  return out;
}

/**
 * @typedef {object} Batch offsets are in its generation's bytes
 * @property {number} at
 * @property {number} body
 * @property {number} end
 * @property {number} kind EV.STACKS, STRINGS, CPU_SAMPLES, FREQUENCY, SYNC, EXPERIMENTAL_BATCH, or 0: a thread's
 *   events
 * @property {number} m
 * @property {number} time
 *
 * @typedef {object} Generation
 * @property {Uint8Array} header of the trace
 * @property {number} gen its number
 * @property {number} offset of its first byte in the trace
 * @property {Uint8Array} bytes
 * @property {Batch[]} batches
 * @property {number} start earliest time of a thread's batch, in units of the trace's clock; Infinity: none
 * @property {number} nsPerUnit
 */

/** Kinds of batches that hold no thread's events. @type {Set<number>} */
const TABLES = new Set([EV.STACKS, EV.STRINGS, EV.CPU_SAMPLES, EV.FREQUENCY, EV.SYNC]);

/** Takes a trace apart as its bytes come. */
class Splitter {
  constructor() {
    this.header = new Uint8Array(0);
    this.buffer = new Uint8Array(1 << 20);
    /** Where what is not taken yet begins in the buffer, and how much that is. */
    this.begin = 0;
    this.have = 0;
    this.scanned = 0;
    this.offset = 0;
    this.gen = -1;
    /** @type {Batch[]} */
    this.batches = [];
  }

  /** @param {Uint8Array} chunk @returns {Generator<Generation>} those that are whole now */
  *push(chunk) {
    // Once a chunk, not once a generation: a chunk may hold thousands of them.
    if (this.begin) this.buffer.copyWithin(0, this.begin, this.begin + this.have);
    this.begin = 0;
    if (this.have + chunk.length > this.buffer.length) {
      const grown = new Uint8Array(Math.max(2 * this.buffer.length, this.have + chunk.length));
      grown.set(this.#bytes(this.have));
      this.buffer = grown;
    }
    this.buffer.set(chunk, this.have);
    this.have += chunk.length;
    if (!this.header.length && !this.#takeHeader()) return;
    for (let next = this.#next(); next; next = this.#next()) if (next !== true) yield next;
  }

  /** What is left when no more bytes come. @returns {Generator<Generation>} */
  *end() {
    if (!this.header.length) throw new ExportError(this.have === 0
      ? 'The trace is empty: there is nothing to export.'
      : `The trace ends after ${this.have} bytes, before its header does.`);
    // A generation that is cut off may lack its tables; one that ends with a batch is taken for whole.
    if (this.batches.length && this.scanned === this.have) yield this.#take(this.scanned);
    if (this.have > 0) throw new Damage(`The trace ends in the middle of a batch (byte ${this.offset})`);
  }

  /** The first of what is not taken yet. @param {number} n */
  #bytes(n) {
    return this.buffer.subarray(this.begin, this.begin + n);
  }

  #takeHeader() {
    if (this.have < HEADER) return false;
    const text = new TextDecoder('latin1').decode(this.#bytes(HEADER));
    if (!/^go 1\.(22|23|25|26) trace\0\0\0$/.test(text))
      throw new ExportError('This is no trace of Go 1.22 to 1.27: its first 16 bytes are not the header.');
    this.header = this.#bytes(HEADER).slice();
    this.#drop(HEADER);
    return true;
  }

  /** The generation up to `end`, without what is behind. @param {number} end @returns {Generation} */
  #take(end) {
    const bytes = this.#bytes(end).slice();
    const { header, gen, batches, offset } = this;
    let start = Infinity, frequency = NaN;
    for (const batch of batches) {
      if (batch.kind === 0) start = Math.min(start, batch.time);
      const at = batch.body + (batch.kind === EV.SYNC ? 1 : 0);
      if ((batch.kind === EV.SYNC || batch.kind === EV.FREQUENCY) && bytes[at] === EV.FREQUENCY)
        frequency = varint(bytes, { at: at + 1 });
    }
    this.#drop(end);
    this.batches = [];
    return { header, gen, offset, bytes, batches, start, nsPerUnit: 1e9 / frequency };
  }

  /** @param {number} n */
  #drop(n) {
    this.begin += n;
    this.have -= n;
    this.offset += n;
    this.scanned = Math.max(0, this.scanned - n);
  }

  /** @param {string} what @param {number} at */
  #fail(what, at) {
    return new Damage(`${what} (byte ${this.offset + at})`);
  }

  /** The next batch: a generation that it ends, true if it ends none, null if it is not there yet. */
  #next() {
    const bytes = this.#bytes(this.have), at = this.scanned;
    if (at >= this.have) return null;
    if (bytes[at] === EV.END_OF_GENERATION) {
      this.scanned++;
      return this.batches.length ? this.#take(this.scanned) : true;
    }
    const experimental = bytes[at] === EV.EXPERIMENTAL_BATCH;
    if (bytes[at] !== EV.BATCH && !experimental)
      throw this.#fail(`A batch cannot begin with byte ${bytes[at]}`, at);
    const cursor = { at: at + (experimental ? 2 : 1) };
    const [gen, m, time, size] = [0, 0, 0, 0].map(() => varint(bytes, cursor));
    if (Number.isNaN(size)) {
      if (this.have - at > 2 + 4 * VARINT_MOST) throw this.#fail('A number of a batch\'s header does not end', at);
      return null;
    }
    if (size > BATCH_MOST && !experimental) throw this.#fail(`A batch says that it holds ${size} bytes`, at);
    if (time > Number.MAX_SAFE_INTEGER) throw this.#fail('The clock stands beyond 2^53: that is not exported', at);
    const end = cursor.at + size;
    if (end > this.have) return null;
    const kind = experimental ? EV.EXPERIMENTAL_BATCH : size && TABLES.has(bytes[cursor.at]) ? bytes[cursor.at] : 0;
    const ends = this.batches.length && gen !== this.gen ? this.#take(at) : true;
    const shift = ends === true ? 0 : at; // what was taken is gone from the buffer
    this.gen = gen;
    this.batches.push({ at: at - shift, body: cursor.at - shift, end: end - shift, kind, m, time });
    this.scanned = end - shift;
    return ends;
  }
}

/**
 * The generations of a trace, each as soon as its last byte has come. Throws ExportError at damage.
 * @param {AsyncIterable<Uint8Array>} chunks @returns {AsyncGenerator<Generation>}
 */
export async function* generations(chunks) {
  const splitter = new Splitter();
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}
