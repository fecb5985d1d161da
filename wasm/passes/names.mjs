// names.mjs: names of C++ functions as people write them, where that is simple: with the namespaces and classes that
// they are in, without parameters, as Go's traces show functions; arguments of templates are `<...>`. Other names,
// those of operators for instance, stay as the linker has them.
// (https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling)

/**
 * @param {string} symbol
 * @returns {string}
 */
export function plainName(symbol) {
  const start = /^_ZL?(N[rVK]*[RO]?)?/.exec(symbol);
  if (!start) return symbol;
  const isNested = start[1] !== undefined;
  /** @type {string[]} */ const parts = [];
  for (let at = start[0].length; ;) {
    const rest = symbol.slice(at), length = /^L?([1-9]\d*)/.exec(rest), special = /^([CD])[0-3]/.exec(rest);
    if (length) {
      const from = at + length[0].length, name = symbol.slice(from, from + Number(length[1]));
      if (name.length < Number(length[1])) return symbol;
      parts.push(name.startsWith('_GLOBAL__N') ? '(anonymous namespace)' : name);
      at = from + name.length;
    } else if (special && parts.length) {
      parts.push(`${special[1] === 'D' ? '~' : ''}${parts[parts.length - 1].replace('<...>', '')}`);
      at += special[0].length;
    } else if (rest.startsWith('St') && parts.length === 0) {
      parts.push('std');
      at += 2;
      if (!isNested) continue;
    } else if (rest[0] === 'I' && parts.length) {
      at = behind(symbol, at);
      if (at < 0) return symbol;
      parts[parts.length - 1] += '<...>';
    } else return isNested && rest[0] === 'E' && parts.length ? parts.join('::') : symbol;
    if (!isNested && symbol[at] !== 'I') return parts.join('::');
  }
}

/**
 * Where arguments of a template that begin here end.
 * @param {string} symbol @param {number} at
 * @returns {number} -1: not known
 */
function behind(symbol, at) {
  const part = /[1-9]\d*|S[0-9A-Z]*_|S[a-z]|T[0-9]*_|L[a-z]n?\d+E|D[a-zA-Z]|[INXJFZE]|[A-Za-z]/y;
  let open = 0;
  for (part.lastIndex = at; ;) {
    const found = part.exec(symbol)?.[0];
    if (!found) return -1;
    if (/^[1-9]/.test(found)) part.lastIndex += Number(found);
    else if (/^[INXJFZ]$|^D[Tt]$/.test(found)) open++;
    else if (found === 'E' && --open === 0) return part.lastIndex;
  }
}
