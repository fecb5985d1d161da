// Goal: the sources hang together as the table in rooms.mjs says, in includes, imports and symbols: what may use
// what, no circle between rooms, and HACKING.md shows the same.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { circles, declarations, files, imports, includes, symbols } from '../lib/arrows.mjs';
import { ROOT } from '../lib/run.mjs';
import { llvmNm } from '../lib/symbols.mjs';
import { readerObjects } from '../trace/sources.mjs';
import { CONTRACTS, ROOMS, allowed, circlesIn, map, objectsOf, roomOf, target } from './rooms.mjs';

/** @typedef {import('../lib/arrows.mjs').Arrow} Arrow */

const c = ['runtime', 'wasm', 'viewer', 'shell', 'tests'].flatMap((f) => files(f, /\.[chS]$/));
const js = ['wasm', 'viewer', 'shell', 'tests'].flatMap((f) => files(f, /\.m[jt]s$/));
const headers = c.filter((f) => f.endsWith('.h') && !f.startsWith('tests/'));
const declared = declarations(headers);
const OURS = /^(rt_|gr_|port_|gt_)/;

/** Rooms that use another, "from → to", as far as the tests below have seen. @type {Set<string>} */
const seen = new Set();
/** Contracts that somebody keeps, "header by room". @type {Set<string>} */
const kept = new Set();

/**
 * @param {Arrow[]} arrows @param {Set<string>} [note] where to write down what they are
 * @returns {string[]} those that the table does not allow
 */
function forbidden(arrows, note = seen) {
  for (const { from, to } of arrows) note.add(`${roomOf(from)?.room} → ${roomOf(to)?.room}`);
  return [...new Set(arrows.filter(({ from, to }) => !allowed(from, to))
    .map(({ from, to, why }) => `${from} → ${to}: ${why}`))];
}

/** @param {(Arrow & { name: string })[]} uses from user to definer @returns {string[]} what is wrong */
function wrongSymbols(uses) {
  /** @type {string[]} */ const wrong = [];
  // A name that no header of ours declares is the C library's or the compiler's, defined in their place.
  const arrows = uses.filter(({ name }) => declared.has(name) || OURS.test(name)).map((use) => {
    const end = target(use, declared);
    if (end.wrong) wrong.push(end.wrong);
    if (end.contract) kept.add(end.contract);
    return { ...use, to: end.to };
  });
  return [...new Set(wrong), ...forbidden(arrows)];
}

/**
 * Headers that a file sees, through others too.
 * @param {string} file @param {Arrow[]} found @param {Set<string>} [all]
 */
function reached(file, found, all = new Set()) {
  for (const { to } of found.filter((a) => a.from === file && a.to !== '' && !all.has(a.to)))
    reached(to, found, all.add(to));
  return all;
}

// ---- the table ----

test('a room uses rooms above it only', () => {
  const names = ROOMS.map((r) => r.room);
  assert.equal(new Set(names).size, names.length);
  for (const [i, { room, uses }] of ROOMS.entries()) for (const used of uses) {
    const at = names.indexOf(used);
    assert.ok(at >= 0 && at < i, `${room} uses ${used}`);
  }
});

test('every source lies in a room', () => {
  assert.deepEqual([...c, ...js, ...files('wasm/passes', /./)].filter((f) => !roomOf(f)), []);
});

test('what the table forbids is found', () => {
  const file = (/** @type {string} */ from, /** @type {string} */ to) => [{ from, to, why: '' }];
  const apart = new Set();
  assert.equal(forbidden(file('runtime/base/lock.c', 'runtime/core/sched.h'), apart).length, 1);
  assert.equal(forbidden(file('runtime/core/find.c', 'runtime/base/lock.h'), apart).length, 0);
  assert.equal(forbidden(file('viewer/trace/source.mjs', 'wasm/host/loader.mjs'), apart).length, 1);
  assert.equal(forbidden(file('viewer/trace/source.mjs', 'wasm/host/region.mjs'), apart).length, 0);
  const use = (/** @type {string} */ from, /** @type {string} */ to, /** @type {string} */ name) =>
    target({ from, to, name, why: '' }, declared);
  assert.match(use('runtime/sync/chan.c', 'runtime/core/proc.c', 'rt_nobody').wrong ?? '',
    /no header declares rt_nobody/);
  assert.match(use('runtime/core/find.c', 'runtime/sync/chan.c', 'rt_throw').wrong ?? '', /by no contract/);
  assert.equal(use('runtime/core/stw.c', 'runtime/sync/mutex.c', 'gr_mutex_lock_at').to, 'runtime/sync/mutex.c');
  assert.equal(use('runtime/lib/group.c', 'runtime/sync/mutex.c', 'gr_mutex_lock_at').to,
    'runtime/include/goroscope.h');
  assert.deepEqual(circles([['a.c', 'b.h'], ['b.c', 'a.h'], ['b.c', 'd.h'], ['c.c', 'c.h']]
    .map(([from, to]) => ({ from, to, why: '' }))), [['a', 'b']]);
});

// ---- arrows ----

test('C includes only what its room may use', () => {
  const found = includes(c);
  for (const f of c) for (const to of reached(f, found)) seen.add(`${roomOf(f)?.room} → ${roomOf(to)?.room}`);
  assert.ok(found.length > 300, `${found.length} includes`);
  assert.deepEqual(forbidden(found.filter(({ to }) => to !== '')), []);
  assert.deepEqual(found.filter(({ from, to }) => to === '' && !from.startsWith('tests/'))
    .map(({ from, why }) => `${from} ${why}`), []);
});

test('modules import only what their room may use', () => {
  const found = imports(js);
  // What build.sh makes lies in no room.
  const ours = found.filter(({ to }) => existsSync(join(ROOT, to)) && !to.startsWith('build/'));
  assert.ok(ours.length > 200, `${ours.length} imports`);
  assert.deepEqual(forbidden(ours), []);
  assert.deepEqual(found.filter((a) => !ours.includes(a) && !roomOf(a.from)?.outside?.test(a.to))
    .map(({ from, why }) => `${from} ${why}`), []);
});

const nm = spawnSync('nm', ['--version']).status === 0 ? 'nm' : llvmNm;
const cc = ['clang', 'gcc', 'cc'].find((name) => spawnSync(name, ['--version']).status === 0);

for (const [target, tool, folders] of /** @type {[string, string, string[]][]} */ ([
  ['native-check', nm, ['runtime']],
  ['emscripten', llvmNm, ['runtime', 'wasm']],
  ['wasi', llvmNm, ['runtime', 'wasm']],
])) {
  test(`symbols, ${target}`, { skip: tool ? false : 'no nm here that reads these objects' }, (t) => {
    const uses = symbols(objectsOf(target, folders), tool);
    assert.ok(uses.length > 500, `${uses.length} uses`);
    assert.deepEqual(wrongSymbols(uses), []);
    t.diagnostic(`${uses.length} uses of symbols between files`);
  });
}

test('symbols, the trace reader', { skip: !cc ? 'no C compiler here' : nm ? false : 'no nm here' }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'goroscope-layers-'));
  after(() => rmSync(scratch, { recursive: true }));
  const objects = new Map([...readerObjects(/** @type {string} */ (cc), scratch)]
    .map(([source, object]) => [relative(ROOT, source), object]));
  const uses = symbols(objects, nm);
  assert.ok(uses.length > 100, `${uses.length} uses`);
  assert.deepEqual(wrongSymbols(uses), []);
});

test('the table has nothing that nobody needs', {
  skip: nm && llvmNm && cc ? false : 'symbols were not looked at',
}, () => {
  const needed = ROOMS.filter((r) => r.room !== 'tests')
    .flatMap((r) => r.uses.filter((u) => !seen.has(`${r.room} → ${u}`)).map((u) => `${r.room} → ${u}`));
  assert.deepEqual(needed, []);
  assert.deepEqual(CONTRACTS.flatMap(({ header, by }) => by.map((room) => `${header} by ${room}`))
    .filter((k) => !kept.has(k)), []);
});

// ---- more ----

test('runtime/ is C for anywhere: no header of a platform but in its ports', () => {
  const wrong = c.filter((f) => f.startsWith('runtime/'))
    .flatMap((f) => [...readFileSync(join(ROOT, f), 'utf8').matchAll(/#include\s*[<"]([^>"]+)[>"]/g)]
      .filter(([, header]) => /emscripten|wasi|wasm/.test(header)
        || (!/^runtime\/(port\/|check\/explorer)/.test(f) && /pthread|sys\/|unistd/.test(header)))
      .map(([, header]) => `${f} includes ${header}`));
  assert.deepEqual(wrong, []);
});

test('HACKING.md shows the table', () => {
  const shown = /<!-- map: node tests\/style\/rooms\.mjs -->\n([^]*?)<!-- end of the map -->/.exec(
    readFileSync(join(ROOT, 'HACKING.md'), 'utf8'))?.[1];
  assert.equal(shown?.trim(), map().trim(), 'put what `node tests/style/rooms.mjs` prints there');
});

test('circles of files in the scheduler, to know', { skip: nm ? false : 'no nm here' }, (t) => {
  for (const { by, found } of circlesIn('runtime/core'))
    t.diagnostic(`runtime/core, by ${by}: ${found.map((f) => f.length).join(', ') || 'none'}`);
});
