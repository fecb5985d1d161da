// Version 1.26 of the format, on demand: the header says so and a byte ends each generation; Go and we accept it.
// From the command line, from JavaScript, and by the environment.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { load } from '../../wasm/host/loader.mjs';
import { judge } from '../lib/oracle.mjs';
import { ALL, OUT, ROOT, build, exec, native, run, sim, slot, threads, told, wasi } from '../lib/run.mjs';
import { dumped } from '../trace/reader.mjs';

const dir = join(OUT, 'versions');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));
const source = 'tests/programs/chatter.c', END_OF_GENERATION = 52;

/**
 * Generations that end in so many words, and the last batch's number.
 * @param {Uint8Array} bytes
 */
function ends(bytes) {
  let at = 16, ended = 0, last = 0;
  const number = () => {
    let v = 0;
    for (let scale = 1; ; scale *= 128) {
      v += (bytes[at] & 127) * scale;
      if (bytes[at++] < 128) return v;
    }
  };
  while (at < bytes.length) {
    if (bytes[at] === END_OF_GENERATION) {
      ended++;
      at++;
      continue;
    }
    assert.equal(bytes[at++], 1, 'an EventBatch');
    last = number();
    assert.equal(last, ended + 1, 'a batch of the generation that has not ended');
    number();
    number();
    const size = number();
    at += size;
  }
  return { ended, last };
}

for (const port of [threads(2), sim(2), ...ALL ? [native(2), wasi(2)] : []]) {
  test(`1.26, also after lost generations: ${port.name}`, async () => {
    const program = await build(source, port.target);
    for (const debug of ['', 'traceloss=5']) {
      const trace = join(dir, `${port.name}.trace`);
      const r = await slot(() =>
        run(port, program, ['20', '2'], { trace, debug, traceVersion: '1.26', timeoutMs: 120_000 }));
      assert.equal(r.exitCode, 0, told(r));
      const bytes = readFileSync(trace);
      assert.equal(bytes.subarray(0, 16).toString('latin1'), 'go 1.26 trace\0\0\0');
      const { ended, last } = ends(bytes);
      assert.equal(ended, last);
      assert.ok(ended > (debug ? 1 : 0), `${ended} generations`);
      assert.equal(await judge(trace), null);
      assert.ok(((await dumped(bytes)).text.match(/ Sync /g)?.length ?? 0) >= ended, 'each is read');
    }
  });
}

test('from the command line; 1.25 without', async () => {
  const program = await build(source, 'emscripten'), file = join(dir, 'cli.trace');
  /** @param {string[]} options */
  const cli = (options) => slot(() => exec(process.execPath, [
    join(ROOT, 'shell/cli.mjs'), 'run', program, ...options, '--procs', '2', '--', '4', '2',
  ], { timeoutMs: 60_000 }));
  for (const [options, header] of /** @type {[string[], string][]} */ (
    [[['--trace-version=1.26'], 'go 1.26 trace'], [['--trace-version', '1.25'], 'go 1.25 trace'],
      [[], 'go 1.25 trace']])) {
    const r = await cli(['--trace', file, ...options]);
    assert.equal(r.exitCode, 0, told(r));
    assert.equal(readFileSync(file).subarray(0, 13).toString('latin1'), header);
    assert.equal(await judge(file), null);
  }
  rmSync(file);
  const refused = await cli(['--trace', file, '--trace-version', '1.24']);
  assert.equal(refused.stderr, 'goroscope: --trace-version must be 1.25 or 1.26, not "1.24"\n');
  assert.equal(existsSync(file), false, 'no empty trace file is left');
  assert.equal((await cli(['--trace-version', '1.26'])).stderr,
    'goroscope: --trace-version does nothing without --trace FILE\n');
});

test('another version is refused', async () => {
  const program = await build(source, 'native');
  const env = { GOROSCOPE_TRACE: join(dir, 'none'), GOROSCOPE_TRACE_VERSION: '26' };
  const r = await exec(program, ['1'], { env });
  assert.equal(r.exitCode, 1);
  assert.equal(r.stderr, 'goroscope: GOROSCOPE_TRACE_VERSION=26: must be 1.25 or 1.26\n');
  const module = new Uint8Array(readFileSync(await build(source, 'emscripten')));
  await assert.rejects(load(module, { trace: { version: /** @type {any} */ (1.26) } }), (/** @type {Error} */ e) =>
    /^trace\.version must be /.test(e.message));
});
