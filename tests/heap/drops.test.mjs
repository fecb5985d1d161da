// What a conservative collector still holds of what a program has dropped, beside Go's collector, which knows each
// pointer: never twice as much. Other lengths, and Go itself: node tests/heap/beside-go.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LONG, build, native, rarely, run, sim, slot, threads, told } from '../lib/run.mjs';

/** Bytes live after each round of drops/drops.go, by Go 1.27.3. Some kilobytes differ from run to run. */
const GO = [
  4845808, 4333776, 4620008, 4863848, 5278504, 5513992, 4589408, 6079648, 4613024, 4480440, 4565880, 5340792,
  4030712, 4552808, 5003704, 5448424, 6522152, 5152800, 4101816, 5473616, 5287352, 4725768, 5131384, 4828680,
  6190856, 4576904, 6670136, 6364936, 4487120, 6162640, 5579320, 4759696, 5692136, 5068360, 4691024, 4647312,
  5011448, 4840896, 4914712, 4504320, 6535024, 5872304, 5313720, 5333456, 4828072, 6656904, 4019088, 6600744,
  5348656, 4635248, 4797208, 6628376, 5332072, 5746400, 5814304, 5574888, 4807616, 5507280, 3796456, 4818976,
];

const rounds = LONG ? GO.length : 20;

for (const port of [native(2), sim(2), threads(2)]) {
  test(`what is dropped goes, ${port.name}`, { skip: port.mode === 'threads' && port.target !== 'native' && rarely },
    async () => {
      const built = await build('tests/heap/drops/drops.c', port.target);
      const r = await slot(() => run(port, built, [String(rounds)], { timeoutMs: 120_000 }));
      assert.equal(r.exitCode, 0, told(r));
      const live = r.stdout.trim().split('\n').map(Number);
      assert.equal(live.length, rounds);
      for (const [i, bytes] of live.entries()) assert.ok(bytes < 2 * GO[i], `round ${i}: ${bytes}, Go's ${GO[i]}`);
    });
}
