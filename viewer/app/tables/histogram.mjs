/** A histogram with a logarithmic axis of time. */
import { count } from '../../view/numbers.mjs';
import { shortTime } from '../../view/time.mjs';
import { el } from '../parts.mjs';

const WIDTH = 260, HEIGHT = 84, BASE = 66;
/** Bars a doubling: two, so that a millisecond and 0.7 are told apart, and a page is not all comb. */
const BARS = 2;

/** @param {string} tag @param {Record<string, string | number>} attributes @param {string[]} [text] */
export function svg(tag, attributes, text = []) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...text);
  return node;
}

/** @param {Array<[number, number, number]>} bins @returns {Map<number, number>} count by bar */
function barsOf(bins) {
  /** @type {Map<number, number>} */
  const bars = new Map();
  for (const [least, most, n] of bins) {
    const bar = Math.floor(BARS * Math.log2(Math.max(1, (least + most) / 2)));
    bars.set(bar, (bars.get(bar) ?? 0) + n);
  }
  return bars;
}

/**
 * @param {string} title @param {Array<[number, number, number]>} bins [least ns, most ns, how many]
 * @param {(least: number, most: number) => void} [choose] a bar was chosen
 * @returns {HTMLElement}
 */
export function histogram(title, bins, choose) {
  const total = bins.reduce((n, bin) => n + bin[2], 0);
  const caption = el('figcaption', {}, [total ? `${title}: ${count(total)}` : `${title}: none`]);
  if (!total) return el('figure', { class: 'histogram none' }, [caption]);
  const bars = barsOf(bins);
  const keys = [...bars.keys()], first = Math.min(...keys), n = Math.max(...keys) - first + 1;
  const most = Math.max(...bars.values());
  const width = Math.min(26, (WIDTH - 4) / n);
  const words = `${title}: ${count(total)} between ${shortTime(bins[0][0])} and ${shortTime(bins[bins.length - 1][1])}`;
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: choose ? 'group' : 'img',
    'aria-label': words });
  for (const [key, value] of bars) {
    const least = 2 ** (key / BARS), longest = 2 ** ((key + 1) / BARS);
    const height = Math.max(2, (BASE - 6) * (value / most));
    const bar = svg('rect', { x: 2 + (key - first) * width, y: BASE - height, width: Math.max(1, width - 1), height,
      class: choose ? 'bar opens' : 'bar' });
    const told = `${count(value)} of ${shortTime(least)} to ${shortTime(longest)}`;
    bar.append(svg('title', {}, [told]));
    if (choose) {
      bar.setAttribute('tabindex', '0');
      bar.setAttribute('role', 'button');
      bar.setAttribute('aria-label', told);
      bar.addEventListener('click', () => choose(least, longest));
      bar.addEventListener('keydown', (event) => {
        if (!(event instanceof KeyboardEvent) || (event.key !== 'Enter' && event.key !== ' ')) return;
        event.preventDefault();
        event.stopPropagation();
        choose(least, longest);
      });
    }
    picture.append(bar);
  }
  picture.append(svg('line', { x1: 0, x2: WIDTH, y1: BASE, y2: BASE, class: 'axis' }));
  const label = (/** @type {number} */ key, /** @type {number} */ x, /** @type {string} */ anchor) => picture.append(
    svg('text', { x, y: HEIGHT - 5, 'text-anchor': anchor }, [shortTime(2 ** (key / BARS))]));
  const end = 2 + n * width;
  label(first, 2, 'start');
  if (end > 90) label(first + n, end, 'end');
  if (end > 200) label(first + n / 2, end / 2, 'middle');
  return el('figure', { class: 'histogram' }, [caption, picture]);
}

/**
 * Bins of a list of lengths, as the analysis makes them.
 * @param {number[]} lengths @returns {Array<[number, number, number]>}
 */
export function binsOf(lengths) {
  /** @type {Map<number, number>} */
  const bins = new Map();
  for (const ns of lengths) {
    const key = Math.floor(BARS * Math.log2(Math.max(1, ns)));
    bins.set(key, (bins.get(key) ?? 0) + 1);
  }
  return [...bins].sort((a, b) => a[0] - b[0]).map(([key, n]) => [2 ** (key / BARS), 2 ** ((key + 1) / BARS), n]);
}
