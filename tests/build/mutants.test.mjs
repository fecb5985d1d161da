// Mistakes put into the passes are seen by the random programs: three of them, all with TESTS=long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LONG } from '../lib/run.mjs';
import { FEW, MUTANTS, WAYS, seen } from './mutants.mjs';

const limits = LONG ? {} : { files: 1, ways: WAYS.slice(0, 1) };

test('the passes as they are show nothing', async () => assert.equal(await seen(null, limits), null));

for (const m of LONG ? MUTANTS : MUTANTS.filter(({ name }) => FEW.includes(name))) {
  test(`${m.name}: seen`, async (t) => {
    const s = await seen(m, limits);
    assert.ok(s, `wasm/passes/${m.file}`);
    t.diagnostic(`build ${s.builds}, ${s.what}`);
  });
}
