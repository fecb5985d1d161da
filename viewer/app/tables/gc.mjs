/** Stops of the world, and GC cycles. */
import { stackOf } from '../../trace/blocking.mjs';
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

/** @param {Desk} desk @param {Rows} rows @param {number[]} list @param {(row: number) => number} goid */
const opener = (desk, rows, list, goid) => (/** @type {number} */ i) =>
  desk.navigate({ ...spanOf(desk, rows, list[i]), goid: goid(list[i]) > 0 ? goid(list[i]) : undefined });

/** @param {Desk} desk */
function stops(desk) {
  const rows = desk.rows('stw'), list = inWindow(desk, rows);
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
    const grid = stops(desk);
    return { node: grid.node, filter: (text) => grid.filter(text), csv: () => grid.csv() };
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
    return { node: el('div', { class: 'fill' }, [grid.node]), csv: () => grid.csv() };
  },
};
