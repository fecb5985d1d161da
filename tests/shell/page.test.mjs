// The parts of the demo page that need no browser: addresses, arguments, kinds of files, the words of the status line.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { kindOf } from '../../shell/page/files.mjs';
import { doing, passes, tally } from '../../shell/playground/goroutines.mjs';
import { joinArgs, splitArgs } from '../../shell/playground/typed.mjs';
import { defaults, fromQuery, toQuery } from '../../shell/page/settings.mjs';
import { eventWords, lostWords, stateWords } from '../../shell/page/status.mjs';
import { sizeOf } from '../../viewer/view/numbers.mjs';

const base = defaults(2);

/** @param {Partial<import('../../shell/playground/runner.mjs').RunStatus>} change */
function run(change) {
  return {
    state: /** @type {const} */ ('idle'), title: 'Word count', progress: null, starting: 0, startedAt: 0, elapsedMs: 0,
    exitCode: null, stopped: false, error: '', rt: null, ...change,
  };
}

test('the defaults make an empty address, and what differs comes back from the address', () => {
  assert.equal(toQuery(base, base), '');
  const set = {
    ...base, demo: 'sieve', procs: 64, mode: /** @type {const} */ ('sim'), seed: 7,
    clock: /** @type {const} */ ('virtual'), args: '"a b" 3', run: true,
  };
  assert.equal(toQuery(set, base), '?demo=sieve&procs=64&mode=sim&seed=7&clock=virtual&args=%22a+b%22+3&run=1');
  assert.deepEqual(fromQuery(toQuery(set, base), base), set);
  const own = fromQuery('?program=/build/tests/spin.wasm&demo=sieve', base);
  assert.deepEqual([own.program, own.demo], ['/build/tests/spin.wasm', '']);
  assert.equal(toQuery(own, base), '?program=/build/tests/spin.wasm');
});

test('nonsense in an address is left at the defaults', () => {
  assert.deepEqual(fromQuery('?procs=0&mode=warp&seed=-1&clock=sun&run=yes', base), base);
  assert.deepEqual(fromQuery('?procs=65', base), base);
  assert.deepEqual(fromQuery('?procs=1e3&seed=1.5', base), base);
});

test('the number of Ps follows the machine within reason', () => {
  assert.deepEqual([1, 2, 6, 128].map((cores) => defaults(cores).procs), [2, 2, 6, 8]);
});

test('arguments survive being typed and taken apart', () => {
  assert.deepEqual(splitArgs('  a  "b c" "" d'), ['a', 'b c', '', 'd']);
  assert.equal(joinArgs(['a', 'b c', '', 'd']), 'a "b c" "" d');
});

test('files are known by their first bytes', async () => {
  const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
  assert.equal(kindOf(bytes('go 1.23 trace\0\0\0...')), 'trace');
  assert.equal(kindOf(bytes('go 1.9 traces are a story')), 'text');
  assert.equal(kindOf(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)), 'program');
  assert.equal(kindOf(bytes('Größe')), 'text');
  assert.equal(kindOf(Uint8Array.of(0x89, 0x50, 0, 1)), 'other');
  for (const other of [new Uint8Array(0), Uint8Array.of(0x1f, 0x8b, 8), bytes('{"traceEvents":[')])
    assert.equal(kindOf(other), 'trace', 'the viewer says what is wrong with it, if anything is');
  assert.deepEqual([5, 1500, 5.2e6].map(sizeOf), ['5 bytes', '1.5 kB', '5.2 MB']);
});

test('the status line says how a run stands and ended', () => {
  assert.equal(stateWords(run({ state: 'loading', progress: 0.426 })), 'Loading Word count… 42 %');
  assert.equal(stateWords(run({ state: 'done', exitCode: 2 })), 'Word count ended with exit code 2');
  assert.equal(stateWords(run({ state: 'done', exitCode: 130, stopped: true })), 'Stopped Word count');
  assert.deepEqual([0, 1, 1200].map(lostWords),
    ['none dropped', '1 generation dropped', '1\u202f200 generations dropped']);
  const info = /** @type {any} */ ({ events: 50_000, eventsPerSecond: 20_000 });
  assert.equal(eventWords(run({ state: 'running' }), info, 1000), '50\u202f000 events, 20\u202f000 per second');
  assert.equal(eventWords(run({ state: 'done' }), info, 2000), '50\u202f000 events, 25\u202f000 per second on average');
  assert.equal(stateWords(run({ state: 'loading', progress: 1, starting: 64 })), 'Setting up Word count with 64 Ps…');
  const held = { tracing: false, held: true, procs: 2 };
  assert.equal(stateWords(run({ state: 'running' }), held), 'Held: Word count');
  assert.equal(eventWords(run({ state: 'running' }), info, 1000, held), '50\u202f000 events, not traced now');
  assert.equal(eventWords(run({ state: 'running' }), info, 1000, { ...held, tracing: true }), '50\u202f000 events');
});

test('every demo in the list has its source, its text and its words', async () => {
  const demos = JSON.parse(await readFile(new URL('../../shell/demos/demos.json', import.meta.url), 'utf8'));
  assert.deepEqual(demos.map((/** @type {any} */ d) => d.name).sort(),
    ['coroutines', 'fetch', 'garbage', 'mandelbrot', 'philosophers', 'pipeline', 'sieve', 'syscalls', 'wordcount']);
  for (const demo of demos) {
    await readFile(new URL(`../../shell/demos/${demo.name}.c`, import.meta.url));
    if (demo.file) await readFile(new URL(`../../shell/demos/${demo.file}`, import.meta.url));
    assert.ok(demo.title && demo.what && Array.isArray(demo.args), demo.name);
  }
});

test('goroutines are counted by state and by reason, in the words of Go', () => {
  const g = (/** @type {any} */ state, reason = '') => ({
    id: 1, state, reason, sinceNs: 0, site: null, name: 'f', creator: 0, createSite: null, stack: [],
  });
  const list = [g('running'), g('waiting', 'select'), g('waiting', 'sleep'), g('waiting', 'select'), g('syscall')];
  assert.deepEqual([...tally(list)], [
    ['all', 5], ['running', 1], ['runnable', 0], ['syscall', 1], ['waiting', 3], ['waiting: select', 2],
    ['waiting: sleep', 1],
  ]);
  assert.equal(list.filter((one) => passes(one, 'waiting')).length, 3);
  assert.equal(list.filter((one) => passes(one, 'waiting: select')).length, 2);
  assert.equal(list.filter((one) => passes(one, 'all')).length, 5);
  assert.deepEqual(list.map(doing), ['running', 'select', 'sleep', 'select', 'syscall']);
});
