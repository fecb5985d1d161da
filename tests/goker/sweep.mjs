// Runs programs of the corpus with many seeds in one process: sim mode, virtual clock, a fresh instance of the wasi
// build for each run. The seed also makes the scheduler's choices (GOROSCOPE_CHAOS): the order of simulated time
// alone never shows some of the bugs.
//
//     node tests/goker/sweep.mjs [NAME…] [--seeds A..B]      how many seeds show each bug, and all that leaks
//     node tests/goker/sweep.mjs NAME --seed S               the report of one run
//     node tests/goker/sweep.mjs --table                     the table of README.md
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { runWasi } from '../../wasm/host/wasi-shim.mjs';
import { ROOT, build } from '../lib/run.mjs';

/**
 * All programs come to rest: waiting for ever shows at once, and one that went on for 20 s of its time would be at
 * fault.
 */
export const DEBUG = 'leaks=1,leakwait=20000';

/** The corpus as one program. @param {import('../lib/run.mjs').Target} target */
export const corpus = (target) => build('tests/goker/all.c', target,
  { more: readdirSync(join(ROOT, 'tests/goker')).filter((f) => f.endsWith('.c') && f !== 'all.c').sort()
    .map((f) => `tests/goker/${f}`) });

/** Number of Ps that goes with a seed: the schedules of one P and of several differ in kind. @param {number} seed */
export const procsOf = (seed) => 1 + seed % 4;

/** @typedef {{ exitCode: number, stdout: string, stderr: string }} Ran */

/**
 * One run. @param {WebAssembly.Module} module the wasi build @param {string[]} args @param {number} seed
 * @returns {Ran}
 */
export function simulate(module, args, seed) {
  const ran = { exitCode: -1, stdout: '', stderr: '' };
  const env = {
    GRDEBUG: DEBUG, GOROSCOPE_MODE: 'sim', GOROSCOPE_CLOCK: 'virtual', GOROSCOPE_CHAOS: '1',
    GOROSCOPE_SEED: String(seed), GOROSCOPE_PROCS: String(procsOf(seed)),
  };
  runWasi({ module, argv: ['goker', ...args], env, files: {}, stdin: new Uint8Array(0), traceFile: '' }, (message) => {
    if (message.t === 'text') ran[message.fd === 1 ? 'stdout' : 'stderr'] += Buffer.from(message.bytes).toString();
    else if (message.t === 'exit') ran.exitCode = message.code;
    else ran.stderr += `${message.t}: ${message.text}\n`;
  });
  return ran;
}

/** The leaked goroutines of a report, "function [reason]" each, sorted. @param {string} stderr @returns {string[]} */
export const leaksOf = (stderr) =>
  [...stderr.matchAll(/^goroutine \d+ \[(.*) \(leaked\)\]:\n(\w+)\(/gm)].map((m) => `${m[2]} [${m[1]}]`).sort();

/** A report without what the schedule always has a say in: ids of goroutines, which Ps give out by 16, and their order.
 * @param {string} stderr */
const canonical = (stderr) => {
  const [head, ...goroutines] = stderr.trimEnd().replace(/goroutine (?!1$)\d+/gm, 'goroutine N').split('\n\n');
  return [head, ...goroutines.sort()].join('\n\n');
};

/**
 * What the seeds from..to show of one program; from there on up to `limit` until every leak of `wanted` has been seen.
 * @param {WebAssembly.Module} module @param {string} name
 * @param {{ from?: number, to: number, limit?: number, wanted?: string[] }} range
 */
export function sweep(module, name, { from = 1, to, limit = to, wanted = [] }) {
  /** @type {number[]} */ const hits = [];
  /** @type {number[]} */ const misses = [];
  /** @type {Set<string>} */ const leaks = new Set();
  /** @type {Set<string>} */ const reports = new Set();
  /** @type {Ran | null} */ let odd = null; // a run that ended in neither of the two ways
  for (let seed = from; seed <= to || (seed <= limit && wanted.some((l) => !leaks.has(l))); seed++) {
    const ran = simulate(module, [name], seed);
    if (ran.exitCode === 0 && ran.stderr === '') misses.push(seed);
    else if (ran.exitCode === 2 && /^goroutine leak: .* for ever$/m.test(ran.stderr)) hits.push(seed);
    else odd ??= { ...ran, stderr: `seed ${seed}: ${ran.stderr}` };
    for (const leak of leaksOf(ran.stderr)) leaks.add(leak);
    if (ran.exitCode !== 0) reports.add(canonical(ran.stderr));
  }
  return { hits, misses, odd, leaks: [...leaks].sort(), reports: [...reports] };
}

/** @returns {Promise<{ module: WebAssembly.Module, names: string[] }>} */
export async function loaded() {
  const module = await WebAssembly.compile(readFileSync(await corpus('wasi-check')));
  return { module, names: simulate(module, [], 1).stdout.trimEnd().split('\n') };
}

/** What each bug is, from the comment before it. @returns {Map<string, string>} */
function descriptions() {
  const folder = join(ROOT, 'tests/goker');
  const text = readdirSync(folder).filter((f) => f.endsWith('.c')).map((f) => readFileSync(join(folder, f), 'utf8'))
    .join('\n');
  return new Map([...text.matchAll(/^\/\* (\w+ \d+): (.*?)\*\/$/gms)]
    .map((m) => [m[1].replace(' ', ''), m[2].replace(/\s*\n \* ?|\s+$/g, ' ').trim()]));
}

/** @param {WebAssembly.Module} module */
function printTable(module) {
  console.log('| bug | what hangs | waits | seeds |\n|---|---|---|---|');
  for (const [name, what] of descriptions()) {
    const { hits, leaks } = sweep(module, name, { to: 100 });
    const waits = [...new Set(leaks.map((l) => l.replace(/.* \[(.*)\]/, '$1')))].sort().join(', ');
    console.log(`| ${name} | ${what.replace(/\|/g, '\\|')} | ${waits} | ${hits.length} |`);
  }
}

/** @param {WebAssembly.Module} module @param {string} name @param {number} from @param {number} to */
function printSweep(module, name, from, to) {
  const s = sweep(module, name, { from, to });
  const shown = [`${s.hits.length} of ${to - from + 1} seeds`, ...s.hits.slice(0, 1).map((n) => `first ${n}`),
    ...s.misses.slice(0, 1).map((n) => `not ${n}`)];
  console.log(`${name}: ${shown.join(', ')}${s.odd ? `; ${s.odd.stderr}` : ''}`);
  for (const leak of s.leaks) console.log(`  ${leak}`);
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seeds: { type: 'string', default: '1..100' }, seed: { type: 'string' }, table: { type: 'boolean' } },
  });
  const { module, names } = await loaded();
  if (values.table) return printTable(module);
  const [from, to] = values.seeds.split('..').map(Number);
  for (const name of positionals.length ? positionals : names) {
    if (!values.seed) { printSweep(module, name, from, to); continue; }
    const { exitCode, stdout, stderr } = simulate(module, [name], Number(values.seed));
    console.log(`${stdout}${stderr}exit code ${exitCode}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
