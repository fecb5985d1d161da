// CPU samples, whole stacks where a goroutine goes on, and the experiment AllocFree: in every way a program can
// run, all judged by Go and us.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { judge } from '../lib/oracle.mjs';
import { ALL, OUT, build, exec, native, run, sim, slot, threads, told, wasi } from '../lib/run.mjs';
import { dumped } from '../trace/reader.mjs';

const dir = join(OUT, 'sampled');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

const SOURCE = 'tests/traces/sampled.c';
/** @type {import('../lib/run.mjs').Port} */
const measured = { name: 'sim, measured', target: 'emscripten', mode: 'sim', procs: 2, clock: 'measured', seed: 1 };
/** Of the program whose stacks nobody knows. @type {Record<string, string>} */
const WORK = { threads: '1000', measured: '1000', virtual: '0' };

/**
 * Runs it, traced, and has the trace judged.
 * @param {import('../lib/run.mjs').Port} port @param {string} name @param {string} debug
 * @param {string[]} args
 */
async function traced(port, name, debug, args) {
  const trace = join(dir, `${name}.trace`), program = await build(SOURCE, port.target);
  const r = await slot(() => run(port, program, args, { trace, debug, timeoutMs: 120_000 }));
  assert.equal(r.exitCode, 0, told(r));
  assert.equal(await judge(trace), null);
  return { trace, text: (await dumped(readFileSync(trace))).text };
}

/**
 * The events of a kind, each with its stacks' lines.
 * @param {string} text @param {RegExp} what
 */
const events = (text, what) => text.split(/\n(?=M=)/).filter((e) => what.test(e));
/** The functions of an event's (last) stack, innermost first. @param {string} event */
const stackOf = (event) => [...event.slice(event.lastIndexOf('Stack=')).matchAll(/^\t(\S+) @/gm)].map((m) => m[1]);

for (const port of [threads(2), measured, ...ALL ? [threads(1), native(2), wasi(2)] : []]) {
  test(`samples come every 10 ms of each P that runs: ${port.name}`, async (t) => {
    const { text } = await traced(port, port.name, '', ['800', WORK[port.clock ?? 'threads']]);
    const samples = events(text, / StackSample /);
    const times = [...text.matchAll(/^M=.* Time=(\d+)/gm)].map((m) => Number(m[1]));
    const ms = (times[times.length - 1] - times[0]) / 1e6;
    t.diagnostic(`${samples.length} samples in ${ms} ms`);
    assert.ok(samples.length >= 3 && samples.length <= ms / 10 * port.procs + port.procs + 1);
    for (const sample of samples) {
      assert.match(sample, /^M=\d+ P=\d+ G=\d+ /, 'of an M with a P and a goroutine');
      assert.ok(stackOf(sample).length > 0, sample);
    }
    const stacks = samples.map((sample) => stackOf(sample).join(' '));
    const chain = port.target === 'emscripten' ? 'send_one send_all sends' : 'send_one';
    assert.ok(stacks.includes(chain), `no sample of ${chain} in ${[...new Set(stacks)].join(', ')}`);
  });
}

test('under the virtual clock the same seed gives the same samples, another seed others', async () => {
  /** @type {Buffer[]} */ const files = [];
  for (const [i, seed] of [1, 1, 2].entries()) {
    const { trace, text } = await traced(sim(3, seed), `seed ${i}`, '', ['25000', '0']);
    assert.ok(events(text, / StackSample /).length > 0);
    files.push(readFileSync(trace));
  }
  assert.ok(files[0].equals(files[1]) && !files[0].equals(files[2]));
});

test('a sample wished for after a trace has ended is not one of the next trace', async () => {
  const trace = join(dir, 'stale.trace'), program = await build('tests/traces/stale.c', 'native', { inside: true });
  const env = { GOROSCOPE_TRACE: trace, GOROSCOPE_TRACE_BEGIN: 'asked', GOROSCOPE_PROCS: '1', GOROSCOPE_MODE: 'sim',
    GOROSCOPE_CLOCK: 'virtual' };
  const r = await slot(() => exec(program, [], { env }));
  assert.equal(r.exitCode, 0, told(r));
  const files = readdirSync(dir).filter((file) => file.startsWith('stale.trace'));
  assert.equal(files.length, 2, files.join());
  for (const file of files) {
    assert.equal(await judge(join(dir, file)), null);
    const { text } = await dumped(readFileSync(join(dir, file)));
    assert.equal(events(text, / StackSample /).length, 0, file);
  }
});

test('without samples there are none', async () => {
  assert.equal(events((await traced(measured, 'off', 'tracesamples=0', ['200'])).text, / StackSample /).length, 0);
});

for (const port of [threads(2), sim(2), measured]) {
  test(`with stacks 'full' goroutines that make and wake others have theirs: ${port.name}`, async () => {
    const args = ['300', WORK[port.clock ?? 'threads']];
    const site = await traced(port, `site ${port.name}`, 'tracestacks=0', args);
    const full = await traced(port, `full ${port.name}`, 'tracestacks=1', args);
    for (const [{ text }, made, woke] of /** @type {[{ text: string }, string, string][]} */ (
      [[site, 'get_help', 'send_one'], [full, 'get_help gr_main', 'send_one send_all sends']])) {
      const makes = events(text, / NotExist->Runnable /).map((e) => stackOf(e).join(' '));
      assert.ok(makes.filter((s) => s === made).length > 100, `${made} made nobody: ${[...new Set(makes)]}`);
      const wakes = events(text, / Waiting->Runnable /).map((e) => stackOf(e).join(' '));
      assert.ok(wakes.includes(woke), `${woke} woke nobody: ${[...new Set(wakes)]}`);
      assert.ok(!wakes.includes(woke === 'send_one' ? 'send_one send_all sends' : 'send_one'));
    }
  });
}

for (const port of [threads(2), sim(2), native(2)]) {
  test(`blocks of stacks come and go: ${port.name}`, async () => {
    const args = ['300', WORK[port.clock ?? 'threads']];
    const { text } = await traced(port, `alloc ${port.name}`, 'traceallocfree=1', args);
    const blocks = events(text, / Experimental .*Name=GoroutineStackAlloc /);
    assert.ok(blocks.length >= 2, text.slice(0, 2000));
    const none = await traced(port, `alloc ${port.name}`, '', args);
    assert.equal(events(none.text, / Experimental /).length, 0);
  });
}

test('a trace that begins later tells of the blocks there are', async () => {
  const trace = join(dir, 'later.trace');
  const program = await build('tests/traces/collected.c', 'native', { inside: true });
  const env = { GOROSCOPE_TRACE: trace, GOROSCOPE_TRACE_BEGIN: 'asked', GOROSCOPE_PROCS: '2',
    GRDEBUG: 'traceallocfree=1' };
  const r = await slot(() => exec(program, ['8', '200', '1', '1'], { env }));
  assert.equal(r.exitCode, 0, told(r));
  assert.equal(await judge(trace), null);
  assert.ok(events((await dumped(readFileSync(trace))).text, /Name=GoroutineStack /).length > 8);
});
