// names.mjs: names of C++ functions as people write them, where that is simple: with the namespaces and classes
// that they are in, without their parameters, as Go's traces show functions. Others stay as the linker has them.

/**
 * @param {string} symbol
 * @returns {string}
 */
export function plainName(symbol) {
  if (!symbol.startsWith('_Z')) return symbol;
  const nested = /^_Z(L?)N[rVK]*[RO]?/.exec(symbol), single = /^_ZL?(?=\d)/.exec(symbol);
  const start = nested ?? single;
  if (!start) return symbol;
  /** @type {string[]} */ const parts = [];
  let at = start[0].length;
  for (;;) {
    const rest = symbol.slice(at), length = /^L?(\d+)/.exec(rest), special = /^([CD])[0-3]/.exec(rest);
    if (length) {
      const from = at + length[0].length, name = symbol.slice(from, from + Number(length[1]));
      if (name.length < Number(length[1])) return symbol;
      parts.push(name.startsWith('_GLOBAL__N') ? '(anonymous namespace)' : name);
      at = from + name.length;
    } else if (special && parts.length) {
      parts.push(`${special[1] === 'D' ? '~' : ''}${parts[parts.length - 1]}`);
      at += special[0].length;
    } else break;
    if (!nested) return parts[0] && !/^I/.test(symbol.slice(at)) ? parts[0] : symbol;
  }
  return symbol[at] === 'E' && parts.length ? parts.join('::') : symbol;
}
