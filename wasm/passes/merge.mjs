// merge.mjs: the program's own part is appended to the prebuilt runtime ("kit"): types, functions, slots of the
// table, data. The kit's numbers stay; what the program imports becomes the kit's. One ordinary module comes out.
// Functions of the kit that nobody calls in it become traps, so that their code goes and no number changes.
import { FUNC, GLOBAL, I32, Module, constantAt, constantOf, readModule, writeModule } from './binary.mjs';
import { OWN_FUNCTIONS } from './asyncify.mjs';
import { leb } from './bytes.mjs';
import { BuildError } from './errors.mjs';
import { Code, OP, renumber } from './instructions.mjs';
import { withLines } from './lines.mjs';
import { leaveOut } from './tables.mjs';

/** PortProgram in wasm/port/program.h: its magic numbers, then words in this order. */
const PROGRAM_MAGIC = [0x4d475250, 0x5247544b, 0x31303031, 0x9e3779b9];
const PROGRAM_WORDS = /** @type {const} */ (['variables', 'heapBase', 'tlsOffset', 'tlsBytes', 'tlsAlign', 'tlsImage',
  'tlsImageBytes', 'begin', 'construct', 'main', 'readSites', 'sitesBytes']);

/**
 * What stands beside the kit; kit.mjs writes it.
 * @typedef {object} Manifest
 * @property {number} version
 * @property {string[]} suspend exported functions that may suspend
 * @property {string[]} keep exports that stay in programs, for the loader
 * @property {{ [name: string]: number }} data addresses of variables
 * @property {number} heapBase where its data end
 * @property {number} tlsBytes of its own thread-local variables
 * @property {number} tableSize
 * @property {import('./tables.mjs').Table[]} tables that not every program needs
 */
/**
 * A kit taken apart.
 * @typedef {object} PreparedKit
 * @property {Manifest} manifest
 * @property {Module} module
 * @property {Map<string, { index: number, type: import('./binary.mjs').Type }>} functions
 * @property {Map<string, number>} globals
 * @property {Map<string, number>} data the manifest's: a name of the program's may be one that all objects have
 * @property {Map<number, number>} slots of the table, by function
 * @property {{ segment: number, offset: number }} program where PortProgram is
 * @property {Int32Array[]} calls which functions each of its functions calls
 */

export const MANIFEST_VERSION = 5;

/**
 * What runs only where there is a heap, though without one too the table or a call leads there: functions of
 * goroutines that it starts, and what parks them; and what is called where it has said so: that it marks (GcWork's
 * `wanted`), that stacks are left (rt_stacks_are_left), of a collection or a range in the trace (rt_gc_site,
 * STOOD_RANGE).
 */
const OF_HEAP = new RegExp('^(rt_gc_(entry|waits)_.*|rt_gc_worker_for|rt_leave_stack|port_stack_roots|rt_ev_gc_.*|'
  + 'rt_trace_tell_gc_slow)$');
/** What begins the heap (runtime/include/gr_gc.h). */
const HEAP = /^gr_((new|make|alloc|alloc_noscan|alloc_layout|realloc|gc|cleanup_add)_at|gc_percent|memory_limit)$/;

/** @param {{ wasm: Uint8Array, manifest: any }} kit @returns {PreparedKit} */
export function prepareKit({ wasm, manifest }) {
  if (manifest?.version !== MANIFEST_VERSION) {
    throw new BuildError(`the prebuilt runtime is of version ${manifest?.version}, not ${MANIFEST_VERSION}: ` +
      'build it again');
  }
  const module = readModule(wasm);
  /** @type {PreparedKit} */
  const kit = { manifest, module, functions: new Map(), globals: new Map(), slots: new Map(),
    data: new Map(Object.entries(manifest.data)), program: findProgram(module),
    calls: module.functions.map((f, i) => callsOf(f.body, `kit's function ${i}`)) };
  for (const { name, kind, index } of module.exports) {
    if (OWN_FUNCTIONS.includes(name)) continue; // for the loader, not for programs
    if (kind === FUNC) kit.functions.set(name, { index, type: module.typeOf(index) });
    else if (kind === GLOBAL) kit.globals.set(name, index);
  }
  for (const { offset, functions } of module.elements) {
    const first = offset && constantOf(offset);
    if (typeof first === 'number') functions.forEach((f, i) => kit.slots.set(f, first + i));
  }
  return kit;
}

/** @param {Module} m */
function findProgram(m) {
  for (const [segment, { bytes }] of m.data.entries()) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let offset = 0; offset + 4 * (4 + PROGRAM_WORDS.length) <= bytes.length; offset += 4) {
      const isHere = PROGRAM_MAGIC.every((word, i) => view.getUint32(offset + 4 * i, true) === word);
      if (isHere) return { segment, offset };
    }
  }
  throw new BuildError('the prebuilt runtime has no place for a program: was it built with wasm/port/kit.c?');
}

/** @param {Uint8Array} body @param {string} name */
function callsOf(body, name) {
  const code = new Code(body, name), calls = new Set();
  while (code.next()) if (code.op === OP.CALL || code.op === OP.REF_FUNC) calls.add(code.value);
  return Int32Array.from(calls);
}

/**
 * @param {PreparedKit} kit
 * @param {Module} user after asyncify
 * @param {import('./link.mjs').Linked} linked
 * @param {{ places: import('./dwarf.mjs').Place[], frames: import('./frames.mjs').ProgramFrames }} from places:
 *   that its instructions come from
 * @param {{ names?: boolean }} options names: the kit's too
 * @returns {Uint8Array}
 */
export function merge(kit, user, linked, { places, frames }, { names = false }) {
  const from = kit.module, m = new Module();
  const functionsOf = user.importsOf(FUNC).map((i) => known(kit.functions.get(i.name)?.index, i.name));
  const globalsOf = user.importsOf(GLOBAL).map((i) => known(kit.globals.get(i.name), i.name));
  if (user.globals.length) throw new BuildError('the program has globals of its own after asyncify');
  const firstOwn = from.importedFunctions + from.functions.length;
  const func = (/** @type {number} */ i) => (i < functionsOf.length ? functionsOf[i] : firstOwn +
    i - functionsOf.length);
  const type = (/** @type {number} */ i) => from.types.length + i;
  const data = (/** @type {number} */ i) => from.data.length + i;
  const global = (/** @type {number} */ i) => globalsOf[i];

  m.types = [...from.types, ...user.types];
  m.imports = from.imports;
  m.exports = from.exports.filter((e) => kit.manifest.keep.includes(e.name));
  const hasHeap = user.importsOf(FUNC).some(({ name }) => HEAP.test(name));
  const live = liveFunctions(kit, m.exports, functionsOf, hasHeap);
  const trap = Uint8Array.of(0, OP.UNREACHABLE, OP.END);
  m.functions = from.functions.map((f, i) => (live.has(from.importedFunctions + i) ? f : { type: f.type,
    body: trap }));
  user.functions.forEach((f, i) => {
    const name = user.nameOf(functionsOf.length + i);
    m.functions.push({ type: type(f.type), body: renumber(f.body, name, { func, type, global, data }) });
  });
  const sites = frames.table(places), readSites = addSites(m, from.data.length + user.data.length);
  const end = kit.manifest.tableSize + linked.slots + 1;
  m.tables = from.tables.map((t) => ({ ...t, limits: { flags: 1, min: end, max: end } }));
  m.memories = from.memories;
  m.globals = from.globals;
  m.start = from.start;
  m.elements = [...from.elements, ...user.elements.map((e) => ({ ...e, functions: e.functions.map(func) })),
    { offset: constantAt(end - 1), functions: [readSites] }];
  m.hasDataCount = true;
  m.data = [...from.data, ...user.data, { offset: null, bytes: sites }];
  const { segment, offset } = kit.program;
  m.data[segment] = { ...m.data[segment], bytes: withProgram(m.data[segment].bytes, offset,
    wordsOf(kit, linked, sites)) };
  const isRead = (/** @type {string} */ name) => live.has(kit.functions.get(name)?.index ?? -1);
  for (const table of kit.manifest.tables) if (!table.readers.some(isRead)) leaveOut(m, table);
  if (names) {
    m.functionNames = new Map([...from.functionNames].filter(([i]) => i < from.importedFunctions || live.has(i)));
    m.globalNames = new Map(from.globalNames);
  }
  m.functionNames.set(readSites, 'port_program_sites');
  for (const [i, name] of user.functionNames) if (i >= functionsOf.length) m.functionNames.set(func(i), name);
  return withLines(writeModule(m), m, firstOwn, places);
}

/** @param {number | undefined} index @param {string} name */
function known(index, name) {
  if (index === undefined) throw new BuildError(`the prebuilt runtime does not export ${name}`, { symbol: name });
  return index;
}

/**
 * The table of the program's call sites as a passive segment, which the runtime reads where it needs it.
 * @param {Module} m gets a function: to where, from which byte on, how many. It asks how large memory is, which may
 *   have grown in another worker: memory.init alone would trap
 * @param {number} segment
 */
function addSites(m, segment) {
  const code = [OP.I32_CONST, 0, OP.MEMORY_GROW, 0, OP.DROP,
    OP.LOCAL_GET, 0, OP.LOCAL_GET, 1, OP.LOCAL_GET, 2, 0xfc, 8, ...leb(segment), 0, OP.END];
  const readSites = m.importedFunctions + m.functions.length;
  m.functions.push({ type: m.typeNumber([I32, I32, I32], []), body: Uint8Array.from([0, ...code]) });
  return readSites;
}

/** @param {PreparedKit} kit @param {import('./link.mjs').Linked} linked @param {Uint8Array} sites */
function wordsOf(kit, { tls, variables, dataEnd, slots }, sites) {
  const end = kit.manifest.tableSize + slots;
  return { variables, heapBase: dataEnd,
    tlsOffset: tls.offset, tlsBytes: tls.bytes, tlsAlign: tls.bytes ? tls.align : 0,
    tlsImage: tls.image, tlsImageBytes: tls.imageBytes, begin: end - 3, construct: end - 2, main: end - 1,
    readSites: end, sitesBytes: sites.length };
}

/**
 * @param {Uint8Array} bytes @param {number} offset
 * @param {Record<typeof PROGRAM_WORDS[number], number>} words
 */
function withProgram(bytes, offset, words) {
  const changed = bytes.slice(), view = new DataView(changed.buffer);
  PROGRAM_WORDS.forEach((word, i) => view.setUint32(offset + 4 * (PROGRAM_MAGIC.length + i), words[word], true));
  return changed;
}

/**
 * The kit's functions that may run.
 * @param {PreparedKit} kit
 * @param {import('./binary.mjs').Export[]} exports that stay
 * @param {number[]} wanted by the program
 * @param {boolean} hasHeap
 */
function liveFunctions({ module: m, calls }, exports, wanted, hasHeap) {
  const mayRun = (/** @type {number} */ f) => hasHeap || !OF_HEAP.test(m.nameOf(f));
  const queue = [...wanted, ...exports.filter((e) => e.kind === FUNC).map((e) => e.index),
    ...m.elements.flatMap((e) => e.functions).filter(mayRun), ...(m.start === null ? [] : [m.start])];
  const live = new Set(queue);
  for (const f of queue) {
    for (const callee of calls[f - m.importedFunctions] ?? []) {
      if (live.has(callee) || !mayRun(callee)) continue;
      live.add(callee);
      queue.push(callee);
    }
  }
  return live;
}
