// The corpus of real bugs (goker.h): every bug shows as the leak report of its goroutines, exactly those of
// expected.txt.
//
// expected.txt, written by hand, says for each program which goroutines can leak ("function [wait reason]", as Go's
// goroutineleakprofile_test.go does), whether some always do, and how many of them at once, where that can be
// proved. golden.txt has the whole report of the programs that have but one, whatever the schedule;
// UPDATE_GOLDENS=1 writes it. So nothing here depends on which seed shows what, which any change of the scheduler
// may alter. `node tests/goker/sweep.mjs` shows more.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { load } from '../../wasm/host/loader.mjs';
import { ALL, LONG, ROOT, alike, exec, native, run, slot, told } from '../lib/run.mjs';
import { DEBUG, corpus, leaksOf, loaded, procsOf, simulate, sweep } from './sweep.mjs';

const UPDATE = process.env.UPDATE_GOLDENS;
/** Every program runs with so many seeds, and with as many as LIMIT until all that can leak has leaked. */
const SEEDS = LONG || UPDATE ? 100 : ALL ? 30 : 10;
const LIMIT = 3000;
const GOLDEN = join(ROOT, 'tests/goker/golden.txt');

/** Sections of a text that begin with a line at its left edge. @param {string} text @returns {Map<string, string[]>} */
function sections(text) {
  /** @type {Map<string, string[]>} */ const found = new Map();
  /** @type {string[]} */ let lines = [];
  for (const line of text.split('\n').filter((l) => l && !l.startsWith('#'))) {
    if (line.startsWith(' ')) lines.push(line.slice(4));
    else found.set(line, lines = []);
  }
  return found;
}

const written = [...sections(readFileSync(join(ROOT, 'tests/goker/expected.txt'), 'utf8'))];
const expected = new Map(written.map(([head, leaks]) => [head.split(' ')[0], leaks]));
const always = new Set(written.map(([head]) => head.split(' ')).filter((words) => words[1] === 'always')
  .map(([name]) => name));
/** How many goroutines can be left over, of the programs whose schedules are few enough to go through them all. */
const counts = new Map(written.map(([head]) => head.split(' = ')).filter((p) => p.length === 2)
  .map(([head, n]) => [head.split(' ')[0], n]));

/** @type {WebAssembly.Module} */ let module;
/** @type {string[]} */ let names;
before(async () => {
  // built meanwhile; who needs them will hear
  for (const target of ALL ? /** @type {const} */ (['native-check', 'emscripten']) : [])
    corpus(target).catch(() => {});
  ({ module, names } = await loaded());
});

test('every program has its expectation', () => assert.deepEqual([...expected.keys()].sort(), [...names].sort()));

/** @type {Map<string, string>} the report of those programs that have but one */
const constant = new Map();

for (const [name, leaks] of expected) {
  test(`${name}: the expected goroutines leak and no others`, (t) => {
    const s = sweep(module, name, { to: SEEDS, limit: LIMIT, wanted: leaks });
    assert.equal(s.odd, null, s.odd?.stderr);
    assert.deepEqual(s.leaks, [...leaks].sort());
    if (always.has(name)) assert.deepEqual(s.misses, []);
    if (s.reports.length === 1) constant.set(name, s.reports[0]);
    const again = simulate(module, [name], s.hits[0] ?? 1);
    assert.deepEqual(simulate(module, [name], s.hits[0] ?? 1), again, 'the same seed, the same report');
    t.diagnostic(`${name}: ${s.hits.length} of ${s.hits.length + s.misses.length} seeds`);
  });
}

test('reports word for word, where the schedule has no say in them', () => {
  const indent = (/** @type {string} */ text) => text.replace(/^(?=.)/gm, '    ');
  const now = [...constant].map(([name, report]) => `${name}\n${indent(report)}\n`);
  if (UPDATE) writeFileSync(GOLDEN, now.join('\n'));
  const golden = readFileSync(GOLDEN, 'utf8'), known = golden.split(/\n(?=\w)/);
  // Few seeds show but one report of some programs that have more.
  if (LONG || UPDATE) assert.equal(now.join('\n'), golden);
  else assert.deepEqual(known.filter((report) => !now.includes(report)), []);
});

/** Every third; with TESTS=long all. @template T @param {T[]} all */
const some = (all) => all.filter((_, i) => LONG || i % 3 === 0);

test(`all schedules of ${some([...counts]).length} programs`, {
  skip: UPDATE ? 'writing goldens' : alike,
}, async (t) => {
  const program = await corpus('native-check');
  let schedules = 0;
  for (const [name, numbers] of some([...counts])) {
    const env = { GOROSCOPE_EXPLORE: 'all', GOROSCOPE_PROCS: '8', GOROSCOPE_LIMIT: '10000', GRDEBUG: 'leaks=1' };
    const r = await slot(() => exec(program, [name], { env, timeoutMs: 300_000 }));
    const [head, ...outcomes] = r.stdout.trimEnd().split('\n');
    assert.match(head, /^\d+ schedules, .* complete$/, `${name}: ${told(r)}`);
    const seen = outcomes.map((line) => { // how many schedules, exit code, what was printed, the first of the schedules
      const [, code, text] = line.split('\t');
      const left = text === '' && code === '0' ? '0'
        : /^goroutine leak: (\d+) goroutines? waits? for ever$/.exec(text)?.[1];
      assert.ok(left, `${name}: ${told(r)}`);
      return left;
    });
    assert.equal(seen.sort().join(' '), numbers, `${name}: ${told(r)}`);
    assert.equal(always.has(name), !seen.includes('0'), name);
    schedules += parseInt(head);
  }
  t.diagnostic(`${schedules} schedules`);
});

/**
 * With threads the schedule is the machine's: what always leaks must leak, what leaks must be expected.
 * @param {string} name @param {{ exitCode: number, stdout: string, stderr: string, timedOut: boolean }} r
 */
function judge(name, r) {
  const leaks = leaksOf(r.stderr), may = /** @type {string[]} */ (expected.get(name));
  assert.deepEqual(leaks.filter((l) => !may.includes(l)), [], `${name}: ${told(r)}`);
  assert.equal(r.exitCode, leaks.length ? 2 : 0, `${name}: ${told(r)}`);
  if (always.has(name)) assert.ok(leaks.length, `${name} leaks always, not here: ${told(r)}`);
}

test('native, 2 Ps: every program', { skip: UPDATE ? 'writing goldens' : alike }, async () => {
  const program = await corpus('native-check');
  await Promise.all([...expected.keys()].map(async (name) =>
    judge(name, await slot(() => run(native(2), program, [name], { debug: DEBUG })))));
});

test('threads, 1 and 2 Ps in turn: programs that always hang', {
  skip: UPDATE && 'writing goldens',
}, async () => {
  const program = await WebAssembly.compile(readFileSync(await corpus('emscripten')));
  for (const [i, name] of some([...always]).entries()) {
    let stdout = '', stderr = '';
    const rt = await load(program, {
      mode: 'threads', procs: 1 + i % 2, args: [name], debug: DEBUG, trace: false,
      stdout: (s) => void (stdout += s), stderr: (s) => void (stderr += s),
    });
    const { exitCode } = await rt.run();
    judge(name, { exitCode, stdout, stderr, timedOut: false });
  }
});
