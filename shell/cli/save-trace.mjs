// save-trace.mjs: the trace of a running program into a file. Whatever keeps it from being written whole, a full disk
// for one, the file then holds the whole generations that had room.
import {
  accessSync, constants, fstatSync, ftruncateSync, lstatSync, openSync, rmSync, statSync, writeSync,
} from 'node:fs';
import { isAbsolute } from 'node:path';
import { Followed } from '../../wasm/host/generations.mjs';
import { UserError, reason } from './args.mjs';

/** @typedef {import('../../wasm/host/types.d.mts').Runtime} Runtime */

/**
 * A file of its own under that name: another run may still write the one that has it, and two traces in one file are
 * none. @param {string} path @returns {number} file descriptor
 */
export function openTrace(path) {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile()) {
      accessSync(path, constants.W_OK);
      try {
        rmSync(path, { force: true });
      } catch { /* a folder that nothing may be taken out of: it is written over */ }
    }
    return openSync(path, 'w');
  } catch (e) {
    const named = isAbsolute(path) ? path : `./${path}`;
    throw new UserError(`the trace cannot be written to ${named}: ${reason(e, 'folder')}`);
  }
}

/** The file is still the one of that name. @param {number} fd @param {string} path */
export function isInPlace(fd, path) {
  const file = fstatSync(fd), named = statSync(path, { throwIfNoEntry: false });
  return !file.isFile() || (named?.ino === file.ino && named.dev === file.dev);
}

/** @param {number} fd @param {Uint8Array} bytes @param {(written: number) => void} [told] */
function write(fd, bytes, told = () => {}) {
  for (let at = 0; at < bytes.length;) {
    const n = writeSync(fd, bytes, at);
    told(n);
    at += n;
  }
}

/** What is behind is cut off, unless it went into a pipe. @param {number} fd @param {number} bytes */
function cut(fd, bytes) {
  if (fstatSync(fd).isFile()) ftruncateSync(fd, bytes);
}

/**
 * Until the program's end.
 * @param {Runtime} rt @param {number} fd @returns {Promise<number>} bytes written
 */
export async function saveTrace(rt, fd) {
  const followed = new Followed();
  let bytes = 0;
  for await (const piece of values(rt.trace.readable)) {
    try {
      followed.add(piece);
      write(fd, piece, (n) => { bytes += n; });
    } catch (e) {
      cut(fd, followed.wholeOf(bytes));
      throw e;
    }
  }
  return bytes;
}

/**
 * Of a program that is not traced from its beginning: begins after `from` ms, ends `length` ms later, or with the
 * program.
 * @param {Runtime} rt @param {number} fd @param {Promise<unknown>} ended of the program
 * @param {{ path: string, from: number, length: number | undefined }} part
 * @returns {Promise<number>} bytes written
 */
export async function savePart(rt, fd, ended, { path, from, length }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  const pause = (/** @type {number} */ ms) =>
    new Promise((resolve) => { timer = setTimeout(() => resolve(true), ms); });
  const over = ended.then(() => false, () => false);
  const begun = await Promise.race([pause(from), over])
    && await rt.trace.start().then(() => true, (e) => {
      if (!/^the program (has ended|ended before)/.test(reason(e))) throw e;
      return false; // just then
    });
  clearTimeout(timer);
  if (!begun) {
    process.stderr.write('goroscope: the trace is empty: the program ended before --trace-from\n');
    if (fstatSync(fd).isFile() && isInPlace(fd, path)) rmSync(path);
    return 0;
  }
  const saved = saveTrace(rt, fd);
  if (length !== undefined && await Promise.race([pause(length), over])) await rt.trace.stop().catch(() => {});
  clearTimeout(timer);
  return saved;
}

/** @param {ReadableStream<Uint8Array>} stream */
async function* values(stream) {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/**
 * A flight recorder's: what it holds when SIGUSR2 comes, and at the program's end, each in place of what is there.
 * @param {Runtime} rt @param {number} fd @returns {Promise<number>} bytes written last
 */
export async function saveFlight(rt, fd) {
  /** @type {Promise<void>} the writing that is under way */ let writing = Promise.resolve();
  const onSignal = () => {
    writing = writing.then(async () => { replace(fd, await rt.trace.snapshot()); })
      .catch((e) => { process.stderr.write(`goroscope: SIGUSR2: no snapshot was written: ${reason(e)}\n`); });
  };
  process.on('SIGUSR2', onSignal);
  try {
    /** @type {Uint8Array[]} */ const pieces = [];
    for await (const piece of values(rt.trace.readable)) pieces.push(piece);
    await writing;
    return replace(fd, Buffer.concat(pieces));
  } finally {
    process.off('SIGUSR2', onSignal);
  }
}

/** @param {number} fd @param {Uint8Array} bytes of a whole trace @returns {number} its bytes */
function replace(fd, bytes) {
  if (!fstatSync(fd).isFile()) {
    write(fd, bytes);
    return bytes.length;
  }
  const followed = new Followed();
  followed.add(bytes);
  ftruncateSync(fd, 0);
  let at = 0;
  try {
    while (at < bytes.length) at += writeSync(fd, bytes, at, bytes.length - at, at);
  } catch (e) {
    cut(fd, followed.wholeOf(at));
    throw e;
  }
  return bytes.length;
}
