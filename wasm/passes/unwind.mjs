// unwind.mjs: gives asyncify a limit, after the asyncify pass.
//
// Suspending a goroutine stores each frame's locals below its C stack. Asyncify compares with the end of that space
// only once all is stored, when neighbours may be damaged already. So the step of its pointer by which a frame begins,
//     (i32.store (global.get $data) (i32.add (i32.load (global.get $data)) (i32.const 4)))
// becomes a call of port_save (wasm/port/switch.c), which sees to it that the frame's locals fit and the word that the
// next frame stores before its step:
//     (call $port_save (i32.const NEED) (global.get $data) (i32.add (i32.load (global.get $data)) (i32.const 4)))
// How many bytes the locals are, the function's other step up says, the same with another constant. Steps may be
// written as `sub` of a negative constant, which is shorter for 64 and 8192. Any other store to where the data pointer
// is, and any function with other steps than these, stops the build.
import { leb, sleb } from './bytes.mjs';
import { BuildError } from './errors.mjs';
import { Code, Edits, OP } from './instructions.mjs';
import { Operands } from './operands.mjs';

/** What is known of an operand. @typedef {{ is: 'data' | 'load' | 'constant' | 'step' | '', n: number, start: number }} Value */
/** @type {Value} */
const OTHER = { is: '', n: 0, start: -1 };

/**
 * @param {import('./binary.mjs').Module} m
 * @param {{ data: number, save: number, helpers: Set<number> }} parts data: the global with the address of asyncify's
 *   data; save: the function port_save; helpers: asyncify's own functions, which set the global
 * @returns {number} how many functions suspend
 */
export function limitUnwinding(m, { data, save, helpers }) {
  let saves = 0;
  m.functions.forEach((f, i) => {
    const index = m.importedFunctions + i, name = m.nameOf(index);
    if (helpers.has(index) || !mayUse(f.body, data)) return;
    const code = new Code(f.body, name), steps = stepsOf(m, code, data);
    if (steps.length === 0) return;
    const ups = steps.filter((s) => s.n > 0), downs = steps.filter((s) => s.n < 0);
    const isKnown = ups.length === downs.length && ups.length <= 2 && ups[0].n === 4 &&
      downs.some((s) => s.n === -4) && ups.every((u) => downs.some((d) => d.n === -u.n));
    if (!isKnown) {
      throw new BuildError(`asyncify stores the locals of ${name} in a way that is not known here: steps of ` +
        steps.map((s) => s.n).join(', '), { symbol: name });
    }
    const edits = new Edits(), first = ups[0];
    edits.insert(first.start, [OP.I32_CONST, ...sleb((ups[1]?.n ?? 0) + 4)]);
    edits.replace(first.store, first.end, [OP.CALL, ...leb(save)]);
    f.body = edits.apply(code);
    saves++;
  });
  return saves;
}

/** A first look, which most functions do not pass: whether the bytes of `global.get data` are there. @param {Uint8Array} body @param {number} data */
function mayUse(body, data) {
  const wanted = leb(data);
  for (let at = body.indexOf(OP.GLOBAL_GET); at >= 0; at = body.indexOf(OP.GLOBAL_GET, at + 1)) {
    if (wanted.every((b, i) => body[at + 1 + i] === b)) return true;
  }
  return false;
}

/**
 * The steps of the data pointer, in the order of the text.
 * @param {import('./binary.mjs').Module} m
 * @param {Code} code
 * @param {number} data
 */
function stepsOf(m, code, data) {
  const operands = new Operands(m, code, OTHER);
  /** Steps: n bytes; from the address of the pointer on, its store, behind it. @type {{ n: number, start: number, store: number, end: number }[]} */
  const steps = [];
  while (code.next()) {
    const { op, value, start, end } = code;
    const [a, b] = operands.step();
    if (op === OP.GLOBAL_GET && value === data) operands.put({ is: 'data', n: 0, start });
    else if (op === OP.I32_CONST) operands.put({ is: 'constant', n: value, start });
    else if (op === OP.I32_LOAD && a.is === 'data' && value === 0) operands.put({ is: 'load', n: 0, start: a.start });
    else if ((op === OP.I32_ADD || op === OP.I32_SUB) && a.is === 'load' && b.is === 'constant') {
      operands.put({ is: 'step', n: op === OP.I32_ADD ? b.n : -b.n, start: a.start });
    } else if (op === OP.I32_STORE && a.is === 'data') {
      if (b.is !== 'step' || value !== 0) {
        throw new BuildError(`asyncify moves its pointer in ${code.name} in a way that is not known here`, { symbol: code.name });
      }
      steps.push({ n: b.n, start: a.start, store: start, end });
    } else if (op === OP.GLOBAL_SET && value === data) {
      throw new BuildError(`${code.name} sets where asyncify's data are`, { symbol: code.name });
    }
  }
  return steps;
}

/**
 * Asyncify's globals, found in a function that it has added: it sets the state, then the address of the data.
 * @param {import('./binary.mjs').Module} m
 * @returns {{ state: number, data: number }}
 */
export function asyncifyGlobals(m) {
  const start = m.exports.find((e) => e.name === 'asyncify_start_unwind');
  if (!start) throw new BuildError('the module has no function asyncify_start_unwind: did the asyncify pass run?');
  const body = m.functions[start.index - m.importedFunctions].body, code = new Code(body, start.name);
  const set = [];
  while (code.next()) if (code.op === OP.GLOBAL_SET) set.push(code.value);
  if (set.length !== 2) throw new BuildError('asyncify_start_unwind does not set two globals');
  return { state: set[0], data: set[1] };
}

