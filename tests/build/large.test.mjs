// A large function does not keep the build for minutes. (Found by the property test: clang 22 leaves the steps of its
// computations on the stack of operands, so it has few locals before asyncify.)
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { TOOLCHAINS, unused } from './toolchains.mjs';

test('a thousand variables that live over a call, not optimised', { timeout: 120_000 }, async () => {
  const file = unused('.c'), each = (/** @type {(i: number) => string} */ f) =>
    Array.from({ length: 1020 }, (_, i) => f(i)).join(' ');
  writeFileSync(file, `#include <goroscope.h>
static volatile unsigned from[64];
static unsigned f(unsigned h) {
  ${each((i) => `unsigned long long x${i} = (from[(h + ${i}u) & 63] ^ ${i}u) & 0xffffffu;`)}
  gr_yield();
  ${each((i) => `h = h * 31u + (unsigned)x${i};`)}
  return h;
}
int gr_main(int argc, char **argv) { (void)argv; return (int)(f((unsigned)argc) & 1u); }
`);
  const { wasm, failed } = await TOOLCHAINS.shipped(file, { level: 0, points: true, toolchain: 'shipped' });
  assert.ok(wasm, failed);
});
