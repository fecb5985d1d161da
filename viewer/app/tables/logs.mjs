/** What the program logged, when, on which goroutine, for which task. */
import { count } from '../../view/numbers.mjs';
import { el } from '../parts.mjs';
import { Grid } from './grid.mjs';

/** @type {import('./registry.mjs').Tab} */
export const logs = {
  id: 'logs',
  title: 'Logs',
  make(desk) {
    const rows = desk.rows('logs'), cut = desk.tables.logs_cut;
    if (!rows.n) {
      return { node: el('p', { class: 'note' }, ['No logs in this part of the trace. A C program writes one with ' +
        'gr_log, a Go program with trace.Log.']) };
    }
    /** Of no goroutine, for no task: nothing. @param {string} key */
    const id = (key) => (/** @type {number} */ row) => (rows.get(row, key) > 0 ? rows.get(row, key) : NaN);
    const grid = new Grid({
      label: 'Logs',
      n: rows.n,
      columns: [
        { title: 'At', kind: 'moment', get: rows.reader('time') },
        { title: 'G', kind: 'count', width: 74, get: id('goid') },
        { title: 'Task', kind: 'count', width: 74, get: id('task') },
        { title: 'Category', kind: 'text', width: 160, get: (row) => rows.text(row, 'category') },
        { title: 'Text', kind: 'text', min: 240, get: (row) => rows.text(row, 'text') },
      ],
      sort: 0,
      down: false,
      kept: desk.kept('logs'),
      open: (row) => {
        const at = rows.get(row, 'time'), goid = rows.get(row, 'goid');
        desk.navigate({ t0: at, t1: at, at, goid: goid > 0 ? goid : undefined });
      },
    });
    const words = `${count(cut)} more were not kept: of a part of the trace all are there.`;
    const node = el('div', { class: 'fill' }, [...cut ? [el('p', { class: 'note' }, [words])] : [], grid.node]);
    return { node, filter: (text) => grid.filter(text), csv: () => grid.csv() };
  },
};
