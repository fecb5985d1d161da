// Whether a program printed what it was to print, and where the two differ.

/** @typedef {{ kind: 'same' | 'missing' | 'extra', text: string }} DiffLine */

/**
 * What shows of two texts: lines from a little before the first that differs to a little behind the last.
 * @typedef {{ before: number, lines: DiffLine[], after: number }} Diff before, after: lines that are left out
 */

/** Lines of each text that are compared where the two differ. */
const MOST_COMPARED = 500;
/** Lines that show. Less than are compared: behind the last of those all would look different. */
const MOST_SHOWN = 400;
/** Equal lines around. */
const AROUND = 5;

/** Spaces at the ends of lines, and empty lines at the end, make no difference. @param {string} text */
const linesOf = (text) => text.trimEnd().split('\n').map((line) => line.trimEnd());

/**
 * @param {string} expected @param {string} printed
 * @returns {Diff | null} null: it is the same
 */
export function differ(expected, printed) {
  const a = linesOf(expected), b = linesOf(printed);
  let head = 0, tail = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head++;
  if (head === a.length && head === b.length) return null;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const same = (/** @type {string} */ text) => /** @type {DiffLine} */ ({ kind: 'same', text });
  const part = (/** @type {string[]} */ all, /** @type {number} */ length) =>
    all.slice(head, head + Math.min(length, MOST_COMPARED));
  const before = Math.max(0, head - AROUND), lengths = [a, b].map(({ length }) => length - head - tail);
  const lines = [
    ...a.slice(before, head).map(same),
    ...between(part(a, lengths[0]), part(b, lengths[1])),
  ];
  const uncompared = lengths.reduce((sum, length) => sum + Math.max(0, length - MOST_COMPARED), 0);
  if (!uncompared) lines.push(...a.slice(a.length - tail, a.length - tail + AROUND).map(same));
  const shown = lines.slice(0, MOST_SHOWN);
  return {
    before, lines: shown,
    after: lines.length - shown.length + uncompared + (uncompared ? tail : Math.max(0, tail - AROUND)),
  };
}

/**
 * The shortest way from one to the other, by the longest common sequence; what was printed goes before what is missing.
 * @param {string[]} a @param {string[]} b @returns {DiffLine[]}
 */
function between(a, b) {
  const missing = (/** @type {string} */ text) => /** @type {DiffLine} */ ({ kind: 'missing', text });
  const extra = (/** @type {string} */ text) => /** @type {DiffLine} */ ({ kind: 'extra', text });
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
    } else if (common[i * width + j + 1] >= common[(i + 1) * width + j]) lines.push(extra(b[j++]));
    else lines.push(missing(a[i++]));
  }
  return [...lines, ...b.slice(j).map(extra), ...a.slice(i).map(missing)];
}
