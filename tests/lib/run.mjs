// Builds a C program for a port and runs it there, for all tests that run programs: one build per program and target,
// kept in build/tests while it is newer than everything it is made of.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Builder } from '../../shell/cli/builder.mjs';
import { writeWhole } from '../../shell/cli/cache.mjs';
import { installedCompiler } from '../../shell/cli/compiler.mjs';
import { FOLDERS } from '../../shell/cli/make.mjs';
import { gather } from '../../shell/cli/sources.mjs';
import { runLoaded } from './loaded.mjs';

/** The package's root folder. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Where test programs and traces go. */
export const OUT = join(ROOT, 'build/tests');

/** @typedef {'emscripten' | 'wasi' | 'native'} Plain */
/** @typedef {Plain | `${Plain}-check` | 'native-asan' | 'native-tsan'} Target as build.sh calls them */

/** CHECK=1: every program of the tests is built with --check, which must change nothing (tests/check). */
const CHECK = process.env.CHECK === '1';

/**
 * One way to run a program.
 * @typedef {object} Port
 * @property {string} name
 * @property {Target} target
 * @property {'threads' | 'sim'} mode
 * @property {number} procs
 * @property {'measured' | 'virtual'} [clock] sim only
 * @property {string | number} [seed]
 */

/** @param {number} procs @returns {Port} goroutines over Web Workers (here: worker threads) */
export const threads = (procs) => ({ name: `threads, ${procs} P`, target: 'emscripten', mode: 'threads', procs });
/** @param {number} procs @param {number | string} [seed] @returns {Port} one thread, virtual clock */
export const sim = (procs, seed = 1) =>
  ({ name: `sim, ${procs} P, seed ${seed}`, target: 'emscripten', mode: 'sim', procs, clock: 'virtual', seed });
/** @param {number} procs @returns {Port} */
export const native = (procs) => ({ name: `native, ${procs} P`, target: 'native', mode: 'threads', procs });
/** @param {number} procs @returns {Port} */
export const wasi = (procs) =>
  ({ name: `wasi, ${procs} P`, target: 'wasi', mode: 'sim', procs, clock: 'measured', seed: 1 });

// ---- build ----

/** @param {string} dir @param {RegExp} what @returns {number} newest mtime of the files below dir whose name matches */
function newest(dir, what) {
  let t = 0;
  for (const e of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, e.name);
    if (e.isDirectory()) t = Math.max(t, newest(path, what));
    else if (what.test(e.name)) t = Math.max(t, statSync(path).mtimeMs);
  }
  return t;
}

let runtimeTime = 0;

/** @param {string} source @returns {number} the newest of everything a program of this source is made of */
function sourceTime(source) {
  runtimeTime ||= Math.max(
    newest(join(ROOT, 'runtime'), /\.[chS]$/), newest(join(ROOT, 'wasm'), /\.([chS]|lib\.js)$/),
    newest(join(ROOT, 'wasm/passes'), /\.mjs$/), newest(join(ROOT, 'wasm/cc'), /\.mjs$/),
    statSync(join(ROOT, 'build.sh')).mtimeMs);
  const beside = newest(dirname(source), /\.h$/);
  return Math.max(runtimeTime, beside, statSync(source).mtimeMs);
}

/** @type {Map<string, Promise<string>>} */
const builds = new Map();

/**
 * Who builds for emscripten: `goroscope build` with the system's clang, which is faster; the same with the compiler
 * that users get; build.sh, the whole program by Emscripten.
 * @typedef {'clang' | 'shipped' | 'build.sh'} Builds
 */
/**
 * @typedef {object} BuildOptions
 * @property {string[]} [more] files it is linked with
 * @property {boolean} [preempt] with preemption points
 * @property {boolean} [inside] it may include the runtime's own headers
 * @property {Builds} [by] unless it is who usually builds this program
 */

/**
 * The program of one C file, built if it is missing or stale. Demos are where build.sh itself puts them.
 * @param {string} source relative to the root, e.g. tests/unit/chan.c
 * @param {Target} target
 * @param {BuildOptions} [options]
 * @returns {Promise<string>} absolute path
 */
export function build(source, target, { more = [], preempt = false, inside = false, by } = {}) {
  if (CHECK && (target === 'emscripten' || target === 'wasi' || target === 'native')) target = `${target}-check`;
  const suffix = {
    emscripten: '.wasm', wasi: '.wasi.wasm', 'wasi-check': '.check.wasi.wasm', 'emscripten-check': '.check.wasm',
    native: '', 'native-check': '.check', 'native-asan': '.asan', 'native-tsan': '.tsan',
  }[target];
  const isDemo = source.startsWith('shell/demos/');
  const usual = inside || isDemo || INSIDE.includes(source) || !target.startsWith('emscripten') ? 'build.sh' : 'clang';
  const folder = !isDemo || by ? join(OUT, basename(dirname(source)))
    : join(ROOT, target.startsWith('native') ? 'build/native/demos' : 'build/demos');
  const out = join(folder, basename(source, '.c') + (preempt ? '.points' : '') + (by ? `.${by}` : '') + suffix);
  let p = builds.get(out);
  if (!p && target === 'wasi' && JOINED.includes(source) && !preempt && !inside && more.length === 0) {
    p = oneOfJoined(source, out);
    builds.set(out, p);
  }
  if (!p) {
    p = buildStale([source, ...more], target, out, by ?? usual,
      [...(preempt ? ['--preempt'] : []), ...(inside ? ['-Iruntime'] : [])]);
    builds.set(out, p);
  }
  return p;
}

/**
 * Programs that call functions of the runtime which are not for programs: they are linked with all of it, as the
 * demos are, which build.sh itself builds.
 */
const INSIDE = ['tests/unit/outside.c'];

/**
 * Programs that are one module for wasi, where linking and finishing is nearly all of a build: each is a copy of it
 * into which its name is written.
 */
const JOINED = [
  ...['away', 'chatter', 'closed', 'deadlock', 'exitcode', 'failures', 'forbidden', 'high_memory', 'jumps', 'leaks',
    'overflow', 'parked', 'printf_lines', 'spin', 'standing'].map((name) => `tests/programs/${name}.c`),
  ...['crowd', 'said', 'sampled'].map((name) => `tests/traces/${name}.c`),
  ...['ask', 'bytes', 'called'].map((name) => `tests/host/${name}.c`),
  ...['ends', 'library', 'others'].map((name) => `tests/libc/${name}.c`),
  'tests/bench/parked.c',
];

/** @type {{ [flavour: string]: Promise<void> | undefined }} */
const kits = {};

/** Brings the prebuilt runtime up to date. @param {'threads' | 'check'} [flavour] @returns {Promise<void>} */
export function madeKit(flavour = 'threads') {
  return kits[flavour] ??= exec('bash', ['build.sh', 'kit', flavour], { timeoutMs: 600_000 }).then((r) => {
    if (r.exitCode !== 0) throw new Error(`the kit cannot be made:\n${r.stdout}${r.stderr}`);
  });
}

/** Warm from the first build on; they end with this process. */
const builders = { clang: new Builder(), shipped: new Builder() };
/** @type {Promise<unknown>} they build one after the other */
let building = Promise.resolve();

/**
 * A program as `goroscope build` makes it.
 * @param {string[]} sources @param {{ preempt: boolean, check: boolean, by: 'clang' | 'shipped' }} how
 * @returns {Promise<Uint8Array>}
 */
async function merged(sources, { preempt, check, by }) {
  await madeKit(check ? 'check' : 'threads');
  const module = installedCompiler();
  if (by === 'shipped' && !module) throw new Error('the compiler that users get is not here: npm ci');
  const { files, roots, sources: from } = gather(sources, [], []);
  const options = { optimize: 2, defines: [], includes: [], warnings: [], preempt, check, color: false };
  const built = building.then(() => slot(() => builders[by].build({
    from: { sources: from, files, roots }, options,
    compiler: by === 'clang' ? { cc: 'clang' } : { module: module ?? undefined },
    folders: FOLDERS,
  }, () => {})));
  building = built.catch(() => {});
  const { wasm, text } = await built;
  if (!wasm) throw new Error(`${sources[0]} does not build:\n${text}`);
  return wasm;
}

/**
 * Several programs in one, for wasi, where linking and finishing is nearly all of a build: the first argument says
 * which of them runs, by its file's name.
 * @param {string} name of the file that is made @param {string[]} sources relative to the root
 * @param {{ preempt?: boolean, check?: boolean }} [options]
 * @returns {Promise<string>} absolute path
 */
export function buildTogether(name, sources, { preempt = false, check = CHECK } = {}) {
  const folder = join(OUT, `${name}${preempt ? '.points' : ''}${check ? '.check' : ''}`);
  let p = builds.get(folder);
  if (!p) {
    p = together(folder, sources, check ? 'wasi-check' : 'wasi', preempt ? ['--preempt'] : []);
    builds.set(folder, p);
  }
  return p;
}

/** @param {string} folder @param {string[]} sources @param {Target} target @param {string[]} options */
const together = (folder, sources, target, options) => joined(folder, sources, target, options,
  (name, n) => `if (argc > 1 && strcmp(argv[1], "${name}") == 0) return p${n}_main(argc - 1, argv + 1);`);

/** Where the name of a program of JOINED is written; not zeros, which are not in the module. */
const MARK = '@'.repeat(64);

/** @param {string} source @param {string} out @returns {Promise<string>} out */
async function oneOfJoined(source, out) {
  const module = await joined(join(OUT, 'joined'), JOINED, 'wasi', [],
    (name, n) => `if (strcmp(mark, "${name}") == 0) return p${n}_main(argc, argv);`,
    [`volatile char which[] = "${MARK}";`],
    ['char mark[sizeof which];', 'for (size_t i = 0; i < sizeof which; i++) mark[i] = which[i];']);
  if (existsSync(out) && statSync(out).mtimeMs > statSync(module).mtimeMs) return out;
  const bytes = readFileSync(module), at = bytes.indexOf(MARK);
  if (at < 0 || bytes.indexOf(MARK, at + 1) >= 0) throw new Error(`${module}: the place for the name is not there`);
  bytes.fill(0, at, at + MARK.length).write(source.replace('.c', ''), at, 'latin1');
  mkdirSync(dirname(out), { recursive: true });
  writeWhole(out, [bytes]);
  return out;
}

/**
 * One module of several programs, and a gr_main that calls that of one of them. Of several processes one makes it.
 * @param {string} folder @param {string[]} sources @param {Target} target @param {string[]} options
 * @param {(name: string, n: number) => string} call what runs program n, if it is that which is wanted
 * @param {string[]} [before] gr_main @param {string[]} [first] in gr_main
 */
async function joined(folder, sources, target, options, call, before = [], first = []) {
  mkdirSync(folder, { recursive: true });
  const isMarked = before.length > 0;
  /** @param {string} name @param {string[]} lines @returns {string} relative to the root */
  const file = (name, lines) => {
    const path = join(folder, `${name}.c`), text = lines.join('\n');
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
    return relative(ROOT, path);
  };
  // The function is called gr_main in what programs say.
  const all = sources.map((source, n) => file(`${n}-${basename(source, '.c')}`,
    [`int gr_main(int, char **) __asm__("p${n}_main");`, `#include "${join(ROOT, source)}"`, '']));
  all.push(file('main', ['#include <string.h>', ...sources.map((_, n) => `int p${n}_main(int, char **);`), ...before,
    'int gr_main(int argc, char **argv) {', ...first,
    ...sources.map((s, n) => call(isMarked ? s.replace('.c', '') : basename(s, '.c'), n)), 'return 127;', '}', '']));
  const out = `${folder}.wasi.wasm`;
  const fresh = () => isFresh(out, [...all, ...sources]);
  return fresh() ? out : alone(`${folder}.lock`, async () =>
    fresh() ? out : make(all, target, out, 'build.sh', [...options, `-fmacro-prefix-map=${ROOT}/=`]));
}

/**
 * Runs fn while no other process does that has the same lock, a folder.
 * @template T
 * @param {string} lock @param {() => Promise<T>} fn
 * @returns {Promise<T>}
 */
async function alone(lock, fn) {
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (e) {
      if (/** @type {NodeJS.ErrnoException} */ (e).code !== 'EEXIST') throw e;
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > 300_000) rmSync(lock, { recursive: true, force: true }); // its process has been killed
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }
  try {
    return await fn();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** @param {string} out @param {string[]} sources */
const isFresh = (out, sources) => existsSync(out)
  && statSync(out).mtimeMs > Math.max(...sources.map((s) => sourceTime(join(ROOT, s))));

/** As make(), unless out is newer than all it is made of. @type {typeof make} */
const buildStale = async (sources, target, out, by, options) =>
  isFresh(out, sources) ? out : make(sources, target, out, by, options);

/**
 * @param {string[]} sources @param {Target} target @param {string} out @param {Builds} by
 * @param {string[]} options of build.sh's
 */
async function make(sources, target, out, by, options) {
  mkdirSync(dirname(out), { recursive: true });
  if (by !== 'build.sh') {
    const how = { preempt: options.includes('--preempt'), check: target === 'emscripten-check', by };
    writeWhole(out, [await merged(sources, how)]);
    return out;
  }
  // Finishing is nearly all of a build for wasi, which is about what a program does and not how fast.
  /** @type {Record<string, string>} */
  const env = target.startsWith('wasi') && !LONG ? { GOROSCOPE_WASM_OPT: '-O1' } : {};
  const r = await slot(() =>
    exec('bash', ['build.sh', 'program', target, out, ...sources, ...options], { timeoutMs: 300_000, env }));
  if (r.exitCode !== 0) throw new Error(`${sources[0]} does not build for ${target}:\n${r.stdout}${r.stderr}`);
  return out;
}

// ---- run ----

/** `npm run test:long`: whole ranges where the others take what catches most. */
export const LONG = process.env.TESTS === 'long';

/** `npm run test:all`: every port, sanitizer, way and size; `npm test` takes what finds most in a third of the time. */
export const ALL = LONG || ['all', 'package'].includes(process.env.TESTS ?? '');

/** The `skip` of a test that `npm test` leaves out: most have another like it there. */
export const alike = ALL ? false : 'by npm run test:all';

/** The `skip` of a test that runs by `npm run test:long` only. */
export const rarely = LONG ? false : 'only by npm run test:long';

let running = 0;
/** @type {(() => void)[]} */
const waiting = [];

/**
 * Runs fn when one of as many slots as there are processors is free.
 * @template T
 * @param {() => Promise<T>} fn
 * @returns {Promise<T>}
 */
export async function slot(fn) {
  if (running >= Math.min(2, availableParallelism()))
    await new Promise((resolve) => waiting.push(() => resolve(undefined)));
  running++;
  try {
    return await fn();
  } finally {
    running--;
    waiting.shift()?.();
  }
}

/**
 * @typedef {object} Result
 * @property {number} exitCode -1: ended by a signal
 * @property {string} stdout
 * @property {string} stderr
 * @property {boolean} timedOut it was killed after timeoutMs
 */

/**
 * Runs a command to its end, or kills it after timeoutMs.
 * @param {string} cmd @param {string[]} args
 * @param {{ env?: Record<string, string>, timeoutMs?: number, cwd?: string }} [options]
 * @returns {Promise<Result>}
 */
export function exec(cmd, args, { env = {}, timeoutMs = 60_000, cwd = ROOT } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(cmd, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const out = { exitCode: -1, stdout: '', stderr: '', timedOut: false };
    const timer = setTimeout(() => {
      out.timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (s) => (out.stdout += s));
    child.stderr.setEncoding('utf8').on('data', (s) => (out.stderr += s));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal && !out.timedOut) out.stderr += `(ended by ${signal})\n`;
      out.exitCode = code ?? -1;
      resolve(out);
    });
  });
}

/**
 * @typedef {object} RunOptions
 * @property {string} [trace] write the trace to this file
 * @property {number} [ringBytes] size of the trace's ring
 * @property {'1.25' | '1.26'} [traceVersion] of the format
 * @property {number} [readDelayMs] the reader of the trace waits so long between two looks (emscripten)
 * @property {Record<string, string>} [files] name in the program -> path (emscripten, wasi)
 * @property {number} [stackBytes]
 * @property {string} [debug] settings as in GRDEBUG
 * @property {Record<string, string>} [env] the program's environment, beside that
 * @property {number} [timeoutMs]
 */

/**
 * Runs a built program on a port: with the loader in this process, else in a process of its own.
 * @param {Port} port @param {string} program path of what build() made for port.target @param {string[]} [args]
 * @param {RunOptions} [options]
 * @returns {Promise<Result>}
 */
export function run(port, program, args = [], options = {}) {
  const { timeoutMs = 60_000 } = options;
  if (port.target.startsWith('emscripten')) return runLoaded(port, program, args, options);
  const env = hostedEnv(port, options);
  if (port.target.startsWith('native')) return exec(program, args, { timeoutMs, env });
  const job = { program, args, options, env };
  // Memory that grows in a wasm function which runs long makes node 20's V8 mark its heap
  // bit by bit below that function. When it ends that way, what wasm returns or throws to (here proc_exit's end,
  // to the frame of wasi.start) may be gone: SIGSEGV after the program's last line.
  return exec(process.execPath, ['--no-warnings', '--no-incremental-marking', join(ROOT, 'tests/lib/wasi-child.mjs'),
    JSON.stringify(job)], { timeoutMs });
}

/** @param {Port} port @param {RunOptions} options @returns {Record<string, string>} what runtime/port/hosted.c reads */
function hostedEnv(port, { trace, ringBytes, traceVersion, stackBytes, debug, env: more }) {
  /** @type {Record<string, string>} */
  const env = { ...more, GOROSCOPE_MODE: port.mode, GOROSCOPE_PROCS: String(port.procs) };
  if (port.clock) env.GOROSCOPE_CLOCK = port.clock;
  if (port.seed !== undefined) env.GOROSCOPE_SEED = String(port.seed);
  if (trace) env.GOROSCOPE_TRACE = trace;
  if (ringBytes) env.GOROSCOPE_RING = String(ringBytes);
  if (traceVersion) env.GOROSCOPE_TRACE_VERSION = traceVersion;
  if (debug) env.GRDEBUG = debug;
  if (stackBytes) env.GOROSCOPE_STACK = String(stackBytes);
  return env;
}

/** @param {Result} r @returns {string} for a failed assertion: everything the program said */
export const told = (r) =>
  `${r.timedOut ? 'killed after the time limit' : `exit code ${r.exitCode}`}\n--- stdout\n${
    r.stdout}--- stderr\n${r.stderr}---`;
