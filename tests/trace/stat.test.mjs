// Goal: `goroscope stat` gives the figures of Go's own goroutine summary, and totals that add up.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildInTree, goroot } from '../lib/goroot.mjs';
import { OPTION } from '../../viewer/trace/store.mjs';
import { assemble } from './assemble.mjs';
import { comparable, hashOfFigures } from './figures.mjs';
import { read } from './reader.mjs';
import { busy, oneM, twoGenerations } from './samples.mjs';

const recorded = fileURLToPath(new URL('recorded/', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'goroscope-stat-'));
after(() => rmSync(scratch, { recursive: true }));

/** @param {Uint8Array} bytes @returns {Promise<any>} */
const stat = async (bytes) => (await read(bytes, { options: OPTION.STAT | OPTION.NO_INDEX })).store.stat();

const root = goroot();
if (!root) console.log('Go was not asked for its summary: ' +
  'its figures are compared by the hashes recorded in tests/trace/summaries.json');
const samples = Object.entries({ busy, twoGenerations, one: oneM('') }).map(([name, text]) => {
  writeFileSync(join(scratch, name), assemble(text));
  return join(scratch, name);
});
const files = [...samples, ...readdirSync(recorded).filter((f) => f.endsWith('.trace')).map((f) => join(recorded, f))];
const summaries = fileURLToPath(new URL('summaries.json', import.meta.url));
const had = JSON.parse(readFileSync(summaries, 'utf8'));

test('every goroutine has the figures of Go\'s summary, as recorded: samples and real programs', {
  skip: process.env.RECORD_VERDICTS === '1',
}, async () => {
  for (const file of files) {
    const { events, by_goroutine } = await stat(readFileSync(file));
    assert.equal(hashOfFigures([events, comparable(by_goroutine)]), had[basename(file)], file);
  }
});

test('every goroutine has the figures of Go\'s summary, asked anew', {
  skip: root ? false : 'no Go source tree',
}, async () => {
  const program = buildInTree(/** @type {string} */ (root), 'goroscopesummary', scratch,
    fileURLToPath(new URL('go/summary/summary.go', import.meta.url)));
  const reports = execFileSync(program, files, { encoding: 'utf8', maxBuffer: 1 << 28 }).trim().split('\n')
    .map((line) => JSON.parse(line));
  const now = Object.fromEntries(files.map((file, i) =>
    [basename(file), hashOfFigures([reports[i].events, comparable(reports[i].goroutines)])]));
  if (process.env.RECORD_VERDICTS === '1') writeFileSync(summaries, `${JSON.stringify(now, null, 2)}\n`);
  else assert.deepEqual(now, had);
  for (const [i, file] of files.entries()) {
    const ours = await stat(readFileSync(file));
    assert.equal(ours.events, reports[i].events, file);
    assert.deepEqual(comparable(ours.by_goroutine), comparable(reports[i].goroutines), file);
  }
});

test('functions and reasons are the sums of their goroutines', async () => {
  for (const name of readdirSync(recorded).filter((f) => f.endsWith('.trace'))) {
    const s = await stat(readFileSync(join(recorded, name)));
    assert.equal(s.by_goroutine.length, s.goroutines);
    for (const f of s.functions) {
      const own = s.by_goroutine.filter((/** @type {any} */ g) => g.fn === f.fn);
      assert.equal(f.goroutines, own.length);
      for (const key of ['running_ns', 'runnable_ns', 'waiting_ns', 'syscall_ns', 'syscall_blocked_ns', 'total_ns']) {
        assert.equal(f[key], own.reduce((/** @type {number} */ n, /** @type {any} */ g) => n + g[key], 0),
          `${name} ${f.fn} ${key}`);
      }
    }
    for (const { reason, ns } of s.waiting) {
      assert.equal(ns, s.by_goroutine.reduce((/** @type {number} */ n, /** @type {any} */ g) =>
        n + (g.waiting[reason] ?? 0), 0), `${name} ${reason}`);
    }
    const { count, p50_ns, p90_ns, p99_ns, p999_ns, max_ns } = s.latency;
    assert.ok(count > 0 && p50_ns <= p90_ns && p90_ns <= p99_ns && p99_ns <= p999_ns && p999_ns <= max_ns,
      JSON.stringify(s.latency));
  }
});

test('GC, stops of the world, assists, sweeps and latencies by hand', async () => {
  const s = await stat(assemble(oneM(`STWBegin dt=10 kind=6 stack=0
STWEnd dt=30
GCBegin dt=1 gc_seq=7 stack=0
GCMarkAssistBegin dt=9 stack=0
GCMarkAssistEnd dt=25
GCEnd dt=15 gc_seq=8
GCSweepBegin dt=1 stack=0
GCSweepEnd dt=1 swept=4096 reclaimed=1024
GoStop dt=10 reason=5 stack=1
GoStart dt=77 g=1 g_seq=1
GoBlock dt=5 reason=1 stack=1
GoUnblock dt=5 g=1 g_seq=2 stack=0
GoStart dt=1000000 g=1 g_seq=3`)));
  assert.deepEqual(s.stw, [{ kind: 'GC mark termination', count: 1, ns: 30, max_ns: 30 }]);
  assert.deepEqual(s.gc, { cycles: 1, mark_ns: 49, assists: 1, assist_ns: 25, sweeps: 1, swept_bytes: 4096,
    reclaimed_bytes: 1024 });
  assert.equal(s.latency.count, 2);
  assert.deepEqual([s.latency.p50_ns, s.latency.p90_ns, s.latency.max_ns], [77, 1_000_000, 1_000_000]);
  assert.equal(s.latency.sum_ns, 1_000_077);
  const [g] = s.by_goroutine;
  assert.deepEqual(g.waiting, { 'chan receive': 5 });
  assert.deepEqual(g.ranges,
    { 'stop-the-world (GC mark termination)': 30, 'GC mark assist': 25, 'GC incremental sweep': 1 });
  assert.equal(g.runnable_ns, 1_000_077);
});
