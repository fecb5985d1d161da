// points.mjs: preemption points where the program asks for them (runtime/core/points.c), before asyncify.
//  1. Each call of __sanitizer_cov_trace_pc becomes what that function does, since wasm-opt does not inline a function
//     that calls another:
//         (block (br_if 0 (i32.eqz WANTED)) (br_if 0 (call $rt_point_counted)) (call $rt_preempt_point))
//     The step of the count must stand there: without a store in that path Binaryen makes of asyncify's test and ours
//     one `select` that is always evaluated (measured: a sieve takes a third longer).
//  2. A loop that has none gets one. Clang leaves out blocks all of whose successors they dominate, and so the only
//     block of a loop without exit. Functions without points are the runtime's or libc's and stay as they are.
import { leb } from './bytes.mjs';
import { Code, EMPTY, Edits, OP } from './instructions.mjs';

/**
 * @typedef {object} PointParts
 * @property {number} trace function that the compiler calls at each point
 * @property {number[]} wanted code that leaves whether anybody wants anything: not 0
 * @property {number} counted function
 * @property {number} point function
 */

/**
 * @param {import('./binary.mjs').Module} m
 * @param {PointParts} parts
 * @returns {{ points: number, bare: number }} how many there are; how many of them in loops without any
 */
export function placePoints(m, parts) {
  const count = { points: 0, bare: 0 };
  const point = [OP.BLOCK, EMPTY, ...parts.wanted, OP.I32_EQZ, OP.BR_IF, 0, OP.CALL, ...leb(parts.counted), OP.BR_IF, 0,
    OP.CALL, ...leb(parts.point), OP.END];
  m.functions.forEach((f, i) => {
    if (m.importedFunctions + i === parts.trace) return;
    const code = new Code(f.body, m.nameOf(m.importedFunctions + i)), edits = new Edits();
    const bare = bareLoops(code, parts.trace, (from, to) => edits.replace(from, to, point));
    if (edits.size === 0) return;
    count.points += edits.size;
    count.bare += bare.length;
    for (const at of bare) edits.insert(at, point);
    f.body = edits.apply(code);
  });
  return count;
}

/**
 * Where the loops begin that have no point, for a function that has some.
 * @param {Code} code
 * @param {number} trace
 * @param {(from: number, to: number) => void} found called for each point
 */
function bareLoops(code, trace, found) {
  /** @type {{ at: number, has: boolean }[]} */ const loops = [];
  /** @type {({ at: number, has: boolean } | null)[]} */ const open = [];
  while (code.next()) {
    if (code.op === OP.LOOP) {
      const loop = { at: code.end, has: false };
      loops.push(loop);
      open.push(loop);
    } else if (code.op === OP.BLOCK || code.op === OP.IF) open.push(null);
    else if (code.op === OP.END) open.pop();
    else if (code.op === OP.CALL && code.value === trace) {
      for (const loop of open) if (loop) loop.has = true;
      found(code.start, code.end);
    }
  }
  return loops.filter((l) => !l.has).map((l) => l.at);
}
