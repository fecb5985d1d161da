/** Stops of the world, and GC cycles. */
import { stackOf } from '../../trace/blocking.mjs';
import { count, plural } from '../../view/numbers.mjs';
import { shortTime } from '../../view/time.mjs';
import { siteText } from '../words.mjs';
import { Grid } from './grid.mjs';
import { el } from '../parts.mjs';

/** @typedef {import('./registry.mjs').Desk} Desk */
/** @typedef {import('../../trace/rows.mjs').Rows} Rows */

/**
 * Rows that are in the window; `start` and `end` are columns of theirs.
 * @param {Desk} desk @param {Rows} rows @returns {number[]}
 */
export function inWindow(desk, rows) {
  const { t0, t1 } = desk.tables.window ?? { t0: 0, t1: Infinity };
  const list = [];
  for (let row = 0; row < rows.n; row++) {
    const start = rows.get(row, 'start'), end = rows.get(row, 'end');
    if ((Number.isNaN(start) || start < t1) && (Number.isNaN(end) || end > t0)) list.push(row);
  }
  return list;
}

/**
 * From when to when; what is not in the trace ends where it does.
 * @param {Desk} desk @param {Rows} rows @param {number} row
 */
export function spanOf(desk, rows, row) {
  const start = rows.get(row, 'start'), end = rows.get(row, 'end');
  return { t0: Number.isNaN(start) ? 0 : start, t1: Number.isNaN(end) ? desk.tables.last : end };
}

/**
 * How long those took whose begin and end are in the trace, the shortest first.
 * @param {Rows} rows @param {number[]} list
 */
const lengthsOf = (rows, list) => Float64Array.from(list, (row) => rows.get(row, 'end') - rows.get(row, 'start'))
  .filter((ns) => !Number.isNaN(ns)).sort();

/** @param {Float64Array} lengths */
const sumOf = (lengths) => lengths.reduce((sum, ns) => sum + ns, 0);

/** By nearest rank; NaN: there are none. @param {ArrayLike<number>} lengths sorted @param {number} share 0 to 1 */
export const rank = (lengths, share) => lengths[Math.max(0, Math.ceil(share * lengths.length) - 1)] ?? NaN;

/** "3 ms in all: p50 1 ms, p99 2 ms, longest 2 ms". @param {Float64Array} lengths sorted, at least one */
function figuresOf(lengths) {
  const share = (/** @type {number} */ of) => shortTime(rank(lengths, of));
  if (lengths.length === 1) return shortTime(lengths[0]);
  return `${shortTime(sumOf(lengths))} in all: p50 ${share(0.5)}, p99 ${share(0.99)}, longest ${share(1)}`;
}

/** The line above the stops. @param {Rows} rows @param {number[]} list @returns {string} empty: there are none */
function stopWords(rows, list) {
  const all = lengthsOf(rows, list);
  if (!all.length) return '';
  const kinds = [...new Set(list.map((row) => rows.text(row, 'kind')))].map((kind) =>
    ({ kind, lengths: lengthsOf(rows, list.filter((row) => rows.text(row, 'kind') === kind)) }))
    .filter(({ lengths }) => lengths.length).sort((a, b) => sumOf(b.lengths) - sumOf(a.lengths));
  const each = kinds.map(({ kind, lengths }) =>
    `${kind} ${count(lengths.length)}, longest ${shortTime(lengths[lengths.length - 1])}`);
  return `${plural(all.length, 'stop')}, ${figuresOf(all)}. ${each.join('; ')}.`;
}

/**
 * The line above the cycles: their marking goes on while the program runs; what stops it are pauses.
 * @param {Desk} desk @param {Rows} rows @param {number[]} list
 */
function cycleWords(desk, rows, list) {
  const marking = lengthsOf(rows, list), stopped = desk.rows('stw');
  const ours = inWindow(desk, stopped).filter((row) => stopped.text(row, 'kind').startsWith('GC '));
  const pauses = lengthsOf(stopped, ours);
  return [marking.length ? `${plural(marking.length, 'cycle')}, marking ${figuresOf(marking)}.` : '',
    pauses.length ? `${plural(pauses.length, 'pause')}, ${figuresOf(pauses)}.` : ''].filter(Boolean).join(' ');
}

/** A table below a line of its figures. @param {string} words @param {Grid} grid */
const headed = (words, grid) =>
  el('div', { class: 'fill' }, [...(words ? [el('p', { class: 'note' }, [words])] : []), grid.node]);

/** @param {Desk} desk @param {Rows} rows @param {number[]} list @param {(row: number) => number} goid */
const opener = (desk, rows, list, goid) => (/** @type {number} */ i) =>
  desk.navigate({ ...spanOf(desk, rows, list[i]), goid: goid(list[i]) > 0 ? goid(list[i]) : undefined });

/** @param {Desk} desk @param {Rows} rows @param {number[]} list */
function stops(desk, rows, list) {
  return new Grid({
    label: 'Stops of the world',
    n: list.length,
    columns: [
      { title: 'Stopped for', kind: 'text', get: (i) => rows.text(list[i], 'kind') },
      { title: 'From', kind: 'moment', get: (i) => rows.get(list[i], 'start') },
      { title: 'Took', kind: 'time', get: (i) => rows.get(list[i], 'end') - rows.get(list[i], 'start') },
      { title: 'By G', kind: 'count', get: (i) => (rows.get(list[i], 'goid') > 0 ? rows.get(list[i], 'goid') : NaN) },
      { title: 'At', kind: 'text', get: (i) => siteText(stackOf(desk.tables, rows.get(list[i], 'node'))[0]) },
    ],
    sort: 2,
    kept: desk.kept('stw'),
    open: opener(desk, rows, list, (row) => rows.get(row, 'goid')),
  });
}

/** @type {import('./registry.mjs').Tab} */
export const stw = {
  id: 'stw',
  title: 'STW',
  make(desk) {
    const rows = desk.rows('stw'), list = inWindow(desk, rows);
    const grid = stops(desk, rows, list);
    return { node: headed(stopWords(rows, list), grid), filter: (text) => grid.filter(text), csv: () => grid.csv() };
  },
};

/** @type {import('./registry.mjs').Tab} */
export const gc = {
  id: 'gc',
  title: 'GC',
  make(desk) {
    const rows = desk.rows('gc'), list = inWindow(desk, rows);
    const bytes = (/** @type {number} */ i, /** @type {string} */ key) => rows.get(list[i], key) || NaN;
    const grid = new Grid({
      label: 'GC cycles: their marking',
      n: list.length,
      columns: [
        { title: '#', kind: 'count', width: 60, get: (i) => i + 1 },
        { title: 'From', kind: 'moment', get: (i) => rows.get(list[i], 'start') },
        { title: 'Marking', kind: 'time', get: (i) => rows.get(list[i], 'end') - rows.get(list[i], 'start') },
        { title: 'Heap at begin', kind: 'bytes', width: 120, get: (i) => bytes(i, 'heap_start') },
        { title: 'Heap at end', kind: 'bytes', width: 120, get: (i) => bytes(i, 'heap_end'),
          hint: 'When marking ended: what it has not reached counts until it is swept' },
        { title: 'Goal', kind: 'bytes', width: 110, get: (i) => bytes(i, 'goal') },
        { title: 'Assists', kind: 'count', get: (i) => rows.get(list[i], 'assists') },
        { title: 'In assists', kind: 'time', get: (i) => rows.get(list[i], 'assist') },
      ],
      sort: 0,
      down: false,
      kept: desk.kept('gc'),
      open: opener(desk, rows, list, () => -1),
    });
    return { node: headed(cycleWords(desk, rows, list), grid), csv: () => grid.csv() };
  },
};
