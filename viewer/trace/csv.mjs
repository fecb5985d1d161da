// csv.mjs: rows as RFC 4180 has them, for whatever makes tables.

/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * One cell. Text that a spreadsheet would run as a formula gets an apostrophe before it: it may come from a
 * trace that somebody sent. Numbers stay as they are; NaN is nothing, as null is.
 * @param {string | number | null | undefined} value @returns {string}
 */
export function cell(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {(string | number | null | undefined)[]} cells @returns {string} a line */
export const row = (cells) => `${cells.map(cell).join(',')}\r\n`;

/** A whole table. @param {string[]} heads @param {Iterable<Array<string | number>>} rows @returns {string} */
export const csv = (heads, rows) => [heads, ...rows].map(row).join('');
