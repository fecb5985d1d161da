// trace.mjs: the traces of a program, one at a time: what is being recorded, or was last, and how one begins and ends
// while the program runs.
import { Recording } from './recording.mjs';

/**
 * @typedef {Omit<import('./recording.mjs').Recorded, 'taken' | 'fed'> & {
 *   taken: (trace: number, bytes: number) => void, fed: (trace: number, bytes: number) => void,
 *   control: (what: 'trace.start' | 'trace.stop', arg: string) => Promise<unknown> }} Traced
 *   taken, fed: as of a Recording, and of which trace, from 1; control: has the program do it
 */

/** rt.trace */
export class Trace {
  /**
   * @param {Traced} program
   * @param {{ flight: boolean, refusal: string | null, begun: boolean }} how flight, refusal: as of a Recording; begun:
   *   the first begins with the program
   */
  constructor(program, { flight, refusal, begun }) {
    this.#program = program;
    this.#flight = flight;
    this.#number = begun ? 1 : 0;
    this.#current = this.#recording(refusal);
  }

  /** @type {Traced} */ #program;
  /** @type {boolean} */ #flight;
  /** @type {number} of the current one */ #number;
  /** @type {Recording} */ #current;

  /** The one that its program writes into, or wrote last. */
  get recording_() { return this.#current; }

  get readable() { return this.#current.readable; }
  get region() { return this.#current.region; }
  get lost() { return this.#current.lost; }
  get clock() { return this.#current.clock; }
  get resolution() { return this.#current.clock?.stepNs || null; }
  snapshot() { return this.#current.snapshot(); }
  /** @param {Parameters<Recording['subscribe']>[0]} [options] */
  subscribe(options) { return this.#current.subscribe(options); }

  /** @param {{ ringBytes?: number }} [options] */
  async start(options = {}) {
    for (const name of Object.keys(options))
      if (name !== 'ringBytes')
        throw new TypeError(`start() has no option ${JSON.stringify(name)}; there is ringBytes`);
    const { ringBytes = 0 } = options;
    if (!Number.isSafeInteger(ringBytes) || ringBytes < 0)
      throw new RangeError(`ringBytes must be a number of bytes, 65536 to 2^30, not ${String(ringBytes)}`);
    await this.#program.control('trace.start', String(ringBytes));
  }

  async stop() {
    await this.#program.control('trace.stop', '');
    this.#current.stopped_();
  }

  /**
   * The program has begun another trace.
   * @param {WebAssembly.Memory} memory
   * @param {number} ptr
   */
  begun_(memory, ptr) {
    this.#current.stopped_();
    this.#number++;
    this.#current = this.#recording(null);
    this.#current.byRegion_(memory, ptr);
  }

  /**
   * The same where its memory is not seen; the first may have been there already.
   * @param {number} trace
   * @param {import('./types.d.mts').TraceClock} clock
   */
  begunUnseen_(trace, clock) {
    if (trace !== this.#number) {
      this.#number = trace;
      this.#current = this.#recording(null);
    }
    this.#current.clock = clock;
  }

  /** @param {string | null} refusal */
  #recording(refusal) {
    const number = this.#number;
    return new Recording({
      ...this.#program,
      taken: (bytes) => this.#program.taken(number, bytes), fed: (bytes) => this.#program.fed(number, bytes),
    }, this.#flight, refusal);
  }
}
