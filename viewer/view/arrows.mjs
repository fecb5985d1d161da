/**
 * Arrows from who woke or created a goroutine to its lane, for the selected span. An end whose lane is folded away lies
 * on its group's heading.
 */
import { RULER_HEIGHT, laneTop, spanHeight, xOfTime } from './layout.mjs';
import { pathFor } from './svgpen.mjs';

/**
 * @typedef {object} Arrow
 * @property {number} t
 * @property {number} [until]  its head's; left out: t. A lane of a P shows the goroutine only when it runs
 * @property {number} from     row; -1 = none
 * @property {number} to
 * @property {boolean} created else woken
 */

const HEAD = 5;

/**
 * @param {CanvasRenderingContext2D} context @param {import('./lanes.mjs').Scene} scene
 * @param {import('./theme.mjs').Theme} theme
 */
export function drawArrows(context, scene, theme) {
  const { layout, win } = scene;
  if (!scene.arrows.length) return;
  context.save();
  context.beginPath();
  context.rect(layout.gutter, RULER_HEIGHT, layout.plot, layout.height - RULER_HEIGHT);
  context.clip();
  context.lineJoin = 'round';
  for (const arrow of scene.arrows) {
    const { t, until = t } = arrow;
    if (arrow.from < 0 || arrow.to < 0 || until < win.t0 || t > win.t1) continue;
    const x = xOfTime(layout, win, t), x1 = xOfTime(layout, win, until);
    const y0 = laneTop(layout, scene.scrollY, arrow.from) + spanHeight(layout, arrow.from) / 2;
    const y1 = laneTop(layout, scene.scrollY, arrow.to) + spanHeight(layout, arrow.to) / 2;
    const down = y1 > y0 ? 1 : -1;
    const end = y1 - down * 2;
    const line = pathFor(context);
    line.moveTo(x, y0);
    // A bow, so that several at nearly the same time are told apart from lane edges.
    line.quadraticCurveTo((x + x1) / 2 - Math.min(14, Math.abs(y1 - y0) / 4), (y0 + y1) / 2, x1, end);
    const head = pathFor(context);
    head.moveTo(x1, end);
    head.lineTo(x1 - HEAD, end - down * HEAD * 1.6);
    head.lineTo(x1 + 2, end - down * HEAD * 1.8);
    head.closePath();
    for (const [color, width] of /** @type {const} */ ([[theme.ground, 4], [theme.accent, 1.6]])) {
      context.strokeStyle = context.fillStyle = color;
      context.lineWidth = width;
      context.setLineDash(arrow.created && width < 4 ? [5, 3] : []);
      context.stroke(line);
      context.setLineDash([]);
      if (width < 4) context.fill(head);
    }
    context.beginPath();
    context.arc(x, y0, 2.5, 0, 7);
    context.fill();
  }
  context.restore();
}
