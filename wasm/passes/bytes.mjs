// bytes.mjs: reading and writing the numbers and names that WebAssembly binaries are made of.

const utf8 = new TextDecoder();
const toUtf8 = new TextEncoder();

/** Reads a range of bytes from its start to its end. */
export class Reader {
  /**
   * @param {Uint8Array} bytes
   * @param {number} [at]
   * @param {number} [end]
   */
  constructor(bytes, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done() { return this.at >= this.end; }

  u8() { return this.bytes[this.at++]; }

  u32() {
    let result = 0, shift = 0, byte;
    do {
      byte = this.bytes[this.at++];
      result |= (byte & 127) << shift;
      shift += 7;
    } while (byte & 128);
    return result >>> 0;
  }

  s32() {
    let result = 0, shift = 0, byte;
    do {
      byte = this.bytes[this.at++];
      result |= (byte & 127) << shift;
      shift += 7;
    } while (byte & 128);
    return shift < 32 && byte & 64 ? result | (-1 << shift) : result;
  }

  /** A LEB128 number of any size, which is not wanted. */
  skipLeb() {
    while (this.bytes[this.at++] & 128);
  }

  name() {
    const n = this.u32();
    return utf8.decode(this.take(n));
  }

  /** The next n bytes, not copied. @param {number} n */
  take(n) {
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }
}

/** Bytes that grow. */
export class Writer {
  constructor(room = 1024) {
    this.buffer = new Uint8Array(room);
    this.length = 0;
  }

  /** @param {number} n */
  #room(n) {
    if (this.length + n <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + n));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }

  /** @param {number} x */
  u8(x) {
    this.#room(1);
    this.buffer[this.length++] = x;
    return this;
  }

  /** @param {number} x */
  u32(x) {
    this.#room(5);
    x >>>= 0;
    while (x > 127) {
      this.buffer[this.length++] = (x & 127) | 128;
      x >>>= 7;
    }
    this.buffer[this.length++] = x;
    return this;
  }

  /** @param {number} x */
  s32(x) {
    this.#room(5);
    for (;;) {
      const low = x & 127;
      x >>= 7;
      const last = (x === 0 && !(low & 64)) || (x === -1 && (low & 64) !== 0);
      this.buffer[this.length++] = last ? low : low | 128;
      if (last) return this;
    }
  }

  /** @param {ArrayLike<number>} x */
  bytes(x) {
    this.#room(x.length);
    this.buffer.set(x, this.length);
    this.length += x.length;
    return this;
  }

  /** @param {string} text */
  name(text) {
    const bytes = toUtf8.encode(text);
    return this.u32(bytes.length).bytes(bytes);
  }

  /** What has been written; not a copy. */
  done() { return this.buffer.subarray(0, this.length); }
}

/** @param {number} x */
export const leb = (x) => [...new Writer(5).u32(x).done()];
/** @param {number} x */
export const sleb = (x) => [...new Writer(5).s32(x).done()];
