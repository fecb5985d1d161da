// kept-output.mjs: what a program prints, besides in its own memory, in some that it cannot reach: what stands in the
// output ring when the program overwrites that, and was not read yet, is printed nevertheless. The program calls for it
// at each of the first pieces after the host has looked (HOST_OUT_TELLS); one that prints faster than the host reads
// goes on without.
import { HOST } from './abi.mjs';
import { copyOut } from './region.mjs';

const START = 0, END = 1, DATA = 8; // where it holds what was printed: positions of the output ring; bytes of both

/** Memory for it, which all workers see. @param {number} bytes of the output ring @returns {SharedArrayBuffer} */
export const keptBuffer = (bytes) => new SharedArrayBuffer(DATA + bytes);

export class KeptOutput {
  /** @param {SharedArrayBuffer} buffer */
  constructor(buffer) {
    this.#marks = new Int32Array(buffer, 0, DATA / 4);
    this.#ring = new Uint8Array(buffer, DATA);
  }

  /** @type {Int32Array} */ #marks;
  /** @type {Uint8Array} a mirror of the output ring: the same places */ #ring;

  /**
   * Takes what it has not got, on the thread that has printed it and while no other prints. Throws Damaged.
   * @param {import('./host-block.mjs').HostBlock} block
   */
  keep({ words, memory, out, outBytes: size }) {
    const read = Atomics.load(words, HOST.outRead / 4), write = Atomics.load(words, HOST.outWrite / 4);
    let from = Atomics.load(this.#marks, END);
    if ((from - read | 0) < 0 || (write - from | 0) < 0) { // what was between went to the host only
      from = read;
      Atomics.store(this.#marks, START, from);
    }
    const bytes = write - from >>> 0;
    if (bytes > size || size !== this.#ring.length) return;
    const at = from & (size - 1), first = Math.min(bytes, size - at);
    this.#ring.set(new Uint8Array(memory.buffer, out + at, first), at);
    this.#ring.set(new Uint8Array(memory.buffer, out, bytes - first), 0);
    Atomics.store(this.#marks, END, write);
  }

  /**
   * What was printed from a position on; empty: it is not here.
   * @param {number} from @returns {Uint8Array<ArrayBuffer>}
   */
  since(from) {
    const start = Atomics.load(this.#marks, START), end = Atomics.load(this.#marks, END);
    const bytes = end - from | 0, isHere = bytes > 0 && bytes <= this.#ring.length && (from - start | 0) >= 0;
    return copyOut(this.#ring, from >>> 0, isHere ? bytes : 0);
  }
}
