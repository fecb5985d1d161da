/**
 * What a kind of lane is to the view; each file beside this one is one kind, and ../kinds.mjs lists them.
 */
import { firstEndingAfter } from '../layout.mjs';

/** @typedef {import('../rows.mjs').LaneItems} LaneItems */
/** @typedef {import('../theme.mjs').Theme} Theme */
/** @typedef {import('../lanes.mjs').Scene} Scene */
/** @typedef {import('../groups.mjs').Row} Row */
/** @typedef {{t0: number, nsPerPixel: number, from: number, to: number, gap: number}} Where */
/** @typedef {{x: number, y: number, width: number, height: number}} Box  of a row's spans, in CSS pixels */

/**
 * What keeps its colour while the rest fades: a goroutine (0 = none), and the items that fit a query (null = all).
 * @typedef {{highlight: number, mask: Uint8Array | null}} Focus
 */

/**
 * @typedef {object} Brush
 * @property {CanvasRenderingContext2D} context
 * @property {import('../states.mjs').Patterns} patterns
 */

/**
 * A kind either paints its items as a row of pixels, each the mix of what it covers, or draws into its box by itself.
 * @typedef {object} Kind
 * @property {string} group            id of a group in ../groups.mjs
 * @property {number | 'share'} height CSS pixels; share: what the other rows leave
 * @property {(row: import('../rows.mjs').RowPainter, items: LaneItems, where: Where, theme: Theme,
 *   focus: Focus) => void} [paint]
 * @property {(brush: Brush, box: Box, scene: Scene, row: Row, theme: Theme) => void} [draw]
 * @property {(brush: Brush, box: Box, scene: Scene, items: LaneItems, theme: Theme,
 *   mask: Uint8Array | null) => void} [over]
 *   patterns and points over the row of pixels
 * @property {(items: LaneItems, i: number, strings: Record<number, string>, room: number) => string} [label]
 *   what a wide span says in `room` characters
 * @property {boolean} [share] the name column tells how much of the view was busy
 * @property {boolean} [bare]  no track behind it: where there is no item there is nothing
 */

/** Text, or its beginning if it does not fit. @param {string} text @param {number} room characters */
export function cut(text, room) {
  if (text.length <= room) return text;
  return room >= 4 ? `${text.slice(0, room - 1)}…` : '';
}

/**
 * Calls `each` for every item in view, with its place in CSS pixels.
 * @param {LaneItems} items @param {Box} box @param {Scene} scene
 * @param {(i: number, x0: number, x1: number) => void} each
 */
export function eachItem(items, box, scene, each) {
  const { win } = scene;
  const perNs = box.width / (win.t1 - win.t0);
  const to = Math.min(win.t1, scene.dataEnd);
  for (let i = firstEndingAfter(items.end, items.n, win.t0); i < items.n && items.start[i] < to; i++) {
    const x0 = box.x + Math.max(0, (items.start[i] - win.t0) * perNs);
    const x1 = box.x + Math.min(box.width, (Math.min(items.end[i], to) - win.t0) * perNs);
    each(i, x0, x1);
  }
}
