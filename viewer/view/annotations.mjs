/**
 * Draws what the user put over the lanes: the selected area, and marks with their notes on the ruler.
 */
import { RULER_HEIGHT, xOfTime } from './layout.mjs';
import { shortTime } from './time.mjs';

const FONT = '600 11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
/** Longer notes are cut on the ruler; the list of marks has all of it. */
const LONGEST_NOTE = 28;

/**
 * @typedef {object} Annotations
 * @property {{t0: number, t1: number, boxes: Array<{top: number, height: number}>} | null} area
 *   boxes: where its lanes are drawn
 * @property {ReadonlyArray<{t0: number, t1: number, text: string, color: string, kept: boolean}>} marks
 *   color as CSS has it
 * @property {{top: number, height: number} | null} [lane]  one that was gone to
 * @property {{t0: number, t1: number} | null} [step]  of a program that is held: its last
 */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{layout: import('./layout.mjs').Layout, win: import('./layout.mjs').TimeWindow}} scene
 * @param {import('./theme.mjs').Theme} theme
 * @param {Annotations} what
 */
export function drawAnnotations(context, { layout, win }, theme, { area, marks, lane = null, step = null }) {
  if (lane) drawOutline(context, layout, theme, lane);
  if (!area && !marks.length && !step) return;
  context.save();
  context.beginPath();
  context.rect(layout.gutter, 0, layout.plot, layout.height);
  context.clip();
  const all = [{ top: RULER_HEIGHT, height: layout.height - RULER_HEIGHT }];
  if (step) drawArea(context, layout, win, theme, { ...step, boxes: all });
  if (area) drawArea(context, layout, win, theme, area);
  for (const mark of marks) drawMark(context, layout, win, theme, mark);
  context.restore();
}

/** About a lane, its name too. @param {CanvasRenderingContext2D} context @param {import('./layout.mjs').Layout} layout
 * @param {import('./theme.mjs').Theme} theme @param {{top: number, height: number}} lane */
function drawOutline(context, { width, height: bottom }, theme, { top, height }) {
  context.save();
  context.beginPath();
  context.rect(0, RULER_HEIGHT, width, bottom - RULER_HEIGHT);
  context.clip();
  context.strokeStyle = theme.accent;
  context.lineWidth = 2;
  context.strokeRect(1, top, width - 2, height - 1);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context @param {import('./layout.mjs').Layout} layout
 * @param {import('./layout.mjs').TimeWindow} win @param {import('./theme.mjs').Theme} theme
 * @param {NonNullable<Annotations['area']>} area
 */
function drawArea(context, layout, win, theme, { t0, t1, boxes }) {
  const x0 = Math.round(xOfTime(layout, win, t0));
  const x1 = Math.round(xOfTime(layout, win, t1));
  context.save();
  context.beginPath();
  context.rect(layout.gutter, RULER_HEIGHT, layout.plot, layout.height - RULER_HEIGHT);
  context.clip();
  context.fillStyle = theme.accent;
  for (const { top, height } of boxes) {
    context.globalAlpha = 0.14;
    context.fillRect(x0, top, x1 - x0, height);
    context.globalAlpha = 0.9;
    context.fillRect(x0 - 1, top, 2, height);
    context.fillRect(x1 - 1, top, 2, height);
  }
  context.restore();
  context.fillStyle = theme.accent;
  context.globalAlpha = 0.25;
  context.fillRect(x0, 0, x1 - x0, RULER_HEIGHT - 1);
  context.globalAlpha = 1;
  context.fillRect(x0 - 1, 0, 2, RULER_HEIGHT - 1);
  context.fillRect(x1 - 1, 0, 2, RULER_HEIGHT - 1);
  const middle = (Math.max(x0, layout.gutter) + Math.min(x1, layout.width)) / 2;
  if (x1 > layout.gutter && x0 < layout.width) plate(context, layout, theme, shortTime(t1 - t0), middle, theme.accent);
}

/** A text on the ruler with a ground of its own, about x. @param {CanvasRenderingContext2D} context
 * @param {import('./layout.mjs').Layout} layout @param {import('./theme.mjs').Theme} theme @param {string} text
 * @param {number} x @param {string} color */
function plate(context, layout, theme, text, x, color) {
  context.font = FONT;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  const width = context.measureText(text).width + 10;
  const left = Math.min(Math.max(layout.gutter, x - width / 2), layout.width - width);
  context.fillStyle = color;
  context.fillRect(left, 3, width, 17);
  context.fillStyle = theme.ground;
  context.fillText(text, left + 5, 12);
}

/**
 * @param {CanvasRenderingContext2D} context @param {import('./layout.mjs').Layout} layout
 * @param {import('./layout.mjs').TimeWindow} win @param {import('./theme.mjs').Theme} theme
 * @param {Annotations['marks'][number]} mark
 */
function drawMark(context, layout, win, theme, { t0, t1, text, color, kept }) {
  const x0 = Math.round(xOfTime(layout, win, t0));
  const x1 = Math.round(xOfTime(layout, win, t1));
  if (x1 < layout.gutter || x0 > layout.width) return;
  context.fillStyle = color;
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  // A temporary mark has a broken line.
  context.setLineDash(kept ? [] : [4, 4]);
  for (const x of x1 > x0 ? [x0, x1] : [x0]) {
    context.beginPath();
    context.moveTo(x, 10);
    context.lineTo(x, layout.height);
    context.stroke();
  }
  context.setLineDash([]);
  if (x1 > x0) context.fillRect(x0, 2, x1 - x0, 4);
  context.beginPath();
  context.moveTo(x0 - 5, 1);
  context.lineTo(x0 + 5, 1);
  context.lineTo(x0, 12);
  context.fill();
  const note = text.length > LONGEST_NOTE ? `${text.slice(0, LONGEST_NOTE - 1)}…` : text;
  if (note) {
    context.font = FONT;
    plate(context, layout, theme, note, x0 + 8 + (context.measureText(note).width + 10) / 2, color);
  }
}
