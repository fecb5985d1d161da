// atomics.mjs: accesses to memory that workers share, which V8 wants to be careful with.
//
// A worker that makes the shared memory grow may give others an address in the new part at once. V8 (seen in 11.3,
// node 20) tells the other workers by an interrupt, which each notices at its next call or turn of a loop; until then
// its atomic accesses to the new part trap, and memory.copy and memory.fill; only its plain ones work. The program dies
// of "memory access out of bounds" (tests/unit/memory.c). So each looks first: an address beyond what this worker knows
// of makes it ask, by growing the memory by nothing. Behind the instruction that leaves the address of
//     (i32.atomic.load offset=O A)
// comes
//     (if (i32.ge_u (i32.shr_u (i32.add (local.tee $at A) (i32.const O)) (i32.const 16)) (memory.size))
//      (then (drop (memory.grow (i32.const 0)))))
//     (local.get $at)
// Addresses of static data are left alone: they are below. memory.copy and memory.fill become calls of
// port_memory_copy and port_memory_fill, which look too, and memory.atomic.wait32 of port_wait32
// (wasm/port/emscripten.c says why).
import { I32 } from './binary.mjs';
import { leb, sleb } from './bytes.mjs';
import { BuildError } from './errors.mjs';
import { Code, EMPTY, Edits, OP, localsOf } from './instructions.mjs';
import { Operands } from './operands.mjs';

/** @typedef {{ copy: number, fill: number, wait: number }} SharedParts functions; -1: there is none */

/** @param {import('./binary.mjs').Module} m @returns {SharedParts} */
export function sharedParts(m) {
  return { copy: m.functionNamed('port_memory_copy'), fill: m.functionNamed('port_memory_fill'),
    wait: m.functionNamed('port_wait32') };
}

/** Where an operand was left. @typedef {{ end: number, constant: boolean }} Left */
/** @type {Left} */
const UNKNOWN = { end: -1, constant: false };

/**
 * @param {import('./binary.mjs').Module} m
 * @param {SharedParts} parts
 * @returns {{ looks: number, bulk: number, waits: number }} how many of each were changed
 */
export function careful(m, parts) {
  const count = { looks: 0, bulk: 0, waits: 0 };
  m.functions.forEach((f, i) => {
    const index = m.importedFunctions + i, name = m.nameOf(index);
    if (index === parts.copy || index === parts.fill) return;
    const code = new Code(f.body, name), edits = new Edits(), operands = new Operands(m, code, UNKNOWN);
    const at = localsOf(m.types[f.type], code);
    let looks = 0;
    while (code.next()) {
      const { op, start, end, value } = code, dead = operands.dead;
      const taken = operands.step();
      if (operands.stack.length) {
        const top = operands.stack.length - 1;
        if (operands.stack[top] === UNKNOWN) operands.put({ end, constant: op === OP.I32_CONST });
      }
      /** @param {number} func @param {string} what */
      const call = (func, what) => {
        if (func < 0) throw new BuildError(`the module needs ${what} but has no function for it`, { symbol: name });
        edits.replace(start, end, [OP.CALL, ...leb(func)]);
      };
      if (op === OP.MEMORY_COPY || op === OP.MEMORY_FILL) {
        call(op === OP.MEMORY_COPY ? parts.copy : parts.fill, 'memory.copy');
        count.bulk++;
      } else if (op === OP.WAIT32 && index !== parts.wait) {
        if (value) throw new BuildError(`${name} waits at an address with an offset`, { symbol: name });
        call(parts.wait, 'memory.atomic.wait32');
        count.waits++;
      } else if (op >= OP.NOTIFY && op !== OP.FENCE && !dead && !taken[0].constant) {
        if (taken[0].end < 0) throw new BuildError(`${name} has an atomic access to an address of unknown origin`, { symbol: name });
        looks++;
        edits.insert(taken[0].end, [OP.LOCAL_TEE, ...leb(at), OP.I32_CONST, ...sleb(value), OP.I32_ADD, OP.I32_CONST, 16,
          OP.I32_SHR_U, OP.MEMORY_SIZE, 0, OP.I32_GE_U, OP.IF, EMPTY, OP.I32_CONST, 0, OP.MEMORY_GROW, 0, OP.DROP, OP.END,
          OP.LOCAL_GET, ...leb(at)]);
      }
    }
    count.looks += looks;
    if (edits.size) f.body = edits.apply(code, looks ? [I32] : []);
  });
  return count;
}
