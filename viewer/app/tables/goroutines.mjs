/** All goroutines. */
import { Grid } from './grid.mjs';
import { figures } from './figures.mjs';
import { mostColumn } from './waits.mjs';

/** @type {import('./registry.mjs').Tab} */
export const goroutines = {
  id: 'goroutines',
  title: 'Goroutines',
  make(desk) {
    const rows = desk.rows('goroutines');
    const grid = new Grid({
      label: 'Goroutines',
      n: rows.n,
      columns: [
        { title: 'G', kind: 'count', width: 74, get: rows.reader('id') },
        { title: 'Start function', kind: 'text', get: (row) => rows.text(row, 'fn') || 'unknown' },
        ...figures(rows, mostColumn(desk.mostWaited().goroutine)),
        { title: 'Began', kind: 'moment', hint: 'When it was created, or first seen',
          get: (row) => rows.get(row, 'created') },
        { title: 'Ended', kind: 'moment', get: (row) => rows.get(row, 'ended') },
      ],
      sort: 2,
      kept: desk.kept('goroutines'),
      open: (row) => desk.show('goroutine', row),
    });
    return { node: grid.node, filter: (text) => grid.filter(text), csv: () => grid.csv() };
  },
};
