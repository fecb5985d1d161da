// rt.goroutines(): the goroutines of a running program, seen from outside, in every way the program can run.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { load } from '../../wasm/host/loader.mjs';
import { ROOT, build } from '../lib/run.mjs';

const SOURCE = 'tests/programs/standing.c';

/**
 * What must be seen: reason or state, function of the call, name, creator. Ids depend on the P that each was
 * started on.
 */
const STANDING = [
  ['sync.WaitGroup.Wait', 'gr_main', 'gr_main', 0], ['chan receive', 'receives', 'receives', 1],
  ['sleep', 'sleeps', 'sleeps', 1], ['sync.Mutex.Lock', 'locks', 'locks', 1],
];

/** @param {import('../../wasm/host/goroutines.mjs').Goroutine[]} list */
const brief = (list) => list.map((g) => [g.reason || g.state, g.site?.func ?? null, g.name, g.creator]);

/** A program that has come to stand. @param {object} options */
async function standing(options) {
  const bytes = readFileSync(await build(SOURCE, 'emscripten'));
  /** @type {(value?: unknown) => void} */ let begun = () => {};
  const stands = new Promise((resolve) => (begun = resolve));
  const rt = await load(bytes, {
    trace: false, stdout: (/** @type {string} */ s) => s.includes('standing') && begun(), ...options,
  });
  const ended = rt.run();
  await stands;
  await sleep(50);
  return { rt, ended };
}

/** @type {{ mode: 'threads' | 'sim', procs: number }[]} */
const ways = [{ mode: 'threads', procs: 1 }, { mode: 'threads', procs: 2 }, { mode: 'sim', procs: 2 }];

for (const way of ways) {
  test(`all goroutines wait: ${way.mode}, ${way.procs} P`, async () => {
    const { rt, ended } = await standing(way);
    const seen = await rt.goroutines();
    assert.deepEqual(brief(seen), STANDING);
    assert.match(seen[1].site?.file ?? '', /standing\.c$/);
    assert.equal(readFileSync(join(ROOT, SOURCE), 'utf8').split('\n')[(seen[1].site?.line ?? 0) - 1].trim(),
      'gr_chan_recv(arg, &v);');
    for (const g of seen) assert.ok(g.sinceNs > 0 && g.sinceNs < 60e9, `goroutine ${g.id} since ${g.sinceNs} ns`);
    const longer = await rt.goroutines();
    if (way.mode === 'threads') assert.ok(longer[1].sinceNs > seen[1].sinceNs);
    rt.stop();
    await ended;
    assert.deepEqual(await rt.goroutines(), []);
  });

  test(`one computes without end: ${way.mode}, ${way.procs} P`, async () => {
    const { rt, ended } = await standing({ ...way, args: ['spin'] });
    const seen = brief(await rt.goroutines());
    const spins = seen.findIndex((g) => g[2] === 'spins');
    assert.deepEqual(seen.splice(spins, 1)[0], ['running', null, 'spins', 1]);
    // in the same simulated moment
    if (way.mode === 'sim') assert.deepEqual(seen.shift(), ['running', null, 'gr_main', 0]);
    assert.deepEqual(seen, STANDING.slice(way.mode === 'sim' ? 1 : 0));
    rt.stop();
    await ended;
  });
}

test('100,000 goroutines are listed in pieces', async () => {
  const bytes = readFileSync(await build('tests/programs/parked.c', 'emscripten'));
  /** @type {(value?: unknown) => void} */ let begun = () => {};
  const stands = new Promise((resolve) => (begun = resolve));
  const rt = await load(bytes, { mode: 'threads', procs: 2, trace: false, args: ['100000'], stdout: () => begun() });
  const ended = rt.run();
  await stands;
  const seen = await rt.goroutines();
  assert.equal(seen.length, 100_001);
  assert.equal(new Set(seen.map((g) => g.id)).size, 100_001);
  rt.stop();
  await ended;
});

test('where memory is not shared the worker answers', async () => {
  const path = await build(SOURCE, 'emscripten');
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', `
    import { readFileSync } from 'node:fs';
    const { SharedArrayBuffer } = globalThis;
    delete globalThis.SharedArrayBuffer;
    const { load } = await import(${JSON.stringify(join(ROOT, 'wasm/host/loader.mjs'))});
    globalThis.SharedArrayBuffer = SharedArrayBuffer; // node's own workers need it
    const bytes = readFileSync(${JSON.stringify(path)});
    const stands = Promise.withResolvers ? Promise.withResolvers() : (() => {
      const d = {};
      d.promise = new Promise((r) => { d.resolve = r; });
      return d;
    })();
    const rt = await load(bytes, { procs: 2, trace: false, stdout: () => stands.resolve() });
    const ended = rt.run();
    await stands.promise;
    await new Promise((r) => setTimeout(r, 50));
    console.log(JSON.stringify([rt.mode, await rt.goroutines()]));
    const late = rt.goroutines();
    rt.stop();
    await late; // answered or not, it does not hang
    await ended;
  `], { timeout: 60_000 });
  const [mode, seen] = JSON.parse(stdout);
  assert.equal(mode, 'sim');
  assert.deepEqual(brief(seen), STANDING);
});

test('a WASI program says that it cannot be looked at', async () => {
  const rt = await load(readFileSync(await build(SOURCE, 'wasi')), { trace: false, stdout: () => {} });
  await assert.rejects(rt.goroutines(), /a WASI program cannot be looked at while it runs/);
  rt.stop();
});

for (const mode of ['threads', 'sim']) {
  test(`Ctrl-\\ shows the goroutines and ends the program, as Go's do: ${mode}`, async () => {
    const child = spawn(process.execPath, [
      'shell/cli.mjs', 'run', await build(SOURCE, 'emscripten'), '--mode', mode, '--procs', '2', '--', 'spin',
    ], { cwd: ROOT });
    let out = '', err = '';
    child.stdout.on('data', (d) => { out += d; if (out.includes('standing')) child.kill('SIGQUIT'); });
    child.stderr.on('data', (d) => { err += d; });
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(code, 2, err);
    assert.match(err, /^SIGQUIT: quit\n\ngoroutine 1 \[(sync\.WaitGroup\.Wait|running)\]:\n/);
    assert.match(err, /\ngoroutine \d+ \[chan receive\]:\nreceives\(\.\.\.\)\n\t.*standing\.c:10\n/);
    assert.match(err, /created by gr_main in goroutine 1\n/);
    assert.match(err, /goroutine \d+ \[running\]:\n\tgoroutine running on other thread; stack unavailable\n/);
  });
}

// A program may write over the runtime's memory: who looks at it is not to look for ever.
for (const mode of /** @type {const} */ (['threads', 'sim'])) {
  test(`a list that was written over and has no end is said: ${mode}`, async () => {
    const bytes = readFileSync(await build('tests/programs/endless_list.c', 'emscripten', { inside: true }));
    /** @type {() => void} */ let told = () => {};
    const damaged = /** @type {Promise<void>} */ (new Promise((resolve) => { told = resolve; }));
    const rt = await load(bytes, { mode, procs: 2, stdout: told });
    const ended = rt.run();
    try {
      await damaged;
      await assert.rejects(rt.goroutines(),
        /^Error: the program cannot be looked at: the program has written over memory that is not its own$/);
    } finally {
      rt.stop();
      await ended;
    }
  });
}
