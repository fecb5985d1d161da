/**
 * The page of one task: how long it took beside others of its name, what its regions spent their time on and waited
 * for, on which goroutines, what it logged, which tasks it is part of.
 */
import { count, plural } from '../../view/numbers.mjs';
import { exactTime, shortTime } from '../../view/time.mjs';
import { el } from '../parts.mjs';
import { spanOf } from './gc.mjs';
import { Grid } from './grid.mjs';
import { placeOfRegion, placeOfTask, splitColumns } from './marks.mjs';
import { action, facts, stateBar } from './one.mjs';
import { waitList } from './waits.mjs';

/** @typedef {import('./registry.mjs').Desk} Desk */
/** @typedef {import('../../trace/rows.mjs').Rows} Rows */

/** Goroutines that have a link each; of more the table of regions has the numbers. */
const MOST_LINKS = 12;

/** The rows where a column has this value. @param {Rows} rows @param {string} column @param {number} value */
function rowsWith(rows, column, value) {
  const get = rows.reader(column), found = [];
  for (let row = 0; row < rows.n; row++) if (get(row) === value) found.push(row);
  return found;
}

/** How long it took, and where that stands among the tasks of its name that ended.
 * @param {Rows} rows @param {number} row @param {number} last when the trace ends */
function tookOf(rows, row, last) {
  const length = (/** @type {number} */ i) => rows.get(i, 'end') - rows.get(i, 'start');
  const own = length(row), name = rows.text(row, 'name');
  const all = rowsWith(rows, 'name', rows.get(row, 'name')).map(length).filter((ns) => !Number.isNaN(ns));
  const start = rows.get(row, 'start'), end = rows.get(row, 'end');
  if (Number.isNaN(own)) {
    const goesOn = Number.isNaN(end) ? 'it had not ended when the trace did' : `it ended at ${exactTime(end)}`;
    if (Number.isNaN(start)) return `It began before the trace; ${goesOn}.`;
    return `It has been going on for ${shortTime(last - start)} when the trace ends.`;
  }
  const took = `It took ${shortTime(own)}`;
  if (all.length < 2) return `${took}.`;
  const shorter = all.filter((ns) => ns < own).length, longer = all.filter((ns) => ns > own).length;
  const named = `${count(all.length)} tasks named “${name}”`;
  if (!longer) return `${took}: none of the ${named} took longer.`;
  if (!shorter) return `${took}: none of the ${named} was shorter.`;
  // Never more than is true: 99.97 % are not 100.
  return `${took}, longer than ${Math.floor(1000 * shorter / all.length) / 10}% of the ${named}.`;
}

/**
 * The regions that lie in no other of them on their goroutine: what is inside is part of their time.
 * @param {Desk} desk @param {number[]} own rows of regions
 */
function outermost(desk, own) {
  const rows = desk.rows('regions');
  const spans = own.map((row) => ({ row, go: rows.get(row, 'go'), ...spanOf(desk, rows, row) }));
  spans.sort((a, b) => a.go - b.go || a.t0 - b.t0 || b.t1 - a.t1);
  let last = { go: -1, t1: 0 };
  return spans.filter((span) => {
    const inside = span.go === last.go && span.t1 <= last.t1;
    if (!inside) last = span;
    return !inside;
  });
}

/**
 * How much of the task has none of its regions.
 * @param {ReturnType<typeof outermost>} spans @param {{t0: number, t1: number}} task
 */
function uncovered(spans, { t0, t1 }) {
  let left = t1 - t0, from = t0;
  for (const span of [...spans].sort((a, b) => a.t0 - b.t0)) {
    const start = Math.max(from, span.t0), end = Math.min(t1, span.t1);
    if (end <= start) continue;
    left -= end - start;
    from = end;
  }
  return left;
}

/** A link to a task's page, or its number alone. @param {Desk} desk @param {number} id @param {string} what */
function taskLink(desk, id, what) {
  const row = desk.taskRow(id);
  const name = row < 0 ? '' : desk.rows('tasks').text(row, 'name');
  return action([what, `task ${id}`, name].filter(Boolean).join(' '), () => desk.show('task', row));
}

/** Where its regions' time went, as far as a trace tells.
 * @param {Desk} desk @param {number} row @param {number[]} own rows of regions */
function spent(desk, row, own) {
  const rows = desk.rows('regions'), waits = desk.rows('region_waits');
  if (!own.length) return [el('p', { class: 'note' }, ['It had no regions. What goroutines do for a task is told by '
    + 'regions alone, so where its time went is not known.'])];
  const task = spanOf(desk, desk.rows('tasks'), row), outer = outermost(desk, own);
  const ours = new Set(outer.map((span) => span.row)), goroutines = new Set(outer.map(({ go }) => go)).size;
  const left = uncovered(outer, task);
  const sum = (/** @type {string} */ key) => outer.reduce((n, span) => n + rows.get(span.row, key), 0);
  const words = [
    `This is the time of its regions${goroutines > 1 ? ` on ${count(goroutines)} goroutines, added up` : ''}.`,
    left >= 1 ? `For ${shortTime(left)} of its ${shortTime(task.t1 - task.t0)} it was in none.` : '',
    'What goroutines did for it outside regions a trace does not tell.',
    desk.tables.window ? 'Only what lies in the chosen part of the trace counts.' : ''];
  return [...stateBar(sum), ...waitList(waits, (i) => ours.has(waits.get(i, 'region'))),
    el('p', { class: 'note' }, [words.filter(Boolean).join(' ')])];
}

/** @param {Desk} desk @param {number[]} own */
function regionsGrid(desk, own) {
  const rows = desk.rows('regions'), gos = desk.rows('goroutines');
  return new Grid({
    label: 'Regions of the task',
    n: own.length,
    columns: [
      { title: 'Region', kind: 'text', min: 110, get: (i) => rows.text(own[i], 'name') || '(unnamed)' },
      { title: 'G', kind: 'count', width: 74, get: (i) => gos.get(rows.get(own[i], 'go'), 'id') },
      { title: 'Took', kind: 'time', get: (i) => rows.get(own[i], 'end') - rows.get(own[i], 'start') },
      { title: 'From', kind: 'moment', get: (i) => rows.get(own[i], 'start') },
      ...splitColumns(desk).map((column) => ({ ...column, get: (/** @type {number} */ i) => column.get(own[i]) })),
    ],
    sort: 3,
    down: false,
    open: (i) => desk.navigate(placeOfRegion(desk, own[i])),
  });
}

/** @param {Desk} desk @param {number[]} own */
function logsGrid(desk, own) {
  const rows = desk.rows('logs');
  return new Grid({
    label: 'Logs of the task',
    n: own.length,
    columns: [
      { title: 'At', kind: 'moment', get: (i) => rows.get(own[i], 'time') },
      { title: 'G', kind: 'count', width: 74, get: (i) => rows.get(own[i], 'goid') },
      { title: 'Category', kind: 'text', width: 140, get: (i) => rows.text(own[i], 'category') },
      { title: 'Text', kind: 'text', get: (i) => rows.text(own[i], 'text') },
    ],
    sort: 0,
    down: false,
    open: (i) => {
      const at = rows.get(own[i], 'time'), goid = rows.get(own[i], 'goid');
      desk.navigate({ t0: at, t1: at, at, goid: goid > 0 ? goid : undefined });
    },
  });
}

/** @param {Desk} desk @param {number[]} own */
function subtasksGrid(desk, own) {
  const rows = desk.rows('tasks');
  return new Grid({
    label: 'Subtasks',
    n: own.length,
    columns: [
      { title: 'Task', kind: 'count', width: 74, get: (i) => rows.get(own[i], 'id') },
      { title: 'Name', kind: 'text', min: 110, get: (i) => rows.text(own[i], 'name') || '(unnamed)' },
      { title: 'Took', kind: 'time', get: (i) => rows.get(own[i], 'end') - rows.get(own[i], 'start') },
      { title: 'From', kind: 'moment', get: (i) => rows.get(own[i], 'start') },
    ],
    sort: 2,
    open: (i) => desk.show('task', own[i]),
  });
}

/** @param {string} heading @param {number} n @param {() => Grid} make */
const section = (heading, n, make) => (n ? [el('h4', {}, [heading]), make().node] : []);

/** @type {import('./registry.mjs').Tab} */
export const task = {
  id: 'task',
  title: 'Task',
  parent: 'tasks',
  make(desk, row = 0) {
    const rows = desk.rows('tasks'), gos = desk.rows('goroutines'), regions = desk.rows('regions');
    const get = (/** @type {string} */ key) => rows.get(row, key);
    const id = get('id'), start = get('start'), end = get('end'), took = end - start;
    const own = rowsWith(regions, 'task', id), logs = rowsWith(desk.rows('logs'), 'task', id);
    const subtasks = rowsWith(rows, 'parent', id);
    const parent = get('parent');
    // Who began it is first; a goroutine of its own may have done all the rest.
    const workers = [...new Set([...get('goid') > 0 ? [desk.goroutineRow(get('goid'))] : [],
      ...own.map((i) => regions.get(i, 'go'))])];
    const links = workers.slice(0, MOST_LINKS).map((go) => action(
      `G${gos.get(go, 'id')} ${gos.text(go, 'fn')}`.trim(), () => desk.show('goroutine', go)));
    const node = el('div', { class: 'page' }, [
      el('h3', {}, [el('bdi', {}, [rows.text(row, 'name') || '(unnamed)']), el('span', {}, [` task ${id}`])]),
      el('p', { class: 'actions' }, [
        action('Show it in the timeline', () => desk.navigate(placeOfTask(desk, row))),
        ...(parent > 0 && desk.taskRow(parent) >= 0 ? [taskLink(desk, parent, 'Part of')] : []),
        ...links,
        ...(workers.length > links.length ? [el('span', {}, [`and ${plural(workers.length - links.length,
          'goroutine')} more`])] : []),
      ]),
      el('p', { class: 'note' }, [tookOf(rows, row, desk.tables.last)]),
      ...spent(desk, row, own),
      facts([
        ['Took', Number.isNaN(took) ? '' : exactTime(took)],
        ['Start', Number.isNaN(start) ? 'before the trace' : exactTime(start)],
        ['End', Number.isNaN(end) ? 'not in this trace' : exactTime(end)],
        ['Begun by', get('goid') > 0 ? `G${get('goid')}` : ''],
        ['Part of', parent > 0 ? `task ${parent}` : ''],
        ['Regions', `${count(get('regions'))}${own.length < get('regions') ? `, ${count(own.length)} told here` : ''}`],
        ['Logs', `${count(get('logs'))}${logs.length < get('logs') ? `, ${count(logs.length)} told here` : ''}`],
      ]),
      ...section('Regions', own.length, () => regionsGrid(desk, own)),
      ...section('Subtasks', subtasks.length, () => subtasksGrid(desk, subtasks)),
      ...section('Logs', logs.length, () => logsGrid(desk, logs)),
    ]);
    return { node };
  },
};
