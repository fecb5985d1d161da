// Standard input as it is. What node has for process.stdin ends at once, without a word, where it knows no way to read:
// for a folder, and for a disk.
import { createReadStream, fstatSync } from 'node:fs';

/** @returns {import('node:stream').Readable} errors of reading included */
export function standardInput() {
  const isUnknown = process.platform !== 'win32' && isFolderOrDisk();
  return isUnknown ? createReadStream('', { fd: 0, autoClose: false }) : process.stdin;
}

function isFolderOrDisk() {
  const stat = fstatSync(0);
  return stat.isDirectory() || stat.isBlockDevice();
}
