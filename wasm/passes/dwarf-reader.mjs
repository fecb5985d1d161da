// dwarf-reader.mjs: reading what DWARF sections are made of, and the sections of an object file, relocated.
import { plain, sectionsOf } from './binary.mjs';
import { Reader } from './bytes.mjs';
import { RELOC, readRelocations } from './object.mjs';

const utf8 = new TextDecoder();

/** An address where there is no code: of a function that is not in this object. */
export const NOWHERE = 0xffffffff;

/** Debug information that is cut off or of a form not known here. */
export class DwarfError extends Error {}

/** Numbers of fixed sizes, little-endian; the LEB ones are Reader's. */
export class DwarfReader extends Reader {
  /** @override */
  u8() {
    if (this.at >= this.end) throw new DwarfError('it ends too early');
    return super.u8();
  }

  u16() { return this.u8() | this.u8() << 8; }
  /** Four bytes. */
  word() { return (this.u16() | this.u16() << 16) >>> 0; }

  /** A text that ends with a NUL. */
  text() {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0 || end >= this.end) throw new DwarfError('a name does not end');
    const text = utf8.decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  /** How long a part is that begins here, in bytes. */
  length() {
    const n = this.word();
    if (n >= 0xfffffff0) throw new DwarfError('it is of the form for 64-bit sizes');
    if (this.at + n > this.end) throw new DwarfError('it ends too early');
    return n;
  }
}

/** An object's debug sections by their names, e.g. `.debug_line`. @typedef {Map<string, Uint8Array>} Sections */

/**
 * Copies of an object's debug sections, with what relocations say filled in: addresses count from the start of the
 * section of code.
 * @param {Uint8Array} given
 * @param {import('./object.mjs').ObjectFile} object the same, read
 * @returns {Sections}
 */
export function debugSections(given, object) {
  const bytes = plain(given), all = sectionsOf(bytes), imported = object.module.importedFunctions;
  /** @type {Sections} */ const sections = new Map();
  for (const s of all) if (s.name.startsWith('.debug_')) sections.set(s.name, bytes.slice(s.start, s.end));
  for (const s of all) {
    const section = s.name.startsWith('reloc.') ? sections.get(s.name.slice(6)) : undefined;
    if (!section) continue;
    const view = new DataView(section.buffer);
    for (const r of readRelocations(new Reader(bytes, s.start, s.end))) {
      if (r.offset + 4 > section.length) throw new DwarfError('a relocation is outside its section');
      if (r.type === RELOC.SECTION_OFFSET_I32) view.setUint32(r.offset, r.addend, true);
      else if (r.type === RELOC.FUNCTION_OFFSET_I32) {
        const symbol = object.symbols[r.index], body = object.bodyOffsets[symbol.index - imported];
        view.setUint32(r.offset, symbol.undefined || body === undefined ? NOWHERE : body + r.addend, true);
      }
    }
  }
  return sections;
}

/** A text in a section of texts. @param {Sections} sections @param {string} name @param {number} at */
export function textAt(sections, name, at) {
  const bytes = sections.get(name);
  if (!bytes || at >= bytes.length) throw new DwarfError(`a name is outside ${name}`);
  return new DwarfReader(bytes, at).text();
}
