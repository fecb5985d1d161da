// dwarf.mjs: what an object's debug information (`-gline-tables-only`, or -g; DWARF 4 and 5) tells of its
// functions: from which place in which file each instruction comes, and of functions that were inlined, from where.
import { readInlined } from './dwarf-inlines.mjs';
import { readLineTables } from './dwarf-lines.mjs';
import { DwarfError, debugSections } from './dwarf-reader.mjs';
import { SYMBOL } from './object.mjs';

export { DwarfError };

/** @typedef {import('./dwarf-inlines.mjs').Inlined} Inlined */
/** @typedef {import('./dwarf-lines.mjs').Row} Row */
/**
 * A place in the sources. Line 0: the compiler has put instructions of several lines into one.
 * @typedef {object} Place
 * @property {string} func
 * @property {string} file as the compiler was given it
 * @property {number} line
 * @property {number} parent the place that called func, which was inlined there; -1: func was not inlined
 */

/** Places, each once. */
export class Places {
  /** @type {Place[]} */ list = [];
  /** @type {Map<string, number>} */ #numbers = new Map();

  /** @param {string} func @param {string} file @param {number} line @param {number} parent @returns {number} */
  number(func, file, line, parent) {
    const key = `${parent} ${line} ${func}\n${file}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.list.length);
    return this.list.push({ func, file, line, parent }) - 1;
  }
}

/**
 * Rows of each function of an object: offset in its body, place from there on (-1: none), and so on, by offsets.
 * @param {Uint8Array} bytes
 * @param {import('./object.mjs').ObjectFile} object the same, read
 * @param {Places} places gets those of it
 * @returns {(Int32Array | null)[]} null: nothing is known of the function
 */
export function placesOf(bytes, object, places) {
  const sections = debugSections(bytes, object), tables = readLineTables(sections);
  if (tables.size === 0) return object.module.functions.map(() => null);
  const functions = new FunctionTable(object);
  /** Of each function, with the table they are in. @type {({ rows: Row[], table: number } | undefined)[]} */
  const sequencesOf = [];
  for (const [table, { sequences }] of tables) {
    for (const sequence of sequences) {
      const f = functions.at(sequence[0].address);
      if (f >= 0) sequencesOf[f] ??= { rows: sequence, table };
    }
  }
  /** @type {Span[][]} */ const spans = [];
  for (const node of readInlined(sections)) {
    for (const [from, to] of node.ranges) {
      const f = functions.at(from);
      // Another compilation's copy of an inline function is not the one that is here.
      if (f >= 0 && to > from && node.table === sequencesOf[f]?.table) (spans[f] ??= []).push({ from, to, node });
    }
  }
  const nameOf = namesOf(object), imported = object.module.importedFunctions;
  return object.module.functions.map((_, f) => {
    const of = sequencesOf[f];
    if (!of) return null;
    const placer = new Placer(places, nameOf.get(imported + f) ?? '', of.table,
      (table, file) => tables.get(table)?.file(file) ?? '');
    return placer.rows(of.rows, (spans[f] ?? []).sort(byStart), object.bodyOffsets[f]);
  });
}

/** Code of an inlined function. @typedef {{ from: number, to: number, node: Inlined }} Span */
/** Those around others first. @param {Span} a @param {Span} b */
const byStart = (a, b) => a.from - b.from || a.node.depth - b.node.depth;

/** @param {import('./object.mjs').ObjectFile} o @returns {Map<number, string>} functions' names, by index */
function namesOf({ symbols }) {
  return new Map(symbols.filter((s) => s.kind === SYMBOL.FUNCTION && !s.undefined).map((s) => [s.index, s.name]));
}

/** Which function an address is in. */
class FunctionTable {
  /** @param {import('./object.mjs').ObjectFile} o */
  constructor({ bodyOffsets, module }) {
    this.starts = bodyOffsets;
    this.ends = bodyOffsets.map((at, i) => at + module.functions[i].body.length);
  }

  /** @param {number} address @returns {number} counted without imports; -1: none */
  at(address) {
    let low = 0, high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= address) low = middle + 1;
      else high = middle;
    }
    return low > 0 && address < this.ends[low - 1] ? low - 1 : -1;
  }
}

/** Makes places for the code of one function. */
class Placer {
  /**
   * @param {Places} places @param {string} func @param {number} table that its rows are in
   * @param {(table: number, file: number) => string} pathOf
   */
  constructor(places, func, table, pathOf) {
    this.places = places;
    this.func = func;
    this.table = table;
    this.pathOf = pathOf;
    /** By line and file, of the function and inlined ones. @type {Map<Inlined | undefined, Map<number, number>>} */
    this.known = new Map();
    /** Where they were called. @type {Map<Inlined, number>} */ this.callers = new Map();
  }

  /**
   * @param {Row[]} rows by address @param {Span[]} spans by start
   * @param {number} body its address
   */
  rows(rows, spans, body) {
    const bounds = boundsOf(rows, spans);
    /** @type {Span[]} */ const open = [];
    /** @type {number[]} */ const out = [];
    let nextRow = 0, nextSpan = 0, last = -1;
    /** What the last place was made of. @type {Row | undefined} */ let row;
    /** @type {Inlined | undefined} */ let node;
    for (const at of bounds) {
      while (nextRow < rows.length && rows[nextRow].address <= at) nextRow++;
      while (open.length && open[open.length - 1].to <= at) open.pop();
      for (; nextSpan < spans.length && spans[nextSpan].from <= at; nextSpan++) {
        if (spans[nextSpan].to > at) open.push(spans[nextSpan]);
      }
      const here = rows[nextRow - 1], inner = open[open.length - 1]?.node;
      if (row && here && node === inner && here.line === row.line && here.file === row.file) continue;
      const place = here && here.file >= 0 ? this.#place(here, inner) : -1;
      if (place !== last) out.push(at - body, place);
      last = place;
      row = here;
      node = inner;
    }
    return Int32Array.from(out);
  }

  /** @param {Row} row @param {Inlined | undefined} node */
  #place({ file, line }, node) {
    let known = this.known.get(node);
    if (!known) this.known.set(node, known = new Map());
    const key = line * 2 ** 20 + file, place = known.get(key) ?? this.places.number(node ? node.name : this.func,
      this.pathOf(this.table, file), line, node ? this.#caller(node) : -1);
    known.set(key, place);
    return place;
  }

  /** The place where it was called. @param {Inlined} node @returns {number} */
  #caller(node) {
    const known = this.callers.get(node);
    if (known !== undefined) return known;
    const { table, callFile, callLine, into } = node;
    const place = this.places.number(into ? into.name : this.func, this.pathOf(table, callFile), callLine,
      into ? this.#caller(into) : -1);
    this.callers.set(node, place);
    return place;
  }
}

/** Where another row or another inlined function begins or ends. @param {Row[]} rows @param {Span[]} spans */
function boundsOf(rows, spans) {
  const all = new Float64Array(rows.length + 2 * spans.length);
  rows.forEach((r, i) => { all[i] = r.address; });
  spans.forEach((s, i) => all.set([s.from, s.to], rows.length + 2 * i));
  return all.sort().filter((at, i) => at !== all[i + 1]);
}
