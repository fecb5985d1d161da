// Goal: traces of real Go programs, 1.23 and 1.27, are read as Go reads them: the dump has the hash that Go's own
// dump had. tests/trace/record.mjs made them; GOROSCOPE_ORACLE, when set, is asked anew.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { OPTION, STATUS } from '../../viewer/trace/store.mjs';
import { dumped, random, read, validated } from './reader.mjs';
import { hashOf } from './record.mjs';

const dir = fileURLToPath(new URL('recorded/', import.meta.url));
const expected = JSON.parse(readFileSync(join(dir, 'expected.json'), 'utf8'));
const files = readdirSync(dir).filter((f) => f.endsWith('.trace'));
const seed = Number(process.env.SEED ?? 3);
const oracle = process.env.GOROSCOPE_ORACLE;
if (!oracle) console.log('Go was not asked anew for the recorded traces: GOROSCOPE_ORACLE is not set');

/** @param {string} text */
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

test('there are at least twenty, of two versions of Go, and each has its hash', () => {
  assert.deepEqual(files.sort(), Object.keys(expected).sort());
  for (const version of ['go1.23', 'go1.27']) assert.ok(files.filter((f) => f.startsWith(version)).length >= 10);
});

for (const file of files) {
  test(`${file}: valid, and dumped byte for byte as Go does`, async () => {
    const bytes = readFileSync(join(dir, file));
    const { ok, fault } = await validated(bytes);
    assert.ok(ok, JSON.stringify(fault));
    assert.equal(sha256((await dumped(bytes)).text), expected[file]);
    if (oracle) assert.equal((await hashOf(oracle, ['dump', join(dir, file)])).sha256, expected[file]);
  });
}

test('they hold what they are meant to hold', async () => {
  /** @type {[string, string[]][]} program, events it must have */
  const wanted = [
    ['callbacks', ['GoCreateSyscall', 'GoDestroySyscall']],
    ['coroutines', ['GoSwitch', 'GoSwitchDestroy', 'GoCreateBlocked']],
    ['gc', ['GCBegin', 'GCMarkAssistBegin', 'GCSweepBegin', 'STWBegin']],
    ['tasks', ['UserTaskBegin', 'UserRegionEnd', 'UserLog']],
    ['syscalls', ['GoSyscallEndBlocked', 'ProcSteal']], ['procs', ['ProcsChange']], ['restart', ['GoStatusStack']],
    ['allocfree', ['HeapObjectAlloc', 'Span']], ['profile', ['GoLabel']], ['threads', ['GoStop']],
  ];
  for (const [name, events] of wanted) {
    for (const file of files.filter((f) => f.endsWith(`-${name}.trace`))) {
      const { counts } = (await read(readFileSync(join(dir, file)), { options: OPTION.NO_INDEX })).store.stat();
      for (const event of events) assert.ok(counts[event] > 0, `${file} has no ${event}`);
    }
  }
  for (const file of ['go1.27-profile.trace', 'go1.23-profile.trace']) {
    const { counts } = (await read(readFileSync(join(dir, file)), { options: OPTION.NO_INDEX })).store.stat();
    assert.ok(counts.CPUSample > 0, `${file} has no CPU samples`);
  }
});

test('the batches of the AllocFree experiment are decoded: addresses and types', async () => {
  for (const version of ['go1.23', 'go1.27']) {
    const bytes = readFileSync(join(dir, `${version}-allocfree.trace`));
    const { text, store } = await read(bytes, { options: OPTION.DUMP_JSON | OPTION.NO_INDEX });
    const { alloc_free, damaged, unknown } = store.stat().experimental_batches;
    assert.ok(alloc_free >= 2);
    assert.deepEqual([damaged, unknown], [0, 0]);
    const objects = text.trim().split('\n').map((line) => JSON.parse(line))
      .filter((e) => e.event === 'HeapObjectAlloc');
    assert.ok(objects.length && objects.every((e) => /^0x[0-9a-f]{10,12}$/.test(e.address)), version);
    assert.ok(objects.some((e) => e.type_name && e.type_bytes > 0), `${version}: ${JSON.stringify(objects[0])}`);
  }
});

test('split into chunks anywhere, the events are the same', async () => {
  const next = random(seed);
  for (const file of ['go1.23-tasks.trace', 'go1.27-coroutines.trace', 'go1.27-flight.trace']) {
    const bytes = readFileSync(join(dir, file));
    const whole = sha256((await dumped(bytes)).text);
    for (let i = 0; i < 30; i++) {
      const cut = 1 + next(bytes.length - 1);
      assert.equal(sha256((await dumped(bytes, [cut, bytes.length - cut])).text), whole, `${file} cut at ${cut}`);
    }
    for (const chunks of [[1], [7], [1000, 1], Array.from({ length: 50 }, () => 1 + next(3000))]) {
      assert.equal(sha256((await dumped(bytes, chunks)).text), whole, `${file} in ${chunks}`);
    }
  }
});

// The long version: CUTS=1000 FLIPS=10000 node --test tests/trace/recorded.test.mjs
const cuts = Number(process.env.CUTS ?? 100);
const flips = Number(process.env.FLIPS ?? 700);

test(`cut at ${cuts} random places, a random byte changed at ${flips}: ` +
  'no crash, no hang, an error or a shorter trace', async () => {
  const next = random(seed);
  const file = process.env.DAMAGE_FILE ?? join(dir, 'go1.27-syscalls.trace');
  const bytes = readFileSync(file);
  const whole = (await read(bytes, { options: OPTION.VALIDATE })).store;
  const tally = { refused: 0, accepted: 0 };
  let slowest = 0;
  /** @param {Uint8Array} spoiled @param {string} what */
  const survive = async (spoiled, what) => {
    const from = performance.now();
    const { status, store } = await read(spoiled, { options: OPTION.VALIDATE | OPTION.STAT });
    assert.ok(status === STATUS.DONE || status === STATUS.FAILED, `${what}: status ${status}`);
    assert.ok(store.memoryUsed < 2 * whole.memoryUsed + (1 << 20), `${what}: ${store.memoryUsed} bytes`);
    const info = store.info();
    store.query({ t0: 0, t1: info.t1 + 1, px: 20, lanes: info.lanes.map((l) => l.index) });
    store.stat();
    slowest = Math.max(slowest, performance.now() - from);
    tally[status === STATUS.DONE ? 'accepted' : 'refused']++;
  };
  for (let i = 0; i < cuts; i++) {
    const at = next(bytes.length);
    await survive(bytes.subarray(0, at), `seed ${seed}: cut at ${at}`);
  }
  for (let i = 0; i < flips; i++) {
    const at = next(bytes.length);
    const copy = Uint8Array.from(bytes);
    copy[at] ^= 1 + next(255);
    await survive(copy, `seed ${seed}: byte ${at} is ${copy[at]}`);
  }
  console.log(`seed ${seed}: ${cuts} cuts, ${flips} changed bytes: ${tally.refused} refused, ` +
    `${tally.accepted} still a trace; slowest ${slowest.toFixed(0)} ms`);
  assert.ok(slowest < 5000, `${slowest} ms`);
});
