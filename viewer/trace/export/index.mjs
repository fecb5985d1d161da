// index.mjs: a trace, or a stretch of it, in another form, as a stream of bytes. Runs in workers, pages and node.
// A new format is a module with a make() and one line in FORMATS.
import { unpackedChunks } from '../sniff.mjs';
import { compileReader } from '../store.mjs';
import { ExportError } from './wire.mjs';

export { ExportError };

/** @typedef {{from?: number, to?: number}} Range ns since the first event of the trace; from ≤ t < to */

/**
 * What a format's make() is given besides the bytes.
 * @typedef {object} Making
 * @property {WebAssembly.Module} module the reader
 * @property {Range} range
 * @property {string} [table] of csv
 */

/** @typedef {Range & {reader?: string | URL, module?: WebAssembly.Module, table?: string}} Options */

/** @typedef {(chunks: AsyncIterable<Uint8Array>, making: Making) => AsyncGenerator<Uint8Array>} Make */

/**
 * @typedef {object} Format
 * @property {string} what it is, for people
 * @property {string} suffix of a file
 * @property {string} type of media
 * @property {() => Promise<{make: Make}>} load
 */

/** @type {Record<string, Format>} */
export const FORMATS = {
  go: { what: 'a Go trace, valid on its own', suffix: '.trace', type: 'application/octet-stream',
    load: () => import('./go.mjs') },
  perfetto: { what: 'what Perfetto opens', suffix: '.pftrace', type: 'application/octet-stream',
    load: () => import('./perfetto.mjs') },
  chrome: { what: "Chrome's JSON", suffix: '.json', type: 'application/json', load: () => import('./chrome.mjs') },
  csv: { what: 'a table with commas', suffix: '.csv', type: 'text/csv', load: () => import('./tables.mjs') },
};

/**
 * @param {import('../index.mjs').TraceSource} source gzipped or not
 * @param {string} format of FORMATS
 * @param {Options} [options]
 * @returns {AsyncGenerator<Uint8Array, void, void>} throws ExportError for what is wrong with the trace or the
 *   range
 */
export async function* exportTrace(source, format, { from, to, reader, module, table } = {}) {
  if (!Object.hasOwn(FORMATS, format))
    throw new ExportError(`There is no format "${format}"; there are ${Object.keys(FORMATS).join(', ')}.`);
  if (!((from ?? 0) < (to ?? Infinity)))
    throw new ExportError(`A stretch from ${(from ?? 0) / 1e9} s to ${(to ?? 0) / 1e9} s is empty.`);
  const { make } = await FORMATS[format].load();
  const making = { module: module ?? await compileReader(reader), range: { from, to }, table };
  yield* make(unpackedChunks(source), making);
}
