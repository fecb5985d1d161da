// output-ring.mjs: what the program prints, out of the output ring in its memory (host.h).
import { HOST } from './abi.mjs';

/** The one reader of a program's output ring. */
export class OutputRing {
  /**
   * @param {import('./abi.mjs').MemoryLike} memory
   * @param {number} block address of the host block
   */
  constructor(memory, block) {
    this.memory = memory;
    this.block = block >>> 0;
  }

  /**
   * Leaves there what the program has told of; it will tell of what it prints next.
   * @returns {boolean} false: the ring is half full
   */
  hold() {
    const words = new Int32Array(this.memory.buffer, this.block, HOST.threads / 4);
    words[HOST.outTold / 4] = 0;
    return words[HOST.outWrite / 4] - words[HOST.outRead / 4] >>> 0 < words[HOST.outBytes / 4] >>> 1;
  }

  /**
   * Hands over everything printed so far, in order; the bytes are a copy.
   * @param {(fd: number, bytes: Uint8Array) => void} sink
   */
  drain(sink) {
    const words = new Int32Array(this.memory.buffer, this.block, HOST.threads / 4);
    Atomics.store(words, HOST.outTold / 4, 0); // first: what is written from now on will be told
    const out = words[HOST.out / 4] >>> 0;
    const size = words[HOST.outBytes / 4] >>> 0;
    const read = Atomics.load(words, HOST.outRead / 4) >>> 0;
    const write = Atomics.load(words, HOST.outWrite / 4) >>> 0;
    if (read === write) return;
    // All records at once: a program may print a line a microsecond, and each Atomics call here costs about as much.
    const records = new Uint8Array((write - read) >>> 0);
    const from = read & (size - 1);
    const first = Math.min(records.length, size - from);
    records.set(new Uint8Array(this.memory.buffer, out + from, first));
    records.set(new Uint8Array(this.memory.buffer, out, records.length - first), first);
    Atomics.store(words, HOST.outRead / 4, write | 0);
    Atomics.notify(words, HOST.outRead / 4);
    handOver(records, sink);
  }
}

/**
 * Takes records apart: a word (file descriptor << 24 | bytes), the bytes, padding to 4. Neighbours for the same
 * file go together.
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
