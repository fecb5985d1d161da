// What has been built before: in the user's cache folder, under the hash of everything it was made of. An entry is
// whole or not there: written beside its place and renamed, and it carries the hash of itself.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync,
  writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** How much the built programs may take; the ones not used longest go first. */
const MOST_BYTES = 256 * 2 ** 20;

const MAGIC = 'goroscope build 1\n';
const HASH_BYTES = 32;

/** @returns {string} where goroscope keeps what it can make or fetch again */
export function cacheFolder() {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (xdg) return join(xdg, 'goroscope');
  if (process.platform === 'win32' && local) return join(local, 'goroscope', 'Cache');
  return join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache', 'goroscope');
}

/**
 * Hashes values that stand apart: no two lists of them give the same bytes.
 * @param {(string | Uint8Array)[]} parts @returns {string}
 */
export function keyOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(`${part.length}${typeof part === 'string' ? 's' : 'b'}`);
    hash.update(part);
  }
  return hash.digest('hex');
}

const hashOf = (/** @type {Uint8Array} */ bytes) => createHash('sha256').update(bytes).digest();

/** @typedef {{ wasm: Uint8Array, text: string }} Entry text: what the compiler warned of */

/** @param {string} folder @param {string} key @returns {Entry | null} null also when it is damaged */
export function lookUp(folder, key) {
  const path = join(folder, key);
  try {
    const all = readFileSync(path);
    const head = MAGIC.length + HASH_BYTES;
    const body = all.subarray(head);
    const isOurs = all.toString('latin1', 0, MAGIC.length) === MAGIC;
    if (!isOurs || !hashOf(body).equals(all.subarray(MAGIC.length, head))) {
      rmSync(path, { force: true });
      return null;
    }
    const length = body.readUInt32LE(0);
    utimesSync(path, new Date(), new Date());
    return { text: body.toString('utf8', 4, 4 + length), wasm: new Uint8Array(body.subarray(4 + length)) };
  } catch {
    return null;
  }
}

/** Files that are being written, for whoever must clear away when the process is stopped. @type {Set<string>} */
const unfinished = new Set();

/** Removes what is half written: the process is about to end. */
export function clearUnfinished() {
  for (const path of unfinished) rmSync(path, { force: true });
}

/** Removes what a process that was ended has left half written, if it can. @param {number} pid */
export function clearWrittenBy(pid) {
  removeThose(cacheFolder(), ({ name }) => name.endsWith(`.${pid}.tmp`));
}

/** An unfinished file or folder of a process that was killed is no one's after so long. */
const ABANDONED_MS = 3_600_000;

/** Removes what processes that were killed have left half written in a folder, if it can. @param {string} folder */
export function clearAbandoned(folder) {
  removeThose(folder, ({ name, used }) => name.endsWith('.tmp') && Date.now() - used > ABANDONED_MS);
}

/**
 * A folder that cannot be listed, or is none, is no failure of the build.
 * @param {string} folder @param {(entry: { name: string, used: number }) => boolean} which
 */
function removeThose(folder, which) {
  try {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name), used = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (used !== undefined && which({ name, used })) rmSync(path, { recursive: true, force: true });
    }
  } catch {
    // they take nothing but room
  }
}

/**
 * Writes a file whole or not at all.
 * @param {string} path @param {(string | Uint8Array)[]} parts
 */
export function writeWhole(path, parts) {
  const beside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  unfinished.add(beside);
  try {
    writeFileSync(beside, Buffer.concat(parts.map((p) => (typeof p === 'string' ? Buffer.from(p) : p))));
    renameSync(beside, path);
  } catch (e) {
    rmSync(beside, { force: true });
    throw e;
  } finally {
    unfinished.delete(beside);
  }
}

/**
 * Keeps a result. That it cannot be kept (a full disk, no such rights) is no failure of the build.
 * @param {string} folder @param {string} key @param {Entry} entry
 */
export function keep(folder, key, { wasm, text }) {
  try {
    mkdirSync(folder, { recursive: true });
    const said = Buffer.from(text), length = Buffer.alloc(4);
    length.writeUInt32LE(said.length);
    const body = Buffer.concat([length, said, wasm]);
    writeWhole(join(folder, key), [MAGIC, hashOf(body), body]);
    trim(folder, MOST_BYTES);
    clearAbandoned(cacheFolder());
  } catch {
    // the next build makes it again
  }
}

/** @param {string} folder @param {number} most bytes */
export function trim(folder, most) {
  clearAbandoned(folder);
  const entries = readdirSync(folder).flatMap((name) => {
    const path = join(folder, name), stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() ? [{ path, size: stat.size, used: stat.mtimeMs }] : [];
  });
  let total = entries.reduce((sum, e) => sum + e.size, 0);
  for (const { path, size } of entries.filter((e) => !e.path.endsWith('.tmp')).sort((a, b) => a.used - b.used)) {
    if (total <= most) return;
    rmSync(path, { force: true });
    total -= size;
  }
}
