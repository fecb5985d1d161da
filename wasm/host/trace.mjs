// trace.mjs: the traces of a program, one at a time: what is being recorded, or was last, and how one begins and ends
// while the program runs.
import { Recording } from './recording.mjs';

/**
 * @typedef {import('./recording.mjs').Recorded & {
 *   control: (what: 'trace.start' | 'trace.stop', arg: string) => Promise<unknown> }} Traced
 *   control: has the program do it
 */

/** rt.trace */
export class Trace {
  /**
   * @param {Traced} program
   * @param {boolean} flight
   * @param {string | null} refusal both as of a Recording
   */
  constructor(program, flight, refusal) {
    this.#program = program;
    this.#flight = flight;
    this.#current = new Recording(program, flight, refusal);
  }

  /** @type {Traced} */ #program;
  /** @type {boolean} */ #flight;
  /** @type {Recording} */ #current;

  /** The one that its program writes into, or wrote last. */
  get recording_() { return this.#current; }

  get readable() { return this.#current.readable; }
  get region() { return this.#current.region; }
  get lost() { return this.#current.lost; }
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

  async stop() { await this.#program.control('trace.stop', ''); }

  /**
   * The program has begun another trace.
   * @param {WebAssembly.Memory} memory
   * @param {number} ptr
   */
  begun_(memory, ptr) {
    this.#current = new Recording(this.#program, this.#flight, null);
    this.#current.byRegion_(memory, ptr);
  }
}
