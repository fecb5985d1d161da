// fields.mjs: what can be asked of an item of a lane, and the words for it. A new field is one entry of FIELDS.

import { NOT_TOLD, STATE } from '../types.mjs';

/** @typedef {import('../types.mjs').LaneTiles} LaneTiles */

/**
 * One lane's items as a query sees them. Columns that a kind of lane has beside the usual ones are found by name.
 * @typedef {object} View
 * @property {LaneTiles & {reason?: Uint32Array, p?: Int32Array, m?: Int32Array}} items
 * @property {Record<number, string>} strings
 * @property {{kind: string, id: number, name: string, fn?: string}} lane
 * @property {number} bucket   ns; the spans summed up in an aggregate are shorter than this
 * @property {boolean} rough   true: an aggregate is taken for its longest span, which is what it is drawn as
 */

/** @typedef {'text' | 'word' | 'count' | 'time'} FieldType   word: one of a fixed list */

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string[]} also          other names it goes by
 * @property {FieldType} type
 * @property {string} what            for the help
 * @property {ReadonlyArray<string>} [words]   of a word
 * @property {Record<string, string>} [meant]  other words for those
 * @property {boolean} [touches]      any value of the span between the two that read() gives counts
 * @property {(view: View, i: number) => string | number | [number, number] | null | undefined} read
 *   null: not known from the tiles; undefined: the lane has no such thing; two numbers: somewhere from..to
 */

/** Names of the states by number; mirrors STATE of types.mjs. A system call is one, with or without a P. */
export const STATES = Object.freeze(
  ['running', 'syscall', 'stopped', 'runnable', 'waiting', 'syscall', 'on', 'no goroutine']);
/** Those that are asked for by name: that a task or region is on says nothing of a goroutine. */
const ASKED = Object.freeze(STATES.slice(0, STATE.SYSCALL_NO_P));

/** Kinds of lanes that have spans. */
export const KINDS = Object.freeze(['proc', 'go', 'm', 'stw', 'gc', 'task', 'region', 'range']);

/** Kinds of lanes on which `fn` of an item is the start function of who ran; on others it says why, or a name. */
const RUNNERS = new Set(['proc', 'stw', 'm']);
const NAMED = new Set(['region', 'range', 'task']);

/** @param {View} view @param {number} i */
const word = (view, i) => view.strings[view.items.fn[i]] ?? '';

/** @param {View} view @param {number} i */
function fnOf(view, i) {
  if (view.lane.kind === 'go') return view.lane.fn ?? '';
  if (!RUNNERS.has(view.lane.kind) && !NAMED.has(view.lane.kind)) return undefined;
  return known(view, i) ? word(view, i) : null;
}

/** Why a goroutine did not run: its own lane says it. @param {View} view @param {number} i */
function reasonOf(view, i) {
  if (view.items.reason)
    return known(view, i) && view.items.reason[i] !== NOT_TOLD ? view.strings[view.items.reason[i]] ?? '' : null;
  if (view.lane.kind === 'go') return known(view, i) ? word(view, i) : null;
  return RUNNERS.has(view.lane.kind) ? null : undefined;
}

/** @param {View} view @param {number} i */
const known = (view, i) => view.rough || view.items.index[i] >= 0;

/** @param {View} view @param {string} kind @param {'p' | 'm'} column @param {number} i */
function idOf(view, kind, column, i) {
  if (view.lane.kind === kind) return view.lane.id;
  const ids = view.items[column];
  return ids && known(view, i) && ids[i] >= 0 ? ids[i] : ids ? null : undefined;
}

/** Lanes that go by their number; what the view calls them by. */
const NUMBERED = /** @type {Record<string, string>} */ ({ go: 'G', m: 'M ', task: 'Task ' });

/** Each of its names is a line. @param {View} view */
function laneOf({ lane: { kind, id, name, fn = '' } }) {
  return NUMBERED[kind] ? `${NUMBERED[kind]}${id}\n${fn || name}` : name;
}

/** @type {ReadonlyArray<Field>} */
export const FIELDS = [
  { name: 'state', also: ['s'], type: 'word', what: 'what the goroutine or the P did', words: ASKED,
    meant: { call: 'syscall', blocked: 'waiting', stw: 'stopped', ready: 'runnable' },
    read: (view, i) => (view.lane.kind === 'stw' ? 'stopped' : known(view, i) ? STATES[view.items.state[i]] : null) },
  { name: 'dur', also: ['duration', 'd'], type: 'time', what: 'how long the span is',
    // Those summed up are shorter than a bucket, if only by a hair.
    read: ({ items, bucket }, i) => (items.index[i] < 0 ? [0, bucket * (1 - 1e-12)] : items.end[i] - items.start[i]) },
  { name: 'fn', also: ['func', 'function'], type: 'text', read: fnOf,
    what: 'start function of the goroutine; name of a region or task' },
  { name: 'reason', also: ['r'], type: 'text', read: reasonOf, what: 'why it did not run before, or stopped' },
  { name: 'go', also: ['g', 'goid', 'goroutine'], type: 'count', what: 'number of the goroutine',
    read: (view, i) => (view.lane.kind === 'go' ? view.lane.id : known(view, i) ? view.items.goid[i] : null) },
  { name: 'p', also: ['proc'], type: 'count', what: 'number of the P', read: (view, i) => idOf(view, 'proc', 'p', i) },
  { name: 'm', also: ['thread'], type: 'count', what: 'number of the M', read: (view, i) => idOf(view, 'm', 'm', i) },
  { name: 'at', also: ['time', 't'], type: 'time', touches: true, what: 'when: any moment of the span counts',
    read: ({ items }, i) => [items.start[i], items.end[i]] },
  { name: 'lane', also: ['name'], type: 'text', what: 'name of the lane, or of its goroutine or task', read: laneOf },
  { name: 'kind', also: ['k'], type: 'word', what: 'kind of the lane', words: KINDS,
    meant: { p: 'proc', g: 'go', goroutine: 'go', thread: 'm' },
    read: (view) => view.lane.kind },
];

/** @type {Map<string, Field>} */
const byName = new Map(FIELDS.flatMap((field) => [field.name, ...field.also].map((name) => [name, field])));

/** @param {string} name @returns {Field | null} */
export function fieldOf(name) {
  return byName.get(name.toLowerCase()) ?? null;
}

/** ns of each unit; "u" and "μ" are what people type for "µ". */
const UNITS = Object.freeze({ ns: 1, us: 1e3, 'µs': 1e3, 'μs': 1e3, ms: 1e6, s: 1e9, min: 6e10, m: 6e10, h: 3.6e12 });

/** "5ms" → 5e6; null: no such thing; NaN: a number without a unit. @param {string} text */
export function timeOf(text) {
  const found = /^(\d+(?:\.\d*)?|\.\d+)(?:e(\d+))?\s*([a-zµμ]*)$/i.exec(text);
  if (!found) return null;
  const [, digits, power = '0', unit] = found;
  const value = Number(`${digits}e${power}`);
  if (!unit) return value === 0 ? 0 : NaN;
  const ns = /** @type {Record<string, number>} */ (UNITS)[unit.toLowerCase()];
  return ns === undefined ? null : value * ns;
}

/**
 * The one of `words` that is nearest in spelling, '' when none is near.
 * @param {string} word @param {string[]} words
 */
export function nearest(word, words) {
  let best = '';
  let least = Math.max(2, Math.ceil(word.length / 3)) + 1;
  for (const candidate of words) {
    const d = distance(word.toLowerCase(), candidate);
    if (d < least) [best, least] = [candidate, d];
  }
  return best;
}

/** Letters to change, add or drop. @param {string} a @param {string} b */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]));
    row = next;
  }
  return row[b.length];
}
