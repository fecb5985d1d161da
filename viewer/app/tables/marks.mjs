/** Tasks and regions: by name with the distribution of their lengths, and each of them. */
import { count } from '../../view/numbers.mjs';
import { shortTime } from '../../view/time.mjs';
import { el } from '../parts.mjs';
import { inWindow, rank, spanOf } from './gc.mjs';
import { Grid } from './grid.mjs';
import { binsOf, histogram } from './histogram.mjs';
import { STATES, stateBar } from './one.mjs';
import { mostColumn, waitList } from './waits.mjs';

/** @typedef {import('./registry.mjs').Desk} Desk */
/** @typedef {import('./grid.mjs').Column} Column */

/**
 * What tasks and regions do not have in common.
 * @typedef {object} Kind
 * @property {string} table
 * @property {string} what
 * @property {string} none           what is said where there are none
 * @property {Column[]} more         of each of them
 * @property {(own: number[]) => Node[]} [split]  where the time of those of one name went
 * @property {(names: Array<{name: string, own: number[]}>) => Node[]} [splits]  the same of all names
 * @property {(row: number) => void} open
 */

/**
 * Names on the left, the instances on the right: a name, or a bar of its histogram, filters them.
 * @param {Desk} desk @param {Kind} kind @returns {import('./registry.mjs').View}
 */
function marksView(desk, { table, what, none, more, split = () => [], splits = () => [], open }) {
  const rows = desk.rows(table), list = inWindow(desk, rows);
  if (!list.length) return { node: el('p', { class: 'note' }, [none]) };
  const length = (/** @type {number} */ row) => rows.get(row, 'end') - rows.get(row, 'start');
  /** @type {Map<string, number[]>} */
  const byName = new Map();
  for (const row of list) {
    const name = rows.text(row, 'name') || '(unnamed)';
    const own = byName.get(name);
    if (own) own.push(row);
    else byName.set(name, [row]);
  }
  const names = [...byName].map(([name, own]) => {
    const lengths = own.map(length).filter((ns) => !Number.isNaN(ns)).sort((a, b) => a - b);
    const at = (/** @type {number} */ share) => rank(lengths, share);
    return { name, own, lengths, sum: lengths.length ? lengths.reduce((n, ns) => n + ns, 0) : NaN, at };
  }).sort((a, b) => (b.sum || 0) - (a.sum || 0));
  /** What the histogram counts, beside the table's count. @param {typeof names[number]} of */
  const measured = ({ name, own, lengths }) => {
    const open = own.filter((row) => Number.isNaN(rows.get(row, 'end'))).length;
    const before = own.length - lengths.length - open;
    const without = [open ? `${count(open)} had not` : '', before ? `${count(before)} began before the trace` : '']
      .filter(Boolean).join(', ');
    return without ? `${name}, those that ended (${without})` : name;
  };
  const right = el('div', { class: 'instances' });
  /** @type {Grid | null} */
  let instances = null;
  let filterText = '';
  const show = (/** @type {typeof names[number] | null} */ of, least = 0, most = Infinity) => {
    const own = (of ? of.own : list).filter((row) => least === 0 || (length(row) >= least && length(row) < most));
    instances = new Grid({
      label: `${what} ${of ? of.name : ''}`,
      n: own.length,
      columns: [
        { title: 'Name', kind: 'text', min: 110, get: (i) => rows.text(own[i], 'name') || '(unnamed)' },
        { title: 'Took', kind: 'time', get: (i) => length(own[i]) },
        { title: 'From', kind: 'moment', get: (i) => rows.get(own[i], 'start') },
        ...more.map((column) => ({ ...column, get: (/** @type {number} */ i) => column.get(own[i]) })),
      ],
      sort: 1,
      open: (i) => open(own[i]),
    });
    const words = least ? [el('p', { class: 'note' }, [`Of ${shortTime(least)} to ${shortTime(most)}: ${
      count(own.length)}. Choose the name again for all.`])] : [];
    const bars = of ? [histogram(measured(of), binsOf(of.lengths), (a, b) => show(of, a, b))] : [];
    const about = el('div', { class: 'about' }, of ? [...bars, ...split(own)] : splits(names));
    instances.filter(filterText);
    const focused = /** @type {Document | ShadowRoot} */ (right.getRootNode()).activeElement;
    const had = right.contains(focused);
    right.replaceChildren(...(about.hasChildNodes() ? [about] : []), ...words, instances.node);
    if (had) instances.grid.focus(); // the bar that was chosen is another one now
  };
  const kept = desk.kept(table);
  const left = new Grid({
    label: `${what} by name`,
    n: names.length,
    columns: [
      { title: 'Name', kind: 'text', min: 110, get: (i) => names[i].name },
      { title: 'Count', kind: 'count', width: 74, hint: 'Those too that had not ended, or began before the trace: '
        + 'the times and the histogram are of the others', get: (i) => names[i].own.length },
      { title: 'Sum', kind: 'time', width: 78, get: (i) => names[i].sum },
      { title: 'p50', kind: 'time', width: 70, get: (i) => names[i].at(0.5) },
      { title: 'p90', kind: 'time', width: 70, get: (i) => names[i].at(0.9) },
      { title: 'p99', kind: 'time', width: 70, get: (i) => names[i].at(0.99) },
      { title: 'max', kind: 'time', width: 70, get: (i) => names[i].at(1) },
    ],
    sort: 2,
    kept,
    open: (i) => {
      kept.chosen = names[i].name;
      show(names[i]);
    },
  });
  show(names.find(({ name }) => name === kept.chosen) ?? (names.length === 1 ? names[0] : null));
  const cut = desk.tables.regions_cut;
  const node = el('div', { class: 'fill' }, [
    ...(table === 'regions' && cut ? [el('p', { class: 'note' }, [`${count(cut)} more regions were not kept.`])] : []),
    el('div', { class: 'two' }, [left.node, right]),
  ]);
  const filter = (/** @type {string} */ text) => {
    filterText = text;
    left.filter(text);
    instances?.filter(text);
  };
  return { node, filter, csv: () => (instances ?? left).csv() };
}

/** @param {number} n */
const orNone = (n) => (n < 0 ? NaN : n);

/** @type {import('./registry.mjs').Tab} */
export const tasks = {
  id: 'tasks',
  title: 'Tasks',
  make: (desk) => {
    const rows = desk.rows('tasks');
    return marksView(desk, {
      table: 'tasks',
      what: 'Tasks',
      none: 'No tasks in this part of the trace. A C program begins one with gr_task_begin, a Go program with ' +
        'trace.NewTask.',
      more: [
        { title: 'Task', kind: 'count', get: (row) => rows.get(row, 'id') },
        { title: 'Parent', kind: 'count', get: (row) => orNone(rows.get(row, 'parent')) },
        { title: 'G', kind: 'count', get: (row) => orNone(rows.get(row, 'goid')) },
        { title: 'Regions', kind: 'count', get: (row) => rows.get(row, 'regions') },
        { title: 'Logs', kind: 'count', get: (row) => rows.get(row, 'logs') },
      ],
      open: (row) => {
        desk.show('task', row);
        desk.navigate(placeOfTask(desk, row));
      },
    });
  },
};

/** Its own lane; where there is none, who began it. @param {Desk} desk @param {number} row */
export function placeOfTask(desk, row) {
  const rows = desk.rows('tasks'), goid = rows.get(row, 'goid');
  return { ...spanOf(desk, rows, row), lane: `task:${rows.get(row, 'id')}`, goid: goid > 0 ? goid : undefined };
}

/** Its row below its goroutine's lane. @param {Desk} desk @param {number} row */
export function placeOfRegion(desk, row) {
  const rows = desk.rows('regions'), goid = desk.rows('goroutines').get(rows.get(row, 'go'), 'id');
  return { ...spanOf(desk, rows, row), lane: `region:${goid}`, goid };
}

/** Where a region's time went: columns of each of them. @param {Desk} desk @returns {Column[]} */
export function splitColumns(desk) {
  const rows = desk.rows('regions');
  return [
    ...splitOf(rows).map(([key, title]) => /** @type {Column} */ (
      { title, kind: 'time', get: (row) => rows.get(row, key) })),
    mostColumn(desk.mostWaited().region),
  ];
}

/** States with titles as short as a column's; what is rare has none where no region was in it.
 * @param {import('../../trace/rows.mjs').Rows} rows */
function splitOf(rows) {
  const titles = STATES.map(([key, title]) =>
    [key, { syscall: 'Syscall', syscall_blocked: 'Without P' }[key] ?? title]);
  const lost = rows.reader('syscall_blocked');
  for (let row = 0; row < rows.n; row++) if (lost(row) > 0) return titles;
  return titles.slice(0, -1);
}

/** @type {import('./registry.mjs').Tab} */
export const regions = {
  id: 'regions',
  title: 'Regions',
  make: (desk) => {
    const gos = desk.rows('goroutines'), rows = desk.rows('regions'), waits = desk.rows('region_waits');
    const sum = (/** @type {number[]} */ own, /** @type {string} */ key) =>
      own.reduce((n, row) => n + rows.get(row, key), 0);
    return marksView(desk, {
      table: 'regions',
      what: 'Regions',
      none: 'No regions in this part of the trace. A C program begins one with gr_region_begin, a Go program with ' +
        'trace.WithRegion.',
      more: [
        { title: 'G', kind: 'count', get: (row) => gos.get(rows.get(row, 'go'), 'id') },
        { title: 'Task', kind: 'count', get: (row) => orNone(rows.get(row, 'task')) },
        ...splitColumns(desk),
      ],
      split: (own) => {
        const ours = new Set(own);
        return [el('div', { class: 'split' }, [...stateBar((key) => sum(own, key)),
          ...waitList(waits, (i) => ours.has(waits.get(i, 'region')))])];
      },
      // Beside the distribution by name there is no room for these columns.
      splits: (names) => [el('table', { class: 'plain' }, [
        el('thead', {}, [el('tr', {}, ['In all', ...splitOf(rows).map(([, title]) => title)].map((head) =>
          el('th', { scope: 'col' }, [head])))]),
        el('tbody', {}, names.slice(0, NAMES_SPLIT).map(({ name, own }) => el('tr', {}, [
          el('th', { scope: 'row' }, [name]),
          ...splitOf(rows).map(([key]) => el('td', {}, [shortTime(sum(own, key))])),
        ]))),
      ])],
      open: (row) => desk.navigate(placeOfRegion(desk, row)),
    });
  },
};

/** Names whose sums show at first; each has its own when it is chosen. */
const NAMES_SPLIT = 20;
