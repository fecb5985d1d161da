// Where the compiler is: npm's @yowasp/clang if it is installed beside goroscope, else in the user's cache folder,
// where it is fetched to once. (HACKING.md says why so.) Not in the folder that is built: that may be anybody's, and
// what stands there would be run.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { CLANG } from '../../wasm/cc/unavailable.mjs';
import { UserError, reason } from './args.mjs';
import { cacheFolder } from './cache.mjs';

/** What this version of goroscope is tested with, and the hash of its package as npm writes it. */
export const COMPILER = {
  ...CLANG,
  integrity: 'sha512-V31/z9GrJECKeACTDUyvg2llbEUiFi3bxtL5HSg7H/6sydSxdI/AoVAD9F5ozrfLjotWl0B9rghR87m+DUM/zg==',
};

/** @typedef {typeof COMPILER} Package */

/** @param {string} name of a package beside goroscope @returns {string | null} its module */
function resolved(name) {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return null;
  }
}

/** @param {string} module a file of a package's folder or below @returns {{ version?: string }} its package.json */
export function packageOf(module) {
  for (let dir = dirname(module); ; dir = dirname(dir)) {
    const file = join(dir, 'package.json');
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
    if (dir === dirname(dir)) return {};
  }
}

/** @returns {string | null} the compiler's module, if it is on this machine */
export function installedCompiler() {
  const module = resolved(COMPILER.name);
  if (module && packageOf(module).version === COMPILER.version) return module;
  const fetched = join(fetchedFolder(COMPILER), 'gen/bundle.js');
  return existsSync(fetched) ? fetched : null;
}

/** @param {Package} what */
const fetchedFolder = ({ version }) => join(cacheFolder(), `clang-${version}`);

/**
 * Fetches the compiler into the cache folder.
 * @param {(text: string) => void} note told how far it is
 * @param {Package} [what]
 * @returns {Promise<string>} its module
 */
export async function fetchCompiler(note, what = COMPILER) {
  const registry = (process.env.npm_config_registry ?? 'https://registry.npmjs.org').replace(/\/$/, '');
  const url = `${registry}/${what.name}/-/${what.name.split('/').at(-1)}-${what.version}.tgz`;
  let archive;
  try {
    archive = await download(url, note);
  } catch (e) {
    const { cause, message } = /** @type {Error & { cause?: Error }} */ (e);
    const why = cause?.message ?? message;
    throw new UserError(`the compiler is not on this machine and cannot be fetched from ${url} (${why}); `
      + `npm install ${what.name}@${what.version} installs it, --cc names a clang of this machine instead`);
  }
  if (`sha512-${createHash('sha512').update(archive).digest('base64')}` !== what.integrity) {
    throw new UserError(`what ${url} sent is not ${what.name} ${what.version}: its hash is another one`);
  }
  note('unpacking the compiler');
  const folder = fetchedFolder(what);
  try {
    await putInPlace(await promisify(gunzip)(archive), folder);
  } catch (e) {
    throw new UserError(`the compiler cannot be unpacked into ${folder}: ${reason(e)}; `
      + 'XDG_CACHE_HOME names another place');
  }
  return join(folder, 'gen/bundle.js');
}

/** @param {string} url @param {(text: string) => void} note @returns {Promise<Buffer>} */
async function download(url, note) {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
  const whole = Number(response.headers.get('content-length') ?? 0);
  const pieces = [];
  let got = 0;
  for await (const piece of /** @type {AsyncIterable<Uint8Array>} */ (/** @type {unknown} */ (response.body))) {
    pieces.push(piece);
    got += piece.length;
    const of = whole > 0 ? ` of ${Math.ceil(whole / 2 ** 20)}` : '';
    note(`fetching the compiler, once: ${Math.floor(got / 2 ** 20)}${of} MB`);
  }
  return Buffer.concat(pieces);
}

/** Folders that are being unpacked. @type {Set<string>} */
const unpacking = new Set();

/** Removes what is half unpacked: the process is about to end. */
export function clearUnpacking() {
  // What is being written while it is removed may be there once more.
  for (const path of unpacking) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * Piece by piece, so that Ctrl-C ends it at once.
 * @param {Uint8Array} tar @param {string} folder appears whole or not at all
 */
async function putInPlace(tar, folder) {
  const beside = `${folder}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  unpacking.add(beside);
  try {
    for (const { name, bytes } of filesOf(tar)) {
      const path = join(beside, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes);
    }
    await rename(beside, folder);
  } catch (e) {
    // Another build may have been first.
    if (!existsSync(join(folder, 'package.json'))) throw e;
  } finally {
    await rm(beside, { recursive: true, force: true });
    unpacking.delete(beside);
  }
}

/**
 * @param {Uint8Array} tar of npm's: all is below `package/`
 * @returns {Generator<{ name: string, bytes: Uint8Array }>}
 */
function* filesOf(tar) {
  const text = (/** @type {number} */ from, /** @type {number} */ n) =>
    new TextDecoder().decode(tar.subarray(from, from + n)).replace(/\0[^]*$/, '');
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const name = text(at, 100), size = parseInt(text(at + 124, 12), 8), type = text(at + 156, 1);
    at += 512;
    if ((type === '0' || type === '') && name.startsWith('package/') && !name.split('/').includes('..')) {
      yield { name: name.slice('package/'.length), bytes: tar.subarray(at, at + size) };
    }
    at += Math.ceil(size / 512) * 512;
  }
}
