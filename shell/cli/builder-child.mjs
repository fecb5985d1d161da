// The process that builds: clang and binaryen are loaded here, once, and stay warm for the next build. It is a
// process of its own so that V8 may be told how to run them, and so that the command line can say how far it is and
// end at once.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { languageOf } from '../../wasm/cc/arguments.mjs';
import { WasmClang } from '../../wasm/cc/clang.mjs';
import { unpack } from '../../wasm/cc/headers.mjs';
import { makeProgram } from '../../wasm/cc/program.mjs';
import { SystemClang } from './system-clang.mjs';

// Clang's first run in V8's optimised code takes six seconds, of which it spends five on making that code; in
// baseline code, one. (HACKING.md)
setFlagsFromString('--liftoff-only');
setFlagsFromString('--wasm-lazy-validation'); // nothing but clang and binaryen is compiled here

/** @typedef {import('../../wasm/cc/clang.mjs').Tree} Tree */

/**
 * @typedef {object} Job
 * @property {import('../../wasm/cc/compile.mjs').Sources} from
 * @property {import('../../wasm/cc/arguments.mjs').CompileOptions} options
 * @property {{ module?: string, cc?: string }} compiler
 * @property {{ kit: string, manual: string }} folders
 */

/** @typedef {import('../../wasm/cc/program.mjs').Outcome} Outcome */
/** @typedef {{ step: string } | { outcome: Outcome } | { error: Failure }} Message */

/**
 * An error on its way to the parent.
 * @typedef {{ name: string, message: string, stack?: string, text?: string, file?: string, line?: number }} Failure
 */

/** @param {Message} message */
const send = (message) => process.send?.(message);

const step = (/** @type {string} */ name) => send({ step: name });

/** @type {Promise<import('../../wasm/cc/clang.mjs').Compiler> | undefined} */
let clang;
let hasCxx = false;

const pack = async (/** @type {Job} */ { folders }, /** @type {string} */ name) =>
  unpack(readFileSync(join(folders.kit, name)));

/** @param {Job} job @returns {Promise<import('../../wasm/cc/clang.mjs').Compiler>} */
async function loadClang(job) {
  const { compiler: { module, cc }, folders: { kit, manual } } = job;
  if (module === undefined) return SystemClang.make(cc ?? 'clang', kit, manual);
  const loaded = new WasmClang(await import(pathToFileURL(module).href));
  loaded.provide('c', await pack(job, 'headers-c.gz'));
  loaded.provide('manual', Object.fromEntries(readdirSync(manual).map((f) => [f, readFileSync(join(manual, f))])));
  await loaded.load();
  return loaded;
}

/** @param {Job} job */
async function clangFor(job) {
  if (clang === undefined) step('load the compiler');
  const loaded = await (clang ??= loadClang(job));
  if (loaded instanceof WasmClang && !hasCxx && job.from.sources.some((s) => languageOf(s) === 'c++')) {
    loaded.provide('cxx', await pack(job, 'headers-cxx.gz'));
    hasCxx = true;
  }
  return loaded;
}

/** By the folder of the prebuilt runtime. @type {Map<string, ReturnType<typeof loadPasses>>} */
const loaded = new Map();

/** @param {Job} job */
function passesFor({ options, folders }) {
  const folder = join(folders.kit, options.check ? 'check' : 'threads');
  const passes = loaded.get(folder) ?? loadPasses(folder);
  loaded.set(folder, passes);
  passes.catch(() => {}); // who asks for them is told
  return passes;
}

/** @param {string} folder */
async function loadPasses(folder) {
  const { buildProgram, prepareKit } = await import('../../wasm/passes/build.mjs');
  const { default: binaryen } = await import('binaryen');
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const wasm = new Uint8Array(readFileSync(join(folder, 'runtime.wasm')));
  return { buildProgram, binaryen, kit: prepareKit({ wasm, manifest }) };
}

/** @param {Job} job @returns {Promise<Outcome>} */
async function build(job) {
  const begun = performance.now();
  const loading = clangFor(job);
  // While V8 compiles clang on its own threads, the passes are read on this one.
  const passes = passesFor(job);
  const clang = await loading;
  const load = { name: 'load', ms: performance.now() - begun };
  const outcome = await makeProgram(job.from, job.options, {
    clang, step, passes: () => passes,
    libraries: async () => /** @type {Record<string, Uint8Array>} */ (await pack(job, 'libraries-cxx.gz')),
  });
  return { ...outcome, steps: [load, ...outcome.steps] };
}

process.on('message', async (/** @type {Job} */ job) => {
  try {
    send({ outcome: await build(job) });
  } catch (e) {
    const error = /** @type {Failure} */ (e);
    const { name, message, stack, text, file, line } = error;
    send({ error: { name, message, stack, text, file, line } });
  }
});
// A terminal's Ctrl-C goes to both; the parent says what there is to say.
process.on('disconnect', () => process.exit());
