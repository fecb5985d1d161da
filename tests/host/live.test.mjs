// A host drives a program while it runs: begins and ends its traces also where its memory cannot be seen, later than
// the program if asked; changes its number of Ps, preempts, holds and steps it; knows its clock. Every trace is judged.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { load } from '../../wasm/host/loader.mjs';
import { judge } from '../lib/oracle.mjs';
import { OUT, ROOT, build, exec, told } from '../lib/run.mjs';

const dir = join(OUT, 'live');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

/** @typedef {import('../../wasm/host/loader.mjs').LoadOptions} LoadOptions */

/** @type {string} */ let called;
/** @type {string} */ let chatter;
/** @type {string} */ let driven;
before(async () => {
  driven = await build('tests/host/driven.c', 'emscripten');
  called = await build('tests/host/called.c', 'emscripten');
  chatter = await build('tests/programs/chatter.c', 'emscripten');
});

/** @param {ReadableStream<Uint8Array>} stream */
const all = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());

let files = 0;
/** @param {Uint8Array} trace @returns {Promise<string>} its file */
async function judged(trace) {
  const file = join(dir, `${files++}.trace`);
  writeFileSync(file, trace);
  assert.equal(await judge(file), null);
  return file;
}

/** @param {string} file @param {string} kind @returns {Promise<number>} how many events of that kind it has */
async function events(file, kind) {
  const { stdout } = await exec(process.execPath, [join(ROOT, 'shell/cli.mjs'), 'dump', file]);
  return stdout.split('\n').filter((line) => line.includes(kind)).length;
}

/** @param {string} file @returns {Promise<number>} slices that were cut short of their 10 ms */
async function shortSlices(file) {
  const { stdout } = await exec(process.execPath, [join(ROOT, 'shell/cli.mjs'), 'dump', file]);
  /** @type {Map<string, number>} */ const began = new Map();
  let n = 0;
  for (const [, time, goid, how] of stdout.matchAll(/ Time=(\d+) .*GoID=(\d+) (\S+->\S+ Reason="\w*)/g)) {
    if (how.startsWith('Runnable->Running ')) began.set(goid, Number(time));
    if (how === 'Running->Runnable Reason="preempted' && Number(time) - (began.get(goid) ?? -Infinity) < 9e6) n++;
  }
  return n;
}

/** @param {string} program @param {LoadOptions} options */
const loaded = (program, options) => load(readFileSync(program),
  { stdout() {}, stderr() {}, signal: AbortSignal.timeout(60_000), ...options });

for (const mode of /** @type {const} */ (['threads', 'sim'])) {
  test(`trace.begin asked: nothing is traced before start(), then as the option has it: ${mode}`,
    async () => {
      const rt = await loaded(chatter,
        { mode, procs: 2, args: ['100000'], trace: { begin: 'asked', ringBytes: 2 << 20, version: '1.26' } });
      const done = rt.run();
      assert.equal((await all(rt.trace.readable)).length, 0);
      assert.equal(rt.trace.region === null && rt.trace.clock === null, true);
      await assert.rejects(rt.trace.snapshot(), /^Error: no trace has begun: rt.trace.start\(\) begins one$/);
      assert.throws(() => rt.trace.subscribe(), /no trace has begun/);
      await rt.trace.start();
      const bytes = all(rt.trace.readable);
      const region = rt.trace.region;
      assert.ok(region);
      assert.equal(new Uint32Array(region.memory.buffer, region.ptr, 4)[2], 2 << 20, 'the ring of the option');
      await rt.trace.snapshot();
      await rt.trace.stop();
      const trace = await bytes;
      assert.equal(Buffer.from(trace.subarray(0, 13)).toString(), 'go 1.26 trace');
      await judged(trace);
      rt.stop();
      await done;
    });

  test(`a flight recorder that begins when asked ends when stopped, and gives what it held: ${mode}`, async () => {
    const rt = await loaded(chatter,
      { mode, procs: 2, args: ['100000'], trace: { mode: 'flight', begin: 'asked', bytes: 1 << 20 } });
    const done = rt.run();
    await rt.trace.start();
    const bytes = all(rt.trace.readable);
    await judged(await rt.trace.snapshot());
    await rt.trace.stop();
    await judged(await bytes);
    rt.stop();
    await done;
  });

  test(`the clock: its step and what reading it takes stand in the region: ${mode}`, async () => {
    const rt = await loaded(chatter, { mode, procs: 1, args: ['10'] });
    const { clock, resolution } = rt.trace;
    assert.ok(clock);
    assert.ok(clock.stepNs >= 1 && clock.stepNs <= 1e6, `steps of ${clock.stepNs} ns`);
    assert.ok(clock.readNs >= 1 && clock.readNs < 100_000, `${clock.readNs} ns to read it`);
    assert.equal(clock.perSecond, 1e9);
    assert.equal(resolution, clock.stepNs);
    await rt.run();
  });

  test(`the number of Ps, from outside: ${mode}`, async () => {
    const rt = await loaded(called, { mode, procs: 2 });
    const trace = all(rt.trace.readable);
    const done = rt.run();
    assert.equal(rt.procs, 2);
    assert.equal(await rt.setProcs(5), 5);
    assert.equal(rt.procs, 5);
    assert.equal(await rt.setProcs(1), 1);
    assert.equal(await rt.call('square', '3'), '9');
    for (const n of [0, 1.5, 257, NaN]) await assert.rejects(rt.setProcs(n), RangeError);
    rt.call('quit').catch(() => {});
    await done;
    await rt.ended;
    const file = await judged(await trace);
    assert.equal(await events(file, 'GOMAXPROCS'), 2 * 2, 'two stops, begin and end');
    await assert.rejects(rt.setProcs(2), /^Error: the program has ended$/);
  });

  test(`preempt: a goroutine that computes gives its P away: ${mode}`, async () => {
    const rt = await loaded(driven, { mode, procs: mode === 'sim' ? 2 : 1, trace: { ringBytes: 64 << 20 } });
    const trace = all(rt.trace.readable);
    const done = rt.run();
    let other;
    while (!(other = (await rt.goroutines()).find((g) => g.name === 'computes')))
      await new Promise((resolve) => setTimeout(resolve, 1));
    if (rt.sim) await rt.sim.pause();
    for (let i = 0; i < 50; i++) {
      await rt.preempt(i % 2 ? other.id : 1); // one of them runs
      if (rt.sim) await rt.sim.step(20); // a microsecond or two
      else await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await rt.preempt(123456); // nobody
    await assert.rejects(rt.preempt(0), RangeError);
    rt.sim?.resume();
    await rt.call('quit');
    assert.equal((await done).exitCode, 3);
    const short = await shortSlices(await judged(await trace));
    assert.ok(short >= 8, `${short} slices ended before their 10 ms`); // by itself none would
    await assert.rejects(rt.preempt(1), /^Error: the program has ended$/);
  });
}

test('callables: the names that call() knows, none of the runtime\'s own', async () => {
  const rt = await loaded(called, { mode: 'sim', procs: 1 });
  void rt.run();
  const names = await rt.callables();
  assert.deepEqual(names, [...names].sort());
  assert.ok(names.includes('square') && names.includes('quit'));
  assert.ok(names.every((name) => /^\w+$/.test(name)), names.join());
  assert.equal(rt.callable, true);
  rt.stop();
  await rt.ended;
});

test('a virtual clock steps by 1 ns and costs nothing', async () => {
  const rt = await loaded(chatter, { mode: 'sim', clock: 'virtual', procs: 1, args: ['10'] });
  assert.deepEqual(rt.trace.clock, { stepNs: 1, readNs: 0, perSecond: 1e9 });
  await rt.run();
});

// ---- holding, stepping, going slowly --------------------------------------------------------------------------------

for (const clock of /** @type {const} */ (['virtual', 'measured'])) {
  test(`held, a program does nothing; each step is one decision: ${clock} clock`, async () => {
    let printed = '';
    const rt = await loaded(chatter, { mode: 'sim', clock, seed: 3, procs: 2, args: ['100000'],
      stdout: (text) => { printed += text; } });
    const { sim } = rt;
    assert.ok(sim);
    await assert.rejects(sim.step(), /^Error: the program runs: pause\(\) it before single steps$/);
    const trace = rt.trace.subscribe({ from: 'start of ring' });
    const done = rt.run();
    assert.equal(await sim.pause(), true);
    assert.equal(sim.paused, true);
    const first = await rt.trace.snapshot();
    const second = await rt.trace.snapshot();
    const count = async (/** @type {Uint8Array} */ bytes) => events(await judged(bytes), 'Running');
    const before = await count(first);
    assert.ok(Math.abs(await count(second) - before) <= 4, 'two snapshots of a held program show the same');
    for (let i = 0; i < 3; i++) assert.equal(await sim.step(), true);
    assert.equal(await sim.step(20), true);
    assert.ok(await count(await rt.trace.snapshot()) > before, 'steps are seen');
    for (const n of [0, -1, 1.5]) await assert.rejects(sim.step(n), RangeError);
    sim.slow(2000);
    assert.equal(sim.stepsPerSecond, 2000);
    for (const n of [0, -1, NaN, Infinity]) assert.throws(() => sim.slow(n), RangeError);
    assert.equal(await sim.step(), true, 'also of a slow one');
    sim.resume();
    assert.equal(sim.stepsPerSecond, Infinity);
    rt.stop();
    await done;
    await judged(await all(trace));
    assert.equal(await sim.pause(), false, 'it has ended');
  });
}

test('a program that was held and stepped prints what it would have', async () => {
  const run = async (/** @type {(rt: Awaited<ReturnType<typeof load>>) => Promise<void>} */ drive) => {
    let printed = '';
    const rt = await loaded(chatter, { mode: 'sim', clock: 'virtual', seed: 7, procs: 3, args: ['20'],
      stdout: (text) => { printed += text; } });
    const trace = all(rt.trace.readable);
    const done = rt.run();
    await drive(rt);
    const { exitCode } = await done;
    await judged(await trace);
    return { printed, exitCode };
  };
  const plain = await run(async () => {});
  const driven = await run(async ({ sim }) => {
    if (!sim) return assert.fail('no sim');
    await sim.pause();
    await sim.step(50);
    sim.slow(5000);
    await sim.step(10);
    sim.resume();
  });
  assert.deepEqual(driven, plain);
});

test('a step that is asked for while the program ends settles, and a stop ends a held one', async () => {
  const rt = await loaded(called, { mode: 'sim', procs: 2 });
  const done = rt.run();
  await rt.sim?.pause();
  rt.call('quit').catch(() => {});
  const steps = await Promise.all([rt.sim?.step(1000), rt.sim?.step(1_000_000), rt.sim?.step()]);
  assert.equal((await done).exitCode, 3);
  assert.equal(steps[2], false, 'there was none left');
  const other = await loaded(called, { mode: 'sim', procs: 2 });
  const end = other.run();
  await other.sim?.pause();
  const waiting = other.sim?.step(5); // all sleep: it waits
  other.stop();
  assert.equal(await waiting, false);
  assert.equal((await end).exitCode, 130);
});

test('a program of WASI cannot be driven; whoever tries is told why', async () => {
  const rt = await load(readFileSync(await build('tests/programs/chatter.c', 'wasi')),
    { args: ['10'], stdout() {}, stderr() {}, trace: { begin: 'asked' } });
  assert.equal(rt.sim, null);
  assert.equal(rt.callable, false);
  await assert.rejects(rt.trace.start(), /^Error: a WASI program is not called while it runs: it begins/);
  await assert.rejects(rt.setProcs(2), /a WASI program cannot be called/);
  assert.equal((await rt.run()).exitCode, 0);
  assert.equal((await all(rt.trace.readable)).length, 0, 'nobody began a trace');
});

test('where memory cannot be seen: traces begin and end, held and stepped, as elsewhere', async () => {
  const r = await exec(process.execPath,
    ['--no-warnings', join(ROOT, 'tests/host/hidden-child.mjs'), chatter, 'traces', dir]);
  assert.equal(r.exitCode, 0, told(r));
  assert.equal(r.stdout, [
    'sim without shared memory', 'before: 0 bytes', 'no trace has begun: rt.trace.start() begins one',
    'gr_trace_start: a trace is being written already', 'three traces, one by a slow reader', 'after: false',
    'held: true, stepped: true, ended: false', '',
  ].join('\n'));
  for (const name of ['hidden-0', 'hidden-1', 'hidden-2', 'hidden-snapshot', 'hidden-subscribed', 'hidden-last'])
    assert.equal(await judge(join(dir, `${name}.trace`)), null, name);
});
