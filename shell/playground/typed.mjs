// What a person types: numbers within limits, arguments with quotes.

export const MAX_PROCS = 64;

/** @param {string | null} text @param {number} min @param {number} max @param {number} otherwise */
export function wholeNumber(text, min, max, otherwise) {
  const n = text !== null && /^\d+$/.test(text.trim()) ? Number(text) : NaN;
  return n >= min && n <= max ? n : otherwise;
}

/**
 * Arguments as a person types them: separated by spaces, "double quotes" keep spaces together.
 * @param {string} text @returns {string[]}
 */
export function splitArgs(text) {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]);
}

/** @param {string[]} args @returns {string} what splitArgs takes apart again */
export function joinArgs(args) {
  return args.map((a) => (/\s/.test(a) || a === '' ? `"${a}"` : a)).join(' ');
}
