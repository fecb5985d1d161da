// tail.mjs: the time of a trace's last batches, from the end of the file alone: so the axis is known before the trace
// is.
import { HEADER_BYTES } from './cutter.mjs';

/** Two of the longest batches and their headers. */
const TAIL = 140 << 10;
const MAX_BATCH = 64 << 10;
const END_OF_GENERATION = 52;

/**
 * The latest time a batch near the end begins at, in the trace's units; 0 = not found.
 * @param {Blob} blob @returns {Promise<number>}
 */
export async function lastBatch(blob) {
  const from = Math.max(HEADER_BYTES, blob.size - TAIL);
  const bytes = new Uint8Array(await blob.slice(from).arrayBuffer());
  // Wherever batches follow each other up to the very end, they are batches: bytes that only look so go astray.
  for (let at = 0; at < Math.min(bytes.length, MAX_BATCH + 64); at++) {
    const time = chain(bytes, at);
    if (time) return time;
  }
  return 0;
}

/** @param {Uint8Array} bytes @param {number} at @returns {number} 0: these are no batches up to the end */
function chain(bytes, at) {
  let time = 0, batches = 0;
  while (at < bytes.length) {
    if (bytes[at] === END_OF_GENERATION && batches) {
      at++;
      continue;
    }
    if (bytes[at] !== 1 && bytes[at] !== 49) return 0;
    at += bytes[at] === 1 ? 1 : 2;
    const head = [0, 0, 0, 0]; // generation, thread, time, size
    for (let i = 0; i < 4; i++) {
      let factor = 1, byte;
      let n = 0;
      do {
        byte = bytes[at++];
        if (byte === undefined || ++n > 10) return 0;
        head[i] += (byte & 127) * factor;
        factor *= 128;
      } while (byte >= 128);
    }
    if (head[0] === 0 || head[3] > MAX_BATCH) return 0;
    time = Math.max(time, head[2]);
    at += head[3];
    batches++;
  }
  return at === bytes.length && batches > 1 ? time : 0;
}
