/**
 * Numbers over time: goroutines by state stacked on each other, the heap below its goal, Ps used of those there are.
 */
import { count } from '../numbers.mjs';
import { drawKey } from './key.mjs';

/**
 * What each curve's row shows: areas of which states, and a line above; by the lane's key. words: what they are, in
 * that order, for the key in the row and the table that is read aloud.
 * @typedef {{areas: string[], line: boolean, unit: 'bytes' | 'count', words: string[]}} Shown
 */
const SHOWN = /** @type {Record<string, Shown>} */ ({
  'curve:goroutines': { areas: ['running', 'syscall', 'runnable', 'waiting'], line: false, unit: 'count',
    words: ['running', 'system call', 'runnable', 'waiting'] },
  'curve:heap': { areas: ['on'], line: true, unit: 'bytes', words: ['allocated', 'goal of the GC'] },
  'curve:ps': { areas: ['running'], line: true, unit: 'count', words: ['Ps that run', 'Ps there are'] },
});
/** State by name; mirrors STATE_COLORS in ../theme.mjs. */
const STATE_OF = /** @type {Record<string, number>} */ ({ running: 0, syscall: 1, runnable: 3, waiting: 4, on: 6 });

/** @param {number} v @param {'bytes' | 'count'} unit */
export function amount(v, unit) {
  if (unit === 'count') return count(Math.round(v));
  const power = v >= 1e9 ? 3 : v >= 1e6 ? 2 : v >= 1e3 ? 1 : 0;
  return `${(v / 1000 ** power).toFixed(power ? 1 : 0)} ${['B', 'kB', 'MB', 'GB'][power]}`;
}

/** @type {import('./kind.mjs').Kind} */
export const curve = {
  group: 'curves',
  height: 44,
  bare: true,
  draw: ({ context }, box, scene, row, theme) => {
    const shown = SHOWN[row.key];
    const { tiles, win } = scene;
    const series = tiles?.lanes.find((l) => l.lane === row.index)?.series;
    if (!shown || !tiles || !series) return;
    const n = series[0].length / 3;
    const width = (tiles.t1 - tiles.t0) / n;
    const first = Math.max(0, Math.floor((win.t0 - tiles.t0) / width));
    const end = Math.min(n, Math.ceil((win.t1 - tiles.t0) / width) + 1);
    const top = highest(series, shown, first, end);
    if (!top) return;
    const xOf = (/** @type {number} */ i) =>
      box.x + ((tiles.t0 + i * width - win.t0) / (win.t1 - win.t0)) * box.width;
    const yOf = (/** @type {number} */ v) => box.y + box.height - (v / top) * (box.height - 2);
    context.save();
    context.beginPath();
    context.rect(box.x, box.y, box.width, box.height);
    context.clip();
    const below = new Float64Array(Math.max(0, end - first));
    shown.areas.forEach((name, k) => {
      context.fillStyle = theme.states[STATE_OF[name]];
      fillArea(context, series[k], below, { first, end, xOf, yOf, dpr: scene.layout.dpr });
    });
    if (shown.line) strokeLine(context, series[shown.areas.length], first, end, xOf, yOf, theme.ink);
    context.restore();
    drawKey(context, box, theme, shown.words.map((word, k) =>
      ({ word, color: k < shown.areas.length ? theme.states[STATE_OF[shown.areas[k]]] : null })));
    context.fillStyle = theme.faint;
    context.font = '10px system-ui, sans-serif';
    context.textAlign = 'right';
    context.textBaseline = 'top';
    context.fillText(amount(top, shown.unit), scene.layout.gutter - 8, box.y);
  },
};

/**
 * On top of what is below it, to which it is added. Columns of one height are one rectangle; a path of them all takes
 * a canvas without a GPU ten times as long (200 ms for 1,100 columns of three curves).
 * @param {CanvasRenderingContext2D} context @param {Float32Array} values @param {Float64Array} below from `first` on
 * @param {{first: number, end: number, xOf: (i: number) => number, yOf: (v: number) => number, dpr: number}} how
 */
function fillArea(context, values, below, { first, end, xOf, yOf, dpr }) {
  const edge = (/** @type {number} */ i) => Math.round(xOf(i) * dpr) / dpr; // else the ground shines through between
  for (let i = first; i < end;) {
    const mean = values[3 * i + 1], under = below[i - first], from = i;
    for (; i < end && Object.is(values[3 * i + 1], mean) && below[i - first] === under; i++)
      if (!Number.isNaN(mean)) below[i - first] += mean;
    const x = edge(from), y = yOf(under + mean);
    if (mean > 0) context.fillRect(x, y, Math.max(edge(i) - x, 1 / dpr), yOf(under) - y);
  }
}

/**
 * What the row shows in the window, on average, in words. @param {import('../lanes.mjs').Scene['tiles']} tiles
 * @param {import('../groups.mjs').Row} row @param {import('../layout.mjs').TimeWindow} win
 */
export function curveWords(tiles, { key, index }, win) {
  const shown = SHOWN[key], series = tiles?.lanes.find((l) => l.lane === index)?.series;
  if (!shown || !tiles || !series) return '';
  const n = series[0].length / 3, width = (tiles.t1 - tiles.t0) / n;
  const first = Math.max(0, Math.floor((win.t0 - tiles.t0) / width));
  const end = Math.min(n, Math.ceil((win.t1 - tiles.t0) / width));
  return shown.words.flatMap((word, k) => {
    let sum = 0, known = 0;
    for (let i = first; i < end; i++) {
      const mean = series[k][3 * i + 1];
      if (Number.isNaN(mean)) continue;
      sum += mean;
      known++;
    }
    return known ? `${word} ${amount(sum / known, shown.unit)}` : [];
  }).join(', ');
}

/**
 * @param {Float32Array[]} series @param {{areas: string[], line: boolean}} shown @param {number} first
 * @param {number} end @returns {number} 0 = nothing is known
 */
function highest(series, shown, first, end) {
  let top = 0;
  for (let i = first; i < end; i++) {
    let sum = 0;
    for (let k = 0; k < shown.areas.length; k++) sum += series[k][3 * i + 1] || 0;
    if (shown.line) sum = Math.max(sum, series[shown.areas.length][3 * i + 2] || 0);
    if (sum > top) top = sum;
  }
  return top;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Float32Array} values @param {number} first @param {number} end
 * @param {(i: number) => number} xOf @param {(v: number) => number} yOf @param {string} color
 */
function strokeLine(context, values, first, end, xOf, yOf, color) {
  context.beginPath();
  let pen = false;
  for (let i = first; i < end; i++) {
    const v = values[3 * i + 1];
    if (Number.isNaN(v)) pen = false;
    else if (pen) context.lineTo(xOf(i + 0.5), yOf(v));
    else context.moveTo(xOf(i), yOf(v));
    pen ||= !Number.isNaN(v);
  }
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.stroke();
  context.setLineDash([]);
}
