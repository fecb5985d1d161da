// The smaller passes, each with its input and output as text in golden/.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { careful, sharedParts } from '../../wasm/passes/atomics.mjs';
import { constantAt, readModule, writeModule } from '../../wasm/passes/binary.mjs';
import { KitFrames, ProgramFrames } from '../../wasm/passes/frames.mjs';
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

describe('frames', () => {
  const D = '(global.get $data)', STATE = '(global.get $state)', UP = `(i32.eq ${STATE} (i32.const 1))`;
  const down = (/** @type {number} */ n) => `(i32.store ${D} (i32.sub (i32.load ${D}) (i32.const ${n})))`;
  const up = (/** @type {number} */ n) => `(i32.store ${D} (i32.add (i32.load ${D}) (i32.const ${n})))`;
  const leave = (/** @type {number} */ k) => `(call $use (i32.const ${k})) (drop (br_if $out (i32.const ${k}) ${UP}))`;
  /** As asyncify makes it: a function with a local of four bytes. @param {string} name @param {number[]} calls */
  const frame = (name, calls, push = `(i32.store (i32.load ${D}) (local.get $index))`) => `
    (func $${name} (param $p i32) (local $index i32)
      (if (i32.eq ${STATE} (i32.const 2))
        (then ${down(4)} (local.set $p (i32.load (i32.load ${D})))))
      (local.set $index (block $out (result i32)
        (if (i32.eq ${STATE} (i32.const 2))
          (then ${down(4)} (local.set $index (i32.load (i32.load ${D})))))
        ${calls.map(leave).join('\n')}
        (return)))
      ${push} ${up(4)}
      (i32.store (i32.load ${D}) (local.get $p)) ${up(4)})`;
  const mark = (/** @type {Module} */ m, /** @type {import('../../wasm/passes/unwind.mjs').Frames} */ frames) =>
    limitUnwinding(m, { data: m.globalNamed('data'), save: m.functionNamed('port_save'), helpers: new Set(),
      frames });

  test('the word of a frame says how large it is and in which function, and is loaded without that', () => {
    const frames = new ProgramFrames();
    shown('frames', frame('f', [0, 1]) + frame('g', [0]), (m) => void mark(m, frames));
    assert.deepEqual(frames.sites.map((s) => s.func), ['f', 'f', 'g']);
    assert.deepEqual(frames.blocks, [0, 2]);
  });
  test('frames of the runtime are all in the first block', () => {
    shown('frames-kit', frame('f', [0, 1]) + frame('g', [0]), (m) => void mark(m, new KitFrames()));
  });
  test('more calls than a byte tells apart take two blocks', () => {
    const frames = new ProgramFrames();
    mark(moduleOf(frame('f', [...Array(300).keys()]) + frame('g', [0])), frames);
    assert.deepEqual(frames.blocks, [0, 256, 300]);
  });
  test('the table: blocks, sites, places with those around, texts', () => {
    const frames = new ProgramFrames();
    frames.blocks = [0];
    frames.sites = [{ func: 'f', place: 1 }, { func: 'f', place: -1 }];
    const bytes = frames.table([{ func: 'f', file: 'a.c', line: 7, parent: -1 },
      { func: 'in', file: 'a.h', line: 3, parent: 0 }]);
    const view = new DataView(bytes.buffer), word = (/** @type {number} */ i) => view.getUint32(4 * i, true);
    const read = (/** @type {number} */ at) => String.fromCharCode(...bytes.subarray(at, bytes.indexOf(0, at)));
    const place = (/** @type {number} */ i) => {
      const at = 6 + 4 * i;
      return [read(word(at)), read(word(at + 1)), word(at + 2), word(at + 3)];
    };
    assert.deepEqual([0, 1, 2, 3, 4, 5].map(word), [1, 2, 3, 0, 1, 2]);
    assert.deepEqual([0, 1, 2].map(place), [['f', 'a.c', 7, 0], ['in', 'a.h', 3, 1], ['f', '', 0, 0]]);
  });
  for (const [why, functions] of Object.entries({
    'a call without an index': frame('f', [0, 2]), 'an index of two calls': frame('f', [0, 0]),
    'no call': frame('f', []),
    'an index that is stored otherwise': frame('f', [0], `(i32.store offset=4 (i32.load ${D}) (local.get $index))`),
  })) {
    test(`${why}: stops, with the function's name`, () =>
      assert.throws(() => mark(moduleOf(functions), new ProgramFrames()),
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
