// arrows.mjs: who uses whom in the sources, file by file: by #include, by import, and by the symbols of object files.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT } from './run.mjs';
import { defined, undefinedIn } from './symbols.mjs';

/** @typedef {{ from: string, to: string, why: string }} Arrow from, to: files, relative to the root */

const read = (/** @type {string} */ path) => readFileSync(join(ROOT, path), 'utf8');

/** @param {string} folder @param {RegExp} what @returns {string[]} files below it, relative to the root, in order */
export function files(folder, what) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((e) => e.name !== 'node_modules').sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((e) => {
      const path = `${folder}/${e.name}`;
      return e.isDirectory() ? files(path, what) : what.test(e.name) ? [path] : [];
    });
}

/** C without comments, strings and characters. @param {string} text */
export const bareC = (text) => text.replace(
  /\/\*[^]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'/g,
  (s) => (s[0] === '/' ? ' ' : s[0] === '"' ? '""' : '0'));

/** JavaScript without comments, roughly; what is in strings that look like comments goes too. @param {string} text */
export const bareJs = (text) => text.replace(/\/\*[^]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');

// ---- includes and imports ----

/** Where build.sh and build.inc let the compiler look, beside the file's own folder. */
const INCLUDE_PATHS = ['runtime', '.', 'runtime/include', 'runtime/format', 'viewer/reader'];

/**
 * @param {string[]} sources C files and headers
 * @returns {Arrow[]} to files of ours; whatever else is included in quotes is no file: to is ''
 */
export function includes(sources) {
  return sources.flatMap((from) => [
    ...read(from).matchAll(/^\s*#\s*include\s*(["<])([^">]+)[">]/gm),
  ].flatMap(([, quote, name]) => {
    const to = [dirname(from), ...INCLUDE_PATHS].map((folder) => normalize(join(folder, name)))
      .find((path) => existsSync(join(ROOT, path)) && !path.startsWith('..'));
    return to || quote === '"' ? [{ from, to: to ?? '', why: `includes ${name}` }] : [];
  }));
}

/**
 * What a module imports, for running or for its types.
 * @param {string[]} modules @returns {Arrow[]} to: a file, or the bare name of a module
 */
export function imports(modules) {
  return modules.flatMap((from) => {
    const text = read(from);
    const running = [
      ...bareJs(text).matchAll(/^\s*(?:import|export)\b[^'"();]*\bfrom\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/gm),
    ].map((m) => m[1] ?? m[2]);
    const types = [...text.matchAll(/\bimport\('([^']+)'\)/g)].map((m) => m[1]);
    return [...new Set([...running, ...types])].map((name) => ({
      from, to: name.startsWith('.') ? module(normalize(join(dirname(from), name))) : name, why: `imports ${name}`,
    }));
  });
}

/** Types stand under the name of the module they are of. @param {string} path */
const module = (path) => (existsSync(join(ROOT, path)) ? path : path.replace(/\.mjs$/, '.d.mts'));

// ---- symbols ----

/** A header's text with nothing left in braces: declarations. @param {string} text */
function outside(text) {
  let bare = bareC(text).replace(/^\s*#.*(?:\\\n.*)*$/gm, '').replace(/extern\s+""\s*\{/g, ' ');
  for (let before = ''; before !== bare;) {
    before = bare;
    bare = bare.replace(/\{[^{}]*\}/g, ';');
  }
  return bare;
}

/** Which headers declare a name with linkage. @param {string[]} headers @returns {Map<string, string[]>} */
export function declarations(headers) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const header of headers) {
    const text = outside(read(header));
    const names = [
      ...text.matchAll(/\b([a-zA-Z_]\w*)\s*\(/g),
      ...text.matchAll(/\bextern\b[^;()]*?\b(\w+)\s*(?:\[[^\]]*\]\s*)*;/g),
      ...text.matchAll(/\bextern\b[^;()]*\(\*(\w+)\)/g),
    ];
    for (const name of new Set(names.map((m) => m[1]))) found.set(name, [...(found.get(name) ?? []), header]);
  }
  return found;
}

/** The object of a source as build.sh names it. @param {string} target @param {string} source */
export const objectOf = (target, source) => join(ROOT, 'build/obj', target, `${source.replaceAll('/', '_')}.o`);

/**
 * Who uses a name that another source defines.
 * @param {Map<string, string>} objects source -> its object file
 * @param {string} nm the tool
 * @returns {(Arrow & { name: string })[]} from user to definer
 */
export function symbols(objects, nm) {
  const source = new Map([...objects].map(([s, o]) => [o, s]));
  const home = new Map(defined([...objects.values()], nm).map(({ name, object }) => [name, source.get(object) ?? '']));
  return undefinedIn([...objects.values()], nm).flatMap(({ name, object }) => {
    const to = home.get(name), from = source.get(object) ?? '';
    return to && to !== from ? [{ from, to, name, why: `uses ${name} of ${to}` }] : [];
  });
}

// ---- circles ----

/**
 * Sets of files that all reach each other; a .c file and its header are one.
 * @param {Arrow[]} arrows
 * @returns {string[][]} the longest first, none of one file
 */
export function circles(arrows) {
  const one = (/** @type {string} */ file) => file.replace(/\.\w+$/, '');
  /** @type {Map<string, Set<string>>} */
  const next = new Map();
  for (const { from, to } of arrows) {
    for (const f of [one(from), one(to)]) if (!next.has(f)) next.set(f, new Set());
    if (one(from) !== one(to)) next.get(one(from))?.add(one(to));
  }
  // Tarjan
  let count = 0;
  const index = new Map(), low = new Map();
  /** @type {string[]} */ const stack = [];
  /** @type {string[][]} */ const found = [];
  const visit = (/** @type {string} */ v) => {
    index.set(v, count);
    low.set(v, count++);
    stack.push(v);
    for (const w of next.get(v) ?? []) {
      if (!index.has(w)) {
        visit(w);
        low.set(v, Math.min(low.get(v), low.get(w)));
      } else if (stack.includes(w)) low.set(v, Math.min(low.get(v), index.get(w)));
    }
    if (low.get(v) === index.get(v)) found.push(stack.splice(stack.indexOf(v)).sort());
  };
  for (const v of next.keys()) if (!index.has(v)) visit(v);
  return found.filter((c) => c.length > 1).sort((a, b) => b.length - a.length);
}
