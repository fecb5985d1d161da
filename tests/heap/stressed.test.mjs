// Programs of other folders that live from the collector's heap, with a cycle before each block, goroutine and channel
// (stressed.h): whatever a goroutine is at when the world is stopped for a cycle, it goes on as if nothing had been.
// All of them: npm run test:long.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { LONG, OUT, ROOT, build, native, rarely, run, sim, slot, threads, told } from '../lib/run.mjs';

const FOLDERS = ['tests/unit', 'tests/conformance', 'tests/stress'];

/** What makes so many goroutines or blocks that it takes minutes. */
const NOT = ['memory.c', 'procs.c', 'segments.c', 'spawn.c'];

/** What runs each time. */
const FEW = ['unit/chan', 'unit/context', 'unit/iter', 'unit/jump', 'unit/select', 'unit/syscall', 'stress/coro']
  .map((name) => `tests/${name}.c`);

const programs = FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder)).sort()
  .filter((f) => f.endsWith('.c') && !NOT.includes(f)).map((f) => `${folder}/${f}`));

const folder = join(OUT, 'stressed');
mkdirSync(folder, { recursive: true });

/** @param {string} program @returns {string} a source that is that program behind stressed.h */
function stressed(program) {
  const path = join(folder, `${basename(join(program, '..'))}_${basename(program)}`);
  writeFileSync(path, ['tests/heap/stressed.h', program]
    .map((f) => `#include "${relative(folder, join(ROOT, f))}"\n`).join(''));
  return relative(ROOT, path);
}

for (const port of [native(4), threads(4), ...(LONG ? [native(1), threads(1), sim(4)] : [])]) {
  describe(port.name, { concurrency: true }, () => {
    for (const program of programs) {
      const some = port.target === 'native' ? FEW : FEW.slice(0, 1);
      test(program, { skip: some.includes(program) ? false : rarely }, async () => {
        const inside = basename(program) === 'outside.c'; // it calls functions of the runtime's
        const built = await build(stressed(program), port.target, { inside });
        const r = await slot(() => run(port, built, [], { timeoutMs: 300_000, debug: 'gcstress=1' }));
        assert.equal(r.exitCode, 0, told(r));
        assert.match(r.stdout, /^[1-9]\d* passed$|: ok \(0 broken\)$/m, told(r));
      });
    }
  });
}
