// lines.mjs: an engine's stack as Go prints one: the frames of the program's own functions with file and line, as
// the module's section "goroscope.lines" has them (abi.md; wasm/passes/lines.mjs writes it). Whatever stands in the
// section, reading it ends, and what comes out is text.
import { decode } from './utf8.mjs';

const SECTION = 'goroscope.lines', VERSION = 1;
/** Of so many frames all are shown, of more the innermost and outermost half: Go's numbers. */
const MOST_FRAMES = 100;
/** How many frames an engine should tell; more than its stack may hold. */
export const ENGINE_FRAMES = 100_000;

const MORE = '...additional frames elided...\n';

/** @typedef {{ func: string, file: string, line: number }} Frame line 0: not known */
/** @typedef {{ index: number, start: number, size: number, name: string, rows: number }} Func rows: their offset */
/** @typedef {{ func: number, file: number, line: number, parent: number }} Place */

/** Reads numbers and texts, never beyond the end. */
class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  number() {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.at >= this.bytes.length) break;
      const byte = this.bytes[this.at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new RangeError('a number does not end');
  }

  signed() {
    const from = this.at, value = this.number(), bits = 7 * (this.at - from);
    return value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
  }

  /** How many things come, of which each takes some bytes. @param {number} bytes */
  count(bytes) {
    const n = this.number();
    if (n * bytes > this.bytes.length - this.at) throw new RangeError('there are fewer than it says');
    return n;
  }

  text() {
    const n = this.count(1);
    this.at += n;
    // A name is one line.
    return decode(this.bytes.subarray(this.at - n, this.at)).replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, '?');
  }
}

/** What a section says. */
export class Lines {
  /** @param {Uint8Array} bytes throws if they are none */
  constructor(bytes) {
    const r = new Reader(bytes), version = r.number();
    this.r = r;
    if (version !== VERSION) throw new RangeError(`lines of version ${version}`);
    this.texts = Array.from({ length: r.count(1) }, () => r.text());
    /** @type {Place[]} */
    this.places = Array.from({ length: r.count(4) }, (_, own) => {
      const func = r.number(), file = r.number(), line = r.number(), up = r.number();
      if (up > own) throw new RangeError('a place is within one that does not come before it');
      return { func, file, line, parent: up === 0 ? -1 : own - up };
    });
    /** @type {Map<number, Func>} */ this.functions = new Map();
    /** By their names, which is all that some engines tell. @type {Map<string, number>} */ this.byName = new Map();
    let index = 0, start = 0;
    for (let n = r.count(5); n > 0; n--) {
      index += r.number();
      start += r.number();
      const size = r.number(), name = this.texts[r.number()] ?? '?', rows = r.at;
      this.functions.set(index, { index, start, size, name, rows });
      this.byName.set(name, index);
      for (let left = r.count(2); left > 0; left--) r.number(), r.number();
    }
  }

  /**
   * The frames of a function that was left at an offset in the module, inlined ones first.
   * @param {Func} func
   * @param {number} offset -1: not known
   * @returns {Frame[]}
   */
  frames(func, offset) {
    let place = this.#placeOf(func, offset);
    const isKnown = offset >= 0;
    // Without a place only the function itself is sure.
    if (!isKnown) while (place >= 0 && this.places[place].parent >= 0) place = this.places[place].parent;
    /** @type {Frame[]} */ const frames = [];
    for (; place >= 0 && frames.length < MOST_FRAMES; place = this.places[place].parent) {
      const { func: name, file, line } = this.places[place];
      frames.push({ func: this.texts[name] ?? '?', file: this.texts[file] ?? '?', line: isKnown ? line : 0 });
    }
    return frames.length ? frames : [{ func: func.name, file: '', line: 0 }];
  }

  /** @param {Func} func @param {number} offset @returns {number} -1: none */
  #placeOf({ rows, start, size }, offset) {
    if (offset >= 0 && (offset < start || offset >= start + size)) return -1;
    const { r } = this;
    r.at = rows;
    let at = start, place = 0, found = 0;
    for (let n = r.count(2); n > 0; n--) {
      at += r.number();
      place += r.signed();
      if (offset >= 0 && at > offset) break;
      if (offset >= 0 || found === 0) found = place;
    }
    return found > 0 && found <= this.places.length ? found - 1 : -1;
  }
}

/**
 * The functions in an engine's stack, innermost first. V8 writes `at name (wasm://…:wasm-function[12]:0x3a)`,
 * Firefox `name@…:wasm-function[12]:0x3a`, Safari `<?>.wasm-function[12]@[wasm code]` or with a name instead of 12.
 * @param {string} stack
 * @returns {{ index: number, name: string, offset: number }[]} index -1: there is the name; offset -1: not told
 */
export function wasmFrames(stack) {
  const frames = [];
  for (const line of stack.split('\n')) {
    const full = /wasm-function\[(\d+)\]:0x([0-9a-f]+)\)?\s*$/i.exec(line);
    const bare = full ? null : /wasm-function\[(.*)\]@\[wasm code\]\s*$/.exec(line);
    if (full) frames.push({ index: Number(full[1]), name: '', offset: Number.parseInt(full[2], 16) });
    else if (bare) {
      const isNumber = /^\d+$/.test(bare[1]);
      frames.push({ index: isNumber ? Number(bare[1]) : -1, name: bare[1], offset: -1 });
    }
  }
  return frames;
}

/**
 * An engine's stack as text, innermost frame first.
 * @param {Lines} lines
 * @param {string} stack
 * @param {number} [below] index of a function below which frames belong to others
 * @returns {string[]} a text for each frame
 */
export function goFrames(lines, stack, below = -1) {
  /** @type {string[]} */ const all = [];
  /** By function and offset: some come often. @type {Map<string, string[]>} */ const known = new Map();
  for (const { index, name, offset } of wasmFrames(stack)) {
    if (index === below && index >= 0) break;
    const func = lines.functions.get(index >= 0 ? index : lines.byName.get(name) ?? -1);
    if (!func) continue;
    const key = `${func.index} ${offset}`, texts = known.get(key) ?? lines.frames(func, offset).map(frameText);
    known.set(key, texts);
    for (const text of texts) all.push(text);
  }
  if (all.length <= MOST_FRAMES) return all;
  const half = MOST_FRAMES / 2, elided = `...${all.length - MOST_FRAMES} frames elided...\n`;
  return [...all.slice(0, half), elided, ...all.slice(-half)];
}

/** @param {Frame} f */
const frameText = ({ func, file, line }) =>
  `${func}(...)\n${file ? `\t${file}${line ? `:${line}` : ''}\n` : ''}`;

/** @type {WeakMap<WebAssembly.Module, Lines | null>} */ const read = new WeakMap();

/** @param {WebAssembly.Module} module @returns {Lines | null} null: it has none, or none that can be read */
export function linesOf(module) {
  const known = read.get(module);
  if (known !== undefined) return known;
  /** @type {Lines | null} */ let lines = null;
  try {
    const [section] = WebAssembly.Module.customSections(module, SECTION);
    if (section) lines = new Lines(new Uint8Array(section));
  } catch { /* the program's report is worth more than a complaint about its lines */ }
  read.set(module, lines);
  return lines;
}

/**
 * What host_stack gives a program: its frames, as many whole ones as fit.
 * @param {WebAssembly.Module} module
 * @param {string} stack the engine's
 * @param {number} below see goFrames
 * @param {number} most bytes
 * @returns {Uint8Array}
 */
export function stackText(module, stack, below, most) {
  const lines = linesOf(module), utf8 = new TextEncoder();
  /** @type {number[]} */ const bytes = [];
  try {
    for (const frame of lines ? goFrames(lines, stack, below) : []) {
      const next = utf8.encode(frame);
      if (bytes.length + next.length + MORE.length > most) {
        if (bytes.length + MORE.length <= most) bytes.push(...utf8.encode(MORE));
        break;
      }
      bytes.push(...next);
    }
  } catch { /* a section whose rows are broken */ }
  return Uint8Array.from(bytes);
}
