// files.mjs: the files a program leaves: a list in its memory (wasm/libc/files.h),
// read after it has ended, however it did.
import { FILES } from './abi.mjs';
import { decode } from './utf8.mjs';

const MODE_FOLDER = 0o040000, MODE_KIND = 0o170000;

/**
 * All files, by their path without a slash in front; folders are not told. The bytes are copies.
 * @param {import('./abi.mjs').MemoryLike} memory of a program that has ended, or that stands still
 * @param {number} at what gr_files gave
 * @param {{[name: string]: Uint8Array}} given what the host handed over, for those that the program has not looked at
 * @returns {{[name: string]: Uint8Array<ArrayBuffer>}}
 */
export function readFiles(memory, at, given) {
  const view = new DataView(memory.buffer), bytes = new Uint8Array(memory.buffer);
  const word = (/** @type {number} */ address) => view.getUint32(address, true);
  const text = (/** @type {number} */ address) => decode(bytes.slice(address, bytes.indexOf(0, address)));
  if (word(at) !== FILES.MAGIC || word(at + 4) !== FILES.VERSION)
    throw new Error('the program was built for another version of the loader: build it again');
  /** @type {[string, Uint8Array<ArrayBuffer>][]} */ const found = [];
  const unlisted = word(at + FILES.listed) === 0; // it has not asked for any
  for (let f = word(at + FILES.first); f !== 0; f = word(f + FILES.next)) {
    if ((word(f + FILES.mode) & MODE_KIND) === MODE_FOLDER) continue;
    const hostName = word(f + FILES.hostName), data = word(f + FILES.data);
    found.push([text(word(f + FILES.name)),
      hostName ? Uint8Array.from(given[text(hostName)]) : bytes.slice(data, data + word(f + FILES.size))]);
  }
  // the newest stands first there
  return unlisted ? changedFiles(given, new Map()) : Object.fromEntries(found.reverse());
}

/** A file's path as the program's file system has it. @param {string} path */
export const plainPath = (path) => {
  /** @type {string[]} */ const parts = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
};

/**
 * The files a program was given with what has become of some of them.
 * @param {{[name: string]: Uint8Array}} given
 * @param {Map<string, Uint8Array<ArrayBuffer> | null>} changes null: it is not there any more
 * @returns {{[name: string]: Uint8Array<ArrayBuffer>}}
 */
export function changedFiles(given, changes) {
  const files = Object.fromEntries(Object.entries(given)
    .map(([name, bytes]) => [plainPath(name), Uint8Array.from(bytes)]));
  for (const [name, bytes] of changes) {
    if (bytes) files[name] = bytes;
    else delete files[name];
  }
  return files;
}
