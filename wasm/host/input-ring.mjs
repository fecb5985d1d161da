// input-ring.mjs: answers of the host into the input ring in the program's memory (host.h), the mirror image of
// output-ring.mjs.
import { HOST } from './abi.mjs';

const HEAD = 16; // bytes: id, what, n, total
const PIECE = 64 << 10; // bytes of an answer in one record at most

/** The one writer of a program's input ring. What does not fit waits here. */
export class InputRing {
  /**
   * @param {import('./abi.mjs').MemoryLike} memory may grow meanwhile
   * @param {number} block address of the host block
   */
  constructor(memory, block) {
    this.memory = memory;
    this.block = block >>> 0;
  }

  /** @type {{id: number, what: number, bytes: Uint8Array, at: number}[]} */ #queue = [];
  #first = 0; // of the queue; those before have gone

  /**
   * Passes an answer on, now or bit by bit as the program reads.
   * @param {number} id of the request
   * @param {number} what ANSWER
   * @param {Uint8Array} bytes must not change afterwards
   */
  put(id, what, bytes) {
    this.#queue.push({ id, what, bytes, at: 0 });
    if (this.#queue.length === this.#first + 1) this.pump();
  }

  /** Writes as much of what waits as there is room for. To be called when the program says that there is room again. */
  pump() {
    const words = new Int32Array(this.memory.buffer, this.block, HOST.threads / 4);
    const size = words[HOST.inBytes / 4] >>> 0;
    let written = false;
    while (this.#first < this.#queue.length) {
      let room = size - ((words[HOST.inWrite / 4] - Atomics.load(words, HOST.inRead / 4)) >>> 0);
      if (room < HEAD + 4) {
        // The program looks at inWaiting after it has moved inRead: one of us sees the other's.
        Atomics.store(words, HOST.inWaiting / 4, 1);
        room = size - ((words[HOST.inWrite / 4] - Atomics.load(words, HOST.inRead / 4)) >>> 0);
        if (room < HEAD + 4) break;
        Atomics.store(words, HOST.inWaiting / 4, 0);
      }
      this.#write(words, size, room);
      written = true;
    }
    if (this.#first === this.#queue.length) {
      this.#queue = [];
      this.#first = 0;
    }
    if (!written) return;
    Atomics.add(words, HOST.wake / 4, 1);
    Atomics.notify(words, HOST.wake / 4);
  }

  /**
   * The next record.
   * @param {Int32Array} words of the host block
   * @param {number} size of the ring
   * @param {number} room in it
   */
  #write(words, size, room) {
    const answer = this.#queue[this.#first];
    const n = Math.min(answer.bytes.length - answer.at, room - HEAD, PIECE);
    const ring = new Uint8Array(this.memory.buffer, words[HOST.in / 4] >>> 0, size);
    const ringWords = new Uint32Array(this.memory.buffer, words[HOST.in / 4] >>> 0, size / 4);
    const at = words[HOST.inWrite / 4] >>> 0;
    [answer.id, answer.what, n, answer.bytes.length].forEach((word, i) => {
      ringWords[((at + 4 * i) & (size - 1)) / 4] = word;
    });
    const from = (at + HEAD) & (size - 1);
    const first = Math.min(n, size - from);
    ring.set(answer.bytes.subarray(answer.at, answer.at + first), from);
    ring.set(answer.bytes.subarray(answer.at + first, answer.at + n), 0);
    Atomics.store(words, HOST.inWrite / 4, (at + HEAD + ((n + 3) & ~3)) | 0);
    answer.at += n;
    if (answer.at < answer.bytes.length) return;
    this.#first++;
    if (this.#first > 1024 && this.#first * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#first);
      this.#first = 0;
    }
  }
}
