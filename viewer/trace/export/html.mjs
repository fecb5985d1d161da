// html.mjs: viewer and trace as one page: the trace is base64 of it gzipped, in script elements of TYPE that nobody
// runs, in pieces that are whole bytes each. viewer/app/embedded.mjs takes them out again.

export const TYPE = 'application/x-goroscope-trace';
/** Where the trace's elements come; stays behind them. */
const MARK = '<!-- the trace -->';
/** Bytes in an element: a multiple of 3, so that base64 of one needs no filling. */
const PIECE = 3 << 18;
/** Bytes that fromCharCode takes at once. */
const LETTERS = 1 << 13;

/** @param {string} text for an attribute or as text */
const escaped = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/**
 * The page with this trace in it, piece by piece.
 * @param {string} html of such a page without a trace @param {string} name of the trace
 * @param {ReadableStream<Uint8Array>} packed the trace, gzipped
 * @returns {AsyncGenerator<string>}
 */
export async function* pageWith(html, name, packed) {
  const [before, after] = html.replace(/<title>.*?<\/title>/, () => `<title>${escaped(name)} · Goroscope</title>`)
    .split(MARK);
  if (after === undefined) throw new Error('The page that was to hold the trace is none of this viewer’s.');
  yield before;
  for await (const piece of pieces(packed))
    yield `<script type="${TYPE}" data-name="${escaped(name)}">${base64(piece)}</script>\n`;
  yield MARK + after;
}

/**
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {AsyncGenerator<Uint8Array>} of PIECE bytes each but the last
 */
async function* pieces(stream) {
  const reader = stream.getReader(); // not every browser can iterate a stream
  let piece = new Uint8Array(PIECE), n = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const chunk = next.value;
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + PIECE - n);
      piece.set(part, n);
      at += part.length;
      n += part.length;
      if (n < PIECE) break;
      yield piece;
      piece = new Uint8Array(PIECE);
      n = 0;
    }
  }
  yield piece.subarray(0, n);
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  let letters = '';
  for (let at = 0; at < bytes.length; at += LETTERS)
    letters += String.fromCharCode(...bytes.subarray(at, at + LETTERS));
  return btoa(letters);
}
