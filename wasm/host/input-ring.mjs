// input-ring.mjs: answers of the host into the input ring in the program's memory (host.h), the mirror image of
// output-ring.mjs.
import { HOST } from './abi.mjs';
import { Damaged } from './damage.mjs';

const HEAD = 16; // bytes: id, what, n, total
const PIECE = 64 << 10; // bytes of an answer in one record at most

/** The one writer of a program's input ring. What does not fit waits here. Whatever it does throws Damaged. */
export class InputRing {
  /** @param {import('./host-block.mjs').HostBlock} block */
  constructor(block) {
    this.#block = block;
  }

  /** @type {import('./host-block.mjs').HostBlock} */ #block;
  #written = 0; // what stands in inWrite, too

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
    const { words } = this.#block;
    let written = false;
    while (this.#first < this.#queue.length) {
      let room = this.#room(words);
      if (room < HEAD + 4) {
        // The program looks at inWaiting after it has moved inRead: one of us sees the other's.
        Atomics.store(words, HOST.inWaiting / 4, 1);
        room = this.#room(words);
        if (room < HEAD + 4) break;
        Atomics.store(words, HOST.inWaiting / 4, 0);
      }
      this.#write(words, room);
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

  /** Bytes that are free. @param {Int32Array} words of the host block */
  #room(words) {
    const unread = (this.#written - Atomics.load(words, HOST.inRead / 4)) >>> 0;
    if (unread > this.#block.inBytes || words[HOST.inWrite / 4] >>> 0 !== this.#written) throw new Damaged();
    return this.#block.inBytes - unread;
  }

  /**
   * The next record.
   * @param {Int32Array} words of the host block
   * @param {number} room in the ring
   */
  #write(words, room) {
    const { memory, in: start, inBytes: size } = this.#block;
    const answer = this.#queue[this.#first];
    const n = Math.min(answer.bytes.length - answer.at, room - HEAD, PIECE);
    const ring = new Uint8Array(memory.buffer, start, size);
    const ringWords = new Uint32Array(memory.buffer, start, size / 4);
    const at = this.#written;
    [answer.id, answer.what, n, answer.bytes.length].forEach((word, i) => {
      ringWords[((at + 4 * i) & (size - 1)) / 4] = word;
    });
    const from = (at + HEAD) & (size - 1);
    const first = Math.min(n, size - from);
    ring.set(answer.bytes.subarray(answer.at, answer.at + first), from);
    ring.set(answer.bytes.subarray(answer.at + first, answer.at + n), 0);
    this.#written = (at + HEAD + ((n + 3) & ~3)) >>> 0;
    Atomics.store(words, HOST.inWrite / 4, this.#written | 0);
    answer.at += n;
    if (answer.at < answer.bytes.length) return;
    this.#first++;
    if (this.#first > 1024 && this.#first * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#first);
      this.#first = 0;
    }
  }
}
