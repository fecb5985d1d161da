// The cache of what was built: an entry is whole or not there, whoever else is at it, and the folder stays small.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, utimesSync,
  writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cacheFolder, clearWrittenBy, keep, keyOf, lookUp, trim, writeWhole } from '../../shell/cli/cache.mjs';
import { find, gather } from '../../shell/cli/sources.mjs';
import { ROOT } from '../lib/run.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'goroscope-cache-'));
after(() => rmSync(scratch, { recursive: true }));

const entry = { wasm: new Uint8Array(5000).map((_, i) => i * 7), text: 'prog.c:1:1: warning: ä\n' };

/** @param {string} name */
const folder = (name) => join(scratch, name);

test('what is kept is found, with what the compiler said', () => {
  keep(folder('a'), 'k', entry);
  assert.deepEqual(lookUp(folder('a'), 'k'), entry);
  assert.equal(lookUp(folder('a'), 'other'), null);
  assert.equal(lookUp(folder('none'), 'k'), null);
});

test('a damaged entry is not used, and goes', () => {
  const path = join(folder('b'), 'k');
  keep(folder('b'), 'k', entry);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at += 97) {
    const damaged = Buffer.from(whole);
    damaged[at] ^= 1;
    writeFileSync(path, damaged);
    assert.equal(lookUp(folder('b'), 'k'), null, `byte ${at}`);
    assert.equal(existsSync(path), false);
  }
  for (const length of [0, 1, 20, 60, whole.length - 1]) {
    writeFileSync(path, whole);
    truncateSync(path, length);
    assert.equal(lookUp(folder('b'), 'k'), null, `${length} bytes`);
  }
});

test('no list of values has the key of another', () => {
  const lists = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], [new TextEncoder().encode('abc')], []];
  assert.equal(new Set(lists.map(keyOf)).size, lists.length);
});

test('the entries not used longest go when the folder is full, and what a killed build left', () => {
  const dir = folder('c');
  mkdirSync(dir);
  for (const [i, name] of ['old', 'older', 'new', 'x.1.tmp', 'y.2.tmp'].entries()) {
    writeFileSync(join(dir, name), Buffer.alloc(1000));
    const age = [3000, 4000, 1, 7200, 2][i];
    utimesSync(join(dir, name), Date.now() / 1000 - age, Date.now() / 1000 - age);
  }
  trim(dir, 2500);
  assert.deepEqual(readdirSync(dir).sort(), ['new', 'y.2.tmp']);
});

test('what a killed build left in the cache folder goes with the next that is kept, folders too', () => {
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = folder('i');
  const top = cacheFolder();
  try {
    const ages = { 'clang-1.9.tmp': 7200, 'headers-2.8.tmp': 2, 'clang-1': 9000 };
    for (const [name, age] of Object.entries(ages)) {
      mkdirSync(join(top, name, 'in'), { recursive: true });
      utimesSync(join(top, name), Date.now() / 1000 - age, Date.now() / 1000 - age);
    }
    keep(join(top, 'builds'), 'k', entry);
    assert.deepEqual(readdirSync(top).sort(), ['builds', 'clang-1', 'headers-2.8.tmp']);
    clearWrittenBy(8);
    assert.deepEqual(readdirSync(top).sort(), ['builds', 'clang-1']);
    process.env.XDG_CACHE_HOME = join(top, 'builds/k'); // below a file
    clearWrittenBy(8);
  } finally {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  }
});

test('looking an entry up makes it one that was used', () => {
  const dir = folder('d');
  for (const key of ['a', 'b']) keep(dir, key, entry);
  for (const [key, age] of /** @type {const} */ ([['a', 300], ['b', 200]])) {
    utimesSync(join(dir, key), Date.now() / 1000 - age, Date.now() / 1000 - age);
  }
  lookUp(dir, 'a');
  trim(dir, 7000);
  assert.deepEqual(readdirSync(dir), ['a']);
});

test('many writers of one file leave it whole at each moment', async () => {
  const dir = folder('e'), path = join(dir, 'k');
  mkdirSync(dir);
  const script = `import { keep } from ${JSON.stringify(join(ROOT, 'shell/cli/cache.mjs'))};
    for (let i = 0; i < 60; i++) {
      keep(${JSON.stringify(dir)}, 'k', { wasm: new Uint8Array(200_000).fill(i), text: String(i) });
    }`;
  const args = ['--input-type=module', '-e', script];
  const writers = [1, 2].map(() => spawn(process.execPath, args, { stdio: 'inherit' }));
  const ended = Promise.all(writers.map((w) => new Promise((resolve) => w.on('close', resolve))));
  let isOver = false, found = 0;
  ended.then(() => (isOver = true));
  while (!isOver) {
    if (existsSync(path)) {
      const got = lookUp(dir, 'k');
      assert.ok(got, 'an entry that is there is whole');
      assert.ok(got.wasm.every((byte) => byte === Number(got.text)));
      found++;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(await ended, [0, 0]);
  assert.ok(found > 10);
  assert.deepEqual(readdirSync(dir), ['k']);
});

test('a file that cannot be written whole is not there, and the build does not mind its cache', async () => {
  const dir = folder('f');
  mkdirSync(dir);
  assert.throws(() => writeWhole(join(dir, 'no/such'), ['x']), /ENOENT/);
  // A limit on the size of files stands for a full disk: the write fails in its midst.
  const script = `import { keep, writeWhole } from ${JSON.stringify(join(ROOT, 'shell/cli/cache.mjs'))};
    process.on('SIGXFSZ', () => {});
    const wasm = new Uint8Array(1_000_000);
    keep(${JSON.stringify(dir)}, 'k', { wasm, text: '' });
    try { writeWhole(${JSON.stringify(join(dir, 'out'))}, [wasm]); } catch (e) { console.log(e.code); }`;
  const run = spawn('bash', ['-c', 'ulimit -f 100; exec "$0" --input-type=module -e "$1"', process.execPath, script]);
  let out = '';
  run.stdout.on('data', (text) => (out += text));
  await new Promise((resolve) => run.on('close', resolve));
  assert.equal(out, 'EFBIG\n');
  assert.deepEqual(readdirSync(dir), []);
});

test('a folder that may not be written is no failure', { skip: process.getuid?.() === 0 && 'root may write' }, () => {
  mkdirSync(folder('g'));
  chmodSync(folder('g'), 0o500);
  keep(folder('g'), 'k', entry);
});

test('the cache lies where the system keeps such things', () => {
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = '/x';
  assert.equal(cacheFolder(), join('/x', 'goroscope'));
  delete process.env.XDG_CACHE_HOME;
  assert.match(cacheFolder(), /goroscope/);
  if (before !== undefined) process.env.XDG_CACHE_HOME = before;
});

test('every header that may be meant is read: by quotes, angles, macros, and those that hide others', () => {
  const dir = folder('h'), at = (/** @type {string} */ name) => join(dir, name);
  for (const d of ['', 'one', 'two', 'sub']) mkdirSync(at(d));
  writeFileSync(at('prog.c'), `#include "sub/a.h"
#  define H <m.h>
#include H
#if __has_include("o.h")
#endif
/* "none" */
#include \\
  "l.h"
`);
  writeFileSync(at('sub/a.h'), '#include "../b.h"\n#include <c.h>\n');
  for (const name of ['b.h', 'm.h', 'o.h', 'l.h', 'no.h', 'one/c.h', 'two/c.h', 'two/d.h']) writeFileSync(at(name), '');
  const names = (/** @type {ReturnType<typeof gather>} */ { files }) =>
    Object.keys(files).map((f) => f.slice(dir.length + 1)).sort();
  const gathered = gather([at('prog.c')], [at('two')], ['X="d.h"']);
  const all = ['b.h', 'l.h', 'm.h', 'o.h', 'prog.c', 'sub/a.h', 'two/c.h', 'two/d.h'];
  assert.deepEqual(names(gathered), all);
  assert.ok(names(gather([at('prog.c')], [at('one'), at('two')], [])).includes('one/c.h'));
  assert.equal(find(gathered, 'no.h', dir), true);
  assert.equal(find(gathered, 'no.h', dir), false);
});
