// Which lines of a program are read-only, as its text changes: numbers belong to one text only.

/** @typedef {import('./editor.mjs').Lines} Lines */

/** @param {Lines[]} lines @returns {string} as the attribute `readonly` has them; '' would be the whole program */
export const linesText = (lines) =>
  lines.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');

/**
 * Whether a text has the locked lines of another one, in the same order and with free ones between the same of them:
 * whether it may have been made of that by changing free lines.
 * @param {{ text: string, lines: Lines[] }} own @param {{ text: string, lines: Lines[] }} other
 */
export function hasLocked(own, other) {
  if (other.lines.length > own.lines.length) return false; // a stranger's may be a million
  const [a, b] = [own, other].map(stretches);
  return a.length === b.length
    && a.every(({ isLocked, text }, i) => isLocked === b[i].isLocked && (!isLocked || text === b[i].text));
}

/** Stretches of lines that are all locked, or all free. @param {{ text: string, lines: Lines[] }} program */
function stretches({ text, lines }) {
  /** @type {{ isLocked: boolean, text: string }[]} */
  const all = [];
  for (const [i, line] of text.split('\n').entries()) {
    const isLocked = lines.some(({ from, to }) => from <= i + 1 && to > i), last = all.at(-1);
    if (last?.isLocked === isLocked) last.text += `\n${line}`;
    else all.push({ isLocked, text: line });
  }
  return all;
}
