// toolchains.mjs: how the random C programs (property.mjs) become programs of wasm, and what they must print.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { Builder } from '../../shell/cli/builder.mjs';
import { installedCompiler } from '../../shell/cli/compiler.mjs';
import { FOLDERS } from '../../shell/cli/make.mjs';
import { gather } from '../../shell/cli/sources.mjs';
import { SystemClang } from '../../shell/cli/system-clang.mjs';
import { compile } from '../../wasm/cc/compile.mjs';
import { BuildError } from '../../wasm/passes/errors.mjs';
import { OPTIONS, clang } from '../lib/cc.mjs';
import { ROOT, exec, madeKit, run, sim, slot, threads } from '../lib/run.mjs';

/** @typedef {{ level: number, points: boolean, toolchain: string }} Way how a file is built */
/** @typedef {{ port: import('../lib/run.mjs').Port, debug: string }} Run how it is run */

export const DIR = join(ROOT, 'build/property');
const RUN_MS = 30_000;
const STACK = 4 << 20; // frames of 80,000 bytes, 24 of them
let files = 0;

/** A name in DIR that nobody else has. @param {string} ending */
export function unused(ending) {
  mkdirSync(DIR, { recursive: true });
  return join(DIR, `${process.pid}-${files++}${ending}`);
}

/** @param {Way} way @returns {import('../../wasm/cc/arguments.mjs').CompileOptions} */
const optionsOf = ({ level, points }) =>
  ({ ...OPTIONS, optimize: level, preempt: points, defines: points ? ['POINTS'] : [] });

/** @returns {string} */
function shipped() {
  const module = installedCompiler();
  if (!module) throw new Error('npm install installs the compiler for the tests');
  return module;
}

/**
 * As `goroscope build` makes it: objects merged with the prebuilt runtime.
 * @param {() => { module?: string, cc?: string }} compiler
 */
function built(compiler) {
  const builder = new Builder(); // warm from the first build on; it builds one after the other
  /** @type {Promise<unknown>} */ let last = Promise.resolve();
  return async (/** @type {string} */ file, /** @type {Way} */ way) => {
    await madeKit();
    const { files, roots, sources } = gather([relative(ROOT, file)], [], []);
    const job = { from: { sources, files, roots }, options: optionsOf(way), compiler: compiler(), folders: FOLDERS };
    const next = last.then(() => slot(() => builder.build(job, () => {})));
    last = next.catch(() => {});
    try {
      const { wasm, text } = await next;
      if (!wasm) return { failed: text };
      const path = unused('.wasm');
      writeFileSync(path, wasm);
      return { wasm: path };
    } catch (e) {
      return { failed: e instanceof BuildError ? e.message : String(e instanceof Error ? e.stack : e) };
    }
  };
}

/**
 * How a C file becomes a program, by name. Each gives the path of the program, or what was said instead.
 * @type {Record<string, (file: string, way: Way) => Promise<{ wasm?: string, failed?: string }>>}
 */
export const TOOLCHAINS = {
  /** Compiled by what users have: clang as a program in wasm. */
  shipped: built(() => ({ module: shipped() })),
  /** Compiled by the system's clang. */
  merged: built(() => ({ cc: 'clang' })),
  /** The whole program by Emscripten and Binaryen. */
  async system(file, { level, points }) {
    const wasm = unused('.wasm');
    const preempt = points ? ['--preempt', '-DPOINTS'] : [];
    const args = ['program', 'emscripten', wasm, file, `-O${level}`, '-w', ...preempt];
    const r = await slot(() => exec('bash', ['build.sh', ...args], { timeoutMs: 600_000 }));
    if (r.exitCode === 0) return { wasm };
    return { failed: `${r.timedOut ? 'the build does not end\n' : ''}${r.stderr}${r.stdout}` };
  },
};

/** The object that `shipped` and `merged` make first. @param {string} file @param {Way} way */
export async function objectOf(file, way) {
  await madeKit();
  const by = way.toolchain === 'shipped' ? await clang()
    : await SystemClang.make('clang', { ...FOLDERS, scratch: DIR });
  const { files, roots, sources } = gather([relative(ROOT, file)], [], []);
  const { ok, objects, text } = await compile({ sources, files, roots }, optionsOf(way), by);
  if (!ok) throw new Error(`${file} does not compile:\n${text}`);
  return { name: basename(file), bytes: objects[0].bytes };
}

/** @param {string} stdout @returns {Map<number, string>} */
const results = (stdout) =>
  new Map([...stdout.matchAll(/^(\d+) ([0-9a-f]{8})$/gm)].map((m) => [Number(m[1]), m[2]]));

const hasGcc = spawnSync('gcc', ['--version']).status === 0;

/** That must agree: so nothing in the programs is undefined. */
const NATIVE = [
  ['clang', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
  ['clang', '-O0'],
  ...(hasGcc ? [['gcc', '-O2']] : []),
];

/**
 * What the programs must print.
 * @param {string} file @param {number} n how many they are @param {string[][]} [compilers]
 */
export async function expected(file, n, compilers = NATIVE) {
  const all = await Promise.all(compilers.map(async ([cc, ...options]) => {
    const out = unused(''), by = [cc, ...options].join(' ');
    const args = ['-w', '-DPLAIN', '-std=gnu11', '-pthread', ...options, file, '-o', out];
    const made = await slot(() => exec(cc, args, { timeoutMs: 300_000 }));
    assert.equal(made.exitCode, 0, `${file}: ${cc} does not take it\n${made.stderr}`);
    const r = await slot(() => exec(out, [], { timeoutMs: RUN_MS }));
    assert.equal(r.exitCode, 0, `${file}: the generator is wrong, ${by} says\n${r.stderr.slice(0, 2000)}`);
    const got = results(r.stdout);
    assert.equal(got.size, n, file);
    return { by, got };
  }));
  for (const { by, got } of all) {
    for (const [i, value] of all[0].got)
      assert.equal(got.get(i), value, `${file}: the generator is wrong, program ${i} is another one by ${by}`);
  }
  return all[0].got;
}

/**
 * @param {string} wasm @param {Run} how @param {number[]} which
 * @param {Map<number, string>} want
 * @param {number} [timeoutMs]
 * @returns {Promise<{ wrong: Map<number, string>, broken: string }>} what each should not have said; how it ended
 */
export async function attempt(wasm, { port, debug }, which, want, timeoutMs = RUN_MS) {
  const r = await slot(() => run(port, wasm, which.map(String), { debug, timeoutMs, stackBytes: STACK }));
  const got = results(r.stdout);
  const said = r.stderr.trim().split('\n').slice(0, 3).join(' | ');
  if (r.exitCode !== 0 || got.size !== which.length)
    return { wrong: new Map(), broken: r.timedOut ? 'does not end' : `exit code ${r.exitCode}: ${said}` };
  const off = which.filter((i) => got.get(i) !== want.get(i));
  return { wrong: new Map(off.map((i) => [i, `${got.get(i)} instead of ${want.get(i)}`])), broken: '' };
}

/** @param {Way} way @returns {Run[]} */
export const runsOf = ({ points }) =>
  [threads(2), sim(2)].map((port) => ({ port, debug: points ? 'preempt=1' : '' }));

/** @param {Way} way @param {Run} [how] */
export const called = ({ level, points, toolchain }, how) => [toolchain, `-O${level}`,
  ...(points ? ['preempted at every point'] : []), ...(how ? [how.port.name] : [])].join(', ');
