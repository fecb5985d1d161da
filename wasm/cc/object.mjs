// The names of an object file: what it defines, and what it wants.
import { SYMBOL, readObject } from '../passes/object.mjs';

/** @typedef {{ defined: Set<string>, wanted: Set<string> }} Names */

/** @param {Uint8Array} object @returns {Names} local names and what may be missing (weak) are left out of both */
export function namesOf(object) {
  const symbols = readObject(object, 'the object').symbols
    .filter(({ kind, local }) => (kind === SYMBOL.FUNCTION || kind === SYMBOL.DATA) && !local);
  return {
    defined: new Set(symbols.filter((s) => !s.undefined).map((s) => s.name)),
    wanted: new Set(symbols.filter((s) => s.undefined && !s.weak).map((s) => s.name)),
  };
}
