// What load() refuses of its options, each in one sentence that says what, where and what to do; and what it must not
// refuse.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { DEBUG_NAMES } from '../../wasm/host/check-options.mjs';
import { load } from '../../wasm/host/loader.mjs';
import { ROOT } from '../lib/run.mjs';

const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0); // a module that is no program
const SEEDS = 'seed must be a whole number from 0 to 9007199254740991, or a bigint to 18446744073709551615, not';
const STACKS = 'stackBytes must be a whole number from 1024 to 1073741824, not';

/** @param {unknown} options @returns {Promise<Error>} */
const refused = (options) => load(EMPTY, /** @type {any} */ (options)).then(
  () => assert.fail('a module without functions was loaded'), (error) => error);

/** @type {[unknown, string, string | RegExp][]} */
const REFUSED = [
  ['sim', 'TypeError', 'the options of load() must be an object of options, not "sim"'],
  [null, 'TypeError', 'the options of load() must be an object of options, not null'],
  [{ proc: 2 }, 'TypeError', 'load() has no option "proc"; there are mode, procs, args, env, seed, clock, stdout, ' +
    'stderr, trace, signal, files, debug, host, streams, fetch, stdin, stackBytes, worker, maxMemory'],
  [{ toString: 1 }, 'TypeError', /^load\(\) has no option "toString"; there are mode, /],
  [{ mode: 'warp' }, 'TypeError', 'mode must be auto, threads or sim, not "warp"'],
  [{ mode: null }, 'TypeError', 'mode must be auto, threads or sim, not null'],
  [{ procs: '2' }, 'RangeError', 'procs must be a whole number from 1 to 256, not "2"'],
  [{ args: 'abc' }, 'TypeError', 'args must be an array of texts, not "abc"'],
  [{ args: ['a', 5] }, 'TypeError', 'args[1] must be text, not 5'],
  [{ args: ['a\0b'] }, 'TypeError', 'args[0] must have no NUL, at which C\'s texts end: "a\\u0000b"'],
  [{ env: { 'A=B': 'x' } }, 'TypeError',
    'env has "A=B", which cannot be a variable\'s name: it is empty or has a = or NUL'],
  [{ env: { '': 'x' } }, 'TypeError', /^env has "", which cannot be a variable's name/],
  [{ env: { Z: 'x\0y' } }, 'TypeError', 'env["Z"] must have no NUL, at which C\'s texts end: "x\\u0000y"'],
  [{ env: { N: null } }, 'TypeError', 'env["N"] must be text, not null'],
  [{ env: ['A=B'] }, 'TypeError', 'env must be an object of texts, not an array'],
  [{ seed: -1 }, 'RangeError', `${SEEDS} -1`],
  [{ seed: 1.5 }, 'RangeError', `${SEEDS} 1.5`],
  [{ seed: 2 ** 53 }, 'RangeError', `${SEEDS} 9007199254740992`],
  [{ seed: 2n ** 64n }, 'RangeError', `${SEEDS} 18446744073709551616`],
  [{ seed: -1n }, 'RangeError', `${SEEDS} -1`],
  [{ seed: 'a' }, 'TypeError', 'seed must be a whole number or a bigint, not "a"'],
  [{ seed: 3, mode: 'threads' }, 'TypeError', 'seed does nothing in mode threads: use mode sim, or leave it out'],
  [{ clock: 'sun' }, 'TypeError', 'clock must be measured or virtual, not "sun"'],
  [{ clock: 'virtual', mode: 'threads' }, 'TypeError',
    'there is no virtual clock in mode threads: use mode sim, or leave clock out'],
  [{ stdout: 5 }, 'TypeError',
    'stdout must be a function that takes text, or an object with a function bytes that takes bytes, '
      + 'or functions lines and more that take text, not 5'],
  [{ trace: true }, 'TypeError', 'trace must be an object of settings, or false, not true'],
  [{ trace: { ringbytes: 1 } }, 'TypeError',
    'trace has no setting "ringbytes"; there are mode, begin, ringBytes, bytes, ms, version, ' +
      'samples, stacks, allocFree'],
  [{ trace: { mode: 'ring' } }, 'TypeError', 'trace.mode must be stream or flight, not "ring"'],
  [{ trace: { ms: 5 } }, 'TypeError',
    "trace.ms is what a flight recorder keeps: set trace.mode to 'flight', or leave it out"],
  [{ trace: { mode: 'flight', bytes: 1 << 20, ringBytes: 1 << 20 } }, 'TypeError',
    'trace.bytes and trace.ringBytes are the same: leave one out'],
  [{ trace: { mode: 'flight', ms: 0.5 } }, 'RangeError',
    'trace.ms must be a whole number from 1 to 86400000, not 0.5'],
  [{ procs: 2, trace: { mode: 'flight', bytes: 65536 } }, 'RangeError', 'trace.bytes must be a whole number from ' +
    '131072 (the smallest ring for 2 Ps of a flight recorder) to 1073741824, not 65536'],
  [{ signal: 5 }, 'TypeError', "signal must be an AbortSignal, such as an AbortController's signal, not 5"],
  [{ signal: new AbortController() }, 'TypeError',
    /^signal must be an AbortSignal, .*not an object \(AbortController\)$/],
  [{ files: [] }, 'TypeError', 'files must be an object of texts or bytes, by their paths, not an array'],
  [{ files: { 'in.txt': 5 } }, 'TypeError', 'files["in.txt"] must be text or a Uint8Array, not 5'],
  [{ files: { 'in.txt': null } }, 'TypeError', 'files["in.txt"] must be text or a Uint8Array, not null'],
  [{ files: { a: new Uint16Array(2) } }, 'TypeError',
    'files["a"] must be text or a Uint8Array, not an object (Uint16Array)'],
  [{ files: { 'x/..': 'x' } }, 'TypeError',
    'files has "x/..", which is no file\'s path: it names none, or has a NUL'],
  [{ files: { 'a/b': 'x', a: 'x' } }, 'TypeError',
    'files has both "a" and "a/b": the first would have to be a file and a folder; rename one'],
  [{ files: { a: 'x', ab: 'x', './a/./b/c': 'x' } }, 'TypeError',
    /^files has both "a" and ".\/a\/.\/b\/c": the first/],
  [{ files: { a: 'x', '/a': 'y' } }, 'TypeError',
    'files has both "a" and "/a", which are the same file: leave one out'],
  [{ debug: 1 }, 'TypeError', 'debug must be text such as leaks=1, not 1'],
  [{ debug: 'foo=1' }, 'TypeError',
    'debug has no setting "foo"; there are leaks, leakwait, schedtrace, scheddetail, traceloss, preempt, ' +
    'tracereentrancy, tracesamples, traceallocfree, gctrace, gcstress, tracestacks'],
  [{ debug: 'leaks' }, 'TypeError', 'debug must have NAME=NUMBER, such as leaks=1, not "leaks"'],
  [{ debug: 'leaks=1,leakwait=x' }, 'TypeError',
    'debug must have NAME=NUMBER, such as leakwait=1, not "leakwait=x"'],
  [{ debug: 'leakwait=2147483648' }, 'TypeError', /^debug must have NAME=NUMBER/],
  [{ host: { f: 5 } }, 'TypeError', 'host["f"] must be a function, not 5'],
  [{ streams: { s: new ReadableStream() } }, 'TypeError',
    'streams["s"] must be a function, not an object (ReadableStream)'],
  [{ fetch: 'x' }, 'TypeError', 'fetch must be true, an array of origins (as text), or a function, not "x"'],
  [{ fetch: [5] }, 'TypeError', 'fetch must be true, an array of origins (as text), or a function, not an array'],
  [{ stdin: 5 }, 'TypeError', 'stdin must be text, bytes, a ReadableStream or a function that gives one, not 5'],
  [{ stackBytes: -1 }, 'RangeError', `${STACKS} -1`],
  [{ stackBytes: 0 }, 'RangeError', `${STACKS} 0`],
  [{ stackBytes: 1e12 }, 'RangeError', `${STACKS} 1000000000000`],
  [{ stackBytes: '64K' }, 'RangeError', `${STACKS} "64K"`],
  [{ maxMemory: '100000000' }, 'RangeError',
    'maxMemory must be a whole number from 67108864 to 4294967296, not "100000000"'],
];

test('what is no program is refused in one sentence', async () => {
  for (const [program, is] of /** @type {[unknown, string][]} */ ([
    [null, 'null'], [undefined, 'undefined'], [5, '5'], [{}, 'an object (Object)'], [[1], 'an array'],
    [new Response(''), 'an object (Response)'],
  ])) {
    await assert.rejects(load(/** @type {any} */ (program)), { name: 'TypeError',
      message: `the program of load() must be an address, bytes or a WebAssembly.Module, not ${is}` });
  }
  // Another frame's bytes and addresses are bytes and addresses.
  for (const program of [runInNewContext('new ArrayBuffer(8)'), runInNewContext('new Uint8Array(8)')])
    await assert.rejects(load(program), /^Error: the program is not WebAssembly/);
  const address = runInNewContext('({ [Symbol.toStringTag]: "URL", toString: () => "http://127.0.0.1:1/far.wasm" })');
  await assert.rejects(load(address), /^Error: cannot load http:\/\/127\.0\.0\.1:1\/far\.wasm: /);
});

test('what is of a wrong kind or out of bounds is refused in one sentence', async () => {
  for (const [options, name, message] of REFUSED) {
    const error = await refused(options);
    assert.equal(error.name, name, error.message);
    if (message instanceof RegExp) assert.match(error.message, message);
    else assert.equal(error.message, message);
  }
});

test('what is as described passes: the module is looked at then', async () => {
  const other = runInNewContext('({ bytes: new Uint8Array(2), args: ["a"] })'); // as from another frame
  const { message } = await refused({});
  for (const options of [
    undefined, { procs: undefined, signal: undefined, proc: undefined }, { seed: 0 }, { seed: 2n ** 64n - 1n },
    { clock: 'measured', mode: 'threads' }, { args: other.args, files: { a: other.bytes, b: Buffer.from('b') } },
    { files: { 'a/b': '', 'a/c': '', ab: 'x', '../d': 'x' }, env: { A: '', 'ü b': 'c=d' } },
    { debug: '' }, { debug: 'leaks=1,' }, { debug: 'leaks=1,leakwait=2147483647' }, { fetch: false }, { fetch: true },
    { fetch: ['http://127.0.0.1:1/'], stdin: new ReadableStream(), host: {}, streams: { s() {} } },
    { stdin: new ArrayBuffer(3), stackBytes: 1024 }, { stackBytes: 2 ** 30, trace: {} },
    { stdout: { bytes() {} }, stderr() {}, signal: AbortSignal.timeout(60_000) },
  ])
    assert.equal((await refused(options)).message, message);
});

test('the settings of debug are those that the runtime knows', () => {
  const source = readFileSync(join(ROOT, 'runtime/base/debug.c'), 'utf8');
  const table = /\} table\[\] = \{(.*?)\n\};/s.exec(source)?.[1] ?? '';
  assert.deepEqual([...table.matchAll(/\{"(\w+)"/g)].map(([, name]) => name), DEBUG_NAMES);
});
