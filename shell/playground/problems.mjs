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
  const own = [...text.matchAll(/^goroscope: (.*)$/gm)].map((m) => m[1])
    .filter((sentence) => !list.some((d) => sentence.endsWith(d.text)));
  node.hidden = list.length + own.length === 0;
  node.replaceChildren(...list.map((d) => problemRow(d, fileOf(d.file, names) && d.line
    ? link(`${d.file}:${d.line}`, { file: d.file, line: d.line }) : null)),
  ...own.map((sentence) => problemRow({ severity: 'note', text: sentence }, null)));
}
