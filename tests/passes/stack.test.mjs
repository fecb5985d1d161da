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
  'either of two': [`(func $f (param $n i32) (local $a i32)
    (if (local.get $n) (then (local.set $a (i32.sub ${SP} (i32.const 16))))
      (else (local.set $a (i32.sub ${SP} (i32.const 32)))))
    ${set('(local.get $a)')})`, /^f uses/],
  'a copy from before it was aligned': [`(func $f (local $a i32)
    ${set(`(i32.and (local.tee $a (i32.sub ${SP} (i32.const 96))) (i32.const -64))`)}
    (call $use (local.get $a)))`, /aligned is kept/],
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
