// Programs built with preemption points (goroscope build --preempt): goroutines that compute without calling
// anything share their P, on every port, with valid traces; in sim the same way every time. Without the option such
// a program is as it was.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { goIsAsked, judge } from '../lib/oracle.mjs';
import {
  ALL, LONG, OUT, ROOT, build, buildTogether, exec, native, run, sim, slot, threads, told, wasi,
} from '../lib/run.mjs';

const dir = join(OUT, 'preempt-traces');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));
goIsAsked();

const preempt = true;
const NAMES = ['points', 'spin_flag', 'tick'];
/** @param {number} procs @returns {import('../lib/run.mjs').Port} */
const tsan = (procs) => ({ ...native(procs), name: `tsan, ${procs} P`, target: 'native-tsan' });
const nativeSim = {
  ...native(3), name: 'native, sim', mode: /** @type {const} */ ('sim'),
  clock: /** @type {const} */ ('virtual'), seed: 1,
};
const ports = [threads(4), ...ALL ? [tsan(2), sim(3)] : [],
  ...(LONG ? [native(1), nativeSim, native(3), threads(1), threads(2), sim(1), wasi(1), wasi(3)] : [])];

/** How often goroutines were preempted, by the trace. @param {string} trace */
async function preemptions(trace) {
  const r = await exec(process.execPath, [join(ROOT, 'shell/cli.mjs'), 'dump', trace], { timeoutMs: 120_000 });
  assert.equal(r.exitCode, 0, told(r));
  return r.stdout.match(/Running->Runnable.*\bReason="?preempted/g)?.length ?? 0;
}

/** @param {import('../lib/run.mjs').Port} port @param {string} name of a program @param {string[]} [args] */
async function traced(port, name, args = []) {
  const trace = join(dir, `${name} ${port.name}.trace`);
  const isWasi = port.target === 'wasi';
  const program = isWasi ? await buildTogether('preempt', NAMES.map((n) => `tests/preempt/${n}.c`), { preempt })
    : await build(`tests/preempt/${name}.c`, port.target, { preempt });
  const all = [...isWasi ? [name] : [], ...args];
  const r = await slot(() => run(port, program, all, { trace, timeoutMs: 240_000 }));
  assert.equal(r.exitCode, 0, told(r));
  assert.equal(await judge(trace), null);
  return { stdout: r.stdout, trace };
}

for (const port of ports) {
  describe(port.name, { concurrency: true }, () => {
    test('what computes without calling anything is preempted', async () => {
      const { stdout, trace } = await traced(port, 'points');
      assert.match(stdout, /^11 passed$/m);
      assert.ok((await preemptions(trace)) > 10, 'the trace tells of it');
    });

    test('goroutines that spin for each other take turns', {
      skip: port.target === 'native-tsan' && 'plain variables are the point of it',
    }, async () => {
      const { stdout } = await traced(port, 'spin_flag', ['4']);
      assert.equal(stdout, '4 turns, preempted\n');
    });

    test('a loop without exit or call keeps nobody waiting', async () => {
      const { stdout } = await traced(port, 'tick');
      assert.equal(stdout, '5 ticks\n');
    });
  });
}

test('in sim the same seed preempts at the same points, another seed at others', async () => {
  const traces = [];
  for (const seed of [7, 7, 8]) {
    const { trace } = await traced(sim(3, seed), 'points', ['the_busy_share']);
    traces.push(readFileSync(trace));
  }
  assert.ok(traces[0].length > 500);
  assert.ok(traces[0].equals(traces[1]), 'two runs with seed 7 differ');
  assert.ok(!traces[0].equals(traces[2]), 'seeds 7 and 8 give the same trace');
});

for (const port of [threads(1), sim(1), native(1)]) {
  test(`without the option a goroutine that spins keeps its P: ${port.name}`, async () => {
    const r = await slot(async () =>
      run(port, await build('tests/preempt/spin_flag.c', port.target), [], { timeoutMs: 1500 }));
    assert.ok(r.timedOut, told(r));
    assert.equal(r.stdout, '');
  });
}

test('goroscope build --preempt builds such a program', async () => {
  const out = join(dir, 'spin.wasm');
  const made = await slot(() => exec(process.execPath, [
    'shell/cli.mjs', 'build', '--preempt', 'tests/preempt/spin_flag.c', '-o', out,
  ], { timeoutMs: 120_000 }));
  assert.equal(made.exitCode, 0, told(made));
  const r = await run(threads(1), out);
  assert.equal(r.stdout, '3 turns, preempted\n', told(r));
});
