// Simulation with the virtual clock: program + seed + arguments + number of Ps give one trace, byte for byte; another seed
// gives another one.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { load } from '../../wasm/host/loader.mjs';
import { OUT, build, run, told } from '../lib/run.mjs';

const PROGRAMS = [
  { name: 'sieve', args: ['40'] },
  { name: 'pipeline', args: ['200'] },
  { name: 'philosophers', args: ['5', '1'] },
];

const dir = join(OUT, 'determinism');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

/**
 * One simulated run of a demo with the virtual clock.
 * @param {string} name @param {string[]} args @param {number} seed @param {number} procs
 * @returns {Promise<{ exitCode: number, output: string, trace: Buffer }>}
 */
async function simulate(name, args, seed, procs) {
  let output = '';
  /** @param {string} s */
  const say = (s) => void (output += s);
  const program = await build(`shell/demos/${name}.c`, 'emscripten');
  const rt = await load(readFileSync(program), {
    mode: 'sim', clock: 'virtual', procs, seed, args, stdout: say, stderr: say, trace: { mode: 'stream', ringBytes: 16 << 20 },
  });
  const trace = new Response(rt.trace.readable).arrayBuffer();
  const { exitCode } = await rt.run();
  return { exitCode, output, trace: Buffer.from(await trace) };
}

for (const { name, args } of PROGRAMS) {
  for (const procs of [1, 4, 64]) {
    test(`${name}, ${procs} P: the same seed gives the same bytes, another seed others`, async () => {
      const [a, b, other] = [await simulate(name, args, 7, procs), await simulate(name, args, 7, procs), await simulate(name, args, 8, procs)];
      assert.equal(a.exitCode, 0, a.output);
      assert.ok(a.trace.length > 500);
      assert.ok(a.trace.equals(b.trace), `two runs with seed 7 differ: ${a.trace.length} and ${b.trace.length} bytes`);
      assert.equal(a.output, b.output);
      assert.equal(other.exitCode, 0, other.output);
      if (procs > 1) assert.ok(!a.trace.equals(other.trace), 'seeds 7 and 8 give the same trace');
    });
  }
}

test('wasi gives the same bytes for the same seed too', async () => {
  const program = await build('shell/demos/pipeline.c', 'wasi');
  /** @type {import('../lib/run.mjs').Port} */
  const port = { name: 'wasi', target: 'wasi', mode: 'sim', procs: 4, clock: 'virtual', seed: 5 };
  const traces = [];
  for (const n of [1, 2]) {
    const trace = join(dir, `wasi${n}.trace`);
    const r = await run(port, program, ['200'], { trace });
    assert.equal(r.exitCode, 0, told(r));
    traces.push(readFileSync(trace));
  }
  assert.ok(traces[0].length > 500);
  assert.ok(traces[0].equals(traces[1]));
});
