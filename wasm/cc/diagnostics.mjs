// What clang says of the sources: its text with the user's names of files, taken apart, and what it does not know
// of goroscope.

/**
 * @typedef {object} Diagnostic
 * @property {string} file as the user calls it
 * @property {number} line
 * @property {number} column
 * @property {'error' | 'warning' | 'note'} severity
 * @property {string} text
 */

/** @typedef {{ at: string, shown: string }} Root a folder's name in the compiler, and as it was typed */

const COLOR = /\x1b\[[\d;]*[mK]/g;

/**
 * Of the folders that a name begins with the longest holds, of the same folder typed twice the first.
 * @param {Root[]} roots
 */
export const longestFirst = (roots) => roots.filter((r, i) => roots.findIndex(({ at }) => at === r.at) === i)
  .sort((a, b) => b.at.length - a.at.length);

/** @param {string} path @param {Root[]} roots @returns {string} */
export function shownName(path, roots) {
  const root = longestFirst(roots).find(({ at }) => path.startsWith(at));
  return root ? root.shown + path.slice(root.at.length) : path;
}

/** Lines of the compiler's own: others it quotes of the sources, older ones with no number before them. */
const OWN_LINE = new RegExp(('^(COLOR)*(In file included from |' +
  '(.+:\\d+: )?(COLOR)*(fatal error|error|warning|note|remark): )').replaceAll('COLOR', COLOR.source));

/**
 * @param {string} text of the compiler's, coloured or not; what it quotes of the sources stays as it is
 * @param {Root[]} roots @returns {string}
 */
export function shownNames(text, roots) {
  if (roots.length === 0) return text;
  const all = longestFirst(roots), any = all.map(({ at }) => at.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  // Where a path begins, and goes on: `/` alone is a folder too, and what divides.
  const path = new RegExp(`(?<=^|[\\s"'<(\`]|\\x1b\\[[\\d;]*[mK])(?:${any})(?![\\s"'=/*])`, 'g');
  const shown = (/** @type {string} */ at) => all.find((r) => r.at === at)?.shown ?? at;
  return text.split('\n').map((line) => (OWN_LINE.test(line) ? line.replace(path, shown) : line)).join('\n');
}

/**
 * What stands at a place, and what ends the compiler without one: that it has found too many mistakes, for example.
 * @param {string} text with the names shown, coloured or not @returns {Diagnostic[]}
 */
export function takeApart(text) {
  const form = /^(?! *\d+ \|)(?:(.+?):(\d+):(\d+): (fatal error|error|warning|note|remark)|fatal error): (.*)$/gm;
  return [...text.replace(COLOR, '').matchAll(form)].map(([, file = '', line = 0, column = 0, severity, said]) => ({
    file, line: Number(line), column: Number(column), text: said,
    severity: !severity || severity.endsWith('error') ? 'error' : severity === 'warning' ? 'warning' : 'note',
  }));
}

/**
 * What clang refuses because of how we call it, or of what goroscope.h is made of, and what it cannot know to say about
 * that.
 * @type {[RegExp, string][]}
 */
const OURS = [
  [/cannot use '(throw|try)' with exceptions disabled/,
    'C++ exceptions are not there; give errors back as values, or end the program with gr_panic'],
  [/use of (dynamic_cast|typeid) requires -frtti/,
    'C++ run-time type information (dynamic_cast, typeid) is not there; a virtual function can tell the type'],
  [/'(emscripten[\w/.]*)' file not found/,
    'a program does not know its host is JavaScript; goroscope.h has what it can ask for (gr_await, gr_fetch)'],
  [/conflicting types for 'gr_main'/, 'gr_main is written int gr_main(int argc, char **argv)'],
  // What a macro is called that was given too few arguments, or too many.
  [/use of undeclared identifier 'gr_chan_recv'/,
    'gr_chan_recv takes a channel and a place for the value: gr_chan_recv(c, &v)'],
  [/incompatible function pointer types passing .* to parameter of type 'void \(\*\)\(void \*\)'/,
    'what a goroutine begins with is written void work(void *arg)'],
];

/** @param {Diagnostic[]} diagnostics @returns {string[]} a sentence for each kind, with the first place */
export function advice(diagnostics) {
  return OURS.flatMap(([what, sentence]) => {
    const found = diagnostics.find((d) => d.severity === 'error' && what.test(d.text));
    return found ? [`${found.file}:${found.line}: ${sentence}`] : [];
  });
}

/**
 * A BuildError as it is shown, below what the compiler has said.
 * @param {{ message: string, text?: string, file?: string, line?: number }} error @returns {string}
 */
export function sentenceOf({ message, text = '', file, line }) {
  const place = file === undefined ? '' : line ? `${file}:${line}: ` : `${file}: `;
  return `${text}goroscope: ${place}${message}\n`;
}

/**
 * @param {Diagnostic[]} diagnostics
 * @returns {{ name: string, from: string } | undefined} a header that was not found
 */
export function missingHeader(diagnostics) {
  for (const { text, file } of diagnostics) {
    const name = /^'([^']+)' file not found/.exec(text)?.[1];
    if (name !== undefined) return { name, from: file };
  }
  return undefined;
}
