// output-ring.mjs: what the program prints, out of the output ring in its memory (host.h).
import { HOST } from './abi.mjs';
import { Damaged } from './damage.mjs';
import { copyOut } from './region.mjs';

/** The one reader of a program's output ring. Whatever it does throws Damaged. */
export class OutputRing {
  /** @param {import('./host-block.mjs').HostBlock} block */
  constructor(block) {
    this.#block = block;
  }

  /** @type {import('./host-block.mjs').HostBlock} */ #block;
  #read = 0; // what stands in outRead, too

  /**
   * Leaves there what the program has told of; it will tell of what it prints next.
   * @returns {boolean} false: the ring is half full
   */
  hold() {
    const { words, outBytes } = this.#block;
    words[HOST.outTold / 4] = 0;
    return words[HOST.outWrite / 4] - this.#read >>> 0 < outBytes >>> 1;
  }

  /**
   * Hands over everything printed so far, in order; the bytes are a copy.
   * @param {(fd: number, bytes: Uint8Array) => void} sink
   */
  drain(sink) {
    const { words, memory, out, outBytes: size } = this.#block;
    Atomics.store(words, HOST.outTold / 4, 0); // first: what is written from now on will be told
    const read = this.#read;
    const write = Atomics.load(words, HOST.outWrite / 4) >>> 0;
    const bytes = (write - read) >>> 0;
    if (bytes > size || words[HOST.outRead / 4] >>> 0 !== read) throw new Damaged();
    if (bytes === 0) return;
    // All records at once: a program may print a line a microsecond, and each Atomics call here costs about as much.
    const records = copyOut(new Uint8Array(memory.buffer, out, size), read, bytes);
    this.#block.check(); // nothing went while it was copied: memory is mostly written over upwards
    this.#read = write;
    Atomics.store(words, HOST.outRead / 4, write | 0);
    Atomics.notify(words, HOST.outRead / 4);
    handOver(records, sink);
  }

  /**
   * Hands over what the ring held and was kept elsewhere: it is damaged.
   * @param {import('./kept-output.mjs').KeptOutput} kept
   * @param {(fd: number, bytes: Uint8Array) => void} sink
   */
  salvage(kept, sink) {
    const records = kept.since(this.#read);
    this.#read += records.length;
    if (records.length > 0) handOver(records, sink);
  }
}

/**
 * Takes records apart: a word (file descriptor << 24 | bytes), the bytes, padding to 4. Neighbours for the same
 * file go together; a mark has no bytes, and no neighbour. What comes before one that cannot be is handed over.
 * @param {Uint8Array<ArrayBuffer>} records
 * @param {(fd: number, bytes: Uint8Array) => void} sink
 */
function handOver(records, sink) {
  const words = new Uint32Array(records.buffer);
  let fd = words[0] >>> 24;
  let start = 0; // of the bytes gathered for fd, which move to the front of what has been read
  let end = 0;
  for (let at = 0; at < records.length;) {
    const head = words[at >>> 2];
    const n = head & 0xffffff;
    if (n > records.length - at - 4 || head >>> 24 === 0 || head >>> 24 > HOST.OUT_MARK) {
      sink(fd, records.subarray(start, end));
      throw new Damaged();
    }
    if (head >>> 24 !== fd) {
      sink(fd, records.subarray(start, end));
      fd = head >>> 24;
      start = end;
    }
    records.copyWithin(end, at + 4, at + 4 + n);
    end += n;
    at += 4 + ((n + 3) & ~3);
  }
  sink(fd, records.subarray(start, end));
}
