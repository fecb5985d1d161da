// Goal: every global C name of the trace reader begins with gt_, so that a program that links it may use any other name.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from '../lib/run.mjs';
import { globals, strangers } from '../lib/symbols.mjs';
import { readerIncludes, readerSources } from '../trace/sources.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'goroscope-symbols-'));
after(() => rmSync(scratch, { recursive: true }));
const cc = ['clang', 'gcc', 'cc'].find((c) => spawnSync(c, ['--version']).status === 0);
const why = !cc ? 'no C compiler here' : spawnSync('nm', ['--version']).status === 0 ? false : 'no nm here';

/** @param {string} source */
function compiled(source) {
  const out = join(scratch, `${basename(source, '.c')}.o`);
  execFileSync(/** @type {string} */ (cc), ['-std=gnu11', '-O0', ...readerIncludes, '-c', source, '-o', out], { cwd: ROOT });
  return out;
}

test('gt_ and nothing else', { skip: why }, () => {
  const objects = readerSources.map(compiled);
  assert.ok(globals(objects).length > 100, `${globals(objects).length} global names`);
  assert.ok(globals(objects).some(({ name }) => name === 'gt_run'));
  assert.deepEqual(strangers(objects, ['gt_']), []);
});

test('a name without the prefix is found', { skip: why }, () => {
  const source = join(scratch, 'ready.c');
  writeFileSync(source, 'int ready; void gt_ready(void) {} static void unseen(void) {} void (*spawn)(void) = unseen;\n');
  assert.deepEqual(strangers([compiled(source)], ['gt_']).map((s) => s.split(' ')[0]), ['ready', 'spawn']);
});
