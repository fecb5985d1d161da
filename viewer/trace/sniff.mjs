// sniff.mjs: what a file is, by its first bytes: gzip is unpacked on the way, other packed or foreign files are named
// in the sentence that refuses them.
import { chunksOf } from './chunks.mjs';

/** Bytes looked at. */
const LOOK = 64;

/** @param {Uint8Array} b @param {number[]} magic @param {number} [at] */
const begins = (b, magic, at = 0) => magic.every((byte, i) => b[at + i] === byte);

/** @param {Uint8Array} b */
const textOf = (b) => String.fromCharCode(...b.subarray(0, LOOK));

/** What is not a Go trace, and what to do with it. @type {Array<[(b: Uint8Array) => boolean, string]>} */
const FOREIGN = [
  [(b) => begins(b, [0x50, 0x4b, 3, 4]) || begins(b, [0x50, 0x4b, 5, 6]),
    'This is a zip archive, not a Go execution trace: unpack it and open the trace in it.'],
  [(b) => begins(b, [0x28, 0xb5, 0x2f, 0xfd]),
    'This is packed with zstd, which browsers cannot unpack: unpack it (zstd -d) and open the result.'],
  [(b) => begins(b, [0x42, 0x5a, 0x68]),
    'This is packed with bzip2, which browsers cannot unpack: unpack it (bunzip2) and open the result.'],
  [(b) => begins(b, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
    'This is packed with xz, which browsers cannot unpack: unpack it (unxz) and open the result.'],
  [(b) => /^(\xef\xbb\xbf)?\s*(\{\s*"(traceEvents|displayTimeUnit|otherData|metadata)"|\[\s*(\{|$))/.test(textOf(b)),
    'This is a trace in Chrome\'s JSON format, not a Go execution trace: ui.perfetto.dev opens it.'],
];

/** A profile as pprof writes it: a message that begins with sample types (field 1), samples (2), mappings, strings. */
const isProfile = (/** @type {Uint8Array} */ b) =>
  begins(b, [0x0a]) && b[1] > 0 && b[1] < 64 && (b[2] === 0x08 || b[2] === 0x10) && b[2 + b[1]] !== undefined &&
  [0x0a, 0x12, 0x1a, 0x22, 0x2a, 0x32].includes(b[2 + b[1]]);

const PROFILE = 'This is a profile (pprof), not a Go execution trace: go tool pprof opens it.';

/** What is wrong with the file, as a broken trace is: the reading itself went well. */
export class ForeignFile extends Error {}

export const EMPTY_FILE = 'The file is empty: there is no trace in it.';
export const DAMAGED = 'The gzipped file is damaged or cut off';
/** Browsers speak of a network, or of permissions. */
export const UNREADABLE = 'The file has changed, or is gone, since it was opened: open it again';

/**
 * Why no more bytes come of a file, or of what is packed.
 * @param {Blob | null} blob @param {boolean} packed @param {unknown} error @returns {Promise<unknown>} the same error
 *   where nothing better is known
 */
export async function whyUnread(blob, packed, error) {
  if (error instanceof ForeignFile) return error;
  const isGone = blob && await blob.slice(0, 1).arrayBuffer().then(() => false, () => true);
  return isGone ? new ForeignFile(UNREADABLE) : packed ? new ForeignFile(DAMAGED) : error;
}

/**
 * The sentence for what certainly is something else; null = it may be a trace.
 * @param {Uint8Array} bytes the file's first @returns {string | null}
 */
export function foreign(bytes) {
  const found = FOREIGN.find(([is]) => is(bytes));
  return found ? found[1] : isProfile(bytes) ? PROFILE : null;
}

/** @param {Uint8Array} bytes */
export const isGzip = (bytes) => begins(bytes, [0x1f, 0x8b]);

/**
 * The stream from its beginning on, unpacked if it is gzip; and its first bytes.
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {Promise<{stream: ReadableStream<Uint8Array>, look: Uint8Array, packed: boolean}>}
 */
export async function unpacked(stream) {
  const raw = await peek(stream);
  if (!isGzip(raw.look)) return { ...raw, packed: false };
  try {
    return { ...await peek(unzipped(raw.stream)), packed: true };
  } catch {
    throw new ForeignFile(DAMAGED);
  }
}

/** Packed bytes unpacked at once; of the last ones each by itself, which takes 0.3 ms in Chromium. */
const STEP = 64 << 10, TAIL = 32;

/**
 * What comes before damage is not lost: DecompressionStream forgets, as it fails, what nobody has taken yet. So it gets
 * little at a time, and the next only once all of that was taken; and what stands behind the end of what was packed,
 * which is a fault to it, comes by itself.
 * @param {ReadableStream<Uint8Array>} stream @returns {ReadableStream<Uint8Array>}
 */
function unzipped(stream) {
  const { readable, writable } = /** @type {ReadableWritablePair<Uint8Array, Uint8Array>} */ (
    /** @type {unknown} */ (new DecompressionStream('gzip')));
  const reader = stream.getReader(), writer = writable.getWriter();
  const feed = async () => {
    let held = new Uint8Array(0);
    /** @type {unknown} why no more came */
    let broken = null;
    const read = () => reader.read().catch((error) => {
      broken = error;
      return { done: /** @type {const} */ (true), value: undefined };
    });
    for (let next = await read(); !next.done; next = await read()) {
      const bytes = new Uint8Array(held.length + next.value.length);
      bytes.set(held);
      bytes.set(next.value, held.length);
      const until = Math.max(0, bytes.length - TAIL);
      for (let at = 0; at < until; at += STEP) await writer.write(bytes.subarray(at, Math.min(at + STEP, until)));
      held = bytes.subarray(until);
    }
    for (let at = 0; at < held.length; at++) await writer.write(held.subarray(at, at + 1));
    await writer.write(new Uint8Array(0)); // is taken in when all before was taken out
    if (broken) throw broken;
    await writer.close();
  };
  feed().catch((error) => Promise.allSettled([writer.abort(error), reader.cancel(error)]));
  return readable;
}

/**
 * The same for whoever takes chunks one after the other.
 * @param {import('./index.mjs').TraceSource} source @returns {AsyncGenerator<Uint8Array>}
 */
export async function* unpackedChunks(source) {
  const chunks = chunksOf(source);
  const { stream, packed } = await unpacked(new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => void chunks.return(undefined),
  }, { highWaterMark: 0 }));
  try {
    yield* chunksOf(stream);
  } catch (error) {
    throw await whyUnread(null, packed, error);
  }
}

/** @param {ReadableStream<Uint8Array>} stream */
async function peek(stream) {
  const reader = stream.getReader();
  /** @type {Uint8Array[]} */
  const chunks = [];
  let n = 0;
  let ended = false;
  while (n < LOOK && !ended) {
    const { done, value } = await reader.read();
    ended = done;
    if (value) {
      chunks.push(value);
      n += value.length;
    }
  }
  const look = new Uint8Array(Math.min(n, LOOK));
  let at = 0;
  for (const chunk of chunks) {
    if (at === look.length) break;
    const part = chunk.subarray(0, look.length - at);
    look.set(part, at);
    at += part.length;
  }
  return {
    look,
    stream: new ReadableStream({
      async pull(controller) {
        const first = chunks.shift();
        if (first) return controller.enqueue(first);
        const { done, value } = ended ? { done: true, value: undefined } : await reader.read();
        if (value) controller.enqueue(value);
        if (done) controller.close();
      },
      cancel: (why) => reader.cancel(why),
    }, { highWaterMark: 0 }),
  };
}
