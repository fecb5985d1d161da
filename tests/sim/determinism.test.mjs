// Simulation with the virtual clock: program + seed + arguments + number of Ps give one trace, byte for byte;
// another seed gives another one. Also of programs that print the time, wait for it by looking at the clock, and
// use chance.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { load } from '../../wasm/host/loader.mjs';
import { demos } from '../lib/demos.mjs';
import { ALL, LONG, OUT, build, buildTogether, run, told } from '../lib/run.mjs';

const PROGRAMS = [
  { source: 'shell/demos/sieve.c', args: ['40'] },
  { source: 'shell/demos/pipeline.c', args: ['200'] },
  { source: 'shell/demos/philosophers.c', args: ['5', LONG ? '1' : '0.2'] },
  { source: 'shell/demos/garbage.c', args: [LONG ? '60' : '20'] },
  { source: 'tests/sim/clocks.c', args: ['20'] }, // prints the time, waits for it, uses chance
];

const dir = join(OUT, 'determinism');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

/**
 * One simulated run of a program with the virtual clock.
 * @param {string} source @param {string[]} args @param {number} seed @param {number} procs
 * @returns {Promise<{ exitCode: number, output: string, trace: Buffer }>}
 */
async function simulate(source, args, seed, procs) {
  let output = '';
  /** @param {string} s */
  const say = (s) => void (output += s);
  const program = await build(source, 'emscripten');
  const rt = await load(readFileSync(program), {
    mode: 'sim', clock: 'virtual', procs, seed, args, stdout: say, stderr: say,
    trace: { mode: 'stream', ringBytes: 16 << 20 },
  });
  const trace = new Response(rt.trace.readable).arrayBuffer();
  const { exitCode } = await rt.run();
  return { exitCode, output, trace: Buffer.from(await trace) };
}

for (const { source, args } of PROGRAMS) {
  for (const procs of [1, 4, 64]) {
    test(`${source}, ${procs} P: the same seed gives the same bytes, another seed others`, async () => {
      const [a, b, other] = [await simulate(source, args, 7, procs), await simulate(source, args, 7, procs),
        await simulate(source, args, 8, procs)];
      assert.equal(a.exitCode, 0, a.output);
      assert.ok(a.trace.length > 500);
      assert.ok(a.trace.equals(b.trace), `two runs with seed 7 differ: ${a.trace.length} and ${b.trace.length} bytes`);
      assert.equal(a.output, b.output);
      assert.equal(other.exitCode, 0, other.output);
      if (procs > 1) assert.ok(!a.trace.equals(other.trace), 'seeds 7 and 8 give the same trace');
    });
  }
}

for (const target of ALL ? /** @type {const} */ (['wasi', 'native']) : []) {
  for (const { source, args } of PROGRAMS.slice(1)) {
    test(`${target}, ${source}: the same bytes for the same seed too`, async () => {
      const isOne = target === 'wasi' && source.startsWith('shell/demos/');
      const program = isOne ? await buildTogether('demos', demos.map((d) => `shell/demos/${d.name}.c`))
        : await build(source, target);
      const all = isOne ? [basename(source, '.c'), ...args] : args;
      /** @type {import('../lib/run.mjs').Port} */
      const port = { name: target, target, mode: 'sim', procs: 4, clock: 'virtual', seed: 5 };
      const runs = [];
      for (const n of [1, 2]) {
        const trace = join(dir, `${target}${n}.trace`);
        const r = await run(port, program, all, { trace });
        assert.equal(r.exitCode, 0, told(r));
        runs.push({ output: r.stdout, trace: readFileSync(trace) });
      }
      assert.ok(runs[0].trace.length > 500);
      assert.equal(runs[0].output, runs[1].output);
      assert.ok(runs[0].trace.equals(runs[1].trace));
    });
  }
}

test('the time is that of the virtual clock: November 2009, and what the program did since', async () => {
  const { output } = await simulate('tests/sim/clocks.c', ['20'], 7, 1);
  const [, early, start, now, real] = /^early (\d+) start (\d+)\n[^]*^end now (\d+) real (\d+)$/m.exec(output)
    ?.map((d) => BigInt(/^\d+$/.test(d) ? d : 0)) ?? [];
  assert.equal(early, 1257894000000000050n, output); // a constructor's, after one look at the clock
  assert.equal(start, 1257894000n, output);
  assert.equal(real, 1257894000000000050n + now, output);
});

test('the measured clock is the host\'s, in sim too', async () => {
  for (const mode of /** @type {const} */ (['threads', 'sim'])) {
    const rt = await load(readFileSync(await build('tests/sim/clocks.c', 'emscripten')),
      { mode, procs: 2, args: ['2'], trace: false, stdout: (s) => void (text += s) });
    let text = '';
    const before = Date.now();
    await rt.run();
    const started = Number(/ start (\d+)/.exec(text)?.[1]);
    assert.ok(started >= Math.floor(before / 1000) - 1 && started <= Date.now() / 1000 + 1, text);
  }
});
