/**
 * The view as plain JSON: what `viewer.state` gives and takes, and what an address holds. It may come from a
 * stranger's link, so each part is looked at and what makes no sense is left out.
 */
import { LONGEST_TEXT, MARK_COLORS, MOST_MARKS } from './marks.mjs';

/** Raised when an old reader could misread a newer state. */
export const STATE_VERSION = 1;

const LONGEST_QUERY = 1000;
const MOST_LANES = 2000;
const LONGEST_ADDRESS = 64_000;

/**
 * @typedef {object} ViewState
 * @property {number} version
 * @property {string} [trace]        name of the trace this was seen in
 * @property {boolean} [program]     that trace was a running program's
 * @property {'free' | 'all' | 'follow'} [mode]
 * @property {number} [t0]           ns; the window, when the mode is free
 * @property {number} [t1]
 * @property {{lane: string, y: number}} [scroll]   the lane at the top, and how many CSS pixels of it are above
 * @property {{lane: string, at: number}} [selection]   a moment of the selected span
 * @property {import('./area.mjs').Area} [area]
 * @property {Array<{t0: number, t1?: number, text?: string, color?: number}>} [marks]
 * @property {string} [query]
 * @property {boolean} [onlyFitting] lanes without anything that fits the query are hidden
 * @property {Record<string, unknown>} [lanes]     pinned, hidden, collapsed: what the lanes make of it
 * @property {Partial<import('./settings.mjs').Settings>} [settings]
 */

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param {unknown} value @returns {value is number} */
const isTime = (value) => typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 1e18;

/** @param {unknown} value @param {number} longest @returns {value is string} */
const isText = (value, longest) => typeof value === 'string' && value.length <= longest;

/**
 * @param {unknown} value
 * @returns {ViewState} only what makes sense
 * @throws {TypeError} when it is no state, or one of a newer viewer
 */
export function checkState(value) {
  if (!isObject(value)) throw new TypeError('A saved view is an object, as viewer.state gives it; this is none.');
  if (value.version !== undefined && value.version !== STATE_VERSION) {
    throw new TypeError(`This view was saved by another version of the viewer (state ${String(value.version)}, here ${
      STATE_VERSION}): open it there.`);
  }
  const { t0, t1, mode, scroll, selection, lanes, settings } = value;
  /** @type {ViewState} */
  const state = { version: STATE_VERSION };
  if (isText(value.trace, LONGEST_TEXT)) state.trace = value.trace;
  if (typeof value.program === 'boolean') state.program = value.program;
  if (mode === 'free' || mode === 'all' || mode === 'follow') state.mode = mode;
  if (isTime(t0) && isTime(t1) && t1 > t0) Object.assign(state, { t0, t1, mode: state.mode ?? 'free' });
  if (isObject(scroll) && isText(scroll.lane, 100) && isTime(scroll.y))
    state.scroll = { lane: scroll.lane, y: scroll.y };
  if (isObject(selection) && isText(selection.lane, 100) && isTime(selection.at))
    state.selection = { lane: selection.lane, at: selection.at };
  const area = areaOf(value.area);
  if (area) state.area = area;
  if (Array.isArray(value.marks)) state.marks = value.marks.slice(0, MOST_MARKS).flatMap(markOf);
  if (isText(value.query, LONGEST_QUERY)) state.query = value.query;
  if (typeof value.onlyFitting === 'boolean') state.onlyFitting = value.onlyFitting;
  if (isObject(lanes)) state.lanes = lanes;
  if (isObject(settings)) state.settings = settings;
  return state;
}

/** @param {unknown} value @returns {import('./area.mjs').Area | null} */
function areaOf(value) {
  if (!isObject(value) || !isTime(value.t0) || !isTime(value.t1) || !(value.t1 > value.t0)) return null;
  if (!Array.isArray(value.lanes)) return null;
  const lanes = value.lanes.filter((lane) => isText(lane, 100)).slice(0, MOST_LANES);
  return { t0: value.t0, t1: value.t1, lanes };
}

/** @param {unknown} value @returns {Array<{t0: number, t1: number, text: string, color: number}>} none or one */
function markOf(value) {
  if (!isObject(value) || !isTime(value.t0)) return [];
  const t1 = isTime(value.t1) && value.t1 > value.t0 ? value.t1 : value.t0;
  const color = Number.isInteger(value.color) ? Number(value.color) : 1;
  return [{
    t0: value.t0, t1, text: isText(value.text, LONGEST_TEXT) ? value.text : '',
    color: Math.min(MARK_COLORS, Math.max(1, color)),
  }];
}

/** For an address: JSON in the letters that no mail program breaks. @param {ViewState} state */
export function encodeState(state) {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/**
 * @param {string} text what encodeState() made
 * @returns {ViewState}
 * @throws {TypeError} one sentence
 */
export function decodeState(text) {
  let value;
  try {
    if (text.length > LONGEST_ADDRESS) throw new Error('too long');
    const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    value = JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0))));
  } catch {
    throw new TypeError('The view in this address is damaged: the address may have been cut short on its way.');
  }
  return checkState(value);
}
