/**
 * GC and stops of the world over all lanes: what happened there is seen wherever one looks.
 */
import { RULER_HEIGHT, firstEndingAfter, laneTop, xOfTime } from './layout.mjs';
import { itemsOf } from './items.mjs';

/** How strong the colour lies over the lanes; a stop of the world is short and must be seen. */
const STRENGTH = { gc: 0.12, stopped: 0.2 };
/** Pixels from which one stands by itself. */
const APART = 4;
/** Of that strength, where narrower ones lie so close that they are one: they must not hide the lanes. */
const CROWDED = 0.4;

/**
 * @param {CanvasRenderingContext2D} context @param {import('./lanes.mjs').Scene} scene
 * @param {import('./theme.mjs').Theme} theme @param {number} first @param {number} end rows that show
 */
export function drawOverlay(context, scene, theme, first, end) {
  const { layout, win, tiles } = scene;
  const top = Math.max(RULER_HEIGHT, laneTop(layout, scene.scrollY, first));
  const bottom = Math.min(layout.height, laneTop(layout, scene.scrollY, end));
  for (const { index, color } of scene.overlay) {
    const items = itemsOf(tiles, index);
    if (!items) continue;
    context.fillStyle = color === 'gc' ? theme.gc : theme.states[2];
    const fill = (/** @type {number} */ x0, /** @type {number} */ x1, /** @type {boolean} */ isOne) => {
      context.globalAlpha = STRENGTH[color] * (isOne || x1 - x0 < APART ? 1 : CROWDED);
      if (x1 > x0) context.fillRect(x0, top, x1 - x0, bottom - top);
    };
    // Where narrow ones touch, the colour must not add up: they are one. (One path for all would be as right; filled
    // without a GPU it takes as long as fifty such rectangles for each of its own.)
    let from = layout.gutter, upTo = from;
    const to = Math.min(win.t1, scene.dataEnd);
    for (let i = firstEndingAfter(items.end, items.n, win.t0); i < items.n && items.start[i] < to; i++) {
      const x0 = Math.max(layout.gutter, xOfTime(layout, win, items.start[i]));
      const x1 = Math.min(layout.width, xOfTime(layout, win, Math.min(items.end[i], to)));
      if (x1 <= layout.gutter) continue;
      if (items.index[i] >= 0 && x1 - x0 >= APART) {
        fill(from, upTo, false);
        fill(Math.max(x0, upTo), x1, true);
        from = upTo = x1;
        continue;
      }
      // A sum of narrow ones is as wide as they are together.
      const wide = Math.max(0.75, items.index[i] < 0 ? (x1 - x0) * items.busy[i] : x1 - x0);
      if (x0 > upTo) {
        fill(from, upTo, false);
        from = x0;
      }
      upTo = Math.max(upTo, x0 + wide);
    }
    fill(from, upTo, false);
    // Its edges, where they are apart: the moments matter more than the area.
    context.globalAlpha = 0.6;
    for (let i = firstEndingAfter(items.end, items.n, win.t0); i < items.n && items.start[i] < to; i++) {
      const x0 = xOfTime(layout, win, items.start[i]);
      const x1 = xOfTime(layout, win, items.end[i]);
      if (items.index[i] < 0 || x1 - x0 < APART) continue;
      for (const x of [x0, x1])
        if (x >= layout.gutter && x < layout.width) context.fillRect(x, top, 1, bottom - top);
    }
    context.globalAlpha = 1;
  }
}
