// operands.mjs: the stack of operands while walking over code: what each instruction takes, and where that came from.
import { OP, blockArity, effectOf } from './instructions.mjs';

/**
 * A block that the walk is in.
 * @typedef {object} Frame
 * @property {number} op BLOCK, LOOP, IF; -1: the function itself
 * @property {number} start where its instruction stands
 * @property {number} height of the stack below it
 * @property {number} params
 * @property {number} results
 * @property {boolean} dead whether it was entered at all
 */

/**
 * Values are the caller's: step() says what an instruction took, put() says what it left.
 * @template V
 */
export class Operands {
  /**
   * @param {import('./binary.mjs').Module} module
   * @param {import('./instructions.mjs').Code} code
   * @param {V} unknown what values are of which nothing is known: of blocks, or in code that is never reached
   */
  constructor(module, code, unknown) {
    this.module = module;
    this.code = code;
    this.unknown = unknown;
    /** @type {V[]} */ this.stack = [];
    /** @type {Frame[]} */ this.frames = [{ op: -1, start: 0, height: 0, params: 0, results: 0, dead: false }];
    /** Whether the code here is never reached. */
    this.dead = false;
  }

  /** The frame that label n means. @param {number} n */
  label(n) { return this.frames[this.frames.length - 1 - n]; }

  /**
   * One instruction, the one that `code` is at. Leaves values that are unknown: see put.
   * @returns {V[]} what it took
   */
  step() {
    const { code, frames } = this, { op } = code;
    if (op === OP.BLOCK || op === OP.LOOP || op === OP.IF) {
      const taken = op === OP.IF ? this.#take(1) : [];
      const { params, results } = blockArity(this.module, code.value);
      const held = this.#take(params);
      frames.push({ op, start: code.start, height: this.stack.length, params, results, dead: this.dead });
      this.stack.push(...held);
      return taken;
    }
    const top = frames[frames.length - 1];
    if (op === OP.ELSE || op === OP.END) {
      this.stack.length = Math.min(this.stack.length, top.height);
      this.#leave(op === OP.ELSE ? top.params : top.results);
      this.dead = top.dead;
      if (op === OP.END) frames.pop();
      return [];
    }
    const { taken, left } = effectOf(this.module, code);
    const values = this.#take(taken);
    this.#leave(left);
    if (op === OP.UNREACHABLE || op === OP.BR || op === OP.BR_TABLE || op === OP.RETURN || op === OP.RETURN_CALL ||
        op === OP.RETURN_CALL_INDIRECT) {
      this.dead = true;
      this.stack.length = Math.min(this.stack.length, top.height);
    }
    return values;
  }

  /** The value that the last instruction left is this one. @param {V} value */
  put(value) { this.stack[this.stack.length - 1] = value; }

  /** @param {number} n */
  #take(n) {
    const { height } = this.frames[this.frames.length - 1];
    const there = Math.min(n, Math.max(0, this.stack.length - height));
    const values = this.stack.splice(this.stack.length - there, there);
    while (values.length < n) values.unshift(this.unknown); // of code that is never reached
    return values;
  }

  /** @param {number} n */
  #leave(n) {
    for (let i = 0; i < n; i++) this.stack.push(this.unknown);
  }
}
