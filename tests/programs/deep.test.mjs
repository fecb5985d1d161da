// Deep recursion: as deep as the limit that the host sets, in frames of 64 bytes, and with switches far down.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, run, sim, slot, threads, told } from '../lib/run.mjs';

for (const port of [threads(2), sim(2)]) { // under wasi the stack of the process itself would have to be as large
  for (const [levels, every] of [[100_000, 0], [100_000, 20_000]]) {
    test(`${levels} frames, a switch at every ${every}th: ${port.name}`, async () => {
      const program = await build('tests/programs/deep.c', port.target);
      const r = await slot(() => run(port, program, [String(levels), String(every)], {
        stackBytes: 64 << 20, timeoutMs: 120_000,
      }));
      assert.equal(r.exitCode, 0, told(r));
      assert.equal(r.stdout, `${levels * (levels + 1) / 2}\n`.repeat(2));
    });
  }
}

test('deeper than the limit', async () => {
  const program = await build('tests/programs/deep.c', 'emscripten');
  const r = await slot(() => run(threads(1), program, ['100000'], { stackBytes: 4 << 20, timeoutMs: 120_000 }));
  assert.equal(r.exitCode, 2, told(r));
  assert.match(r.stderr, /^runtime: goroutine stack exceeds 4194304-byte limit\nfatal error: stack overflow\n/);
});
