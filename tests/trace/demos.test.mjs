// Goal: what our own tracer writes is dumped as Go's reader dumps it, byte for byte: every demo, threads and sim.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { demos } from '../lib/demos.mjs';
import { ALL, OUT, ROOT, build, run, sim, slot, threads, told } from '../lib/run.mjs';
import { hashOf } from './record.mjs';

const oracle = process.env.GOROSCOPE_ORACLE;
const dir = join(OUT, 'trace-demos');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

for (const [k, port] of [threads(4), sim(4)].entries()) {
  for (const demo of demos.filter((_, i) => ALL || i % 2 === k)) { // by turns
    test(`${demo.name}, ${port.name}`, {
      skip: oracle ? false : 'Go is not asked: GOROSCOPE_ORACLE is not set',
    }, async () => {
      const trace = join(dir, `${demo.name} ${port.name}.trace`);
      const program = await build(`shell/demos/${demo.name}.c`, port.target);
      const r = await slot(() => run(port, program, demo.args(port),
        { trace, files: demo.files(port), timeoutMs: 120_000 }));
      assert.equal(r.exitCode, demo.exitCode?.(port) ?? 0, told(r));
      const [go, we] = [await hashOf(String(oracle), ['dump', trace]),
        await hashOf(process.execPath, [join(ROOT, 'shell/cli.mjs'), 'dump', trace])];
      console.log(`${demo.name}, ${port.name}: ${go.sha256.slice(0, 16)} ${we.sha256.slice(0, 16)}, ${
        we.bytes} bytes of dump`);
      assert.deepEqual(we, go);
      rmSync(trace);
    });
  }
}
