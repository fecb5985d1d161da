// unwind.mjs: gives asyncify a limit, after the asyncify pass.
//
// Suspending a goroutine stores each frame's locals below its C stack. Asyncify compares with the end of that space
// only once all is stored, when neighbours may be damaged already. So the step of its pointer by which a frame
// begins,
//     (i32.store (global.get $data) (i32.add (i32.load (global.get $data)) (i32.const 4)))
// becomes a call of port_save (wasm/port/switch.c), which sees to it that the frame's locals fit and the word that
// the next frame stores before its step:
//     (call $port_save (i32.const NEED) (global.get $data) (i32.add (i32.load (global.get $data)) (i32.const 4)))
// How many bytes the locals are, the function's other step up says, the same with another constant. Steps may be
// written as `sub` of a negative constant, which is shorter for 64 and 8192. Any other store to where the data
// pointer is, and any function with other steps than these, stops the build.
//
// What else is known of how a frame is saved goes to `frames` (frames.mjs): where the index of the call that the
// function was left by is stored and loaded,
//     (i32.store (i32.load (global.get $data)) (local.get $index))      ;; right before the first step up
//     (i32.load (i32.load (global.get $data)))                          ;; the first behind the last step down
// and, of programs, where the indices come from: `br` or `br_if` to the block around all, with a constant, behind the
// call.
import { leb, sleb } from './bytes.mjs';
import { BuildError } from './errors.mjs';
import { Code, Edits, OP } from './instructions.mjs';
import { Operands } from './operands.mjs';

/**
 * What is known of an operand.
 * @typedef {{ is: 'data' | 'load' | 'constant' | 'step' | '', n: number, start: number }} Value
 */
/**
 * How a function saves its frame.
 * @typedef {object} Save
 * @property {string} name
 * @property {Uint8Array} body
 * @property {number} bytes of its locals
 * @property {{ start: number, end: number }} push the instruction that stores the index
 * @property {{ start: number, end: number }} pop the one that loads it
 * @property {Leave[]} leaves ways out
 * @property {number} calls how many it has, of all kinds
 */
/** Where it is left: call: of the call before, -1: none. @typedef {{ index: number, call: number }} Leave */
/** @typedef {{ mark(edits: Edits, save: Save): void }} Frames */

/** @type {Value} */
const OTHER = { is: '', n: 0, start: -1 };

/**
 * @param {import('./binary.mjs').Module} m
 * @param {{ data: number, save: number, helpers: Set<number>, frames?: Frames }} parts data: the global with the
 *   address of asyncify's data; save: the function port_save; helpers: asyncify's own functions, which set the
 *   global; frames: who is told of each function, and changes it further
 * @returns {number} how many functions suspend
 */
export function limitUnwinding(m, { data, save, helpers, frames }) {
  let saves = 0;
  m.functions.forEach((f, i) => {
    const index = m.importedFunctions + i, name = m.nameOf(index);
    if (helpers.has(index) || !mayUse(f.body, data)) return;
    const code = new Code(f.body, name), seen = lookAt(m, code, data), { steps } = seen;
    if (steps.length === 0) return;
    const ups = steps.filter((s) => s.n > 0), downs = steps.filter((s) => s.n < 0);
    const isKnown = ups.length === downs.length && ups.length <= 2 && ups[0].n === 4 &&
      downs.some((s) => s.n === -4) && ups.every((u) => downs.some((d) => d.n === -u.n));
    if (!isKnown) {
      throw new BuildError(`asyncify stores the locals of ${name} in a way that is not known here: steps of ` +
        steps.map((s) => s.n).join(', '), { symbol: name });
    }
    const edits = new Edits(), first = ups[0];
    frames?.mark(edits, saveOf(f.body, name, seen, first, ups[1]?.n ?? 0));
    edits.insert(first.start, [OP.I32_CONST, ...sleb((ups[1]?.n ?? 0) + 4)]);
    edits.replace(first.store, first.end, [OP.CALL, ...leb(save)]);
    f.body = edits.apply(code);
    saves++;
  });
  return saves;
}

/**
 * A first look, which most functions do not pass: whether the bytes of `global.get data` are there.
 * @param {Uint8Array} body
 * @param {number} data
 */
function mayUse(body, data) {
  const wanted = leb(data);
  for (let at = body.indexOf(OP.GLOBAL_GET); at >= 0; at = body.indexOf(OP.GLOBAL_GET, at + 1)) {
    if (wanted.every((b, i) => body[at + 1 + i] === b)) return true;
  }
  return false;
}

/** @typedef {{ start: number, end: number }} Place of an instruction */
/**
 * What is looked for in a function.
 * @typedef {object} Seen
 * @property {{ n: number, start: number, store: number, end: number }[]} steps of the data pointer, in the order of
 *   the text: n bytes; from the address of the pointer on, its store, behind it
 * @property {Place[]} stores to where the data pointer points
 * @property {Place[]} loads from there
 * @property {(Leave & { block: number })[]} leaves of blocks that have a value, with a constant; block: its start
 * @property {Map<number, number>} blocks their starts, by where they end
 * @property {number} calls
 */

/**
 * @param {import('./binary.mjs').Module} m
 * @param {Code} code
 * @param {number} data
 */
function lookAt(m, code, data) {
  const operands = new Operands(m, code, OTHER);
  /** @type {Seen} */
  const seen = { steps: [], stores: [], loads: [], leaves: [], blocks: new Map(), calls: 0 };
  let call = -1;
  while (code.next()) {
    const { op, value, start, end } = code;
    if (op === OP.BR || op === OP.BR_IF) {
      const { op: kind, results, start: block } = operands.label(value);
      const given = operands.stack[operands.stack.length - (op === OP.BR ? 1 : 2)];
      if (kind === OP.BLOCK && results === 1 && given?.is === 'constant') {
        seen.leaves.push({ index: given.n, call, block });
      }
    } else if (op === OP.CALL || op === OP.CALL_INDIRECT) {
      call = start;
      seen.calls++;
    } else if (op === OP.END) seen.blocks.set(end, operands.label(0).start);
    const [a, b] = operands.step();
    if (op === OP.GLOBAL_GET && value === data) operands.put({ is: 'data', n: 0, start });
    else if (op === OP.I32_CONST) operands.put({ is: 'constant', n: value, start });
    else if (op === OP.I32_LOAD && a.is === 'data' && value === 0) operands.put({ is: 'load', n: 0,
      start: a.start });
    else if (op === OP.I32_LOAD && a.is === 'load' && value === 0) seen.loads.push({ start, end });
    else if ((op === OP.I32_ADD || op === OP.I32_SUB) && a.is === 'load' && b.is === 'constant') {
      operands.put({ is: 'step', n: op === OP.I32_ADD ? b.n : -b.n, start: a.start });
    } else if (op === OP.I32_STORE && a.is === 'load' && value === 0) seen.stores.push({ start, end });
    else if (op === OP.I32_STORE && a.is === 'data') {
      if (b.is !== 'step' || value !== 0) {
        throw new BuildError(`asyncify moves its pointer in ${code.name} in a way that is not known here`,
          { symbol: code.name });
      }
      seen.steps.push({ n: b.n, start: a.start, store: start, end });
    } else if (op === OP.GLOBAL_SET && value === data) {
      throw new BuildError(`${code.name} sets where asyncify's data are`, { symbol: code.name });
    }
  }
  return seen;
}

/**
 * @param {Uint8Array} body @param {string} name @param {Seen} seen
 * @param {Seen['steps'][number]} first step up
 * @param {number} bytes of the locals
 * @returns {Save}
 */
function saveOf(body, name, seen, first, bytes) {
  const lastDown = seen.steps.filter((s) => s.n < 0).at(-1), push = seen.stores.find((s) => s.end === first.start);
  const pops = seen.loads.filter((l) => lastDown && l.start >= lastDown.end);
  if (!push || pops.length !== 1) {
    throw new BuildError(`asyncify stores the call that ${name} was left by in a way that is not known here`,
      { symbol: name });
  }
  // The block around all: the last that ends before the index is stored.
  const ends = [...seen.blocks.keys()].filter((end) => end <= push.start);
  const around = seen.blocks.get(Math.max(...ends));
  return { name, body, bytes, push, pop: pops[0], calls: seen.calls,
    leaves: seen.leaves.filter((l) => l.block === around) };
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

