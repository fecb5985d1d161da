// source.mjs: where a trace's bytes come from, and where they can be had again: a blob's stay where they are, a
// stream's and a ring's are kept, the newest of them.
import { RingReader } from '../../wasm/host/region.mjs';
import { foreign, ForeignFile, unpacked, whyUnread } from './sniff.mjs';

/** Longest pause between two looks at the ring, ms. */
const POLL_MS = 30;

/**
 * next(): more bytes, or null at the end; empty ones come now and then, so that the caller can show that time passes.
 * whole: what it just gave ends with a whole generation.
 * @typedef {object} Source
 * @property {() => Promise<Uint8Array | null>} next
 * @property {boolean} whole
 * @property {boolean} live
 * @property {number | null} totalBytes
 * @property {number} lost
 * @property {Blob | null} blob    the trace's bytes as they are, if they can be read again
 * @property {() => void} stop
 */

/** Chunks that someone pushes; finish(error) after the last. */
export class PushQueue {
  /** @param {(bytes: number) => void} taken told as chunks are taken, so that the other side can hold back */
  constructor(taken) {
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

  /** @returns {ReadableStream<Uint8Array>} */
  stream() {
    return new ReadableStream({
      pull: async (controller) => {
        while (!this.queue.length && !this.ended)
          await new Promise((resolve) => { this.wake = () => resolve(undefined); });
        const chunk = this.queue.shift();
        if (chunk) {
          this.taken(chunk.length);
          controller.enqueue(chunk);
        } else if (this.error) controller.error(this.error);
        else controller.close();
      },
      cancel: () => { this.queue.length = 0; },
    }, { highWaterMark: 0 });
  }
}

/**
 * A file or stream, unpacked if it is gzip; throws the sentence for what is no trace.
 * @param {Blob | ReadableStream<Uint8Array>} from @param {number | null} totalBytes @returns {Promise<Source>}
 */
export async function streamSource(from, totalBytes) {
  const blob = from instanceof Blob ? from : null;
  const { stream, look, packed } = await unpacked(from instanceof Blob ? from.stream() : from);
  const sentence = foreign(look);
  if (sentence) {
    await stream.cancel().catch(() => {});
    throw new ForeignFile(sentence);
  }
  const reader = stream.getReader();
  return {
    whole: false, live: false, totalBytes: packed ? null : totalBytes, lost: 0, blob: packed ? null : blob,
    async next() {
      try {
        const { done, value } = await reader.read();
        return done ? null : value;
      } catch (error) {
        throw await whyUnread(blob, packed, error);
      }
    },
    stop() { void reader.cancel().catch(() => {}); },
  };
}

/**
 * The ring of a running program. It carries whole generations, so whatever has been read ends with one.
 * @param {WebAssembly.Memory} memory @param {number} ptr @returns {Source}
 */
export function ringSource(memory, ptr) {
  const ring = new RingReader(memory, ptr);
  let stopped = false;
  return {
    whole: true, live: true, totalBytes: null, blob: null,
    get lost() { return ring.lost; },
    async next() {
      if (stopped) return null;
      const drained = ring.state === 2; // looked at before the bytes: nothing is written after it
      const bytes = ring.read();
      if (bytes) return bytes;
      if (drained) return null;
      await ring.waitAsync(POLL_MS);
      return new Uint8Array(0);
    },
    stop() { stopped = true; },
  };
}

/** Bytes of generations, the newest within a budget. */
export class KeptBytes {
  /** @param {number} budget bytes */
  constructor(budget) {
    this.budget = budget;
    this.bytes = 0;
    /** Generations before this one were given up. */
    this.first = 0;
    /** @type {Map<number, Uint8Array[]>} */
    this.chunks = new Map();
  }

  /** @param {number} n @param {Uint8Array[]} chunks */
  add(n, chunks) {
    this.chunks.set(n, chunks);
    for (const chunk of chunks) this.bytes += chunk.length;
  }

  /** Gives up what is beyond the budget, but no generation from `before` on. @param {number} before */
  shrink(before) {
    while (this.bytes > this.budget && this.first < before) {
      for (const chunk of this.chunks.get(this.first) ?? []) this.bytes -= chunk.length;
      this.chunks.delete(this.first++);
    }
  }
}
