// lines.mjs: the custom section "goroscope.lines" of a finished module, by which wasm/host/lines.mjs translates an
// engine's stack: of each function of the program's own its name, and the places that its instructions come from.
// wasm/host/abi.md has its layout.
import { sectionsOf } from './binary.mjs';
import { Reader, Writer } from './bytes.mjs';
import { plainName } from './names.mjs';
import { rowsOf } from './places.mjs';

/** The section's name and the version of its layout; wasm/host/lines.mjs has them too. */
export const LINES_SECTION = 'goroscope.lines', LINES_VERSION = 1;

const CODE = 10;

/** Texts, or places, each once, as they are asked for. @template T */
class Numbered {
  /** @type {T[]} */ list = [];
  /** @type {Map<T, number>} */ #numbers = new Map();

  /** @param {T} item @returns {number} */
  number(item) {
    const known = this.#numbers.get(item);
    if (known !== undefined) return known;
    this.#numbers.set(item, this.list.length);
    return this.list.push(item) - 1;
  }
}

/**
 * A finished module with the section behind all others.
 * @param {Uint8Array} wasm
 * @param {import('./binary.mjs').Module} m what it was written from
 * @param {number} firstOwn its first function that is the program's
 * @param {import('./dwarf.mjs').Place[]} places
 * @returns {Uint8Array}
 */
export function withLines(wasm, m, firstOwn, places) {
  /** @type {Numbered<string>} */ const texts = new Numbered();
  /** @type {Numbered<number>} */ const used = new Numbered();
  /** A place's number in the section; its parents come before it. @param {number} place @returns {number} */
  const numberOf = (place) => {
    if (places[place].parent >= 0) numberOf(places[place].parent);
    return used.number(place);
  };
  const bodies = bodiesOf(wasm), imported = m.importedFunctions, functions = new Writer(4096);
  let index = 0, offset = 0, n = 0;
  for (let i = firstOwn; i < imported + m.functions.length; i++) {
    const body = bodies[i - imported], { body: bytes } = m.functions[i - imported];
    functions.u32(i - index).u32(body.at - offset).u32(body.size).u32(texts.number(plainName(m.nameOf(i))));
    writeRows(functions, rowsOf(bytes), numberOf);
    [index, offset] = [i, body.at];
    n++;
  }
  const table = new Writer(4096).u32(used.list.length);
  used.list.forEach((place, own) => {
    const { func, file, line, parent } = places[place];
    table.u32(texts.number(plainName(func))).u32(texts.number(file)).u32(line)
      .u32(parent < 0 ? 0 : own - used.number(parent));
  });
  const s = new Writer(8192).name(LINES_SECTION).u32(LINES_VERSION).u32(texts.list.length);
  for (const text of texts.list) s.name(text);
  s.bytes(table.done()).u32(n).bytes(functions.done());
  return new Writer(wasm.length + s.length + 8).bytes(wasm).u8(0).u32(s.length).bytes(s.done()).done();
}

/** @param {Writer} w @param {Int32Array | undefined} rows @param {(place: number) => number} numberOf */
function writeRows(w, rows = new Int32Array(), numberOf) {
  w.u32(rows.length / 2);
  let offset = 0, last = 0;
  for (let i = 0; i < rows.length; i += 2) {
    const place = rows[i + 1] < 0 ? 0 : numberOf(rows[i + 1]) + 1;
    w.u32(rows[i] - offset).s32(place - last);
    [offset, last] = [rows[i], place];
  }
}

/** Where the bodies of a module's functions are. @param {Uint8Array} wasm */
function bodiesOf(wasm) {
  const code = sectionsOf(wasm).find((s) => s.id === CODE), bodies = [];
  if (!code) return [];
  const r = new Reader(wasm, code.start, code.end);
  for (let n = r.u32(); n > 0; n--) {
    const size = r.u32();
    bodies.push({ at: r.at, size });
    r.at += size;
  }
  return bodies;
}
