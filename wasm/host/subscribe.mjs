// subscribe.mjs: streams of the trace besides its one reader, as many as are wanted. Each goes its own way through what
// the ring holds (window.mjs); one that is too slow finds that written over, and nobody waits for it.
//
// Such a stream ends there, and its rest is a file of its own. It could not go on in the same: Go's readers carry the
// states of goroutines and Ps over from one generation to the next, and want generations numbered without a gap. The
// runtime bridges generations that it loses itself (runtime/core/trace_gap.c); only it knows how things stand.
import { firstGeneration, lastGeneration } from './generations.mjs';
import { joined } from './window.mjs';

const PIECE_BYTES = 1 << 20; // given at once

/** @typedef {import('./window.mjs').Window} Window */
/** @typedef {'now' | 'start of ring'} From */

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/** @type {new (source: UnderlyingDefaultSource<Bytes>, strategy: QueuingStrategy<Bytes>) => ReadableStream<Bytes>} */
const Stream = ReadableStream;

export class TraceStream extends Stream {
  /**
   * @param {Window} window
   * @param {From} from
   * @param {number} [wanted] the generation that it should begin with; those missed until then are lost
   */
  constructor(window, from, wanted = 0) {
    const cursor = new Cursor(window, from, wanted);
    super({ pull: (to) => cursor.pull(to), cancel: () => cursor.cancel() }, { highWaterMark: 0 });
    this.#cursor = cursor;
    this.#window = window;
  }

  /** @type {Cursor} */ #cursor;
  /** @type {Window} */ #window;

  /** Generations that were written over before this stream came to them. */
  get lost() { return this.#cursor.lost; }

  /** When it has ended early: what goes on from the oldest generation that there is; else null. */
  rest() { return this.#cursor.behind ? new TraceStream(this.#window, 'start of ring', this.#cursor.wanted) : null; }
}

class Cursor {
  /** @param {Window} window @param {From} from @param {number} wanted */
  constructor(window, from, wanted) {
    this.#window = window;
    this.wanted = wanted;
    this.#after = from === 'now' ? window.end : 0;
  }

  lost = 0;
  /** @type {number} the generation that comes next; 0: any */ wanted;
  /** @type {Window} */ #window;
  /** @type {number} it begins with a generation from here on; -1: from where the window begins that is not there yet */
  #after;
  #chosen = -1; // where it will begin, when a generation is whole there
  /** @type {number} up to where it has come; -1: it has not begun */ #pos = -1;
  /** @type {Uint8Array<ArrayBuffer>[]} */ #pieces = [];
  #cancelled = false;
  /** What comes next has been written over. */
  behind = false;

  cancel() {
    this.#cancelled = true;
    this.#pieces = [];
  }

  /** @param {ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>} to */
  async pull(to) {
    while (!this.#cancelled) {
      const piece = this.#pieces.shift();
      if (piece) return to.enqueue(piece);
      const { ended, end } = this.#window; // ended first: what is there then is all
      if (this.#advance(end)) continue;
      if (ended || this.behind) {
        if (this.#pos < 0) to.enqueue(this.#window.header); // a trace of nothing
        return to.close();
      }
      await this.#window.more(end);
    }
  }

  /** Takes what there is up to `end`. False: nothing. @param {number} end */
  #advance(end) {
    const begins = this.#pos < 0, from = begins ? this.#first(end) : this.#pos;
    if (from < 0 || from >= end) return false;
    const bytes = this.#window.copy(from, end);
    if (!bytes) {
      if (begins) this.#chosen = -1;
      else this.#missed();
      return begins;
    }
    const first = firstGeneration(bytes);
    if (begins && this.wanted > 0) this.lost += first - this.wanted;
    this.wanted = lastGeneration(bytes) + 1;
    this.#pos = end;
    const all = begins ? joined(this.#window.header, bytes) : bytes;
    for (let at = 0; at < all.length; at += PIECE_BYTES) this.#pieces.push(all.subarray(at, at + PIECE_BYTES));
    return true;
  }

  /** Where to begin; -1: there is nothing yet. @param {number} end */
  #first(end) {
    if (end < 0) return -1;
    if (this.#after < 0) this.#after = end;
    const { start, begin } = this.#window;
    if (start >= this.#after) this.#chosen = start;
    else if (this.#chosen < 0 && begin >= this.#after) this.#chosen = begin;
    return this.#chosen;
  }

  /** The window has gone past. What is there now is not lost yet, but at least one generation is. */
  #missed() {
    this.behind = true;
    for (;;) {
      const { start, end } = this.#window;
      const bytes = start < end ? this.#window.copy(start, end) : null;
      if (!bytes && start < end) continue;
      const next = bytes ? firstGeneration(bytes) : this.wanted + 1;
      this.lost += next - this.wanted;
      this.wanted = next;
      return;
    }
  }
}
