// pprof.mjs: profiles in pprof's format (profile.proto, gzipped), as `go tool pprof` reads them.

/** Bytes of one protobuf message. */
class Message {
  constructor() {
    /** @type {number[]} */
    this.bytes = [];
  }

  /** @param {number} n a whole number up to 2^53 */
  varint(n) {
    while (n > 0x7f) {
      this.bytes.push((n % 128) | 0x80);
      n = Math.floor(n / 128);
    }
    this.bytes.push(n);
  }

  /** @param {number} field @param {number} n 0 is what an absent number means */
  number(field, n) {
    if (n === 0) return;
    this.varint(field << 3);
    this.varint(n);
  }

  /** @param {number} field @param {ArrayLike<number>} bytes */
  data(field, bytes) {
    this.varint((field << 3) | 2);
    this.varint(bytes.length);
    for (let i = 0; i < bytes.length; i++) this.bytes.push(bytes[i]);
  }

  /** @param {number} field @param {number[]} list */
  packed(field, list) {
    const inner = new Message();
    for (const n of list) inner.varint(n);
    this.data(field, inner.bytes);
  }

  /** @param {number} field @param {(m: Message) => void} fill */
  message(field, fill) {
    const inner = new Message();
    fill(inner);
    this.data(field, inner.bytes);
  }
}

/** Numbers of things that have been seen, the first is `first`. @template T */
class Numbers {
  /** @param {number} first */
  constructor(first) {
    this.first = first;
    /** @type {Map<string, number>} */
    this.map = new Map();
    /** @type {T[]} */
    this.list = [];
  }

  /** @param {string} key @param {T} value */
  of(key, value) {
    let n = this.map.get(key);
    if (n === undefined) {
      n = this.list.length + this.first;
      this.map.set(key, n);
      this.list.push(value);
    }
    return n;
  }
}

/** @typedef {import('./analysis.mjs').Frame} Frame */

/**
 * @param {object} profile
 * @param {Array<[type: string, unit: string]>} profile.types of the values of each sample
 * @param {Iterable<{stack: Frame[], values: number[]}>} profile.samples stacks innermost first
 * @param {number} [profile.durationNs]
 * @returns {Uint8Array} not compressed
 */
export function encodeProfile({ types, samples, durationNs = 0 }) {
  /** @type {Numbers<string>} */
  const strings = new Numbers(0);
  strings.of('', '');
  /** @type {Numbers<{name: number, file: number}>} */
  const functions = new Numbers(1);
  /** @type {Numbers<{fn: number, line: number}>} */
  const locations = new Numbers(1);
  const text = (/** @type {string} */ s) => strings.of(s, s);
  const m = new Message();
  const type = (/** @type {number} */ field, /** @type {string} */ name, /** @type {string} */ unit) =>
    m.message(field, (v) => {
      v.number(1, text(name));
      v.number(2, text(unit));
    });
  for (const [name, unit] of types) type(1, name, unit);
  for (const { stack, values } of samples) {
    const ids = stack.map(({ func, file, line }) => {
      const fn = functions.of(`${file}\0${func}`, { name: text(func), file: text(file) });
      return locations.of(`${fn}:${line}`, { fn, line });
    });
    m.message(2, (v) => {
      v.packed(1, ids);
      v.packed(2, values);
    });
  }
  locations.list.forEach(({ fn, line }, i) => m.message(4, (v) => {
    v.number(1, i + 1);
    v.message(4, (l) => {
      l.number(1, fn);
      l.number(2, line);
    });
  }));
  functions.list.forEach(({ name, file }, i) => m.message(5, (v) => {
    v.number(1, i + 1);
    v.number(2, name);
    v.number(3, name);
    v.number(4, file);
  }));
  type(11, 'trace', 'count');
  const encoder = new TextEncoder();
  for (const s of strings.list) m.data(6, encoder.encode(s));
  m.number(10, durationNs);
  m.number(12, 1);
  return Uint8Array.from(m.bytes);
}

/** @param {Uint8Array} bytes @returns {Promise<Blob>} */
export function gzip(bytes) {
  const packed = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Response(packed).blob();
}
