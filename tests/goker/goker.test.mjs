// The corpus of real bugs (goker.h): every bug shows as the leak report of its goroutines, exactly those of expected.txt.
//
// expected.txt says for each program which goroutines can leak ("function [wait reason]", as Go's goroutineleakprofile_test.go
// does), and whether they always do; golden.txt has the whole report of one run with its seed. UPDATE_GOLDENS=1 looks for the seeds anew and writes
// golden.txt; expected.txt is written by hand. `node tests/goker/sweep.mjs` shows more.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { load } from '../../wasm/loader.mjs';
import { ROOT, native, run, slot, told } from '../lib/run.mjs';
import { DEBUG, corpus, leaksOf, loaded, procsOf, simulate, sweep } from './sweep.mjs';

const SEEDS = 100;
const GOLDEN = join(ROOT, 'tests/goker/golden.txt');
const UPDATE = process.env.UPDATE_GOLDENS;

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
const always = new Set(written.map(([head]) => head.split(' ')).filter((words) => words[1] === 'always').map(([name]) => name));

/** @type {WebAssembly.Module} */ let module;
/** @type {string[]} */ let names;
before(async () => ({ module, names } = await loaded()));

test('every program has its expectation', () => assert.deepEqual([...expected.keys()].sort(), [...names].sort()));

/** @type {Map<string, { hits: number[], misses: number[] }>} */
const swept = new Map();

for (const [name, leaks] of expected) {
  test(`${name}: with ${SEEDS} seeds, the expected goroutines leak and no others`, (t) => {
    const s = sweep(module, name, 1, SEEDS);
    swept.set(name, s);
    assert.equal(s.odd, null, s.odd?.stderr);
    assert.deepEqual(s.leaks, [...leaks].sort());
    assert.equal(s.hits.length > 0, leaks.length > 0);
    if (always.has(name)) assert.deepEqual(s.misses, []);
    t.diagnostic(`${name}: ${s.hits.length} of ${SEEDS} seeds`);
  });
}

/** Of the seeds that show a bug, the one that shows most of it, in the shortest report. @param {string} name @param {number[]} hits */
function bestSeed(name, hits) {
  const rank = hits.map((seed) => {
    const { stderr } = simulate(module, [name], seed);
    return { seed, kinds: new Set(leaksOf(stderr)).size, length: stderr.length };
  });
  return rank.sort((a, b) => b.kinds - a.kinds || a.length - b.length || a.seed - b.seed)[0].seed;
}

test('the report of a seed, word for word', () => {
  const indent = (/** @type {string} */ text) => text.trimEnd().split('\n').map((l) => (l ? `    ${l}` : '')).join('\n');
  if (UPDATE) {
    const all = [...expected].filter(([, leaks]) => leaks.length > 0).map(([name]) => {
      const { hits, misses } = /** @type {{hits: number[], misses: number[]}} */ (swept.get(name));
      const seed = bestSeed(name, hits);
      return `${name}: seed ${seed}${misses.length ? `, not seed ${misses[0]}` : ''}\n${indent(simulate(module, [name], seed).stderr)}\n`;
    });
    writeFileSync(GOLDEN, `# Written by UPDATE_GOLDENS=1 node tests/run.mjs tests/goker; virtual clock, 1 + seed % 4 Ps.\n\n${all.join('\n')}`);
  }
  const golden = readFileSync(GOLDEN, 'utf8').split('\n\n').slice(1).join('\n\n').split(/\n(?=\w)/);
  assert.equal(golden.length, [...expected.values()].filter((leaks) => leaks.length > 0).length);
  for (const one of golden) {
    const m = /^(\w+): seed (\d+)(?:, not seed (\d+))?\n/.exec(one);
    assert.ok(m, one);
    const ran = simulate(module, [m[1]], Number(m[2]));
    assert.equal(`${m[0]}${indent(ran.stderr)}`, one.trimEnd());
    assert.equal(ran.exitCode, 2);
    if (m[3]) assert.deepEqual(simulate(module, [m[1]], Number(m[3])), { exitCode: 0, stdout: '', stderr: '' }, `${m[1]}, seed ${m[3]}`);
  }
});

/** With threads the schedule is the machine's: what always leaks must leak, what leaks must be expected. @param {string} name
 *  @param {{ exitCode: number, stdout: string, stderr: string, timedOut: boolean }} r */
function judge(name, r) {
  const leaks = leaksOf(r.stderr), may = /** @type {string[]} */ (expected.get(name));
  assert.deepEqual(leaks.filter((l) => !may.includes(l)), [], `${name}: ${told(r)}`);
  assert.equal(r.exitCode, leaks.length ? 2 : 0, `${name}: ${told(r)}`);
  if (always.has(name)) assert.ok(leaks.length, `${name} leaks always, not here: ${told(r)}`);
}

test('native, 2 Ps: every program', { skip: UPDATE && 'writing goldens' }, async () => {
  const program = await corpus('native');
  await Promise.all([...expected.keys()].map(async (name) => judge(name, await slot(() => run(native(2), program, [name], { debug: DEBUG })))));
});

for (const procs of [1, 2]) {
  test(`threads, ${procs} P: every program that always hangs`, { skip: UPDATE && 'writing goldens' }, async () => {
    const program = await WebAssembly.compile(readFileSync(await corpus('emscripten')));
    for (const name of always) {
      let stdout = '', stderr = '';
      const rt = await load(program, {
        mode: 'threads', procs, args: [name], debug: DEBUG, trace: false,
        stdout: (s) => void (stdout += s), stderr: (s) => void (stderr += s),
      });
      const { exitCode } = await rt.run();
      judge(name, { exitCode, stdout, stderr, timedOut: false });
    }
  });
}
