// dwarf-lines.mjs: the section .debug_line: which line of which file each instruction comes from. (DWARF 4, DWARF
// 5, chapter 6.2 of either.)
import { DwarfError, DwarfReader, textAt } from './dwarf-reader.mjs';

/** @typedef {import('./dwarf-reader.mjs').Sections} Sections */
/** From `address` on, up to the next row's. @typedef {{ address: number, file: number, line: number }} Row */
/**
 * Of one compilation.
 * @typedef {object} LineTable
 * @property {(index: number) => string} file the path of a file, as the compiler was given it
 * @property {Row[][]} sequences rows with rising addresses; the last one's is behind the code, with file -1
 */

const DW_LNCT_PATH = 1, DW_LNCT_DIRECTORY = 2;
const DW_FORM = { block2: 3, block4: 4, data2: 5, data4: 6, data8: 7, string: 8, block: 9, block1: 10, data1: 11,
  strp: 14, udata: 15, data16: 30, line_strp: 31 };

/** @param {Sections} sections @returns {Map<number, LineTable>} by offset in .debug_line */
export function readLineTables(sections) {
  /** @type {Map<number, LineTable>} */ const tables = new Map();
  const bytes = sections.get('.debug_line');
  if (!bytes) return tables;
  for (const r = new DwarfReader(bytes); !r.done;) {
    const from = r.at, size = r.length(), end = r.at + size;
    tables.set(from, readTable(sections, new DwarfReader(bytes, r.at, end)));
    r.at = end;
  }
  return tables;
}

/** @param {Sections} sections @param {DwarfReader} r @returns {LineTable} */
function readTable(sections, r) {
  const version = r.u16();
  if (version < 4 || version > 5) throw new DwarfError(`its lines are of version ${version}, not 4 or 5`);
  if (version === 5) r.u16(); // bytes of an address and of a segment
  const headerBytes = r.length(), program = r.at + headerBytes;
  const step = r.u8();
  r.u8(); // operations of an instruction: one
  r.u8(); // whether rows begin statements
  const base = r.u8() << 24 >> 24, range = r.u8(), firstSpecial = r.u8();
  if (range === 0) throw new DwarfError('its lines have no range');
  const lengths = Array.from({ length: firstSpecial - 1 }, () => r.u8());
  const file = version === 5 ? readFiles5(sections, r) : readFiles4(r);
  r.at = program;
  return { file, sequences: run(r, { step, base, range, firstSpecial, lengths }) };
}

/** @param {string} folder @param {string} name */
const joined = (folder, name) => (folder === '' || /^([/\\]|\w:)/.test(name) ? name : `${folder}/${name}`);

/** @param {DwarfReader} r */
function readFiles4(r) {
  const folders = [''], files = ['']; // folder 0 is the one in which the compiler ran
  for (let name = r.text(); name !== ''; name = r.text()) folders.push(name);
  for (let name = r.text(); name !== ''; name = r.text()) {
    files.push(joined(folders[r.u32()] ?? '', name));
    r.skipLeb();
    r.skipLeb();
  }
  return (/** @type {number} */ i) => files[i] ?? '';
}

/** @param {Sections} sections @param {DwarfReader} r */
function readFiles5(sections, r) {
  const folders = readEntries(sections, r), files = readEntries(sections, r);
  const here = folders[0]?.path;
  return (/** @type {number} */ i) => {
    if (!files[i]) return '';
    const { path, folder } = files[i], where = folders[folder]?.path ?? '';
    return joined(where === here ? '' : where, path);
  };
}

/** @param {Sections} sections @param {DwarfReader} r */
function readEntries(sections, r) {
  const format = Array.from({ length: r.u8() }, () => ({ content: r.u32(), form: r.u32() })), entries = [];
  for (let n = r.u32(); n > 0; n--) {
    const entry = { path: '', folder: 0 };
    for (const { content, form } of format) {
      const value = readForm(sections, r, form);
      if (content === DW_LNCT_PATH) entry.path = String(value);
      else if (content === DW_LNCT_DIRECTORY) entry.folder = Number(value);
    }
    entries.push(entry);
    if (r.done && n > 1) throw new DwarfError('it ends too early');
  }
  return entries;
}

/** @param {Sections} sections @param {DwarfReader} r @param {number} form @returns {string | number} */
function readForm(sections, r, form) {
  switch (form) {
    case DW_FORM.string: return r.text();
    case DW_FORM.line_strp: return textAt(sections, '.debug_line_str', r.word());
    case DW_FORM.strp: return textAt(sections, '.debug_str', r.word());
    case DW_FORM.udata: return r.u32();
    case DW_FORM.data1: return r.u8();
    case DW_FORM.data2: return r.u16();
    case DW_FORM.data4: return r.word();
    case DW_FORM.data8: r.at += 8; return 0;
    case DW_FORM.data16: r.at += 16; return 0; // a checksum
    case DW_FORM.block: r.at += r.u32(); return 0;
    default: throw new DwarfError(`its files have a field of form ${form}`);
  }
}

/**
 * The program that makes the rows.
 * @param {DwarfReader} r
 * @param {{ step: number, base: number, range: number, firstSpecial: number, lengths: number[] }} header
 * @returns {Row[][]}
 */
function run(r, { step, base, range, firstSpecial, lengths }) {
  /** @type {Row[][]} */ const sequences = [];
  /** @type {Row[]} */ let rows = [];
  let address = 0, file = 1, line = 1;
  const row = () => {
    if (rows.length && rows[rows.length - 1].address === address) rows.pop();
    rows.push({ address, file, line });
  };
  while (!r.done) {
    const op = r.u8();
    if (op >= firstSpecial) {
      address += Math.floor((op - firstSpecial) / range) * step;
      line += base + (op - firstSpecial) % range;
      row();
    } else if (op === 0) {
      const size = r.u32(), end = r.at + size, what = r.u8();
      if (what === 1) {
        rows.push({ address, file: -1, line: 0 });
        sequences.push(rows);
        [rows, address, file, line] = [[], 0, 1, 1];
      } else if (what === 2) address = r.word();
      r.at = end;
    } else if (op === 1) row();
    else if (op === 2) address += r.u32() * step;
    else if (op === 3) line += r.s32();
    else if (op === 4) file = r.u32();
    else if (op === 8) address += Math.floor((255 - firstSpecial) / range) * step;
    else if (op === 9) address += r.u16();
    else for (let n = lengths[op - 1]; n > 0; n--) r.skipLeb();
  }
  return sequences;
}
