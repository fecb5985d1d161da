// Goal: exports know the format's events as the project's one table has them, and a trace falls apart into the same
// generations however its bytes come.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ARGS, EV, ExportError, NO_M, generations, varint, varintOf } from '../../viewer/trace/export/wire.mjs';
import { events } from '../trace/assemble.mjs';
import { RECORDED } from './traces.mjs';

test('events and their arguments are those of runtime/format', () => {
  // A clock snapshot has a time, but stands in no thread's batch.
  const timed = [...events.values()].filter(({ id, args }) => args[0] === 'dt' && id !== EV.CLOCK_SNAPSHOT);
  for (const { id, args } of timed) assert.equal(ARGS[id], args.length, `event ${id}`);
  assert.equal([...ARGS].filter(Boolean).length, timed.length);
  const plain = (/** @type {string} */ name) => name.replaceAll('_', '').toUpperCase();
  const ids = new Map([...events].map(([name, { id }]) => [plain(name), id]));
  for (const [name, id] of Object.entries(EV))
    assert.equal(ids.get(name === 'BATCH' ? 'EVENTBATCH' : plain(name)), id, name);
});

test('varints go both ways', () => {
  for (const n of [0, 1, 127, 128, 16383, 16384, 2 ** 32, 2 ** 53 - 1, NO_M])
    assert.equal(varint(Uint8Array.from(varintOf(n)), { at: 0 }), n);
  assert.ok(Number.isNaN(varint(Uint8Array.from([128, 128]), { at: 0 })));
});

test('generations are the same in chunks of any size', async () => {
  const bytes = RECORDED['go1.23-mixed.trace'];
  const told = async (/** @type {number} */ size) => {
    const chunks = (async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })();
    const all = [];
    for await (const g of generations(chunks)) all.push([g.gen, g.offset, g.bytes.length, g.batches]);
    return all;
  };
  const whole = await told(bytes.length);
  assert.ok(whole.length > 1);
  for (const size of [7, 1000, 65_537]) assert.deepEqual(await told(size), whole);
});

test('one chunk of many generations costs no more than its bytes', async (t) => {
  const header = RECORDED['go1.23-mixed.trace'].subarray(0, 16), frequency = [EV.FREQUENCY, ...varintOf(1e9)];
  // A frequency's batch is all that a generation has; its number tells it from the one before.
  const parts = Array.from({ length: 20_000 }, (_, gen) =>
    [EV.BATCH, ...varintOf(gen + 1), 0, 0, frequency.length, ...frequency]);
  const bytes = Uint8Array.from([...header, ...parts.flat()]);
  const movedBy = async (/** @type {number} */ size) => {
    let n = 0;
    const { mock } = t.mock.method(Uint8Array.prototype, 'copyWithin');
    for await (const g of generations((async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })())) n += g.bytes.length;
    const moved = mock.calls.reduce((sum, { arguments: [, from, end] }) => sum + Number(end) - Number(from), 0);
    mock.restore();
    assert.equal(n, bytes.length - 16);
    return moved;
  };
  for (const size of [bytes.length, 65_537]) assert.ok(await movedBy(size) <= bytes.length);
});

test('damage is told with its place, after all that is whole', async () => {
  const bytes = RECORDED['go1.27-flight.trace'].slice();
  const broken = async (/** @type {Uint8Array} */ what) => {
    let n = 0;
    try {
      for await (const g of generations((async function* () { yield what; })())) n += g.bytes.length;
    } catch (e) {
      assert.ok(e instanceof ExportError);
      return [n > 0, e.message];
    }
    return [];
  };
  const short = bytes.subarray(0, bytes.length - 5);
  assert.match(String((await broken(short))[1]), /in the middle of a batch \(byte \d+\)/);
  assert.match(String((await broken(new TextEncoder().encode('[{"ph":"X"}, and so on]')))[1]), /is no trace of Go/);
  assert.match(String((await broken(new Uint8Array(0)))[1]), /empty/);
  assert.match(String((await broken(bytes.subarray(0, 9)))[1]), /before its header/);
  bytes[16] = 200;
  assert.match(String((await broken(bytes))[1]), /cannot begin with byte 200 \(byte 16\)/);
});
