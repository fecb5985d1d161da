// The C library in every driver and port: stdin that parks, what is printed however a program ends,
// files in memory, the environment, the calendar (the native port's glibc says what is right), long double.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { load } from '../../wasm/host/loader.mjs';
import { ALL, LONG, OUT, ROOT, build, exec, slot } from '../lib/run.mjs';

const NORMAL = { stopped: undefined };
const utf8 = (/** @type {string} */ s) => new TextEncoder().encode(s);
const text = (/** @type {Uint8Array | undefined} */ bytes) => bytes && new TextDecoder().decode(bytes);

/**
 * @typedef {{name: string, target: 'emscripten' | 'wasi',
 *   options: import('../../wasm/host/types.d.mts').LoadOptions}} Way
 * @type {Way[]}
 */
const WAYS = [
  { name: 'threads, 1 P', target: 'emscripten', options: { mode: 'threads', procs: 1 } },
  { name: 'threads, 3 P', target: 'emscripten', options: { mode: 'threads', procs: 3 } },
  { name: 'sim, 2 P', target: 'emscripten', options: { mode: 'sim', procs: 2 } },
  { name: 'sim, 2 P, virtual', target: 'emscripten', options: { mode: 'sim', procs: 2, clock: 'virtual', seed: 3 } },
  { name: 'wasi, 2 P', target: 'wasi', options: { procs: 2 } },
];

/** Input that comes piece by piece, the first one after a while. @param {string[]} pieces */
const late = (pieces) => () => new ReadableStream({
  async start(controller) {
    for (const piece of pieces) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      controller.enqueue(utf8(piece));
    }
    controller.close();
  },
});

/**
 * @param {Way} way @param {string} source @param {string} name the case
 * @param {import('../../wasm/host/types.d.mts').LoadOptions} [more]
 */
async function ran(way, source, name, more = {}) {
  const program = readFileSync(await build(`tests/libc/${source}.c`, way.target));
  return slot(async () => {
    let stdout = '', stderr = '';
    const rt = await load(program, {
      ...way.options, trace: false, args: [name], ...more,
      stdout: (s) => { stdout += s; }, stderr: (s) => { stderr += s; },
    });
    const watch = setTimeout(() => rt.stop(), 30_000);
    const { exitCode, stopped } = await rt.run();
    clearTimeout(watch);
    return { exitCode, stopped, stdout, stderr, files: rt.files() };
  });
}

/** Case, exit code, stdout, how stderr begins. @type {[string, number, string, RegExp][]} */
const ENDS = [
  ['returns', 3, 'kept back\nhandler b\nhandler a\ndestructor\n', /^$/],
  ['exits', 5, 'kept back\nreceived 7\nagain\nhandler a\n', /^$/],
  ['elsewhere', 6, 'kept back\nreceived 7\n', /^$/],
  ['at-once', 7, '', /^$/],
  ['quickly', 8, 'kept back\nhandler b\n', /^$/],
  ['deadlocks', 2, 'kept back\n',
    /^fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 \[chan receive \(nil chan\)\]:\n/],
  ['panics', 2, 'kept back\n', /^panic: no way\n\ngoroutine 1 \[running\]:\n/],
  ['misuses', 2, 'kept back\n', /^fatal error: sync: unlock of unlocked mutex\n/],
  ['traps', 2, 'kept back\n', /^fatal error: unexpected trap: unreachable/],
  ['aborts', 2, 'kept back\n', /^SIGABRT: abort\n\ngoroutine 1 \[running\]:\n/],
  ['asserts', 2, 'kept back\n',
    /^assertion failed: ticks == 99 \(.*ends\.c:\d+, asserts\)\n\ngoroutine 1 \[running\]:\n/],
  ['raises', 2, 'signal USR1\nkept back\n', /^SIGTERM: termination\n/],
  ['raises-segv', 2, 'kept back\n', /^SIGSEGV: segmentation violation\n/],
];
// the others are the system's there
const NATIVE_ENDS = ['returns', 'exits', 'at-once', 'quickly', 'deadlocks', 'panics', 'misuses'];

const lines = Array.from({ length: 3000 }, (_, i) => `${i} ${3 * i} end\n`).join('');
const SUM = 3000 * 2999 / 2;

// Threads; one clock and number of Ps of each driver; or all.
for (const way of WAYS.filter(({ name }) => 
  LONG || (ALL ? !/, 1 P|sim, 2 P$/.test(name) : /^threads, 3 P/.test(name)))) {
  describe(way.name, { concurrency: true }, () => {
    for (const [name, exitCode, stdout, stderr] of ENDS) {
      test(`the end: ${name}`, async () => {
        const r = await ran(way, 'ends', name);
        assert.deepEqual({ exitCode: r.exitCode, stopped: r.stopped, stdout: r.stdout },
          { ...NORMAL, exitCode, stdout }, r.stderr);
        assert.match(r.stderr, stderr);
      });
    }

    test('scanf parks its goroutine, others run on', async () => {
      const r = await ran(way, 'ends', 'scan', { stdin: late(['Ada', ' 3', '6\n']) });
      assert.equal(r.stdout, '2 Ada 36 ticked\n', r.stderr);
    });

    test('goroutines that read stdin at once get whole lines, each one once', async () => {
      const third = Math.ceil(lines.length / 3);
      const r = await ran(way, 'ends', 'lines', {
        stdin: late([lines.slice(0, third), lines.slice(third, 2 * third), lines.slice(2 * third)]),
      });
      assert.equal(r.stdout, `3000 lines, sum ${SUM}, 0 bad\n`, r.stderr);
    });

    test('stdin in a system call', async () => {
      const r = await ran(way, 'ends', 'in-syscall', { stdin: late(['x']) });
      assert.equal(r.stdout, 'x and the end\n', r.stderr);
    });

    test('a lock of stdio held over a park', async () => {
      const r = await ran(way, 'ends', 'locked');
      const out = r.stdout.trimEnd().split('\n');
      assert.equal(r.exitCode, 0, r.stderr);
      assert.equal(out.length, 7);
      if (way.target === 'emscripten') assert.deepEqual(out.slice(0, 3), ['mine 0', 'mine 1', 'mine 2']);
    });

    test('files', async () => {
      const files = {
        'given.txt': utf8('from the host\n'), './sub/deep.txt': 'deep\n', untouched: 'untouched ü',
      };
      const r = await ran(way, 'library', 'files', { files });
      assert.equal(r.stdout, 'ok\n', r.stderr);
      assert.equal(text(r.files['sub/deep.txt']), 'deep\ndeeper\n');
      assert.equal(text(r.files.untouched), 'untouched ü');
      assert.equal(text(r.files['moved/x']), 'x');
      assert.equal(r.files['p3'].length, 200);
      assert.ok(!('c.txt' in r.files) && !('dir/x' in r.files));
      assert.equal(text(files['given.txt']), 'from the host\n', "the host's own stay");
    });

    for (const end of ['_exit', '_Exit', 'quick_exit']) {
      test(`stdio is not flushed by ${end}, and stdout has nothing to flush`, async () => {
        const r = await ran(way, 'ends', `unflushed ${end}`);
        assert.deepEqual([r.exitCode, r.stdout, r.stderr, text(r.files['kept.txt'])], [4, 'out', 'err', '']);
      });
    }

    test('what was written before a failure is there', async () => {
      const r = await ran(way, 'ends', 'to-file');
      assert.equal(text(r.files['left.txt']), 'not closed\n', r.stderr);
    });

    test('the environment', async () => {
      const r = await ran(way, 'library', 'environment', { env: { NAME: 'a=b ü', OTHER: '' } });
      assert.equal(r.stdout, 'ok\n', r.stderr);
    });

    test('the calendar is glibc\'s', async () => {
      const r = await ran(way, 'library', 'calendar'), right = (await calendar()).stdout.split('\n');
      r.stdout.split('\n').forEach((line, i) => assert.equal(line, right[i]));
      assert.equal(r.stdout.split('\n').length, right.length);
    });

    test('long double, to its last digit', async () => {
      const r = await ran(way, 'library', 'numbers');
      assert.equal(r.stdout, '0.3333333333333333333333333333333333 0.1 5192296858534827628530496329220097 0x1.8p+0\n' +
        '1.1897e+4932 3.3621e-4932 100000000000000000000000000000000.000000\n0.10000000000000000555 1e+308\nok\n');
    });
  });
}

let native = /** @type {ReturnType<typeof exec> | null} */ (null);
const calendar = () =>
  (native ??= build('tests/libc/library.c', 'native').then((program) => exec(program, ['calendar'])));

describe('native', () => {
  test('the calendar itself', async () => {
    const { stdout } = await calendar();
    assert.ok(stdout.length > 100_000 && stdout.endsWith('\nok\n'), stdout.slice(-200));
  });
  test('a SIGSEGV that somebody sent ends the program, as it does without us', async () => {
    const child = spawn(await build('tests/libc/ends.c', 'native'), ['raises-segv'], { stdio: 'ignore' });
    const [code, signal] = await new Promise((resolve) => { child.on('close', (...how) => resolve(how)); });
    assert.deepEqual([code, signal], [null, 'SIGSEGV']);
  });

  test('_exit is the system\'s: a line without its newline is lost', async () => {
    mkdirSync(join(OUT, 'libc'), { recursive: true });
    const r = await exec(await build('tests/libc/ends.c', 'native'), ['unflushed _exit'], { cwd: join(OUT, 'libc') });
    assert.deepEqual([r.exitCode, r.stdout], [4, '']);
  });

  for (const [name, exitCode, stdout, stderr] of ENDS.filter(([name]) => NATIVE_ENDS.includes(name))) {
    test(`the end: ${name}`, async () => {
      const r = await exec(await build('tests/libc/ends.c', 'native'), [name], { env: { GOROSCOPE_PROCS: '2' } });
      assert.deepEqual({ exitCode: r.exitCode, stdout: r.stdout }, { exitCode, stdout }, r.stderr);
      assert.match(r.stderr, stderr);
    });
  }
});

test('a file that is too large for the memory: ENOSPC', async () => {
  const r = await ran({ ...WAYS[1], options: { mode: 'threads', procs: 1, maxMemory: 128 << 20 } },
    'library', 'no-space');
  assert.equal(r.stdout, 'ok\n', r.stderr);
});

test('a program that is stopped leaves its files', async () => {
  const program = readFileSync(await build('tests/libc/stopped.c', 'emscripten'));
  for (const mode of /** @type {const} */ (['threads', 'sim'])) {
    const rt = await load(program, {
      mode, procs: 2, trace: false, files: { given: utf8('given') }, stdout: () => rt.stop(),
    });
    assert.throws(() => rt.files(), /has not ended/);
    assert.deepEqual(await rt.run(), { exitCode: 130, stopped: true });
    assert.equal(text(rt.files()['log.txt']), 'line\n');
    assert.equal(text(rt.files().given), 'given');
  }
});

test('random bytes come from the seed with the virtual clock, else from nowhere', async () => {
  const get = async (/** @type {number} */ seed, /** @type {'virtual' | 'measured'} */ clock) =>
    (await ran({ ...WAYS[2], options: { mode: 'sim', procs: 2, clock, seed } }, 'library', 'entropy')).stdout;
  assert.equal(await get(1, 'virtual'), await get(1, 'virtual'));
  assert.notEqual(await get(1, 'virtual'), await get(2, 'virtual'));
  assert.notEqual(await get(1, 'measured'), await get(1, 'measured'));
});

test('goroscope run: standard input that cannot be read is an error, not its end', async () => {
  const folder = openSync(ROOT, 'r'), writeOnly = openSync('/dev/null', 'w');
  const programs = [await build('tests/libc/ends.c', 'emscripten'), await build('tests/libc/ends.c', 'wasi')];
  const ways = [[programs[0], '--mode', 'threads'], [programs[0], '--mode', 'sim'], [programs[1]]];
  for (const [program, ...options] of ways) {
    for (const stdin of /** @type {const} */ ([folder, writeOnly, 'ignore'])) {
      const child = spawn(process.execPath, [join(ROOT, 'shell/cli.mjs'), 'run', program, ...options, '--', 'getting'],
        { stdio: [stdin, 'pipe', 'inherit'] });
      let said = '';
      for await (const piece of /** @type {import('node:stream').Readable} */ (child.stdout)) said += piece;
      assert.equal(said, stdin === 'ignore' ? '-1, end 1, error 0\n' : '-1, end 0, error 1\n', `${stdin} ${options}`);
    }
  }
  closeSync(folder);
  closeSync(writeOnly);
});

test('goroscope run: --env, --file, --file-out, --max-memory, no trace of a run that did not start', async () => {
  const program = await build('tests/libc/library.c', 'emscripten');
  const folder = join(OUT, 'libc');
  mkdirSync(folder, { recursive: true });
  const run = (/** @type {string[]} */ ...args) => exec(process.execPath,
    [join(ROOT, 'shell/cli.mjs'), 'run', program, '--mode', 'sim', ...args], { cwd: folder });
  const env = await run('--env', 'NAME=a=b ü', '--', 'environment');
  assert.equal(env.stdout, 'ok\n', env.stderr);
  const given = join(ROOT, 'tests/libc/given.txt');
  const out = await run('--file', given, '--file', `${join(ROOT, 'tests/libc/deep.txt')}=sub/deep.txt`,
    '--file-out', 'moved/x', '--file-out', 'sub/deep.txt=deep.out', '--file-out', 'none', '--', 'files');
  assert.equal(out.stdout, 'ok\n', out.stderr);
  assert.match(out.stderr, /^goroscope: the program left no file none\n$/);
  assert.equal(out.exitCode, 1);
  assert.equal(readFileSync(join(folder, 'x'), 'utf8'), 'x');
  assert.equal(readFileSync(join(folder, 'deep.out'), 'utf8'), 'deep\ndeeper\n');
  const small = await run('--max-memory', '1M');
  assert.deepEqual([small.exitCode, small.stderr], [1, 'goroscope: --max-memory must be from 64M to 4G, not "1M"\n']);
  assert.equal((await run('--max-memory', '1G', '--env', 'NAME=a=b ü', '--', 'environment')).exitCode, 0);
  const bad = await run('--procs', '257', '--trace', 'none.trace');
  assert.equal(bad.exitCode, 1);
  assert.ok(!existsSync(join(folder, 'none.trace')), 'an empty trace file');
});
