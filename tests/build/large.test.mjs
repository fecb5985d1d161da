// A large function does not keep the build for minutes. (Found by the property test: clang 22 leaves the steps of its
// computations on the stack of operands, so it has few locals before asyncify.)
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import binaryen from 'binaryen';
import { Builder } from '../../shell/cli/builder.mjs';
import { installedCompiler } from '../../shell/cli/compiler.mjs';
import { FOLDERS } from '../../shell/cli/make.mjs';
import { longestFunction } from '../../wasm/cc/longest.mjs';
import { makeProgram } from '../../wasm/cc/program.mjs';
import { buildProgram } from '../../wasm/passes/build.mjs';
import { OPTIONS, clang, sourcesOf } from '../lib/cc.mjs';
import { LONG, alike, run, sim, slot, threads, told } from '../lib/run.mjs';
import { preparedKit } from '../passes/merged.mjs';
import { unused } from './toolchains.mjs';

const N = LONG ? 1020 : 300;

/** @param {number} n variables that live over a call, not optimised */
async function built(n) {
  const kit = await preparedKit();
  const each = (/** @type {(i: number) => string} */ f) => Array.from({ length: n }, (_, i) => f(i)).join(' ');
  const from = sourcesOf({ 'prog.c': `#include <goroscope.h>
#include <stdio.h>
static volatile unsigned from[64] = {7, 1, 5};
static unsigned f(unsigned h) {
  ${each((i) => `unsigned long long x${i} = (from[(h + ${i}u) & 63] ^ ${i}u) & 0xffffffu;`)}
  gr_yield();
  ${each((i) => `h = h * 31u + (unsigned)x${i};`)}
  return h;
}
int gr_main(int argc, char **argv) { (void)argv; printf("%u\\n", f((unsigned)argc)); return 0; }
` });
  const { wasm, text, steps } = await makeProgram(from, { ...OPTIONS, optimize: 0, preempt: true },
    { clang: await clang(), step() {}, libraries: async () => ({}),
      passes: async () => ({ buildProgram, binaryen, kit }) });
  assert.ok(wasm, text);
  // How long clang takes is not ours.
  return { wasm, ms: steps.filter(({ name }) => name !== 'compile').reduce((sum, { ms }) => sum + ms, 0) };
}

test('twice as many variables take the passes about twice as long, and are right', { skip: alike }, async () => {
  await built(10); // V8 gets to know the passes
  const half = await built(N / 2), { wasm, ms } = await built(N), path = unused('.wasm');
  assert.ok(ms < 6 * half.ms, // the fault was a hundred times; the machine may have done something else meanwhile
    `${N / 2}: ${half.ms} ms, ${N}: ${ms} ms`);
  writeFileSync(path, wasm);
  let h = 1;
  for (let i = 0; i < N; i++) h = (Math.imul(h, 31) + (([7, 1, 5][(1 + i) & 63] ?? 0) ^ i)) >>> 0;
  for (const port of [threads(2), sim(2)]) {
    const r = await slot(() => run(port, path));
    assert.equal(r.stdout, `${h}\n`, told(r));
  }
});

test('the longest function of a source, whatever stands in its strings and comments', () => {
  assert.deepEqual(longestFunction(`struct s { int x; } s = { 1 };
/* { */ static int a(int x) { return x + '}'; } // {
int b(void (*f)(int), const char *t)
{
  if (t) { puts("}{"); }
  return 0;
}
namespace n { int c() {
} }
`), { name: 'b', lines: 4 });
  assert.equal(longestFunction('int x;'), null);
});

test('clang that does not come to an end with a large function is ended, and the function named', async () => {
  const builder = new Builder({ compileMs: 1 });
  const lines = Array.from({ length: 3000 }, (_, i) => `  if (x & ${i}) x = x * 3 + ${i};\n`);
  const files = { '/d/big.c': `int small(void) { return 1; }\nint big(int x) {\n${lines.join('')}  return x;\n}\n` };
  const from = { files, sources: ['/d/big.c'], roots: [{ at: '/d/', shown: '' }] };
  const module = installedCompiler() ?? undefined;
  const built = builder.build({ from, compiler: { module }, options: OPTIONS, folders: FOLDERS }, () => {});
  await assert.rejects(built, { name: 'BuildError', file: 'big.c',
    message: 'clang has not ended within 0.001 s; the longest function is big with 3003 lines: '
      + 'make several of it, or try -O0' });
  assert.equal(builder.pid, undefined);
});
