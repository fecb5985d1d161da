// object.mjs: an object file as clang writes it for wasm32: a module whose numbers are places to fill in, and
// custom sections that say which: "linking" (symbols, segments, constructors) and "reloc.CODE", "reloc.DATA".
// (https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md)
import { plain, readModule, sectionsOf } from './binary.mjs';
import { Reader } from './bytes.mjs';
import { BuildError } from './errors.mjs';

/** Kinds of symbols. */
export const SYMBOL = { FUNCTION: 0, DATA: 1, GLOBAL: 2, SECTION: 3, TAG: 4, TABLE: 5 };
/** Types of relocations. */
export const RELOC = { FUNCTION_INDEX_LEB: 0, TABLE_INDEX_SLEB: 1, TABLE_INDEX_I32: 2, MEMORY_ADDR_LEB: 3,
  MEMORY_ADDR_SLEB: 4, MEMORY_ADDR_I32: 5, TYPE_INDEX_LEB: 6, GLOBAL_INDEX_LEB: 7, FUNCTION_OFFSET_I32: 8,
  SECTION_OFFSET_I32: 9, TAG_INDEX_LEB: 10, GLOBAL_INDEX_I32: 13, TABLE_NUMBER_LEB: 20, MEMORY_ADDR_TLS_SLEB: 21,
  FUNCTION_INDEX_I32: 26 };
/** Those with a constant to add. */
const WITH_ADDEND = new Set([3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25]);

const SYMBOL_WEAK = 1, SYMBOL_LOCAL = 2, SYMBOL_UNDEFINED = 0x10, SYMBOL_EXPLICIT_NAME = 0x40,
  SYMBOL_ABSOLUTE = 0x200;
const SEGMENT_TLS = 2;

/**
 * @typedef {object} Symbol
 * @property {number} kind
 * @property {string} name
 * @property {boolean} undefined
 * @property {boolean} weak
 * @property {boolean} local
 * @property {number} index of a function or global, as numbered in the object
 * @property {number} segment of data
 * @property {number} offset in its segment; without a segment (absolute) the address
 */
/**
 * @typedef {object} Segment
 * @property {string} name
 * @property {number} align bytes
 * @property {boolean} tls
 * @property {Uint8Array} bytes
 * @property {number} at of the bytes, in the section of data
 */
/**
 * @typedef {object} Relocation
 * @property {number} type
 * @property {number} offset in its section
 * @property {number} index of a symbol; of a type for TYPE_INDEX_LEB
 * @property {number} addend
 */
/**
 * @typedef {object} ObjectFile
 * @property {string} name
 * @property {import('./binary.mjs').Module} module
 * @property {Symbol[]} symbols
 * @property {Segment[]} segments
 * @property {{ priority: number, symbol: number }[]} constructors as they run
 * @property {Relocation[]} code
 * @property {Relocation[]} data
 * @property {number[]} bodyOffsets where each function's body is, in the section of code
 */

/**
 * @param {Uint8Array} given
 * @param {string} name for errors
 * @returns {ObjectFile}
 */
export function readObject(given, name) {
  const bytes = plain(given);
  const sections = sectionsOf(bytes);
  const linking = sections.find((s) => s.name === 'linking');
  if (!linking) throw new BuildError(`${name} is no object file: it has no section "linking"`, { file: name });
  const module = readModule(bytes);
  const dataStart = sections.find((s) => s.id === 11)?.start ?? 0;
  /** @type {ObjectFile} */
  const object = { name, module, symbols: [], constructors: [], code: [], data: [], bodyOffsets: [],
    segments: module.data.map((d, i) => ({ name: `segment ${i}`, align: 1, tls: false, bytes: d.bytes,
      at: d.bytes.byteOffset - bytes.byteOffset - dataStart })) };
  readLinking(object, new Reader(bytes, linking.start, linking.end));
  const codeStart = sections.find((s) => s.id === 10)?.start ?? 0;
  object.bodyOffsets = module.functions.map((f) => f.body.byteOffset - bytes.byteOffset - codeStart);
  for (const s of sections) {
    if (s.name === 'reloc.CODE') object.code = readRelocations(new Reader(bytes, s.start, s.end));
    else if (s.name === 'reloc.DATA') object.data = readRelocations(new Reader(bytes, s.start, s.end));
  }
  return object;
}

/** @param {ObjectFile} o @param {Reader} r */
function readLinking(o, r) {
  const version = r.u32();
  if (version !== 2) throw new BuildError(`${o.name} is an object file of version ${version}, not 2`,
    { file: o.name });
  while (!r.done) {
    const type = r.u8(), size = r.u32(), end = r.at + size;
    if (type === 8) for (let n = r.u32(); n > 0; n--) o.symbols.push(readSymbol(o, r));
    else if (type === 5) {
      for (let n = r.u32(), i = 0; i < n; i++) {
        const name = r.name(), align = 2 ** r.u32(), flags = r.u32();
        Object.assign(o.segments[i], { name, align, tls: (flags & SEGMENT_TLS) !== 0 });
      }
    } else if (type === 6) {
      for (let n = r.u32(); n > 0; n--) o.constructors.push({ priority: r.u32(), symbol: r.u32() });
      // Those of one priority keep their order.
      o.constructors.sort((a, b) => a.priority - b.priority);
    }
    r.at = end; // also over comdats: in one object nothing of them is there twice
  }
}

/** @param {ObjectFile} o @param {Reader} r @returns {Symbol} */
function readSymbol(o, r) {
  const kind = r.u8(), flags = r.u32();
  /** @type {Symbol} */
  const s = { kind, name: '', undefined: (flags & SYMBOL_UNDEFINED) !== 0, weak: (flags & SYMBOL_WEAK) !== 0,
    local: (flags & SYMBOL_LOCAL) !== 0, index: 0, segment: -1, offset: 0 };
  if (kind === SYMBOL.DATA) {
    s.name = r.name();
    if (!s.undefined) {
      s.segment = r.u32();
      s.offset = r.u32();
      r.u32(); // its size
      if (flags & SYMBOL_ABSOLUTE) s.segment = -1;
    }
  } else if (kind === SYMBOL.SECTION) s.index = r.u32();
  else {
    s.index = r.u32();
    if (!s.undefined || flags & SYMBOL_EXPLICIT_NAME) s.name = r.name();
    else s.name = importName(o, kind, s.index);
  }
  return s;
}

/** @param {ObjectFile} o @param {number} kind of symbol @param {number} index */
function importName(o, kind, index) {
  const importKind = { [SYMBOL.FUNCTION]: 0, [SYMBOL.TABLE]: 1, [SYMBOL.GLOBAL]: 3, [SYMBOL.TAG]: 4 }[kind] ?? -1;
  return o.module.importsOf(importKind)[index]?.name ?? '';
}

/** A section of relocations, as they come in what they change. @param {Reader} r @returns {Relocation[]} */
export function readRelocations(r) {
  const list = [];
  r.u32(); // which section
  for (let n = r.u32(); n > 0; n--) {
    const type = r.u8(), offset = r.u32(), index = r.u32();
    list.push({ type, offset, index, addend: WITH_ADDEND.has(type) ? r.s32() : 0 });
  }
  return list.sort((a, b) => a.offset - b.offset);
}
