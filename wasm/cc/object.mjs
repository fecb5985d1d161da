// The names of an object file: what it defines, what it wants (the linking section of wasm's object format).
import { Reader } from '../passes/bytes.mjs';

/** @typedef {{ defined: Set<string>, wanted: Set<string> }} Names */

const FUNCTION = 0, DATA = 1, SECTION = 3;
const UNDEFINED = 0x10, WEAK = 0x01, LOCAL = 0x02, EXPLICIT_NAME = 0x40;

/** @param {Uint8Array} object @returns {{ linking: Reader | null, imports: Reader | null }} */
function sections(object) {
  const bytes = new Reader(object, 8);
  let imports = null, linking = null;
  while (!bytes.done) {
    const id = bytes.u8(), size = bytes.u32(), end = bytes.at + size;
    if (id === 2) imports = new Reader(object, bytes.at, end);
    if (id === 0) {
      const body = new Reader(object, bytes.at, end);
      if (body.name() === 'linking') linking = body;
    }
    bytes.at = end;
  }
  return { linking, imports };
}

/** @param {Reader} bytes at the import section @returns {string[]} the functions it imports, by their index */
function importedFunctions(bytes) {
  /** @type {string[]} */
  const names = [];
  for (let n = bytes.u32(); n > 0; n--) {
    bytes.name();
    const name = bytes.name(), kind = bytes.u8();
    if (kind === 0) {
      names.push(name);
      bytes.u32();
    } else if (kind === 3) bytes.at += 2;
    else if (kind === 4) bytes.at++, bytes.u32();
    else {
      if (kind === 1) bytes.at++;
      const flags = bytes.u32();
      bytes.u32();
      if (flags & 1) bytes.u32();
    }
  }
  return names;
}

/** @param {Uint8Array} object @returns {Names} local names and what may be missing (weak) are left out of both */
export function namesOf(object) {
  const { linking, imports } = sections(object);
  const functions = imports ? importedFunctions(imports) : [];
  const defined = new Set(), wanted = new Set();
  if (!linking) return { defined, wanted };
  linking.u32(); // version
  while (!linking.done) {
    const type = linking.u8(), size = linking.u32(), end = linking.at + size;
    for (let n = type === 8 ? linking.u32() : 0; n > 0; n--) {
      const { name, flags } = symbol(linking, functions);
      if (name === undefined || flags & LOCAL) continue;
      if (!(flags & UNDEFINED)) defined.add(name);
      else if (!(flags & WEAK)) wanted.add(name);
    }
    linking.at = end;
  }
  return { defined, wanted };
}

/**
 * @param {Reader} bytes @param {string[]} functions
 * @returns {{ name?: string, flags: number }} a name for functions and data only
 */
function symbol(bytes, functions) {
  const kind = bytes.u8(), flags = bytes.u32();
  const isUndefined = (flags & UNDEFINED) !== 0;
  if (kind === SECTION) {
    bytes.u32();
    return { flags };
  }
  if (kind === DATA) {
    const name = bytes.name();
    if (!isUndefined) bytes.u32(), bytes.u32(), bytes.u32();
    return { name, flags };
  }
  const index = bytes.u32();
  const isNamed = !isUndefined || flags & EXPLICIT_NAME;
  const name = isNamed ? bytes.name() : kind === FUNCTION ? functions[index] : undefined;
  return kind === FUNCTION ? { name, flags } : { flags };
}
