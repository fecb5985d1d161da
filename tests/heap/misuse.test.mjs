// What is said of mistakes with the heap, and when there is no memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT, build, exec, native, run, sim, threads, told } from '../lib/run.mjs';

const SOURCE = 'tests/heap/programs/misuse.c';

const NOT_RETURNED = /^fatal error: gr_root_free: the pointer is not one that gr_root_alloc has returned, or is free/;
const NO_BLOCK = /^fatal error: gr_cleanup_add: the pointer is not into a block of gr_alloc's\n/;

/** @type {Record<string, RegExp>} */
const SAID = {
  'root twice': /^fatal error: gr_root: the memory is a root already, made at \S*misuse\.c:12\n/,
  'root twice, by their address': /^fatal error: gr_root: the memory is a root already\n/,
  'unroot of none': /^fatal error: gr_unroot: the memory is no root\n/,
  'unroot of another size': /^fatal error: gr_unroot: the root is of another size, made at \S*misuse\.c:21\n/,
  'root of all there is': /^fatal error: gr_root: the range ends behind the end of memory\n/,
  'root behind the end': /^fatal error: gr_root: the range ends behind the end of memory\n/,
  'root_free of malloc\'s': NOT_RETURNED,
  'root_free twice': NOT_RETURNED,
  'layout NULL': /^fatal error: gr_alloc_layout: the layout is NULL; blocks without one are gr_alloc's\n/,
  'layout of 7 bytes': /^fatal error: gr_alloc_layout: the size of a layout is a multiple of a pointer's\n/,
  'layout of 0 bytes': /^fatal error: gr_alloc_layout: the size of a layout is a multiple of a pointer's\n/,
  'layout without offsets': /^fatal error: gr_alloc_layout: the layout has pointers, but its offsets are NULL\n/,
  'layout with an odd offset': /^fatal error: gr_alloc_layout: an offset of the layout is no multiple of a pointer's/,
  'layout with an offset outside':
    /^fatal error: gr_alloc_layout: an offset of the layout is no multiple .* or outside of the element\n/,
  'realloc of a free block': /^fatal error: gr_realloc: the pointer is not one that gr_alloc has returned\n/,
  'profile to nobody': /^fatal error: gr_heap_profile: the function that writes is NULL\n/,
  'figures to nowhere': /^fatal error: gr_read_gc_stats: the place for the figures is NULL\n/,
  'cleanup of a free block': NO_BLOCK,
  'cleanup of what is just behind': NO_BLOCK,
  'cleanup of a span\'s end': NO_BLOCK,
  'realloc of malloc\'s': /^fatal error: gr_realloc: the pointer is not one that gr_alloc has returned\n/,
  'realloc of the inside': /^fatal error: gr_realloc: the pointer is not one that gr_alloc has returned\n/,
  'cleanup of malloc\'s': NO_BLOCK,
  'cleanup without function': /^fatal error: gr_cleanup_add: the function is NULL\n/,
  'cleanup with itself':
    /^fatal error: gr_cleanup_add: the argument is the block itself, which would never be freed\n/,
  'too many': /^panic: runtime error: makeslice: len out of range\n/,
};

for (const port of [native(2), sim(2), threads(1)]) {
  test(`mistakes, ${port.name}`, async () => {
    const program = await build(SOURCE, port.target);
    for (const [what, said] of Object.entries(SAID)) {
      const r = await run(port, program, [what]);
      assert.equal(r.exitCode, 2, `${what}: ${told(r)}`);
      assert.match(r.stderr, said, `${what}: ${told(r)}`);
      if (/fatal error: gr_(root|unroot|cleanup_add|alloc_layout|realloc):/.test(r.stderr) && !what.endsWith('address'))
        assert.match(r.stderr, /\n\ngoroutine 1 \[running\]:\n\w+\(\.\.\.\)\n\t\S*misuse\.c:\d+\n/, told(r));
    }
  });
}

const NO_MEMORY =
  /^runtime: out of memory: cannot allocate \d+-byte block \(\d+ in use\)\nfatal error: out of memory\n/;

/** @param {string} what @param {string} [env] */
async function small(what, env = 'GOGC=100') {
  const program = await build(SOURCE, 'emscripten');
  return exec(process.execPath, ['shell/cli.mjs', 'run', program, '--mode', 'sim', '--max-memory', '80M', '--env', env,
    '--', what], { cwd: ROOT });
}

test('no memory: a last collection, then Go\'s sentence', async () => {
  for (const what of ['out of memory', 'out of memory at once', 'out of memory, beyond all numbers']) {
    const r = await small(what);
    assert.equal(r.exitCode, 2, `${what}: ${told(r)}`);
    assert.match(r.stderr, NO_MEMORY, `${what}: ${told(r)}`);
  }
});

test('no memory, but garbage: the program goes on', async () => {
  for (const env of ['GOGC=100', 'GOGC=off']) { // off: the first cycle of all is then
    const r = await small('no memory, but garbage', env);
    assert.equal(r.stdout, 'enough\n', `${env}: ${told(r)}`);
  }
});
