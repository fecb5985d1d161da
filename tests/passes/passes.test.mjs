// The smaller passes, each with its input and output as text in golden/.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { careful, sharedParts } from '../../wasm/passes/atomics.mjs';
import { constantAt, readModule, writeModule } from '../../wasm/passes/binary.mjs';
import { Code } from '../../wasm/passes/instructions.mjs';
import { OP } from '../../wasm/passes/instructions.mjs';
import { placePoints } from '../../wasm/passes/points.mjs';
import { plainAtomics } from '../../wasm/passes/single.mjs';
import { ownThreadLocals } from '../../wasm/passes/threadlocals.mjs';
import { limitUnwinding } from '../../wasm/passes/unwind.mjs';
import { moduleOf, shown } from './text.mjs';

/** @typedef {import('../../wasm/passes/binary.mjs').Module} Module */

const TRACE = '(call $__sanitizer_cov_trace_pc)';

test('points: each call becomes a test; a loop without one gets one; other functions stay', () => {
  shown('points', `
    (func $f (param $n i32) ${TRACE}
      (loop $has ${TRACE} (br_if $has (local.get $n)))
      (loop $outer (loop $inner ${TRACE} (br_if $inner (local.get $n))) (br_if $outer (local.get $n)))
      (loop $bare (br $bare)))
    (func $library (loop $l (br $l)))`, (m) => {
    const count = placePoints(m, { trace: m.functionNamed('__sanitizer_cov_trace_pc'), wanted: [OP.I32_CONST, 0,
      OP.I32_LOAD, 2, 0],
      counted: m.functionNamed('rt_point_counted'), point: m.functionNamed('rt_preempt_point') });
    assert.deepEqual(count, { points: 3, bare: 1 });
  });
});

test('atomics: accesses look first, but not at static data; bulk operations and waits are calls', () => {
  shown('atomics', `
    (func $f (param $p i32) (param $v i32) (result i32)
      (i32.atomic.store offset=8 (local.get $p) (i32.atomic.load (i32.const 1024)))
      (drop (i32.atomic.rmw.cmpxchg (i32.add (local.get $p) (i32.const 4)) (local.get $v)
        (i32.atomic.load (local.get $v))))
      (memory.copy (local.get $p) (local.get $v) (i32.const 9))
      (memory.fill (local.get $p) (i32.const 0) (i32.const 9))
      (drop (memory.atomic.wait32 (local.get $p) (i32.const 0) (i64.const -1)))
      (memory.atomic.notify (local.get $p) (i32.const 1)))`, (m) => void careful(m, sharedParts(m)));
});

test('single: atomic operations become plain', () => {
  shown('single', `
    (func $f (param $p i32) (param $v i64) (result i32)
      (i64.atomic.store offset=8 (local.get $p) (local.get $v)) (atomic.fence)
      (drop (i64.atomic.rmw32.cmpxchg_u offset=4 (local.get $p) (local.get $v) (i64.const 1)))
      (drop (i32.atomic.rmw8.sub_u (local.get $p) (i32.const 3)))
      (drop (i32.atomic.rmw.xchg offset=300 (local.get $p) (i32.const 3)))
      (i32.atomic.load16_u (local.get $p)))`, (m) => void plainAtomics(m));
});

test('threadlocals: reads of __tls_base are calls', () => {
  shown('threadlocals', '(func $f (result i32) (i32.load offset=8 (global.get $__tls_base)))', (m) =>
    void ownThreadLocals(m));
});

describe('unwind', () => {
  const D = '(global.get $data)';
  const step = (/** @type {string} */ change) =>
    `(i32.store ${D} (${change.replace(' ', ` (i32.load ${D}) (i32.const `)})))`;
  const limit = (/** @type {Module} */ m) =>
    limitUnwinding(m, { data: m.globalNamed('data'), save: m.functionNamed('port_save'), helpers: new Set() });
  const frame = (/** @type {string[]} */ ...changes) => `(func $f ${changes.map(step).join('\n')})`;

  test('the first step asks for the locals and a word', () => {
    shown('unwind', frame('i32.add -12', 'i32.add -4', 'i32.add 4', 'i32.add 12'), (m) => assert.equal(limit(m),
      1));
  });
  test('steps of 64 and 8192 bytes are written as sub of a negative constant', () => {
    shown('unwind-64', frame('i32.sub 64', 'i32.add -4', 'i32.add 4', 'i32.sub -64'), (m) => assert.equal(limit(m),
      1));
  });
  test('no locals: a word alone', () => {
    shown('unwind-none', frame('i32.add -4', 'i32.add 4'), (m) => assert.equal(limit(m), 1));
  });
  for (const [why, functions] of Object.entries({
    'three steps up': frame('i32.add -4', 'i32.add 4', 'i32.add 8', 'i32.add 8'),
    'steps that do not match': frame('i32.add -4', 'i32.add -8', 'i32.add 4', 'i32.add 12'),
    'no step of the index': frame('i32.add -8', 'i32.add 8'),
    'another operation': `(func $f (i32.store ${D} (i32.xor (i32.load ${D}) (i32.const 4))))`,
  })) {
    test(`${why}: stops, with the function's name`, () => assert.throws(() => limit(moduleOf(functions)),
      (/** @type {any} */ e) => e.name === 'BuildError' && e.symbol === 'f'));
  }
});

describe('binary', () => {
  test('a module comes out as it went in', () => {
    const text = '(func $f (export "f") (result f64) (f64.const 1.5)) (global $g i64 (i64.const -3))';
    const bytes = writeModule(moduleOf(text));
    assert.deepEqual(writeModule(readModule(bytes)), bytes);
    assert.deepEqual([...constantAt(-65536)], [0x41, 0x80, 0x80, 0x7c, 0x0b]);
  });
  test('an opcode that is not known stops, with the function\'s name', () => {
    const code = new Code(Uint8Array.of(0, 0x06, 0x0b), 'strange');
    assert.throws(() => code.next(), /strange has an instruction that is not known here \(0x6\)/);
  });
});
