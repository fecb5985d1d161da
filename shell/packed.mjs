// packed.mjs: what the server hands out, packed by brotli or gzip: each file once, and kept while it stays as it is.
import { promises as fs } from 'node:fs';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** Level 5 of 11 takes a tenth of the time of the highest, for 10 % more bytes. */
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/** @type {Record<string, (bytes: Uint8Array) => Promise<Buffer>>} the first that the browser takes */
const PACKERS = {
  br: (bytes) => promisify(brotliCompress)(bytes, QUALITY),
  gzip: (bytes) => promisify(gzip)(bytes),
};

/** Files of fewer bytes go as they are, and so do those of more, which would take long. */
const LEAST = 1000, MOST = 16 << 20;

/** What is kept, by path and encoding. @type {Map<string, { etag: string, bytes: Promise<Buffer> }>} */
const kept = new Map();

/** @param {string | undefined} accepted the header Accept-Encoding @returns {string | undefined} of PACKERS */
export function encodingFor(accepted = '') {
  const taken = accepted.split(',').map((part) => /^\s*([\w*-]+)\s*(?:;\s*q=([\d.]+))?\s*$/.exec(part))
    .filter((part) => part && Number(part[2] ?? 1) > 0).map((part) => part?.[1]);
  return Object.keys(PACKERS).find((name) => taken.includes(name));
}

/** @param {string} type of its content @param {number} size */
export const isWorthPacking = (type, size) =>
  size >= LEAST && size <= MOST && /^(text\/|application\/(json|wasm)|image\/svg)/.test(type);

/**
 * @param {string} path @param {string} etag of what is there now @param {string} encoding
 * @returns {Promise<Buffer>}
 */
export function packed(path, etag, encoding) {
  const key = `${encoding} ${path}`, known = kept.get(key);
  if (known?.etag === etag) return known.bytes;
  const bytes = fs.readFile(path).then(PACKERS[encoding]);
  kept.set(key, { etag, bytes });
  bytes.catch(() => kept.delete(key));
  return bytes;
}
