// The command line as a user meets it: help, mistakes, programs run to their end and stopped, traces written and read.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LONG, alike, build, rarely } from '../lib/run.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const cli = join(root, 'shell/cli.mjs');
const scratch = mkdtempSync(join(tmpdir(), 'goroscope-cli-'));
after(() => rmSync(scratch, { recursive: true }));

const VERBS = ['build', 'run', 'serve', 'view', 'dump', 'stat', 'validate', 'bench'];
/**
 * Each demo with arguments that make it short, and what it must have printed.
 * @type {Record<string, [string[], RegExp]>}
 */
const DEMOS = {
  wordcount: [['input.txt', '2'], /\d+ +the\n/],
  mandelbrot: [['160', '120', '300'], /./],
  sieve: [['100'], /prime number 100 is 541/],
  pipeline: [['2000'], /200 OK/],
  philosophers: [['5', '1'], /meals/],
  coroutines: [['4', '1000', '200'], /every result is right/],
  syscalls: [['5', '300'], /every device got every block/],
  garbage: [['60'], /60 trees of 4000 nodes/],
  fetch: [['2'], /26 fetches, at most 4 at a time/],
};

/**
 * Starts the command line; `ended` tells how it ended.
 * @param {string[]} args @param {{cwd?: string, timeoutMs?: number}} [options]
 */
function start(args, { cwd = root, timeoutMs = 60_000 } = {}) {
  const child = spawn(process.execPath, [cli, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (said.err += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  /** @type {Promise<{code: number | null, out: string, err: string}>} */
  const ended = new Promise((resolve) => child.on('close', (code) => {
    clearTimeout(timer);
    resolve({ code, ...said });
  }));
  return { child, said, ended };
}

/** @param {string[]} args @param {{cwd?: string}} [options] */
const goroscope = (args, options) => start(args, options).ended;

/** @param {string} name of a file in tests/programs @returns {Promise<string>} the built program */
const program = (name) => build(`tests/programs/${name}.c`, 'emscripten');

test('the help lists every verb, and every verb has its own', async () => {
  const { code, out } = await goroscope(['--help']);
  assert.equal(code, 0);
  for (const verb of VERBS) {
    assert.match(out, new RegExp(`goroscope ${verb} `));
    const own = await goroscope([verb, '--help']);
    assert.deepEqual([own.code, own.err], [0, ''], verb);
    assert.match(own.out, new RegExp(`^goroscope ${verb} `));
  }
  const bare = await goroscope([]);
  assert.equal(bare.code, 1);
  assert.match(bare.err, /goroscope run/);
  assert.match((await goroscope(['--version'])).out, /^\d+\.\d+\.\d+\n$/);
});

/**
 * What a verb makes of a mistake, as shell/cli.mjs tells it, in this process.
 * @param {string[]} args @returns {Promise<{code: number, out: string, err: string}>}
 */
async function mistaken([verb, ...rest]) {
  const module = await import(`../../shell/cli/${verb}.mjs`);
  try {
    return { code: await module.main(rest), out: '', err: 'it is none' };
  } catch (e) {
    return { code: 1, out: '', err: `goroscope: ${/** @type {Error} */ (e).message}\n` };
  }
}

test('mistakes give one clear line and exit code 1', async () => {
  const notATrace = join(scratch, 'text.trace');
  writeFileSync(notATrace, 'not a trace');
  const cases = /** @type {[string[], RegExp][]} */ ([
    [['fly'], /there is no verb "fly"; there are build, run, serve/],
    ...VERBS.map((verb) => [[verb, '--no-such-option'],
      new RegExp(`unknown option '--no-such-option'; see goroscope ${verb} --help`)]),
    [['run'], /run needs a program/],
    [['run', 'no-such-demo'], /no-such-demo is neither a file nor a bundled demo \(wordcount, /],
    [['run', 'no/such.wasm'], /no\/such\.wasm cannot be read: there is no such file/],
    [['run', notATrace], /text\.trace is not a wasm program; goroscope build makes one from C/],
    [['run', 'sieve', '100'],
      /"100" is one too many; the program's own arguments go behind --: goroscope run sieve -- 100/],
    [['run', 'sieve', '--procs', '0'], /--procs must be a whole number from 1 to \d+, not "0"/],
    [['run', 'sieve', '--mode', 'warp'], /--mode must be auto, threads or sim, not "warp"/],
    [['run', 'sieve', '--seed', 'x'], /--seed must be a whole number/],
    [['run', 'sieve', '--stack', '9Q'], /--stack must be a size in bytes such as/],
    [['run', 'sieve', '--stack', '0'], /--stack must be from 1K to 1G, not "0"/],
    [['run', 'sieve', '--stack', '8G'], /--stack must be from 1K to 1G, not "8G"/],
    [['run', 'sieve', '--debug', 'foo=1'], /--debug has no setting "foo"; there are leaks, leakwait, /],
    [['run', 'sieve', '--debug', 'leaks'], /--debug must have NAME=NUMBER, such as leaks=1, not "leaks"/],
    [['run', 'sieve', '--debug', 'leaks=x'], /--debug must have NAME=NUMBER, such as leaks=1, not "leaks=x"/],
    [['run', 'sieve', '--mode', 'threads', '--clock', 'virtual'],
      /--clock virtual does nothing with --mode threads: it is for --mode sim/],
    [['run', 'sieve', '--mode', 'threads', '--seed', '3'],
      /--seed does nothing with --mode threads: it is for --mode sim/],
    [['run', 'sieve', '--file', 'README.md=a', '--file', 'LICENSE=a'],
      /--file gives the program two files a: call one otherwise, with LICENSE=NAME/],
    [['run', 'sieve', '--file', 'README.md=a/b', '--file', 'LICENSE=a'],
      /files has both "a" and "a\/b": the first would have to be a file and a folder; rename one/],
    [['run', 'sieve', '--env', 'x'], /--env must be NAME=VALUE, not "x"/],
    [['run', 'wordcount', '--file', 'no/such.txt'], /no\/such\.txt cannot be read: there is no such file/],
    [['run', 'sieve', '--trace', join(scratch, 'no/such.trace')],
      /the trace cannot be written to .*no\/such\.trace: there is no such folder/],
    [['run', 'sieve', '--trace', ''], /: --trace needs the name of a file$/m],
    [['run', 'sieve', '--seed', '-1'], /--seed must be a whole number from 0 to \d+, not "-1"/],
    [['run', 'sieve', '--trace', 'x', '--trace-from', '5000000s'], /--trace-from must be 2147483s at most/],
    [['serve', '--port', '99999'], /--port must be a whole number from 0 to 65535/],
    [['build'], /build needs at least one C source/],
    [['build', 'no/such.c'], /no\/such\.c cannot be read: there is no such file/],
    [['build', 'tests/unit/chan.c', '--target', 'z80'], /--target must be emscripten, wasi or native, not "z80"/],
    [['build', 'tests/unit/chan.c', '-o', 'no/such/x.wasm'], /the folder .*no\/such is not there or not writable/],
    [['dump', 'a', 'b'], /"b" is one too many/],
    [['dump', 'no/such.trace'], /no\/such\.trace cannot be read: there is no such file/],
    [['stat', 'shell'], /shell is a folder, not a file/],
    [['validate', 'no/such.trace'], /no\/such\.trace cannot be read/],
    [['validate', notATrace], /text\.trace/],
    [['dump', notATrace], /text\.trace/],
    [['stat', notATrace], /text\.trace/],
    [['view', notATrace], /text\.trace is not a Go execution trace: it does not begin with/],
  ]);
  // In a process of its own the first of each verb, which is what a verb's mistakes have in common.
  /** @type {Set<string>} */ const begun = new Set();
  for (const [args, pattern] of cases) {
    // What is told on the way, and not thrown, is told by a process.
    const isThrown = begun.has(args[0]) && !args.includes(notATrace);
    const { code, out, err } = isThrown ? await mistaken(args) : await goroscope(args);
    begun.add(args[0]);
    const told = JSON.stringify({ args, out, err });
    assert.equal(code, 1, told);
    assert.match(err, pattern, told);
    assert.match(err, /^[^\n]+\n$/, told);
    assert.equal(out, '', told);
  }
});

/** Demos run in the page's and the tracer's tests too. */
const FEW = ['wordcount', 'coroutines', 'fetch'];

for (const [name, [args, pattern]] of Object.entries(DEMOS).filter(([name]) => LONG || FEW.includes(name))) {
  test(`run ${name}: exit code 0, output, a trace that holds`, async () => {
    const trace = join(scratch, `${name}.trace`);
    const { code, out, err } = await goroscope(['run', name, '--procs', '2', '--trace', trace, '--', ...args]);
    assert.deepEqual([code, err], [0, ''], out);
    assert.match(out, pattern);
    assert.match(readFileSync(trace).subarray(0, 16).toString('latin1'), /^go 1\.2\d trace\0\0\0$/);
    const judged = await goroscope(['validate', trace]);
    assert.equal(judged.code, 0, judged.err);
    const dumped = await goroscope(['dump', trace]);
    assert.equal(dumped.code, 0, dumped.err);
    assert.match(dumped.out, /GoID=1/);
    const stat = await goroscope(['stat', trace, '--json']);
    assert.equal(stat.code, 0, stat.err);
    assert.equal(typeof JSON.parse(stat.out), 'object');
  });
}

test('run in sim with the virtual clock: the same seed, the same trace', { skip: alike }, async () => {
  const traces = [];
  for (const name of ['a', 'b']) {
    const trace = join(scratch, `${name}.trace`);
    const { code, err } = await goroscope(
      ['run', 'philosophers', '--mode=sim', '--procs=4', '--seed=7', '--clock=virtual', '--trace', trace]);
    assert.equal(code, 0, err);
    traces.push(readFileSync(trace));
  }
  assert.ok(traces[0].length > 1000);
  assert.ok(traces[0].equals(traces[1]), 'two runs with seed 7 gave different traces');
});

test("run hands over one's own text, the program's arguments and its exit code", { skip: alike }, async () => {
  const text = join(scratch, 'own.txt');
  writeFileSync(text, 'zebra zebra apple zebra\n'.repeat(50));
  const counted = await goroscope(['run', 'wordcount', '--file', text]);
  assert.equal(counted.code, 0, counted.err);
  assert.match(counted.out, /zebra/);
  const named = await goroscope(['run', 'wordcount', '--file', `${text}=mine.txt`, '--', 'mine.txt']);
  assert.equal(named.code, 0, named.err);
  assert.match(named.out, /zebra/);
  const failing = await goroscope(['run', await program('exitcode'), '--', '7']);
  assert.equal(failing.code, 7, failing.err);
});

test('a deadlock is told as Go tells it, exit code 2', async () => {
  const { code, err } = await goroscope(['run', await program('deadlock')]);
  assert.equal(code, 2);
  assert.match(err, /^fatal error: all goroutines are asleep - deadlock!\n/);
});

/** Until the trace is there: then the run begins. @param {string} trace @param {Promise<unknown>} ended of the run */
async function begun(trace, ended) {
  let over = false;
  ended.then(() => { over = true; });
  while (!existsSync(trace) && !over) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(!over, 'it ended by itself');
}

for (const mode of ['threads', 'sim']) {
  test(`Ctrl-C ends a program that never yields at once, ${mode}`, async () => {
    const trace = join(scratch, `spin-${mode}.trace`);
    const { child, ended } = start(['run', await program('spin'), '--mode', mode, '--trace', trace]);
    await begun(trace, ended);
    const before = performance.now();
    child.kill('SIGINT');
    const { code } = await ended;
    assert.equal(code, 130);
    assert.ok(performance.now() - before < 2000, `it took ${Math.round(performance.now() - before)} ms`);
  });
}

test('of two runs that write one trace the later is whole, the earlier says that its is lost', async () => {
  const trace = join(scratch, 'both.trace');
  const first = start(['run', await program('spin'), '--mode', 'sim', '--trace', trace]);
  await begun(trace, first.ended);
  const { code } = await goroscope(['run', 'sieve', '--mode', 'sim', '--trace', trace]);
  assert.equal(code, 0);
  const whole = readFileSync(trace);
  first.child.kill('SIGINT');
  const ended = await first.ended;
  assert.match(ended.err,
    /^goroscope: the trace could not be written: .*both\.trace was removed, or written by another run/m);
  assert.equal(ended.code, 1);
  assert.ok(whole.equals(readFileSync(trace)), 'nobody has touched it');
  assert.equal((await goroscope(['validate', trace])).code, 0);
});

/**
 * @param {string} line for bash, `goroscope` in it is the command line
 * @returns {Promise<{code: number | null, err: string}>}
 */
function shell(line) {
  const child = spawn('bash', ['-c', `goroscope() { "$NODE" "$CLI" "$@"; }; ${line}`], {
    cwd: scratch, env: { ...process.env, NODE: process.execPath, CLI: cli },
    stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000,
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, err })));
}

test('a program that fails and is not read to its end has not succeeded; 16 Ps warn of nothing', async () => {
  const deadlock = await program('deadlock');
  for (const mode of ['threads', 'sim']) {
    const run = `goroscope run --mode ${mode} ${deadlock}`;
    const { code } = await shell(`${run} 2>&1 >/dev/null | true; exit \${PIPESTATUS[0]}`);
    assert.ok([2, 141].includes(Number(code)), `${code}`); // 141: it was still telling
  }
  assert.deepEqual(await shell(`goroscope run --procs 16 ${await program('exitcode')} -- 0`), { code: 0, err: '' });
});

test('a program that is stopped before it has traced anything: that is said', async () => {
  const trace = join(scratch, 'never.trace');
  const { child, ended } = start(['run', await program('spin'), '--mode', 'sim', '--trace', trace]);
  await begun(trace, ended);
  child.kill('SIGINT');
  const { code, err } = await ended;
  assert.equal(code, 130);
  if (statSync(trace).size <= 16) assert.match(err, /^goroscope: the trace has no events: .*\n$/);
  else assert.equal(err, '');
});

for (const mode of ['threads', 'sim']) {
  test('a reader that leaves early and a full disk end the program, ' +
    `and its files are written all the same, ${mode}`, async () => {
    const floods = await program('floods');
    const kept = join(scratch, `kept-${mode}.txt`);
    const run = `goroscope run --mode ${mode} ${floods} --file-out /kept.txt=${kept}`;
    assert.deepEqual(await shell(`${run} | head -1; exit \${PIPESTATUS[0]}`), { code: 141, err: '' });
    assert.equal(readFileSync(kept, 'utf8'), 'kept\n');
    rmSync(kept);
    assert.deepEqual(await shell(`${run} >/dev/full`),
      { code: 1, err: 'goroscope: standard output could not be written: no space is left there\n' });
    assert.equal(readFileSync(kept, 'utf8'), 'kept\n');
  });
}

test('a reader that leaves early is told of by the exit code alone, by every verb', async () => {
  const trace = join(scratch, 'left-early.trace');
  assert.equal((await goroscope(['run', 'sieve', '--mode', 'sim', '--trace', trace])).code, 0);
  for (const verb of ['dump', 'dump --format=json', 'export --format=csv', 'export --format=chrome'])
    assert.deepEqual(await shell(`goroscope ${verb} ${trace} | head -1; exit \${PIPESTATUS[0]}`),
      { code: 141, err: '' }, verb);
});

test('a full disk is told by every verb that prints', async () => {
  assert.deepEqual(await shell('goroscope --help >/dev/full'),
    { code: 1, err: 'goroscope: standard output could not be written: no space is left there\n' });
});

test('build puts no file in the place of a device or a pipe', async () => {
  const { code, err } = await shell(
    `mkfifo pipe && echo 'int gr_main(int c, char **v) { return 0; }' >a.c && goroscope build a.c -o pipe`);
  assert.equal(code, 1);
  assert.match(err, /^goroscope: .*pipe is a device or a pipe; name a file with -o\n$/);
  assert.ok(statSync(join(scratch, 'pipe')).isFIFO());
});

test('serve prints one line with the address, serves there, and ends on Ctrl-C', async () => {
  const { child, said, ended } = start(['serve', '--port', '0']);
  for (let i = 0; i < 100 && !said.out.includes('\n'); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  const url = /^goroscope: the demo page is at (http:\/\/127\.0\.0\.1:\d+\/)\n$/.exec(said.out)?.[1];
  assert.ok(url, said.out + said.err);
  assert.match(await (await fetch(url)).text(), /<goroscope-viewer/);
  child.kill('SIGINT');
  assert.equal((await ended).code, 0);
});

test('view hands out just the trace it was given', async () => {
  const trace = join(scratch, 'seen.trace');
  writeFileSync(trace, 'go 1.23 trace\0\0\0');
  const { child, said, ended } = start(['view', trace, '--port', '0']);
  for (let i = 0; i < 100 && !said.out.includes('\n'); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  const url = /(http:\/\/127\.0\.0\.1:\d+)\/shell\/\?file=seen\.trace\n$/.exec(said.out)?.[1];
  assert.ok(url, said.out + said.err);
  assert.equal((await (await fetch(`${url}/file/seen.trace`)).arrayBuffer()).byteLength, 16);
  assert.equal((await fetch(`${url}/file/other.trace`)).status, 404);
  child.kill('SIGINT');
  assert.equal((await ended).code, 0);
});

// Emscripten, wasi-libc and a native compiler one after the other.
test('build writes where it is told, for every target, and says what a compiler says', { skip: rarely }, async () => {
  const source = join(scratch, 'hello.c');
  writeFileSync(source, '#include <goroscope.h>\n#include <stdio.h>\nint gr_main(int argc, char **argv) {\n'
    + '    (void)argc, (void)argv;\n    printf("hello\\n");\n    return 0;\n}\n');
  const plain = await goroscope(['build', 'hello.c'], { cwd: scratch });
  assert.equal(plain.code, 0, plain.err);
  const ran = await goroscope(['run', 'hello.wasm'], { cwd: scratch });
  assert.deepEqual([ran.code, ran.out, ran.err], [0, 'hello\n', '']);
  const wasi = await goroscope(['build', source, '--target=wasi', '-o', join(scratch, 'hello.wasi.wasm')]);
  assert.equal(wasi.code, 0, wasi.err);
  const ranWasi = await goroscope(['run', join(scratch, 'hello.wasi.wasm')]);
  assert.deepEqual([ranWasi.code, ranWasi.out, ranWasi.err], [0, 'hello\n', '']);
  const native = await goroscope(['build', 'hello.c', '--target=native'], { cwd: scratch });
  assert.equal(native.code, 0, native.err);
  assert.ok(existsSync(join(scratch, 'hello')));
  writeFileSync(source, 'int gr_main(int argc, char **argv) { return nonsense; }\n');
  const broken = await goroscope(['build', source, '-o', join(scratch, 'broken.wasm')]);
  assert.equal(broken.code, 1);
  assert.match(broken.err, /nonsense/);
  assert.equal(existsSync(join(scratch, 'broken.wasm')), false);
});
