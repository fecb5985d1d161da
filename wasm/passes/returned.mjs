// returned.mjs: functions that return one of their arguments. LLVM knows them, and goes on with what they return in the
// place of what it has given them: so an address on the stack may come back from memset.
import { Code, OP } from './instructions.mjs';
import { Operands } from './operands.mjs';

/** Those of libc's that return their first one, by the C standard. */
const FIRST = new Set(['memcpy', 'memmove', 'memset', 'strcpy', 'strncpy', 'strcat', 'strncat']);

/** Finds out for the functions of one module, each when it is asked for. */
export class Returned {
  /** @param {import('./binary.mjs').Module} m */
  constructor(m) {
    this.m = m;
    this.imported = m.importedFunctions;
    /** @type {Map<number, number>} */ this.known = new Map();
  }

  /** Which argument a function returns whatever happens. @param {number} func @returns {number} -1: none */
  argument(func) {
    const known = this.known.get(func);
    if (known !== undefined) return known;
    this.known.set(func, -1); // should it call itself
    const found = FIRST.has(this.m.nameOf(func)) ? 0 : func < this.imported ? -1 : this.#analyse(func);
    this.known.set(func, found);
    return found;
  }

  /** @param {number} func @returns {number} */
  #analyse(func) {
    const f = this.m.functions[func - this.imported], { params, results } = this.m.types[f.type];
    if (results.length !== 1 || !params.includes(results[0])) return -1;
    // Parameters that hold what they were given, until one is seen to be set to something else.
    const kept = new Set(params.keys());
    for (;;) {
      const found = this.#walk(f.body, func, kept);
      if (found !== undefined) return found;
    }
  }

  /**
   * @param {Uint8Array} body @param {number} func @param {Set<number>} kept
   * @returns {number | undefined} undefined: one of them was not kept
   */
  #walk(body, func, kept) {
    const code = new Code(body, this.m.nameOf(func)), operands = new Operands(this.m, code, -1);
    /** @type {Set<number>} */ const results = new Set();
    while (code.next()) {
      const { op, value } = code, atEnd = op === OP.END && operands.frames.length === 1;
      const isResult = op === OP.RETURN || (op === OP.BR_IF && value === operands.frames.length - 1) ||
        (op === OP.BR && value === operands.frames.length - 1) || atEnd;
      const top = operands.stack[operands.stack.length - (op === OP.BR_IF ? 2 : 1)] ?? -1;
      if (isResult && !operands.dead) results.add(top);
      if (op === OP.RETURN_CALL || op === OP.RETURN_CALL_INDIRECT ||
          (op === OP.BR_TABLE && code.labels.includes(operands.frames.length - 1))) return -1;
      const taken = operands.step();
      if (op === OP.LOCAL_GET && kept.has(value)) operands.put(value);
      else if (op === OP.LOCAL_TEE || op === OP.LOCAL_SET) {
        if (op === OP.LOCAL_TEE) operands.put(taken[0]);
        if (kept.has(value) && taken[0] !== value && !operands.dead) {
          kept.delete(value);
          return undefined;
        }
      } else if (op === OP.CALL) {
        const argument = this.argument(value);
        if (argument >= 0) operands.put(taken[argument]);
      }
    }
    return results.size === 1 ? [...results][0] : -1;
  }
}
