// protobuf.mjs: protobuf's encoding, as far as we write it: varints, fixed 64 bits, strings, messages in messages.

/** Room for a length, until it is known; 2^28 is the most. */
const LENGTH = 4;
const WIRE = Object.freeze({ VARINT: 0, FIXED64: 1, BYTES: 2 });

const encoder = new TextEncoder();

export class Protobuf {
  constructor() {
    this.bytes = new Uint8Array(1 << 16);
    this.size = 0;
    /** @type {number[]} where the open messages' rooms for a length are */
    this.open = [];
  }

  /** @param {number} n */
  #room(n) {
    if (this.size + n <= this.bytes.length) return;
    const grown = new Uint8Array(2 * this.bytes.length + n);
    grown.set(this.bytes.subarray(0, this.size));
    this.bytes = grown;
  }

  /** @param {number} value whole, from 0 to 2^53 */
  #raw(value) {
    this.#room(10);
    for (; value >= 128; value = Math.floor(value / 128)) this.bytes[this.size++] = value % 128 + 128;
    this.bytes[this.size++] = value;
  }

  /** @param {number} field @param {number} value */
  varint(field, value) {
    this.#raw(field * 8 + WIRE.VARINT);
    this.#raw(value);
  }

  /** @param {number} field @param {number[]} values */
  packed(field, values) {
    this.begin(field);
    for (const value of values) this.#raw(value);
    this.end();
  }

  /** @param {number} field @param {number} value */
  fixed64(field, value) {
    this.#raw(field * 8 + WIRE.FIXED64);
    this.#room(8);
    const view = new DataView(this.bytes.buffer, this.size, 8);
    view.setUint32(0, value % 2 ** 32, true);
    view.setUint32(4, Math.floor(value / 2 ** 32), true);
    this.size += 8;
  }

  /** @param {number} field @param {string} text */
  string(field, text) {
    this.#raw(field * 8 + WIRE.BYTES);
    this.#room(3 * text.length + 10);
    const at = this.size;
    this.size = at + LENGTH + encoder.encodeInto(text, this.bytes.subarray(at + LENGTH)).written;
    this.#close(at);
  }

  /** A message begins. @param {number} field */
  begin(field) {
    this.#raw(field * 8 + WIRE.BYTES);
    this.#room(LENGTH);
    this.open.push(this.size);
    this.size += LENGTH;
  }

  /** The message begun last ends. */
  end() {
    this.#close(/** @type {number} */ (this.open.pop()));
  }

  /** Writes the length of what has come behind its room, and moves that up to it. @param {number} at */
  #close(at) {
    const from = at + LENGTH, end = this.size;
    this.size = at;
    this.#raw(end - from);
    this.bytes.copyWithin(this.size, from, end);
    this.size += end - from;
  }

  /** @returns {Uint8Array} what came since the last call; no message may be open */
  take() {
    const taken = this.bytes.slice(0, this.size);
    this.size = 0;
    return taken;
  }
}
