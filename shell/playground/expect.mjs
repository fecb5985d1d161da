// Whether a program printed what it was to print, and where the two differ.

/** @typedef {{ kind: 'same' | 'missing' | 'extra', text: string }} DiffLine */

/** Beyond so many lines only what is equal at both ends is left out. */
const MOST_LINES = 500;

/** Spaces at the ends of lines, and empty lines at the end, make no difference. @param {string} text */
const linesOf = (text) => text.trimEnd().split('\n').map((line) => line.trimEnd());

/**
 * @param {string} expected @param {string} printed
 * @returns {DiffLine[] | null} null: it is the same
 */
export function differ(expected, printed) {
  const a = linesOf(expected), b = linesOf(printed);
  let head = 0, tail = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head++;
  if (head === a.length && head === b.length) return null;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const same = (/** @type {string} */ text) => /** @type {DiffLine} */ ({ kind: 'same', text });
  return [
    ...a.slice(0, head).map(same),
    ...between(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ];
}

/**
 * The shortest way from one to the other, by the longest common sequence.
 * @param {string[]} a @param {string[]} b @returns {DiffLine[]}
 */
function between(a, b) {
  const missing = (/** @type {string} */ text) => /** @type {DiffLine} */ ({ kind: 'missing', text });
  const extra = (/** @type {string} */ text) => /** @type {DiffLine} */ ({ kind: 'extra', text });
  if (a.length > MOST_LINES || b.length > MOST_LINES) return [...a.map(missing), ...b.map(extra)];
  const width = b.length + 1, common = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) {
    common[i * width + j] = a[i] === b[j] ? common[(i + 1) * width + j + 1] + 1
      : Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
  }
  /** @type {DiffLine[]} */
  const lines = [];
  let i = 0, j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i++] });
      j++;
    } else if (common[(i + 1) * width + j] >= common[i * width + j + 1]) lines.push(missing(a[i++]));
    else lines.push(extra(b[j++]));
  }
  return [...lines, ...a.slice(i).map(missing), ...b.slice(j).map(extra)];
}
