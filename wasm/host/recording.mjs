// recording.mjs: one trace of a program while it is being recorded: the ring in its memory, and the same as streams and
// snapshots.
import { RingReader } from './region.mjs';
import { TraceStream } from './subscribe.mjs';
import { Mirror, RingWindow, snapshotOf } from './window.mjs';

const POLL_MS = 25; // how often readable looks at the ring

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * What a trace asks of its program.
 * @typedef {object} Recorded
 * @property {(bytes: number) => void} taken so many posted bytes have been read
 * @property {() => void} damaged what it was to read has been written over
 * @property {(bytes: number) => void} fed the same of a mirror's; 0: it is wanted from now on
 * @property {(window: RingWindow, over: () => boolean) => Promise<void>} turned resolves when all that had happened
 *   before is in whole generations; at once if the program does not run
 * @property {() => Promise<Bytes | null>} shot a snapshot made by the program itself, where its memory is not seen
 *   from here
 */

/** In Go's format. One reader only: either `readable` or whoever uses `region`. */
export class Recording {
  /**
   * @param {Recorded} program
   * @param {boolean} flight it is a flight recorder's
   * @param {string | null} refusal why there can be neither snapshots nor subscribers
   */
  constructor(program, flight, refusal) {
    /**
     * The trace as a stream of bytes: what a trace file contains. Ends with the program. A flight recorder's is what
     * it then holds.
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
    /**
     * Of the clock by which its events are timed; null: not known.
     * @type {import('./types.d.mts').TraceClock | null}
     */
    this.clock = null;
    this.#program = program;
    this.#refusal = refusal;
    this.#flight = flight;
  }

  /** @type {Recorded} */ #program;
  /** @type {string | null} */ #refusal;
  /** @type {boolean} */ #flight;
  /** @type {RingReader | null} */ #ring = null;
  /** @type {RingWindow | null} */ #window = null;
  /** @type {Mirror | null} where memory is not seen from here */ #mirror = null;
  /** @type {Bytes | null} what the ring held at the end, where memory is not seen from here */ #last = null;
  /** @type {Uint8Array[]} */ #queue = []; // came by message
  #lost = 0;
  #ended = false;
  #cancelled = false;
  #finished = false; // a flight recorder's readable has given what there was
  /** @type {() => void} */ #wake = () => {};

  /** What stands of it in memory can be believed. */
  get isWhole_() { return !this.#ring || (this.#ring.whole() && !this.#window?.damaged); }

  /** Generations that were dropped because nobody read in time. */
  get lost() { return this.#ring ? this.#ring.lost : this.#lost; }

  /**
   * The whole generations that the ring holds, up to now, as a file.
   * @returns {Promise<Bytes>}
   */
  async snapshot() {
    this.#possible();
    const bytes = await this.#shot();
    if (bytes) return bytes;
    if (this.#ended && !this.#window && !this.#last) throw new Error(
      'there is no snapshot: the program was stopped, and what it had recorded is gone with its memory');
    throw new Error('there is no snapshot: no generation of the trace is whole; take it when the program has run for '
      + 'a moment, or give it a larger ring (trace.ringBytes)');
  }

  async #shot() {
    if (this.#window) {
      if (!this.#ended) await this.#program.turned(this.#window, () => this.#ended);
      return snapshotOf(this.#window);
    }
    return this.#ended ? this.#last : await this.#program.shot() ?? this.#last;
  }

  /**
   * A stream of the trace besides `readable`.
   * @param {{ from?: import('./subscribe.mjs').From }} [options]
   * @returns {TraceStream}
   */
  subscribe(options = {}) {
    this.#possible();
    for (const name of Object.keys(options))
      if (name !== 'from') throw new TypeError(`subscribe() has no option ${JSON.stringify(name)}; there is from`);
    const { from = 'now' } = options;
    if (from !== 'now' && from !== 'start of ring')
      throw new TypeError(`from must be 'now' or 'start of ring', not ${JSON.stringify(from) ?? String(from)}`);
    if (this.#window) return new TraceStream(this.#window, from);
    if (!this.#mirror) {
      this.#mirror = new Mirror();
      if (this.#ended) this.#mirror.close();
      else this.#program.fed(0);
    }
    return new TraceStream(this.#mirror, from);
  }

  #possible() {
    if (this.#refusal !== null) throw new Error(this.#refusal);
  }

  /**
   * @param {WebAssembly.Memory} memory
   * @param {number} ptr
   */
  byRegion_(memory, ptr) {
    this.region = { memory, ptr };
    this.#ring = new RingReader(memory, ptr);
    this.clock = this.#ring.clock;
    this.#window = new RingWindow(memory, ptr);
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

  /** @param {Parameters<Mirror['add']>[0]} message */
  feed_(message) {
    this.#mirror?.add(message);
    this.#program.fed(message.bytes.length);
  }

  /** Where memory is not seen from here: it is over, and what the ring held. @param {Bytes | null} last */
  over_(last) {
    this.#last = last;
    this.end_();
  }

  /** It has been stopped: whoever waits looks whether that was all. */
  stopped_() { this.#wake(); }

  end_() {
    this.#ended = true;
    this.#ring?.close(); // a program that was stopped did not say so itself
    this.#mirror?.close();
    this.#wake();
  }

  /** @param {ReadableStreamDefaultController<Uint8Array>} controller */
  async #pull(controller) {
    for (;;) {
      const ended = this.#ended || this.#ring?.state === 2; // asked before reading: what is there now is all
      const bytes = this.#next(ended);
      if (!this.isWhole_) this.#program.damaged();
      if (bytes) {
        if (!this.#ring) this.#program.taken(bytes.length);
        return controller.enqueue(bytes);
      }
      if (ended || this.#cancelled) return controller.close();
      const woken = new Promise((resolve) => { this.#wake = () => resolve(undefined); });
      if (this.#flight || !this.#ring) await woken;
      else await Promise.race([woken, this.#ring.waitAsync(POLL_MS)]);
    }
  }

  /** @param {boolean} ended @returns {Uint8Array | null | undefined} */
  #next(ended) {
    if (!this.#flight || this.#queue.length > 0) return this.#ring ? this.#ring.read(1 << 20) : this.#queue.shift();
    if (!ended || this.#finished) return null;
    this.#finished = true;
    return this.#window ? snapshotOf(this.#window) : this.#last;
  }
}
