// What the compiler says, and how a program failed, as a list below the editor.
import { fileOf } from './places.mjs';
import { problemRow } from './words.mjs';

/** @typedef {import('../../wasm/cc/client.mjs').Diagnostic} Diagnostic */

/**
 * @param {HTMLElement} node the list
 * @param {Diagnostic[]} list
 * @param {string} text of the compiler, with what it does not know
 * @param {string[]} names of the sources
 * @param {(text: string, place: import('./places.mjs').Place) => HTMLElement} link
 */
export function showProblems(node, list, text, names, link) {
  const all = withOwn(list, text);
  node.hidden = all.length === 0;
  node.replaceChildren(...all.map((d, i) => {
    // A note is about what stands above it, most often in the same line.
    const isThere = d.severity === 'note' && all[i - 1]?.line === d.line && all[i - 1].file === d.file;
    return problemRow(d, !isThere && fileOf(d.file, names) && d.line
      ? link(`${d.file}:${d.line}`, { file: d.file, line: d.line }) : null);
  }));
}

/**
 * With our own sentences: one that is about a line stands below its first error, before the compiler's notes.
 * @param {Diagnostic[]} list @param {string} text @returns {Diagnostic[]}
 */
function withOwn(list, text) {
  const all = [...list];
  for (const [, sentence] of text.matchAll(/^goroscope: (.*)$/gm)) {
    if (list.some((d) => sentence.endsWith(d.text))) continue;
    const [, file, line, words] = /^(.+?):(\d+): (.*)$/.exec(sentence) ?? [null, '', 0, sentence];
    const at = all.findIndex((d) => d.severity === 'error' && d.file === file && d.line === Number(line));
    const own = /** @type {Diagnostic} */ ({ file, line: Number(line), column: 0, severity: 'note', text: words });
    all.splice(at < 0 ? all.length : at + 1, 0, own);
  }
  return all;
}
