// The property test of building: random C programs (program.mjs) give the same results natively and as goroutines
// in wasm, at every optimisation level, in threads and sim, with and without being preempted at every point, many
// at once on stacks that begin small: `npm run property -- N [SEED] [--toolchain=NAME] [--reduce=N]`. With --mutants
// it is tested itself (mutants.mjs).
//
// Program number I is that of seed SEED+I. Fifty stand in one file. Each file is built twice, at two levels, one of
// them with preemption points, every other file by the compiler that users have and by the system's; a few programs
// alone are built in all ways. Natively clang compiles them with ASan and UBSan, clang -O0 and gcc -O2, which must
// agree: so nothing in the programs is undefined.
//
// What fails is made smaller (all ways of taking one thing away are built in one file, over and over) and kept in
// build/property, with what repeats it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tellMutants } from './mutants.mjs';
import { randomProgram, renamed, smaller, source } from './program.mjs';
import { DIR, TOOLCHAINS, attempt, called, expected, runsOf } from './toolchains.mjs';

/** @typedef {import('./program.mjs').Program} Program */
/** @typedef {import('./toolchains.mjs').Way} Way */
/** @typedef {import('./toolchains.mjs').Run} Run */
/**
 * @typedef {object} Failure
 * @property {Program} program
 * @property {Way} way
 * @property {Run} [run] none: it does not build
 * @property {string} what
 */

const TOGETHER = 50; // programs in one file
const ENOUGH = 3; // failures of one run that are looked for one by one,
const REFUSED = 12; // and programs of one file at which its build stops
const ROUNDS = 40; // of making smaller, at most, and
const SMALLER_MS = 120_000; // as long; the last round comes to its end
const CANDIDATES = 40; // programs in each of them

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

/** What users' programs are built by, and the same with an older clang. */
const BOTH = ['shipped', 'merged'];

/**
 * How one file is built: all levels, points or not and toolchains come together in turn.
 * @param {number} number of the file @param {string[]} toolchains @returns {Way[]}
 */
function waysOf(number, toolchains) {
  const toolchain = toolchains[(number + (number >> 2)) % toolchains.length];
  return [{ level: number % 4, points: true, toolchain }, { level: (number + 2) % 4, points: false, toolchain }];
}

/** @param {string[]} toolchains @returns {Way[]} */
const allWays = (toolchains) => toolchains.flatMap((toolchain) => [0, 1, 2, 3].flatMap((level) =>
  [false, true].map((points) => ({ level, points, toolchain }))));

/** Each level once; points and toolchains come together with others for another seed. @param {number} seed */
export const fewWays = (seed) => [0, 1, 2, 3].map((level) =>
  ({ level, points: (level + seed) % 2 === 1, toolchain: BOTH[((level >> 1) + (seed >> 1)) % 2] }));

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
      const part = file.replace('.c', `-O${way.level}-${way.toolchain}.c`);
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

/**
 * The smallest program that fails as f's does.
 * @param {Failure} f @param {number} seed of its program @returns {Promise<Failure>}
 */
async function reduced(f, seed) {
  const begin = Date.now();
  for (let round = 0; round < ROUNDS && Date.now() - begin < SMALLER_MS; round++) {
    const candidates = smaller(f.program).slice(0, CANDIDATES).map(renamed);
    if (candidates.length === 0) break;
    const runs = f.run ? [f.run] : [];
    const failed = await test(candidates, join(DIR, `smaller-${process.pid}-${seed}.c`), [f.way], () => runs);
    const next = failed.find((g) => !g.run === !f.run);
    if (!next) break;
    f = next;
  }
  return f;
}

/** @param {Failure} f @param {number} seed of its program @returns {string} file that shows it */
function keep(f, seed) {
  const file = join(DIR, `failed-${seed}-${f.way.toolchain}-O${f.way.level}${f.way.points ? '-points' : ''}.c`);
  const head = `// ${called(f.way, f.run)}: ${f.what}\n// npm run property -- 1 ${seed}\n`;
  writeFileSync(file, head + source([f.program]));
  return file;
}

/**
 * @param {number} n @param {number} seed
 * @param {object} [options]
 * @param {string[]} [options.toolchains] in turn
 * @param {Way[]} [options.ways] of every file, else those in turn
 * @param {(line: string) => void} [options.tell]
 * @param {number} [options.reduce] so many failures
 * @returns {Promise<Failure[]>}
 */
export async function property(n, seed, { toolchains = BOTH, ways, tell = () => {}, reduce = 3 } = {}) {
  mkdirSync(DIR, { recursive: true });
  /** @type {Failure[]} */ const all = [];
  /** @param {number} from */
  const batch = async (from) => {
    const size = Math.min(TOGETHER, n - from);
    const programs = Array.from({ length: size }, (_, i) => randomProgram(i, seed + from + i));
    const failures = await test(programs, join(DIR, `${seed + from}.c`),
      ways ?? (n < 8 ? allWays(toolchains) : waysOf(from / TOGETHER, toolchains)));
    counts.programs += programs.length;
    tell(`${counts.programs} of ${n} programs, ${all.length + failures.length} failures`);
    for (const f of failures) {
      const own = seed + from + f.program.id;
      tell(`  seed ${own}, ${called(f.way, f.run)}: ${f.what}`);
      all.push(f);
      if (all.length > reduce) continue;
      tell(`    kept: ${keep(f, own)}`);
      tell(`    smallest: ${keep(await reduced(f, own), own)}`);
    }
  };
  const batches = Array.from({ length: Math.ceil(n / TOGETHER) }, (_, i) => i * TOGETHER);
  const worker = async () => {
    for (let from; (from = batches.shift()) !== undefined;) await batch(from);
  };
  await Promise.all([worker(), worker()]);
  return all;
}

/** @param {string[]} args */
async function main(args) {
  const { values, positionals } = parseArgs({
    args, allowPositionals: true,
    options: {
      toolchain: { type: 'string' }, reduce: { type: 'string', default: '3' }, mutants: { type: 'boolean' },
    },
  });
  if (values.mutants) return await tellMutants(positionals) ? 0 : 1;
  const n = Number(positionals[0] ?? 100), seed = Number(positionals[1] ?? Date.now() % 1_000_000_000);
  const toolchains = values.toolchain === undefined ? BOTH : [values.toolchain];
  if (!(n >= 1) || !Number.isSafeInteger(n) || !Number.isSafeInteger(seed) || !(toolchains[0] in TOOLCHAINS)) {
    const names = Object.keys(TOOLCHAINS).join('|');
    console.error(`property N [SEED] [--toolchain=${names}]: N programs, numbers both; or property --mutants [PART…]`);
    return 2;
  }
  console.log(`seed ${seed}`);
  const begin = Date.now();
  const failures = await property(n, seed,
    { toolchains, reduce: Number(values.reduce), tell: (line) => console.log(line) });
  const { builds, runs } = counts, seconds = Math.round((Date.now() - begin) / 1000);
  const of = `${n} programs, ${builds} builds, ${runs} runs`;
  console.log(`seed ${seed}: ${of}, ${failures.length} failures, ${seconds} s`);
  return failures.length ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
