// files.mjs: the files a program leaves: a list in its memory (wasm/libc/files.h),
// read after it has ended, however it did.
import { FILES } from './abi.mjs';
import { Damaged } from './damage.mjs';
import { decode } from './utf8.mjs';

const MODE_FOLDER = 0o040000, MODE_KIND = 0o170000;

const ENTRY_BYTES = FILES.hostName + 4;
const PATH_MOST = 1024; // RT_PATH_MAX in wasm/libc/files.h

/**
 * All files, by their path without a slash in front; folders are not told. The bytes are copies. Throws
 * Damaged, as does a list that has no end or that holds more than memory does.
 * @param {import('./abi.mjs').MemoryLike} memory of a program that has ended, or that stands still
 * @param {number} at what gr_files gave
 * @param {{[name: string]: Uint8Array}} given what the host handed over, for those that the program has not looked at
 * @returns {{[name: string]: Uint8Array<ArrayBuffer>}}
 */
export function readFiles(memory, at, given) {
  const view = new DataView(memory.buffer), bytes = new Uint8Array(memory.buffer);
  const word = (/** @type {number} */ address) => view.getUint32(address, true);
  const within = (/** @type {number} */ address, /** @type {number} */ size) => {
    if (address + size > bytes.length) throw new Damaged();
    return bytes.subarray(address, address + size);
  };
  const text = (/** @type {number} */ address) => {
    const most = within(address, Math.min(PATH_MOST, bytes.length - address)), end = most.indexOf(0);
    if (end < 0) throw new Damaged();
    return decode(most.slice(0, end));
  };
  if (word(at) !== FILES.MAGIC || word(at + 4) !== FILES.VERSION) throw new Damaged();
  /** @type {[string, Uint8Array<ArrayBuffer>][]} */ const found = [];
  const unlisted = word(at + FILES.listed) === 0; // it has not asked for any
  /** @type {Set<number>} */ const seen = new Set();
  let room = Object.values(given).reduce((sum, content) => sum + content.length, bytes.length);
  for (let f = word(at + FILES.first); f !== 0; f = word(f + FILES.next)) {
    within(f, ENTRY_BYTES);
    if (seen.has(f)) throw new Damaged();
    seen.add(f);
    if ((word(f + FILES.mode) & MODE_KIND) === MODE_FOLDER) continue;
    const hostName = word(f + FILES.hostName);
    const content = hostName ? given[text(hostName)] : within(word(f + FILES.data), word(f + FILES.size));
    if (!content || (room -= content.length) < 0) throw new Damaged();
    found.push([text(word(f + FILES.name)), Uint8Array.from(content)]);
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
