// host-block.mjs: the host block (runtime/format/host_block.h) as the loader goes by it: what never changes there is
// known from the time when the program had not run yet.
import { HOST, checkHostBlock } from './abi.mjs';
import { Damaged } from './damage.mjs';

/** What stays as gr_setup has made it. */
const FIXED = [HOST.magic, HOST.abi, HOST.out, HOST.outBytes, HOST.image, HOST.in, HOST.inBytes].map((at) => at / 4);

/** Of one program. Several may look at it, each with one of its own. */
export class HostBlock {
  /**
   * @param {import('./abi.mjs').MemoryLike} memory may grow meanwhile
   * @param {number} at its address
   * @param {number[]} [fixed] of another one's; without it they are read, for which nothing of the program may have run
   */
  constructor(memory, at, fixed) {
    this.memory = memory;
    this.at = at >>> 0;
    if (!fixed) checkHostBlock(memory, this.at);
    this.#words = new Int32Array(memory.buffer, this.at, HOST.threads / 4);
    this.fixed = fixed ?? FIXED.map((i) => this.#words[i]);
    const [, , out, outBytes, image, input, inBytes] = this.fixed.map((word) => word >>> 0);
    this.out = out;
    this.outBytes = outBytes;
    this.image = image;
    this.in = input;
    this.inBytes = inBytes;
  }

  /** @type {Int32Array} */ #words;

  /** Its words before the threads'. Throws Damaged. */
  get words() {
    if (this.#words.buffer !== this.memory.buffer)
      this.#words = new Int32Array(this.memory.buffer, this.at, HOST.threads / 4);
    this.check();
    return this.#words;
  }

  /** Throws Damaged if it is. */
  check() {
    for (let i = 0; i < FIXED.length; i++)
      if (this.#words[FIXED[i]] !== this.fixed[i]) throw new Damaged();
  }
}
