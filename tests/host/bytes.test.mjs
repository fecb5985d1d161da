// What a program writes comes out as it wrote it: into files and pipes, to callbacks as bytes and as text, in every
// mode, also through a pipe whose reader is slow.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from '../../wasm/host/loader.mjs';
import { Stdio } from '../../wasm/host/stdio.mjs';
import { ALL, OUT, ROOT, alike, build } from '../lib/run.mjs';

const dir = join(OUT, 'bytes');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

/** @typedef {import('../../wasm/host/types.d.mts').LoadOptions} LoadOptions */

/** @type {{[target: string]: string}} */
const programs = {};
before(async () => {
  const more = ALL ? /** @type {const} */ (['wasi', 'native']) : [];
  for (const target of /** @type {const} */ (['emscripten', ...more]))
    programs[target] = await build('tests/host/bytes.c', target);
});

/** @type {{name: string, target: 'emscripten' | 'wasi', options: LoadOptions}[]} */
const ways = [
  { name: 'threads, 2 P', target: 'emscripten', options: { mode: 'threads', procs: 2 } },
  ...ALL ? [{ name: 'threads, 4 P', target: /** @type {const} */ ('emscripten'),
    options: { mode: /** @type {const} */ ('threads'), procs: 4 } }] : [],
  { name: 'sim, 2 P', target: 'emscripten', options: { mode: 'sim', procs: 2, clock: 'virtual', seed: 1 } },
  ...ALL ? [{ name: 'wasi', target: /** @type {const} */ ('wasi'), options: { procs: 2 } }] : [],
];

const ROW = Buffer.from([0x50, 0x34, 0x0a, 0x01, 0x80, 0xff, 0xfe, 0x0a]);
const TEXT = Buffer.from('efbbbf613b6200630a' + 'c3a420e282ac20f09f90b90a' + 'e28220ff0a' + 'efbbbf656e64f09f', 'hex');
const TEXT_LINES = ['\ufeffa;b\0c\n', 'ä € 🐹\n', '\ufffd \ufffd\n', '\ufeffend\ufffd'];

/** What `bytes all N` writes. @param {number} n */
function all(n) {
  const bytes = Buffer.alloc(n);
  for (let i = 0; i < n; i++) bytes[i] = Math.floor((i * i) / 251); // exact below 2^53
  return bytes;
}

/**
 * The command line, its stdout as bytes.
 * @param {string} target @param {LoadOptions} options @param {string[]} args @returns {Promise<Buffer>}
 */
function piped(target, options, args) {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command(target, options, args), { encoding: 'buffer', maxBuffer: 1 << 26 },
      (error, stdout, stderr) => (error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(stdout)));
  });
}

/** @param {string} target @param {LoadOptions} options @param {string[]} args */
function command(target, options, args) {
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return [join(ROOT, 'shell/cli.mjs'), 'run', programs[target], ...flags, '--', ...args];
}

for (const { name, target, options } of ways) {
  test(`into a pipe and into a file, ${name}`, async () => {
    assert.deepEqual(await piped(target, options, ['row']), ROW);
    assert.deepEqual(await piped(target, options, ['text']), TEXT);
    const path = join(dir, 'out');
    const fd = openSync(path, 'w');
    const child = spawn(process.execPath, command(target, options, ['row']), { stdio: ['ignore', fd, 'inherit'] });
    assert.equal(await new Promise((resolve) => child.on('close', resolve)), 0);
    closeSync(fd);
    assert.deepEqual(readFileSync(path), ROW);
  });

  test(`to callbacks, as bytes and as text, ${name}`, async () => {
    /** @type {Uint8Array[]} */ const out = [];
    /** @type {Uint8Array[]} */ const err = [];
    const bytes = readFileSync(programs[target]);
    const asBytes = await load(bytes, {
      ...options, args: ['text'], trace: false,
      stdout: { bytes: (b) => out.push(b) }, stderr: { bytes: (b) => err.push(b) },
    });
    assert.equal((await asBytes.run()).exitCode, 0);
    assert.deepEqual(Buffer.concat(out), TEXT);
    assert.deepEqual(Buffer.concat(err), TEXT);
    /** @type {string[]} */ const lines = [];
    /** @type {string[]} */ const errLines = [];
    const asText = await load(bytes, {
      ...options, args: ['text'], trace: false,
      stdout: (s) => { lines.push(s); }, stderr: (s) => { errLines.push(s); },
    });
    assert.equal((await asText.run()).exitCode, 0);
    assert.equal(lines.join(''), TEXT_LINES.join(''));
    assert.equal(errLines.join(''), TEXT_LINES.join(''));
    for (const s of [...lines, ...errLines].slice(0, -1))
      assert.ok(s.endsWith('\n') || TEXT_LINES[3] === s, `not whole lines: ${JSON.stringify(s)}`);
  });

  test(`both streams in the order in which they were written, also when one wants time, ${name}`, async () => {
    for (const ms of [0, 1]) {
      let said = '';
      const take = (/** @type {string} */ text) => {
        said += text;
        return ms ? sleep(ms) : undefined;
      };
      const rt = await load(readFileSync(programs[target]), {
        ...options, args: ['turns', '300'], trace: false, stdout: take, stderr: (s) => { said += s; },
      });
      assert.equal((await rt.run()).exitCode, 0);
      assert.equal(said, Array.from({ length: 300 }, (_, i) => `${i}\n`).join(''));
    }
  });
}

test('the native port writes the same', { skip: alike }, async () => {
  const said = await new Promise((resolve, reject) => {
    execFile(programs.native, ['text'], { encoding: 'buffer' },
      (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
  assert.deepEqual(said, TEXT);
});

test('where memory is not shared: by messages', async () => {
  const said = await new Promise((resolve, reject) => {
    execFile(process.execPath, [join(ROOT, 'tests/host/hidden-child.mjs'), programs.emscripten, 'text'],
      { encoding: 'buffer' }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
  const mode = Buffer.from('sim without shared memory\n');
  assert.deepEqual(said, Buffer.concat([mode, TEXT]));
});

for (const { name, target, options } of ways.filter((w) => w.name !== 'threads, 4 P')) {
  test(`8 MB of all kinds of bytes through a pipe whose reader is slow, ${name}`, async () => {
    const n = 8_000_000;
    const child = spawn(process.execPath, command(target, options, ['all', String(n)]),
      { stdio: ['ignore', 'pipe', 'inherit'] });
    /** @type {Buffer[]} */ const pieces = [];
    await sleep(500); // nobody reads at first
    for await (const piece of child.stdout) {
      pieces.push(piece);
      if (pieces.length % 16 === 0) await sleep(2);
    }
    assert.ok(Buffer.concat(pieces).equals(all(n)), 'the bytes differ');
  });
}

for (const mode of /** @type {const} */ (['threads', 'sim'])) {
  test(`a receiver that wants time makes the program wait, ${mode}`, async () => {
    const n = 3_000_000;
    /** @type {Uint8Array[]} */ const pieces = [];
    /** @type {() => void} */ let go = () => {};
    const rt = await load(readFileSync(programs.emscripten), {
      mode, procs: 2, args: ['all', String(n)], trace: false,
      stdout: {
        bytes: (b) => {
          if (pieces.push(b) === 1) return new Promise((resolve) => { go = () => resolve(undefined); });
          return undefined;
        },
      },
    });
    const ended = rt.run();
    const first = await Promise.race([ended.then(() => 'ended'), sleep(400, 'waits')]);
    assert.equal(first, 'waits');
    assert.equal(pieces.length, 1);
    go();
    assert.equal((await ended).exitCode, 0);
    assert.ok(Buffer.concat(pieces).equals(all(n)), 'the bytes differ');
    assert.ok(pieces.every((p) => p.length <= 256 << 10), 'a piece is larger than the ring');
  });
}

test('what nobody takes does not pile up, wasi', { skip: alike }, async () => {
  const before = process.memoryUsage().rss;
  const rt = await load(readFileSync(programs.wasi), {
    args: ['all', '1000000000'], trace: false, stdout: { bytes: () => new Promise(() => {}) },
  });
  const ended = rt.run();
  await sleep(1000);
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  rt.stop();
  assert.equal((await ended).exitCode, 130);
  assert.ok(grown < 80, `${grown.toFixed(0)} MB more`); // 155 and growing where nothing makes it wait
});

for (const mode of /** @type {const} */ (['threads', 'sim'])) {
  test(`Ctrl-C ends a program whose reader sleeps, and does not wait for it, ${mode}`, async () => {
    const child = spawn(process.execPath, command('emscripten', { mode }, ['all', '1000000000']),
      { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('readable', resolve)); // it prints, and is not read
    await sleep(200);
    const at = Date.now();
    child.kill('SIGINT');
    assert.equal(await new Promise((resolve) => child.on('exit', resolve)), 130);
    assert.ok(Date.now() - at < 3000, `it took ${Date.now() - at} ms`);
    child.stdout.destroy();
  });
}

for (const { name, target, options } of ways) {
  test(`a prompt is there before its answer, and what fflush shows: ${name}`, async () => {
    /** @type {string[]} */ const said = [];
    /** @type {string[]} */ const whole = [];
    /** @type {string[]} */ const errors = [];
    let look = () => {};
    /** @param {number} n */
    const saidSo = async (n) => {
      while (said.length < n) await new Promise((resolve) => { look = () => resolve(0); });
    };
    const answers = (async function* () {
      await saidSo(1);
      yield Buffer.from('Bob\n');
      await saidSo(2);
      yield Buffer.from('go\n');
      await saidSo(3);
      yield Buffer.from('yes\n');
    })();
    const rt = await load(readFileSync(programs[target]), {
      ...options, args: ['ask'], trace: false, stdin: /** @type {any} */ (ReadableStream).from(answers),
      stdout: { lines: (text) => whole.push(text), more: (piece) => (said.push(piece), look()) },
      stderr: { lines() {}, more: (piece) => errors.push(`${said.length} ${piece}`) },
    });
    assert.equal((await rt.run()).exitCode, 0);
    assert.deepEqual([said.join('|'), whole.join('|')],
      ['Your name? |50 %|Sure? ', 'Your name? Hello Bob\n|50 %\r100 %\n|Sure? yes!\n']);
    assert.deepEqual(errors, ['2 working'], 'of stderr, when the answer was waited for');
  });
}

test('lines and more are asked as what they belong to, one after the other', async () => {
  class Screen {
    #said = '';
    async lines(/** @type {string} */ text) {
      this.#said += `[${text}`;
      await sleep(10);
      this.#said += ']';
    }

    more(/** @type {string} */ piece) { this.#said += `(${piece})`; }
    get said() { return this.#said; }
  }
  const screen = new Screen(), failed = /** @type {Error[]} */ ([]);
  const stdio = new Stdio(screen, screen, () => {}, (error) => failed.push(error));
  stdio.add(1, Buffer.from('one\ntwo'));
  stdio.add(2, Buffer.from('a'));
  stdio.add(1, Buffer.from(' three\n'));
  await stdio.finish();
  assert.deepEqual(failed, []);
  assert.equal(screen.said, '[one\n](two)(a)[two three\n][a]');
});

test('what takes no output is refused', async () => {
  await assert.rejects(load(readFileSync(programs.emscripten), { stdout: /** @type {any} */ ({ write() {} }) }),
    /^TypeError: stdout must be a function that takes text, or an object with a function bytes/);
  await load(readFileSync(programs.emscripten), { trace: false,
    stdout: /** @type {any} */ ({ bytes: undefined, lines() {}, more() {} }) }).then((rt) => rt.stop());
});
