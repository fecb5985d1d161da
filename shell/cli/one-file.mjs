// one-file.mjs: viewer and trace as one HTML file, which needs no server and no network (shell/bundle makes the
// viewer).
import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { pageWith } from '../../viewer/trace/export/html.mjs';
import { packageRoot } from '../serve.mjs';
import { REPAIR, UserError, mustBeTrace } from './args.mjs';

/**
 * @param {string} file a trace, gzipped or not
 * @returns {AsyncGenerator<string>}
 */
export async function* oneFile(file) {
  const template = join(packageRoot, 'build/viewer.html');
  if (!existsSync(template))
    throw new UserError(`${template} is missing: ${REPAIR}`);
  yield* pageWith(await readFile(template, 'utf8'), basename(file), packed(file));
}

/** @param {string} file @returns {ReadableStream<Uint8Array>} gzipped */
function packed(file) {
  const bytes = createReadStream(file);
  return /** @type {ReadableStream<Uint8Array>} */ (
    Readable.toWeb(mustBeTrace(file).isPacked ? bytes : bytes.pipe(createGzip())));
}
