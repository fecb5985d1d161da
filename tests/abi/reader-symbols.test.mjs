// Goal: every global C name of the trace reader begins with gt_, so that a program that links it may use any other name; and its rooms
// use each other in one direction.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from '../lib/run.mjs';
import { edges, globals, strangers } from '../lib/symbols.mjs';
import { readerIncludes, readerSources } from '../trace/sources.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'goroscope-symbols-'));
after(() => rmSync(scratch, { recursive: true }));
const cc = ['clang', 'gcc', 'cc'].find((c) => spawnSync(c, ['--version']).status === 0);
const why = !cc ? 'no C compiler here' : spawnSync('nm', ['--version']).status === 0 ? false : 'no nm here';

/** Each room, and whose names it may use. @type {Record<string, string[]>} */
const rooms = { base: [], decode: ['base'], state: ['base'], index: ['base', 'decode', 'state'], tell: ['base', 'decode', 'state'], order: ['base', 'decode', 'state', 'index', 'tell'] };

/** @param {string} source @returns {string} the object: ROOM.FILE.o */
function compiled(source) {
  const out = join(scratch, `${basename(dirname(source))}.${basename(source, '.c')}.o`);
  execFileSync(/** @type {string} */ (cc), ['-std=gnu11', '-O0', ...readerIncludes, '-c', source, '-o', out], { cwd: ROOT });
  return out;
}

test('gt_ and nothing else', { skip: why }, () => {
  const objects = readerSources.map(compiled);
  assert.ok(globals(objects).length > 100, `${globals(objects).length} global names`);
  assert.ok(globals(objects).some(({ name }) => name === 'gt_run'));
  assert.deepEqual(strangers(objects, ['gt_']), []);
  const room = (/** @type {string} */ object) => basename(object).split('.')[0];
  assert.deepEqual([...new Set(objects.map(room))].sort(), Object.keys(rooms).sort());
  const arrows = edges(objects).map(({ from, to, name }) => ({ from: room(from), to: room(to), what: `${basename(from)} uses ${name} of ${basename(to)}` }));
  assert.ok(arrows.length > 100, `${arrows.length} arrows`);
  assert.deepEqual(arrows.filter(({ from, to }) => from !== to && !rooms[from].includes(to)).map(({ what }) => what), []);
});

test('a name without the prefix is found', { skip: why }, () => {
  const source = join(scratch, 'ready.c');
  writeFileSync(source, 'int ready; void gt_ready(void) {} static void unseen(void) {} void (*spawn)(void) = unseen;\n');
  assert.deepEqual(strangers([compiled(source)], ['gt_']).map((s) => s.split(' ')[0]), ['ready', 'spawn']);
});
