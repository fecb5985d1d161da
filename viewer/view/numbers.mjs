/**
 * Words for amounts: digits in groups of three, things counted, bytes.
 */

/** U+202F, a narrow space that does not break: groups digits without looking like two numbers. */
export const THIN = '\u202f';

/** "1234567.25" → "1 234 567.25" and "0.1234567" → "0.123 456 7". @param {string} digits */
export function group(digits) {
  const [whole, part = ''] = digits.split('.');
  const left = whole.replace(/\B(?=(\d{3})+$)/g, THIN);
  const right = part.replace(/(\d{3})(?=\d)/g, `$1${THIN}`);
  return right ? `${left}.${right}` : left;
}

/** A whole number. @param {number} n */
export function count(n) {
  return group(String(Math.round(n)));
}

/** "1 goroutine", "2 goroutines". @param {number} n @param {string} one */
export function plural(n, one) {
  return `${count(n)} ${one}${n === 1 ? '' : 's'}`;
}

/** A share of 1 as "12.3%": what is not none is not told as 0.0%, nor what is not all as 100.0%.
 * @param {number} share */
export function percent(share) {
  if (share > 0 && share < 0.0005) return '<0.1%';
  if (share < 1 && share >= 0.9995) return '>99.9%';
  return `${(100 * share).toFixed(1)}%`;
}

/** @param {number} bytes */
export function sizeOf(bytes) {
  if (bytes < 1000) return plural(bytes, 'byte');
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
