// Traces that begin and end in the middle of a program, again and again: a short run of anew.mjs (`npm run anew -- N`
// makes a long one).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL, LONG } from '../lib/run.mjs';
import { beginAndEnd, summary } from './anew.mjs';

for (const [source, target, count] of /** @type {[string, 'native' | 'native-tsan', number][]} */ ([
  ['tests/programs/chatter.c', 'native', LONG ? 8 : 4],
  ...ALL ? [['tests/programs/chatter.c', 'native-tsan', 2]] : [],
  ...(ALL ? ['procs', 'outside', 'syscall', 'iter'] : [])
    .map((name) => [`tests/unit/${name}.c`, 'native', LONG ? 4 : 2]),
])) {
  test(`begun and ended again and again, ${target}: ${source}`, async (t) => {
    const seen = await beginAndEnd(count, { only: source, target });
    t.diagnostic(summary(seen));
    assert.equal(seen.rejected.join('\n'), '');
    assert.equal(seen.runs, count);
    assert.ok(seen.traces > count && seen.snapshots > 0, `${seen.traces} traces, ${seen.snapshots} snapshots`);
  });
}
