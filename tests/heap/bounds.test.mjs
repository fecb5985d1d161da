// How large the heap becomes beside what lives, with and without a limit, and what part of the time marking has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL, build, native, run, sim, slot, threads, told } from '../lib/run.mjs';

/** @typedef {import('../lib/run.mjs').Port} Port */
/** @typedef {Record<'cycles' | 'most_live' | 'goal' | 'system' | 'mark_ns' | 'worker_ns', number>} Said */

/** @param {number} procs @returns {Port} */
const nativeSim = (procs) =>
  ({ ...native(procs), name: `native, sim, ${procs} P`, mode: 'sim', clock: 'virtual', seed: 1 });

/**
 * @param {Port} port @param {(string | number)[]} args @param {Record<string, string>} [env]
 * @returns {Promise<Said>}
 */
async function bounds(port, args, env = {}) {
  const built = await build('tests/heap/programs/bounds.c', port.target);
  const r = await slot(() => run(port, built, args.map(String), { env, timeoutMs: 120_000 }));
  assert.equal(r.exitCode, 0, told(r));
  return JSON.parse(r.stdout);
}

const MB = 1 << 20, LIVE = 10;

for (const port of [native(2), threads(2), ...ALL ? [nativeSim(2), sim(2)] : []]) {
  test(`garbage of 1000 bytes beside ${LIVE} MB, ${port.name}`, async () => {
    const { cycles, goal, system } = await bounds(port, ['garbage', LIVE, 800, 1000]);
    assert.ok(cycles > 800 / LIVE / 3, `${cycles} cycles`);
    assert.ok(goal < 4 * LIVE * MB, `a goal of ${goal}`);
    // The heap at its goal, its copy, and what was allocated while it was marked.
    assert.ok(system < 12 * LIVE * MB, `${(system / MB).toFixed(1)} MB in all`);
  });
  test(`the same within 64 MiB, GOGC=off, ${port.name}`, async () => {
    const env = { GOGC: 'off', GOMEMLIMIT: '64MiB' };
    const { cycles, system } = await bounds(port, ['garbage', LIVE, 800, 1000], env);
    assert.ok(system <= 68 * MB, `${(system / MB).toFixed(1)} MB in all`);
    assert.ok(cycles < 60, `${cycles} cycles, where each may have some 50 MB`);
  });
  test(`a limit below what lives takes no more than half of the time, ${port.name}`, async () => {
    const { cycles } = await bounds(port, ['garbage', LIVE, 100, 1000], { GOMEMLIMIT: '8MiB' });
    // One whenever a span is taken, 13,653, where nothing limits it; 200 to 400 in the second that is its to take.
    assert.ok(cycles >= 5 && cycles < 5000, `${cycles} cycles`);
  });
  test(`garbage of 1 MiB stays at its goal, ${port.name}`, async () => {
    const { most_live: live } = await bounds(port, ['garbage', 0, 1000, MB]);
    assert.ok(live <= 16 * MB, `${(live / MB).toFixed(1)} MB`);
  });
  // Where addresses have 32 bits a number that looks like one keeps such a block (docs/heap.md).
  const most = port.target === 'native' ? 8 : 40;
  test(`garbage of 20 MiB is a few blocks at a time, ${port.name}`, async () => {
    const { most_live: live } = await bounds(port, ['garbage', 0, 2000, 20 * MB]);
    assert.ok(live <= most * 20 * MB, `${live / 20 / MB} blocks`);
  });
}

for (const [procs, share] of ALL ? [[4, 0.25], [2, 0.25]] : [[4, 0.25]]) {
  test(`marking has its quarter beside 64 goroutines that compute, ${procs} P`, async () => {
    const port = nativeSim(procs);
    const before = await bounds(port, ['busy', 32, 0]), r = await bounds(port, ['busy', 32, 64]);
    const had = (r.worker_ns - before.worker_ns / 2) / procs / r.mark_ns;
    assert.ok(had > 0.7 * share, `${(100 * had).toFixed(1)} % in ${r.mark_ns / 1e6} ms`);
  });
}
