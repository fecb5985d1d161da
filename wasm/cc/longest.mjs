// Which function of a source is the longest: for the sentence about a compiler that does not come to an end.

/** Comments, strings and characters, whose braces are none. */
const QUOTED = /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'/g;
/** What stands before a function's body. */
const HEAD = /([A-Za-z_]\w*)\s*\([^;{}]*\)[^;{}()]*$/;

/**
 * @param {string} text of a C or C++ source
 * @returns {{ name: string, lines: number } | null} of those at the outermost level; null: it has none
 */
export function longestFunction(text) {
  const plain = text.replace(QUOTED, (quoted) => quoted.replace(/[^\n]/g, ' '));
  /** @type {{ name: string, lines: number } | null} */ let longest = null;
  let depth = 0, begin = 0, after = 0; // where the outermost braces open, and behind those before them
  for (let at = 0; at < plain.length; at++) {
    if (plain[at] === '{' && depth++ === 0) begin = at;
    if (plain[at] !== '}' || depth === 0 || --depth > 0) continue;
    const name = HEAD.exec(plain.slice(after, begin))?.[1], lines = plain.slice(begin, at).split('\n').length;
    if (name && lines > (longest?.lines ?? 0)) longest = { name, lines };
    after = at + 1;
  }
  return longest;
}
