// chunks.mjs: bytes from whatever has them, one chunk after the other.

/** @typedef {import('./index.mjs').TraceSource} TraceSource */

/** @param {TraceSource} source @returns {AsyncGenerator<Uint8Array>} */
export async function* chunksOf(source) {
  if (typeof source !== 'object' || source === null)
    throw new TypeError(`readTrace takes bytes or what yields them, not a ${typeof source}.`);
  if (typeof Response === 'function' && source instanceof Response) {
    if (!source.ok || !source.body)
      throw new Error(`${source.url || 'the response'} could not be read (${source.status}).`);
    yield* chunksOf(source.body);
  } else if (typeof Blob === 'function' && source instanceof Blob) yield* chunksOf(source.stream());
  else if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) yield asBytes(source);
  else if ('getReader' in source) yield* readable(source);
  else if (Symbol.asyncIterator in source || Symbol.iterator in source)
    for await (const chunk of source) yield asBytes(chunk);
  else throw new TypeError(
    'readTrace takes bytes, a Blob, a Response, a stream of bytes or what yields bytes when iterated.');
}

/**
 * Not every browser can iterate a stream.
 * @param {ReadableStream<Uint8Array>} stream @returns {AsyncGenerator<Uint8Array>}
 */
async function* readable(stream) {
  const reader = stream.getReader();
  let done = false;
  try {
    for (;;) {
      const next = await reader.read();
      if (next.done) break;
      yield next.value;
    }
    done = true;
  } finally {
    if (!done) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

/** @param {unknown} chunk @returns {Uint8Array} */
function asBytes(chunk) {
  if (chunk instanceof Uint8Array) return chunk;
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new TypeError('readTrace: a chunk of the source is not bytes.');
}
