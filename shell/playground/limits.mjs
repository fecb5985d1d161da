// The limits that a page sets to its programs' runs: time and memory.

const MIB = 2 ** 20;
/** A program whose memory has come so near to its limit has used it up: it grows by no less. */
const LAST_BYTES = MIB;
/** setTimeout's longest; what is longer it takes for nothing. */
const LONGEST_MS = 2 ** 31 - 1;

/** @typedef {import('./attributes.mjs').Values} Values */

export class Limits {
  /** The one that ended the run, as a sentence; '': none has. */
  reached = '';
  #clock = 0;

  /** Another run begins. */
  clear() {
    this.end();
    this.reached = '';
  }

  /** The program runs from now on. @param {Values['timeout']} timeout seconds @param {() => void} stop ends it */
  watch(timeout, stop) {
    if (timeout === null) return;
    this.#clock = window.setTimeout(() => {
      this.reached = `The program was ended after ${timeout} second${timeout === 1 ? '' : 's'}, ` +
        'the longest it may run here.';
      stop();
    }, Math.min(timeout * 1000, LONGEST_MS));
  }

  /** It has ended. */
  end() {
    clearTimeout(this.#clock);
  }

  /**
   * Whether it failed for want of memory.
   * @param {Values['memory']} memory MiB @param {import('./runner.mjs').RunStatus} status @param {string} stderr
   */
  lookAtMemory(memory, { rt, exitCode, stopped }, stderr) {
    if (memory === null || !exitCode || stopped || !rt || this.reached) return;
    const used = rt.trace.region?.memory.buffer.byteLength ?? 0;
    if (used >= memory * MIB - LAST_BYTES || /out of memory/i.test(stderr))
      this.reached = `The program used up the ${memory} MiB of memory it may have here, and failed.`;
  }
}

/** As load() takes it. @param {Values['memory']} memory MiB */
export const memoryOption = (memory) => (memory === null ? {} : { maxMemory: memory * MIB });
