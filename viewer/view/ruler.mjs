/**
 * Draws the time ruler above the lanes, its grid lines over them, and the live edge.
 */
import { RULER_HEIGHT, laneTop, xOfTime } from './layout.mjs';
import { exactTime, ticksFor } from './time.mjs';

const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
/** CSS pixels between labelled ticks, at least. */
const TICK_GAP = 96;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import('./lanes.mjs').Scene} scene
 * @param {import('./theme.mjs').Theme} theme
 */
export function drawRuler(context, scene, theme) {
  const { layout, win } = scene;
  context.fillStyle = theme.ground;
  context.fillRect(0, 0, layout.width, RULER_HEIGHT - 1);
  const ticks = ticksFor(win.t0, win.t1, layout.plot, layout.width < 520 ? 76 : TICK_GAP);
  const bottom = Math.min(layout.height, laneTop(layout, scene.scrollY, scene.lanes.length));
  context.fillStyle = theme.grid;
  context.fillRect(0, RULER_HEIGHT - 2, layout.width, 1);
  for (let i = Math.ceil(win.t0 / ticks.minor); i * ticks.minor <= win.t1; i++) {
    const x = Math.round(xOfTime(layout, win, i * ticks.minor));
    if (x >= layout.gutter) context.fillRect(x, RULER_HEIGHT - 6, 1, 4);
  }
  context.font = FONT;
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  for (const t of ticks.at) {
    const x = Math.round(xOfTime(layout, win, t));
    if (x < layout.gutter) continue;
    context.fillStyle = theme.grid;
    context.fillRect(x, 6, 1, bottom - 6);
    context.fillStyle = theme.faint;
    context.fillText(ticks.label(t), x + 4, 15);
  }
  if (ticks.base > 0) {
    context.fillStyle = theme.ink;
    context.fillText(`${exactTime(ticks.base)} +`, 8, 15, layout.gutter - 12);
  }
  if (scene.live) {
    const x = xOfTime(layout, win, scene.dataEnd);
    if (x >= layout.gutter && x <= layout.width) {
      context.fillStyle = theme.accent;
      context.fillRect(Math.round(x), RULER_HEIGHT - 8, 2, bottom - RULER_HEIGHT + 8);
    }
  }
}
