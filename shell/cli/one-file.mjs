// one-file.mjs: viewer and trace as one HTML file, which needs no server and no network (shell/bundle makes the
// viewer).
import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createGzip } from 'node:zlib';
import { packageRoot } from '../serve.mjs';
import { REPAIR, UserError, mustBeTrace } from './args.mjs';

const MARK = '<!-- the trace -->';
/** Bytes in an element: a multiple of 3, so that base64 of one needs no filling. */
const PIECE = 3 << 18;

/** @param {string} text for an attribute or as text */
const escaped = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/**
 * @param {string} file a trace, gzipped or not
 * @returns {AsyncGenerator<Uint8Array | string>}
 */
export async function* oneFile(file) {
  const template = join(packageRoot, 'build/viewer.html');
  if (!existsSync(template))
    throw new UserError(`${template} is missing: ${REPAIR}`);
  const name = basename(file), html = (await readFile(template, 'utf8'))
    .replace(/<title>.*?<\/title>/, () => `<title>${escaped(name)} · Goroscope</title>`);
  const [before, after] = html.split(MARK);
  const attributes = `type="application/x-goroscope-trace" data-name="${escaped(name)}"`;
  yield before;
  for await (const piece of pieces(packed(file)))
    yield `<script ${attributes}>${piece.toString('base64')}</script>\n`;
  yield after;
}

/** @param {string} file @returns {NodeJS.ReadableStream} gzipped */
function packed(file) {
  return createReadStream(file).pipe(mustBeTrace(file).isPacked ? new PassThrough() : createGzip());
}

/** @param {NodeJS.ReadableStream} stream @returns {AsyncGenerator<Buffer>} of PIECE bytes each but the last */
async function* pieces(stream) {
  /** @type {Buffer[]} */ let parts = [];
  let bytes = 0;
  for await (const chunk of stream) {
    parts.push(/** @type {Buffer} */ (chunk));
    bytes += chunk.length;
    for (; bytes >= PIECE; bytes -= PIECE) {
      const all = Buffer.concat(parts);
      yield all.subarray(0, PIECE);
      parts = [all.subarray(PIECE)];
    }
  }
  yield Buffer.concat(parts);
}
