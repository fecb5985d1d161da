// instructions.mjs: walking over the code of a function, instruction by instruction. Every pass goes by this
// walker. An opcode that it does not know stops the build: nobody knows how long it is.
import { Reader, Writer } from './bytes.mjs';
import { BuildError } from './errors.mjs';
import { carryRows } from './places.mjs';

/** Opcodes that passes know. Those with a prefix count from prefix * 4096. */
export const OP = {
  UNREACHABLE: 0x00, NOP: 0x01, BLOCK: 0x02, LOOP: 0x03, IF: 0x04, ELSE: 0x05, END: 0x0b, BR: 0x0c, BR_IF: 0x0d,
  BR_TABLE: 0x0e, RETURN: 0x0f, CALL: 0x10, CALL_INDIRECT: 0x11, RETURN_CALL: 0x12, RETURN_CALL_INDIRECT: 0x13,
  DROP: 0x1a, SELECT: 0x1b, SELECT_TYPED: 0x1c, LOCAL_GET: 0x20, LOCAL_SET: 0x21, LOCAL_TEE: 0x22,
  GLOBAL_GET: 0x23, GLOBAL_SET: 0x24, TABLE_GET: 0x25, TABLE_SET: 0x26, I32_LOAD: 0x28, I32_LOAD8_U: 0x2d,
  I32_STORE: 0x36,
  MEMORY_SIZE: 0x3f, MEMORY_GROW: 0x40, I32_CONST: 0x41, I64_CONST: 0x42, F32_CONST: 0x43, F64_CONST: 0x44,
  I32_EQZ: 0x45, I32_LT_U: 0x49, I32_GT_U: 0x4b, I32_LE_U: 0x4d, I32_GE_U: 0x4f, I32_ADD: 0x6a, I32_SUB: 0x6b,
  I32_AND: 0x71, I32_SHR_U: 0x76, REF_NULL: 0xd0, REF_IS_NULL: 0xd1, REF_FUNC: 0xd2,
  MEMORY_INIT: 0xfc008, DATA_DROP: 0xfc009, MEMORY_COPY: 0xfc00a, MEMORY_FILL: 0xfc00b, TABLE_INIT: 0xfc00c,
  NOTIFY: 0xfe000, WAIT32: 0xfe001, WAIT64: 0xfe002, FENCE: 0xfe003,
};
/** The block type without parameters and results. */
export const EMPTY = 0x40;

const SIMD = 0xfd000, BULK = 0xfc000, ATOMIC = 0xfe000;

/** What stands behind an opcode. */
const NOTHING = 0, BLOCK_TYPE = 1, INDEX = 2, MEMARG = 3, LABELS = 4, TWO = 5, S32 = 6, LEB = 7, BYTES4 = 8,
  BYTES8 = 9, TYPES = 10, BYTE = 11, BYTES16 = 12, MEMARG_LANE = 13, UNKNOWN = 99;

/** @param {number} op @returns {number} one of those */
function immediateOf(op) {
  if (op >= BULK) return prefixedImmediate(op);
  if (op >= OP.BLOCK && op <= OP.IF) return BLOCK_TYPE;
  if (op === OP.BR || op === OP.BR_IF || op === OP.CALL || op === OP.RETURN_CALL) return INDEX;
  if (op === OP.REF_FUNC) return INDEX;
  if (op === OP.BR_TABLE) return LABELS;
  if (op === OP.CALL_INDIRECT || op === OP.RETURN_CALL_INDIRECT) return TWO;
  if (op === OP.SELECT_TYPED) return TYPES;
  if (op >= OP.LOCAL_GET && op <= OP.TABLE_SET) return INDEX;
  if (op >= OP.I32_LOAD && op <= 0x3e) return MEMARG;
  if (op === OP.MEMORY_SIZE || op === OP.MEMORY_GROW || op === OP.REF_NULL) return BYTE;
  if (op === OP.I32_CONST) return S32;
  if (op === OP.I64_CONST) return LEB;
  if (op === OP.F32_CONST) return BYTES4;
  if (op === OP.F64_CONST) return BYTES8;
  if (op <= OP.NOP || op === OP.ELSE || op === OP.END || op === OP.RETURN) return NOTHING;
  if (op === OP.DROP || op === OP.SELECT || op === OP.REF_IS_NULL) return NOTHING;
  if (op >= OP.I32_EQZ && op <= 0xc4) return NOTHING;
  return UNKNOWN;
}

/** @param {number} op */
function prefixedImmediate(op) {
  if (op >= ATOMIC) return op === OP.FENCE ? BYTE : op <= ATOMIC + 0x4e ? MEMARG : UNKNOWN;
  if (op >= SIMD) {
    const sub = op - SIMD;
    if (sub <= 11 || sub === 92 || sub === 93) return MEMARG;
    if (sub === 12 || sub === 13) return BYTES16;
    if (sub >= 21 && sub <= 34) return BYTE;
    if (sub >= 84 && sub <= 91) return MEMARG_LANE;
    return sub <= 0x113 ? NOTHING : UNKNOWN;
  }
  const sub = op - BULK;
  if (sub <= 7) return NOTHING;
  if (op === OP.MEMORY_INIT || op === OP.MEMORY_COPY || sub === 12 || sub === 14) return TWO;
  return sub <= 17 ? INDEX : UNKNOWN;
}

// ---- what an instruction takes from the stack of operands and leaves there --------------------------------------

/** Effects by opcode: taken * 16 + left. Those of calls and blocks depend on types. */
const effects = new Map();
/** @param {number} taken @param {number} left @param {(number | [number, number])[]} ops ranges have both ends */
function effect(taken, left, ...ops) {
  for (const op of ops) {
    const [from, to] = typeof op === 'number' ? [op, op] : op;
    for (let o = from; o <= to; o++) effects.set(o, taken * 16 + left);
  }
}
effect(0, 0, OP.UNREACHABLE, OP.NOP, OP.BR, OP.RETURN, OP.FENCE, OP.DATA_DROP, 0xfc00d);
effect(1, 0, OP.DROP, OP.LOCAL_SET, OP.GLOBAL_SET, OP.BR_IF, OP.BR_TABLE);
effect(3, 1, OP.SELECT, OP.SELECT_TYPED);
effect(0, 1, OP.LOCAL_GET, OP.GLOBAL_GET, OP.MEMORY_SIZE, [OP.I32_CONST, OP.F64_CONST], OP.REF_NULL, OP.REF_FUNC,
  0xfc010);
effect(1, 1, OP.LOCAL_TEE, OP.TABLE_GET, OP.MEMORY_GROW, [0x28, 0x35], OP.I32_EQZ, 0x50, [0x67, 0x69], [0x79, 0x7b],
  [0x8b, 0x91], [0x99, 0x9f], [0xa7, 0xc4], OP.REF_IS_NULL, [BULK, BULK + 7]);
effect(2, 0, OP.TABLE_SET, [0x36, 0x3e]);
effect(2, 1, [0x46, 0x4f], [0x51, 0x66], [0x6a, 0x78], [0x7c, 0x8a], [0x92, 0x98], [0xa0, 0xa6], 0xfc00f);
effect(3, 0, OP.MEMORY_INIT, OP.MEMORY_COPY, OP.MEMORY_FILL, OP.TABLE_INIT, 0xfc00e, 0xfc011);
// Atomic: notify, waits; loads; stores; operations; compare and exchange.
effect(2, 1, OP.NOTIFY, [ATOMIC + 0x1e, ATOMIC + 0x47]);
effect(3, 1, OP.WAIT32, OP.WAIT64, [ATOMIC + 0x48, ATOMIC + 0x4e]);
effect(1, 1, [ATOMIC + 0x10, ATOMIC + 0x16]);
effect(2, 0, [ATOMIC + 0x17, ATOMIC + 0x1d]);
// SIMD: most take two; then those that do not.
effect(2, 1, [SIMD, SIMD + 0x113]);
effect(0, 1, SIMD + 12);
effect(2, 0, SIMD + 11, [SIMD + 0x58, SIMD + 0x5b]);
effect(3, 1, SIMD + 0x52, [SIMD + 0x105, SIMD + 0x10c], SIMD + 0x113);
effect(1, 1, ...[[0, 10], [0x0f, 0x14], [0x15, 0x16], 0x18, 0x19, 0x1b, 0x1d, 0x1f, 0x21, 0x4d, 0x53, [0x5c, 0x64],
  [0x67, 0x6a], [0x74, 0x75], 0x7a, [0x7c, 0x81], [0x83, 0x84], [0x87, 0x8a], 0x94, [0x9f, 0x9f], [0xa0, 0xa1],
  [0xa3, 0xa4], [0xa7, 0xaa], [0xc0, 0xc1], [0xc3, 0xc4], [0xc7, 0xca], [0xe0, 0xe1], 0xe3, [0xec, 0xed], 0xef,
  [0xf8, 0xff], [0x101, 0x104]].map((x) => /** @type {number | [number, number]} */ (
    typeof x === 'number' ? SIMD + x : [SIMD + x[0], SIMD + x[1]])));
effect(2, 1, SIMD + 0x9f); // extmul, the last of four

/** Walks over the code of one function. After next() the fields tell of one instruction. */
export class Code {
  /**
   * @param {Uint8Array} body declarations of locals and code
   * @param {string} name of the function, for errors
   */
  constructor(body, name) {
    this.bytes = body;
    this.name = name;
    this.reader = new Reader(body);
    /** Declarations of locals: how many of which type. @type {{ n: number, type: number }[]} */
    this.locals = [];
    for (let n = this.reader.u32(); n > 0; n--) this.locals.push({ n: this.reader.u32(), type: this.reader.u8() });
    /** Where the code begins. */
    this.begin = this.reader.at;
  }

  op = -1;
  /** Where the instruction stands, its first operand behind the opcode, and the next instruction. */
  start = 0;
  operand = 0;
  end = 0;
  /** Index, constant, label, block type, offset of a memory access. */
  value = 0;
  /** The second one: of call_indirect the table, of memory.init the memory, of an access its alignment. */
  second = 0;
  /** Of br_table. @type {number[]} */
  labels = [];

  next() {
    const r = this.reader;
    if (r.done) return false;
    this.start = r.at;
    let op = r.u8();
    if (op >= 0xfc && op <= 0xfe) op = op * 4096 + r.u32();
    this.op = op;
    this.operand = r.at;
    switch (immediateOf(op)) {
      case NOTHING: break;
      case BLOCK_TYPE: case S32: this.value = r.s32(); break;
      case INDEX: this.value = r.u32(); break;
      case MEMARG: this.#memarg(); break;
      case LABELS:
        this.labels = [];
        for (let n = r.u32(); n >= 0; n--) this.labels.push(r.u32());
        break;
      case TWO:
        this.value = r.u32();
        this.second = r.u32();
        break;
      case LEB: r.skipLeb(); break;
      case BYTES4: r.at += 4; break;
      case BYTES8: r.at += 8; break;
      case TYPES: r.at += r.u32(); break;
      case BYTE: this.value = r.u8(); break;
      case BYTES16: r.at += 16; break;
      case MEMARG_LANE:
        this.#memarg();
        r.u8();
        break;
      default:
        throw new BuildError(`${this.name} has an instruction that is not known here (0x${op.toString(16)})`,
          { symbol: this.name });
    }
    this.end = r.at;
    return true;
  }

  #memarg() {
    this.second = this.reader.u32();
    if (this.second & 64) this.reader.u32(); // which memory
    this.value = this.reader.u32();
  }
}

/** How many values a block takes and leaves. @param {import('./binary.mjs').Module} m @param {number} type */
export function blockArity(m, type) {
  if (type < 0) return { params: 0, results: type === -64 ? 0 : 1 };
  return { params: m.types[type].params.length, results: m.types[type].results.length };
}

/** @param {import('./binary.mjs').Module} m @param {Code} code @returns {{ taken: number, left: number }} */
export function effectOf(m, code) {
  const { op } = code;
  const type = op === OP.CALL || op === OP.RETURN_CALL ? m.typeOf(code.value)
    : op === OP.CALL_INDIRECT || op === OP.RETURN_CALL_INDIRECT ? m.types[code.value] : null;
  if (type) {
    const indirect = op === OP.CALL_INDIRECT || op === OP.RETURN_CALL_INDIRECT ? 1 : 0;
    return { taken: type.params.length + indirect, left: type.results.length };
  }
  const both = effects.get(op);
  if (both === undefined) {
    throw new BuildError(`${code.name} has an instruction whose operands are not known here (0x${op.toString(16)})`,
      { symbol: code.name });
  }
  return { taken: both >> 4, left: both & 15 };
}

// ---- changing code ----------------------------------------------------------------------------------------------

/** Replaces bytes of a body from one place to another, which may be the same. */
export class Edits {
  /** @type {{ from: number, to: number, bytes: ArrayLike<number> }[]} */ #list = [];

  get size() { return this.#list.length; }

  /** @param {number} from @param {number} to @param {ArrayLike<number>} bytes */
  replace(from, to, bytes) { this.#list.push({ from, to, bytes }); }
  /** @param {number} at @param {ArrayLike<number>} bytes */
  insert(at, bytes) { this.replace(at, at, bytes); }

  /**
   * The body as it is then. Edits at one place stay in the order in which they were made.
   * @param {Code} code of the body
   * @param {number[]} [locals] types of further locals, numbered behind the others
   */
  apply(code, locals = []) {
    const w = new Writer(code.bytes.length + 64);
    const all = [...code.locals, ...locals.map((type) => ({ n: 1, type }))];
    w.u32(all.length);
    for (const { n, type } of all) w.u32(n).u8(type);
    let from = code.begin;
    const kept = [from, w.length];
    for (const e of this.#list.sort((a, b) => a.from - b.from)) {
      if (e.from < from) throw new Error(`two changes of one place in ${code.name}`);
      w.bytes(code.bytes.subarray(from, e.from)).bytes(e.bytes);
      from = e.to;
      kept.push(from, w.length);
    }
    const body = w.bytes(code.bytes.subarray(from)).done();
    carryRows(code.bytes, body, kept);
    return body;
  }
}

/**
 * How many locals a function has, with its parameters.
 * @param {import('./binary.mjs').Type} type
 * @param {Code} code
 */
export function localsOf(type, code) {
  return type.params.length + code.locals.reduce((sum, { n }) => sum + n, 0);
}

/**
 * A body with other numbers.
 * @param {Uint8Array} body
 * @param {string} name
 * @param {{ func: (i: number) => number, type: (i: number) => number, global: (i: number) => number,
 *   data: (i: number) => number }} to
 */
export function renumber(body, name, to) {
  const code = new Code(body, name), edits = new Edits();
  /** @param {number} value @param {number} old */
  const put = (value, old) => {
    if (value === old) return;
    const r = new Reader(body, code.operand);
    r.skipLeb();
    edits.replace(code.operand, r.at, new Writer(5).u32(value).done());
  };
  while (code.next()) {
    const { op, value } = code;
    if (op === OP.CALL || op === OP.RETURN_CALL || op === OP.REF_FUNC) put(to.func(value), value);
    else if (op === OP.GLOBAL_GET || op === OP.GLOBAL_SET) put(to.global(value), value);
    else if (op === OP.CALL_INDIRECT || op === OP.RETURN_CALL_INDIRECT) put(to.type(value), value);
    else if (op === OP.MEMORY_INIT || op === OP.DATA_DROP) put(to.data(value), value);
    else if ((op === OP.BLOCK || op === OP.LOOP || op === OP.IF) && value >= 0) {
      edits.replace(code.operand, code.end, new Writer(5).s32(to.type(value)).done());
    }
  }
  return edits.size ? edits.apply(code) : body;
}
