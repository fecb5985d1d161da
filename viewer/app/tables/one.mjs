/**
 * The page of one goroutine, and that of one start function: where its time went, how long each piece was, what it
 * waited for, where it was blocked.
 */
import { stackOf } from '../../trace/blocking.mjs';
import { CLASS, KIND } from '../../trace/kinds.mjs';
import { percent, plural } from '../../view/numbers.mjs';
import { exactTime, shortTime } from '../../view/time.mjs';
import { el } from '../parts.mjs';
import { siteText } from '../words.mjs';
import { blockingView } from './blocking.mjs';
import { histogram } from './histogram.mjs';
import { waitList } from './waits.mjs';

/** @typedef {import('./registry.mjs').Desk} Desk */

/** A column of figures, and what it is called. @type {Array<[key: string, title: string]>} */
export const STATES = [
  ['running', 'Running'], ['runnable', 'Runnable'], ['waiting', 'Waiting'], ['syscall', 'In system calls'],
  ['syscall_blocked', 'In system calls without a P'],
];

/** Time by state as one bar, with its words. @param {(key: string) => number} get */
export function stateBar(get) {
  const parts = STATES.map(([key, title]) => ({ key, title, ns: get(key) })).filter(({ ns }) => ns > 0);
  const sum = parts.reduce((n, { ns }) => n + ns, 0) || 1;
  const bar = el('div', { class: 'statebar', 'aria-hidden': 'true' });
  const words = el('ul', { class: 'states' });
  for (const { key, title, ns } of parts) {
    const piece = el('i', { class: `state-${key}` });
    piece.style.flexGrow = String(ns / sum);
    bar.append(piece);
    words.append(el('li', {}, [el('i', { class: `swatch state-${key}` }), `${title} `,
      el('b', {}, [shortTime(ns)]), ` ${percent(ns / sum)}`]));
  }
  return [bar, words];
}

/**
 * The four histograms; they come from the worker.
 * @param {Desk} desk @param {{row: number} | {fn: number}} whose
 */
function histograms(desk, whose) {
  const box = el('div', { class: 'histograms' });
  const titles = /** @type {Array<[keyof typeof KIND, string]>} */ ([['runnable', 'Scheduler latency'],
    ['running', 'Slices'], ['waiting', 'Waits'], ['syscall', 'System calls']]);
  void Promise.all(titles.map(([kind]) => desk.analyst.bins(KIND[kind], whose))).then((all) => {
    box.replaceChildren(...all.map((bins, i) => histogram(titles[i][1], bins)));
  }, () => {}); // another analysis was begun meanwhile
  return box;
}

/** @param {string} text @param {() => void} run */
export function action(text, run) {
  const button = el('button', { type: 'button' }, [text]);
  button.addEventListener('click', run);
  return button;
}

/** @param {Array<[string, string]>} list */
export const facts = (list) => el('dl', { class: 'facts' }, list.filter(([, text]) => text)
  .map(([term, text]) => el('div', {}, [el('dt', {}, [term]), el('dd', {}, [text])])));

/** @param {Desk} desk @param {'row' | 'fn'} key @param {number} value */
function blocked(desk, key, value) {
  const whose = key === 'row' ? { row: value } : { fn: value };
  const { cls } = [CLASS.sync, CLASS.scheduler, CLASS.network, CLASS.syscall, CLASS.cpu]
    .map((c) => ({ cls: c, has: desk.blocked(c, whose) })).find(({ has }) => has) ?? { cls: CLASS.sync };
  return blockingView(desk, cls, whose);
}

/** @type {import('./registry.mjs').Tab} */
export const goroutine = {
  id: 'goroutine',
  title: 'Goroutine',
  parent: 'goroutines',
  make(desk, row = 0) {
    const rows = desk.rows('goroutines');
    const get = (/** @type {string} */ key) => rows.get(row, key);
    const fn = rows.text(row, 'fn') || 'unknown function';
    const created = stackOf(desk.tables, get('create_node'))[0];
    const from = get('created'), ended = get('ended');
    const to = Number.isNaN(ended) ? desk.tables.last : ended;
    const profile = blocked(desk, 'row', row);
    const node = el('div', { class: 'page' }, [
      el('h3', {}, [`G${get('id')} `, el('span', {}, [fn])]),
      el('p', { class: 'actions' }, [
        action('Show it in the timeline', () => desk.navigate({ t0: from, t1: to, goid: get('id') })),
        action('Its function', () => desk.show('function', desk.functionRow(get('fn')))),
        ...(get('creator') > 0 ? [action(`Its creator, G${get('creator')}`,
          () => desk.show('goroutine', desk.goroutineRow(get('creator'))))] : []),
      ]),
      ...stateBar(get),
      facts([
        ['Created by', get('creator') > 0 ? `G${get('creator')}` : ''],
        ['Created at', created ? siteText(created) : ''],
        [get('creator') > 0 ? 'Created' : 'First seen', exactTime(from)],
        ['First ran', Number.isNaN(get('started')) ? 'never' : exactTime(get('started'))],
        ['Ended', Number.isNaN(ended) ? 'not in this trace' : exactTime(ended)],
        ['Longest time runnable', get('readies') ? exactTime(get('ready_max')) : ''],
      ]),
      histograms(desk, { row }),
      ...waitList(desk.rows('waits'), (i) => desk.rows('waits').get(i, 'go') === row),
      profile.node,
    ]);
    return { node, filter: profile.filter, tools: profile.tools };
  },
};

/** @type {import('./registry.mjs').Tab} */
export const oneFunction = {
  id: 'function',
  title: 'Function',
  parent: 'functions',
  make(desk, row = 0) {
    const rows = desk.rows('functions'), gos = desk.rows('goroutines');
    const get = (/** @type {string} */ key) => rows.get(row, key);
    const fn = get('fn');
    const profile = blocked(desk, 'fn', fn);
    const node = el('div', { class: 'page' }, [
      el('h3', {}, [el('bdi', {}, [rows.text(row, 'fn') || 'unknown function']),
        el('span', {}, [` ${plural(get('goroutines'), 'goroutine')}`])]),
      el('p', { class: 'actions' }, [action('Its goroutines',
        () => desk.show('goroutines', undefined, rows.text(row, 'fn')))]),
      ...stateBar(get),
      histograms(desk, { fn }),
      ...waitList(desk.rows('waits'), (i) => gos.get(desk.rows('waits').get(i, 'go'), 'fn') === fn),
      profile.node,
    ]);
    return { node, filter: profile.filter, tools: profile.tools };
  },
};
