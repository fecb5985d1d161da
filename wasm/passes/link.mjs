// link.mjs: an object file becomes a module that imports all it needs from the prebuilt runtime ("kit"): its data
// have addresses behind the kit's, its functions slots behind those of the kit's table. merge.mjs appends it to the
// kit.
//
// The module has one passive data segment and two functions of ours: `begin` puts the data into memory, once,
// before anything of the program runs (an active segment would be copied anew by every worker), `construct` runs
// the constructors. Thread-local variables lie in each goroutine's block behind the kit's own (wasm/port/tls.c).
import { FUNC, GLOBAL, I32, MEMORY, Module, TABLE, constantAt } from './binary.mjs';
import { Writer, leb, sleb } from './bytes.mjs';
import { OWN_FUNCTIONS } from './asyncify.mjs';
import { BuildError } from './errors.mjs';
import { OP } from './instructions.mjs';
import { RELOC, SYMBOL } from './object.mjs';

/**
 * Functions of the kit that the passes call, by what they are called there.
 * @type {Record<string, { params: number[], results: number[] }>}
 */
const HELPERS = {
  port_stack_grow: { params: [I32, I32], results: [I32] },
  port_stack_shrink: { params: [I32], results: [] },
  port_sp_far: { params: [I32], results: [I32] },
  port_sp_up: { params: [I32], results: [] },
  port_tls_base: { params: [], results: [I32] },
  port_wait32: { params: [I32, I32, 0x7e], results: [I32] },
  port_memory_copy: { params: [I32, I32, I32], results: [] },
  port_memory_fill: { params: [I32, I32, I32], results: [] },
  port_save: { params: [I32, I32, I32], results: [] },
  rt_point_counted: { params: [], results: [I32] },
  rt_preempt_point: { params: [], results: [] },
};
const HELPER_GLOBALS = ['__stack_pointer', 'port_stack_lo', 'port_stack_size'];

/** The linker's own: the address tells destructors of one module from another's, and there is one. */
const DSO = '__dso_handle';

/** A program cannot have its own: the runtime's memory is malloc's too. */
const NOT_REPLACEABLE = new Set(['malloc', 'free', 'calloc', 'realloc', 'memalign', 'aligned_alloc',
  'posix_memalign']);

/**
 * What is linked against.
 * @typedef {object} Kit
 * @property {Map<string, { index: number, type: import('./binary.mjs').Type }>} functions by the names they are
 *   exported by
 * @property {Map<number, number>} slots of the table, by the function that is in it
 * @property {Map<string, number>} data addresses of its variables
 * @property {{ heapBase: number, tlsBytes: number, tableSize: number }} manifest
 */
/**
 * @typedef {object} Linked
 * @property {Module} module
 * @property {number} begin function's index
 * @property {number} construct
 * @property {number} main
 * @property {number} slots how many slots of the table the program needs, with those of the three
 * @property {number} variables address of what may change of its data
 * @property {number} dataEnd address behind its data
 * @property {{ offset: number, bytes: number, align: number, image: number, imageBytes: number }} tls
 */

/**
 * Where the data are.
 * @typedef {object} Layout
 * @property {number[]} addresses of the segments; of thread-local ones the offset in a block
 * @property {Linked['tls']} tls
 * @property {number} start address of the first
 * @property {number} variables address of the first that may change
 * @property {number} imageEnd address behind the last that is not 0
 * @property {number} end address behind the last
 */

/** @param {number} x @param {number} to a power of two */
const aligned = (x, to) => Math.ceil(x / to) * to;

/**
 * @param {import('./object.mjs').ObjectFile} object
 * @param {Kit} kit
 * @returns {Linked}
 */
export function link(object, kit) {
  return new Linker(object, kit).run();
}

class Linker {
  /** @param {import('./object.mjs').ObjectFile} object @param {Kit} kit */
  constructor(object, kit) {
    this.o = object;
    this.kit = kit;
    this.module = new Module();
    this.module.types = object.module.types.slice();
    this.module.hasDataCount = true;
    /** New number of each of the object's functions; -1: nobody defines it. @type {number[]} */
    this.functionAt = [];
    /** @type {number[]} */ this.globalAt = [];
    /** Functions in the program's slots, the first of them at this one. @type {number[]} */
    this.inTable = [];
    this.firstSlot = kit.manifest.tableSize;
    /** @type {Map<number, number>} */ this.slotOf = new Map();
    /** Functions in the place of weak ones that nobody defines. @type {{ type: number, name: string }[]} */
    this.traps = [];
    /** What is in the object's segments, relocated. */
    this.segmentBytes = object.segments.map((s) => s.bytes.slice());
  }

  /** @returns {Linked} */
  run() {
    this.#refuse();
    this.#imports();
    const layout = this.#layout();
    this.#code(layout.addresses);
    this.#data(layout.addresses);
    return this.#finish(layout);
  }

  #refuse() {
    const { symbols, name } = this.o;
    const own = symbols.find((s) => !s.undefined && !s.local && NOT_REPLACEABLE.has(s.name));
    if (own) {
      throw new BuildError(`${own.name} cannot be the program's own: goroutines and the C library use the ` +
        'runtime\'s; give yours another name', { file: name, symbol: own.name });
    }
    const asyncifys = symbols.find((s) =>
      s.kind === SYMBOL.FUNCTION && !s.undefined && OWN_FUNCTIONS.includes(s.name));
    if (asyncifys) {
      throw new BuildError(`${asyncifys.name} cannot be the program's own, not even static: what suspends ` +
        'goroutines is called so (Binaryen\'s asyncify); give yours another name',
      { file: name, symbol: asyncifys.name });
    }
    const missing = symbols.filter((s) => s.undefined && !s.weak && !this.#isGiven(s));
    const hasMain = symbols.some((s) => s.kind === SYMBOL.FUNCTION && !s.undefined && s.name === 'gr_main');
    const names = [...new Set(missing.map((s) => s.name)), ...hasMain ? [] : ['gr_main']];
    if (names.length === 0) return;
    throw new BuildError(names.length === 1 ? `nobody defines ${names[0]}` : `nobody defines ${names.join(', ')}`,
      { file: name, symbol: names[0], undefinedSymbols: names.map((symbol) => ({ symbol, object: name })) });
  }

  /** @param {import('./object.mjs').Symbol} s */
  #isGiven(s) {
    if (s.kind === SYMBOL.FUNCTION) return this.kit.functions.has(s.name);
    if (s.kind === SYMBOL.DATA) return s.name === DSO || this.kit.data.has(s.name);
    if (s.kind === SYMBOL.GLOBAL) return s.name === '__tls_base' || HELPER_GLOBALS.includes(s.name);
    return s.kind === SYMBOL.TABLE;
  }

  #imports() {
    const { o, module: m } = this, from = o.module;
    m.imports.push({ module: 'env', name: 'memory', kind: MEMORY, limits: { flags: 3, min: 1, max: 65536 } });
    m.imports.push({ module: 'env', name: '__indirect_function_table', kind: TABLE, valueType: 0x70,
      limits: { flags: 0, min: 0 } });
    const wanted = from.importsOf(FUNC), nameOf = this.#undefinedNames();
    let n = 0;
    /** @param {string} name @param {number} type */
    const add = (name, type) => {
      m.imports.push({ module: 'env', name, kind: FUNC, type });
      m.functionNames.set(n, name);
      return n++;
    };
    this.functionAt = wanted.map((w, i) => {
      const name = nameOf.get(i) ?? w.name, given = this.kit.functions.get(name);
      if (!given) return -1;
      this.#sameType(name, from.types[/** @type {number} */ (w.type)], given.type);
      return add(name, /** @type {number} */ (w.type));
    });
    for (const [name, { params, results }] of Object.entries(HELPERS)) {
      if (this.kit.functions.has(name)) add(name, m.typeNumber(params, results));
    }
    from.functions.forEach((f, i) => this.functionAt.push(n + i));
    for (const s of o.symbols) {
      if (s.kind === SYMBOL.FUNCTION && !s.undefined) m.functionNames.set(this.functionAt[s.index], s.name);
    }
    const globals = [...new Set([...HELPER_GLOBALS, ...from.importsOf(GLOBAL).map((g) => g.name)])];
    globals.forEach((name, i) => {
      m.imports.push({ module: 'env', name, kind: GLOBAL, valueType: I32, mutable: true });
      m.globalNames.set(i, name);
    });
    this.globalAt = from.importsOf(GLOBAL).map((g) => globals.indexOf(g.name));
  }

  /** What the object calls the functions it imports, by their numbers: not always by what they are imported as. */
  #undefinedNames() {
    const undefinedOnes = this.o.symbols.filter((s) => s.kind === SYMBOL.FUNCTION && s.undefined);
    return new Map(undefinedOnes.map((s) => [s.index, s.name]));
  }

  /** @param {string} name @param {import('./binary.mjs').Type} wanted @param {import('./binary.mjs').Type} given */
  #sameType(name, wanted, given) {
    if (wanted.params.join() === given.params.join() && wanted.results.join() === given.results.join()) return;
    throw new BuildError(`${name} is called with other arguments than it has: include the header that declares it`,
      { file: this.o.name, symbol: name });
  }

  /** @returns {Layout} */
  #layout() {
    const { segments } = this.o, { heapBase, tlsBytes } = this.kit.manifest;
    const isZero = (/** @type {import('./object.mjs').Segment} */ s) => s.bytes.every((b) => b === 0);
    // Constants come first: a collector does not look at them (wasm/port/roots.c). What is zero comes last: it is not
    // part of the image.
    const zero = new Map(segments.map((s) => [s, isZero(s) && !this.#isPatched(s)]));
    const isConstant = (/** @type {import('./object.mjs').Segment} */ s) => s.name.startsWith('.rodata');
    const rank = (/** @type {import('./object.mjs').Segment} */ s) => (zero.get(s) ? 2 : isConstant(s) ? 0 : 1);
    const order = [...segments.keys()].sort((a, b) => rank(segments[a]) - rank(segments[b]));
    const addresses = segments.map(() => 0);
    const align = (/** @type {boolean} */ tls) =>
      segments.reduce((a, s) => (s.tls === tls ? Math.max(a, s.align) : a), 1);
    const tls = { align: align(true), offset: 0, bytes: 0, image: 0, imageBytes: 0 };
    tls.offset = aligned(tlsBytes, Math.max(16, tls.align));
    let at = tls.offset;
    for (const i of order.filter((i) => segments[i].tls)) {
      addresses[i] = aligned(at, segments[i].align);
      at = addresses[i] + segments[i].bytes.length;
      if (!zero.get(segments[i])) tls.imageBytes = at - tls.offset;
    }
    tls.bytes = at - tls.offset;
    const start = aligned(heapBase, Math.max(16, align(false), tls.align));
    at = start + tls.imageBytes;
    tls.image = start;
    let imageEnd = at, variables = at;
    for (const i of order.filter((i) => !segments[i].tls)) {
      addresses[i] = aligned(at, segments[i].align);
      at = addresses[i] + segments[i].bytes.length;
      if (!zero.get(segments[i])) imageEnd = at;
      if (rank(segments[i]) === 0) variables = at;
    }
    if (at > 2 ** 32 - 65536) throw new BuildError(`the program's variables take ${at - start} bytes, too many`);
    return { addresses, tls, start, variables, imageEnd, end: aligned(at, 16) };
  }

  /** Whether relocations change it. @param {import('./object.mjs').Segment} s */
  #isPatched(s) { return this.o.data.some((r) => r.offset >= s.at && r.offset < s.at + s.bytes.length); }

  /** @param {number[]} addresses */
  #code(addresses) {
    const { o } = this;
    let next = 0;
    o.module.functions.forEach((f, i) => {
      const body = f.body.slice(), at = o.bodyOffsets[i];
      for (; next < o.code.length && o.code[next].offset < at + body.length; next++) {
        this.#fill(body, o.code[next].offset - at, o.code[next], addresses);
      }
      this.module.functions.push({ type: f.type, body });
    });
  }

  /** @param {number[]} addresses */
  #data(addresses) {
    const { o } = this;
    let i = 0;
    for (const r of o.data) {
      while (r.offset >= o.segments[i].at + o.segments[i].bytes.length) i++;
      this.#fill(this.segmentBytes[i], r.offset - o.segments[i].at, r, addresses);
    }
  }

  /**
   * Writes what a relocation says: a number as wide as the object has left room for.
   * @param {Uint8Array} bytes
   * @param {number} at
   * @param {import('./object.mjs').Relocation} r
   * @param {number[]} addresses
   */
  #fill(bytes, at, r, addresses) {
    const value = this.#value(r, addresses);
    if (r.type === RELOC.TABLE_INDEX_I32 || r.type === RELOC.MEMORY_ADDR_I32 ||
      r.type === RELOC.FUNCTION_INDEX_I32) {
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value, true);
      return;
    }
    const signed = r.type === RELOC.TABLE_INDEX_SLEB || r.type === RELOC.MEMORY_ADDR_SLEB ||
      r.type === RELOC.MEMORY_ADDR_TLS_SLEB;
    for (let i = 0; i < 5; i++) bytes[at + i] = ((value >>> (7 * i)) & 127) | (i < 4 ? 128 : 0);
    if (signed) bytes[at + 4] = (value >> 28) & 127;
  }

  /** @param {import('./object.mjs').Relocation} r @param {number[]} addresses @returns {number} */
  #value(r, addresses) {
    if (r.type === RELOC.TYPE_INDEX_LEB) return r.index;
    const s = this.o.symbols[r.index];
    switch (r.type) {
      case RELOC.FUNCTION_INDEX_LEB: case RELOC.FUNCTION_INDEX_I32: return this.#functionOf(s);
      case RELOC.TABLE_INDEX_SLEB: case RELOC.TABLE_INDEX_I32: return this.#slot(this.functionAt[s.index]);
      case RELOC.MEMORY_ADDR_LEB: case RELOC.MEMORY_ADDR_SLEB: case RELOC.MEMORY_ADDR_I32:
      case RELOC.MEMORY_ADDR_TLS_SLEB: return this.#address(s, addresses) + r.addend;
      case RELOC.GLOBAL_INDEX_LEB: case RELOC.GLOBAL_INDEX_I32: return this.globalAt[s.index];
      case RELOC.TABLE_NUMBER_LEB: return 0;
      default:
        throw new BuildError(`${this.o.name} has a relocation that is not known here (type ${r.type}): ` +
          'was it compiled for static linking of 32-bit WebAssembly?', { file: this.o.name });
    }
  }

  /** @param {import('./object.mjs').Symbol} s */
  #functionOf(s) {
    const index = this.functionAt[s.index];
    return index >= 0 ? index : this.#trap(s);
  }

  /** A weak function that nobody defines: calling it traps. @param {import('./object.mjs').Symbol} s */
  #trap(s) {
    const type = /** @type {number} */ (this.o.module.importsOf(FUNC)[s.index].type);
    this.functionAt[s.index] = this.module.importedFunctions + this.o.module.functions.length + this.traps.length;
    this.traps.push({ type, name: `undefined_weak:${s.name}` });
    return this.functionAt[s.index];
  }

  /** @param {number} func @returns {number} 0: there is no such function */
  #slot(func) {
    const firstTrap = this.module.importedFunctions + this.o.module.functions.length;
    if (func < 0 || func >= firstTrap) return 0;
    const known = this.slotOf.get(func);
    if (known !== undefined) return known;
    // One function has one address, in the program and in the kit.
    const name = func < this.module.importedFunctions ? this.module.nameOf(func) : '';
    const inKit = this.kit.slots.get(this.kit.functions.get(name)?.index ?? -1);
    const slot = inKit ?? this.firstSlot + this.inTable.push(func) - 1;
    this.slotOf.set(func, slot);
    return slot;
  }

  /** @param {import('./object.mjs').Symbol} s @param {number[]} addresses */
  #address(s, addresses) {
    if (s.undefined) return this.kit.data.get(s.name) ?? 0;
    return s.segment < 0 ? s.offset : addresses[s.segment] + s.offset;
  }

  /** @param {Layout} layout @returns {Linked} */
  #finish({ addresses, tls, start, variables, imageEnd, end }) {
    const { o, module: m } = this;
    const image = new Uint8Array(imageEnd - start);
    o.segments.forEach((s, i) => {
      const at = s.tls ? addresses[i] - tls.offset : addresses[i] - start;
      const bytes = this.segmentBytes[i];
      // What is zero comes behind: of thread-local variables, behind their part of the image.
      if (at + bytes.length <= (s.tls ? tls.imageBytes : image.length)) image.set(bytes, at);
    });
    for (const t of this.traps) {
      m.functionNames.set(m.importedFunctions + m.functions.length, t.name);
      m.functions.push({ type: t.type, body: Uint8Array.of(0, OP.UNREACHABLE, OP.END) });
    }
    const none = m.typeNumber([], []);
    /** @param {string} name @param {number[]} code */
    const add = (name, code) => {
      const index = m.importedFunctions + m.functions.length;
      m.functions.push({ type: none, body: new Writer(64).u8(0).bytes(code).u8(OP.END).done() });
      m.functionNames.set(index, name);
      return index;
    };
    if (image.length) m.data.push({ offset: null, bytes: image });
    const begin = add('port_program_begin', image.length === 0 ? [] : [OP.I32_CONST, ...sleb(start),
      OP.I32_CONST, 0, OP.I32_CONST, ...sleb(image.length), 0xfc, 8, 0, 0]);
    const construct = add('port_program_construct',
      o.constructors.flatMap((c) => [OP.CALL, ...leb(this.#functionOf(o.symbols[c.symbol]))]));
    const mainSymbol = o.symbols.find((s) => s.kind === SYMBOL.FUNCTION && !s.undefined && s.name === 'gr_main');
    const main = this.functionAt[/** @type {import('./object.mjs').Symbol} */ (mainSymbol).index];
    this.inTable.push(begin, construct, main);
    m.elements.push({ offset: constantAt(this.firstSlot), functions: this.inTable });
    // unwind.mjs calls it when Binaryen has already dropped what nobody calls.
    const save = m.functionNamed('port_save');
    if (save >= 0) m.exports.push({ name: 'port_save', kind: FUNC, index: save });
    return { module: m, begin, construct, main, slots: this.inTable.length, variables, dataEnd: end, tls };
  }
}
