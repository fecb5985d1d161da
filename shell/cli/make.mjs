// Sources to a program, for `build` and `run`: from the cache if all it is made of is the same, else built. Nothing
// large is loaded before the cache has been asked.
import { existsSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LOADING } from '../../wasm/cc/arguments.mjs';
import { BuildError } from '../../wasm/passes/errors.mjs';
import { packageRoot } from '../serve.mjs';
import { REPAIR, UserError, readable, reason } from './args.mjs';
import { cacheFolder, clearUnfinished, keep, keyOf, lookUp } from './cache.mjs';
import { COMPILER, clearUnpacking, fetchCompiler, installedCompiler, packageOf } from './compiler.mjs';
import { interruptible } from './interrupt.mjs';
import { find, gather, sourceName, systemPath } from './sources.mjs';

/**
 * @typedef {object} Request
 * @property {string[]} sources as typed
 * @property {string[]} includes
 * @property {string[]} defines
 * @property {string[]} warnings
 * @property {number} optimize
 * @property {string} [std]
 * @property {boolean} preempt
 * @property {boolean} check
 * @property {string} [cc]
 */

/** @typedef {{ wasm: Uint8Array, text: string, isCached: boolean, files: string[], steps: Step[] }} Made */
/** @typedef {import('../../wasm/cc/program.mjs').Step} Step */

/** Sources with errors; the compiler has said it all. */
export class NotCompiled extends Error {
  /** @param {string} text @param {string[]} files what was read */
  constructor(text, files) {
    super('the sources have errors');
    this.text = text;
    this.files = files;
  }
}

/** What a build takes from this package. @type {import('./builder-child.mjs').Job['folders']} */
export const FOLDERS = { kit: join(packageRoot, 'build/kit'), manual: join(packageRoot, 'runtime/include') };

const KIT_FILES = ['runtime.wasm', 'manifest.json', '../headers-c.gz', '../headers-cxx.gz', '../libraries-cxx.gz'];

/** @returns {string} */
function binaryenPath() {
  try {
    return createRequire(import.meta.url).resolve('binaryen');
  } catch {
    throw new UserError(`the npm package binaryen, which building needs, is not there; npm install in ${packageRoot}`);
  }
}

/**
 * Everything of ours that has a hand in what comes out.
 * @param {Request} request @returns {(string | Uint8Array)[]}
 */
function versions({ cc, check }) {
  const kit = KIT_FILES.map((f) => join(FOLDERS.kit, check ? 'check' : 'threads', f));
  for (const file of kit) {
    if (!existsSync(file)) throw new UserError(`${file} is missing: ${REPAIR}`);
  }
  const ours = ['wasm/passes', 'wasm/cc', 'runtime/include'].flatMap((dir) =>
    readdirSync(join(packageRoot, dir)).sort().map((f) => join(packageRoot, dir, f)));
  const binaryen = packageOf(binaryenPath()).version ?? '';
  const clang = cc === undefined ? [COMPILER.version] : [cc, String(statSync(readable(cc)).mtimeMs)];
  return [...[...kit, ...ours].map((f) => readFileSync(f)), binaryen, ...clang];
}

/** What makes a text mean another thing each time. */
const OF_TODAY = /\b__(DATE|TIME|TIMESTAMP)__\b/;

/** @typedef {import('./sources.mjs').Gathered} Gathered */

/** @param {Request} request @param {Gathered} gathered @param {boolean} color @returns {string} */
function key(request, gathered, color) {
  const { sources, ...options } = request;
  const files = Object.entries(gathered.files).sort(([a], [b]) => (a < b ? -1 : 1)).flat();
  const names = [...gathered.sources, '', ...gathered.roots.flatMap((r) => [r.at, r.shown])];
  return keyOf([...versions(request), JSON.stringify({ ...options, color }), ...names, '', ...files]);
}

/**
 * @typedef {object} Means
 * @property {import('./progress.mjs').Progress} progress
 * @property {boolean} color
 * @property {import('./builder.mjs').Builder} [builder] a warm one; without it one is started and stopped
 */

/**
 * @param {Request} request @param {Means} means
 * @returns {Promise<Made>} throws NotCompiled, BuildError, UserError
 */
export async function make(request, means) {
  const { Builder } = await import('./builder.mjs');
  const builder = means.builder ?? new Builder();
  const clear = () => {
    builder.stop();
    means.progress.end();
    clearUnfinished();
    clearUnpacking();
  };
  try {
    return await interruptible(clear, () => makeUnlessKept(request, { ...means, builder }));
  } finally {
    means.progress.end();
    if (!means.builder) builder.stop();
  }
}

/** @param {Request} request @param {Required<Means>} means @returns {Promise<Made>} */
async function makeUnlessKept(request, means) {
  for (const source of request.sources) sourceName(source);
  const gathered = gather(request.sources, request.includes, request.defines);
  const folder = join(cacheFolder(), 'builds');
  const texts = Object.values(gathered.files).map((f) => Buffer.from(f).toString('latin1'));
  const isLasting = ![...texts, ...request.defines].some((text) => OF_TODAY.test(text));
  const name = key(request, gathered, means.color);
  const entry = isLasting ? lookUp(folder, name) : null;
  if (entry) return { ...entry, isCached: true, files: Object.keys(gathered.files), steps: [] };
  const known = { ...gathered.files };
  const { wasm, text, steps, read } = await build(request, gathered, means);
  const files = [...new Set([...Object.keys(gathered.files), ...read])];
  if (isLasting && isMadeOf(known, gathered, read)) keep(folder, name, { wasm, text });
  return { wasm, text, isCached: false, files, steps };
}

/**
 * Who asks the cache sees what gather() has found: not a header that only the compiler's complaint has, nor one that
 * a compiler with the disk before it has read by itself, nor what has been saved since.
 * @param {Gathered['files']} known when the build began @param {Gathered} gathered when it ended
 * @param {string[]} read by a clang of this machine
 */
function isMadeOf(known, { files }, read) {
  if (Object.keys(files).length !== Object.keys(known).length) return false;
  if (read.length === 0) return true;
  try {
    const paths = new Map(Object.entries(known).map(([path, bytes]) => [realpathSync(systemPath(path)), bytes]));
    return read.every((path) => {
      const bytes = paths.get(path);
      return bytes !== undefined && readFileSync(path).equals(bytes);
    });
  } catch {
    return false; // one of them has gone meanwhile
  }
}

/** @param {Request} request @param {Gathered} gathered @param {Required<Means>} means */
async function build(request, gathered, { progress, color, builder }) {
  const { cc, optimize, std, defines, warnings, preempt, check } = request;
  const { sources, files, roots, includes } = gathered;
  const fetched = () => fetchCompiler((text) => progress.note(text));
  const module = cc === undefined ? installedCompiler() ?? await fetched() : undefined;
  const job = {
    from: { sources, files, roots },
    options: { optimize, std, defines, includes, warnings, preempt, check, color },
    compiler: { module, cc }, folders: FOLDERS,
  };
  let step = '';
  const onStep = (/** @type {string} */ name) => progress.step(step = name);
  for (;;) {
    const { wasm, text, steps, missing, read = [] } = await builder.build(job, onStep).catch((e) => {
      if (module === undefined || step !== LOADING || e instanceof BuildError) throw e;
      throw new UserError(`the compiler in ${dirname(dirname(module))} is damaged (${reason(e)}): `
        + 'delete that folder, and it is fetched or installed anew');
    });
    if (wasm) return { wasm, text, steps, read };
    // The name may come out of a macro: then the file is looked for now, and the compiler asked again.
    if (missing && find(gathered, missing.name, dirname(missing.from))) continue;
    throw new NotCompiled(text, Object.keys(files));
  }
}
