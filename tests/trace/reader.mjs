// reader.mjs: what the trace tests share: the compiled reader, and whole traces read in one go.
import { compileReader, OPTION, STATUS, TraceStore } from '../../viewer/trace/store.mjs';

const compiled = compileReader();

/**
 * Reads a whole trace, in chunks of the given sizes (repeated), stopping when the reader has had enough.
 * @param {Uint8Array} bytes
 * @param {{options?: number, chunks?: number[], limit?: number}} [how]
 */
export async function read(bytes, { options = 0, chunks = [bytes.length || 1], limit = 0 } = {}) {
  const store = new TraceStore(await compiled, options);
  if (limit) store.wasm.gt_mem_limit(limit);
  /** @type {Buffer[]} */
  const text = [];
  const take = (/** @type {Uint8Array} */ view) => void text.push(Buffer.from(view));
  let status = store.drain(take);
  for (let at = 0, i = 0; at < bytes.length && status === STATUS.WANT; i++) {
    const n = Math.max(1, chunks[i % chunks.length]);
    if (!store.push(bytes.subarray(at, at + n))) break;
    at += n;
    status = store.drain(take);
  }
  if (status === STATUS.WANT) {
    store.end();
    status = store.drain(take);
  }
  const raw = Buffer.concat(text);
  return { store, status, ok: status === STATUS.DONE, fault: store.fault(), raw, text: raw.toString() };
}

/** @param {Uint8Array} bytes */
export const validated = (bytes) => read(bytes, { options: OPTION.VALIDATE });
/** @param {Uint8Array} bytes @param {number[]} [chunks] */
export const dumped = (bytes, chunks) => read(bytes, { options: OPTION.DUMP_GO, chunks });

/**
 * Numbers that look random and come again with the same seed.
 * @param {number} seed @returns {(below: number) => number}
 */
export function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
