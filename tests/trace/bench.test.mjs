// Goal: `goroscope bench read` tells what its contract says, and counts events as Go's reader does.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { alike } from '../lib/run.mjs';
import { oracle } from '../lib/verdicts.mjs';

const cli = fileURLToPath(new URL('../../shell/cli.mjs', import.meta.url));
const file = fileURLToPath(new URL('recorded/go1.27-gc.trace', import.meta.url));
const GO_COUNTS = 31251; // events in it, as Go's reader counts them
const cc = ['clang', 'gcc', 'cc'].some((c) => spawnSync(c, ['--version']).status === 0);

/** @param {string[]} args */
const bench = (...args) => spawnSync(process.execPath, [cli, 'bench', ...args], { encoding: 'utf8' });

test('one JSON object: wasm and native, bytes, events, seconds, events per second', { skip: alike }, () => {
  const { wasm, native } = JSON.parse(bench('read', file, '2').stdout);
  for (const speed of cc ? [wasm, native] : [wasm]) {
    assert.equal(speed.bytes, statSync(file).size);
    assert.equal(speed.events, wasm.events);
    assert.ok(speed.best_s > 0 && Math.abs(speed.events_per_s * speed.best_s - speed.events) < speed.events / 100,
      JSON.stringify(speed));
  }
  if (!cc) assert.equal(native, null);
  assert.equal(wasm.events, GO_COUNTS);
  if (oracle)
    assert.equal(JSON.parse(execFileSync(oracle, ['bench', file, '1'], { encoding: 'utf8' })).events, GO_COUNTS);
  else console.log('Go was not asked how many events there are: what it once said is compared');
});

test('mistakes are told in one sentence', () => {
  for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
    [[], /bench needs: read FILE N/], [['write', file, '1'], /bench needs: read FILE N/],
    [['read', file], /bench needs/],
    [['read', file, '0'], /N must be a whole number from 1 to 10000, not "0"/],
    [['read', '/nowhere', '1'], /\/nowhere cannot be read/], [['read', cli, '1'], /not a Go execution trace/],
  ])) {
    const { status, stderr, stdout } = bench(...args);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, message);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  }
});
