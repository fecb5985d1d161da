/** Minimum mutator utilisation: the least share of the Ps that the program had in any window of a length. */
import { percent } from '../../view/numbers.mjs';
import { shortTime } from '../../view/time.mjs';
import { el } from '../parts.mjs';
import { Grid } from './grid.mjs';
import { svg } from './histogram.mjs';

const WIDTH = 560, HEIGHT = 240, LEFT = 42, RIGHT = 12, TOP = 10, BOTTOM = 24;

/** @typedef {import('../../trace/mmu.mjs').UtilFlags} UtilFlags */

/** @type {Array<{key: keyof UtilFlags, title: string, hint: string, on: boolean}>} */
const FLAGS = [
  { key: 'stw', title: 'Stops of the world', hint: 'Those of the collector', on: true },
  { key: 'background', title: 'Background marking', hint: 'Ps that mark in the background', on: true },
  { key: 'assist', title: 'Assists', hint: 'Goroutines that mark before they may allocate', on: true },
  { key: 'sweep', title: 'Sweeping', hint: 'Ps that sweep before they allocate', on: false },
  { key: 'perProc', title: 'Each P by itself',
    hint: 'The worst of all Ps, as one goroutine may feel it; else all Ps together', on: false },
];

/** Ruler of a logarithmic axis. @param {number} least @param {number} most */
function decades(least, most) {
  const list = [];
  for (let t = 10 ** Math.ceil(Math.log10(least)); t <= most; t *= 10) list.push(t);
  return list;
}

/**
 * @param {number[]} lengths @param {number[]} curve @param {(length: number) => void} choose
 */
function plot(lengths, curve, choose) {
  const least = lengths[0], most = Math.max(lengths[lengths.length - 1], least * 10);
  const x = (/** @type {number} */ t) =>
    LEFT + (WIDTH - LEFT - RIGHT) * Math.log(t / least) / Math.log(most / least);
  const y = (/** @type {number} */ u) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - u);
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'mmu', role: 'img',
    'aria-label': 'Minimum mutator utilisation by length of window; the table below has the same numbers' });
  for (const u of [0, 0.25, 0.5, 0.75, 1]) {
    picture.append(svg('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: y(u), y2: y(u), class: 'gridline' }),
      svg('text', { x: LEFT - 5, y: y(u) + 4, 'text-anchor': 'end' }, [`${100 * u}%`]));
  }
  for (const t of decades(least, most)) {
    picture.append(svg('line', { x1: x(t), x2: x(t), y1: TOP, y2: HEIGHT - BOTTOM, class: 'gridline' }),
      svg('text', { x: x(t), y: HEIGHT - 8, 'text-anchor': 'middle' }, [shortTime(t)]));
  }
  const points = lengths.map((t, i) => `${x(t)},${y(curve[i])}`).join(' ');
  picture.append(svg('polyline', { class: 'curve', points }));
  lengths.forEach((t, i) => {
    const dot = svg('circle', { cx: x(t), cy: y(curve[i]), r: 4, class: 'dot opens' });
    dot.append(svg('title', {}, [`${shortTime(t)}: ${percent(curve[i])}`]));
    dot.addEventListener('click', () => choose(t));
    picture.append(dot);
  });
  return picture;
}

/** @type {import('./registry.mjs').Tab} */
export const mmu = {
  id: 'mmu',
  title: 'Utilisation',
  make(desk) {
    const kept = desk.kept('mmu');
    const boxes = FLAGS.map(({ key, title, hint, on }) => {
      const box = el('input', { type: 'checkbox' });
      box.checked = kept[key] ?? on;
      box.addEventListener('change', () => {
        kept[key] = box.checked;
        redraw();
      });
      return { key, box, node: el('label', { title: hint }, [box, title]) };
    });
    const picture = el('div', { class: 'plot' }, [el('p', { class: 'note' }, ['Computing …'])]);
    const tables = el('div', { class: 'two' });
    const flags = () => /** @type {UtilFlags} */ (Object.fromEntries(boxes.map(({ key, box }) => [key, box.checked])));
    /** @type {Grid | null} */
    let grid = null;
    const worst = async (/** @type {number} */ length) => {
      const answer = await desk.analyst.mmu(flags(), length);
      const list = answer.worst;
      const windows = new Grid({
        label: `The worst windows of ${shortTime(length)}`,
        n: list.length,
        columns: [
          { title: 'Worst windows', kind: 'moment', get: (i) => list[i].t0 },
          { title: 'Program had', kind: 'share', width: 110, get: (i) => list[i].util },
        ],
        sort: 1,
        down: false,
        open: (i) => desk.navigate({ t0: list[i].t0, t1: list[i].t1 }),
      });
      tables.replaceChildren(...(grid ? [grid.node] : []), windows.node);
    };
    const choose = (/** @type {number} */ length) => void worst(length).catch(() => {});
    let drawn = 0;
    const draw = async () => {
      const turn = ++drawn;
      const { lengths, curve } = await desk.analyst.mmu(flags());
      if (!lengths.length || turn !== drawn) return;
      picture.replaceChildren(plot(lengths, curve, choose));
      grid = new Grid({
        label: 'Minimum mutator utilisation by length of window',
        n: lengths.length,
        columns: [
          { title: 'Any window of', kind: 'time', width: 120, get: (i) => lengths[i] },
          { title: 'had at least', kind: 'share', width: 110, get: (i) => curve[i] },
        ],
        sort: 0,
        down: false,
        open: (i) => choose(lengths[i]),
      });
      tables.replaceChildren(grid.node);
    };
    const redraw = () => void draw().catch(() => {}); // another analysis was begun meanwhile
    redraw();
    const node = el('div', { class: 'page' }, [
      el('p', { class: 'note' }, ['The least share of the Ps that the program itself had in any window of a given ' +
        'length; the rest was the collector\'s. Choose a length to see its worst windows.']),
      el('div', { class: 'checks' }, boxes.map(({ node: label }) => label)), picture, tables]);
    return { node, csv: () => grid?.csv() ?? { heads: [], rows: [] } };
  },
};
