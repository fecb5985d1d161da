// The property test of building: random C programs (program.mjs) give the same results natively and as goroutines
// in wasm, at every optimisation level, in threads and sim, with and without being preempted at every point, many at
// once on stacks that begin small: `node tests/build/property.mjs N [SEED] [--toolchain=NAME] [--reduce=N]`, also
// `npm run property -- …`.
//
// Program number I is that of seed SEED+I. Fifty stand in one file. Each file is built twice, at two levels, one of
// them with preemption points; a few programs alone are built in all eight ways. Natively clang compiles them
// with ASan and UBSan, by clang -O0 and by gcc -O2, which must agree: so nothing in the programs is undefined.
//
// What fails is made smaller (all ways of taking one thing away are built in one file, over and over) and kept in
// build/property, with what repeats it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BuildError } from '../../wasm/passes/errors.mjs';
import { ROOT, exec, run, sim, slot, threads } from '../lib/run.mjs';
import { buildMerged } from '../passes/merged.mjs';
import { randomProgram, renamed, smaller, source } from './program.mjs';

/** @typedef {import('./program.mjs').Program} Program */
/** @typedef {{ level: number, points: boolean, toolchain: string }} Way how a file is built */
/** @typedef {{ port: import('../lib/run.mjs').Port, debug: string }} Run how it is run */
/**
 * @typedef {object} Failure
 * @property {Program} program
 * @property {Way} way
 * @property {Run} [run] none: it does not build
 * @property {string} what
 */

const DIR = join(ROOT, 'build/property');
const TOGETHER = 50; // programs in one file
const RUN_MS = 30_000;
const ENOUGH = 3; // failures of one run that are looked for one by one,
const REFUSED = 12; // and programs of one file at which its build stops
const ROUNDS = 40; // of making smaller, at most, and
const SMALLER_MS = 120_000; // as long; the last round comes to its end
const CANDIDATES = 40; // programs in each of them

// ---- building and running ----

/**
 * How a C file becomes a program, by name. Each gives the path of the program, or what was said instead.
 * @type {Record<string, (file: string, way: Way) => Promise<{ wasm?: string, failed?: string }>>}
 */
const TOOLCHAINS = {
  /** Objects merged with the prebuilt runtime. */
  async merged(file, { level, points }) {
    const name = `property-${process.pid}-${files++}`;
    try {
      const flags = [`-O${level}`, '-w'];
      return { wasm: (await buildMerged([relative(ROOT, file)], { preempt: points, flags, name })).path };
    } catch (e) {
      return { failed: e instanceof BuildError ? e.message : String(e instanceof Error ? e.stack : e) };
    }
  },
  /** The whole program by Emscripten and Binaryen. */
  async system(file, { level, points }) {
    const wasm = join(DIR, `${process.pid}-${files++}.wasm`);
    const args = ['program', 'emscripten', wasm, file, `-O${level}`, '-w', ...(points ? ['--preempt'] : [])];
    const r = await slot(() => exec('bash', ['build.sh', ...args], { timeoutMs: 600_000 }));
    if (r.exitCode === 0) return { wasm };
    return { failed: `${r.timedOut ? 'the build does not end\n' : ''}${r.stderr}${r.stdout}` };
  },
};

let files = 0;

/** @param {string} stdout @returns {Map<number, string>} */
const results = (stdout) =>
  new Map([...stdout.matchAll(/^(\d+) ([0-9a-f]{8})$/gm)].map((m) => [Number(m[1]), m[2]]));

const hasGcc = spawnSync('gcc', ['--version']).status === 0;
const NATIVE = [
  ['clang', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
  ['clang', '-O0'],
  ...(hasGcc ? [['gcc', '-O2']] : []),
];

/** What the programs must print. @param {string} file @param {number} n how many they are */
async function expected(file, n) {
  /** @type {Map<number, string>[]} */ const all = [];
  for (const [cc, ...options] of NATIVE) {
    const out = join(DIR, `${process.pid}-${files++}`);
    const args = ['-w', '-DPLAIN', '-std=gnu11', ...options, file, '-o', out];
    const built = await slot(() => exec(cc, args, { timeoutMs: 300_000 }));
    assert.equal(built.exitCode, 0, `${file}: ${cc} does not take it\n${built.stderr}`);
    const r = await slot(() => exec(out, [], { timeoutMs: RUN_MS }));
    const by = [cc, ...options].join(' ');
    assert.equal(r.exitCode, 0, `${file}: the generator is wrong, ${by} says\n${r.stderr.slice(0, 2000)}`);
    const got = results(r.stdout);
    assert.equal(got.size, n, file);
    for (const [i, value] of all[0] ?? [])
      assert.equal(got.get(i), value, `${file}: the generator is wrong, program ${i} is another one by ${by}`);
    all.push(got);
  }
  return all[0];
}

/**
 * @param {string} wasm @param {Run} how @param {number[]} which
 * @param {Map<number, string>} want
 * @returns {Promise<{ wrong: Map<number, string>, broken: string }>} what each should not have said; how it ended
 */
async function attempt(wasm, { port, debug }, which, want) {
  const r = await slot(() => run(port, wasm, which.map(String), { debug, timeoutMs: RUN_MS }));
  const got = results(r.stdout);
  const said = r.stderr.trim().split('\n').slice(0, 3).join(' | ');
  if (r.exitCode !== 0 || got.size !== which.length)
    return { wrong: new Map(), broken: r.timedOut ? 'does not end' : `exit code ${r.exitCode}: ${said}` };
  const off = which.filter((i) => got.get(i) !== want.get(i));
  return { wrong: new Map(off.map((i) => [i, `${got.get(i)} instead of ${want.get(i)}`])), broken: '' };
}

/** The same; if they fall together, some of those that fall alone. @type {typeof attempt} */
async function tried(wasm, how, which, want) {
  const together = await attempt(wasm, how, which, want);
  if (!together.broken) return together;
  if (which.length === 1) return { wrong: new Map([[which[0], together.broken]]), broken: '' };
  const wrong = new Map(), half = which.length >> 1;
  for (const part of [which.slice(0, half), which.slice(half)]) {
    if (wrong.size >= ENOUGH) break;
    for (const [i, what] of (await tried(wasm, how, part, want)).wrong) wrong.set(i, what);
  }
  return { wrong, broken: wrong.size ? '' : together.broken };
}

/** @param {Way} way @returns {Run[]} */
const runsOf = ({ points }) => [threads(2), sim(2)].map((port) => ({ port, debug: points ? 'preempt=1' : '' }));

/** @param {Way} way @param {Run} [how] */
const called = (way, how) =>
  [`-O${way.level}`, ...(way.points ? ['preempted at every point'] : []), ...(how ? [how.port.name] : [])].join(', ');

/** Counts of what has been done. */
const counts = { programs: 0, builds: 0, runs: 0 };

/**
 * @param {Program[]} programs @param {string} file where their text goes @param {Way[]} ways
 * @param {(way: Way) => Run[]} [runs]
 * @returns {Promise<Failure[]>}
 */
async function test(programs, file, ways, runs = runsOf) {
  /** @type {Failure[]} */ const failures = [];
  writeFileSync(file, source(programs));
  const want = await expected(file, programs.length);
  for (const way of ways) {
    let left = programs.map((_, i) => i);
    for (;;) { // until it builds: without those at which the build stops
      const part = file.replace('.c', `-O${way.level}.c`);
      writeFileSync(part, source(left.map((i) => programs[i])));
      const { wasm, failed = '' } = await TOOLCHAINS[way.toolchain](part, way);
      counts.builds++;
      if (!wasm) {
        const at = Number(/\bp(\d+)_/.exec(failed)?.[1] ?? -1), i = programs.findIndex((p) => p.id === at);
        if (i < 0 || !left.includes(i))
          throw new Error(`${part}, ${called(way)}: does not build, and no program is named\n${failed}`);
        failures.push({ program: programs[i], way, what: failed.split('\n')[0] });
        left = left.filter((j) => j !== i);
        if (left.length === 0 || programs.length - left.length > REFUSED) break;
        continue;
      }
      const wanted = new Map(left.map((i, j) => [j, /** @type {string} */ (want.get(i))]));
      for (const how of runs(way)) {
        counts.runs++;
        const { wrong, broken } = await tried(wasm, how, left.map((_, j) => j), wanted);
        for (const [j, what] of wrong) failures.push({ program: programs[left[j]], way, run: how, what });
        const what = `all of ${part} together: ${broken}`;
        if (broken) failures.push({ program: programs[left[0]], way, run: how, what });
      }
      break;
    }
  }
  return failures;
}

// ---- failures ----

/** The smallest program that fails as f's does. @param {Failure} f @returns {Promise<Failure>} */
async function reduced(f) {
  const begin = Date.now();
  for (let round = 0; round < ROUNDS && Date.now() - begin < SMALLER_MS; round++) {
    const candidates = smaller(f.program).slice(0, CANDIDATES).map(renamed);
    if (candidates.length === 0) break;
    const runs = f.run ? [f.run] : [];
    const failed = await test(candidates, join(DIR, `smaller-${process.pid}.c`), [f.way], () => runs);
    const next = failed.find((g) => !g.run === !f.run);
    if (!next) break;
    f = next;
  }
  return f;
}

/** @param {Failure} f @param {number} seed of its program @returns {string} file that shows it */
function keep(f, seed) {
  const file = join(DIR, `failed-${seed}-O${f.way.level}${f.way.points ? '-points' : ''}.c`);
  const head = `// ${called(f.way, f.run)}: ${f.what}\n// npm run property -- 1 ${seed}\n`;
  writeFileSync(file, head + source([f.program]));
  return file;
}

/**
 * @param {number} n @param {number} seed
 * @param {{ toolchain?: string, tell?: (line: string) => void, reduce?: number }} [options] reduce: so many failures
 * @returns {Promise<Failure[]>}
 */
export async function property(n, seed, { toolchain = 'merged', tell = () => {}, reduce = 3 } = {}) {
  mkdirSync(DIR, { recursive: true });
  /** @type {Failure[]} */ const all = [];
  /** @param {number} from */
  const batch = async (from) => {
    const size = Math.min(TOGETHER, n - from);
    const programs = Array.from({ length: size }, (_, i) => randomProgram(i, seed + from + i));
    const number = from / TOGETHER;
    const levels = [0, 1, 2, 3];
    const ways = n < 8 ? levels.flatMap((level) => [false, true].map((points) => ({ level, points, toolchain })))
      : [{ level: number % 4, points: true, toolchain }, { level: (number + 2) % 4, points: false, toolchain }];
    const failures = await test(programs, join(DIR, `${seed + from}.c`), ways);
    counts.programs += programs.length;
    tell(`${counts.programs} of ${n} programs, ${all.length + failures.length} failures`);
    for (const f of failures) {
      const own = seed + from + f.program.id;
      tell(`  seed ${own}, ${called(f.way, f.run)}: ${f.what}`);
      all.push(f);
      if (all.length > reduce) continue;
      tell(`    kept: ${keep(f, own)}`);
      tell(`    smallest: ${keep(await reduced(f), own)}`);
    }
  };
  const batches = Array.from({ length: Math.ceil(n / TOGETHER) }, (_, i) => i * TOGETHER);
  const worker = async () => {
    for (let from; (from = batches.shift()) !== undefined;) await batch(from);
  };
  await Promise.all([worker(), worker()]);
  return all;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { toolchain: { type: 'string', default: 'merged' }, reduce: { type: 'string', default: '3' } },
  });
  const n = Number(positionals[0] ?? 100), seed = Number(positionals[1] ?? Date.now() % 1_000_000_000);
  if (!(n >= 1) || !Number.isSafeInteger(n) || !Number.isSafeInteger(seed) || !(values.toolchain in TOOLCHAINS)) {
    console.error(`property N [SEED] [--toolchain=${Object.keys(TOOLCHAINS).join('|')}]: N programs, numbers both`);
    process.exit(2);
  }
  console.log(`seed ${seed}`);
  const begin = Date.now();
  const { toolchain, reduce } = values;
  const failures = await property(n, seed, { toolchain, reduce: Number(reduce), tell: (line) => console.log(line) });
  const { builds, runs } = counts;
  const seconds = Math.round((Date.now() - begin) / 1000);
  console.log(`seed ${seed}: ${n} programs, ${builds} builds, ${runs} runs, ${failures.length} failures, ${seconds} s`);
  process.exitCode = failures.length ? 1 : 0;
}
