// The host calls functions of the program: results, errors, many at once that wait for each other,
// while every P computes, before the program runs and when it ends; and debug calls. On workers, simulated,
// in memory that the host cannot see. Every trace is judged.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { load } from '../../wasm/host/loader.mjs';
import { judge } from '../lib/oracle.mjs';
import { ALL, LONG, OUT, ROOT, build, exec, told } from '../lib/run.mjs';

const dir = join(OUT, 'call');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

/** @typedef {import('../../wasm/host/loader.mjs').LoadOptions} LoadOptions */
/** @typedef {import('../../wasm/host/program.mjs').Program} Program */

/** @type {{[name: string]: LoadOptions}} */
const ways = {
  ...LONG ? { 'threads, 1 P': { mode: 'threads', procs: 1 }, 'threads, 4 P': { mode: 'threads', procs: 4 },
    'sim, 1 P': { mode: 'sim', procs: 1 } } : {},
  'threads, 2 P': { mode: 'threads', procs: 2 }, ...ALL ? { 'sim, 3 P': { mode: 'sim', procs: 3 } } : {},
  'sim, 2 P, virtual clock': { mode: 'sim', procs: 2, clock: 'virtual', seed: 1 },
};

/** @type {string} */ let program;
before(async () => { program = await build('tests/host/called.c', 'emscripten'); });

let traces = 0;

/**
 * Runs called.c, calls its functions in `body`, then `quit` if it has not ended; its trace must be valid.
 * @param {LoadOptions} options
 * @param {(rt: Program, run: () => Promise<{exitCode: number}>) => Promise<void>} body must call run
 */
async function withProgram(options, body) {
  const out = { stdout: '', stderr: '', exitCode: -1, timedOut: false, file: '' };
  const rt = await load(readFileSync(program), {
    signal: AbortSignal.timeout(60_000), stdout: (s) => { out.stdout += s; }, stderr: (s) => { out.stderr += s; },
    trace: { mode: 'stream', ringBytes: 64 << 20 }, ...options,
  });
  const trace = new Response(rt.trace.readable).arrayBuffer();
  /** @type {Promise<{exitCode: number}> | undefined} */ let run;
  await body(rt, () => (run = rt.run()));
  await rt.call('quit').catch(() => {}); // its answer may come too late
  out.exitCode = (await run)?.exitCode ?? -1;
  out.file = join(dir, `${traces++}.trace`);
  writeFileSync(out.file, Buffer.from(await trace));
  assert.equal(await judge(out.file), null);
  return out;
}

/** @param {string} file @returns {Promise<(kind: string) => number>} how many events of a kind a trace has */
async function kinds(file) {
  const { stdout } = await exec(process.execPath, [join(ROOT, 'shell/cli.mjs'), 'dump', file]);
  return (kind) => stdout.split('\n').filter((line) => line.includes(kind)).length;
}

for (const [name, way] of Object.entries(ways)) {
  describe(name, { concurrency: 1 }, () => {
    test('answers, errors, bytes', async () => {
      const r = await withProgram(way, async (rt, run) => {
        const early = rt.call('square', '12'); // before it runs
        run();
        assert.equal(await early, '144');
        assert.equal(await rt.call('later', '5'), '5');
        assert.equal(await rt.call('silent'), '');
        await assert.rejects(rt.call('refuse'), { message: 'refused on purpose' });
        await assert.rejects(rt.call('leave'), { message: 'leave ended its goroutine without an answer' });
        await assert.rejects(rt.call('nowhere', 'x'),
          { message: 'the program has no callable function "nowhere" (GR_CALLABLE)' });
        await assert.rejects(rt.call(''), TypeError);
        assert.equal(await rt.call('reversed', 'abc'), 'cba');
        const large = new Uint8Array(3_000_000).map((_, i) => i % 251);
        assert.deepEqual(await rt.callBytes('reversed', large), large.slice().reverse());
        assert.equal((await rt.callBytes('reversed', new Uint8Array(0))).length, 0);
        assert.equal(await rt.call('passed_on'), 'by another');
      });
      assert.equal(r.exitCode, 3, told(r));
      assert.equal(r.stdout, 'quit\n');
      const count = await kinds(r.file);
      assert.ok(count('NotExist->Syscall') >= 10, 'calls are born in a system call');
    });

    test('many at once, which wait for each other', async () => {
      const r = await withProgram(way, async (rt, run) => {
        run();
        const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => rt.call('meet', String(i))));
        assert.deepEqual(answers.map(Number).filter((_, i) => i % 2 === 0),
          Array.from({ length: 100 }, (_, i) => 2 * i));
        assert.deepEqual(answers.map(Number).filter((_, i) => i % 2 === 1).sort((a, b) => a - b),
          Array.from({ length: 100 }, (_, i) => 2 * i));
      });
      assert.equal(r.exitCode, 3, told(r));
    });

    test('while every P computes', async () => {
      const r = await withProgram({ ...way, args: ['busy'] }, async (rt, run) => {
        run();
        for (let i = 0; i < 20; i++) assert.equal(await rt.call('square', String(i)), String(i * i));
      });
      assert.equal(r.exitCode, 3, told(r));
    });

    test('debug calls: the goroutine stands still', async () => {
      const r = await withProgram(way, async (rt, run) => {
        run();
        await rt.call('start_counter');
        const id = (await rt.goroutines()).find((g) => g.name === 'counter')?.id ?? 0;
        assert.ok(id > 1);
        assert.equal(await rt.debugCall(id, 'watch'), '0');
        assert.equal(await rt.call('moves'), 'moves');
        assert.equal(await rt.debugCall(id, 'watch'), '0');
        await assert.rejects(rt.debugCall(987654, 'watch'),
          { message: 'watch was not called: there is no such goroutine, or another debug call is at it' });
        await assert.rejects(rt.debugCall(0, 'watch'), RangeError);
        await assert.rejects(rt.debugCall(id, 'nowhere'), /no callable function "nowhere"/);
      });
      assert.equal(r.exitCode, 3, told(r));
    });

    test('the program ends, is stopped, crashes', async () => {
      await withProgram(way, async (rt, run) => {
        const end = run();
        const late = assert.rejects(rt.call('meet', '1'), { message: 'the program ended before it answered' });
        assert.equal(await rt.call('square', '2'), '4');
        rt.call('quit').catch(() => {});
        await late;
        assert.equal((await end).exitCode, 3);
        await assert.rejects(rt.call('square', '2'), { message: 'the program has ended' });
      });
      const r = await withProgram(way, async (rt, run) => {
        const end = run();
        await assert.rejects(rt.call('crash'), /ended/);
        assert.equal((await end).exitCode, 2);
      });
      assert.match(r.stderr, /^panic: on purpose\n\ngoroutine \d+ \[running, locked to thread\]:\n/);
    });
  });
}

test('in memory that the host does not see', async () => {
  const r = await exec(process.execPath,
    ['--no-warnings', join(ROOT, 'tests/host/hidden-child.mjs'), program, 'calls']);
  assert.equal(r.stdout, 'sim without shared memory\n49\nrefused on purpose\n3000000\nquit\n', told(r));
  assert.equal(r.exitCode, 3, told(r));
});

test('a WASI program cannot be called, and waits for nobody', async () => {
  let stderr = '';
  const rt = await load(readFileSync(await build('tests/host/called.c', 'wasi')),
    { trace: false, stderr: (s) => { stderr += s; } });
  await assert.rejects(rt.call('square', '2'), /WASI/);
  assert.equal((await rt.run()).exitCode, 2);
  assert.match(stderr, /all goroutines are asleep - deadlock!/);
});
