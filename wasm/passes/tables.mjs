// tables.mjs: constants of the kit that only a few of its functions read. They get a segment of their own, which a
// program that cannot reach those functions does without: iconv's tables are 139 of the 261 kB of data that every
// program had.
import { sleb, leb } from './bytes.mjs';
import { BuildError } from './errors.mjs';
import { Code, Edits, OP } from './instructions.mjs';
import { readObject } from './object.mjs';

/**
 * @typedef {object} Table
 * @property {number} segment of the kit
 * @property {string[]} readers exports; only where one of them may run the segment is read
 */

/** The smallest of an object's constants that are looked for: short ones may stand in other objects too. */
const LEAST = 1024;

/**
 * Gives the large constants of an object a segment of their own. The start function, which fills memory, then fills it
 * from three segments instead of one.
 * @param {import('./binary.mjs').Module} m linked; changed
 * @param {Uint8Array} object of a library that m was linked with, as it was then
 * @param {string[]} readers
 * @returns {Table[]} none where they do not lie together
 */
export function setApart(m, object, readers) {
  const parts = readObject(object, readers[0]).segments.filter((s) => s.name.startsWith('.rodata') &&
    s.bytes.length >= LEAST);
  for (const [segment, { bytes }] of m.data.entries()) {
    const places = parts.map((p) => ({ from: find(bytes, p.bytes), bytes: p.bytes.length, align: p.align }))
      .sort((a, b) => a.from - b.from);
    if (!places.length || places[0].from < 0) continue;
    const isNext = places.every(({ from, align }, i) => i === 0 ||
      from - places[i - 1].from - places[i - 1].bytes < align && from >= places[i - 1].from + places[i - 1].bytes);
    const last = places[places.length - 1];
    return isNext ? [{ segment: cut(m, segment, places[0].from, last.from + last.bytes), readers }] : [];
  }
  return [];
}

/** @param {Uint8Array} bytes @param {Uint8Array} part @returns {number} where it begins in bytes, -1: nowhere */
function find(bytes, part) {
  for (let at = bytes.indexOf(part[0]); at >= 0; at = bytes.indexOf(part[0], at + 1))
    if (part.every((byte, i) => bytes[at + i] === byte)) return at;
  return -1;
}

/**
 * Cuts a segment in three. @param {import('./binary.mjs').Module} m
 * @param {number} segment @param {number} from @param {number} to @returns {number} the segment of what lies between
 */
function cut(m, segment, from, to) {
  const { bytes } = m.data[segment], [middle, rest] = [m.data.length, m.data.length + 1];
  const { code, at, dest, size } = fillOf(m, segment);
  if (size !== bytes.length) throw new BuildError(`segment ${segment} is not copied as a whole`);
  fill(m, code, at, [...copy(segment, dest, from), ...copy(middle, dest + from, to - from),
    ...copy(rest, dest + to, size - to)]);
  m.data[segment] = { offset: null, bytes: bytes.slice(0, from) };
  m.data.push({ offset: null, bytes: bytes.slice(from, to) }, { offset: null, bytes: bytes.slice(to) });
  m.hasDataCount = true;
  return middle;
}

/**
 * A program does without a table. @param {import('./binary.mjs').Module} m changed @param {Table} table
 */
export function leaveOut(m, { segment }) {
  const { code, at, dest } = fillOf(m, segment);
  fill(m, code, at, copy(segment, dest, 0));
  m.data[segment] = { offset: null, bytes: new Uint8Array() };
}

/**
 * What copies a segment's first bytes to memory.
 * @param {number} segment @param {number} dest @param {number} size
 */
const copy = (segment, dest, size) => [OP.I32_CONST, ...sleb(dest | 0), OP.I32_CONST, 0, OP.I32_CONST, ...sleb(size),
  0xfc, 8, ...leb(segment), 0];

/**
 * Other code at a place of the start function, which other modules may have as well: theirs stays.
 * @param {import('./binary.mjs').Module} m @param {Code} code @param {{ from: number, to: number }} at
 * @param {number[]} bytes
 */
function fill(m, code, at, bytes) {
  const edits = new Edits(), index = startOf(m);
  edits.replace(at.from, at.to, bytes);
  m.functions[index] = { ...m.functions[index], body: edits.apply(code) };
}

/** Which of its functions is the start function. @param {import('./binary.mjs').Module} m */
function startOf(m) {
  if (m.start === null) throw new BuildError('the runtime has no start function that fills its memory');
  return m.start - m.importedFunctions;
}

/**
 * Where the start function copies a passive segment to memory: (memory.init segment (i32.const) (i32.const 0)
 * (i32.const)), from its first operand on.
 * @param {import('./binary.mjs').Module} m @param {number} segment
 */
function fillOf(m, segment) {
  const code = new Code(m.functions[startOf(m)].body, 'the start function');
  /** @type {{ op: number, start: number, value: number }[]} */ const before = [];
  while (code.next()) {
    if (code.op === OP.MEMORY_INIT && code.value === segment) {
      const [dest, source, size] = before;
      if (before.some(({ op }) => op !== OP.I32_CONST) || source.value !== 0) break;
      return { code, at: { from: dest.start, to: code.end }, dest: dest.value, size: size.value };
    }
    before.push({ op: code.op, start: code.start, value: code.value });
    if (before.length > 3) before.shift();
  }
  throw new BuildError(`the start function does not copy segment ${segment} to a place of its own`);
}
