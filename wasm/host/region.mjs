// region.mjs: reads the trace region, the ring in shared memory through which a program's trace leaves it.
import { FLIGHT, LIMITS, REGION, TAIL } from './abi.mjs';
import { Damaged } from './damage.mjs';

/** What never changes in it, from its beginning on. */
const FIXED = [REGION.magic, REGION.abi, REGION.capacity, REGION.mode].map((at) => at / 4);

/**
 * A trace region, on any thread that sees the memory. When it turns out to be written over (damage.mjs) it is as one
 * into which nothing more comes: whoever reads it comes to the end of what can be believed.
 */
export class Region {
  /**
   * @param {import('./abi.mjs').MemoryLike} memory may grow meanwhile
   * @param {number} ptr address of the region
   */
  constructor(memory, ptr) {
    this.memory = memory;
    this.ptr = ptr >>> 0;
    const { byteLength } = memory.buffer;
    const header = this.ptr % 8 === 0 && this.ptr + REGION.data <= byteLength
      ? new Uint32Array(memory.buffer, this.ptr, REGION.data / 4).slice() : new Uint32Array(REGION.data / 4);
    if (header[REGION.magic / 4] !== REGION.MAGIC) throw new Error(`no trace region at address ${this.ptr}`);
    const abi = header[REGION.abi / 4];
    if (abi !== REGION.ABI) throw new Error(`the trace region has version ${abi}, this reader knows ${REGION.ABI}`);
    this.capacity = header[REGION.capacity / 4];
    /** Where the tail is in the region. */
    this.tail = REGION.data + this.capacity;
    this.mode = header[REGION.mode / 4];
    if (this.capacity > LIMITS.RING_MOST || (this.capacity & (this.capacity - 1)) !== 0 || this.capacity === 0
      || this.ptr + this.tail + TAIL.BYTES > byteLength || this.mode > FLIGHT) throw new Damaged();
    this.#fixed = FIXED.map((i) => header[i] | 0);
    this.#words = this.#newWords();
    this.#longs = this.#newLongs();
  }

  /** It is written over. */
  damaged = false;
  /** @type {number[]} */ #fixed;
  /** @type {Int32Array} */ #words;
  /** @type {BigInt64Array} */ #longs;
  #lost = 0;

  #newWords() { return new Int32Array(this.memory.buffer, this.ptr, (this.tail + TAIL.BYTES) / 4); }
  #newLongs() { return new BigInt64Array(this.memory.buffer, this.ptr, (this.tail + TAIL.BYTES) / 8); }

  /** Its words, up to its tail's end. */
  get words() {
    if (this.#words.buffer !== this.memory.buffer) this.#words = this.#newWords();
    return this.#words;
  }
  get longs() {
    if (this.#longs.buffer !== this.memory.buffer) this.#longs = this.#newLongs();
    return this.#longs;
  }
  /** @param {number} offset */
  word(offset) { return Atomics.load(this.words, offset / 4) >>> 0; }
  /** @param {number} offset */
  long(offset) { return Number(Atomics.load(this.longs, offset / 8)); }
  /** A copy, by positions no more than `capacity` apart. @param {number} from @param {number} to */
  bytes(from, to) {
    return copyOut(new Uint8Array(this.memory.buffer, this.ptr + REGION.data, this.capacity), from, to - from);
  }

  /** What is so unless it is damaged. @param {boolean} isSo @returns {boolean} it is not damaged */
  holds(isSo) {
    if (!isSo) this.damaged = true;
    return !this.damaged;
  }

  /** Its header is as it was. To be asked before what stands in it is gone by. */
  whole() {
    const { words } = this;
    for (let i = 0; i < FIXED.length; i++) if (words[FIXED[i]] !== this.#fixed[i]) this.damaged = true;
    return this.holds(this.word(REGION.state) <= 2);
  }

  /**
   * Whether the ring may hold what lies between two positions; if not, it is damaged.
   * @param {number} from @param {number} to
   */
  canHold(from, to) {
    return this.holds(from >= 0 && from <= to && to - from <= this.capacity && to <= Number.MAX_SAFE_INTEGER);
  }

  /** 0 off, 1 on, 2 drained: the last byte has been written */
  get state() { return this.whole() ? this.word(REGION.state) : 2; }
  /** generations that did not fit and were dropped */
  get lost() {
    if (this.whole()) this.#lost = this.long(REGION.lost);
    return this.#lost;
  }
}

/** The one reader of a trace region. */
export class RingReader extends Region {
  get generation() { return this.word(REGION.generation); }
  /** What its clock was like at the start. @returns {import('./types.d.mts').TraceClock} */
  get clock() {
    return { stepNs: this.word(REGION.clockStepNs), readNs: this.word(REGION.clockReadNs),
      perSecond: this.word(REGION.clockPerSecond) };
  }
  /** bytes written so far that have not been read */
  get available() {
    const from = this.long(REGION.readPos), to = this.long(REGION.writePos);
    return this.whole() && this.canHold(from, to) ? to - from : 0;
  }

  /**
   * Takes what there is, at most maxBytes; null if there is nothing, or it is a flight recorder's (window.mjs). The
   * bytes are a copy.
   * @param {number} [maxBytes]
   * @returns {Uint8Array | null}
   */
  read(maxBytes = this.capacity) {
    if (this.mode === FLIGHT) return null; // it has no reader
    const n = Math.min(this.available, maxBytes);
    if (n <= 0) return null;
    const from = this.long(REGION.readPos);
    if (!this.canHold(from, from + n)) return null;
    const bytes = this.bytes(from, from + n);
    if (!this.whole()) return null; // memory is mostly written over upwards: what lies behind was whole until here
    Atomics.store(this.longs, REGION.readPos / 8, BigInt(from + n));
    return bytes;
  }

  /**
   * Nothing more will come, whatever became of the program: for whoever has ended it. Other readers see it as
   * `state`.
   */
  close() {
    Atomics.store(this.words, REGION.state / 4, 2);
    Atomics.add(this.words, REGION.wake / 4, 1);
    Atomics.notify(this.words, REGION.wake / 4);
  }

  /**
   * Resolves when more has been written, or after ms.
   * @param {number} ms
   * @returns {Promise<void>}
   */
  async waitAsync(ms) {
    const wake = this.word(REGION.wake);
    if (this.available > 0 || this.state === 2) return;
    await untilWoken(this.words, wake, ms);
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
