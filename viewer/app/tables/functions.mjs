/** Goroutines by the function they began with. */
import { Grid } from './grid.mjs';
import { figures } from './figures.mjs';
import { mostColumn } from './waits.mjs';

/** @type {import('./registry.mjs').Tab} */
export const functions = {
  id: 'functions',
  title: 'Functions',
  make(desk) {
    const rows = desk.rows('functions');
    const most = desk.mostWaited().fn;
    const grid = new Grid({
      label: 'Start functions',
      n: rows.n,
      columns: [
        { title: 'Start function', kind: 'text', get: (row) => rows.text(row, 'fn') || 'unknown' },
        { title: 'Goroutines', kind: 'count', get: (row) => rows.get(row, 'goroutines') },
        ...figures(rows, mostColumn((row) => most(rows.get(row, 'fn')))),
      ],
      sort: 2,
      kept: desk.kept('functions'),
      open: (row) => desk.show('function', row),
    });
    return { node: grid.node, filter: (text) => grid.filter(text), csv: () => grid.csv() };
  },
};
