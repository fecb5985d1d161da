// The user's sources and headers, read for the compiler: it sees no folders, only what is handed to it. Which
// headers is read off the `#` lines of the texts, a little more than a preprocessor would take; so the same texts
// give the same list, and a build may be known by it (cache.mjs).
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve, sep } from 'node:path';
import { languageOf } from '../../wasm/cc/arguments.mjs';
import { UserError, readable } from './args.mjs';

/**
 * @typedef {object} Gathered
 * @property {string[]} sources absolute, with slashes
 * @property {string[]} includes folders, likewise
 * @property {Record<string, Uint8Array>} files
 * @property {import('../../wasm/cc/diagnostics.mjs').Root[]} roots
 */

const HEADER = /\.(h|hh|hpp|hxx|inc)$/i;
const OBJECT = /\.(o|obj|a|so|lib|wasm)$/i;

/** @param {string} name as it was typed @returns {string} the same, if it is a source */
export function sourceName(name) {
  readable(name);
  const stem = name.split(/[\\/]/).at(-1)?.replace(/\.\w+$/, '') ?? '';
  if (HEADER.test(name)) {
    throw new UserError(`${name} is a header; give the sources that include it, such as ${stem}.c`);
  }
  const head = readFileSync(name).subarray(0, 8).toString('latin1');
  if (OBJECT.test(name) || /^(\0asm|\x7fELF|!<arch>)/.test(head)) {
    throw new UserError(`${name} is compiled already; build takes sources (.c, .cpp, .cc, .cxx)`);
  }
  if (languageOf(name)) return name;
  throw new UserError(`${name} is no C or C++ source: its name must end in .c, .cpp, .cc or .cxx`);
}

const slashed = (/** @type {string} */ path) => (sep === '/' ? path : '/' + path.replaceAll(sep, '/'));

/** @param {string} path as the compiler knows it @returns {string} as this system does */
export const systemPath = (path) => (sep === '/' ? path : path.slice(1));

/**
 * @param {string[]} sources as typed @param {string[]} includes as typed
 * @param {string[]} defines of the command line, which may name headers
 * @returns {Gathered}
 */
export function gather(sources, includes, defines) {
  /** @type {Gathered} */
  const all = {
    sources: sources.map((s) => slashed(resolve(s))), includes: includes.map((i) => slashed(resolve(i))), files: {},
    roots: roots(sources, includes),
  };
  for (const source of all.sources) add(all, source);
  for (const define of defines) for (const name of namesIn(`#${define}`)) find(all, name, '/');
  return all;
}

/** How to call what lies where the user has typed a name. @param {string[]} sources @param {string[]} includes */
function roots(sources, includes) {
  const typed = [...sources.map((s) => dirname(s)), ...includes, '.'];
  const endless = (/** @type {string} */ d) => d.replace(/[\\/]+$/, '');
  return typed.map((d) => ({
    at: endless(slashed(resolve(d))) + '/', shown: d === '.' ? '' : `${endless(d)}/`,
  })).concat({ at: '/', shown: sep === '/' ? '/' : '' });
}

/** @param {Gathered} all @param {string} path */
function add(all, path) {
  if (Object.hasOwn(all.files, path)) return;
  const bytes = readFileSync(systemPath(path));
  all.files[path] = new Uint8Array(bytes);
  for (const name of namesIn(bytes.toString('latin1'))) find(all, name, dirname(path));
}

/**
 * @param {string} text
 * @returns {Set<string>} what its `#` lines have between quotes or angles; a comment may end before the `#`
 */
function namesIn(text) {
  const lines = text.match(/^(?:.*\*\/)?\s*(?:#|%:)(?:[^\n\\]|\\[^]|\\$)*/gm) ?? [];
  return new Set(lines.flatMap((l) => [...l.matchAll(/"([^"\n]+)"|<([^>\n]+)>/g)].map(([, a, b]) => a ?? b)));
}

/**
 * Adds every file that a name may mean: which one the compiler takes is its business.
 * @param {Gathered} all @param {string} name @param {string} from folder of who includes it
 * @returns {boolean} there is one that was not known
 */
export function find(all, name, from) {
  const before = Object.keys(all.files).length;
  const folders = [from, ...all.includes].map(systemPath);
  const places = isAbsolute(name) ? [slashed(name)] : folders.map((d) => slashed(resolve(d, name)));
  for (const path of places) {
    if (statSync(systemPath(path), { throwIfNoEntry: false })?.isFile()) add(all, path);
  }
  return Object.keys(all.files).length > before;
}
