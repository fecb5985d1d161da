// A short range of seeds of every program; `npm run sim -- --seeds A..B` runs longer ones. And that a seed alone
// does what it did among others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL, LONG, build, exec } from '../lib/run.mjs';
import { manyRuns, runSeeds, summary } from './seeds.mjs';

/** Building a program takes as long as a hundred of its runs: those that would run once are left to the long test. */
const MOST = LONG ? undefined : ALL ? 100 : 10, LAST = LONG ? 101 : ALL ? 61 : 21;

test(`seeds 1..${LAST} of all programs${LONG ? '' : ' that run with several of them'}`, async (t) => {
  const seen = await runSeeds(1, LAST, { most: MOST, wasm: ALL ? undefined : 0 });
  for (const kind of /** @type {const} */ (['native', 'wasm'])) {
    t.diagnostic(summary(kind, seen[kind]));
    assert.equal(seen[kind].failures.slice(0, 3).join('\n'), '');
  }
  assert.ok(seen.native.runs > 10 * LAST && seen.native.traced > 0.4 * LAST, 'they have run');
  assert.ok(!ALL || seen.wasm.runs > 5, 'also as wasm');
});

test('a seed that fails is told with the command that makes it fail alone', async () => {
  const program = await build('tests/programs/sometimes.c', 'native-check');
  const { runs, failures } = await manyRuns(program, [], 1, 40);
  assert.equal(runs, 40);
  assert.ok(failures.length > 0 && failures.length < 40, `${failures.length} of 40 seeds fail`);
  for (const f of failures.slice(0, 5)) {
    const m = /^seed (\d+) failed, exit code 3: (.*)\n([^]*)$/.exec(f);
    assert.ok(m, f);
    const again = await exec('sh', ['-c', m[2]]);
    assert.equal(again.exitCode, 3);
    assert.equal(again.stdout.trim(), m[3].trim());
  }
});
