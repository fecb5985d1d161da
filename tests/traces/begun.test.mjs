// A host begins and ends traces while a program runs: rt.trace.start and stop, --trace-from and --trace-for; whoever
// cannot is told why. (anew.test.mjs has programs that do so themselves.)
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { load } from '../../wasm/host/loader.mjs';
import { judge } from '../lib/oracle.mjs';
import { OUT, ROOT, build, exec, slot, told } from '../lib/run.mjs';
import { read } from '../trace/reader.mjs';

const dir = join(OUT, 'begun');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

/** @param {ReadableStream<Uint8Array>} stream */
const all = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());

for (const mode of /** @type {const} */ (['threads', 'sim'])) {
  test(`rt.trace.start, rt.trace.stop, several times: ${mode}`, async () => {
    const rt = await load(readFileSync(await build('tests/programs/chatter.c', 'emscripten')), {
      mode, procs: 3, args: ['100000'], trace: false, stdout() {}, stderr() {},
    });
    const done = rt.run();
    await assert.rejects(rt.trace.stop(), /^Error: gr_trace_stop: no trace is being written$/);
    assert.equal((await all(rt.trace.readable)).length, 0, 'not traced so far');
    for (let i = 0; i < 3; i++) {
      await rt.trace.start({ ringBytes: 4 << 20 });
      await assert.rejects(rt.trace.start(), /^Error: gr_trace_start: a trace is being written already$/);
      const bytes = all(rt.trace.readable);
      await new Promise((resolve) => setTimeout(resolve, 30 * i));
      await rt.trace.stop();
      const file = join(dir, `${mode}-${i}.trace`);
      writeFileSync(file, await bytes);
      assert.ok(statSync(file).size > 200, `${statSync(file).size} bytes`);
      assert.equal(await judge(file), null);
    }
    // A trace tells of the Ps there are, not of those there were. The program itself sets their number up to 4.
    for (const procs of [8, 2]) await rt.setProcs(procs);
    await rt.trace.start();
    const few = all(rt.trace.readable);
    await rt.setProcs(3);
    await rt.trace.stop();
    writeFileSync(join(dir, `${mode}-few.trace`), await few);
    assert.equal(await judge(join(dir, `${mode}-few.trace`)), null);
    const { store } = await read(await few);
    const ids = store.info().lanes.filter(({ kind }) => kind === 'proc').map(({ id }) => id);
    assert.ok(ids.length && ids.every((id) => id < 4), String(ids));
    await assert.rejects(rt.trace.start({ ringBytes: 100 }),
      /^Error: gr_trace_start: ring_bytes must be 64 KiB to 1 GiB$/);
    await rt.trace.start();
    const last = all(rt.trace.readable);
    rt.stop();
    await done;
    await last; // ends, too, though the program could not say so
    await assert.rejects(rt.trace.start(), /^Error: the program has ended$/);
  });
}

test('options that start() has not are refused', async () => {
  const rt = await load(readFileSync(await build('tests/programs/chatter.c', 'emscripten')), { trace: false });
  const start = /** @type {(options: any) => Promise<void>} */ (rt.trace.start.bind(rt.trace));
  await assert.rejects(start({ bytes: 1 }), /^TypeError: start\(\) has no option "bytes"; there is ringBytes$/);
  await assert.rejects(start({ ringBytes: -1 }),
    /^RangeError: ringBytes must be a number of bytes, 65536 to 2\^30, not -1$/);
  rt.stop();
});

test('goroscope run --trace-from --trace-for', async () => {
  const program = await build('tests/programs/chatter.c', 'emscripten'), file = join(dir, 'part.trace');
  /** @param {string[]} args */
  const ran = (...args) => slot(() => exec(process.execPath,
    [join(ROOT, 'shell/cli.mjs'), 'run', program, '--procs', '2', ...args]));
  const part = await ran('--trace', file, '--trace-from', '100ms', '--trace-for', '0.05s', '--', '3000');
  assert.equal(part.exitCode, 0, told(part));
  assert.ok(existsSync(file), told(part));
  assert.equal(await judge(file), null);
  const newer = await ran('--trace', file, '--trace-from', '50ms', '--trace-version', '1.26', '--', '1500');
  assert.equal(newer.exitCode, 0, told(newer));
  assert.equal(readFileSync(file, 'latin1').slice(0, 13), 'go 1.26 trace');
  assert.equal(await judge(file), null);
  const rest = await ran('--trace', file, '--trace-from', '100ms', '--', '1500');
  assert.equal(rest.exitCode, 0, told(rest));
  assert.equal(await judge(file), null);
  const late = await ran('--trace', file, '--trace-from', '60s', '--', '50');
  assert.equal(late.exitCode, 0, told(late));
  assert.match(late.stderr, /^goroscope: the trace is empty: the program ended before --trace-from$/m);
  assert.equal(existsSync(file), false, 'no empty file is left');
  for (const [args, wanted] of /** @type {[string[], string][]} */ ([
    [['--trace-from', '1s'], '--trace-from needs --trace FILE, which it writes'],
    [['--trace', file, '--trace-for', '5'], '--trace-for must be a time such as 2s or 500ms, not 5'],
    [['--trace', file, '--trace-for', '5s', '--flight', '1s'],
      '--trace-for does not go with --flight, which keeps the last part'],
  ])) {
    const r = await ran(...args);
    assert.equal(r.exitCode, 1);
    assert.equal(r.stderr, `goroscope: ${wanted}\n`);
  }
});
