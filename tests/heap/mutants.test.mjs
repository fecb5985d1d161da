// Each mistake put into the heap is seen by some seed of the programs of this folder: four of them, all with
// TESTS=long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosen } from '../lib/mutants.mjs';
import { FEW, MUTANTS, seen } from './mutants.mjs';

for (const m of chosen(MUTANTS, FEW)) {
  test(`${m.name}: seen`, async (t) => {
    const s = await seen(m);
    assert.ok(s, `${m.file}, ${m.by}, seeds 1..${m.seeds ?? 50}`);
    t.diagnostic(`${m.by}: ${s.runs} runs`);
  });
}
