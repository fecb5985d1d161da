// damage.mjs: a program's memory is its own to spoil: memset through a null pointer reaches all of it, and with it what
// the loader reads there. So whatever is read is first held against what was there when it was set up, and against what
// it can be at all, before anything is allocated, copied or gone through by it. What is not so ends the run.
import { LIMITS } from './abi.mjs';

/** Thrown by whoever finds it. */
export class Damaged extends Error {
  constructor() {
    super('the program has written over memory that is not its own');
    this.name = 'Damaged';
  }
}

const CONSTANT_BYTES = 4 << 10; // of the first ones behind the null page; the smallest program has 6.4 kB of them

/** The runtime's own words, among others. @param {import('./abi.mjs').MemoryLike} memory of a program that is set up */
export const constantsOf = (memory) => new Uint8Array(memory.buffer, LIMITS.NULL_PAGE, CONSTANT_BYTES).slice();

/**
 * The program has written over them: what it says of its end may be no words.
 * @param {import('./abi.mjs').MemoryLike} memory @param {Uint8Array} constants as they were
 */
export const isOverwritten = (memory, constants) => constantsOf(memory).some((byte, i) => byte !== constants[i]);

/** A write through a null pointer. @param {import('./abi.mjs').MemoryLike} memory */
export const isNullWritten = (memory) => writtenAt(memory) >= 0;

/** @param {WebAssembly.Module} module one built with --check (runtime/check/heap.c) says so */
const isChecked = (module) => WebAssembly.Module.exports(module).some(({ name }) => name === 'gr_checked');

/**
 * The lowest address of those that nobody may write to (runtime/core/nullpage.h); -1: none.
 * @param {import('./abi.mjs').MemoryLike} memory
 */
const writtenAt = (memory) =>
  new Uint8Array(memory.buffer, 0, LIMITS.NULL_PAGE).findIndex((byte) => byte !== LIMITS.NULL_BYTE);

/**
 * What to say of it, without "fatal error: " in front. Where the null page was written to as well, it began with a null
 * pointer.
 * @param {import('./abi.mjs').MemoryLike | null} memory null: not visible here
 * @param {boolean} isSetUp before it nobody looks after address 0
 * @param {WebAssembly.Module} module
 */
export function damageText(memory, isSetUp, module) {
  const at = memory ? writtenAt(memory) : -1;
  return isSetUp && at >= 0
    ? `invalid memory address or nil pointer dereference\n[a write to address ${at}, noticed when the memory behind it `
      + 'was found overwritten: the run cannot go on]'
    : "the program's memory is overwritten (a write through a wild pointer, or far beyond a block): the run cannot go "
      + `on${isChecked(module) ? '' : '; build it with --check to see where'}`;
}
