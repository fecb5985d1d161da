// Sources to objects: what the compiler is given and says, headers wherever they lie, the names of an object.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { cc1 } from '../../wasm/cc/arguments.mjs';
import { compile } from '../../wasm/cc/compile.mjs';
import { shownName, shownNames, takeApart } from '../../wasm/cc/diagnostics.mjs';
import { pack, unpack } from '../../wasm/cc/headers.mjs';
import { namesOf } from '../../wasm/cc/object.mjs';
import { find, findInAssembly } from '../../wasm/cc/where.mjs';
import { BuildError } from '../../wasm/passes/errors.mjs';
import { OPTIONS, clang, saidOf, sourcesOf } from '../lib/cc.mjs';

/** @param {Record<string, string>} files @param {Partial<typeof OPTIONS>} [options] */
const compiled = async (files, options = {}) => compile(sourcesOf(files), { ...OPTIONS, ...options }, await clang());

test('an object has the names it defines and those it wants', async () => {
  const { objects, ok } = await compiled({ 'prog.c': `
    extern int there, *const given; int weakly(void) __attribute__((weak)); void call(void (*)(void)), cb(void);
    static int hidden(int x) { return x + there; } int value = 3; int *at = &there;
    int twice(int x) { call(cb); return (weakly ? weakly() : 0) + hidden(x) + *given; }` });
  assert.ok(ok);
  const { defined, wanted } = namesOf(objects[0].bytes);
  assert.deepEqual([...defined].sort(), ['at', 'twice', 'value']);
  assert.deepEqual([...wanted].filter((n) => !n.startsWith('__')).sort(), ['call', 'cb', 'given', 'there']);
});

test('headers are found by .. and by -I, once each, whatever their path', async () => {
  const files = {
    'a/prog.c': '#include "../inc/x.h"\n#include "../a/../inc/x.h"\n#include <y.h>\nint gr_main(int c, char **v) '
      + '{ (void)v; return c + X + Y; }\n',
    'inc/x.h': '#pragma once\nenum { X = 1 };\n',
    'inc/y.h': '#include "x.h"\nenum { Y = X };\n',
  };
  assert.deepEqual((await compiled(files, { includes: ['/home/me/inc'] })).text, '');
});

test('folders may be called as what all objects have', async () => {
  const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf'];
  const files = Object.fromEntries(names.map((n) => [`${n}/${n}/x.h`, `enum { in_${n} };\n`]));
  files['constructor/prog.c'] = names.map((n) => `#include "../${n}/${n}/x.h"\n`).join('')
    + `int f(void) { return ${names.map((n) => `in_${n}`).join(' + ')}; }\n`;
  const { ok, text } = await compiled(files);
  assert.equal(text, '');
  assert.ok(ok);
  for (const n of names) assert.deepEqual(Object.keys(/** @type {any} */ ({})[n]), [], `${n} has been written into`);
});

test('a name that no file in memory can have is refused', async () => {
  for (const name of ['../x.c', 'a/../x.c', '__proto__/x.c', 'a/__proto__/b/x.h']) {
    await assert.rejects(compiled({ [name]: 'int x;\n', 'prog.c': '' }), (/** @type {any} */ e) => {
      assert.equal(e.name, 'BuildError');
      assert.equal(e.file, name);
      assert.match(e.message, /^no part of a file's name can be (\.\.|__proto__); give it another name$/);
      return true;
    });
  }
  assert.deepEqual(Object.keys(Object.prototype), []);
});

test('__FILE__ is the name as it was typed, in the object and in its lines', async () => {
  const from = sourcesOf({ 'prog.c': 'const char *name(void) { return __FILE__; }\n' });
  const twice = { at: '/home/me/', shown: '/src/home/me/' }; // as in the folder that is the system's root
  for (const roots of [from.roots, [...from.roots, twice]]) {
    const { objects } = await compile({ ...from, roots }, OPTIONS, await clang());
    const text = Buffer.from(objects[0].bytes).toString('latin1');
    assert.ok(text.includes('prog.c\0') && !/\/(home|src)\//.test(text));
  }
});

test('diagnostics are clang\'s own, with the names as they were typed', async () => {
  const { ok, text, diagnostics } = await compiled({
    'prog.c': '#include "sub/x.h"\nint f(void) { int unused; return y }\n', 'sub/x.h': '#warning mind\n',
  }, { warnings: ['all'] });
  assert.equal(ok, false);
  assert.deepEqual(diagnostics.map(({ file, line, severity }) => `${file}:${line}: ${severity}`),
    ['sub/x.h:1: warning', 'prog.c:2: error']);
  assert.match(text, /^In file included from prog\.c:1:\nsub\/x\.h:1:2: warning: mind /);
  assert.ok(!text.includes('/src/'), text);
});

test('colours come when they are asked for, and diagnostics are the same', async () => {
  const { text, diagnostics } = await compiled({ 'prog.c': 'int f(void) { return y; }\n' }, { color: true });
  assert.match(text, /\x1b\[/);
  assert.deepEqual(diagnostics, [
    { file: 'prog.c', line: 1, column: 22, severity: 'error', text: "use of undeclared identifier 'y'" }]);
});

test('standards, macros and levels reach the compiler', async () => {
  const main = 'int gr_main(int c, char **v) { (void)c, (void)v; return 0; }\n';
  assert.equal(await saidOf({ 'prog.c': `${main}constexpr int x = 1; static_assert(x == LEVEL);\n` },
    { std: 'c23', defines: ['LEVEL=1'] }), '');
  assert.equal(await saidOf({ 'prog.c': `${main}_Static_assert(__STDC_VERSION__ == 201112L, "C11");\n` }), '');
  const in17 = { 'prog.c': `${main}_Static_assert(__STDC_VERSION__ == 201710L, "");\n` };
  assert.equal(await saidOf(in17, { std: 'gnu17' }), '');
  const sum = { 'prog.c': 'int f(int x) { int y = x; return y + y; }\n' };
  const { objects: [none] } = await compiled(sum, { optimize: 0 });
  const { objects: [much] } = await compiled(sum, { optimize: 3 });
  assert.ok(none.bytes.length > much.bytes.length);
});

test('a standard of C++ is not taken for C sources beside', async () => {
  const { layout } = await clang();
  const args = cc1('x.c', 'c', layout, { ...OPTIONS, std: 'c++20' }, { emit: 'object', output: 'o' });
  assert.ok(args.includes('-std=gnu11'));
});

test('the place of a name is read off the assembly', () => {
  const assembly = ['main:', '\t.file\t1 "/src/a" "p.c"', '\t.loc\t1 7 26 prologue_end # /src/a/p.c:7:26',
    '\ti32.const\t.L.str', '\tcall\tputs', '\t.loc\t1 0 5 # /src/a/p.c:0:5', '\tcall\tother',
    '\t.loc\t1 9 1 # /src/a/p.c:9:1', '\tcall\tputs2', '\t.functype\tlater () -> ()', '\ti32.load\tdata+4($0)',
    '\t.loc\t2 3 1 # /src/a/in.h:3:1', '\ti32.const\tlater',
  ].join('\n');
  assert.deepEqual(findInAssembly(assembly, 'puts', 'use'), { path: '/src/a/p.c', line: 7 });
  assert.deepEqual(findInAssembly(assembly, 'other', 'use'), { path: '/src/a/p.c', line: 7 });
  assert.deepEqual(findInAssembly(assembly, 'puts2', 'use'), { path: '/src/a/p.c', line: 9 });
  assert.deepEqual(findInAssembly(assembly, 'data', 'use'), { path: '/src/a/p.c', line: 9 });
  assert.deepEqual(findInAssembly(assembly, 'later', 'use'), { path: '/src/a/in.h', line: 3 });
  assert.deepEqual(findInAssembly(assembly, 'main', 'definition'), { path: '/src/a/p.c', line: 7 });
  assert.equal(findInAssembly(assembly, 'put', 'use'), undefined);
});

test('the longest folder gives a name its beginning', () => {
  const roots = [{ at: '/src/a/', shown: '' }, { at: '/src/a/b/', shown: '../b/' }, { at: '/src/', shown: '/' }];
  assert.equal(shownNames('note: /src/a/x.c /src/a/b/y.h /src/c/z.h', roots), 'note: x.c ../b/y.h /c/z.h');
  assert.deepEqual(takeApart('a b.c:3:4: fatal error: no\n  3 | x:1:1: error: y\n').map((d) => [d.file, d.line]),
    [['a b.c', 3]]);
});

test('a name is shown where a path begins, once, and not in what is quoted of a source', () => {
  const of = (/** @type {string[][]} */ ...roots) => roots.map(([at, shown]) => ({ at, shown }));
  const inRoot = of(['/src/tmp/rvx/sub/src/deep/', 'tmp/rvx/sub/src/deep/'], ['/src/', ''], ['/src/', '/']);
  assert.equal(shownNames('/src/tmp/rvx/sub/src/deep/q.c:1:2: error: no', inRoot),
    'tmp/rvx/sub/src/deep/q.c:1:2: error: no');
  const system = of(['/tmp/rvx/', 'tmp/rvx/'], ['/', ''], ['/', '/']);
  assert.equal(shownNames('In file included from /tmp/rvx/e.c:1:\n/tmp/h.h:1:2: error: \'/\' or // here', system),
    'In file included from tmp/rvx/e.c:1:\ntmp/h.h:1:2: error: \'/\' or // here');
  const bold = '\x1b[1m', plain = '\x1b[0m', red = '\x1b[0;1;31m';
  assert.equal(shownNames(`${bold}/tmp/h.h:1:2: ${plain}${red}error: ${plain}no`, system),
    `${bold}tmp/h.h:1:2: ${plain}${red}error: ${plain}no`);
  const elsewhere = '/var/tmp/rvq/e.c:1:25: error: no';
  assert.equal(shownNames(elsewhere, of(['/tmp/', ''])), elsewhere);
  const quoted = '    3 | puts("/tmp/x"); int a = 4 /b;\nputs("/tmp/x"), x();\n'
    + '      |     ^ "/tmp/y"\n\x1b[0;1m   3 | "/tmp/z"';
  assert.equal(shownNames(quoted, of(['/tmp/', ''], ['/', ''])), quoted);
  const plus = shownNames('note: /src/a+b/x.c /src/aab/y.c', of(['/src/a+b/', '']));
  assert.equal(plus, 'note: x.c /src/aab/y.c');
  assert.equal(shownName('/program/my/program/y.c', of(['/program/', ''])), 'my/program/y.c');
  assert.equal(shownName('/a/program/y.c', of(['/program/', ''])), '/a/program/y.c');
});

test('a folder that repeats the program\'s in its name keeps it: object, __FILE__, diagnostics, places', async () => {
  const file = '/program/my/program/y.c', roots = [{ at: '/program/', shown: '' }];
  const text = '#include <unistd.h>\n#warning mind\nconst char *f(void) { return __FILE__; }\nint g(void) { return '
    + 'fork(); }\n';
  const from = { sources: [file], files: { [file]: text }, roots };
  for (const check of [false, true]) {
    const { objects, text: said } = await compile(from, { ...OPTIONS, check }, await clang());
    assert.equal(objects[0].name, 'my/program/y.c');
    assert.ok(Buffer.from(objects[0].bytes).toString('latin1').includes('my/program/y.c\0'));
    assert.match(said, /^my\/program\/y\.c:2:2: warning/);
  }
  const place = await find('fork', 'use', file, from, OPTIONS, await clang());
  assert.deepEqual(place, { file: 'my/program/y.c', line: 4 });
  assert.equal((await find('nowhere', 'use', file, from, OPTIONS, await clang())).file, 'my/program/y.c');
});

test('a place is found in the text where the compiler fails at the assembly', async () => {
  const { layout } = await clang(), from = sourcesOf({ 'prog.c': 'int f(void);\nint g(void) { return f(); }\n' });
  /** @type {import('../../wasm/cc/clang.mjs').Compiler} */
  const failing = { layout, async run() { throw new BuildError('the compiler has failed'); } };
  assert.deepEqual(await find('f', 'use', from.sources[0], from, OPTIONS, failing), { file: 'prog.c', line: 2 });
});

test('a pack gives its files back', async () => {
  const files = { 'a.h': new Uint8Array([1, 2]), 'sub/b.h': new Uint8Array([3]), empty: new Uint8Array() };
  const tree = await unpack(gzipSync(pack(files)));
  assert.deepEqual(tree, { 'a.h': files['a.h'], sub: { 'b.h': files['sub/b.h'] }, empty: files.empty });
});
