/**
 * The colours the canvas draws with, taken from CSS custom properties so that a page can restyle the viewer.
 */
import { byteToLinear, makePalette } from './color.mjs';

/**
 * @typedef {object} Theme
 * @property {boolean} dark
 * @property {string} ground   behind everything, and where the trace has no data
 * @property {string} track    an idle lane
 * @property {string} hatch    lines over an idle lane
 * @property {string} grid
 * @property {string} ink      text
 * @property {string} faint    secondary text
 * @property {string} spanInk  text on a span
 * @property {string} accent   selection and the live edge
 * @property {string} patternInk lines and dots over a state's colour
 * @property {string} gc       the garbage collector at work
 * @property {string} panel    headings
 * @property {Float32Array} gcLinear
 * @property {string[]} states by state: its colour
 * @property {Float32Array} stateLinear 3 per state
 * @property {readonly [number, number, number]} trackLinear
 * @property {import('./color.mjs').Palette} palette
 */

/** Names of the properties, without their prefix "--goroscope-". */
const COLORS = /** @type {const} */ ([
  'ground', 'track', 'hatch', 'grid', 'ink', 'faint', 'span-ink', 'accent', 'pattern', 'gc', 'panel',
]);
/** … and those of the states, by state. */
export const STATE_COLORS = /** @type {const} */ ([
  'running', 'syscall', 'stopped', 'runnable', 'waiting', 'no-p', 'on', 'p-only',
]);

/**
 * @param {boolean} dark
 * @param {(property: string) => string} read value of a CSS custom property
 * @returns {Theme}
 */
export function makeTheme(dark, read) {
  /** @type {Record<string, string>} */
  const value = {};
  for (const name of [...COLORS, ...STATE_COLORS]) value[name] = read(`--goroscope-${name}`).trim();
  const trackLinear = toLinear(value.track);
  return {
    dark,
    ground: value.ground,
    track: value.track,
    hatch: value.hatch,
    grid: value.grid,
    ink: value.ink,
    faint: value.faint,
    spanInk: value['span-ink'],
    accent: value.accent,
    patternInk: value.pattern,
    gc: value.gc,
    panel: value.panel,
    gcLinear: new Float32Array(toLinear(value.gc)),
    states: STATE_COLORS.map((name) => value[name]),
    stateLinear: new Float32Array(STATE_COLORS.flatMap((name) => [...toLinear(value[name])])),
    trackLinear,
    palette: makePalette(dark, trackLinear),
  };
}

/** Any CSS colour, resolved by drawing it. @param {string} css @returns {[number, number, number]} */
function toLinear(css) {
  const context = context2d(new OffscreenCanvas(1, 1));
  context.fillStyle = css;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  return [byteToLinear(r), byteToLinear(g), byteToLinear(b)];
}

/** @param {OffscreenCanvas} canvas */
export function context2d(canvas) {
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser gave no 2D canvas; the timeline cannot be drawn.');
  return context;
}
