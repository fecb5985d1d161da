// What is said of mistakes with the heap, and when there is no memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT, build, exec, native, run, sim, told } from '../lib/run.mjs';

const SOURCE = 'tests/heap/programs/misuse.c';

/** @type {Record<string, RegExp>} */
const SAID = {
  'root twice': /^fatal error: gr_root: the memory is a root already\n/,
  'unroot of none': /^fatal error: gr_unroot: the memory is no root, or of another size\n/,
  'unroot of another size': /^fatal error: gr_unroot: the memory is no root, or of another size\n/,
  'realloc of malloc\'s': /^fatal error: gr_realloc: the pointer is not one that gr_alloc has returned\n/,
  'realloc of the inside': /^fatal error: gr_realloc: the pointer is not one that gr_alloc has returned\n/,
  'cleanup of malloc\'s': /^fatal error: gr_cleanup_add: the pointer is not into a block of gr_alloc's\n/,
  'cleanup without function': /^fatal error: gr_cleanup_add: the function is NULL\n/,
  'cleanup with itself':
    /^fatal error: gr_cleanup_add: the argument is the block itself, which would never be freed\n/,
  'too many': /^panic: runtime error: makeslice: len out of range\n/,
};

for (const port of [native(2), sim(2)]) {
  test(`mistakes, ${port.name}`, async () => {
    const program = await build(SOURCE, port.target);
    for (const [what, said] of Object.entries(SAID)) {
      const r = await run(port, program, [what]);
      assert.equal(r.exitCode, 2, `${what}: ${told(r)}`);
      assert.match(r.stderr, said, `${what}: ${told(r)}`);
    }
  });
}

const NO_MEMORY =
  /^runtime: out of memory: cannot allocate \d+-byte block \(\d+ in use\)\nfatal error: out of memory\n/;

/** @param {string} what */
async function small(what) {
  const program = await build(SOURCE, 'emscripten');
  return exec(process.execPath, ['shell/cli.mjs', 'run', program, '--mode', 'sim', '--max-memory', '80M', '--', what],
    { cwd: ROOT });
}

test('no memory: a last collection, then Go\'s sentence', async () => {
  for (const what of ['out of memory', 'out of memory at once']) {
    const r = await small(what);
    assert.equal(r.exitCode, 2, `${what}: ${told(r)}`);
    assert.match(r.stderr, NO_MEMORY, `${what}: ${told(r)}`);
  }
});

test('no memory, but garbage: the program goes on', async () => {
  const r = await small('no memory, but garbage');
  assert.equal(r.stdout, 'enough\n', told(r));
});
