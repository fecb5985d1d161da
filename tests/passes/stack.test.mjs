// wasm/passes/stack.mjs: each shape in which LLVM moves the stack pointer, and shapes that stop the build.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkStack, stackParts } from '../../wasm/passes/stack.mjs';
import { moduleOf, shown } from './text.mjs';

const pass = (/** @type {import('../../wasm/passes/binary.mjs').Module} */ m) => void checkStack(m, stackParts(m));
const SP = '(global.get $__stack_pointer)';
const set = (/** @type {string} */ value) => `(global.set $__stack_pointer ${value})`;
/** An array of n words. @param {string} base @param {string} n */
const array = (base, n) =>
  `(i32.sub ${base} (i32.and (i32.add (i32.shl (local.get ${n}) (i32.const 2)) (i32.const 15)) (i32.const -16)))`;

/** @type {{ [name: string]: string }} */
const SHAPES = {
  'stack-frame': `(func $f (local $fp i32)
    ${set(`(local.tee $fp (i32.sub ${SP} (i32.const 32)))`)}
    (call $use (local.get $fp))
    ${set('(i32.add (local.get $fp) (i32.const 32))')})`,
  'stack-large-frame': `(func $f (local $fp i32)
    ${set(`(local.tee $fp (i32.sub ${SP} (i32.const 65536)))`)}
    (call $use (local.get $fp))
    ${set('(i32.add (local.get $fp) (i32.const 65536))')})`,
  'stack-aligned-frame': `(func $f (local $fp i32) (local $old i32)
    ${set(`(local.tee $fp (i32.and (i32.sub (local.tee $old ${SP}) (i32.const 96)) (i32.const -64)))`)}
    (call $use (local.get $fp))
    ${set('(local.get $old)')})`,
  'stack-array': `(func $f (param $n i32) (local $fp i32) (local $a i32)
    ${set(`(local.tee $fp (i32.sub ${SP} (i32.const 16)))`)}
    (call $use (local.get $fp))
    ${set(`(local.tee $a ${array('(local.get $fp)', '$n')})`)}
    (call $use (local.get $a))
    ${set('(i32.add (local.get $fp) (i32.const 16))')})`,
  'stack-array-in-loop': `(func $f (param $n i32) (local $sp i32) (local $old i32) (local $a i32)
    (local.set $old (local.tee $sp ${SP}))
    (loop $again
      ${set(`(local.tee $a ${array('(local.get $sp)', '$n')})`)}
      (call $use (local.get $a))
      (local.set $sp (local.get $sp))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    ${set('(local.get $old)')})`,
  'stack-alloca-in-loop': `(func $f (param $n i32) (local $sp i32) (local $old i32) (local $a i32)
    (local.set $old (local.tee $sp ${SP}))
    (loop $again
      ${set(`(local.tee $a ${array('(local.get $sp)', '$n')})`)}
      (call $use (local.get $a))
      (local.set $sp (local.get $a))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    ${set('(local.get $old)')})`,
  // As clang 22 adds without optimising. (What was added was taken for the address.)
  'stack-size-first': `(func $f (local $size i32) (local $sp i32) (local $fp i32)
    (local.set $size (i32.const -16))
    ${set(`(local.tee $fp (local.tee $sp (i32.add ${SP} (local.get $size))))`)}
    (call $use (local.get $sp))
    ${set('(local.tee $sp (i32.add (local.get $size) (local.get $sp)))')}
    (call $use (local.get $sp))
    ${set('(i32.add (local.get $fp) (i32.const 16))')})`,
  // As it aligns. (The mask was taken for the address.)
  'stack-mask-first': `(func $f (local $mask i32) (local $sp i32) (local $fp i32) (local $old i32)
    (local.set $old ${SP})
    ${set('(local.tee $fp (local.tee $sp (i32.and (i32.sub (local.get $old) (i32.const 64)) (i32.const -64))))')}
    (local.set $mask (i32.const -64))
    ${set('(local.tee $sp (i32.and (local.get $mask) (i32.add (local.get $sp) (local.get $mask))))')}
    (call $use (local.get $sp))
    ${set('(local.get $old)')})`,
  'stack-in-a-branch': `(func $f (param $n i32) (local $fp i32) (local $a i32)
    ${set(`(local.tee $fp (i32.sub ${SP} (i32.const 16)))`)}
    (local.set $a (local.get $fp))
    (if (local.get $n) (then ${set(`(local.tee $a ${array('(local.get $fp)', '$n')})`)}))
    (call $use (local.get $a))
    ${set('(i32.add (local.get $fp) (i32.const 16))')})`,
  'stack-not-optimised': `(func $f (local $1 i32) (local $2 i32) (local $3 i32) (local $4 i32) (local $5 i32)
    (local.set $1 ${SP}) (local.set $2 (i32.const 16))
    (local.set $3 (i32.sub (local.get $1) (local.get $2)))
    ${set('(local.get $3)')}
    (i32.store offset=12 (local.get $3) ${SP})
    (call $use (local.get $3))
    (local.set $4 (i32.load offset=12 (local.get $3)))
    ${set('(local.get $4)')}
    (local.set $5 (i32.add (local.get $3) (local.get $2)))
    ${set('(local.get $5)')})`,
  'stack-through-memset': `(func $f (local $fp i32)
    ${set(`(local.tee $fp (i32.sub ${SP} (i32.const 32)))`)}
    (local.set $fp (call $memset (local.get $fp) (i32.const 0) (i32.const 32)))
    (call $use (local.get $fp))
    ${set('(i32.add (local.get $fp) (i32.const 32))')})`,
  'stack-through-own': `(func $same (param $p i32) (result i32) (call $use (local.get $p)) (local.get $p))
    (func $f (local $fp i32)
    ${set(`(local.tee $fp (i32.sub ${SP} (i32.const 32)))`)}
    (local.set $fp (call $same (local.get $fp)))
    ${set('(i32.add (local.get $fp) (i32.const 32))')})`,
  // At -O0, what an address was before it was aligned stays in a local that nobody reads.
  'stack-aligned-not-optimised': `(func $f (param $n i32) (local $1 i32) (local $2 i32) (local $3 i32) (local $4 i32)
    (local.set $1 ${SP}) (local.set $4 (local.get $1)) (local.set $2 (i32.sub (local.get $1) (i32.const 96)))
    (local.set $3 (i32.and (local.get $2) (i32.const -64)))
    ${set('(local.get $3)')}
    (call $use (local.get $3))
    (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    ${set('(local.get $4)')})`,
  // A frame without bytes, but arrays that are aligned.
  'stack-aligned-array': `(func $f (param $n i32) (local $fp i32) (local $old i32) (local $a i32)
    (local.set $old (local.tee $fp ${SP})) (local.set $fp (i32.and (local.get $fp) (i32.const -64)))
    (if (local.get $n) (then
      (call $use (local.get $n))
      ${set(`(local.tee $a (i32.and ${array('(local.get $fp)', '$n')} (i32.const -64)))`)}
      (call $use (local.get $a))))
    ${set('(local.get $old)')})`,
  // A conversion of floating point stands between, which is several blocks.
  'stack-split': `(func $f (param $n i32) (param $x f32) (local $fp i32) (local $a i32) (local $b i32) (local $i i32)
    ${set(`(local.tee $fp (i32.sub ${SP} (i32.const 16)))`)}
    (local.set $a ${array('(local.get $fp)', '$n')})
    (if (f32.lt (local.get $x) (f32.const 1000)) (then (local.set $i (i32.trunc_f32_u (local.get $x)))))
    (local.set $b (i32.add (local.get $a) (i32.const 4)))
    ${set('(local.get $a)')}
    (i32.store (local.get $b) (local.get $i))
    (call $use (local.get $a))
    ${set('(i32.add (local.get $fp) (i32.const 16))')})`,
  'stack-small-leaf': `(func $f (result i32) (i32.load (i32.sub ${SP} (i32.const 112))))`,
};

describe('a store that is understood becomes checked', () => {
  for (const [name, functions] of Object.entries(SHAPES)) test(name, () => shown(name, functions, pass));
});

/** @type {{ [why: string]: [string, RegExp] }} */
const REFUSED = {
  'a parameter': [`(func $f (param $p i32) ${set('(local.get $p)')})`, /^f uses the stack pointer.*something else/],
  'what lies in memory': [`(func $f (param $p i32) ${set('(i32.load (local.get $p))')})`,
    /^f uses the stack pointer/],
  'what an unknown function gives': [`(func $g (param i32) (result i32) (i32.const 8))
    (func $f (local $a i32) (local.set $a (i32.sub ${SP} (i32.const 16)))
      ${set('(call $g (local.get $a))')})`, /^f uses/],
  'room made before a branch': [`(func $f (param $n i32) (local $a i32)
    (local.set $a (i32.sub ${SP} (i32.const 16)))
    (if (local.get $n) (then ${set('(local.get $a)')})))`, /in one place and moves the pointer in another/],
  'a call before the pointer is moved': [`(func $f (local $a i32) (local.set $a (i32.sub ${SP} (i32.const 16)))
    (call $use (i32.const 1)) ${set('(local.get $a)')})`, /calls when it has made room/],
  'a look before the pointer is moved': [`(func $f (local $a i32) (local $b i32)
    (local.set $a (i32.sub ${SP} (i32.const 16))) (local.set $b ${SP}) ${set('(local.get $a)')}
    (call $use (local.get $b)))`, /looks at the pointer/],
  'another address before the pointer is moved': [`(func $f (local $a i32) (local $b i32) (local $old i32)
    (local.set $a (i32.sub (local.tee $old ${SP}) (i32.const 16)))
    ${set('(local.get $old)')} ${set('(local.get $a)')})`, /moves the pointer elsewhere/],
  'room for two at once': [`(func $f (local $a i32) (local $b i32) (local $old i32)
    (local.set $a (i32.sub (local.tee $old ${SP}) (i32.const 16)))
    (local.set $b (i32.sub (local.get $old) (i32.const 32)))
    ${set('(local.get $a)')} ${set('(local.get $b)')})`, /makes room twice/],
  'room that is taken again in a loop': [`(func $f (param $n i32) (local $a i32) (local $old i32)
    (local.set $a (i32.sub (local.tee $old ${SP}) (i32.const 16)))
    (loop $again ${set('(local.get $a)')} (call $use (local.get $a)) ${set('(local.get $old)')}
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))`,
  /in one place and moves the pointer in another/],
  'a way out before the pointer is moved': [`(func $f (param $n i32) (local $a i32)
    (local.set $a (i32.sub ${SP} (i32.const 16)))
    (if (local.get $n) (then (return)))
    ${set('(local.get $a)')})`, /makes room and does not move/],
  'an aligned frame without bytes that is not left': [`(func $f (param $n i32) (local $fp i32) (local $old i32)
    (local.set $fp (i32.and (local.tee $old ${SP}) (i32.const -64)))
    (if (local.get $n) (then (return)))
    ${set(`(i32.sub (local.get $fp) (i32.const 32))`)}
    ${set('(local.get $old)')})`, /does not take it back/],
  'either of two': [`(func $f (param $n i32) (local $a i32)
    (if (local.get $n) (then (local.set $a (i32.sub ${SP} (i32.const 16))))
      (else (local.set $a (i32.sub ${SP} (i32.const 32)))))
    ${set('(local.get $a)')})`, /^f uses/],
  'a copy from before it was aligned': [`(func $f (local $a i32)
    ${set(`(i32.and (local.tee $a (i32.sub ${SP} (i32.const 96))) (i32.const -64))`)}
    (call $use (local.get $a)))`, /aligned is kept/],
  'one of a loop\'s turns': [`(func $f (param $n i32) (local $a i32) (local $old i32)
    (local.set $old ${SP})
    (loop $again
      (if (i32.eq (local.get $n) (i32.const 3)) (then (call $use (local.get $a))))
      ${set(`(i32.and (local.tee $a ${array('(local.get $old)', '$n')}) (i32.const -64))`)}
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    ${set('(local.get $old)')})`, /aligned is kept/],
  'one that is compared before it is aligned': [`(func $f (param $n i32) (result i32) (local $a i32) (local $old i32)
    (local.set $n (i32.eqz (local.tee $a (i32.sub (local.tee $old ${SP}) (i32.const 96)))))
    ${set('(i32.and (local.get $a) (i32.const -64))')} ${set('(local.get $old)')} (local.get $n))`, /aligned is kept/],
  'a word of the frame that is set to something else, too': [`(func $f (param $n i32) (local $fp i32)
    ${set(`(local.tee $fp (i32.sub ${SP} (i32.const 16)))`)}
    (i32.store offset=12 (local.get $fp) ${SP}) (i32.store offset=12 (local.get $fp) (local.get $n))
    ${set('(i32.load offset=12 (local.get $fp))')}
    ${set('(i32.add (local.get $fp) (i32.const 16))')})`, /something else/],
  'an array in a leaf with a red zone': [`(func $f (param $n i32) (result i32) (i32.load ${array(SP, '$n')}))`,
    /red-zone/],
};

describe('a store that is not understood stops the build, with the function\'s name', () => {
  for (const [why, [functions, message]] of Object.entries(REFUSED)) {
    test(why, () => assert.throws(() => pass(moduleOf(functions)), (/** @type {any} */ e) =>
      e.name === 'BuildError' &&
      e.symbol === 'f' && message.test(e.message)));
  }
});
