// Each mistake put into the runtime is seen, by the explorer or by some seed: one of each file or so, all with
// TESTS=long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosen } from '../lib/mutants.mjs';
import { FEW, MUTANTS, seen } from './mutants.mjs';

for (const m of chosen(MUTANTS, FEW)) {
  test(`${m.name}: seen`, async (t) => {
    const s = await seen(m);
    assert.ok(s, `${m.file}, ${m.by}${m.seeds ? `, seeds 1..${m.seeds}` : ''}`);
    t.diagnostic(`${m.by}: ${s.runs} runs`);
  });
}
