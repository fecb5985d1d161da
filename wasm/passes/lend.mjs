// lend.mjs: a small function of the kit that may suspend goes into the program's own part, before asyncify, where it
// is called from one place: as in a whole program, where Binaryen puts such a function into its only caller. So a
// goroutine that waits has a frame less to store and to restore (measured: a yield 10 ns of 75, a round trip over a
// channel 20 of 280).
//
// `lendable` is for building the kit: it takes the functions, finished but for asyncify, and exports what they call
// and use. `borrow` is for building a program. In it they stand in the caller's frame, at the place of the call.
import { F32, F64, FUNC, GLOBAL, I32, I64, Module } from './binary.mjs';
import { leb } from './bytes.mjs';
import { Code, EMPTY, Edits, OP, localsOf, renumber } from './instructions.mjs';

/** @typedef {import('./binary.mjs').Type} Type */

/** Names of what only borrowed code calls; no C name is like this. */
const LENT = 'lent:';
/** Bytes; larger ones do more than wait. */
const LARGEST = 1500;
/** What they cannot have: it would need parts of the kit's that programs do not see. */
const OWN = new Set([OP.CALL_INDIRECT, OP.RETURN_CALL, OP.RETURN_CALL_INDIRECT, OP.REF_FUNC, OP.TABLE_GET,
  OP.TABLE_SET, OP.MEMORY_INIT, OP.DATA_DROP, OP.TABLE_INIT]);
/** What locals begin with. @type {Map<number, number[]>} */
const ZERO = new Map([[I32, [OP.I32_CONST, 0]], [I64, [OP.I64_CONST, 0]], [F32, [OP.F32_CONST, 0, 0, 0, 0]],
  [F64, [OP.F64_CONST, 0, 0, 0, 0, 0, 0, 0, 0]]]);

// ---- the kit ----------------------------------------------------------------------------------------------------

/**
 * @param {Module} m the kit, optimised, before asyncify; it exports more afterwards
 * @param {Set<string>} manual names that programs call
 * @returns {Module} functions to lend, by the names that they are exported by
 */
export function lendable(m, manual) {
  const out = new Module(), imported = m.importedFunctions;
  out.types = m.types;
  /** @type {Map<number, number>} */ const functions = new Map(), globals = new Map();
  const chosen = m.exports.filter((e) => e.kind === FUNC && manual.has(e.name) && e.index >= imported)
    .filter((e) => isLendable(m, m.functions[e.index - imported]));
  const known = new Map(m.exports.filter((e) => e.kind === GLOBAL).map((e) => [e.index, e.name]));
  const exported = new Set();
  /** @param {Map<number, number>} all @param {number} kind @param {number} index @param {string} name */
  const number = (all, kind, index, name) => {
    const at = all.get(index) ?? all.size;
    if (all.has(index)) return at;
    all.set(index, at);
    const { valueType, mutable } = m.globals[index - m.importedGlobals] ?? {};
    out.imports.push({ module: 'env', name, kind, ...kind === GLOBAL ? { valueType, mutable }
      : { type: m.types.indexOf(m.typeOf(index)) } });
    if (name.startsWith(LENT) && !exported.has(name)) m.exports.push({ name, kind, index });
    exported.add(name);
    return at;
  };
  const same = (/** @type {number} */ i) => i;
  out.functions = chosen.map(({ index, name }) => {
    const { type, body } = m.functions[index - imported];
    return { type, body: renumber(body, name, { type: same, data: same,
      func: (i) => number(functions, FUNC, i, LENT + m.nameOf(i)),
      global: (i) => number(globals, GLOBAL, i, known.get(i) ?? LENT + m.globalNames.get(i)) }) };
  });
  out.exports = chosen.map(({ name }, i) => ({ name, kind: FUNC, index: functions.size + i }));
  return out;
}

/** @param {Module} m @param {import('./binary.mjs').Func} f */
function isLendable(m, f) {
  const code = new Code(f.body, 'a function'), { params, results } = m.types[f.type];
  if (f.body.length > LARGEST || results.length > 1) return false;
  if (![...params, ...results, ...code.locals.map((l) => l.type)].every((type) => ZERO.has(type))) return false;
  while (code.next()) {
    if (OWN.has(code.op) || (code.op >= OP.BLOCK && code.op <= OP.IF && code.value >= 0)) return false;
    const isGlobal = code.op === OP.GLOBAL_GET || code.op === OP.GLOBAL_SET;
    if (isGlobal && code.value < m.importedGlobals) return false;
  }
  return true;
}

// ---- a program --------------------------------------------------------------------------------------------------

/**
 * @param {Module} m linked and checked, before asyncify
 * @param {Module} lent
 * @param {string[]} suspend functions of the kit that may
 * @returns {number} how many functions it has borrowed
 */
export function borrow(m, lent, suspend) {
  const once = calledOnce(m), may = new Set(suspend), offered = new Map(lent.exports.map((e) => [e.name, e.index]));
  /** Of m's functions, what stands for them. @type {Map<number, import('./binary.mjs').Func>} */
  const borrowed = new Map();
  m.importsOf(FUNC).forEach(({ name }, i) => {
    const index = offered.get(name);
    if (index === undefined || !once.has(i) || !may.has(name)) return;
    borrowed.set(i, lent.functions[index - lent.importedFunctions]);
  });
  if (borrowed.size === 0) return 0;
  const { func, global } = join(m, lent);
  const to = { func, global, type: (/** @type {number} */ i) => i, data: (/** @type {number} */ i) => i };
  m.functions.forEach((f, i) => {
    const name = m.nameOf(m.importedFunctions + i), code = new Code(f.body, name), edits = new Edits();
    /** @type {number[]} */ const locals = [];
    const before = localsOf(m.types[f.type], code);
    while (code.next()) {
      const callee = code.op === OP.CALL && borrowed.get(code.value);
      if (!callee) continue;
      const type = lent.types[callee.type], body = renumber(callee.body, name, to);
      edits.replace(code.start, code.end, inlined(body, type, before + locals.length));
      locals.push(...type.params, ...new Code(body, name).locals.flatMap((l) => Array(l.n).fill(l.type)));
    }
    if (edits.size) f.body = edits.apply(code, locals);
  });
  return borrowed.size;
}

/** Functions that one call calls, and nothing else means. @param {Module} m */
function calledOnce(m) {
  /** @type {Map<number, number>} */ const uses = new Map();
  const use = (/** @type {number} */ f, n = 1) => void uses.set(f, (uses.get(f) ?? 0) + n);
  for (const f of m.functions) {
    const code = new Code(f.body, 'a function');
    while (code.next()) {
      if (code.op === OP.CALL) use(code.value);
      else if (code.op === OP.REF_FUNC) use(code.value, 2);
    }
  }
  for (const e of m.elements) for (const f of e.functions) use(f, 2);
  for (const e of m.exports) if (e.kind === FUNC) use(e.index, 2);
  return new Set([...uses].filter(([, n]) => n === 1).map(([f]) => f));
}

/**
 * Imports what lent code uses; functions and globals behind the imports get other numbers.
 * @param {Module} m @param {Module} lent
 * @returns {{ func: (i: number) => number, global: (i: number) => number }} numbers of lent code's in m
 */
function join(m, lent) {
  /** By kind: numbers in m of what is imported there and of lent's imports. */
  const numbers = [FUNC, GLOBAL].map((kind) => {
    const had = m.importsOf(kind), at = lent.importsOf(kind).map((wanted) => {
      const found = had.findIndex((i) => i.name === wanted.name);
      return found >= 0 ? found : had.push(wanted) - 1;
    });
    const old = m.importsOf(kind).length, more = had.length - old;
    for (const i of had.slice(old)) {
      const type = lent.types[i.type ?? -1];
      m.imports.push({ ...i, ...type && { type: m.typeNumber(type.params, type.results) } });
    }
    return { at, moved: (/** @type {number} */ i) => (i < old ? i : i + more) };
  });
  const [functions, globals] = numbers, imported = m.importedFunctions, same = (/** @type {number} */ i) => i;
  const names = new Map([...m.functionNames].map(([i, name]) => [functions.moved(i), name]));
  lent.importsOf(FUNC).forEach(({ name }, i) => names.set(functions.at[i], name));
  m.functionNames = names;
  m.globalNames = new Map([...m.globalNames].map(([i, name]) => [globals.moved(i), name]));
  m.functions = m.functions.map((f, i) => ({ type: f.type, body: renumber(f.body, m.nameOf(imported + i),
    { func: functions.moved, global: globals.moved, type: same, data: same }) }));
  m.elements = m.elements.map((e) => ({ ...e, functions: e.functions.map(functions.moved) }));
  for (const e of m.exports) e.index = e.kind === FUNC ? functions.moved(e.index) : e.kind === GLOBAL
    ? globals.moved(e.index) : e.index;
  if (m.start !== null) m.start = functions.moved(m.start);
  return { func: (i) => functions.at[i], global: (i) => globals.at[i] };
}

/**
 * A body as code in the place of its call: its locals are the caller's from `first` on, `return` leaves a block.
 * @param {Uint8Array} body @param {Type} type @param {number} first
 */
function inlined(body, { params, results }, first) {
  const code = new Code(body, 'a lent function'), edits = new Edits();
  const locals = code.locals.flatMap((l) => /** @type {number[]} */ (Array(l.n).fill(l.type)));
  let depth = 0;
  while (code.next()) {
    const { op, value, start, end } = code;
    if (op === OP.LOCAL_GET || op === OP.LOCAL_SET || op === OP.LOCAL_TEE) {
      edits.replace(start, end, [op, ...leb(first + value)]);
    } else if (op === OP.RETURN) edits.replace(start, end, [OP.BR, ...leb(depth)]);
    else if (op === OP.BLOCK || op === OP.LOOP || op === OP.IF) depth++;
    else if (op === OP.END) depth--;
  }
  const set = (/** @type {number} */ i) => [OP.LOCAL_SET, ...leb(first + i)];
  const changed = edits.apply(code), from = new Code(changed, 'a lent function').begin;
  return Uint8Array.from([...params.flatMap((_, i) => set(params.length - 1 - i)),
    ...locals.flatMap((t, i) => [.../** @type {number[]} */ (ZERO.get(t)), ...set(params.length + i)]),
    OP.BLOCK, results[0] ?? EMPTY, ...changed.subarray(from)]);
}
