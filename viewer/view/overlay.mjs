/**
 * GC and stops of the world over all lanes: what happened there is seen wherever one looks.
 */
import { RULER_HEIGHT, firstEndingAfter, laneTop, xOfTime } from './layout.mjs';
import { itemsOf } from './items.mjs';
import { pathFor } from './svgpen.mjs';

/** How strong the colour lies over the lanes; a stop of the world is short and must be seen. */
const STRENGTH = { gc: 0.12, stopped: 0.2 };

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
    // One path: where narrow ones touch, the colour must not add up.
    const path = pathFor(context);
    const to = Math.min(win.t1, scene.dataEnd);
    for (let i = firstEndingAfter(items.end, items.n, win.t0); i < items.n && items.start[i] < to; i++) {
      const x0 = Math.max(layout.gutter, xOfTime(layout, win, items.start[i]));
      const x1 = Math.min(layout.width, xOfTime(layout, win, Math.min(items.end[i], to)));
      // A sum of narrow ones is as wide as they are together.
      const wide = items.index[i] < 0 ? (x1 - x0) * items.busy[i] : x1 - x0;
      if (x1 > layout.gutter) path.rect(x0, top, Math.max(0.75, wide), bottom - top);
    }
    context.globalAlpha = STRENGTH[color];
    context.fillStyle = color === 'gc' ? theme.gc : theme.states[2];
    context.fill(path);
    // Its edges, where they are apart: the moments matter more than the area.
    context.globalAlpha = 0.6;
    for (let i = firstEndingAfter(items.end, items.n, win.t0); i < items.n && items.start[i] < to; i++) {
      const x0 = xOfTime(layout, win, items.start[i]);
      const x1 = xOfTime(layout, win, items.end[i]);
      if (items.index[i] < 0 || x1 - x0 < 4) continue;
      for (const x of [x0, x1])
        if (x >= layout.gutter && x < layout.width) context.fillRect(x, top, 1, bottom - top);
    }
    context.globalAlpha = 1;
  }
}
