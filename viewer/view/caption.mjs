/**
 * What a picture of the view needs to be understood elsewhere: a line that says of what it is, and what colours mean.
 */
import { cssColor, linearToByte } from './color.mjs';
import { visibleLanes } from './layout.mjs';
import { MIX_STATES, STATES, SYSCALL_NO_P } from './states.mjs';
import { exactTime } from './time.mjs';

/** Height of each of the two, CSS pixels. */
export const CAPTION = 24;
const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const SWATCH = 22, GAP = 16;

/** @param {string} name of the trace @param {import('./layout.mjs').TimeWindow} win */
export const headingOf = (name, win) => `${name} · ${exactTime(win.t0)} to ${exactTime(win.t1)}`;

/**
 * @param {CanvasRenderingContext2D} context @param {import('./theme.mjs').Theme} theme @param {string} words
 * @param {number} y its top
 */
export function drawHeading(context, theme, words, y) {
  context.font = `600 ${FONT}`;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  context.fillStyle = theme.ink;
  context.fillText(words, 8, y + CAPTION / 2);
}

/**
 * Of what shows: states on lanes of goroutines, colours on those of Ps.
 * @param {CanvasRenderingContext2D} context @param {import('./states.mjs').Patterns} patterns
 * @param {import('./lanes.mjs').Scene} scene @param {import('./theme.mjs').Theme} theme @param {number} y its top
 */
export function drawLegend(context, patterns, scene, theme, y) {
  const kinds = new Set(scene.lanes.slice(...visibleLanes(scene.layout, scene.scrollY)).map(({ kind }) => kind));
  context.font = FONT;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  let x = 8;
  const entry = (/** @type {Array<string | CanvasPattern | null>} */ fills, /** @type {string} */ words,
    /** @type {boolean} */ isOver) => {
    fills.forEach((fill, i) => {
      if (!fill) return;
      context.fillStyle = fill;
      const width = isOver ? SWATCH : SWATCH / fills.length;
      context.fillRect(x + (isOver ? 0 : i * width), y + 7, width, 10);
    });
    context.fillStyle = theme.ink;
    context.fillText(words, x + SWATCH + 5, y + CAPTION / 2);
    x += SWATCH + 5 + context.measureText(words).width + GAP;
  };
  if (kinds.has('go')) {
    for (const state of [...MIX_STATES, SYSCALL_NO_P]) {
      const { pattern, word } = STATES[state];
      const color = `#${[0, 1, 2].map((k) => linearToByte(theme.stateLinear[3 * state + k]).toString(16)
        .padStart(2, '0')).join('')}`;
      entry([color, pattern === 'none' ? null : patterns.get(context, theme, scene.layout.dpr, pattern)], word, true);
    }
  }
  if (kinds.has('proc'))
    entry([1, 2, 3, 4].map((goid) => cssColor(theme.palette, goid)), 'one colour = one goroutine', false);
}
