// batches.mjs: events to batches, one open batch for each M.
import { EV, varintOf } from './wire.mjs';

/** A batch is closed when it has so many bytes; the format allows 65,536. */
const FULL = 60_000;
/** The longest event: its number, and five numbers of ten bytes. */
const EVENT_MOST = 64;

/** @typedef {{m: number, from: number, last: number, bytes: Uint8Array, n: number}} Open */

export class Batches {
  /** @param {number} gen */
  constructor(gen) {
    this.gen = gen;
    /** @type {Map<number, Open>} */ this.open = new Map();
    /** @type {Uint8Array[]} */ this.done = [];
  }

  /**
   * Adds an event; an M's times must not fall.
   * @param {number} m @param {number} time in units @param {number} type
   * @param {ArrayLike<number>} rest its arguments after dt, as bytes
   */
  put(m, time, type, rest) {
    let o = this.open.get(m);
    if (!o) this.open.set(m, o = { m, from: time, last: time, bytes: new Uint8Array(1024), n: 0 });
    if (o.n > FULL) {
      this.#close(o);
      o.from = o.last = time;
    }
    if (o.n + EVENT_MOST + rest.length > o.bytes.length) {
      const grown = new Uint8Array(2 * o.bytes.length + rest.length);
      grown.set(o.bytes.subarray(0, o.n));
      o.bytes = grown;
    }
    o.bytes[o.n++] = type;
    for (let dt = Math.max(0, time - o.last), more = true; more; dt = Math.floor(dt / 128)) {
      more = dt >= 128;
      o.bytes[o.n++] = dt % 128 + (more ? 128 : 0);
    }
    o.bytes.set(rest, o.n);
    o.n += rest.length;
    o.last = time;
  }

  /** @param {Open} o */
  #close(o) {
    this.done.push(this.batch(o.m, o.from, o.bytes.subarray(0, o.n)));
    o.n = 0;
  }

  /** @param {number} m @param {number} time @param {ArrayLike<number>} body @returns {Uint8Array} one batch */
  batch(m, time, body) {
    const head = [EV.BATCH, ...varintOf(this.gen), ...varintOf(m), ...varintOf(time), ...varintOf(body.length)];
    const bytes = new Uint8Array(head.length + body.length);
    bytes.set(head);
    bytes.set(body, head.length);
    return bytes;
  }

  /** Everything so far. @returns {Uint8Array[]} */
  flush() {
    for (const o of this.open.values()) if (o.n > 0) this.#close(o);
    const { done } = this;
    this.done = [];
    return done;
  }
}
