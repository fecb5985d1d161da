// feed.mjs: where a trace's bytes come from: a blob read in slices, chunks that someone pushes,
// or the ring of a running program.
import { RingReader } from '../../wasm/host/region.mjs';

/** A blob's slice; small enough to show something early, large enough to be quick. */
const SLICE = 1 << 20;
/** Longest pause between two looks at the ring, ms. */
const POLL_MS = 30;

/**
 * next(): more bytes, or null at the end. whole: what it just gave ends with a whole generation.
 * saved(n): the first n bytes of the trace as blob parts.
 * @typedef {object} Feed
 * @property {() => Promise<Uint8Array | null>} next
 * @property {boolean} whole
 * @property {boolean} live
 * @property {number | null} totalBytes
 * @property {number} lost
 * @property {boolean} full
 * @property {(n: number) => BlobPart[]} saved
 * @property {() => void} stop
 */

/** Chunks that were kept so that the trace can be saved. */
class Kept {
  /** @param {number} budget bytes */
  constructor(budget) {
    this.budget = budget;
    this.bytes = 0;
    /** @type {Uint8Array[]} */
    this.chunks = [];
  }

  /** False: the budget is used up. @param {Uint8Array} chunk */
  add(chunk) {
    if (this.bytes + chunk.length > this.budget) return false;
    this.bytes += chunk.length;
    this.chunks.push(chunk);
    return true;
  }

  /** @param {number} n @returns {BlobPart[]} */
  first(n) {
    const parts = [];
    for (const chunk of this.chunks) {
      if (n <= 0) break;
      parts.push(/** @type {BlobPart} */ (chunk.subarray(0, Math.min(n, chunk.length))));
      n -= chunk.length;
    }
    return parts;
  }
}

/** @param {Blob} blob @returns {Feed} */
export function blobFeed(blob) {
  let at = 0;
  let stopped = false;
  return {
    whole: false,
    live: false,
    totalBytes: blob.size,
    lost: 0,
    full: false,
    async next() {
      if (stopped || at >= blob.size) return null;
      const bytes = new Uint8Array(await blob.slice(at, at + SLICE).arrayBuffer());
      at += bytes.length;
      return bytes;
    },
    saved: (n) => [blob.slice(0, n)],
    stop() { stopped = true; },
  };
}

/** Bytes that come by push(); finish(error) after the last. */
export class PushFeed {
  /**
   * @param {number | null} totalBytes
   * @param {number} budget bytes to keep
   * @param {(bytes: number) => void} taken told as chunks are taken, so that the other side can hold back
   */
  constructor(totalBytes, budget, taken) {
    this.whole = false;
    this.live = false;
    this.totalBytes = totalBytes;
    this.lost = 0;
    this.full = false;
    this.kept = new Kept(budget);
    this.taken = taken;
    /** @type {Uint8Array[]} */
    this.queue = [];
    this.ended = false;
    /** @type {Error | null} */
    this.error = null;
    this.wake = () => {};
  }

  /** @param {Uint8Array} bytes */
  push(bytes) {
    this.queue.push(bytes);
    this.wake();
  }

  /** @param {string | null} error */
  finish(error) {
    this.ended = true;
    if (error) this.error = new Error(error);
    this.wake();
  }

  /** @returns {Promise<Uint8Array | null>} */
  async next() {
    while (!this.queue.length && !this.ended) await new Promise((resolve) => { this.wake = () => resolve(undefined); });
    const chunk = this.queue.shift();
    if (!chunk) {
      if (this.error) throw this.error;
      return null;
    }
    this.taken(chunk.length);
    if (this.kept.add(chunk)) return chunk;
    this.full = true;
    return null;
  }

  /** @param {number} n */
  saved(n) { return this.kept.first(n); }
  stop() { this.finish(null); this.queue.length = 0; }
}

/** The ring of a running program. It carries whole generations, so whatever has been read ends with one. */
export class RingFeed {
  /** @param {WebAssembly.Memory} memory @param {number} ptr @param {number} budget bytes to keep */
  constructor(memory, ptr, budget) {
    this.ring = new RingReader(memory, ptr);
    this.whole = true;
    this.live = true;
    this.totalBytes = null;
    this.full = false;
    this.kept = new Kept(budget);
    this.stopped = false;
  }

  get lost() { return this.ring.lost; }

  /**
   * @returns {Promise<Uint8Array | null>} empty chunks come now and then,
   *   so that the caller can show that time passes
   */
  async next() {
    if (this.stopped) return null;
    const drained = this.ring.state === 2; // looked at before the bytes: nothing is written after it
    const bytes = this.ring.read();
    if (bytes) {
      if (this.kept.add(bytes)) return bytes;
      this.full = true;
      return null;
    }
    if (drained) return null;
    await this.ring.waitAsync(POLL_MS);
    return new Uint8Array(0);
  }

  /** @param {number} n */
  saved(n) { return this.kept.first(n); }
  stop() { this.stopped = true; }
}
