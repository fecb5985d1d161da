#!/usr/bin/env node
// read.mjs: how fast the reader is, natively, in wasm and beside Go's own:
// `node tests/bench/read.mjs [FILE] [--rounds N] [--check]`.
//
// Without FILE a trace of 5 million events is made. Each round runs every contender once, one after the other,
// so that what else the machine does hits all alike; medians are told, wall and CPU time (Go's collector
// works on other cores meanwhile: only its CPU time tells). Go's reader runs as `$GOROSCOPE_ORACLE bench FILE 1`.
// --check: exit code 1 below 2 times Go natively or 1.2 times in wasm.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nativeSpeed } from '../../viewer/trace/bench.mjs';
import { makeTrace } from './made-trace.mjs';

const child = fileURLToPath(new URL('read-child.mjs', import.meta.url));

/** @typedef {{events: number, wall: number, cpu: number, memory?: number, rss?: number}} Run */

/** @param {string} file @param {boolean} index @returns {Run} in a process of its own, for the memory's sake */
function wasm(file, index) {
  const run = spawnSync(process.execPath, [child, file, index ? 'index' : 'plain'], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

/** @param {string} file @param {boolean} index @returns {Run | null} */
function native(file, index) {
  const s = nativeSpeed(file, 1, { index });
  return s && { events: s.events, wall: s.best_s, cpu: s.cpu_s };
}

/** @param {string} file @returns {Run | null} */
function go(file) {
  const oracle = process.env.GOROSCOPE_ORACLE;
  if (!oracle) return null;
  const run = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$0" bench "$1" 1', oracle, file],
    { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  const { events, best_s } = JSON.parse(run.stdout);
  const [user, system] = run.stderr.trim().split(/\s+/).slice(-2).map(Number);
  return { events, wall: best_s, cpu: user + system };
}

/** @param {number[]} list */
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

const { values, positionals } = parseArgs({
  allowPositionals: true, options: { rounds: { type: 'string', default: '5' }, check: { type: 'boolean' } },
});
const scratch = mkdtempSync(join(tmpdir(), 'goroscope-bench-'));
try {
  const file = positionals[0] ?? join(scratch, 'made.trace');
  if (!positionals[0]) writeFileSync(file, makeTrace(5_000_000));
  /** @type {Array<[name: string, run: (file: string) => Run | null]>} */
  const contenders = [
    ['Go', go], ['native', (f) => native(f, false)], ['wasm', (f) => wasm(f, false)],
    ['native, with index', (f) => native(f, true)], ['wasm, with index', (f) => wasm(f, true)],
  ];
  /** @type {Map<string, Run[]>} */
  const runs = new Map(contenders.map(([name]) => [name, []]));
  for (let i = 0; i < Number(values.rounds); i++) {
    for (const [name, contender] of contenders) {
      const run = contender(file);
      if (run) runs.get(name)?.push(run);
    }
  }
  const goRuns = runs.get('Go') ?? [];
  const goWall = goRuns.length ? median(goRuns.map((r) => r.wall)) : NaN;
  const goCpu = goRuns.length ? median(goRuns.map((r) => r.cpu)) : NaN;
  console.log(`${file}: ${statSync(file).size} bytes, medians of ${values.rounds} rounds${
    goRuns.length ? '' : '; Go was not asked: GOROSCOPE_ORACLE is not set'}`);
  console.log(['', 'events', 'wall s', 'M events/s', 'to Go', 'CPU s', 'to Go', 'wasm MB', 'process MB']
    .map((s, i) => (i ? s.padStart(11) : s.padEnd(20))).join(''));
  let ok = true;
  for (const [name, list] of runs) {
    if (!list.length) continue;
    const [wall, cpu] = [median(list.map((r) => r.wall)), median(list.map((r) => r.cpu))];
    const { events, memory, rss } = list[0];
    const cells = [
      String(events), wall.toFixed(3), (events / wall / 1e6).toFixed(1),
      Number.isNaN(goWall) ? '' : (goWall / wall).toFixed(2), cpu.toFixed(3),
      Number.isNaN(goCpu) ? '' : (goCpu / cpu).toFixed(2), memory ? (memory / 2 ** 20).toFixed(0) : '',
      rss ? (rss / 2 ** 20).toFixed(0) : '',
    ];
    console.log(name.padEnd(20) + cells.map((c) => c.padStart(11)).join(''));
    if (goRuns.length && events !== goRuns[0].events) ok = false;
    if (name === 'native' && goWall / wall < 2) ok = false;
    if (name === 'wasm' && goWall / wall < 1.2) ok = false;
  }
  if (values.check && !ok) {
    console.error('slower than promised, or another number of events than Go counts');
    process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true });
}
