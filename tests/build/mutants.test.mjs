// Mistakes put into the passes are seen by the random programs: three of them, all with TESTS=long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosen } from '../lib/mutants.mjs';
import { LONG } from '../lib/run.mjs';
import { FEW, MUTANTS, WAYS, seen } from './mutants.mjs';

const limits = LONG ? {} : { files: 1, ways: WAYS.slice(0, 1) };

test('the passes as they are show nothing', async () => assert.equal(await seen(null, limits), null));

for (const m of chosen(MUTANTS, FEW)) {
  test(`${m.name}: seen`, async (t) => {
    const s = await seen(m, limits);
    assert.ok(s, `wasm/passes/${m.file}`);
    t.diagnostic(`build ${s.builds}, ${s.what}`);
  });
}

test('passes that are broken show nothing: what they throw is no sign', async () => {
  const broken = { name: 'broken', file: 'asyncify.mjs', from: "m.runPasses(['asyncify']);", to: 'm.nothing();' };
  await assert.rejects(seen(broken, { files: 1, ways: WAYS.slice(0, 1) }), /m\.nothing is not a function/);
  const refusing = { ...broken, to: "throw new BuildError('no');" };
  await assert.rejects(seen(refusing, { files: 1, ways: WAYS.slice(0, 1) }), { name: 'BuildError', message: 'no' });
  assert.match((await seen({ ...refusing, fails: /^no$/ }, limits))?.what ?? '', /: does not build: no$/);
  const invalid = { ...broken, file: 'merge.mjs', from: 'known(kit.functions.get(i.name)?.index, i.name)', to: '1e6' };
  await assert.rejects(seen(invalid, { files: 1, ways: WAYS.slice(0, 1) }), /CompileError|function index/);
});
