// What stands inside the tag: the program, as text or in a <script type="text/x-c">, and further files.

/** @typedef {{ name: string, text: string }} File */

const TYPES = /^text\/x-(c|c\+\+|h|plain)$/;

/**
 * @param {Element} element
 * @returns {{ program: File | null, files: File[] }} throws an Error whose message is a sentence
 */
export function readInside(element) {
  const scripts = [...element.querySelectorAll(':scope > script')].filter((s) =>
    TYPES.test(s.getAttribute('type') ?? ''));
  const read = scripts.map((s) => ({
    name: s.getAttribute('name') ?? '', isMain: !s.hasAttribute('name') || s.hasAttribute('main'),
    text: withoutFrame(s.textContent ?? ''), isCxx: s.getAttribute('type') === 'text/x-c++',
  }));
  const files = read.filter((f) => !f.isMain).map(({ name, text }) => ({ name, text }));
  const main = read.filter((f) => f.isMain);
  if (main.length > 1)
    throw new Error('Two scripts inside the playground have no name: give those that are not the program one.');
  if (main.length) {
    const [{ name, text, isCxx }] = main;
    return { program: { name: name || (isCxx ? 'prog.cpp' : 'prog.c'), text }, files };
  }
  const plain = [...element.childNodes].filter((n) => !(n instanceof HTMLScriptElement));
  const text = withoutFrame(plain.map(textOf).join(''));
  return { program: text.trim() ? { name: 'prog.c', text } : null, files };
}

/**
 * `#include <stdio.h>` is an element to HTML, which has all that comes after it inside: that is undone. Any other one
 * has lost what it was.
 * @param {Node} node @returns {string}
 */
function textOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.nodeValue ?? '';
  if (!(node instanceof Element)) return '';
  const before = node.previousSibling?.nodeValue ?? '';
  if (node.attributes.length || !/#[ \t]*include[ \t]*$/.test(before)) {
    throw new Error(`HTML takes <${node.localName}> in this program for a tag: put the program into ` +
      '<script type="text/x-c">, where < is <.');
  }
  return `<${node.localName}>${[...node.childNodes].map(textOf).join('')}`;
}

/**
 * Without the empty first line, without what all lines are indented by, with one newline at the end.
 * @param {string} text
 */
function withoutFrame(text) {
  const lines = text.replace(/^[ \t]*\n/, '').trimEnd().split('\n');
  const indents = lines.filter((l) => l.trim()).map((l) => l.length - l.trimStart().length);
  const indent = indents.length ? Math.min(...indents) : 0;
  const plain = lines.map((l) => l.slice(indent)).join('\n');
  return plain && `${plain}\n`;
}
