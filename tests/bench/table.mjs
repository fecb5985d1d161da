#!/usr/bin/env node
// table.mjs: the benchmark table: `npm run bench -- [--rounds N] [--only NAME]… [--json FILE] [--scale F]`; see
// docs/benchmarks.md.
//
// In each round every program runs once, each in a process of its own, ours and Go's by turns. What is compared was
// measured in the same round: a ratio is the median of the rounds' ratios, not the ratio of medians, so a slow
// minute of the machine cancels out.
import { writeFileSync } from 'node:fs';
import { cpus, devNull, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, run as runProgram, threads, told } from '../lib/run.mjs';
import { measureIdle } from './idle.mjs';
import { measure as measureParked } from './parked.mjs';
import { buildGo, runGo } from './peers.mjs';
import { ROWS, RUNS } from './rows.mjs';

/** @typedef {import('./rows.mjs').Fields} Fields */
/** @typedef {import('./rows.mjs').Run} Run */
/** @typedef {import('./rows.mjs').Row} Row */
/** @typedef {'ours' | 'go' | 'js'} Side */
/** Of the rounds' values. @typedef {{ median: number, min: number, max: number }} Spread */
/**
 * @typedef {{ row: Row, ours: Spread, go?: Spread, js?: Spread, ratio?: Spread, met: boolean | null }} Result
 *   ratio: ours to Go's; met: null if there is no goal, or Go to compare with is missing
 */
/** What ran in one round: run's id -> side -> what it said. @typedef {Map<string, Map<Side, Fields>>} Round */

/** @param {Run} run @param {number} n @param {number} scale @returns {Promise<Fields>} */
async function runOurs(run, n, scale) {
  if (run.program === 'parked') return measureParked(['emscripten', 'threads', run.procs], n);
  if (run.program === 'idle') return measureIdle(n, Math.ceil(5000 * Math.min(1, scale)));
  const program = await build(`tests/bench/${run.program}.c`, 'emscripten');
  const r = await runProgram(threads(run.procs), program, [String(n)], {
    timeoutMs: 300_000, ...(run.trace && { trace: devNull }),
  });
  if (r.exitCode !== 0) throw new Error(`${run.id}: ${told(r)}`);
  return JSON.parse(r.stdout);
}

/** @param {number[]} values @returns {Spread | undefined} undefined: there are none */
function spread(values) {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}

/**
 * @param {Row} row @param {Round} round @param {Side} side
 * @returns {number[]} one value, or none if that side did not run
 */
function valueOf(row, round, side) {
  const fields = row.runs.map((id) => round.get(id)?.get(side));
  const ran = fields.every((f) => f !== undefined);
  const value = ran ? row.value(.../** @type {Fields[]} */ (fields)) : undefined;
  return value === undefined ? [] : [value]; // what Go does not tell
}

/** @param {Row} row @param {Spread} ours @param {Spread | undefined} ratio @returns {boolean | null} */
function isMet({ goal }, ours, ratio) {
  if (!goal) return null;
  if ('times' in goal) return ratio ? ratio.median <= goal.times : null;
  if ('atMost' in goal) return ours.median <= goal.atMost;
  return 'atLeast' in goal ? ours.median >= goal.atLeast : ours.median > goal.above;
}

/** @param {Row} row @param {Round[]} rounds @returns {Result} */
function judge(row, rounds) {
  const all = (/** @type {Side} */ side) => spread(rounds.flatMap((round) => valueOf(row, round, side)));
  const ours = all('ours');
  if (!ours) throw new Error(`${row.name}: nothing was measured`);
  const ratio = spread(rounds.flatMap((round) => {
    const [[a], [b]] = [valueOf(row, round, 'ours'), valueOf(row, round, 'go')];
    return b > 0 ? [a / b] : [];
  }));
  return { row, ours, go: all('go'), js: all('js'), ratio, met: isMet(row, ours, ratio) };
}

/**
 * @param {{ rounds: number, scale: number, only: string[], say?: (line: string) => void }} options
 *   only: rows with one of these in group or name; scale: of all counts
 */
export async function measureAll({ rounds, scale, only, say = () => {} }) {
  const rows = ROWS.filter((r) => only.length === 0
    || only.some((part) => `${r.group}: ${r.name}`.toLowerCase().includes(part.toLowerCase())));
  if (rows.length === 0) throw new Error(`no row's name contains ${only.join(' or ')}`);
  const runs = RUNS.filter((run) => rows.some((row) => row.runs.includes(run.id)));
  const sources = runs.map((run) => `tests/bench/${run.program === 'idle' ? 'timers' : run.program}.c`);
  await Promise.all(sources.map((source) => build(source, 'emscripten', { inside: source.endsWith('/floor.c') })));
  const go = buildGo();
  const load = loadavg()[0];
  /** @type {Round[]} */
  const seen = [];
  for (let i = 0; i < rounds; i++) {
    /** @type {Round} */
    const round = new Map();
    for (const run of runs) {
      const n = Math.max(2, Math.round(run.n * scale));
      say(`round ${i + 1} of ${rounds}: ${run.id}`);
      const sides = new Map([['ours', await runOurs(run, n, scale)]]);
      for (const side of run.beside) {
        const command = go?.programs.get(side);
        if (command) sides.set(side, await runGo(command, run, n));
      }
      round.set(run.id, /** @type {Map<Side, Fields>} */ (sides));
    }
    seen.push(round);
  }
  const machine = {
    cpu: cpus()[0].model, processors: cpus().length, node: process.version, go: go?.version ?? null, load,
  };
  return { machine, rounds, scale, results: rows.map((row) => judge(row, seen)) };
}

/** @typedef {Awaited<ReturnType<typeof measureAll>>} Table */

// ---- as Markdown ----

/** @param {number} v @param {number} digits @returns {string} with so many significant digits, without an exponent */
const significant = (v, digits) => (v === 0 ? '0'
  : Math.abs(v) >= 10 ** digits ? String(Math.round(v)) : String(Number(v.toPrecision(digits))));

/** @param {Row} row @returns {(v: number) => string} */
function inUnit({ unit }) {
  if (unit === 'x') return (v) => `${v.toFixed(2)}x`;
  if (unit === 'share') return (v) => `${significant(100 * v, 2)} %`;
  return (v) => (unit === 'ns' && v >= 100_000 ? `${significant(v / 1000, 3)} us` : `${significant(v, 3)} ${unit}`);
}

/** @param {Row} row @returns {string} */
function goalText({ goal, ...row }) {
  const text = inUnit(row);
  if (!goal) return '';
  if ('times' in goal) return `≤ ${goal.times}x Go`;
  if ('atMost' in goal) return `≤ ${text(goal.atMost)}`;
  return 'atLeast' in goal ? `≥ ${text(goal.atLeast)}` : `> ${text(goal.above)}`;
}

/** @param {Table} table @returns {string} */
export function markdown({ machine, rounds, results }) {
  const missing = machine.go ? '' : 'not installed';
  const lines = [
    `${machine.cpu}, ${machine.processors} processors, load ${machine.load.toFixed(1)} at the beginning; ` +
      `node ${machine.node}, ` +
      `${machine.go ?? 'Go not installed'}; median (least to most) of ${rounds} rounds.`,
    '',
    '| row | ours | Go | Go js/wasm | ours / Go | goal | met |',
    '|---|---|---|---|---|---|---|',
  ];
  let group = '';
  for (const { row, ours, go, js, ratio, met } of results) {
    if (row.group !== group) lines.push(`| **${group = row.group}** | | | | | | |`);
    const text = inUnit(row);
    const one = (/** @type {Spread} */ s) => `${text(s.median)} (${text(s.min)} to ${text(s.max)})`;
    lines.push(`| ${row.name} | ${one(ours)} | ${go ? one(go) : missing} | ${js ? text(js.median) : missing} | ` +
      `${ratio ? ratio.median.toFixed(2) : ''} | ${goalText(row)} | ${met === null ? '' : met ? 'yes' : '**no**'} |`);
  }
  return lines.join('\n') + '\n';
}

// ---- the command ----

const USAGE = `usage: npm run bench -- [--rounds N] [--only PART]… [--json FILE] [--scale F]

  --rounds N    7 unless given
  --only PART   only rows whose name or group contains PART; may be repeated
  --json FILE   also writes every row there
  --scale F     all counts times F: 0.1 for a quick look
`;

async function main() {
  let o;
  try {
    const text = { type: /** @type {const} */ ('string') };
    o = parseArgs({
      options: {
        rounds: text, only: { ...text, multiple: true }, json: text, scale: text, help: { type: 'boolean' },
      },
    }).values;
  } catch (e) {
    process.stderr.write(`${/** @type {Error} */ (e).message}\n${USAGE}`);
    return 2;
  }
  const rounds = Number(o.rounds ?? 7);
  const scale = Number(o.scale ?? 1);
  if (o.help || !Number.isInteger(rounds) || rounds < 1 || !(scale > 0)) {
    process.stderr.write(USAGE);
    return o.help ? 0 : 2;
  }
  const tty = process.stderr.isTTY;
  const table = await measureAll({
    rounds, scale, only: o.only ?? [], say: (line) => void (tty && process.stderr.write(`\r\x1b[K${line}`)),
  });
  if (tty) process.stderr.write('\r\x1b[K');
  process.stdout.write(markdown(table));
  if (o.json) writeFileSync(o.json, JSON.stringify(table, null, 1) + '\n');
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
