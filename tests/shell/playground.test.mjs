// The parts of the playground that need no browser: places in texts, how a program failed, marks beside lines, what
// differs from what was expected, what stands in attributes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { valuesOf } from '../../shell/playground/attributes.mjs';
import { differ } from '../../shell/playground/expect.mjs';
import { failureIn, findPlaces, marksOf, unknownOf } from '../../shell/playground/places.mjs';
import { Loads } from '../../shell/playground/loads.mjs';
import { hasLocked, linesText } from '../../shell/playground/locked.mjs';
import { reachOf } from '../../shell/playground/offers.mjs';
import { Sources } from '../../shell/playground/sources.mjs';
import { Transcript } from '../../shell/playground/transcript.mjs';
import { buildWords, comingWords, failureWords } from '../../shell/playground/words.mjs';
import { makePalette } from '../../viewer/view/color.mjs';
import { ROOT } from '../lib/run.mjs';

const names = ['prog.c', 'sub/ring.h'];

test('lines of the sources are found in what a program prints, and no others', () => {
  assert.deepEqual(findPlaces('\tprog.c:12', names),
    [{ text: '\t', place: null }, { text: 'prog.c:12', place: { file: 'prog.c', line: 12 } }]);
  assert.deepEqual(findPlaces('at shell/demos/ring.h:3, then libc.c:9', names).map(({ place }) => place),
    [null, { file: 'sub/ring.h', line: 3 }, null]);
  assert.deepEqual(findPlaces('nothing: 12:30', names), [{ text: 'nothing: 12:30', place: null }]);
  for (const long of ['a', 'a.', './', 'a.b:', 'prog.c'].map((part) => part.repeat(200_000 / part.length))) {
    const begun = performance.now(), line = `${long} prog.c:7`;
    assert.deepEqual(findPlaces(line, names).at(-1), { text: 'prog.c:7', place: { file: 'prog.c', line: 7 } });
    const ms = performance.now() - begun;
    assert.ok(ms < 100, `${long.slice(0, 8)}…: ${ms} ms`);
  }
});

test('how a program failed, and where', () => {
  const text = 'usage: prog.c:1\npanic: oh no\n\ngoroutine 1 [running]:\nmain(...)\n\tprog.c:16\n\tprog.c:20\n';
  assert.deepEqual(failureIn(text, names), { text: 'panic: oh no', file: 'prog.c', line: 16 });
  assert.deepEqual(failureIn('fatal error: all goroutines are asleep - deadlock!\n\n\tprog.c:5\n', names),
    { text: 'fatal error: all goroutines are asleep - deadlock!', file: 'prog.c', line: 5 });
  assert.equal(failureIn('panic: elsewhere\n\tother.c:5\n', names), null);
  assert.deepEqual(failureIn('SIGABRT: abort\n\ngoroutine 1 [running]:\ngr_main(...)\n\tprog.c:6\n', names),
    { text: 'SIGABRT: abort', file: 'prog.c', line: 6 });
  assert.deepEqual(failureIn('assertion failed: 1 == 2 (prog.c:6, gr_main)\n\ngoroutine 1 [running]:\n', names),
    { text: 'assertion failed: 1 == 2 (prog.c:6, gr_main)', file: 'prog.c', line: 6 });
  const late = 'fatal error: invalid memory address or nil pointer dereference\n'
    + '[a write to address 0, noticed at the end of the program]\n\ngoroutine 1 [running]:\ngr_main(...)\n';
  assert.deepEqual([failureIn(late, names), unknownOf(late), unknownOf('panic: oh no\n')],
    [null, 'Where address 0 was written to is not known.', '']);
  assert.equal(unknownOf('fatal error: unexpected trap: unreachable\n'), 'What was undefined here is not known.');
  const made = `${late.replace('gr_main', 'add')}created by gr_main in goroutine 1\n\tprog.c:6\n`;
  assert.equal(failureIn(made, names), null); // line 6 made the goroutine, and is not where it failed
  assert.equal(failureIn('no panic: here prog.c:5\n', names), null);
  assert.equal(failureIn(`panic: long ago\n${'x\n'.repeat(100_000)}\tprog.c:5\n`, names), null);
});

test('marks: the innermost line of ours, one mark for all that are there', () => {
  /** @param {number} id @param {[string, number][]} frames */
  const g = (id, frames) => ({
    id, state: /** @type {const} */ ('waiting'), reason: 'sleep', sinceNs: 0, name: 'f', creator: 1, createSite: null,
    site: null, stack: frames.map(([file, line]) => ({ func: 'f', file, line })),
  });
  const marks = marksOf([
    g(1, [['lib.c', 9], ['prog.c', 4]]), g(17, [['prog.c', 7]]), g(18, [['prog.c', 7]]), g(19, [['elsewhere.c', 1]]),
  ], names, makePalette(false, [0, 0, 0]));
  assert.deepEqual([...marks.keys()], names);
  const [one, two] = marks.get('prog.c') ?? [];
  assert.deepEqual([one.line, one.text, one.title], [4, 'G1', 'G1 f: sleep']);
  assert.match(one.color, /^rgb\(/);
  assert.deepEqual([two.line, two.text, two.title], [7, '×2', 'G17 f: sleep\nG18 f: sleep']);
});

test('whether a program has the locked lines of another one', () => {
  const own = { text: 'a\nfree\nb\nb\n', lines: [{ from: 3, to: 4 }, { from: 1, to: 1 }] };
  const has = (/** @type {string} */ text, /** @type {[number, number][]} */ ...lines) =>
    hasLocked(own, { text, lines: lines.map(([from, to]) => ({ from, to })) });
  assert.ok(has('a\nfree\nb\nb\n', [1, 1], [3, 4]));
  assert.ok(has('a\nx\n\ny\nb\nb\nmore', [1, 1], [5, 6]));
  for (const [text, ...lines] of /** @type {[string, ...[number, number][]][]} */ ([
    ['a\nfree\nb\nb\n', [3, 4]], ['a\nfree\nb\nc\n', [1, 1], [3, 4]], ['a\nb\nb\n', [1, 1], [2, 3]],
    ['above\na\nfree\nb\nb\n', [2, 2], [4, 5]], ['a\nfree\nb\nb', [1, 1], [3, 4]],
    ['a\nfree\nb\nx\nb\n', [1, 1], [3, 3], [5, 5]],
  ])) assert.ok(!has(text, ...lines), JSON.stringify(text));
  assert.equal(linesText([{ from: 2, to: 2 }, { from: 4, to: 9 }]), '2, 4-9');
});

test('what differs from what was expected', () => {
  assert.equal(differ('1\n2\n', '1 \n2\n\n'), null);
  const shown = (/** @type {string} */ a, /** @type {string} */ b) =>
    differ(a, b)?.lines.map(({ kind, text }) => kind[0] + text);
  assert.deepEqual(shown('1\n2\n3\n4', '1\n3\nx\n4'), ['s1', 'm2', 's3', 'ex', 's4']);
  assert.deepEqual(shown('a', ''), ['e', 'ma']);
  const long = Array.from({ length: 2000 }, (_, i) => String(i));
  const diff = differ(long.join('\n'), [...long.slice(0, 900), 'x', ...long.slice(901)].join('\n'));
  assert.deepEqual(diff?.lines.filter(({ kind }) => kind !== 'same').map((d) => d.text), ['x', '900']);
  assert.deepEqual([diff?.before, diff?.lines.length, diff?.after], [895, 12, 1094]);
  // However much is printed, little of it shows, and all is counted.
  const much = differ('one\nlast', `one\n${'no\n'.repeat(1e6)}last`);
  assert.deepEqual([much?.before, much?.lines.length, much?.after], [0, 400, 1e6 + 2 - 400]);
  const apart = differ('a\n'.repeat(3000), 'b\n'.repeat(2000));
  assert.deepEqual([apart?.lines.length, apart?.after], [400, 4600]);
});

test('attributes: what stands there, and a sentence for nonsense', () => {
  /** @param {Record<string, string>} all */
  const read = (all) => {
    /** @type {string[]} */ const said = [];
    const element = /** @type {Element} */ (/** @type {unknown} */ (
      { getAttribute: (/** @type {string} */ name) => all[name] ?? null }));
    return { values: valuesOf(element, (sentence) => said.push(sentence)), said };
  };
  const { values, said } = read({
    procs: '4', mode: 'sim', readonly: '1-5, 9', show: 'editor output', timeout: '0.5', autorun: '', memory: '64',
  });
  assert.deepEqual(said, []);
  assert.deepEqual([values.procs, values.mode, values.show, values.timeout, values.autorun, values.memory, values.seed],
    [4, 'sim', ['editor', 'output'], 0.5, true, 64, 1]);
  assert.deepEqual(values.readonly, [{ from: 1, to: 5 }, { from: 9, to: 9 }]);
  assert.equal(read({ readonly: '' }).values.readonly, 'all');
  const wrong = { procs: '65', mode: 'warp', readonly: '5-1', show: 'all', timeout: '-1', memory: '1', height: '9' };
  const bad = read(wrong);
  assert.equal(bad.said.length, Object.keys(wrong).length, bad.said.join('\n'));
  assert.ok(bad.said.includes('procs="65" makes no sense: it must be a whole number from 1 to 64. ' +
    'What holds without it holds.'));
  assert.deepEqual(bad.values, read({}).values);
});

test('of a program that prints without end the newest is kept', () => {
  const all = new Transcript(), piece = 'x'.repeat(1 << 20);
  for (let i = 0; i < 20; i++) all.add('stdout', `${piece}${i}\n`);
  assert.equal(all.text.length, 4e6);
  assert.ok(all.text.endsWith('x19\n'));
  assert.equal(all.stderr, '');
});

test('a link that leads nobody else anywhere says so; a compiler that still comes is not called compiling', () => {
  for (const host of ['127.0.0.1', 'localhost', '[::1]', 'page.localhost'])
    assert.match(reachOf(`http://${host}:8080/`), /^This names .*, which is each reader's own computer: /);
  assert.match(reachOf('file:///home/me/page.html'), /^This names a file of this computer/);
  for (const host of ['example.org', '127.example.org', '10.0.0.1']) assert.equal(reachOf(`https://${host}/`), '');
  assert.deepEqual([{ fetched: 1, of: 2 }, { step: 'load the compiler' }, { step: 'wait' }, { step: 'compile' }]
    .map(buildWords),
  ['Fetching the compiler…', 'Loading the compiler…', 'Waiting for another build…', 'Compiling…']);
});

test('what comes of the compiler is told in bytes; where it gave up there may be more mistakes', () => {
  assert.deepEqual([{ fetched: 29e6, of: 105e6 }, { fetched: 29e6, of: 0 }, { step: 'compile' }].map(comingWords),
    ['Fetching the compiler: 29 of 105 MB', 'Fetching the compiler: 29 MB', '']);
  const error = (/** @type {string} */ text, line = 5) =>
    ({ file: line ? 'a.c' : '', line, column: 1, severity: /** @type {const} */ ('error'), text });
  assert.equal(failureWords([error('one')]), 'Not built: a.c:5: one');
  assert.equal(failureWords([error('one'), error('two')]), 'Not built: a.c:5: one (and 1 more)');
  const last = error('too many errors emitted, stopping now [-ferror-limit=]', 0);
  assert.equal(failureWords([error('one'), error('two'), error('three'), last]),
    'Not built: a.c:5: one (and 2 more, where the compiler gave up)');
});

test('without HTMLElement the import defines nothing and throws nothing', () => {
  const { status, stderr, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e',
    "const before = Object.keys(globalThis); await import('goroscope/playground'); "
    + 'console.log(Object.keys(globalThis).filter((k) => !before.includes(k)).length);'],
  { cwd: ROOT, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trim(), '0');
});

test('what a link has put in is not the page\'s own, and neither is what undo brings back of it', () => {
  const sources = new Sources();
  assert.deepEqual(sources.restore(), [], 'nothing has come');
  sources.arrive({ name: 'a.c', text: 'int a;\n' }, { 'a.h': '', 'a.txt': 'no source', 'b.c': new Uint8Array(1) });
  assert.deepEqual([[...sources.names()], sources.isOwn, sources.canRestore], [['a.c', 'a.h'], true, false]);
  sources.set('a.c', 'int edited;\n');
  assert.deepEqual([sources.isOwn, sources.canRestore], [true, true]);
  sources.isLinked = true;
  sources.rename('b.c');
  sources.set('b.c', 'int linked;\n');
  assert.deepEqual([sources.main, [...sources.names()], sources.isOwn], ['b.c', ['b.c', 'a.h'], false]);
  assert.deepEqual(sources.restore(), [['a.c', 'int a;\n']]);
  assert.deepEqual([sources.main, sources.isOwn], ['a.c', true]);
  sources.set('a.c', 'int linked;\n');
  assert.equal(sources.isOwn, false);
  sources.arrive({ name: 'a.c', text: ' ' }, {});
  sources.set('a.c', 'int a;\n');
  assert.deepEqual([sources.isOwn, sources.canRestore], [true, false], 'there is nothing to go back to');
});

test('of programs that messages put the newest is taken, unless something newer is there by then', async () => {
  Object.assign(globalThis, { window: globalThis });
  class Element extends EventTarget {
    /** @type {string[]} */
    taken = [];

    /** @param {string} text */
    set source(text) {
      this.taken.push(text);
      this.dispatchEvent(new Event('sourcechange'));
    }
  }
  const element = new Element(), loads = new Loads(element);
  await Promise.all(['a', 'b', 'c'].map((text) => loads.put(text)));
  assert.deepEqual(element.taken, ['a', 'c']);
  const late = loads.put('d');
  element.source = 'typed';
  assert.equal(await late, null, 'it is answered all the same');
  assert.deepEqual(element.taken, ['a', 'c', 'typed']);
});
