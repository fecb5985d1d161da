// dwarf-inlines.mjs: the section .debug_info, of which just this is wanted: which ranges of code come from
// functions that were inlined, from where they were called, and what they are called. (DWARF 4 and 5, chapters 2,
// 3.3 and 7.)
import { DwarfError, DwarfReader, NOWHERE, textAt } from './dwarf-reader.mjs';

/** @typedef {import('./dwarf-reader.mjs').Sections} Sections */
/**
 * A function that was inlined, in one place.
 * @typedef {object} Inlined
 * @property {string} name
 * @property {Inlined | null} into what it was inlined into; null: a function of its own
 * @property {number} depth 1: into such a function
 * @property {[number, number][]} ranges of addresses
 * @property {number} callFile where it was called: a file of the table
 * @property {number} callLine
 * @property {number} table offset of its compilation's table of lines
 */

const TAG = { INLINED: 0x1d, UNIT: 0x11, SUBPROGRAM: 0x2e };
const AT = { NAME: 0x03, STMT_LIST: 0x10, LOW_PC: 0x11, HIGH_PC: 0x12, ORIGIN: 0x31, SPECIFICATION: 0x47,
  RANGES: 0x55, CALL_FILE: 0x58, CALL_LINE: 0x59, LINKAGE_NAME: 0x6e, STR_OFFSETS_BASE: 0x72, ADDR_BASE: 0x73,
  RNGLISTS_BASE: 0x74 };
const WANTED = new Set(Object.values(AT));
const FORM = { ADDR: 0x01, RNGLISTX: 0x23, IMPLICIT: 0x21, INDIRECT: 0x16 };

/** An attribute's value. @typedef {{ form: number, value: number, text?: string }} Value */
/** @typedef {{ name: number, form: number, constant: number }} Attribute */
/** A kind of entries. @typedef {{ tag: number, children: boolean, attributes: Attribute[] }} Abbreviation */
/** An entry, with its attributes that are wanted. @typedef {{ tag: number, has: Map<number, Value> }} Entry */

/**
 * @param {Sections} sections
 * @returns {Inlined[]} each behind what it was inlined into
 */
export function readInlined(sections) {
  const bytes = sections.get('.debug_info');
  if (!bytes || !sections.has('.debug_abbrev')) return [];
  /** @type {Inlined[]} */ const all = [];
  for (const r = new DwarfReader(bytes); !r.done;) {
    const from = r.at, size = r.length(), end = r.at + size;
    all.push(...new Unit(sections, from, new DwarfReader(bytes, r.at, end)).read());
    r.at = end;
  }
  return all;
}

/** One compilation. */
class Unit {
  /** @param {Sections} sections @param {number} from where it begins @param {DwarfReader} r behind its length */
  constructor(sections, from, r) {
    this.sections = sections;
    this.from = from;
    this.r = r;
    this.version = r.u16();
    if (this.version < 4 || this.version > 5) throw new DwarfError(`it is of version ${this.version}, not 4 or 5`);
    if (this.version === 5) r.u16(); // kind of unit, bytes of an address
    this.abbreviations = readAbbreviations(sections, r.word());
    if (this.version === 4) r.u8();
    this.low = 0;
    this.table = -1;
    this.bases = { text: 8, address: 8, ranges: 12 };
    /** Functions' names, or where else they stand, by offset. @type {Map<number, Entry>} */
    this.functions = new Map();
  }

  /** @returns {Inlined[]} */
  read() {
    const { r } = this;
    /** @type {{ node: Inlined, entry: Entry }[]} */ const found = [];
    /** What encloses the entry: of functions their Inlined. @type {(Inlined | null)[]} */ const open = [];
    while (!r.done) {
      const at = r.at, code = r.u32();
      if (code === 0) {
        open.pop();
        continue;
      }
      const kind = this.abbreviations.get(code);
      if (!kind) throw new DwarfError('an entry is of an unknown kind');
      const entry = this.#entry(kind), outer = open[open.length - 1] ?? null;
      let node = outer;
      if (kind.tag === TAG.UNIT) this.#unit(entry);
      else if (kind.tag === TAG.SUBPROGRAM) {
        this.functions.set(at, entry);
        node = null;
      } else if (kind.tag === TAG.INLINED) {
        node = { name: '', into: outer, depth: (outer?.depth ?? 0) + 1, ranges: this.#ranges(entry),
          callFile: entry.has.get(AT.CALL_FILE)?.value ?? 0, callLine: entry.has.get(AT.CALL_LINE)?.value ?? 0,
          table: this.table };
        found.push({ node, entry });
      }
      if (kind.children) open.push(node);
    }
    for (const { node, entry } of found) node.name = this.#nameOf(entry);
    return found.map((f) => f.node);
  }

  /** @param {Entry} entry */
  #unit({ has }) {
    this.table = has.get(AT.STMT_LIST)?.value ?? -1;
    this.bases = { text: has.get(AT.STR_OFFSETS_BASE)?.value ?? 8, address: has.get(AT.ADDR_BASE)?.value ?? 8,
      ranges: has.get(AT.RNGLISTS_BASE)?.value ?? 12 };
    const low = has.get(AT.LOW_PC);
    this.low = low ? this.#address(low) : 0;
  }

  /** @param {Entry} entry */
  #nameOf(entry) {
    for (let e = /** @type {Entry | undefined} */ (entry), n = 0; e && n < 8; n++) {
      const name = e.has.get(AT.LINKAGE_NAME) ?? e.has.get(AT.NAME);
      if (name) return name.text ?? this.#indexedText(name.value);
      const next = e.has.get(AT.ORIGIN) ?? e.has.get(AT.SPECIFICATION);
      e = next && this.functions.get(next.value);
    }
    return '';
  }

  /** @param {Entry} entry @returns {[number, number][]} */
  #ranges({ has }) {
    const ranges = has.get(AT.RANGES), low = has.get(AT.LOW_PC), high = has.get(AT.HIGH_PC);
    if (ranges) return this.version === 5 ? this.#ranges5(ranges) : this.#ranges4(ranges.value);
    if (!low || !high) return [];
    const from = this.#address(low);
    return [[from, high.form === FORM.ADDR ? high.value : from + high.value]];
  }

  /** @param {number} at @returns {[number, number][]} */
  #ranges4(at) {
    /** @type {[number, number][]} */ const ranges = [];
    const r = this.#section('.debug_ranges', at);
    for (let base = this.low;;) {
      const from = r.word(), to = r.word();
      if (from === 0 && to === 0) return ranges;
      if (from === NOWHERE) base = to;
      else ranges.push([base + from, base + to]);
    }
  }

  /** @param {Value} value @returns {[number, number][]} */
  #ranges5({ form, value }) {
    const { ranges: base } = this.bases;
    const at = form === FORM.RNGLISTX ? base + this.#section('.debug_rnglists', base + 4 * value).word() : value;
    const r = this.#section('.debug_rnglists', at), indexed = () => this.#indexedAddress(r.u32());
    /** @type {[number, number][]} */ const ranges = [];
    /** @param {number} from @param {number} n */
    const add = (from, n) => void ranges.push([from, from + n]);
    for (let low = this.low;;) {
      const kind = r.u8();
      switch (kind) {
        case 0: return ranges;
        case 1: low = indexed(); break;
        case 2: ranges.push([indexed(), indexed()]); break;
        case 3: add(indexed(), r.u32()); break;
        case 4: ranges.push([low + r.u32(), low + r.u32()]); break;
        case 5: low = r.word(); break;
        case 6: ranges.push([r.word(), r.word()]); break;
        case 7: add(r.word(), r.u32()); break;
        default: throw new DwarfError(`its ranges have an entry of kind ${kind}`);
      }
    }
  }

  /** @param {string} name @param {number} at */
  #section(name, at) {
    const bytes = this.sections.get(name);
    if (!bytes) throw new DwarfError(`it has no ${name}`);
    return new DwarfReader(bytes, at);
  }

  /** @param {Value} v */
  #address({ form, value }) { return form === FORM.ADDR ? value : this.#indexedAddress(value); }
  /** @param {number} i */
  #indexedAddress(i) { return this.#section('.debug_addr', this.bases.address + 4 * i).word(); }
  /** @param {number} i */
  #indexedText(i) {
    const at = this.#section('.debug_str_offsets', this.bases.text + 4 * i).word();
    return textAt(this.sections, '.debug_str', at);
  }

  /** @param {Abbreviation} kind @returns {Entry} */
  #entry({ tag, attributes }) {
    /** @type {Entry} */ const entry = { tag, has: new Map() };
    for (const { name, form, constant } of attributes) {
      const value = form === FORM.IMPLICIT ? { form, value: constant } : this.#value(form);
      if (WANTED.has(name)) entry.has.set(name, value);
    }
    return entry;
  }

  /** @param {number} form @returns {Value} */
  #value(form) {
    const { r } = this;
    const is = (/** @type {number} */ value, /** @type {string} */ text) => ({ form, value, text });
    const number = (/** @type {number} */ value) => ({ form, value });
    const skip = (/** @type {number} */ n) => {
      r.at += n;
      return number(0);
    };
    switch (form) {
      case 0x08: return is(0, r.text());
      case 0x0e: return is(0, textAt(this.sections, '.debug_str', r.word()));
      case 0x1f: return is(0, textAt(this.sections, '.debug_line_str', r.word()));
      case FORM.ADDR: case 0x06: case 0x17: case 0x1c: return number(r.word());
      case 0x1d: case 0x28: case 0x2c: return number(r.word()); // sup, strx4, addrx4
      case 0x13: return number(this.from + r.word()); // references within the unit
      case 0x12: return number(this.from + r.u16());
      case 0x11: return number(this.from + r.u8());
      case 0x15: return number(this.from + r.u32());
      case 0x10: return number(r.word()); // into the section
      case 0x0b: case 0x0c: case 0x25: case 0x29: return number(r.u8());
      case 0x05: case 0x26: case 0x2a: return number(r.u16());
      case 0x27: case 0x2b: return number(r.u16() | r.u8() << 16);
      case 0x0d: return number(r.s32());
      case 0x0f: case 0x1a: case 0x1b: case 0x22: case FORM.RNGLISTX: return number(r.u32());
      case 0x19: return number(1);
      case 0x07: case 0x14: case 0x20: case 0x24: return skip(8);
      case 0x1e: return skip(16);
      case 0x09: case 0x18: return skip(r.u32()); // a block; a location
      case 0x0a: return skip(r.u8());
      case 0x03: return skip(r.u16());
      case 0x04: return skip(r.word());
      case FORM.INDIRECT: return this.#value(r.u32());
      default: throw new DwarfError(`it has a field of form 0x${form.toString(16)}`);
    }
  }
}

/** @param {Sections} sections @param {number} at */
function readAbbreviations(sections, at) {
  const r = new DwarfReader(/** @type {Uint8Array} */ (sections.get('.debug_abbrev')), at);
  /** @type {Map<number, Abbreviation>} */ const all = new Map();
  for (let code = r.u32(); code !== 0; code = r.u32()) {
    /** @type {Abbreviation} */ const kind = { tag: r.u32(), children: r.u8() === 1, attributes: [] };
    for (;;) {
      const name = r.u32(), form = r.u32(), constant = form === FORM.IMPLICIT ? r.s32() : 0;
      if (name === 0 && form === 0) break;
      kind.attributes.push({ name, form, constant });
      if (r.done) throw new DwarfError('it ends too early');
    }
    all.set(code, kind);
  }
  return all;
}
