// What a host does for a program in its own time: results, errors, pieces larger than the ring, thousands at once,
// streams, stdin, fetch; on workers, simulated, and simulated in memory that the host cannot see.
// Every trace is judged.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from '../../wasm/host/loader.mjs';
import { judge } from '../lib/oracle.mjs';
import { ALL, LONG, OUT, ROOT, alike, build, exec, slot, told } from '../lib/run.mjs';

const dir = join(OUT, 'host-traces'); // not 'host': programs of this folder are built there
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

/** @typedef {import('../../wasm/host/loader.mjs').LoadOptions} LoadOptions */

/** @type {{[name: string]: LoadOptions & {hidden?: boolean}}} */
const ways = {
  ...LONG ? { 'threads, 1 P': { mode: 'threads', procs: 1 }, 'threads, 4 P': { mode: 'threads', procs: 4 } } : {},
  'threads, 2 P': { mode: 'threads', procs: 2 },
  ...ALL ? { 'sim, 2 P': { mode: 'sim', procs: 2 },
    'sim, 3 P, virtual clock': { mode: 'sim', procs: 3, clock: 'virtual', seed: 1 } } : {},
};

/** @type {string} */ let program;
before(async () => { program = await build('tests/host/ask.c', 'emscripten'); });

let traces = 0;

/**
 * Runs ask.c; its trace must be valid.
 * @param {LoadOptions} options
 */
async function ask(options) {
  const out = { stdout: '', stderr: '', exitCode: -1, trace: '' };
  const rt = await load(readFileSync(program), {
    signal: AbortSignal.timeout(60_000), stdout: (s) => { out.stdout += s; }, stderr: (s) => { out.stderr += s; },
    trace: { mode: 'stream', ringBytes: 64 << 20 }, ...options,
  });
  const trace = new Response(rt.trace.readable).arrayBuffer();
  ({ exitCode: out.exitCode } = await rt.run());
  if (options.trace === false) return out;
  out.trace = join(dir, `${process.pid}-${traces++}.trace`);
  writeFileSync(out.trace, Buffer.from(await trace));
  const verdict = await judge(out.trace);
  assert.equal(verdict, null, `${verdict}\n${told({ ...out, timedOut: false })}`);
  return out;
}

/** Bytes that ask.c checks. @param {string} size */
function pattern(size) {
  const bytes = new Uint8Array(Number(size));
  for (let i = 0; i < bytes.length; i++) bytes[i] = i % 251;
  return bytes;
}

/** Answers when n have asked, the last first. @param {number} n @param {string[]} asked */
function lastFirst(n, asked) {
  /** @type {(() => void)[]} */ const waiting = [];
  return (/** @type {string} */ text) => new Promise((resolve) => {
    asked.push(text);
    waiting.push(() => resolve(text));
    if (waiting.length === n) setImmediate(() => { for (const answer of waiting.reverse()) answer(); });
  });
}

const errorHost = {
  reject: () => Promise.reject(new Error('rejected on purpose')),
  throw: () => { throw new TypeError('thrown on purpose'); },
  nothing: () => undefined, object: () => /** @type {any} */ ({}),
  reversed: (/** @type {string} */ _text, /** @type {Uint8Array} */ bytes) => bytes.slice().reverse(),
};
const ERRORS = `reject: error: rejected on purpose
throw: error: thrown on purpose
nothing: 0 0 
object: error: object gave neither text nor bytes
missing: error: the host gives the program no function "missing" (load option host)
toString: error: the host gives the program no function "toString" (load option host)
bytes: right
`;

for (const [name, way] of Object.entries(ways)) {
  describe(name, { concurrency: 1 }, () => {
    test('10,000 at once, each gets its own answer', async () => {
      const r = await ask({ ...way, args: ['many', '10000'], host: { echo: async (text) => text } });
      assert.equal(r.stdout, '10000 answers, sum 50005000, 0 failed\n', told({ ...r, timedOut: false }));
      assert.equal(r.exitCode, 0);
    });

    test('rejections, what is missing, bytes', async () => {
      const r = await ask({ ...way, args: ['errors'], host: errorHost });
      assert.equal(r.stdout, ERRORS);
    });

    test('50 MB come whole through a ring of 256 KiB', async () => {
      const r = await ask({ ...way, args: ['big', '50000000'], host: { big: pattern } });
      assert.equal(r.stdout, '50000000 bytes, 0 wrong\n');
    });

    if (way.clock !== 'virtual') {
      test('the last may be answered first', async () => {
        /** @type {string[]} */ const asked = [];
        const r = await ask({ ...way, args: ['order'], host: { last_first: lastFirst(4, asked) } });
        assert.equal([...r.stdout.trim()].sort().join(''), 'abcd');
      });
    }

    test('stdin by lines', async () => {
      const text = 'one\n\nthree\n' + 'x'.repeat(200_000) + '\nno newline';
      const total = text.replaceAll('\n', '').length;
      const chunks = new ReadableStream({
        start(controller) {
          for (let at = 0; at < text.length; at += 70_001)
            controller.enqueue(new TextEncoder().encode(text.slice(at, at + 70_001)));
          controller.close();
        },
      });
      for (const stdin of [text, new TextEncoder().encode(text), () => chunks]) {
        const r = await ask({ ...way, args: ['lines'], stdin });
        assert.equal(r.stdout, `<one>\n<>\n<three>\n5 lines, ${total} bytes, no error\n`);
      }
      assert.equal((await ask({ ...way, args: ['lines'] })).stdout, '0 lines, 0 bytes, no error\n');
    });

    test('streams both ways', async () => {
      const upper = (/** @type {string} */ mark) => new TransformStream({
        transform: (chunk, c) => c.enqueue(new TextDecoder().decode(chunk).toUpperCase() + mark),
      }, undefined, { highWaterMark: 4 });
      const broken = () => ({ readable: new ReadableStream({ pull: () => { throw new Error('the line is dead'); } }) });
      const r = await ask({ ...way, args: ['stream'], streams: { upper, broken } });
      assert.equal(r.stdout,
        '0 missing: error: the host gives the program no stream "missing" (load option streams)\n' +
        'HELLO !|HELLO !|HELLO !| shut 1, end 0 0\nbroken: -1 the line is dead\n');
    });

    test('50 MB through a stream, the host never far ahead of the program', async () => {
      let given = 0;
      const source = (/** @type {string} */ size) => {
        const all = pattern(size);
        return { readable: new ReadableStream({
          pull(controller) {
            const piece = all.slice(given, given + 70_000);
            given += piece.length;
            if (piece.length > 0) controller.enqueue(piece);
            else controller.close();
          },
        }, { highWaterMark: 0 }) };
      };
      const r = await ask({ ...way, args: ['source', '50000000'], streams: { source }, host: { given: () => given } });
      assert.equal(r.stdout, 'ahead by less than 200000: 1\n50000000 bytes, 0 wrong, no error\n',
        told({ ...r, timedOut: false }));
    });

    test('5 MB into a stream that stands still for a while: the program waits', async () => {
      let taken = 0, wrong = 0;
      /** @type {() => void} */ let isFull = () => {}, goOn = () => {};
      const full = new Promise((resolve) => { isFull = () => resolve(''); });
      const going = new Promise((resolve) => { goOn = () => resolve(undefined); });
      const sink = () => ({ writable: new WritableStream({
        async write(chunk) {
          for (const byte of chunk) wrong += +(byte !== taken++ % 251);
          if (taken < 100_000) return;
          isFull();
          await going;
        },
      }) });
      const r = await ask({ ...way, args: ['sink', '5000000'], streams: { sink }, host: {
        full: () => /** @type {Promise<string>} */ (full), go_on: () => { goOn(); return ''; },
        taken: () => `${taken}, ${wrong} wrong`,
      } });
      assert.equal(r.stdout, 'ahead by less than 200000: 1\n5000000 bytes, the host has 5000000, 0 wrong\n',
        told({ ...r, timedOut: false }));
    });

    test('the program may end while the host is at work', async () => {
      const r = await ask({ ...way, args: ['exit'], host: { never: () => new Promise(() => {}) } });
      assert.equal(r.exitCode, 7);
      assert.equal(r.stderr, '');
    });

    test('it can be stopped while it waits for the host', async () => {
      const abort = new AbortController();
      // no time passes: no generation is complete
      const trace = way.clock === 'virtual' ? /** @type {const} */ (false) : {};
      const r = await ask({
        ...way, trace, args: ['stop'],
        host: { never: async () => { await sleep(300); abort.abort(); return ''; } }, signal: abort.signal,
      });
      assert.equal(r.exitCode, 130);
      assert.equal(r.stdout, 'waiting\n');
    });

    test('waiting for the host is no deadlock; when it has answered there may be one', async () => {
      const r = await ask({
        ...way, args: ['deadlock'], host: { slow: async () => { await sleep(200); return 'late'; } },
      });
      assert.equal(r.stdout, 'answered: late\n');
      assert.match(r.stderr, /^fatal error: all goroutines are asleep - deadlock!\n/);
      assert.equal(r.exitCode, 2);
    });

    test('an answer comes while every P computes', async () => {
      const r = await ask({
        ...way, args: ['busy'], host: { echo: async (text) => { await sleep(20); return text; } },
      });
      assert.equal(r.stdout, '20 answers, sum 211, 0 failed\n');
    });
  });
}

// ---- fetch ------------------------------------------------------------------------------------------------------

describe('fetch', { concurrency: 1 }, () => {
  const text = 'x'.repeat(3_000_000);
  const server = createServer((req, res) => {
    if (req.url === '/away') res.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end();
    else if (req.url === '/large') res.end(text);
    else if (req.url === '/small') {
      let body = '';
      req.on('data', (chunk) => { body += chunk; })
        .on('end', () => res.end(`${req.method} ${req.headers['x-test'] ?? '-'} ${body}`));
    } else res.writeHead(404).end('not here');
  });
  /** @type {string} */ let origin;
  before(async () => {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    origin = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  });
  after(() => server.close());

  for (const [name, way] of Object.entries(ways)) {
    test(`bodies, statuses, methods: ${name}`, async () => {
      const args = ['fetch', `${origin}/small`, `${origin}/large`, `${origin}/missing`];
      const r = await ask({ ...way, args, fetch: true });
      assert.equal(r.stdout,
        'get: 200 6 GET - \nget: 200 3000000 ...\nget: 404 8 not here\npost: 200 13 POST yes body\n');
    });
  }

  test('only what the host allows', async () => {
    const way = ways['threads, 2 P'];
    assert.equal((await ask({ ...way, args: ['fetch', `${origin}/small`] })).stdout,
      'get: error: the program may not fetch (load option fetch)\n' +
      'post: error: the program may not fetch (load option fetch)\n');
    const listed = await ask({
      ...way, args: ['fetch', '/small', `${origin}/small`, `${origin}/away`, 'http://example.org/', 'no url'],
      fetch: [origin],
    });
    assert.match(listed.stdout, new RegExp('^get: 200 6 GET - \\nget: 200 6 GET - \\nget: error: fetch failed.*\\n' +
      'get: error: the program may not fetch from http://example\\.org \\(load option fetch\\)\\n' +
      'get: 404 8 not here\\npost: 200 13 POST yes body\\n$'));
    /** @type {string[]} */ const asked = [];
    const own = await ask({ ...way, args: ['fetch', 'a:b'], fetch: async (url, init) => {
      asked.push(`${init.method} ${url}`);
      return new Response('own', { status: 201 });
    } });
    assert.equal(own.stdout, 'get: 201 3 own\npost: 201 3 own\n');
    assert.deepEqual(asked, ['GET a:b', 'POST a:b']);
  });
});

// ---- elsewhere --------------------------------------------------------------------------------------------------

test('a program that is loaded does not run before run()', async () => {
  for (const options of /** @type {LoadOptions[]} */ ([{ mode: 'threads', procs: 1 }, { mode: 'threads', procs: 4 },
    { mode: 'sim', procs: 2 }])) {
    let said = '';
    const rt = await load(readFileSync(await build('shell/demos/sieve.c', 'emscripten')), { ...options, args: ['5'],
      stdout: (text) => { said += text; } });
    await sleep(150); // there is nothing to wait for: it does nothing
    assert.equal(said, '');
    assert.equal((await rt.run()).exitCode, 0);
    assert.match(said, /prime number 5 is 11/);
  }
});

test('one P that polls by itself runs goroutines in the order of the answers', async () => {
  /** @type {string[]} */ const asked = [];
  const r = await ask({ mode: 'sim', procs: 1, args: ['order'], host: { last_first: lastFirst(4, asked) } });
  assert.equal(r.stdout.trim(), asked.reverse().join(''));
});

test('virtual clock: a host that answers alike makes runs alike, whenever it answers', { skip: alike }, async () => {
  const echo = async (/** @type {string} */ text) => {
    await sleep(Math.random() * 30);
    return text;
  };
  const ownFetch = async () => {
    await sleep(Math.random() * 30);
    return new Response('x'.repeat(3_000_000));
  };
  for (const args of [['many', '300'], ['big', '2000000'], ['fetch', 'a:b', 'a:c'], ['busy']]) {
    const runs = [];
    for (let i = 0; i < 3; i++) {
      runs.push(await ask({
        mode: 'sim', procs: 3, clock: 'virtual', seed: 5, args,
        host: { echo, big: async (size) => (await echo(''), pattern(size)) }, fetch: ownFetch,
      }));
    }
    for (const r of runs) {
      assert.equal(r.stdout, runs[0].stdout);
      assert.ok(readFileSync(r.trace).equals(readFileSync(runs[0].trace)), args.join(' '));
    }
  }
});

test('virtual clock: what the host never answers holds nobody up for ever', async () => {
  const r = await ask({
    mode: 'sim', procs: 2, clock: 'virtual', seed: 1, args: ['exit'],
    host: { never: () => new Promise(() => {}) },
  });
  assert.equal(r.exitCode, 7);
});

test('simulated in memory that the host does not see', async () => {
  for (const [args, want] of [
    ['many 2000', '2000 answers, sum 2001000, 0 failed\n'], ['big 5000000', '5000000 bytes, 0 wrong\n'],
  ]) {
    const r = await exec(process.execPath,
      ['--no-warnings', join(ROOT, 'tests/host/hidden-child.mjs'), program, ...args.split(' ')]);
    assert.equal(r.stdout, `sim without shared memory\n${want}`, told(r));
    assert.equal(r.exitCode, 0, told(r));
  }
});

/**
 * Runs ask.c's `lines` in a process of its own, whose stdin comes in pieces.
 * @param {string} command @param {string[]} args @param {{[name: string]: string}} [env]
 */
async function readLines(command, args, env = {}) {
  const child = await slot(async () =>
    spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] }));
  let stdout = '';
  child.stdout.on('data', (s) => { stdout += s; });
  const code = new Promise((resolve) => { child.on('close', resolve); });
  child.stdin.write('one\ntwo\nthr');
  await new Promise((resolve) => { // it has read that
    child.stdout.once('data', resolve);
    child.once('close', resolve);
  });
  child.stdin.end('ee\nfour');
  assert.equal(await code, 0, command);
  assert.equal(stdout, '<one>\n<two>\n<three>\n4 lines, 15 bytes, no error\n', [command, ...args].join(' '));
}

test('natively and under WASI there is stdin', { skip: alike }, async () => {
  for (const [target, mode] of /** @type {const} */ ([
    ['native', 'threads'], ['native', 'sim'], ['native-tsan', 'threads'], ['native-asan', 'threads'],
    ['wasi', 'sim'],
  ])) {
    const built = await build('tests/host/ask.c', target);
    const trace = join(dir, `${target}-${mode}.trace`);
    const job = { program: built, args: ['lines'], env: { GOROSCOPE_TRACE: trace }, options: { trace } };
    if (target === 'wasi') await readLines(process.execPath,
      ['--no-warnings', join(ROOT, 'tests/lib/wasi-child.mjs'), JSON.stringify(job)]);
    else await readLines(built, ['lines'], { GOROSCOPE_MODE: mode, GOROSCOPE_PROCS: '2', GOROSCOPE_TRACE: trace });
    assert.equal(await judge(trace), null);
  }
});

test("goroscope run passes its stdin on, and does not wait for its end", async () => {
  const cli = join(ROOT, 'shell/cli.mjs');
  const wasi = await build('tests/host/ask.c', 'wasi');
  for (const options of [[program], [program, '--mode', 'sim', '--clock', 'virtual'], [wasi]])
    await readLines(process.execPath, [cli, 'run', ...options, '--', 'lines']);
  for (const options of [[program], [program, '--mode', 'sim'], [wasi]]) {
    const child = spawn(process.execPath, [cli, 'run', ...options, '--', 'line'],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.write('first\nsecond\n');
    let stdout = '';
    child.stdout.on('data', (s) => { stdout += s; });
    assert.equal(await new Promise((resolve) => { child.on('close', resolve); }), 0);
    assert.equal(stdout, 'first\n');
  }
});

/** Three pieces, each after a while. */
function slow() {
  let n = 0;
  return new ReadableStream({
    async pull(controller) {
      await sleep(50);
      controller.enqueue(new TextEncoder().encode('x'.repeat(100_000)));
      if (++n === 3) controller.close();
    },
  });
}

test('a WASI program in a worker reads stdin when it wants it, in pieces, while its timers go on', async () => {
  const wasi = readFileSync(await build('tests/host/ask.c', 'wasi'));
  for (const [stdin, want] of /** @type {[LoadOptions['stdin'], string][]} */ ([
    ['a\nb', '2 lines, 2 bytes, no error\n'], [undefined, '0 lines, 0 bytes, no error\n'],
    [slow, '1 lines, 300000 bytes, no error\n'],
    [() => new ReadableStream({ pull() { throw new Error('gone'); } }), '0 lines, 0 bytes, stdin cannot be read\n'],
  ])) {
    let stdout = '';
    const rt = await load(wasi, {
      args: ['ticking'], stdin, signal: AbortSignal.timeout(60_000), stdout: (s) => { stdout += s; },
    });
    const trace = new Response(rt.trace.readable).arrayBuffer();
    assert.equal((await rt.run()).exitCode, 0);
    assert.match(stdout, /^(<.*>\n)*ticks: (\d+)\n/);
    assert.equal(stdout.replace(/^(<.*>\n)*ticks: \d+\n/, ''), want);
    if (typeof stdin === 'function' && want.includes('300000'))
      assert.ok(Number(/ticks: (\d+)/.exec(stdout)?.[1]) > 10, stdout);
    const file = join(dir, 'wasi-worker.trace');
    writeFileSync(file, Buffer.from(await trace));
    assert.equal(await judge(file), null);
  }
});
