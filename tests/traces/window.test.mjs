// What the trace's ring holds, seen besides its reader: snapshots and subscribers at any moment, with a flight
// recorder and without, in threads, simulated and where memory is not shared; and what becomes of them when nobody
// reads, a worker dies, or the disk is full. Whatever comes out is a trace that Go accepts.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { load } from '../../wasm/host/loader.mjs';
import { judge } from '../lib/oracle.mjs';
import { LONG, OUT, ROOT, build, exec, rarely, slot, told } from '../lib/run.mjs';

const dir = join(OUT, 'window');
rmSync(dir, { recursive: true, force: true });
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
/** A trace that both judges accept. @param {Uint8Array} bytes @param {string} what */
async function holds(bytes, what) {
  const file = join(dir, `${files++}.trace`);
  writeFileSync(file, bytes);
  assert.ok(bytes.length > 100, `${what}: ${bytes.length} bytes`);
  assert.equal(await judge(file), null, what);
}

/** @param {ReadableStream<Uint8Array>} stream */
const all = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());
const quiet = { stdout() {}, stderr() {} };
const chatter = () => build('tests/programs/chatter.c', 'emscripten').then((path) => readFileSync(path));

// ---- from C ------------------------------------------------------------------------------------------------------

/** @type {[string, Record<string, string>, number][]} how, the environment, times */
const WAYS = [
  ['beside a reader', { GOROSCOPE_PROCS: '2' }, 2],
  ['of a flight recorder', { GOROSCOPE_PROCS: '4', GOROSCOPE_FLIGHT: '0', GOROSCOPE_RING: '1048576' }, 2],
  ['of the last 5 ms', { GOROSCOPE_PROCS: '2', GOROSCOPE_FLIGHT: '5' }, 2],
  ['with losses', { GOROSCOPE_PROCS: '3', GRDEBUG: 'traceloss=SEED' }, 4],
  ['of a flight recorder with losses',
    { GOROSCOPE_PROCS: '3', GRDEBUG: 'traceloss=SEED', GOROSCOPE_FLIGHT: '0', GOROSCOPE_RING: '131072' }, 4],
  ['simulated, with losses', { GOROSCOPE_PROCS: '4', GRDEBUG: 'traceloss=SEED', GOROSCOPE_MODE: 'sim',
    GOROSCOPE_CLOCK: 'virtual', GOROSCOPE_SEED: 'SEED' }, 4],
];
for (const [how, env, times] of WAYS) {
  test(`gr_trace_snapshot, two goroutines at once, ${how}`, async () => {
    const program = await build('tests/traces/snapshots.c', 'native');
    for (let seed = 1; seed <= (LONG ? times : 1); seed++) {
      const name = join(dir, `c ${how} ${seed}`), trace = `${name}.trace`;
      const set = Object.fromEntries(Object.entries(env).map(([k, v]) => [k, v.replace('SEED', String(seed))]));
      const r = await slot(() =>
        exec(program, [name, '12', '2', '40', '2'], { env: { ...set, GOROSCOPE_TRACE: trace } }));
      assert.equal(r.exitCode, 0, told(r));
      const taken = readdirSync(dir).filter((f) => f.startsWith(`c ${how} ${seed}.`)).map((f) => join(dir, f));
      assert.ok(taken.length >= 2, `${taken.length} files: ${told(r)}`);
      for (const file of taken) assert.equal(await judge(file), null, `${file} ${JSON.stringify(set)}`);
    }
  });
}

test('a flight recorder of 5 ms forgets what is older; one without a limit fills its ring', async () => {
  const program = await build('tests/traces/snapshots.c', 'native');
  /** @param {string} flight @returns {Promise<number>} */
  const size = async (flight) => {
    const trace = join(dir, `flight ${flight}.trace`);
    const env = { GOROSCOPE_PROCS: '2', GOROSCOPE_MODE: 'sim', GOROSCOPE_CLOCK: 'virtual', GOROSCOPE_TRACE: trace,
      GOROSCOPE_FLIGHT: flight, GOROSCOPE_RING: String(1 << 20) };
    const r = await slot(() => exec(program, ['none', '0', '0', '60', '2'], { env }));
    assert.equal(r.exitCode, 0, told(r));
    assert.equal(await judge(trace), null);
    return statSync(trace).size;
  };
  const [short, whole] = [await size('5'), await size('0')];
  assert.ok(whole > 600_000 && whole <= (1 << 20) + 16, `${whole} bytes`);
  assert.ok(short < whole / 2, `${short} bytes of 5 ms, ${whole} in all`);
});

test('a flight recorder keeps what a trace can begin with, however old', async () => {
  const out = join(dir, 'forgets');
  const made = await exec(process.env.CC || 'clang', ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-Iruntime',
    '-Iruntime/include', 'tests/traces/forgets.c', 'runtime/trace/window.c', '-o', out], { cwd: ROOT });
  assert.equal(made.exitCode, 0, told(made));
  const r = await exec(out, []);
  assert.equal(r.exitCode, 0, told(r));
});

// ---- from the host -----------------------------------------------------------------------------------------------

for (const mode of /** @type {const} */ (['threads', 'sim'])) {
  for (const trace of /** @type {const} */ ([
    { ringBytes: 1 << 20 }, { mode: 'flight', bytes: 1 << 20 }, { mode: 'flight', ms: 50 },
  ])) {
    const skip = mode === 'sim' && 'ms' in trace && rarely;
    test(`snapshots and subscribers, ${mode}, ${JSON.stringify(trace)}`, { skip }, async () => {
      const rt = await load(await chatter(), { mode, procs: 2, args: ['300', '2'], trace, ...quiet });
      const readable = all(rt.trace.readable), first = rt.trace.subscribe(), fast = all(first);
      const idle = rt.trace.subscribe({ from: 'now' }).getReader();
      const run = rt.run();
      await rt.trace.subscribe().getReader().read(); // its header: it runs
      const late = all(rt.trace.subscribe({ from: 'start of ring' }));
      const shots = await Promise.all([rt.trace.snapshot(), rt.trace.snapshot()]);
      assert.equal((await run).exitCode, 0);
      for (const shot of shots) await holds(shot, 'a snapshot');
      const end = await rt.trace.snapshot();
      await holds(end, 'the end');
      await holds(await readable, 'readable');
      if ('mode' in trace) assert.deepEqual(await readable, end, 'a flight recorder gives what it holds at the end');
      await holds(await fast, `a subscriber from the start, ${first.lost} lost`);
      await holds(await late, 'a subscriber from the start of the ring');
      await idle.cancel();
    });
  }
}

test('a subscriber that is too slow ends with what it had, its rest is another file; nobody waits', async () => {
  const rt = await load(await chatter(),
    { mode: 'threads', procs: 2, args: ['700', '2'], trace: { mode: 'flight', bytes: 1 << 18 }, ...quiet });
  const slow = rt.trace.subscribe(), run = rt.run();
  /** @type {Uint8Array[]} */ const parts = [];
  const reader = slow.getReader();
  parts.push(/** @type {any} */ ((await reader.read()).value));
  assert.equal((await run).exitCode, 0);
  for (let r; !(r = await reader.read()).done;) parts.push(r.value);
  assert.ok(slow.lost > 0, `${slow.lost} lost`);
  await holds(Buffer.concat(parts), 'what it had');
  const rest = slow.rest();
  assert.ok(rest);
  await holds(await all(rest), 'the rest');
  assert.equal(rest.rest(), null, 'nothing is left');
});

test('memory that the host does not see', async () => {
  const program = await build('tests/programs/chatter.c', 'emscripten');
  for (const mode of ['stream', 'flight']) {
    const r = await slot(() => exec(process.execPath,
      ['--no-warnings', join(ROOT, 'tests/traces/snapshot-child.mjs'), program, dir, mode]));
    assert.equal(r.exitCode, 0, told(r));
    const lines = r.stdout.trim().split('\n');
    assert.equal(lines.pop(), 'not shared', told(r));
    assert.equal(lines.length, 7, told(r));
    for (const file of lines) await holds(readFileSync(join(dir, file)), file);
  }
});

test('where there can be no snapshot a sentence says why', async () => {
  const module = await chatter();
  const off = await load(module, { trace: false, ...quiet });
  await assert.rejects(off.trace.snapshot(),
    /^Error: the program is not traced: load it without the option trace: false$/);
  assert.throws(() => off.trace.subscribe(), /the program is not traced/);
  off.stop();
  const rt = await load(module, { mode: 'sim', ...quiet });
  await assert.rejects(rt.trace.snapshot(), /^Error: there is no snapshot: no generation of the trace is whole; /);
  assert.throws(() => rt.trace.subscribe({ from: /** @type {any} */ ('then') }),
    /^TypeError: from must be 'now' or 'start of ring', not "then"$/);
  rt.stop();
  const wasi = await load(readFileSync(await build('tests/programs/chatter.c', 'wasi')), quiet);
  await assert.rejects(wasi.trace.snapshot(), /^Error: the trace of a WASI program can only be read/);
  wasi.stop();
});

// ---- nobody reads, a worker dies, the disk is full ---------------------------------------------------------------

test('a page that stops reading holds up nobody; what the ring holds is valid, and what it had read', async () => {
  const rt = await load(await chatter(),
    { mode: 'threads', procs: 2, args: ['1500', '2'], trace: { ringBytes: 1 << 17 }, ...quiet });
  const reader = rt.trace.readable.getReader(), run = rt.run();
  /** @type {Uint8Array[]} */ const parts = [];
  for (let bytes = 0; bytes < 1000;) {
    const { value = new Uint8Array(0) } = await reader.read();
    parts.push(value);
    bytes += value.length;
  }
  assert.equal((await run).exitCode, 0);
  assert.ok(rt.trace.lost > 0, 'generations were lost for want of a reader');
  await holds(await rt.trace.snapshot(), 'what the ring holds');
  for (let r; !(r = await reader.read()).done;) parts.push(r.value);
  await holds(Buffer.concat(parts), 'all that was read, before and after');
});

test('workers that die while they write leave whole generations, at any moment', async () => {
  const module = await chatter();
  for (const ms of LONG ? [60, 130, 170, 240] : [60, 170]) {
    const rt = await load(module,
      { mode: 'threads', procs: 2, args: ['100000', '2'], trace: { mode: 'flight', bytes: 1 << 18 }, ...quiet });
    const run = rt.run(), subscriber = rt.trace.subscribe(), bytes = all(subscriber);
    await rt.trace.snapshot();
    await new Promise((resolve) => { setTimeout(resolve, ms); }); // a moment like any other
    rt.stop();
    assert.deepEqual(await run, { exitCode: 130, stopped: true });
    await holds(await rt.trace.snapshot(), `stopped after ${ms} ms`);
    await holds(await bytes, `a subscriber until then, ${subscriber.lost} lost`);
  }
});

const cli = join(ROOT, 'shell/cli.mjs');

for (const [how, options] of /** @type {[string, string[]][]} */ ([['stream', []], ['flight', ['--flight', '2M']]])) {
  test(`a full disk: exit code 1, a sentence, and whole generations in the file, ${how}`, async () => {
    const program = await build('tests/programs/chatter.c', 'emscripten'), file = join(dir, `full ${how}.trace`);
    const run = [process.execPath, cli, 'run', program, '--procs', '2', ...options, '--trace'];
    const limited = await exec('bash', ['-c', 'trap "" XFSZ; ulimit -f 1000; exec "$@"', 'bash',
      ...run, file, '--', how === 'stream' ? '20000' : '2500', '2']); // a megabyte takes 0.3 s, under load 1 s
    assert.match(limited.stderr, /^goroscope: the trace could not be written: .*too large/m, told(limited));
    assert.equal(limited.exitCode, 1, told(limited));
    await holds(readFileSync(file), 'what had room');
    assert.ok(statSync(file).size <= 1_024_000, `${statSync(file).size} bytes`);
    const full = await exec(run[0], [...run.slice(1), '/dev/full', '--', '300', '2']);
    assert.match(full.stderr, /^goroscope: the trace could not be written: no space is left there$/m, told(full));
    assert.equal(full.exitCode, 1, told(full));
  });
}

test('a native program whose disk is full says so and leaves whole generations', async () => {
  const program = await build('tests/programs/chatter.c', 'native'), file = join(dir, 'full native.trace');
  const r = await exec('bash', ['-c', 'trap "" XFSZ; ulimit -f 300; exec "$@"', 'bash', program, '300', '2'],
    { env: { GOROSCOPE_PROCS: '2', GOROSCOPE_RING: '262144', GOROSCOPE_TRACE: file } });
  assert.match(r.stderr, /^goroscope: cannot write the trace to .*: File too large$/m, told(r));
  await holds(readFileSync(file), 'what had room');
});

test('a pipe that is closed: exit code 1 and a sentence', async () => {
  const program = await build('tests/programs/chatter.c', 'emscripten');
  const r = await exec('bash', ['-c',
    '{ "$@" 3>&1 >/dev/null; echo "code $?" >&2; } | head -c 5000 >/dev/null', 'bash',
    process.execPath, cli, 'run', program, '--procs', '2', '--trace', '/dev/fd/3', '--', '20000', '2']);
  assert.match(r.stderr, /^goroscope: the trace could not be written: .*\ncode 1$/m, told(r));
});

test('goroscope run --flight writes what it holds when SIGUSR2 comes and when it is stopped', async () => {
  const program = await build('tests/programs/chatter.c', 'emscripten'), file = join(dir, 'signal.trace');
  const child = spawn(process.execPath, [cli, 'run', program, '--procs', '2', '--flight', '1s', '--trace', file, '--',
    '100000', '2'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => { child.on('exit', resolve); });
  let over = false;
  void ended.then(() => { over = true; });
  const tick = () => new Promise((resolve) => { setTimeout(resolve, 50); });
  while (!existsSync(file) && !over) await tick(); // it is there when the run begins
  await tick();
  while (statSync(file).size === 0 && !over) {
    child.kill('SIGUSR2');
    await tick();
  }
  child.kill('SIGINT');
  assert.equal(await ended, 130);
  await holds(readFileSync(file), 'when it was stopped');
});
