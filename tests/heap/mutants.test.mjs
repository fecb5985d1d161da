// Each mistake put into the heap is seen by some seed of the programs of this folder.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rarely } from '../lib/run.mjs';
import { MUTANTS, seen } from './mutants.mjs';

for (const m of MUTANTS) {
  test(`${m.name}: seen`, { skip: (m.seeds ?? 0) > 500 ? rarely : false }, async (t) => {
    const s = await seen(m);
    assert.ok(s, `${m.file}, ${m.by}, seeds 1..${m.seeds ?? 50}`);
    t.diagnostic(`${m.by}: ${s.runs} runs`);
  });
}
