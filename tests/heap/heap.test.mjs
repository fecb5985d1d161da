// The programs of this folder in every driver: what is pointed to lives, what is not goes, and those that live from a
// collector print the same everywhere, also with a cycle before each block (gcstress).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ALL, build, buildTogether, native, rarely, run, sim, slot, threads, told, wasi } from '../lib/run.mjs';

/** @typedef {import('../lib/run.mjs').Port} Port */

/** @type {Port} */
const nativeSim = { ...native(3), name: 'native, sim', mode: 'sim', clock: 'virtual', seed: 1 };

const CLASSICS = `128 trees of depth 4: 3968
8 trees of depth 8: 4088
long lived tree of depth 9: 1023
map: 600 left, sum 359400
ring: 105 hops
lists: 256 nodes, sum 32896
graph: 4071 vertices in 12 rounds
`;

const FOLDER = 'tests/heap/programs/';
const TOGETHER = ['roots', 'classics', 'churn'];

/** Lines of roots: one for each kind of place. */
const KINDS = 30;

/**
 * @param {Port} port @param {string} name @param {import('../lib/run.mjs').RunOptions} [options]
 * @param {import('../lib/run.mjs').BuildOptions} [how]
 */
async function ran(port, name, options = {}, how = {}) {
  const isWasi = port.target === 'wasi';
  const built = isWasi ? await buildTogether('heap', TOGETHER.map((f) => `${FOLDER}${f}.c`))
    : await build(`${FOLDER}${name}.c`, port.target, how);
  const args = [...isWasi ? [name] : [], ...port.mode === 'threads' && name === 'roots' ? ['--parallel'] : []];
  const r = await slot(() => run(port, built, args, { timeoutMs: 120_000, ...options }));
  assert.equal(r.exitCode, 0, told(r));
  assert.equal(r.stderr, '', told(r));
  return r.stdout;
}

/** @param {string} name @param {string} stdout */
function right(name, stdout) {
  if (name === 'classics') assert.equal(stdout, CLASSICS);
  else assert.equal(stdout.split('\n').length - 1, name === 'roots' ? KINDS : 1, stdout);
}

const MORE = [native(1), nativeSim, threads(1), sim(1), wasi(3)];

for (const port of [native(4), threads(4), sim(4), ...ALL ? MORE : []]) {
  describe(port.name, () => {
    for (const name of TOGETHER) test(name, async () => right(name, await ran(port, name)));
  });
}

describe('a cycle before each block', () => {
  for (const port of [nativeSim, threads(4), ...ALL ? [native(4), sim(3)] : []]) {
    for (const name of TOGETHER) {
      const often = name === 'classics' && port !== nativeSim; // 20,000 cycles
      test(`${name}, ${port.name}`, { skip: often ? rarely : false }, async () =>
        right(name, await ran(port, name, { debug: 'gcstress=1' })));
    }
  }
});

describe('whole, by build.sh', { skip: rarely }, () => {
  for (const name of TOGETHER)
    test(name, async () => right(name, await ran(threads(4), name, {}, { by: 'build.sh' })));
});

describe('other numbers of Ps and seeds', { skip: rarely }, () => {
  for (const port of [threads(2), sim(2, 7), sim(8, 8), wasi(1)])
    for (const name of TOGETHER) test(`${name}, ${port.name}`, async () => right(name, await ran(port, name)));
});
