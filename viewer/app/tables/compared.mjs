/** What differs from the trace that this one is compared with, by start function and state. */
import { Analyst } from '../../trace/analyst.mjs';
import { Rows } from '../../trace/rows.mjs';
import { count } from '../../view/numbers.mjs';
import { el } from '../parts.mjs';
import { Grid } from './grid.mjs';
import { action } from './one.mjs';

const NOTHING = 'This trace is compared with none. Of two this tells what differs, by start function and state.';

/** @type {Array<[key: string, title: string]>} */
const FIGURES = [['goroutines', 'Goroutines'], ['running', 'Running'], ['runnable', 'Runnable'], ['waiting', 'Waiting'],
  ['syscall', 'Syscall'], ['runs', 'Runs'], ['ready_p50', 'Sched p50'], ['ready_p99', 'Sched p99']];
const COUNTS = new Set(['goroutines', 'runs']);

/** Rows of both by what they have in common, the function's name. @param {Rows} here @param {Rows} there */
function pairs(here, there) {
  /** @type {Map<string, {here: number, there: number}>} */
  const all = new Map();
  for (let i = 0; i < here.n; i++) all.set(here.text(i, 'fn') || 'unknown', { here: i, there: -1 });
  for (let i = 0; i < there.n; i++) {
    const name = there.text(i, 'fn') || 'unknown';
    const pair = all.get(name);
    if (pair) pair.there = i;
    else all.set(name, { here: -1, there: i });
  }
  return [...all].map(([name, pair]) => ({ name, ...pair }));
}

/** @param {Rows} here @param {Rows} there @param {string} name of the other trace */
export function gridOf(here, there, name) {
  const rows = pairs(here, there);
  /** @param {Rows} of @param {number} row @param {string} key */
  const value = (of, row, key) => (row < 0 ? 0 : of.get(row, key) || 0);
  return new Grid({
    label: `Differences from ${name}`,
    n: rows.length,
    columns: [
      { title: 'Start function', kind: 'text', get: (row) => rows[row].name },
      ...FIGURES.flatMap(([key, title]) => {
        const kind = /** @type {'count' | 'time'} */ (COUNTS.has(key) ? 'count' : 'time');
        const now = (/** @type {number} */ row) => value(here, rows[row].here, key);
        const was = (/** @type {number} */ row) => value(there, rows[row].there, key);
        return [
          { title, kind, width: 96, get: now, hint: `${title} here` },
          { title: `${title} there`, kind, width: 120, get: was, hint: `${title} in ${name}` },
          { title: `${title} here / there`, kind: /** @type {'text'} */ ('text'), width: 124,
            hint: `${title} here, by those in ${name}`, get: (/** @type {number} */ row) => ratio(now(row), was(row)) },
        ];
      }),
    ],
    sort: 4,
  });
}

/** @param {number} now @param {number} was */
function ratio(now, was) {
  if (!was) return now ? 'new' : '';
  const times = now / was;
  return now ? `${times < 1000 ? times.toPrecision(3) : count(times)}×` : 'gone';
}

/** Of other traces that were read to their end: to come back to the table is no new pass over one.
 * @type {WeakMap<object, import('../../trace/analysis.mjs').Tables>} */
const kept = new WeakMap();

/** @type {import('./registry.mjs').Tab} */
export const compared = {
  id: 'compared',
  title: 'Compared',
  make(desk) {
    const other = desk.other();
    if (!other) return { node: el('div', { class: 'wait' }, [el('span', {}, [NOTHING]),
      action('Compare with another trace…', () => desk.compare())]) };
    const node = el('div', { class: 'whole' }, [
      el('p', { class: 'note', role: 'status' }, [`Reading ${other.name} …`])]);
    /** @type {Grid | null} */
    let grid = null;
    let wanted = '', closed = false;
    const analyst = new Analyst();
    const read = async () => {
      const blob = await other.bytes();
      if (closed) throw new Error('This was cancelled.');
      const tables = await analyst.read(blob);
      kept.set(other.of, tables);
      return tables;
    };
    Promise.resolve(kept.get(other.of) ?? read()).then((tables) => {
      if (closed) return;
      grid = gridOf(desk.rows('functions'), new Rows(tables, 'functions'), other.name);
      grid.filter(wanted);
      node.replaceChildren(grid.node);
    }).catch((error) => {
      node.replaceChildren(el('p', { class: 'note' }, [error instanceof Error ? error.message : String(error)]));
    }).finally(() => analyst.close());
    return {
      node,
      tools: [action('Another trace…', () => desk.compare())],
      filter: (text) => { wanted = text; grid?.filter(text); },
      csv: () => grid?.csv() ?? { heads: [], rows: [] },
      close: () => {
        closed = true;
        analyst.close();
      },
    };
  },
};
