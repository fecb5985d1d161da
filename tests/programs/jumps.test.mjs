// longjmp where it must not go is a sentence, not a crash later; tests/unit/jump.c has what must work.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, run, sim, slot, threads, told, wasi } from '../lib/run.mjs';

const SENTENCE = new RegExp('^fatal error: longjmp: no function of this goroutine that is still running has set ' +
  'the jmp_buf\n\ngoroutine \\d+ \\[running\\]:\n');

for (const port of [threads(2), sim(1), wasi(1)]) {
  test(`longjmp: ${port.name}`, async () => {
    const program = await build('tests/programs/jumps.c', port.target);
    for (const how of ['returned', 'never-set', 'of-another']) {
      const r = await slot(() => run(port, program, [how]));
      assert.equal(r.exitCode, 2, told(r));
      assert.equal(r.stdout, '', told(r));
      assert.match(r.stderr, SENTENCE, told(r));
    }
    const r = await slot(() => run(port, program));
    assert.equal(r.exitCode, 0, told(r));
    assert.equal(r.stdout, 'ok\n');
  });
}
