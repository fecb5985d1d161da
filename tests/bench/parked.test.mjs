// What a parked goroutine costs in memory: no more than in Go, however many there are. A million: `npm run
// bench:parked`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, run, sim, slot, threads, told, wasi } from '../lib/run.mjs';
import { WAYS, measure } from './parked.mjs';

for (const way of WAYS) {
  test(`100,000 parked goroutines: ${way.join(', ')} P`, {
    skip: process.platform !== 'linux' && 'resident memory is read from /proc',
  }, async () => {
    const { bytes_each: bytes } = await slot(() => measure(way, 100_000));
    assert.ok(bytes > 1000 && bytes <= 2.7 * 1024, `${bytes} bytes each`);
  });
}

for (const port of [threads(1), { ...sim(1), clock: /** @type {const} */ ('measured') }, wasi(1)]) {
  test(`stacks beyond 2 GiB: ${port.name}`, async () => {
    const r = await slot(async () => run(port, await build('tests/programs/high_memory.c', port.target), [],
      { timeoutMs: 120_000 }));
    assert.equal(r.exitCode, 0, told(r));
    const lines = r.stdout.trimEnd().split('\n');
    const high = Number(/^(\d+) high$/.exec(lines.pop() ?? '')?.[1]);
    assert.ok(high > 1000, `${high} stacks were beyond 2 GiB`);
    assert.equal(new Set(lines).size, 2000);
    for (const line of lines) assert.match(line, /^goroutine \d+$/);
  });
}
