#!/usr/bin/env node
// both-ways.mjs: whether what `goroscope build` makes runs as fast as the whole program by build.sh:
// `npm run bench:both -- [--json] [--rounds N] [--scale F] [--by CC]… [--mode threads|sim] [NAME…]`; NAME: of these
// programs only.
//
// The programs of the benchmark table on one P, with threads and in sim, and tests/bench/kernels.c. Each is built by
// build.sh, by `goroscope build` with the compiler that users get, and with the system's clang (which is build.sh's).
// They run by turns, each in a process of its own; kernels in this one. Measured is the processor's time
// (cpu-clock.mjs), but for timers. A ratio is the median of the rounds' ratios, so that a slow minute of the machine
// cancels out.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { build, exec, told } from '../lib/run.mjs';
import { compareKernels } from './kernels.mjs';
import { RUNS } from './rows.mjs';

/** @typedef {import('../lib/run.mjs').Builds} Builds */
/**
 * @typedef {object} Row
 * @property {string} program
 * @property {'threads' | 'sim'} mode
 * @property {string} what of it
 * @property {string} unit
 * @property {number} whole the median by build.sh
 * @property {{ [by: string]: { median: number, ratio: number } }} merged ratio: to the whole program
 */

/** Over this a row is one to look at. */
const SLOWER = 1.05;
/** Their time passes while the processor does something else. */
const SLEEPS = new Set(['timers']);
const MODES = /** @type {const} */ (['threads', 'sim']);

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/**
 * @param {string} program its name @param {'threads' | 'sim'} mode @param {number} n
 * @param {Builds[]} ways the first is what the others are compared with
 * @param {number} rounds
 * @returns {Promise<Row[]>}
 */
async function measure(program, mode, n, ways, rounds) {
  const how = ['--mode', mode, '--procs', '1', ...mode === 'sim' ? ['--clock', 'measured'] : []];
  const node = SLEEPS.has(program) ? [] : [`--import=${new URL('cpu-clock.mjs', import.meta.url)}`];
  const built = await Promise.all(ways.map((by) => build(`tests/bench/${program}.c`, 'emscripten', { by })));
  /** By field, then by way. @type {Map<string, number[][]>} */
  const seen = new Map();
  for (let round = 0; round < rounds; round++) {
    for (const [i, path] of built.entries()) {
      const r = await exec(process.execPath, [...node, 'shell/cli.mjs', 'run', path, ...how, '--', String(n)],
        { timeoutMs: 300_000 });
      if (r.exitCode !== 0) throw new Error(`${program}, ${mode}, ${ways[i]}: ${told(r)}`);
      for (const [field, value] of Object.entries(JSON.parse(r.stdout))) {
        if (!field.endsWith('_ns')) continue;
        if (!seen.has(field)) seen.set(field, ways.map(() => []));
        seen.get(field)?.[i].push(value);
      }
    }
  }
  return [...seen].map(([field, values]) => ({ program, mode, what: field.replace('_ns', ''), unit: 'ns',
    whole: median(values[0]),
    merged: Object.fromEntries(ways.slice(1).map((by, i) => [by, { median: median(values[i + 1]),
      ratio: median(values[i + 1].map((value, round) => value / values[0][round])) }])) }));
}

/** @param {'threads' | 'sim'} mode @param {Builds[]} ways @param {number} rounds @returns {Promise<Row[]>} */
async function measureKernels(mode, ways, rounds) {
  const built = await Promise.all(ways.map((by) => build('tests/bench/kernels.c', 'emscripten', { by })));
  const kernels = await compareKernels(built, mode, rounds);
  return Object.entries(kernels).map(([what, { ms, ratios }]) => ({ program: 'kernels', mode, what, unit: 'ms',
    whole: ms, merged: Object.fromEntries(ways.slice(1).map((by, i) => [by,
      { median: ms * ratios[i], ratio: ratios[i] }])) }));
}

/**
 * @param {{ names: string[], ways: Builds[], modes: ('threads' | 'sim')[], rounds: number, scale: number,
 *   say?: (row: Row) => void }} options
 * @returns {Promise<Row[]>}
 */
export async function measureBothWays({ names, ways, modes, rounds, scale, say = () => {} }) {
  // Not the floor, which is made of the runtime's own parts, nor what is measured from outside.
  const runs = RUNS.filter((r) => r.procs === 1 && !r.trace && !['floor', 'idle'].includes(r.program));
  const isWanted = (/** @type {string} */ program) => names.length === 0 || names.includes(program);
  /** @type {Row[]} */
  const rows = [];
  for (const mode of modes) {
    for (const { program, n } of runs.filter((r) => isWanted(r.program))) {
      rows.push(...await measure(program, mode, Math.max(2, Math.round(n * scale)), ways, rounds));
      rows.slice(rows.findLastIndex((r) => r.program !== program || r.mode !== mode) + 1).forEach(say);
    }
    if (!isWanted('kernels')) continue;
    const kernels = await measureKernels(mode, ways, rounds);
    kernels.forEach(say);
    rows.push(...kernels);
  }
  return rows;
}

/** @param {Row} row */
function line({ program, mode, what, unit, whole, merged }) {
  const of = Object.entries(merged).map(([by, { median, ratio }]) =>
    `${by} ${median.toFixed(1)} (${ratio.toFixed(3)}${ratio > SLOWER ? ' slower' : ''})`.padEnd(32));
  return `${program.padEnd(9)} ${mode.padEnd(7)} ${what.padEnd(11)} ${whole.toFixed(1).padStart(9)} ${unit}  ` +
    of.join(' ').trimEnd();
}

const text = { type: /** @type {const} */ ('string') }, many = { ...text, multiple: true };
const { values: o, positionals: names } = parseArgs({ allowPositionals: true,
  options: { json: { type: 'boolean' }, rounds: text, scale: text, by: many, mode: many } });
const ways = /** @type {Builds[]} */ (['build.sh', ...o.by ?? ['shipped', 'clang']]);
const rows = await measureBothWays({ names, ways, rounds: Number(o.rounds ?? 9), scale: Number(o.scale ?? 0.25),
  modes: MODES.filter((mode) => !o.mode || o.mode.includes(mode)),
  say: (row) => { if (!o.json) console.log(line(row)); } });
if (rows.length === 0) throw new Error(`there is no benchmark called ${names.join(' or ')}`);
const machine = { cpu: cpus()[0].model, processors: cpus().length, load: loadavg()[0], node: process.version };
if (o.json) console.log(JSON.stringify({ ...machine, rows }, null, 2));
for (const by of ways.slice(1)) {
  const ratios = rows.map((r) => r.merged[by].ratio);
  const slower = rows.filter((r) => r.merged[by].ratio > SLOWER);
  const mean = Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length);
  const sum = `${by}: ${rows.length} rows, ${slower.length} slower by over 5 %; mean ${mean.toFixed(3)}`;
  if (!o.json) console.log(sum);
}
