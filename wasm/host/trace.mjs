// trace.mjs: a program's trace while it is being recorded: the ring in its memory, and the same as a stream of bytes.
import { RingReader } from './region.mjs';

const POLL_MS = 25; // how often readable looks at the ring

/** In Go's format. One reader only: either `readable` or whoever uses `region`. */
export class Trace {
  /** @param {(bytes: number) => void} taken says that so many posted bytes have been read */
  constructor(taken) {
    /**
     * The trace as a stream of bytes: what a trace file contains. Ends with the program.
     * @type {ReadableStream<Uint8Array>}
     */
    this.readable = new ReadableStream({
      pull: (controller) => this.#pull(controller),
      cancel: () => { this.#cancelled = true; },
    }, { highWaterMark: 0 });
    /**
     * Where the trace lies in memory, for readers of their own (RingReader); null if it cannot be seen from here.
     * @type {import('./types.d.mts').TraceRegion | null}
     */
    this.region = null;
    this.#taken = taken;
  }

  /** @type {(bytes: number) => void} */ #taken;
  /** @type {RingReader | null} */ #ring = null;
  /** @type {Uint8Array[]} */ #queue = []; // came by message
  #lost = 0;
  #ended = false;
  #cancelled = false;
  /** @type {() => void} */ #wake = () => {};

  /** Generations that were dropped because nobody read in time. */
  get lost() { return this.#ring ? this.#ring.lost : this.#lost; }

  /**
   * @param {WebAssembly.Memory} memory
   * @param {number} ptr
   */
  byRegion_(memory, ptr) {
    this.region = { memory, ptr };
    this.#ring = new RingReader(memory, ptr);
  }

  /** @param {boolean} on */
  byMessages_(on) {
    if (!on) this.end_();
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} lost
   */
  add_(bytes, lost) {
    this.#lost = lost;
    if (!this.#cancelled) this.#queue.push(bytes);
    this.#wake();
  }

  end_() {
    this.#ended = true;
    this.#ring?.close(); // a program that was stopped did not say so itself
    this.#wake();
  }

  /** @param {ReadableStreamDefaultController<Uint8Array>} controller */
  async #pull(controller) {
    for (;;) {
      const ended = this.#ended || this.#ring?.state === 2; // asked before reading: what is there now is all
      const bytes = this.#ring ? this.#ring.read(1 << 20) : this.#queue.shift();
      if (bytes) {
        if (!this.#ring) this.#taken(bytes.length);
        return controller.enqueue(bytes);
      }
      if (ended || this.#cancelled) return controller.close();
      const woken = new Promise((resolve) => { this.#wake = () => resolve(undefined); });
      if (this.#ring) await Promise.race([woken, this.#ring.waitAsync(POLL_MS)]);
      else await woken;
    }
  }
}
