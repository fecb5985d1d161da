// pprof.mjs: profiles in pprof's format (profile.proto, gzipped), as `go tool pprof` reads them.
import { Protobuf } from './protobuf.mjs';

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
  const m = new Protobuf();
  const type = (/** @type {number} */ field, /** @type {string} */ name, /** @type {string} */ unit) => {
    m.begin(field);
    m.varint(1, text(name));
    m.varint(2, text(unit));
    m.end();
  };
  for (const [name, unit] of types) type(1, name, unit);
  for (const { stack, values } of samples) {
    m.begin(2);
    m.packed(1, stack.map(({ func, file, line }) => {
      const fn = functions.of(`${file}\0${func}`, { name: text(func), file: text(file) });
      return locations.of(`${fn}:${line}`, { fn, line });
    }));
    m.packed(2, values);
    m.end();
  }
  locations.list.forEach(({ fn, line }, i) => {
    m.begin(4);
    m.varint(1, i + 1);
    m.begin(4);
    m.varint(1, fn);
    m.varint(2, line);
    m.end();
    m.end();
  });
  functions.list.forEach(({ name, file }, i) => {
    m.begin(5);
    m.varint(1, i + 1);
    m.varint(2, name);
    m.varint(3, name);
    m.varint(4, file);
    m.end();
  });
  type(11, 'trace', 'count');
  for (const s of strings.list) m.string(6, s);
  m.varint(10, durationNs);
  m.varint(12, 1);
  return m.take();
}

/** @param {Uint8Array} bytes @returns {Promise<Blob>} */
export function gzip(bytes) {
  const packed = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Response(packed).blob();
}
