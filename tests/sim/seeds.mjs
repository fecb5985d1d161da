// Programs under many seeds of the simulated scheduler:
// `node tests/sim/seeds.mjs [--seeds A..B] [--only PART] [--runs native|wasm] [--traced N]`, also `npm run sim -- …`.
// Each seed is another schedule, with the scheduler's choices made at random (check/chaos.c)
// and its invariants checked after every step (check/check.c).
//
// Most runs are native: one process per program forks a run per seed (check/explorer.c).
// One in 50 also runs as wasm, a fresh instance each. One in N (20) is traced, and we and Go judge the trace.
// What fails is printed with the command that repeats it alone.
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { runWasi } from '../../wasm/host/wasi-shim.mjs';
import { goIsAsked, judge } from '../lib/oracle.mjs';
import { OUT, ROOT, build, buildTogether, exec, slot } from '../lib/run.mjs';

const TRACED = 20, WASM = 50; // one in so many
const CHUNK = 2000; // seeds a process

/**
 * @typedef {object} Seeded
 * @property {string} source
 * @property {string[]} args
 * @property {number} every it runs with one seed in so many, since its runs are as much longer.
 *   Odd: the number of Ps goes by seed % 8
 */

/** What is not a matter of schedules alone. */
const NOT = [
  'tests/unit/clocks.c', // its constructors read the clock before the explorer has said which one there is
  'tests/conformance/sched.c', // one of its cases measures how long others hold it up, and chaos holds everybody up
];

/** What its folder's `every` is not right for. @type {Record<string, number>} */
const EVERY = {
  'tests/sim/programs/crowd.c': 25, 'tests/unit/spawn.c': 401, 'tests/unit/timers.c': 401,
  'tests/unit/go_timers.c': 401,
};

/** @param {string} folder @param {string[]} args @param {number} every @returns {Seeded[]} */
const allOf = (folder, args, every) => readdirSync(join(ROOT, folder))
  .filter((f) => f.endsWith('.c')).sort().map((f) => `${folder}/${f}`)
  .filter((source) => !NOT.includes(source))
  .map((source) => ({ source, args, every: EVERY[source] ?? every }));

/** @type {Seeded[]} */
export const PROGRAMS = [
  ...allOf('tests/sim/programs', [], 1),
  ...allOf('tests/stress', ['1', '1'], 3),
  { source: 'tests/heap/programs/churn.c', args: [], every: 1 },
  { source: 'tests/heap/programs/roots.c', args: [], every: 25 },
  { source: 'tests/heap/programs/classics.c', args: [], every: 25 },
  { source: 'shell/demos/sieve.c', args: ['40'], every: 3 },
  { source: 'shell/demos/pipeline.c', args: ['200'], every: 5 },
  { source: 'shell/demos/philosophers.c', args: ['5', '0.05'], every: 5 },
  { source: 'shell/demos/coroutines.c', args: ['2', '100', '20'], every: 5 },
  { source: 'shell/demos/garbage.c', args: ['10'], every: 5 },
  { source: 'shell/demos/syscalls.c', args: ['1', '20'], every: 5 },
  { source: 'shell/demos/mandelbrot.c', args: ['16', '12', '30'], every: 1 },
  { source: 'shell/demos/wordcount.c', args: ['LICENSE', '1'], every: 1 },
  ...allOf('tests/unit', [], 101),
  ...allOf('tests/conformance', [], 401),
];

/** @param {Record<string, string>} env @param {string[]} command */
const asCommand = (env, command) => [...Object.entries(env).map(([k, v]) => `${k}=${v}`), ...command].join(' ');

/** @param {number} from @param {number} to @param {number} step @returns {number[]} multiples of step */
function multiples(from, to, step) {
  const found = [];
  for (let n = Math.ceil(from / step) * step; n <= to; n += step) found.push(n);
  return found;
}

/**
 * What came of many runs.
 * @typedef {object} Seen
 * @property {number} runs
 * @property {number} traced of them
 * @property {string[]} failures each with what repeats it
 */

/**
 * Native runs of one program in one process.
 * @param {string} program @param {string[]} args @param {number} from @param {number} to @param {number} [every]
 * @returns {Promise<Seen>}
 */
export async function manyRuns(program, args, from, to, every = 1) {
  const env = { GOROSCOPE_SEEDS: `${from}..${to}/${every}` };
  const r = await exec(program, args, { env, timeoutMs: 3_600_000 });
  const m = /^seeds \d+\.\.\d+: (\d+) runs, (\d+) failures\n$/m.exec(r.stdout);
  if (!m) return { runs: 0, traced: 0, failures: [`${asCommand(env, [program, ...args])}\n${r.stdout}${r.stderr}`] };
  return {
    runs: Number(m[1]), traced: 0,
    failures: m[2] === '0' ? [] : r.stdout.slice(0, m.index).split(/^(?=seed \d+ failed)/m),
  };
}

/**
 * One native run, traced and judged.
 * @param {string} program @param {string[]} args @param {number} seed @returns {Promise<Seen>}
 */
async function tracedRun(program, args, seed) {
  const file = join(OUT, `seeds-${process.pid}`, `${basename(program)}-${seed}.trace`);
  const env = { GOROSCOPE_SEEDS: `${seed}..${seed}`, GOROSCOPE_TRACE: file };
  const again = asCommand(env, [program, ...args]);
  const r = await slot(() => exec(program, args, { env, timeoutMs: 120_000 }));
  const wrong = r.exitCode === 0 ? await judge(file) : `${r.stdout}${r.stderr}`;
  rmSync(file, { force: true });
  return { runs: 1, traced: 1, failures: wrong ? [`${again}\n${wrong}`] : [] };
}

/**
 * One run as wasm, in this process.
 * @param {WebAssembly.Module} module of all programs @param {Seeded} p @param {number} seed @returns {Seen}
 */
function wasmRun(module, p, seed) {
  const env = {
    GOROSCOPE_MODE: 'sim', GOROSCOPE_CLOCK: 'virtual', GOROSCOPE_CHAOS: '1', GOROSCOPE_CHECK: '1',
    GOROSCOPE_SEED: String(seed), GOROSCOPE_PROCS: String(1 + seed % 7),
  };
  let text = '', code = -1;
  runWasi({
    module, argv: ['seeds', basename(p.source, '.c'), ...p.args], env,
    files: { LICENSE: readFileSync(join(ROOT, 'LICENSE')) }, stdin: new Uint8Array(0), traceFile: '',
  }, (message) => {
    if (message.t === 'text') text += Buffer.from(message.bytes).toString();
    else if (message.t === 'exit') code = message.code;
    else text += `${message.t}: ${message.text}\n`;
  });
  const again = `node tests/sim/seeds.mjs --runs wasm --only ${p.source} --seeds ${seed}..${seed}`;
  return { runs: 1, traced: 0, failures: code === 0 ? [] : [`${again}\nexit code ${code}\n${text}`] };
}

/**
 * Runs all programs with the seeds from..to.
 * @param {number} from @param {number} to
 * @param {{ only?: string, native?: boolean, wasm?: number, traced?: number, most?: number,
 *   say?: (line: string) => void }} [options] wasm, traced: one seed in so many, 0: none in wasm; most: only programs
 *   that run with one seed in so many at most
 * @returns {Promise<{ native: Seen & { ms: number }, wasm: Seen & { ms: number } }>} ms: spent running,
 *   without building and judging
 */
export async function runSeeds(from, to, options = {}) {
  const { only = '', native = true, wasm = WASM, traced = TRACED, most = 1e9, say = () => {} } = options;
  const seen = {
    native: { runs: 0, traced: 0, failures: [], ms: 0 }, wasm: { runs: 0, traced: 0, failures: [], ms: 0 },
  };
  /** @param {Seen & { ms: number }} all @param {Seen} more @param {number} began */
  const count = (all, more, began) => {
    all.runs += more.runs;
    all.traced += more.traced;
    all.failures.push(.../** @type {never[]} */ (more.failures));
    if (!more.traced) all.ms += performance.now() - began;
    for (const f of more.failures) say(f);
  };
  const dir = join(OUT, `seeds-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  /** @param {Seeded} p */
  const nativeRuns = async (p) => {
    const program = await build(p.source, 'native-check');
    for (let at = from; at <= to; at += CHUNK * p.every) {
      const end = Math.min(to, at + CHUNK * p.every - 1);
      await slot(async () => {
        const began = performance.now();
        count(seen.native, await manyRuns(program, p.args, at, end, p.every), began);
      });
      for (const seed of multiples(at, end, p.every * traced))
        count(seen.native, await tracedRun(program, p.args, seed), 0);
      say(`${p.source} ${at}..${end}`);
    }
  };
  /** @param {Seeded[]} programs */
  const wasmRuns = async (programs) => {
    const some = programs.map((p) => ({ p, seeds: multiples(from, to, p.every * wasm) })).filter((s) => s.seeds.length);
    if (some.length === 0) return;
    const path = await buildTogether('seeds', some.map(({ p }) => p.source), { check: true });
    const module = await WebAssembly.compile(readFileSync(path));
    for (const { p, seeds } of some) {
      for (const seed of seeds) {
        const began = performance.now();
        count(seen.wasm, wasmRun(module, p, seed), began);
        await new Promise(setImmediate);
      }
    }
  };
  const programs = PROGRAMS.filter((p) => p.source.includes(only) && p.every <= most)
    .map((p) => (only ? { ...p, every: from === to ? 1 : p.every } : p));
  if (native) await Promise.all(programs.map(nativeRuns));
  if (wasm) await wasmRuns(programs);
  rmSync(dir, { recursive: true, force: true });
  return seen;
}

/** @param {string} name @param {Seen & { ms: number }} s */
export const summary = (name, s) =>
  `${name}: ${s.runs} runs, ${s.traced} of them traced, ${s.failures.length} failures, ${
    Math.round((s.runs - s.traced) / (s.ms / 1000 || 1))} runs/s and process`;

async function main() {
  const { values } = parseArgs({ options: {
    seeds: { type: 'string', default: '1..1000' }, only: { type: 'string' }, runs: { type: 'string' },
    traced: { type: 'string', default: String(TRACED) },
  } });
  const m = /^(\d+)\.\.(\d+)$/.exec(values.seeds);
  if (!m || Number(m[1]) > Number(m[2])) {
    console.error(`seeds: --seeds ${values.seeds}: give a range such as 1..1000`);
    process.exit(1);
  }
  const traced = Number(values.traced);
  if (!Number.isSafeInteger(traced) || traced < 1) {
    console.error(`seeds: --traced ${values.traced}: give a whole number, 1 or more: one seed in so many`);
    process.exit(1);
  }
  goIsAsked();
  const wasm = values.runs === 'native' ? 0 : values.runs === 'wasm' ? 1 : WASM;
  const seen = await runSeeds(Number(m[1]), Number(m[2]),
    { only: values.only, native: values.runs !== 'wasm', wasm, traced, say: console.log });
  console.log(summary('native', seen.native));
  if (wasm) console.log(summary('wasm', seen.wasm));
  process.exitCode = seen.native.failures.length + seen.wasm.failures.length ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
