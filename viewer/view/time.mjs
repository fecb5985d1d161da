/**
 * Words for times: every time is a Number of nanoseconds since the trace's first event.
 */
import { THIN, group } from './numbers.mjs';

/** @type {ReadonlyArray<{name: string, ns: number, digits: number}>} largest first; digits reach down to 1 ns */
const UNITS = [
  { name: 's', ns: 1e9, digits: 9 },
  { name: 'ms', ns: 1e6, digits: 6 },
  { name: 'µs', ns: 1e3, digits: 3 },
  { name: 'ns', ns: 1, digits: 0 },
];

/** @param {number} ns */
function unitFor(ns) {
  const size = Math.abs(ns);
  return UNITS.find((u) => size >= u.ns) ?? UNITS[UNITS.length - 1];
}

/**
 * Every digit down to the nanosecond, without groups of zeros at the end: "1.234 567 ms".
 * @param {number} ns
 */
export function exactTime(ns) {
  const whole = Math.round(ns);
  if (whole === 0) return `0${THIN}ns`;
  const unit = unitFor(whole);
  let digits = (whole / unit.ns).toFixed(unit.digits);
  if (unit.digits > 0) digits = digits.replace(/(000)+$/, '').replace(/\.$/, '');
  return `${group(digits)}${THIN}${unit.name}`;
}

/**
 * Three significant digits, for places where a glance is enough: "1.23 ms".
 * @param {number} ns
 */
export function shortTime(ns) {
  if (Math.abs(ns) < 0.5) return `0${THIN}ns`;
  const unit = unitFor(ns);
  const value = ns / unit.ns;
  const decimals = Math.abs(value) >= 100 || unit.digits === 0 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const digits = value.toFixed(decimals);
  return `${group(decimals ? digits.replace(/\.?0+$/, '') : digits)}${THIN}${unit.name}`;
}

/** The smallest of 1, 2, 5 × 10^k that is ≥ x. @param {number} x */
export function niceCeil(x) {
  const power = 10 ** Math.floor(Math.log10(x));
  for (const m of [1, 2, 5, 10]) {
    // The tolerance keeps 0.3 / 0.1 = 2.9999999999999996 from choosing a step too large or too small.
    if (m * power >= x * (1 - 1e-9)) return m * power;
  }
  return 10 * power;
}

/**
 * @typedef {object} Ticks
 * @property {number} step    ns between labelled ticks
 * @property {number} minor   ns between unlabelled ticks
 * @property {number} base    labels tell the time since this moment; 0 unless they would get too long
 * @property {number[]} at    moments of the labelled ticks
 * @property {(t: number) => string} label
 */

/**
 * Where the ruler's ticks go for the window t0..t1 on `width` pixels, at least `gap` pixels apart.
 * @param {number} t0 @param {number} t1 @param {number} width @param {number} gap
 * @returns {Ticks}
 */
export function ticksFor(t0, t1, width, gap) {
  const step = Math.max(1, niceCeil(((t1 - t0) * gap) / Math.max(width, 1)));
  const leading = Math.round(step / 10 ** Math.floor(Math.log10(step) + 1e-9));
  const minor = step / (leading === 2 ? 4 : 5);
  // A label with more than six digits is noise: then labels count from a round moment left of the window.
  const far = Math.max(Math.abs(t0), Math.abs(t1)) / step > 1e5;
  const round = 10 ** Math.ceil(Math.log10(t1 - t0) + 1);
  const base = far ? Math.floor(t0 / round) * round : 0;
  const unit = unitFor(Math.max(Math.abs(t1 - base), step));
  const decimals = Math.max(0, Math.min(unit.digits, -Math.floor(Math.log10(step / unit.ns) + 1e-9)));
  const at = [];
  for (let i = Math.ceil(t0 / step); i * step <= t1; i++) at.push(i * step);
  return {
    step,
    minor,
    base,
    at,
    label: (t) => `${far ? '+' : ''}${group(((t - base) / unit.ns).toFixed(decimals))}${THIN}${unit.name}`,
  };
}
