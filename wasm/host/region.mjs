// region.mjs: reads the trace region, the ring in shared memory through which a program's trace leaves it.
import { FLIGHT, REGION } from './abi.mjs';

/** The one reader of a trace region. Works on any thread that sees the memory. */
export class RingReader {
  /**
   * @param {import('./abi.mjs').MemoryLike} memory may grow meanwhile
   * @param {number} ptr address of the region
   */
  constructor(memory, ptr) {
    this.memory = memory;
    this.ptr = ptr >>> 0;
    this.#buffer = memory.buffer;
    this.#words = new Int32Array(this.#buffer, this.ptr, REGION.data / 4);
    this.#longs = new BigInt64Array(this.#buffer, this.ptr, REGION.data / 8);
    if (this.#words[REGION.magic / 4] !== REGION.MAGIC) throw new Error(`no trace region at address ${this.ptr}`);
    const abi = this.#words[REGION.abi / 4];
    if (abi !== REGION.ABI) throw new Error(`the trace region has version ${abi}, this reader knows ${REGION.ABI}`);
    this.capacity = this.#words[REGION.capacity / 4] >>> 0;
  }

  /** @type {ArrayBufferLike} */ #buffer;
  /** @type {Int32Array} */ #words;
  /** @type {BigInt64Array} */ #longs;

  /** Takes the views anew if the memory has grown. */
  #refresh() {
    if (this.#buffer === this.memory.buffer) return;
    this.#buffer = this.memory.buffer;
    this.#words = new Int32Array(this.#buffer, this.ptr, REGION.data / 4);
    this.#longs = new BigInt64Array(this.#buffer, this.ptr, REGION.data / 8);
  }

  /** @param {number} offset */
  #word(offset) {
    this.#refresh();
    return Atomics.load(this.#words, offset / 4) >>> 0;
  }

  /** @param {number} offset */
  #long(offset) {
    this.#refresh();
    return Number(Atomics.load(this.#longs, offset / 8));
  }

  /** 0 off, 1 on, 2 drained: the last byte has been written */
  get state() { return this.#word(REGION.state); }
  /** generations that did not fit and were dropped */
  get lost() { return this.#long(REGION.lost); }
  get generation() { return this.#word(REGION.generation); }
  /** What its clock was like at the start. @returns {import('./types.d.mts').TraceClock} */
  get clock() {
    return { stepNs: this.#word(REGION.clockStepNs), readNs: this.#word(REGION.clockReadNs),
      perSecond: this.#word(REGION.clockPerSecond) };
  }
  /** bytes written so far that have not been read */
  get available() { return this.#long(REGION.writePos) - this.#long(REGION.readPos); }

  /**
   * Takes what there is, at most maxBytes; null if there is nothing, or it is a flight recorder's (window.mjs). The
   * bytes are a copy.
   * @param {number} [maxBytes]
   * @returns {Uint8Array | null}
   */
  read(maxBytes = this.capacity) {
    if (this.#word(REGION.mode) === FLIGHT) return null; // it has no reader
    const from = this.#long(REGION.readPos);
    const n = Math.min(this.#long(REGION.writePos) - from, maxBytes, this.capacity);
    if (n <= 0) return null;
    const data = new Uint8Array(this.#buffer, this.ptr + REGION.data, this.capacity);
    const bytes = copyOut(data, from, n);
    Atomics.store(this.#longs, REGION.readPos / 8, BigInt(from + n));
    return bytes;
  }

  /**
   * Nothing more will come, whatever became of the program: for whoever has ended it. Other readers see it as
   * `state`.
   */
  close() {
    this.#refresh();
    Atomics.store(this.#words, REGION.state / 4, 2);
    Atomics.add(this.#words, REGION.wake / 4, 1);
    Atomics.notify(this.#words, REGION.wake / 4);
  }

  /**
   * Resolves when more has been written, or after ms.
   * @param {number} ms
   * @returns {Promise<void>}
   */
  async waitAsync(ms) {
    const wake = this.#word(REGION.wake);
    if (this.available > 0 || this.state === 2) return;
    await untilWoken(this.#words, wake, ms);
  }
}

/**
 * A copy of n bytes out of a ring, from a position that counts from its start on.
 * @param {Uint8Array} ring @param {number} from @param {number} n
 */
export function copyOut(ring, from, n) {
  const at = from % ring.length, first = Math.min(n, ring.length - at);
  const bytes = new Uint8Array(n);
  bytes.set(ring.subarray(at, at + first));
  bytes.set(ring.subarray(0, n - first), first);
  return bytes;
}

/**
 * Resolves when the region's `wake` is no longer what was seen there, or after ms.
 * @param {Int32Array} words of the region @param {number} seen @param {number} ms
 */
export async function untilWoken(words, seen, ms) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  const timeout = new Promise((resolve) => { timer = setTimeout(resolve, ms); });
  /** @type {any} */ const atomics = Atomics; // waitAsync is not yet in every engine, nor for every memory
  const isShared = Object.prototype.toString.call(words.buffer) === '[object SharedArrayBuffer]';
  const woken = atomics.waitAsync && isShared
    ? atomics.waitAsync(words, REGION.wake / 4, seen | 0, ms).value : timeout;
  await Promise.race([timeout, woken]);
  clearTimeout(timer);
}
