// Headers and libraries, packed into one file of the kit: the length of a table, the table (JSON: path -> where and
// how long), the bytes; all of it gzipped. pack-sysroot.mjs makes them.
import { place } from './clang.mjs';

/** @param {Record<string, Uint8Array>} files path -> content @returns {Uint8Array} not yet gzipped */
export function pack(files) {
  /** @type {Record<string, [number, number]>} */
  const table = {};
  let at = 0;
  for (const [path, { length }] of Object.entries(files)) {
    table[path] = [at, length];
    at += length;
  }
  const head = new TextEncoder().encode(JSON.stringify(table));
  const out = new Uint8Array(4 + head.length + at);
  new DataView(out.buffer).setUint32(0, head.length, true);
  out.set(head, 4);
  for (const [path, [offset]] of Object.entries(table)) out.set(files[path], 4 + head.length + offset);
  return out;
}

/** @param {Uint8Array} bytes gzipped @returns {Promise<import('./clang.mjs').Tree>} */
export async function unpack(bytes) {
  const plain = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(new DecompressionStream('gzip'));
  const all = new Uint8Array(await new Response(plain).arrayBuffer());
  const length = new DataView(all.buffer).getUint32(0, true);
  const table = JSON.parse(new TextDecoder().decode(all.subarray(4, 4 + length)));
  /** @type {import('./clang.mjs').Tree} */
  const tree = {};
  for (const [path, [at, size]] of Object.entries(table)) {
    place(tree, path, all.subarray(4 + length + at, 4 + length + at + size));
  }
  return tree;
}
