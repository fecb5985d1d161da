/**
 * What open() accepts, brought to what the trace client accepts.
 */

/** @typedef {Blob | ReadableStream<Uint8Array> | Uint8Array | ArrayBuffer | Response | string | URL} TraceSource */
/** @typedef {{source: Blob | ReadableStream<Uint8Array> | Uint8Array, name: string}} NamedSource */

/**
 * @param {TraceSource} what
 * @param {string} [name]
 * @returns {Promise<NamedSource>}
 */
export async function resolveSource(what, name) {
  if (typeof what === 'string' || what instanceof URL) return fromUrl(String(what), name);
  if (what instanceof Response) return fromResponse(what, name ?? lastPart(what.url));
  if (what instanceof ArrayBuffer) return { source: new Uint8Array(what), name: name ?? 'trace' };
  if (what instanceof Uint8Array || what instanceof ReadableStream) return { source: what, name: name ?? 'trace' };
  if (what instanceof File) return { source: what, name: name ?? what.name };
  if (what instanceof Blob) return { source: what, name: name ?? 'trace' };
  throw new TypeError('open() takes a file, a URL, a stream or bytes of a Go trace; it was given something else.');
}

/** @param {string} url @param {string} [name] */
async function fromUrl(url, name) {
  let response;
  try {
    response = await fetch(url);
  } catch {
    throw new Error(
      `${url} could not be fetched: the server did not answer, or does not allow this page to read from it.`);
  }
  return fromResponse(response, name ?? lastPart(url));
}

/** @param {Response} response @param {string} name @returns {Promise<NamedSource>} */
async function fromResponse(response, name) {
  if (!response.ok) throw new Error(`${response.url} could not be fetched: the server answered ${response.status}.`);
  if (!response.body) throw new Error(`${response.url} is empty: there is no trace in it.`);
  return { source: response.body, name };
}

/** @param {string} url */
function lastPart(url) {
  const path = url.split(/[?#]/)[0];
  return path.slice(path.lastIndexOf('/') + 1) || 'trace';
}

/** One sentence for whatever was thrown. @param {unknown} error */
export function sentenceOf(error) {
  const text = (error instanceof Error ? error.message : String(error)).trim().split('\n')[0];
  return text || 'The trace could not be read, and the reader did not say why.';
}
