// A large function does not keep the build for minutes. (Found by the property test: clang 22 leaves the steps of its
// computations on the stack of operands, so it has few locals before asyncify.)
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { run, sim, slot, threads, told } from '../lib/run.mjs';
import { TOOLCHAINS, madeKit, unused } from './toolchains.mjs';

/** @param {number} n variables that live over a call, not optimised */
async function built(n) {
  const file = unused('.c'), each = (/** @type {(i: number) => string} */ f) =>
    Array.from({ length: n }, (_, i) => f(i)).join(' ');
  writeFileSync(file, `#include <goroscope.h>
#include <stdio.h>
static volatile unsigned from[64] = {7, 1, 5};
static unsigned f(unsigned h) {
  ${each((i) => `unsigned long long x${i} = (from[(h + ${i}u) & 63] ^ ${i}u) & 0xffffffu;`)}
  gr_yield();
  ${each((i) => `h = h * 31u + (unsigned)x${i};`)}
  return h;
}
int gr_main(int argc, char **argv) { (void)argv; printf("%u\\n", f((unsigned)argc)); return 0; }
`);
  const begun = performance.now();
  const { wasm, failed } = await TOOLCHAINS.shipped(file, { level: 0, points: true, toolchain: 'shipped' });
  assert.ok(wasm, failed);
  return { wasm, ms: performance.now() - begun };
}

test('a thousand variables are built in a few times what half of them take, and right', async () => {
  await madeKit();
  await built(10); // starts what builds
  const half = Math.min((await built(510)).ms, (await built(510)).ms);
  const { wasm, ms } = await built(1020);
  assert.ok(ms < 3 * half, `510: ${half} ms, 1,020: ${ms} ms`);
  let h = 1;
  for (let i = 0; i < 1020; i++) h = (Math.imul(h, 31) + (([7, 1, 5][(1 + i) & 63] ?? 0) ^ i)) >>> 0;
  for (const port of [threads(2), sim(2)]) {
    const r = await slot(() => run(port, wasm));
    assert.equal(r.stdout, `${h}\n`, told(r));
  }
});
