// window.mjs: looking at the trace's ring besides its reader: what it still holds, read or not (TraceTail in
// runtime/format/trace_region.h). Takes nothing away and holds back nobody.
import { FLIGHT, REGION, TAIL } from './abi.mjs';
import { Region, untilWoken } from './region.mjs';

/**
 * Positions are bytes since the start of the trace.
 * @typedef {object} Window
 * @property {number} start where the oldest generation begins that is whole there and that a trace may begin with,
 *   or `end`
 * @property {number} begin where the newest begins that a trace may begin with; it may still be being written
 * @property {number} end where the last whole generation ends; -1: it is not known yet
 * @property {boolean} ended nothing more will come
 * @property {Uint8Array<ArrayBuffer>} header what a trace begins with
 * @property {(from: number, to: number) => Uint8Array<ArrayBuffer> | null} copy of what lies between two of start,
 *   begin and end; null: some of it has been written over
 * @property {(end: number) => Promise<void>} more resolves when `end` is no longer that, or `ended`; now and then
 *   without
 */

/** @param {number} version */
export const headerOf = (version) => new TextEncoder().encode(`go 1.${version} trace\0\0\0`);

const MOST_TRIES = 1000; // at a copy that nobody writes over meanwhile: of a ring that turns faster there is none
const WAIT_MS = 25; // where memory's words cannot be waited for: how often they are looked at

/** In memory that is seen from here. @implements {Window} */
export class RingWindow extends Region {
  get isFlight() { return this.mode === FLIGHT; }
  get start() { return this.#position(this.tail + TAIL.startPos); }
  get begin() { return this.#position(this.tail + TAIL.beginPos); }
  get end() { return this.#position(REGION.writePos); }
  get ended() { return this.state === 2; }
  get version() { return this.word(this.tail + TAIL.version); }
  get header() { return headerOf(this.version); }
  /** The last wish for a turn (gr_trace_ask) that has been fulfilled. */
  get told() { return this.word(this.tail + TAIL.told); }

  /** @param {number} offset */
  #position(offset) {
    const at = this.long(offset);
    return this.whole() && this.holds(at >= 0 && at <= Number.MAX_SAFE_INTEGER) ? at : -1;
  }

  /** @param {number} from @param {number} to */
  copy(from, to) {
    if (from < this.start || !this.canHold(from, to)) return null;
    const bytes = this.bytes(from, to);
    // Reading by writing: on no processor before what was read above.
    const start = Number(Atomics.or(this.longs, (this.tail + TAIL.startPos) / 8, 0n));
    return start > from || !this.whole() ? null : bytes;
  }

  /** @param {number} end */
  more(end) { return this.#until(() => this.end !== end); }

  /**
   * Resolves when the wish has been fulfilled, or nothing more will come.
   * @param {number} wish
   * @param {() => boolean} over
   */
  async untilTold(wish, over) {
    const told = () => (this.told - wish | 0) >= 0;
    while (!told() && !this.ended && !over()) await this.#until(told);
  }

  /** @param {() => boolean} so */
  async #until(so) {
    const wake = this.word(REGION.wake);
    if (so() || this.ended) return;
    await untilWoken(this.words, wake, WAIT_MS);
  }
}

/**
 * What comes by messages of a ring that is not seen from here: as much as the ring holds.
 * @implements {Window}
 */
export class Mirror {
  start = -1;
  begin = -1;
  end = -1;
  ended = false;
  header = headerOf(0);
  /** @type {{ pos: number, bytes: Uint8Array<ArrayBuffer> }[]} one after the other */ #chunks = [];
  /** @type {(() => void)[]} */ #waiting = [];

  /** @param {{ start: number, begin: number, pos: number, version: number, bytes: Uint8Array<ArrayBuffer> }} message */
  add({ start, begin, pos, version, bytes }) {
    if (pos !== this.end) this.#chunks = []; // the ring was faster than the messages
    if (bytes.length > 0) this.#chunks.push({ pos, bytes });
    const kept = this.#chunks.findIndex((c) => c.pos + c.bytes.length > start);
    this.#chunks = kept < 0 ? [] : this.#chunks.slice(kept);
    Object.assign(this, { begin, end: pos + bytes.length, header: headerOf(version) });
    this.start = Math.max(start, Math.min(this.#chunks[0]?.pos ?? this.end, this.end));
    this.#wake();
  }

  close() {
    this.ended = true;
    this.#wake();
  }

  #wake() {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** @param {number} from @param {number} to */
  copy(from, to) {
    if (from < this.start) return null;
    const bytes = new Uint8Array(to - from);
    for (const c of this.#chunks) {
      const cut = c.bytes.subarray(Math.max(0, from - c.pos), Math.max(0, to - c.pos));
      bytes.set(cut, Math.max(0, c.pos - from));
    }
    return bytes;
  }

  /** @param {number} end @returns {Promise<void>} */
  async more(end) {
    if (this.end === end && !this.ended) await new Promise((resolve) => this.#waiting.push(() => resolve(undefined)));
  }
}

/**
 * A trace of the whole generations that are there now: a file; null: there is none.
 * @param {Window} window
 * @returns {Uint8Array<ArrayBuffer> | null}
 */
export function snapshotOf(window) {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const end = window.end, start = window.start; // in this order: start may have come past that end meanwhile
    if (start >= end) {
      if (window.end === end) return null;
      continue;
    }
    const bytes = window.copy(start, end);
    if (bytes) return joined(window.header, bytes);
  }
  return null;
}

/** @param {Uint8Array} a @param {Uint8Array} b */
export function joined(a, b) {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
