// locations.mjs: places in the sources on their way through Binaryen. Before its passes each instruction that an
// engine's stack trace may show gets its place as location: the number of the place as line number. Behind them the
// source map that Binaryen writes says where those instructions are.
//
// Binaryen reads a body into a tree. Its expressions in the order of evaluation are the body's instructions in
// their order, but for code that is never reached; so the k-th that may trap or calls is the k-th there. A function
// in which the two do not agree, in number, kind and callee, keeps no places.
import { Code, OP } from './instructions.mjs';
import { RowReader, rowsOf, setRows } from './places.mjs';

/** The line of place 0. Line 1, with column 0, Binaryen's maps leave out. */
const FIRST_LINE = 2;

/** Kinds of instructions that stack traces show. */
const KIND = { CALL: 1, INDIRECT: 2, UNREACHABLE: 3, LOAD: 4, STORE: 5, DIVIDE: 6, TRUNCATE: 7, OTHER: 8 };

/** @param {number} op @returns {number} 0: no trace shows it */
export function shownKind(op) {
  if (op === OP.CALL || op === OP.RETURN_CALL) return KIND.CALL;
  if (op === OP.CALL_INDIRECT || op === OP.RETURN_CALL_INDIRECT) return KIND.INDIRECT;
  if (op === OP.UNREACHABLE) return KIND.UNREACHABLE;
  if (op >= OP.I32_LOAD && op < OP.I32_STORE) return KIND.LOAD;
  if (op >= OP.I32_STORE && op < OP.MEMORY_SIZE) return KIND.STORE;
  if ((op >= 0x6d && op <= 0x70) || (op >= 0x7f && op <= 0x82)) return KIND.DIVIDE;
  if ((op >= 0xa8 && op <= 0xab) || (op >= 0xae && op <= 0xb1)) return KIND.TRUNCATE;
  if (op >= 0xfe010 && op <= 0xfe016) return KIND.LOAD;
  if (op >= 0xfe017 && op <= 0xfe01d) return KIND.STORE;
  if ((op >= 0xfe000 && op <= 0xfe002) || op >= 0xfe01e) return KIND.OTHER;
  if (op === OP.MEMORY_INIT || op === OP.MEMORY_COPY || op === OP.MEMORY_FILL) return KIND.OTHER;
  const simd = op - 0xfd000;
  if (simd === 11) return KIND.STORE;
  return (simd >= 0 && simd <= 10) || (simd >= 84 && simd <= 93) ? simd === 0 ? KIND.LOAD : KIND.OTHER : 0;
}

// ---- before Binaryen's passes -----------------------------------------------------------------------------------

/**
 * What of an expression is evaluated before it, in that order: names of functions of Binaryen's, of which an
 * argument more may be an index. `kind`: what it is itself; a function where that depends.
 * @typedef {object} Shape
 * @property {string[]} parts
 * @property {[string, string]} [list] how many, the i-th; before the parts
 * @property {number} [kind]
 */
/** @type {{ [name: string]: Shape }} */
const SHAPES = {
  Nop: { parts: [] }, LocalGet: { parts: [] }, GlobalGet: { parts: [] }, Const: { parts: [] }, Pop: { parts: [] },
  MemorySize: { parts: [] }, AtomicFence: { parts: [] }, DataDrop: { parts: [] }, RefNull: { parts: [] },
  RefFunc: { parts: [] }, TableSize: { parts: [] },
  Block: { parts: [], list: ['BlockGetNumChildren', 'BlockGetChildAt'] },
  If: { parts: ['IfGetCondition', 'IfGetIfTrue', 'IfGetIfFalse'] }, Loop: { parts: ['LoopGetBody'] },
  Break: { parts: ['BreakGetValue', 'BreakGetCondition'] },
  Switch: { parts: ['SwitchGetValue', 'SwitchGetCondition'] },
  Call: { parts: [], list: ['CallGetNumOperands', 'CallGetOperandAt'], kind: KIND.CALL },
  CallIndirect: { parts: ['CallIndirectGetTarget'],
    list: ['CallIndirectGetNumOperands', 'CallIndirectGetOperandAt'], kind: KIND.INDIRECT },
  LocalSet: { parts: ['LocalSetGetValue'] }, GlobalSet: { parts: ['GlobalSetGetValue'] },
  Load: { parts: ['LoadGetPtr'], kind: KIND.LOAD },
  Store: { parts: ['StoreGetPtr', 'StoreGetValue'], kind: KIND.STORE },
  Unary: { parts: ['UnaryGetValue'] }, Binary: { parts: ['BinaryGetLeft', 'BinaryGetRight'] },
  Select: { parts: ['SelectGetIfTrue', 'SelectGetIfFalse', 'SelectGetCondition'] },
  Drop: { parts: ['DropGetValue'] }, Return: { parts: ['ReturnGetValue'] },
  MemoryGrow: { parts: ['MemoryGrowGetDelta'] }, Unreachable: { parts: [], kind: KIND.UNREACHABLE },
  AtomicRMW: { parts: ['AtomicRMWGetPtr', 'AtomicRMWGetValue'], kind: KIND.OTHER },
  AtomicCmpxchg: { parts: ['AtomicCmpxchgGetPtr', 'AtomicCmpxchgGetExpected', 'AtomicCmpxchgGetReplacement'],
    kind: KIND.OTHER },
  AtomicWait: { parts: ['AtomicWaitGetPtr', 'AtomicWaitGetExpected', 'AtomicWaitGetTimeout'], kind: KIND.OTHER },
  AtomicNotify: { parts: ['AtomicNotifyGetPtr', 'AtomicNotifyGetNotifyCount'], kind: KIND.OTHER },
  SIMDExtract: { parts: ['SIMDExtractGetVec'] },
  SIMDReplace: { parts: ['SIMDReplaceGetVec', 'SIMDReplaceGetValue'] },
  SIMDShuffle: { parts: ['SIMDShuffleGetLeft', 'SIMDShuffleGetRight'] },
  SIMDTernary: { parts: ['SIMDTernaryGetA', 'SIMDTernaryGetB', 'SIMDTernaryGetC'] },
  SIMDShift: { parts: ['SIMDShiftGetVec', 'SIMDShiftGetShift'] },
  SIMDLoad: { parts: ['SIMDLoadGetPtr'], kind: KIND.OTHER },
  SIMDLoadStoreLane: { parts: ['SIMDLoadStoreLaneGetPtr', 'SIMDLoadStoreLaneGetVec'], kind: KIND.OTHER },
  MemoryInit: { parts: ['MemoryInitGetDest', 'MemoryInitGetOffset', 'MemoryInitGetSize'], kind: KIND.OTHER },
  MemoryCopy: { parts: ['MemoryCopyGetDest', 'MemoryCopyGetSource', 'MemoryCopyGetSize'], kind: KIND.OTHER },
  MemoryFill: { parts: ['MemoryFillGetDest', 'MemoryFillGetValue', 'MemoryFillGetSize'], kind: KIND.OTHER },
  RefIsNull: { parts: ['RefIsNullGetValue'] }, TableGet: { parts: ['TableGetGetIndex'] },
  TableSet: { parts: ['TableSetGetIndex', 'TableSetGetValue'] },
};
const DIVISIONS = ['DivSInt32', 'DivUInt32', 'RemSInt32', 'RemUInt32', 'DivSInt64', 'DivUInt64', 'RemSInt64',
  'RemUInt64'];
const TRUNCATIONS = ['TruncSFloat32ToInt32', 'TruncUFloat32ToInt32', 'TruncSFloat64ToInt32', 'TruncUFloat64ToInt32',
  'TruncSFloat32ToInt64', 'TruncUFloat32ToInt64', 'TruncSFloat64ToInt64', 'TruncUFloat64ToInt64'];

/** @typedef {(...args: number[]) => number} Get */
/** @typedef {{ parts: Get[], list: [Get, Get] | null, kind: number }} Found a shape with Binaryen's functions */

/** Binaryen's trees, walked over without an object for each expression. */
class Trees {
  /** @param {any} binaryen the npm module */
  constructor(binaryen) {
    const get = (/** @type {string} */ name) => /** @type {Get} */ (binaryen[`_Binaryen${name}`]);
    this.id = get('ExpressionGetId');
    this.callee = get('CallGetTarget');
    this.binary = get('BinaryGetOp');
    this.unary = get('UnaryGetOp');
    this.divisions = new Set(DIVISIONS.map((name) => binaryen[name]));
    this.truncations = new Set(TRUNCATIONS.map((name) => binaryen[name]));
    this.ids = { binary: binaryen.BinaryId, unary: binaryen.UnaryId };
    /** @type {Found[]} */ this.shapes = [];
    for (const [name, { parts, list, kind = 0 }] of Object.entries(SHAPES)) {
      this.shapes[binaryen[`${name}Id`]] = { parts: parts.map(get), kind,
        list: list ? [get(list[0]), get(list[1])] : null };
    }
  }

  /**
   * The expressions of a body that a trace may show, in the order of evaluation.
   * @param {number} body
   * @param {(expression: number, kind: number) => boolean} found returns whether to go on
   * @returns {boolean} false: there is an expression of an unknown form, or `found` did not want to go on
   */
  each(body, found) {
    const todo = [body];
    while (todo.length) {
      const next = /** @type {number} */ (todo.pop());
      if (next < 0) { // all its parts have been seen
        if (!found(-next, this.#kindOf(-next))) return false;
        continue;
      }
      const shape = this.shapes[this.id(next)];
      if (!shape) return false;
      if (this.#kindOf(next)) todo.push(-next);
      for (let i = shape.parts.length - 1; i >= 0; i--) {
        const part = shape.parts[i](next);
        if (part) todo.push(part);
      }
      if (shape.list) for (let i = shape.list[0](next) - 1; i >= 0; i--) todo.push(shape.list[1](next, i));
    }
    return true;
  }

  /** @param {number} expression */
  #kindOf(expression) {
    const id = this.id(expression);
    if (id === this.ids.binary) return this.divisions.has(this.binary(expression)) ? KIND.DIVIDE : 0;
    if (id === this.ids.unary) return this.truncations.has(this.unary(expression)) ? KIND.TRUNCATE : 0;
    return this.shapes[id].kind;
  }
}

/**
 * @typedef {object} Located
 * @property {number} places how many instructions have one
 * @property {string[]} without functions that keep none, though they had some
 * @property {Map<string, number>} entries the places where functions begin, by the functions' names: there an
 *   engine says that its stack does not do
 */

/**
 * @param {any} binaryen the npm module
 * @param {any} tree Binaryen's module, just read
 * @param {import('./binary.mjs').Module} m what it was read from, with rows of places
 * @returns {Located}
 */
export function giveLocations(binaryen, tree, m) {
  const trees = new Trees(binaryen), file = tree.addDebugInfoFileName('places'), imported = m.importedFunctions;
  /** @type {Located} */ const count = { places: 0, without: [], entries: new Map() };
  /** What Binaryen calls each function, and the other way round. @type {Map<number, number>} */
  const callees = new Map();
  m.functions.forEach((f, i) => {
    const rows = rowsOf(f.body);
    if (!rows) return;
    const func = tree.getFunctionByIndex(imported + i), name = m.nameOf(imported + i);
    const wanted = shownOf(f.body, name, rows);
    /** @type {number[]} */ const expressions = [];
    let k = 0;
    const agreed = trees.each(binaryen.Function(func).getBody(), (expression, kind) => {
      if (k >= wanted.kinds.length || wanted.kinds[k] !== kind) return false;
      if (kind === KIND.CALL) {
        const callee = trees.callee(expression), known = callees.get(wanted.callees[k]);
        if (known === undefined) callees.set(wanted.callees[k], callee);
        else if (known !== callee) return false;
      }
      k++;
      expressions.push(expression);
      return true;
    });
    if (!agreed || k !== wanted.kinds.length) {
      count.without.push(name);
      return;
    }
    count.entries.set(binaryen.getFunctionInfo(func).name, rows[1]);
    expressions.forEach((expression, j) => {
      if (wanted.places[j] < 0) return;
      count.places++;
      binaryen._BinaryenFunctionSetDebugLocation(func, expression, file, wanted.places[j] + FIRST_LINE, 0);
    });
  });
  return count;
}

/**
 * The instructions of a body that a trace may show.
 * @param {Uint8Array} body @param {string} name @param {Int32Array} rows
 */
function shownOf(body, name, rows) {
  const code = new Code(body, name), reader = new RowReader(rows);
  const kinds = [], callees = [], places = [];
  while (code.next()) {
    const kind = shownKind(code.op);
    if (kind === 0) continue;
    kinds.push(kind);
    callees.push(kind === KIND.CALL ? code.value : -1);
    places.push(reader.at(code.start));
  }
  return { kinds, callees, places };
}

// ---- behind them ------------------------------------------------------------------------------------------------

/**
 * Takes the places out of the source map again.
 * @param {import('./binary.mjs').Module} m what Binaryen has written, read
 * @param {string} sourceMap that belongs to it
 * @param {Map<string, number>} entries places where functions begin
 */
export function takeLocations(m, sourceMap, entries) {
  const all = mappings(JSON.parse(sourceMap).mappings), reader = new RowReader(all), imported = m.importedFunctions;
  m.functions.forEach((f, i) => {
    const name = m.nameOf(imported + i), code = new Code(f.body, name), at = f.body.byteOffset;
    let last = entries.get(name) ?? -1;
    const rows = last < 0 ? [] : [0, last];
    while (code.next()) {
      if (shownKind(code.op) === 0) continue;
      const place = reader.at(at + code.start);
      if (place !== last) rows.push(code.start, place);
      last = place;
    }
    setRows(f.body, Int32Array.from(rows));
  });
}

const DIGITS = new Map([...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].map((c, i) =>
  [c.charCodeAt(0), i]));

/**
 * The mappings of a source map of one line, as WebAssembly's are: offset in the module, place; -1 where the map
 * says that there is none.
 * @param {string} text
 */
export function mappings(text) {
  /** @type {number[]} */ const rows = [];
  let at = 0, line = 0;
  const number = () => {
    let value = 0, shift = 0;
    for (;;) {
      const digit = DIGITS.get(text.charCodeAt(at++)) ?? 0;
      value |= (digit & 31) << shift;
      shift += 5;
      if (!(digit & 32)) return value & 1 ? -(value >>> 1) : value >>> 1;
    }
  };
  let offset = 0;
  while (at < text.length) {
    offset += number();
    if (at >= text.length || text[at] === ',') rows.push(offset, -1);
    else {
      number(); // the file
      line += number();
      number(); // the column
      rows.push(offset, line + 1 - FIRST_LINE);
    }
    while (at < text.length && text[at] !== ',') number(); // a name
    at++;
  }
  return Int32Array.from(rows);
}
