// profile.mjs: reads pprof's format, as far as our tests need it; written apart from the encoder it checks.
import { gunzipSync } from 'node:zlib';

/**
 * The fields of one message: [number, value]; bytes of nested ones.
 * @param {Uint8Array} b @returns {Generator<[number, number | Uint8Array]>}
 */
function* fields(b) {
  let at = 0;
  const varint = () => {
    let n = 0, scale = 1;
    for (;;) {
      const c = b[at++];
      n += (c & 0x7f) * scale;
      if (c < 0x80) return n;
      scale *= 128;
    }
  };
  while (at < b.length) {
    const key = varint(), field = Math.floor(key / 8);
    if ((key & 7) === 0) {
      yield [field, varint()];
    } else if ((key & 7) === 2) {
      const n = varint();
      yield [field, b.subarray(at, at += n)];
    } else throw new Error(`wire type ${key & 7} at ${at}`);
  }
}

/** Numbers of a repeated field, packed or not. @param {number | Uint8Array} v @returns {number[]} */
function numbers(v) {
  if (typeof v === 'number') return [v];
  const list = [];
  let n = 0, scale = 1;
  for (const c of v) {
    n += (c & 0x7f) * scale;
    scale *= 128;
    if (c < 0x80) {
      list.push(n);
      n = 0;
      scale = 1;
    }
  }
  return list;
}

/** @param {number | Uint8Array} v @returns {Map<number, number>} */
const record = (v) =>
  new Map([...fields(/** @type {Uint8Array} */ (v))].map(([k, x]) => [k, /** @type {number} */ (x)]));

/**
 * Values by stack ("func file:line" a frame, innermost first).
 * @param {Uint8Array} bytes gzipped or not
 * @returns {{types: string[], stacks: Record<string, number[]>}}
 */
export function readProfile(bytes) {
  const raw = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
  /** @type {string[]} */
  const strings = [];
  /** @type {Array<{ids: number[], values: number[]}>} */
  const samples = [];
  /** @type {Map<number, Map<number, number>>} */
  const functions = new Map();
  /** @type {Map<number, {fn: number, line: number}>} */
  const locations = new Map();
  const types = [];
  for (const [field, value] of fields(raw)) {
    if (field === 1) types.push(record(value).get(1) ?? 0);
    if (field === 6) strings.push(Buffer.from(/** @type {Uint8Array} */ (value)).toString());
    if (field === 5) functions.set(record(value).get(1) ?? 0, record(value));
    if (field === 2) {
      const sample = { ids: /** @type {number[]} */ ([]), values: /** @type {number[]} */ ([]) };
      for (const [k, v] of fields(/** @type {Uint8Array} */ (value)))
        (k === 1 ? sample.ids : sample.values).push(...numbers(v));
      samples.push(sample);
    }
    if (field === 4) {
      let id = 0, line = new Map();
      for (const [k, v] of fields(/** @type {Uint8Array} */ (value))) {
        if (k === 1) id = /** @type {number} */ (v);
        if (k === 4) line = record(v);
      }
      locations.set(id, { fn: line.get(1) ?? 0, line: line.get(2) ?? 0 });
    }
  }
  /** @type {Record<string, number[]>} */
  const stacks = {};
  for (const { ids, values } of samples) {
    const key = ids.map((id) => {
      const { fn, line } = locations.get(id) ?? { fn: 0, line: 0 };
      const f = functions.get(fn);
      return `${strings[f?.get(2) ?? 0]} ${strings[f?.get(4) ?? 0]}:${line}`;
    }).join('\n');
    stacks[key] = (stacks[key] ?? values.map(() => 0)).map((n, i) => n + values[i]);
  }
  return { types: types.map((t) => strings[t]), stacks };
}
