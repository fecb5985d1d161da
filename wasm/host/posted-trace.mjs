// posted-trace.mjs: the worker's side of one trace where memory cannot be shared: what its ring holds goes to the host
// by messages, to the trace's reader and to subscribers (window.mjs), never more of it than they have taken.
import { RingReader } from './region.mjs';
import { RingWindow, snapshotOf } from './window.mjs';

const CREDIT_BYTES = 8 << 20; // posted and not yet taken

export class PostedTrace {
  /**
   * Says that it has begun.
   * @param {WebAssembly.Memory} memory @param {number} region @param {number} number of the program's traces, from 1
   * @param {(message: any, transfer?: any[]) => void} post
   */
  constructor(memory, region, number, post) {
    this.#ring = new RingReader(memory, region);
    this.#view = new RingWindow(memory, region);
    this.#number = number;
    this.#post = post;
    post({ t: 'begun', trace: number, clock: this.#ring.clock });
  }

  /** @type {RingReader} */ #ring;
  /** @type {RingWindow} */ #view;
  /** @type {number} */ #number;
  /** @type {(message: any, transfer?: any[]) => void} */ #post;
  #credit = CREDIT_BYTES;
  #feeding = false; // there are subscribers
  #feedAt = -1; // they have been posted what lies before
  #feedCredit = CREDIT_BYTES;
  #ended = false;

  /** What it was to read has been written over. */
  get damaged() { return !this.#ring.whole() || this.#view.damaged; }

  /** As a file. */
  snapshot() { return snapshotOf(this.#view); }

  /** The host has read so much. @param {number} trace of which one @param {number} bytes */
  taken(trace, bytes) { if (trace === this.#number) this.#credit += bytes; }

  /** The same of subscribers; 0: there is one now. @param {number} trace @param {number} bytes */
  fed(trace, bytes) {
    if (trace !== this.#number) return;
    this.#feeding = true;
    this.#feedCredit += bytes;
    if (bytes === 0) this.#feed(true); // so that it is known where "now" is
  }

  /** What there is, now and then. */
  post() {
    if (this.#ended) return;
    if (this.#ring.state === 2) return this.end();
    this.#read(false);
    this.#feed(false);
  }

  /** All that is left. */
  end() {
    if (this.#ended) return;
    this.#read(true);
    this.#feed(true);
    this.#ended = true;
    const last = this.snapshot();
    this.#post({ t: 'over', trace: this.#number, last }, last ? [last.buffer] : []);
  }

  /** @param {boolean} all also more than the host has asked for */
  #read(all) {
    while (all || this.#credit > 0) {
      const bytes = this.#ring.read(1 << 20);
      if (!bytes) return;
      this.#credit -= bytes.length;
      this.#post({ t: 'trace', bytes, lost: this.#ring.lost }, [bytes.buffer]);
    }
  }

  /** @param {boolean} all also if there is nothing, or more than the host has asked for */
  #feed(all) {
    if (!this.#feeding || (!all && this.#feedCredit <= 0)) return;
    const { start, begin, end } = this.#view;
    const pos = this.#feedAt < start ? start : this.#feedAt; // what was written over is lost to them
    const bytes = this.#view.copy(pos, end); // nobody writes meanwhile: it is whole
    if (!bytes || (bytes.length === 0 && !all)) return;
    this.#feedAt = end;
    this.#feedCredit -= bytes.length;
    this.#post({ t: 'feed', start, begin, pos, version: this.#view.version, bytes }, [bytes.buffer]);
  }
}
