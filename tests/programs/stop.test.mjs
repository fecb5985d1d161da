// Ending programs from outside: stop() and an AbortSignal end any program at once, one that never yields included,
// and leave neither node alive nor the trace broken.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from '../../wasm/host/loader.mjs';
import { judge } from '../lib/oracle.mjs';
import { OUT, build, run, threads, told } from '../lib/run.mjs';

const dir = join(OUT, 'stop');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

/** @type {{ mode: 'threads' | 'sim', procs: number }[]} */
const ways = [{ mode: 'threads', procs: 1 }, { mode: 'threads', procs: 2 }, { mode: 'sim', procs: 2 }];

/** A program that has begun to spin. @param {object} options */
async function spinning(options) {
  const bytes = readFileSync(await build('tests/programs/spin.c', 'emscripten'));
  /** @type {(value?: unknown) => void} */ let begun = () => {};
  const spins = new Promise((resolve) => (begun = resolve));
  const rt = await load(bytes, {
    trace: false, stdout: (/** @type {string} */ s) => s.includes('spinning') && begun(), ...options,
  });
  const ended = rt.run();
  await Promise.race([spins, ended]);
  return { rt, ended };
}

for (const way of ways) {
  test(`stop() ends a program that never yields: ${way.mode}, ${way.procs} P`, async () => {
    const { rt, ended } = await spinning(way);
    const at = Date.now();
    rt.stop();
    const { exitCode } = await ended;
    assert.equal(exitCode, 130);
    assert.ok(Date.now() - at < 2000, `it took ${Date.now() - at} ms`);
  });

  test(`an AbortSignal does the same: ${way.mode}, ${way.procs} P`, async () => {
    const abort = new AbortController();
    const { ended } = await spinning({ ...way, signal: abort.signal });
    abort.abort();
    assert.equal((await ended).exitCode, 130);
  });
}

test('what was traced before a stop is a valid trace', async () => {
  const bytes = readFileSync(await build('tests/programs/chatter.c', 'emscripten'));
  const rt = await load(bytes, {
    mode: 'threads', procs: 2, args: ['60000'], stdout: () => {}, trace: { mode: 'stream', ringBytes: 32 << 20 },
  });
  const stream = new Response(rt.trace.readable).arrayBuffer();
  const ended = rt.run();
  await sleep(700);
  rt.stop();
  assert.equal((await ended).exitCode, 130);
  const file = join(dir, 'stopped.trace');
  const trace = Buffer.from(await stream);
  assert.ok(trace.length > 1000, `only ${trace.length} bytes`);
  writeFileSync(file, trace);
  assert.equal(await judge(file), null);
});

test('memory may grow at any time on any P', async () => {
  const program = await build('tests/programs/growth.c', 'emscripten');
  for (const procs of [2, 8]) {
    const r = await run(threads(procs), program, ['300']);
    assert.equal(r.exitCode, 0, told(r));
  }
});
