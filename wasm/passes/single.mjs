// single.mjs: atomic operations of a program of one thread become plain ones.
//
// A wasi program's own sources are compiled with atomics, since LLVM makes ordinary variables of all _Thread_local ones
// in a file whose atomic operations it takes apart itself; not every WASI engine knows them. Loads and stores just lose
// the word. The others
//     (i32.atomic.rmw.add offset=O A V)  become  (call $gr_single.i32.rmw.add (i32.const O) A V)
// of functions made here, which wasm-opt inlines: with O behind the other operands, as code has them.
import { I32, I64 } from './binary.mjs';
import { leb } from './bytes.mjs';
import { BuildError } from './errors.mjs';
import { Code, EMPTY, Edits, OP } from './instructions.mjs';

/** Plain loads and stores, in the order of the atomic ones: i32, i64, then 8 and 16 bits of each, 32 of i64. */
const LOADS = [0x28, 0x29, 0x2d, 0x2f, 0x31, 0x33, 0x35], STORES = [0x36, 0x37, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e];
/** Bytes of each, as a power of two: what code says of its alignment. */
const ALIGN = [2, 3, 0, 1, 0, 1, 2];
const FIRST_LOAD = 0xfe010, FIRST_STORE = 0xfe017, FIRST_RMW = 0xfe01e;
const NAMES = ['add', 'sub', 'and', 'or', 'xor', 'xchg', 'cmpxchg'];
/** The plain operations of i32 and of i64. */
const OPERATIONS = [[0x6a, 0x6b, 0x71, 0x72, 0x73], [0x7c, 0x7d, 0x83, 0x84, 0x85]];
const WIDTHS = ['i32', 'i64', 'i32_8', 'i32_16', 'i64_8', 'i64_16', 'i64_32'];

/** @param {import('./binary.mjs').Module} m @returns {number} how many operations there were */
export function plainAtomics(m) {
  /** Functions made here, by the operation's number. @type {Map<number, number>} */
  const made = new Map();
  let count = 0;
  const original = m.functions.slice();
  original.forEach((f, i) => {
    const name = m.nameOf(m.importedFunctions + i), code = new Code(f.body, name), edits = new Edits();
    while (code.next()) {
      const { op, start, end, value, second } = code;
      if (op < OP.NOTIFY) continue;
      count++;
      if (op === OP.FENCE) edits.replace(start, end, [OP.NOP]);
      else if (op < FIRST_LOAD) {
        throw new BuildError(`${name} waits for another thread, in a program of one`, { symbol: name });
      } else if (op < FIRST_RMW) {
        const plain = op < FIRST_STORE ? LOADS[op - FIRST_LOAD] : STORES[op - FIRST_STORE];
        edits.replace(start, end, [plain, ...leb(second), ...leb(value)]);
      } else {
        const index = made.get(op) ?? operation(m, op - FIRST_RMW);
        made.set(op, index);
        edits.replace(start, end, [OP.I32_CONST, ...longLeb(value), OP.CALL, ...leb(index)]);
      }
    }
    if (edits.size) f.body = edits.apply(code);
  });
  return count;
}

/**
 * Adds the function (address, value[, new value], offset) -> the old value.
 * @param {import('./binary.mjs').Module} m
 * @param {number} op counted from i32.atomic.rmw.add
 * @returns {number} its index
 */
function operation(m, op) {
  const kind = Math.floor(op / 7), width = op % 7, wide = width === 1 || width > 3 ? 1 : 0;
  const type = wide ? I64 : I32, exchange = kind === 6, offset = exchange ? 3 : 2, old = offset + 1;
  const memarg = [ALIGN[width], 0], get = (/** @type {number} */ i) => [OP.LOCAL_GET, i];
  const load = [...get(0), LOADS[width], ...memarg, OP.LOCAL_SET, old], store = [STORES[width], ...memarg];
  const address = [...get(0), ...get(offset), OP.I32_ADD, OP.LOCAL_SET, 0];
  const narrow = [0, 0, 0xff, 0xffff, 0xff, 0xffff, 0xffffffff][width];
  // More than the width may be in what is expected: compare just that.
  const mask = narrow === 0 ? [] : wide ? [OP.I64_CONST, ...longLeb(narrow), 0x83] : [OP.I32_CONST, ...longLeb(narrow), OP.I32_AND];
  const change = exchange
    ? [OP.BLOCK, EMPTY, ...get(old), ...get(1), ...mask, wide ? 0x52 : 0x47, OP.BR_IF, 0, ...get(0), ...get(2), ...store, OP.END]
    : [...get(0), ...kind === 5 ? get(1) : [...get(old), ...get(1), OPERATIONS[wide][kind]], ...store];
  const index = m.importedFunctions + m.functions.length;
  m.functions.push({
    type: m.typeNumber(exchange ? [I32, type, type, I32] : [I32, type, I32], [type]),
    body: Uint8Array.from([1, 1, type, ...address, ...load, ...change, ...get(old), OP.END]),
  });
  m.functionNames.set(index, `gr_single.${WIDTHS[width]}.${NAMES[kind]}`);
  return index;
}

/** @param {number} n not negative @returns {number[]} signed LEB128 */
function longLeb(n) {
  const bytes = [];
  for (;;) {
    const low = n % 128;
    n = Math.floor(n / 128);
    if (n === 0 && low < 64) return [...bytes, low];
    bytes.push(low | 128);
  }
}
