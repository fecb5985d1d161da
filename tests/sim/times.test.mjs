// Simulation: the Ps' clocks, the goroutines' own time and the trace tell of the same time.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { judge } from '../lib/oracle.mjs';
import { OUT, ROOT, build, exec, run, told } from '../lib/run.mjs';

const dir = join(OUT, 'times');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

for (const procs of [4, 16]) {
  test(`sim, ${procs} P: the lanes show a slice as long as its goroutine computed, over many generations`, async () => {
    const program = await build('tests/programs/slices.c', 'emscripten');
    const trace = join(dir, `slices${procs}.trace`);
    /** @type {import('../lib/run.mjs').Port} */
    const port = { name: 'sim', target: 'emscripten', mode: 'sim', procs, clock: 'measured', seed: 1 };
    const r = await run(port, program, [], { trace });
    assert.equal(r.exitCode, 0, told(r));
    assert.equal(await judge(trace), null);
    const computed = Number(r.stdout);
    const stat = JSON.parse((await exec(process.execPath,
      [join(ROOT, 'shell/cli.mjs'), 'stat', '--json', trace])).stdout);
    const running = stat.functions.find((/** @type {any} */ f) => f.fn === 'worker').running_ns;
    assert.ok(stat.generations >= 3, 'too short to say anything');
    // It also runs between two slices, and on a busy machine the host may take its processor there.
    assert.ok(running > computed * 0.999 && running < computed * 1.05,
      `computed ${computed} ns, the trace says ${running} ns`);
  });
}

test('sim, 1 P: taking turns with a coroutine takes as long as it takes the host', async () => {
  const program = await build('tests/programs/pulled.c', 'emscripten');
  const r = await run({ name: 'sim', target: 'emscripten', mode: 'sim', procs: 1, clock: 'measured', seed: 1 },
    program, []);
  assert.equal(r.exitCode, 0, told(r));
  const [ours, host] = r.stdout.split(' ').map(Number);
  assert.ok(ours > 0 && ours < host * 1.05, `${ours} ns passed in the program, ${host} ns in the host`);
});
