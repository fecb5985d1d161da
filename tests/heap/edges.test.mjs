// What is at the edges of the heap: edges.c, what GOGC and GOMEMLIMIT may say, the profile.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ALL, ROOT, alike, build, exec, native, rarely, run, sim, slot, threads, told, wasi } from '../lib/run.mjs';
import { readProfile } from '../trace/profile.mjs';

const CASES = ['aligned', 'cleanups_that_end', 'many_stopped', 'many_deferred', 'blocks_as_roots',
  'text_in_the_library', 'debug_calls_while_collecting', 'debug_calls_until_it_ends', 'off_is_off',
  'one_cycle_for_many', 'procs_beside_cycles', 'larger_each_time', 'chain_of_cleanups'];

for (const port of [threads(2), ...ALL ? [sim(2), native(1), native(4), wasi(1)] : []]) {
  describe(port.name, () => {
    for (const name of [...CASES, ...port.name === native(1).name ? ['waits_for_a_p'] : []]) {
      const often = port.procs > 1 && port.target !== 'native' && name === 'aligned';
      test(name, { skip: often ? rarely : false }, async () => {
        const built = await build('tests/heap/programs/edges.c', port.target);
        const r = await slot(() => run(port, built, [name], { timeoutMs: 60_000 }));
        assert.equal(r.stdout, 'ok\n', told(r));
        assert.equal(r.exitCode, 0, told(r));
      });
    }
  });
}

for (const port of [native(2), ...ALL ? [threads(2)] : []]) {
  test(`a cleanup that waits for ever is among those that do, ${port.name}`, async () => {
    const built = await build('tests/heap/programs/edges.c', port.target);
    const r = await slot(() => run(port, built, ['cleanup_that_waits'], { timeoutMs: 60_000 }));
    assert.equal(r.exitCode, 2, told(r));
    assert.match(r.stderr, /goroutine \d+ \[chan receive \(nil chan\)\]:\nwaits_for_ever\(/, told(r));
  });
}

test('cleanups, settings and sweeping beside each other, for a sanitizer', async () => {
  const built = await build('tests/heap/programs/edges.c', 'native-tsan');
  const r = await slot(() => run({ ...native(4), target: 'native-tsan' }, built, ['at_once']));
  assert.equal(r.stdout, 'ok\n', told(r));
  assert.equal(r.stderr, '', told(r));
});

test('calls from outside begin and end while stacks are looked at, for a sanitizer', { skip: alike }, async () => {
  const built = await build('tests/heap/programs/outside.c', 'native-tsan');
  const r = await slot(() => run({ ...native(3), target: 'native-tsan' }, built, [], { timeoutMs: 120_000 }));
  assert.equal(r.stdout, 'ok\n', told(r));
  assert.equal(r.stderr, '', told(r));
});

for (const port of [sim(2), ...ALL ? [native(2)] : []]) {
  test(`the profile says where memory comes from, ${port.name}`, async () => {
    const built = await build('tests/heap/programs/profiled.c', port.target);
    const r = await slot(() => run(port, built));
    assert.equal(r.exitCode, 0, told(r));
    const { types, stacks } = readProfile(Buffer.from(r.stdout, 'hex'));
    assert.deepEqual(types, ['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space']);
    /** @param {string} fn */
    const of = (fn) => Object.entries(stacks).find(([stack]) => stack.startsWith(`${fn} `))?.[1] ?? [];
    /** @param {number} value @param {number} wish */
    const isAbout = (value, wish) => assert.ok(Math.abs(value - wish) < 0.3 * wish, `${value}, not ${wish}`);
    const kept = of('keep_some'), dropped = of('drop_some');
    isAbout(kept[0], 40_000);
    isAbout(kept[1], 20_480_000);
    isAbout(kept[2], 40_000);
    isAbout(kept[3], 20_480_000);
    isAbout(dropped[0], 40_000);
    isAbout(dropped[1], 20_480_000);
    assert.ok(dropped[3] < 1_500_000, `${dropped[3]} in use`);
    const one = of('one_of_two'), other = of('other_of_two'), large = of('large');
    for (const turn of [one, other]) assert.ok(turn[1] > 8e6 && turn[1] < 18e6, `${turn[1]}, not 12,800,000`);
    isAbout(large[1], 500 * 106_496);
  });
}

/** What a value of GOGC comes to, and one of GOMEMLIMIT: Go's readGOGC and parseByteCount. */
const PERCENTS = { 50: 50, off: -1, '-1': -1, '-7': -1, 0: 0, '+20': 20, '': 100, '1e3': 100, ' 5': 100, '5 ': 100,
  2147483647: 2147483647, 2147483648: 100, OFF: 100, '99999999999999999999': 100 };
const LIMITS = { off: 'off', '': 'off', 12345: '12345', '12345B': '12345', '3KiB': '3072', '2MiB': '2097152',
  '1GiB': '1073741824', '1TiB': '1099511627776', '+1KiB': '1024', '8388607TiB': '9223370937343148032',
  '9223372036854775806': '9223372036854775806' };
const MALFORMED = ['12k', '12KB', '12K', '1.5GiB', '-1', '-1MiB', 'B', 'iB', 'KiB', '5iB', '5PiB', 'Off', ' 1', '1 ',
  '9223372036854775808', '8388608TiB', '1_000'];

describe('GOGC and GOMEMLIMIT', () => {
  const program = () => build('tests/heap/programs/settings.c', 'native', { inside: true });

  test('as Go reads them', async () => {
    const built = await program();
    for (const [value, percent] of Object.entries(PERCENTS))
      assert.equal((await exec(built, [], { env: { GOGC: value } })).stdout, `${percent} off\n`, value);
    for (const [value, limit] of Object.entries(LIMITS))
      assert.equal((await exec(built, [], { env: { GOMEMLIMIT: value } })).stdout, `100 ${limit}\n`, value);
  });

  test('a limit that is none ends the program in Go\'s words', async () => {
    const built = await program();
    for (const value of MALFORMED) {
      const r = await exec(built, [], { env: { GOMEMLIMIT: value } });
      assert.equal(r.exitCode, 2, told(r));
      assert.ok(r.stderr.startsWith(`GOMEMLIMIT=${value}\n` +
        'fatal error: malformed GOMEMLIMIT: a number of bytes, with B, KiB, MiB, GiB or TiB behind it or nothing, '
        + 'or off\n'), told(r));
    }
  });

  test('who turns cycles off waits for the one that marks', async () => {
    const built = await program();
    for (const port of [native(2), native(1)]) {
      const r = await slot(() => run(port, built, ['waits']));
      assert.equal(r.stdout, 'ok\n', told(r));
    }
  });
});

test('settings of GRDEBUG reach a program of goroscope run by --debug, --env and the environment', async () => {
  const built = await build('tests/heap/programs/profiled.c', 'emscripten');
  const command = ['shell/cli.mjs', 'run', built, '--mode', 'sim'];
  /** @param {string[]} args @param {Record<string, string>} [env] */
  const lines = async (args, env = {}) => {
    const r = await exec(process.execPath, [...command, ...args], { cwd: ROOT, env });
    return r.stderr.split('\n').filter((s) => /^gc \d+ @.* MB stacks, \d+ MB globals, /.test(s)).length;
  };
  assert.equal(await lines([]), 0);
  assert.ok(await lines(['--debug', 'gctrace=1']) > 0);
  assert.ok(await lines(['--env', 'GODEBUG=gctrace=1']) > 0);
  assert.ok(await lines(['--env', 'GRDEBUG=gctrace=1']) > 0);
  assert.ok(await lines([], { GRDEBUG: 'gctrace=1' }) > 0);
  assert.equal(await lines(['--debug', 'gctrace=0'], { GRDEBUG: 'gctrace=1' }), 0);
  const r = await exec(process.execPath, [...command, '--env', 'GRDEBUG=nonsense'], { cwd: ROOT });
  assert.match(r.stderr, /--env GRDEBUG has no setting "nonsense"; there are leaks, /);
});
