// binary.mjs: a WebAssembly module, from bytes to its parts and back. Function bodies, types, segments stay bytes; what
// passes look at or renumber is taken apart. instructions.mjs walks the bodies.
import { Reader, Writer } from './bytes.mjs';
import { BuildError } from './errors.mjs';

/** Kinds of imports and exports. */
export const FUNC = 0, TABLE = 1, MEMORY = 2, GLOBAL = 3, TAG = 4;
/** Value types. */
export const I32 = 0x7f, I64 = 0x7e, F32 = 0x7d, F64 = 0x7c, V128 = 0x7b;

/** Number of each section. */
const SECTION = { TYPE: 1, IMPORT: 2, FUNCTION: 3, TABLE: 4, MEMORY: 5, GLOBAL: 6, EXPORT: 7, START: 8, ELEMENT: 9,
  CODE: 10, DATA: 11, DATA_COUNT: 12 };

/**
 * @typedef {object} Limits
 * @property {number} flags 1: has max, 2: shared
 * @property {number} min
 * @property {number} [max]
 */
/** @typedef {{ params: number[], results: number[] }} Type */
/**
 * @typedef {object} Import
 * @property {string} module
 * @property {string} name
 * @property {number} kind
 * @property {number} [type] of a function
 * @property {Limits} [limits] of a table or memory
 * @property {number} [valueType] of a global; of a table's elements
 * @property {boolean} [mutable] global
 */
/** @typedef {{ type: number, body: Uint8Array }} Func body: declarations of locals and code, without its size */
/** @typedef {{ valueType: number, mutable: boolean, init: Uint8Array }} Global init: with the `end` */
/** @typedef {{ name: string, kind: number, index: number }} Export */
/** @typedef {{ offset: Uint8Array | null, functions: number[] }} Elements offset: with the `end`; null: passive */
/** @typedef {{ offset: Uint8Array | null, bytes: Uint8Array }} Data offset: with the `end`; null: passive */

/** A module. Functions and globals are numbered as in the binary: imports first. */
export class Module {
  /** @type {Type[]} */ types = [];
  /** @type {Import[]} */ imports = [];
  /** @type {Func[]} */ functions = [];
  /** @type {{ valueType: number, limits: Limits }[]} */ tables = [];
  /** @type {Limits[]} */ memories = [];
  /** @type {Global[]} */ globals = [];
  /** @type {Export[]} */ exports = [];
  /** @type {number | null} */ start = null;
  /** @type {Elements[]} */ elements = [];
  /** @type {Data[]} */ data = [];
  /** Whether there is a section with the number of data segments. */
  hasDataCount = false;
  /** By index. @type {Map<number, string>} */ functionNames = new Map();
  /** By index. @type {Map<number, string>} */ globalNames = new Map();

  /** @param {number} kind */
  importsOf(kind) { return this.imports.filter((i) => i.kind === kind); }
  get importedFunctions() { return this.importsOf(FUNC).length; }
  get importedGlobals() { return this.importsOf(GLOBAL).length; }

  /** The type of a function, imported or not. @param {number} index @returns {Type} */
  typeOf(index) {
    const imported = this.importsOf(FUNC);
    const type = index < imported.length ? imported[index].type : this.functions[index - imported.length].type;
    return this.types[/** @type {number} */ (type)];
  }

  /** @param {number} index */
  nameOf(index) { return this.functionNames.get(index) ?? `function ${index}`; }

  /** The function with this name in the section of names. @param {string} name @returns {number} -1: none */
  functionNamed(name) { return keyOf(this.functionNames, name); }
  /** @param {string} name @returns {number} -1: none */
  globalNamed(name) { return keyOf(this.globalNames, name); }

  /** The number of a type, which is added if it is new. @param {number[]} params @param {number[]} results */
  typeNumber(params, results) {
    const same = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a.join() === b.join();
    const found = this.types.findIndex((t) => same(t.params, params) && same(t.results, results));
    return found >= 0 ? found : this.types.push({ params, results }) - 1;
  }
}

/** @param {Map<number, string>} names @param {string} name */
function keyOf(names, name) {
  for (const [index, n] of names) if (n === name) return index;
  return -1;
}

// ---- reading ---------------------------------------------------------------------------------------------------------

/** @param {Reader} r @returns {Limits} */
export function readLimits(r) {
  const flags = r.u32(), min = r.u32();
  return flags & 1 ? { flags, min, max: r.u32() } : { flags, min };
}

/** @param {Reader} r @returns {Type} */
export function readType(r) {
  if (r.u8() !== 0x60) throw new BuildError('a type of the module is no function');
  const params = [...r.take(r.u32())], results = [...r.take(r.u32())];
  return { params, results };
}

/** @param {Reader} r @returns {Import} */
export function readImport(r) {
  const module = r.name(), name = r.name(), kind = r.u8();
  switch (kind) {
    case FUNC: return { module, name, kind, type: r.u32() };
    case TABLE: return { module, name, kind, valueType: r.u8(), limits: readLimits(r) };
    case MEMORY: return { module, name, kind, limits: readLimits(r) };
    case GLOBAL: return { module, name, kind, valueType: r.u8(), mutable: r.u8() === 1 };
    default: throw new BuildError(`the module imports ${module}.${name}, which is of an unknown kind (${kind})`);
  }
}

/** A constant expression, with its `end`. @param {Reader} r */
function readConstant(r) {
  const from = r.at;
  for (;;) {
    const op = r.u8();
    if (op === 0x0b) return r.bytes.slice(from, r.at);
    if (op === 0x41 || op === 0x42 || op === 0x23 || op === 0xd2) r.skipLeb();
    else if (op === 0x43) r.at += 4;
    else if (op === 0x44) r.at += 8;
    else if (op === 0xd0) r.u8();
    else if (!(op >= 0x6a && op <= 0x6c) && !(op >= 0x7c && op <= 0x7e)) {
      throw new BuildError(`a constant of the module has an unknown instruction (0x${op.toString(16)})`);
    }
  }
}

/**
 * The sections of a binary, in their order. Those without a number have a name, and start behind it.
 * @param {Uint8Array} bytes
 * @returns {{ id: number, name: string, start: number, end: number }[]}
 */
export function sectionsOf(bytes) {
  if (bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
    throw new BuildError('this is no WebAssembly module');
  }
  const r = new Reader(bytes, 8), sections = [];
  while (!r.done) {
    const id = r.u8(), size = r.u32(), end = r.at + size;
    if (end > bytes.length) throw new BuildError('the WebAssembly module ends in the middle of a section');
    sections.push({ id, name: id === 0 ? r.name() : '', start: r.at, end });
    r.at = end;
  }
  return sections;
}

/** @template T @param {Reader} r @param {() => T} one @returns {T[]} */
export function readVector(r, one) {
  const items = [];
  for (let n = r.u32(); n > 0; n--) items.push(one());
  return items;
}

/**
 * The same bytes as a plain array: slice() of node's Buffer makes no copy.
 * @param {Uint8Array} bytes
 */
export const plain = (bytes) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);

/** @param {Uint8Array} given @returns {Module} its bodies and segments are parts of the given bytes */
export function readModule(given) {
  const m = new Module(), bytes = plain(given);
  /** @type {number[]} */ let types = [];
  for (const s of sectionsOf(bytes)) {
    const r = new Reader(bytes, s.start, s.end);
    if (s.id === SECTION.TYPE) m.types = readVector(r, () => readType(r));
    else if (s.id === SECTION.IMPORT) m.imports = readVector(r, () => readImport(r));
    else if (s.id === SECTION.FUNCTION) types = readVector(r, () => r.u32());
    else if (s.id === SECTION.TABLE) m.tables = readVector(r, () => ({ valueType: r.u8(), limits: readLimits(r) }));
    else if (s.id === SECTION.MEMORY) m.memories = readVector(r, () => readLimits(r));
    else if (s.id === SECTION.GLOBAL) {
      m.globals = readVector(r, () => ({ valueType: r.u8(), mutable: r.u8() === 1, init: readConstant(r) }));
    } else if (s.id === SECTION.EXPORT) {
      m.exports = readVector(r, () => ({ name: r.name(), kind: r.u8(), index: r.u32() }));
    } else if (s.id === SECTION.START) m.start = r.u32();
    else if (s.id === SECTION.ELEMENT) m.elements = readVector(r, () => readElements(r));
    else if (s.id === SECTION.DATA_COUNT) m.hasDataCount = true;
    else if (s.id === SECTION.CODE) {
      m.functions = readVector(r, () => ({ type: 0, body: r.take(r.u32()) }));
      m.functions.forEach((f, i) => { f.type = types[i]; });
    } else if (s.id === SECTION.DATA) m.data = readVector(r, () => readData(r));
    else if (s.name === 'name') readNames(m, r);
  }
  return m;
}

/** @param {Reader} r @returns {Elements} */
function readElements(r) {
  const flags = r.u32();
  if (flags > 2) throw new BuildError('the module has a list of functions of an unknown form');
  const passive = (flags & 1) !== 0;
  if (flags === 2) r.u32(); // of table 0
  const offset = passive ? null : readConstant(r);
  if (flags !== 0) r.u8();
  return { offset, functions: readVector(r, () => r.u32()) };
}

/** @param {Reader} r @returns {Data} */
function readData(r) {
  const flags = r.u32();
  if (flags === 2) r.u32();
  const offset = flags === 1 ? null : readConstant(r);
  return { offset, bytes: r.take(r.u32()) };
}

/** @param {Module} m @param {Reader} r */
function readNames(m, r) {
  while (!r.done) {
    const id = r.u8(), size = r.u32(), end = r.at + size;
    const names = id === 1 ? m.functionNames : id === 7 ? m.globalNames : null;
    if (names) for (let n = r.u32(); n > 0; n--) names.set(r.u32(), r.name());
    r.at = end;
  }
}

// ---- writing ---------------------------------------------------------------------------------------------------------

/** @param {Writer} w @param {Limits} limits */
function writeLimits(w, { flags, min, max }) {
  w.u32(flags).u32(min);
  if (max !== undefined) w.u32(max);
}

/** @param {Writer} w @param {Import} i */
function writeImport(w, i) {
  w.name(i.module).name(i.name).u8(i.kind);
  if (i.kind === FUNC) w.u32(i.type ?? 0);
  else if (i.kind === GLOBAL) w.u8(i.valueType ?? I32).u8(i.mutable ? 1 : 0);
  else {
    if (i.kind === TABLE) w.u8(i.valueType ?? 0x70);
    writeLimits(w, /** @type {Limits} */ (i.limits));
  }
}

/** @param {Writer} w @param {Elements} e */
export function writeElements(w, { offset, functions }) {
  w.u32(offset ? 0 : 1);
  if (offset) w.bytes(offset);
  else w.u8(0);
  w.u32(functions.length);
  for (const f of functions) w.u32(f);
}

/** @param {Writer} w @param {Data} d */
export function writeData(w, { offset, bytes }) {
  w.u32(offset ? 0 : 1);
  if (offset) w.bytes(offset);
  w.u32(bytes.length).bytes(bytes);
}

/**
 * @param {Module} m
 * @param {{ names?: boolean }} [options] names: with the section of names
 * @returns {Uint8Array}
 */
export function writeModule(m, { names = true } = {}) {
  const w = new Writer(1 << 16).bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  /** @template T @param {number} id @param {T[]} items @param {(s: Writer, item: T) => void} one */
  const section = (id, items, one) => {
    if (items.length === 0) return;
    const s = new Writer(4096).u32(items.length);
    for (const item of items) one(s, item);
    w.u8(id).u32(s.length).bytes(s.done());
  };
  section(SECTION.TYPE, m.types, (s, t) => {
    s.u8(0x60).u32(t.params.length).bytes(t.params).u32(t.results.length).bytes(t.results);
  });
  section(SECTION.IMPORT, m.imports, writeImport);
  section(SECTION.FUNCTION, m.functions, (s, f) => s.u32(f.type));
  section(SECTION.TABLE, m.tables, (s, t) => writeLimits(s.u8(t.valueType), t.limits));
  section(SECTION.MEMORY, m.memories, writeLimits);
  section(SECTION.GLOBAL, m.globals, (s, g) => s.u8(g.valueType).u8(g.mutable ? 1 : 0).bytes(g.init));
  section(SECTION.EXPORT, m.exports, (s, e) => s.name(e.name).u8(e.kind).u32(e.index));
  if (m.start !== null) {
    const s = new Writer(5).u32(m.start);
    w.u8(SECTION.START).u32(s.length).bytes(s.done());
  }
  section(SECTION.ELEMENT, m.elements, writeElements);
  if (m.hasDataCount) {
    const s = new Writer(5).u32(m.data.length);
    w.u8(SECTION.DATA_COUNT).u32(s.length).bytes(s.done());
  }
  section(SECTION.CODE, m.functions, (s, f) => s.u32(f.body.length).bytes(f.body));
  section(SECTION.DATA, m.data, writeData);
  if (names) writeNames(w, m);
  return w.done();
}

/** @param {Writer} w @param {Pick<Module, 'functionNames' | 'globalNames'>} m */
export function writeNames(w, m) {
  if (m.functionNames.size + m.globalNames.size === 0) return;
  const s = new Writer(4096).name('name');
  for (const [id, names] of /** @type {const} */ ([[1, m.functionNames], [7, m.globalNames]])) {
    if (names.size === 0) continue;
    const part = new Writer(4096).u32(names.size);
    for (const [index, name] of [...names].sort((a, b) => a[0] - b[0])) part.u32(index).name(name);
    s.u8(id).u32(part.length).bytes(part.done());
  }
  w.u8(0).u32(s.length).bytes(s.done());
}

/** `i32.const x`, `end`. @param {number} x */
export const constantAt = (x) => new Writer(8).u8(0x41).s32(x).u8(0x0b).done();

/** The value of `i32.const x, end`; undefined if it is anything else. @param {Uint8Array} init */
export function constantOf(init) {
  const r = new Reader(init);
  if (r.u8() !== 0x41) return undefined;
  const value = r.s32();
  return r.u8() === 0x0b && r.done ? value >>> 0 : undefined;
}
