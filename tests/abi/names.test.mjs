// Goal: a program may call its own functions what it likes. Every global C name of ours has its prefix: gr_ the
// public API and what the loader calls, rt_ the runtime, port_ the ports, gt_ the trace reader; besides there is
// what stands before the C library (REPLACED).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { declarations } from '../lib/arrows.mjs';
import { ROOT, alike } from '../lib/run.mjs';
import { defined, llvmNm, strangers } from '../lib/symbols.mjs';
import { objectsOf } from '../style/rooms.mjs';
import { readerObjects } from '../trace/sources.mjs';
import { REPLACED } from './replaced.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'goroscope-names-'));
after(() => rmSync(scratch, { recursive: true }));
const cc = ['clang', 'gcc', 'cc'].find((c) => spawnSync(c, ['--version']).status === 0);
const nm = spawnSync('nm', ['--version']).status === 0 ? 'nm' : llvmNm;
const why = !cc ? 'no C compiler here' : nm ? false : 'no nm here';

const OURS = ['gr_', 'rt_', 'port_'];
const replaced = new Set(REPLACED.flatMap(({ names }) => names.split(' ')));
/** Replaced names that some port has. */
const met = new Set();

for (const [target, tool, least] of /** @type {[string, string, number][]} */ ([
  ['native', nm, 300], ['native-check', nm, 300], ['emscripten', llvmNm, 400], ['wasi', llvmNm, 350],
])) {
  test(`${target}: names have their prefix or are the C library's`, {
    skip: tool ? target !== 'emscripten' && alike : 'neither llvm-nm nor llvm-nm-14 is here',
  }, (t) => {
    const objects = [...objectsOf(target, ['runtime', 'wasm/port', 'wasm/libc']).values()];
    const names = defined(objects, tool);
    assert.ok(names.length > least, `${names.length} global names`);
    const others = strangers(objects, OURS, tool);
    for (const { name } of others) met.add(name);
    const counts = OURS.map((p) => `${p} ${names.filter(({ name }) => name.startsWith(p)).length}`).join(', ');
    t.diagnostic(`${names.length} global names: ${counts}, in the C library's place ${others.length}`);
    // C reserves what begins with two underscores or with one and a capital to compilers and their libraries.
    assert.deepEqual(others.filter(({ name }) => !replaced.has(name) && !/^_[_A-Z]/.test(name))
      .map(({ name, object }) => `${name} (${basename(object)})`), []);
  });
}

test('gr_ is the public API and what the loader calls, nothing else', {
  skip: nm && llvmNm ? alike : 'not every port was looked at',
}, () => {
  const api = declarations(['runtime/include/goroscope.h', 'runtime/include/gr_gc.h',
    'runtime/include/gr_context.h']);
  const exported = ['emscripten', 'wasi'].flatMap((t) =>
    [...readFileSync(join(ROOT, `tests/abi/${t}.exports.txt`), 'utf8').matchAll(/^function (gr_\w+)$/gm)]
      .map((m) => m[1]));
  for (const target of ['native-check', 'emscripten', 'wasi']) {
    const names = defined([...objectsOf(target, ['runtime', 'wasm/port', 'wasm/libc']).values()],
      target === 'native-check' ? nm : llvmNm).map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.startsWith('gr_') && !api.has(name) && !exported.includes(name)),
      [], target);
  }
});

test('what the list says is replaced, is', { skip: nm && llvmNm ? alike : 'not every port was looked at' }, () => {
  assert.deepEqual([...replaced].filter((name) => !met.has(name)), []);
});

test('the trace reader: gt_ and nothing else', { skip: why }, () => {
  const objects = [...readerObjects(/** @type {string} */ (cc), scratch).values()];
  assert.equal(new Set(objects).size, objects.length, 'two sources of the same name');
  assert.ok(defined(objects, nm).length > 100, `${defined(objects, nm).length} global names`);
  assert.ok(defined(objects, nm).some(({ name }) => name === 'gt_run'));
  assert.deepEqual(strangers(objects, ['gt_'], nm), []);
});

test('a name without the prefix is found', { skip: why }, () => {
  const source = join(scratch, 'ready.c'), object = join(scratch, 'ready.o');
  writeFileSync(source,
    'int ready; void gt_ready(void) {} static void unseen(void) {} void (*spawn)(void) = unseen;\n');
  execFileSync(/** @type {string} */ (cc), ['-c', source, '-o', object]);
  assert.deepEqual(strangers([object], ['gt_'], nm).map(({ name }) => name), ['ready', 'spawn']);
});
