// cutter.mjs: cuts the bytes of a trace into generations as they come, by the headers of its batches.
//
// It knows just enough to find where a generation certainly ends, as viewer/reader/decode/stream.c does. Whatever is
// not certain is left to the reader: then `odd` is set, and the generation at hand goes to a reader with all that
// follows.

export const HEADER_BYTES = 16;
const EVENT_BATCH = 1;
const EXPERIMENTAL_BATCH = 49;
const END_OF_GENERATION = 52;
const MAX_BATCH = 64 << 10;
/** The longest header of a batch: two bytes and four numbers. */
const MAX_HEAD = 42;
/** A generation's end is seen a batch of the next one late. */
const LAST_BYTES = MAX_BATCH + MAX_HEAD;

/** @typedef {{gen: number, start: number, end: number, chunks: Uint8Array[]}} Cut */

export class Cutter {
  /** @param {(cut: Cut) => void} give told of each generation; chunks: its bytes */
  constructor(give) {
    this.give = give;
    /** Bytes seen. */
    this.at = 0;
    /** Where the generation at hand begins. */
    this.start = HEADER_BYTES;
    /** @type {Uint8Array[]} of the generation at hand */
    this.chunks = [];
    this.header = new Uint8Array(HEADER_BYTES);
    this.version = 0;
    /** Number of the generation at hand, 0 = none has begun. */
    this.gen = 0;
    this.last = 0;
    /** Number in the last header. */
    this.coming = 0;
    /** Something stands here that only the reader can judge. */
    this.odd = false;
    /** @type {number[]} a batch's header that has begun */
    this.head = [];
    /** Bytes of the batch at hand still to come. */
    this.skip = 0;
    /** Where the next generation begins, if the batch at hand is its first, whole one; 0 = it is not. */
    this.border = 0;
    /** Its first byte may say that the generation ends. */
    this.first = false;
    this.ends = false;
  }

  /** Takes the chunk over. @param {Uint8Array} chunk */
  push(chunk) {
    let at = 0;
    if (this.at < HEADER_BYTES) {
      at = Math.min(HEADER_BYTES - this.at, chunk.length);
      this.header.set(chunk.subarray(0, at), this.at);
      this.at += at;
      if (this.at === HEADER_BYTES) this.#version();
    }
    let from = at;
    const origin = this.at - at; // offset of chunk[0] in the trace
    while (at < chunk.length && !this.odd) {
      if (this.skip) {
        at = this.#body(chunk, at);
        if (this.skip === 0 && this.ends) from = this.#cut(chunk, from, at, origin);
        else if (this.skip === 0 && this.border) from = this.#cutBefore(chunk, from, origin);
        continue;
      }
      const begins = origin + at - this.head.length;
      this.head.push(chunk[at++]);
      const done = this.#head();
      if (done === 'ends') from = this.#cut(chunk, from, at, origin);
      else if (done === 'next') {
        // A generation has ended when a batch of the next is there: one that is cut off says nothing.
        this.border = begins;
        if (this.skip === 0) from = this.#cutBefore(chunk, from, origin);
      }
    }
    this.at = origin + chunk.length;
    this.#keep(chunk, from, chunk.length);
  }

  /** Bytes of the generation at hand. */
  get pending() { return this.at - this.start; }

  /**
   * What is there of the generation at hand, but for so many bytes of its end: those may be the next one's.
   * @returns {Uint8Array[]}
   */
  begun() {
    let last = 0, n = this.chunks.length;
    while (n > 0 && last < LAST_BYTES) last += this.chunks[--n].length;
    return this.chunks.splice(0, n);
  }

  /** The generation at hand is whole, its source says so. */
  flush() {
    if (this.gen && !this.odd && this.skip === 0 && !this.head.length) this.#give(this.at);
  }

  /** What is left: a last generation, or one that only the reader can judge. @returns {Cut} */
  rest() {
    return { gen: this.gen, start: this.start, end: this.at, chunks: this.chunks };
  }

  #version() {
    const text = String.fromCharCode(...this.header);
    const version = /^go 1\.(\d\d) trace\0\0\0$/.exec(text);
    this.version = version ? Number(version[1]) : 0;
    this.odd = ![22, 23, 25, 26].includes(this.version);
  }

  /** Passes over a batch's body. @param {Uint8Array} chunk @param {number} at */
  #body(chunk, at) {
    if (this.first) {
      this.first = false;
      this.ends = this.version >= 26 && chunk[at] === END_OF_GENERATION;
      if (this.ends && !this.gen) this.odd = true;
    }
    const n = Math.min(this.skip, chunk.length - at);
    this.skip -= n;
    return at + n;
  }

  /** One more byte of a header. @returns {'more' | 'ends' | 'next' | 'same'} */
  #head() {
    const { head } = this;
    if (head[0] === END_OF_GENERATION && this.version >= 26) {
      this.odd = !this.gen;
      head.length = 0;
      return this.odd ? 'more' : 'ends';
    }
    if (head[0] !== EVENT_BATCH && head[0] !== EXPERIMENTAL_BATCH) return this.#strange();
    const numbers = numbersIn(head, head[0] === EXPERIMENTAL_BATCH ? 2 : 1);
    if (!numbers) return head.length > MAX_HEAD ? this.#strange() : 'more';
    const [gen, , , size] = numbers;
    if (gen === 0 || gen > Number.MAX_SAFE_INTEGER || size > MAX_BATCH) return this.#strange();
    // A batch that does not hold events of the generation at hand, and cannot end it.
    const next = this.gen !== 0 && gen !== this.gen;
    if (next && (this.version >= 26 || gen !== this.gen + 1)) return this.#strange();
    if (!this.gen && this.version < 26 && this.last && gen !== this.last + 1) return this.#strange();
    this.skip = size;
    this.first = head[0] === EVENT_BATCH && size > 0;
    this.ends = false;
    if (!next) this.gen = gen;
    this.coming = gen;
    head.length = 0;
    return next ? 'next' : 'same';
  }

  /** @returns {'more'} */
  #strange() {
    this.odd = true;
    return 'more';
  }

  /**
   * The generation ends behind chunk[at - 1].
   * @param {Uint8Array} chunk @param {number} from @param {number} at @param {number} origin
   * @returns {number} where the next one begins
   */
  #cut(chunk, from, at, origin) {
    this.ends = false;
    if (this.odd) return from;
    this.#keep(chunk, from, at);
    this.#give(origin + at);
    return at;
  }

  /**
   * The generation ended at `border`: in this chunk, or in one before.
   * @param {Uint8Array} chunk @param {number} from @param {number} origin
   */
  #cutBefore(chunk, from, origin) {
    const end = this.border;
    this.border = 0;
    const at = end - origin;
    /** @type {Uint8Array[]} what came earlier of the next generation */
    const back = [];
    if (at >= from) {
      this.#keep(chunk, from, at);
      from = at;
    } else {
      for (let n = from - at; n > 0;) {
        const last = /** @type {Uint8Array} */ (this.chunks.pop());
        const take = Math.min(n, last.length);
        if (take < last.length) this.chunks.push(last.subarray(0, last.length - take));
        back.unshift(last.subarray(last.length - take));
        n -= take;
      }
    }
    this.#give(end);
    this.chunks = back;
    this.gen = this.coming;
    return from;
  }

  /** @param {number} end */
  #give(end) {
    this.give({ gen: this.gen, start: this.start, end, chunks: this.chunks });
    this.last = this.gen;
    this.gen = 0;
    this.start = end;
    this.chunks = [];
  }

  /** @param {Uint8Array} chunk @param {number} from @param {number} to */
  #keep(chunk, from, to) {
    if (to <= from) return;
    this.chunks.push(chunk.subarray(from, to)); // a view: who sends it elsewhere copies it
  }
}

/**
 * Four numbers behind `at`, if they are all there; one that is too large to be right comes out as Infinity.
 * @param {number[]} head @param {number} at @returns {number[] | null}
 */
function numbersIn(head, at) {
  const numbers = [];
  let value = 0, factor = 1, bytes = 0;
  for (; at < head.length; at++) {
    value += (head[at] & 127) * factor;
    bytes++;
    if (head[at] >= 128) {
      if (bytes === 10) return [0, 0, 0, Infinity]; // over 64 bits: the reader says so
      factor *= 128;
      continue;
    }
    if (bytes === 10 && head[at] > 1) return [0, 0, 0, Infinity];
    numbers.push(value);
    value = 0;
    factor = 1;
    bytes = 0;
    if (numbers.length === 4) return numbers;
  }
  return null;
}
