/**
 * Draws the timeline: ruler, lanes and headings, labels, selection. Pure: everything it shows comes in as arguments.
 */
import { RULER_HEIGHT, firstEndingAfter, laneTop, spanHeight, visibleLanes, xOfTime } from './layout.mjs';
import { itemsOf } from './items.mjs';
import { drawArrows } from './arrows.mjs';
import { KINDS } from './kinds.mjs';
import { drawOverlay } from './overlay.mjs';
import { Patterns, WAITING } from './states.mjs';
import { RowPainter } from './rows.mjs';
import { context2d } from './theme.mjs';
import { drawRuler } from './ruler.mjs';

export { itemsOf };
export { curveWords } from './kinds/curve.mjs';
export { labelFor } from './labels.mjs';

/**
 * An answer of the trace reader for one window of time; see the client's query().
 * @typedef {object} Tiles
 * @property {number} t0
 * @property {number} t1
 * @property {number} px
 * @property {import('./rows.mjs').LaneItems[]} lanes
 * @property {Record<number, string>} strings
 * @property {Array<{t0: number, t1: number}>} [coarse] where a summary stands in for details
 */

/**
 * @typedef {object} Scene
 * @property {import('./layout.mjs').Layout} layout
 * @property {import('./layout.mjs').TimeWindow} win
 * @property {number} scrollY
 * @property {ReadonlyArray<import('./groups.mjs').Row>} lanes  the rows, headings too
 * @property {Tiles | null} tiles       for the window
 * @property {Tiles | null} overview    coarse, of the whole trace: fills in where `tiles` do not reach
 * @property {number} dataEnd           the trace is known up to here; right of it nothing is drawn
 * @property {number} knownFrom         nothing is known of what was before
 * @property {{t0: number, t1: number}} more  what is known of all lanes but those of Ps, which are read first: these
 *   lag behind, and of a long live trace their beginning is given up first
 * @property {boolean} live
 * @property {Mark | null} hover
 * @property {Mark | null} selected
 * @property {((tiles: Tiles, items: import('./rows.mjs').LaneItems) => Uint8Array | null) | null} [mask]
 *   items that do not fit the query fade
 * @property {ReadonlyArray<{t0: number, t1: number, count: number}>} gaps  where generations were lost
 * @property {ReadonlyArray<{index: number, color: 'gc' | 'stopped'}>} overlay  lanes whose spans go over all others
 * @property {ReadonlyArray<import('./arrows.mjs').Arrow>} arrows
 */

/** @typedef {{lane: number, start: number, end: number, goid: number}} Mark */

const LABEL_FONT = '11px ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace';
const NAME_FONT = '600 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const SHARE_FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const LABEL_PAD = 5;
/** A lane lower than this has no room for a label. */
const LABEL_HEIGHT = 13;

export class LanePainter {
  constructor() {
    this.row = new RowPainter();
    this.sheet = new OffscreenCanvas(1, 1);
    this.sheetContext = context2d(this.sheet);
    /** @type {ImageData | null} */
    this.image = null;
    /** @type {{theme: import('./theme.mjs').Theme, dpr: number, pattern: CanvasPattern | null} | null} */
    this.hatch = null;
    this.charWidth = 0;
    this.patterns = new Patterns();
  }

  /**
   * @param {CanvasRenderingContext2D} context of a canvas of layout.width × layout.height × dpr device pixels
   * @param {Scene} scene
   * @param {import('./theme.mjs').Theme} theme
   */
  draw(context, scene, theme) {
    const { layout } = scene;
    context.setTransform(layout.dpr, 0, 0, layout.dpr, 0, 0);
    context.fillStyle = theme.ground;
    context.fillRect(0, 0, layout.width, layout.height);
    if (!scene.lanes.length) return;
    const [first, end] = visibleLanes(layout, scene.scrollY);
    context.save();
    context.beginPath();
    context.rect(0, RULER_HEIGHT, layout.width, layout.height - RULER_HEIGHT);
    context.clip();
    const busy = this.paintRows(scene, theme, first, end);
    for (let lane = first; lane < end; lane++) {
      const kind = KINDS[scene.lanes[lane].kind];
      if (kind.draw) {
        if (scene.lanes[lane].kind !== 'head') drawName(context, scene, theme, lane, NaN);
        kind.draw({ context, patterns: this.patterns }, boxOf(scene, lane), scene, scene.lanes[lane], theme);
        continue;
      }
      this.drawLane(context, scene, theme, lane, lane - first);
      drawName(context, scene, theme, lane, kind.share ? busy[lane - first] : NaN);
    }
    drawOverlay(context, scene, theme, first, end);
    drawArrows(context, scene, theme);
    if (scene.hover) outline(context, scene, scene.hover, theme.ink, 1);
    if (scene.selected) outline(context, scene, scene.selected, theme.accent, 2);
    drawScrollbar(context, scene, theme);
    context.restore();
    drawRuler(context, scene, theme);
  }

  /**
   * Paints the rows of the lanes first..end-1 into the sheet, one pixel high each.
   * @param {Scene} scene @param {import('./theme.mjs').Theme} theme @param {number} first @param {number} end
   * @returns {number[]} of each lane the share of the time in view in which a goroutine ran, NaN = nothing is known
   */
  paintRows(scene, theme, first, end) {
    const { layout, win, tiles, overview } = scene;
    const width = Math.max(1, Math.round(layout.plot * layout.dpr));
    const height = Math.max(1, end - first);
    if (!this.image || this.image.width !== width || this.image.height !== height) {
      this.sheet.width = width;
      this.sheet.height = height;
      this.image = this.sheetContext.createImageData(width, height);
    }
    const rgba = this.image.data;
    const nsPerPixel = (win.t1 - win.t0) / width;
    const from = Math.max(0, win.t0);
    const to = Math.min(win.t1, scene.dataEnd);
    const where = { t0: win.t0, nsPerPixel, gap: Math.max(1, Math.round(layout.dpr)) };
    const highlight = scene.selected ? scene.selected.goid : 0;
    const busy = [];
    this.row.resize(width);
    for (let lane = first; lane < end; lane++) {
      this.row.clear();
      const kind = KINDS[scene.lanes[lane].kind];
      const fine = itemsOf(tiles, scene.lanes[lane].index);
      const coarse = itemsOf(overview, scene.lanes[lane].index);
      // [from, a) and [b, to) are what the fine tiles do not reach; a = b when there are none.
      const a = fine && tiles ? Math.min(Math.max(from, tiles.t0), to) : to;
      const b = fine && tiles ? Math.max(Math.min(to, tiles.t1), a) : to;
      /**
       * @param {Tiles | null} of @param {import('./rows.mjs').LaneItems | null} items @param {number} l
       * @param {number} r
       */
      const add = (of, items, l, r) => {
        if (!of || !items || r <= l) return;
        const mask = scene.mask?.(of, items) ?? null;
        kind.paint?.(this.row, items, { ...where, from: l, to: r }, theme, { highlight, mask });
      };
      add(overview, coarse, from, a);
      add(tiles, fine, a, b);
      add(overview, coarse, b, to);
      this.row.write(rgba, (lane - first) * width * 4, theme.trackLinear, theme.palette.floor);
      busy.push(to > from ? (this.row.busy * nsPerPixel) / (to - from) : NaN);
    }
    this.sheetContext.putImageData(this.image, 0, 0);
    return busy;
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {import('./theme.mjs').Theme} theme
   * @param {number} lane @param {number} row of the sheet
   */
  drawLane(context, scene, theme, lane, row) {
    const { layout, win } = scene;
    const box = boxOf(scene, lane);
    const kind = KINDS[scene.lanes[lane].kind];
    const { t0, t1 } = kind.group === 'ps' ? { t0: scene.knownFrom, t1: scene.dataEnd } : scene.more;
    const left = Math.max(layout.gutter, xOfTime(layout, win, t0));
    const right = Math.min(layout.width, xOfTime(layout, win, t1));
    if (right > left) {
      if (!kind.bare) {
        context.fillStyle = theme.track;
        context.fillRect(left, box.y, right - left, box.height);
        context.fillStyle = this.hatchPattern(context, theme, layout.dpr);
        context.fillRect(left, box.y, right - left, box.height);
      }
      context.imageSmoothingEnabled = false;
      context.drawImage(this.sheet, 0, row, this.sheet.width, 1, layout.gutter, box.y, layout.plot, box.height);
    }
    const items = itemsOf(scene.tiles, scene.lanes[lane].index);
    if (!items || !scene.tiles) return;
    const mask = scene.mask?.(scene.tiles, items) ?? null;
    kind.over?.({ context, patterns: this.patterns }, box, scene, items, theme, mask);
    const what = { lane, items, mask };
    if (box.height >= LABEL_HEIGHT) this.drawLabels(context, scene, theme, what, box.y + box.height / 2);
  }

  /**
   * What the lane's kind says of each span that is wide enough.
   * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {import('./theme.mjs').Theme} theme
   * @param {{lane: number, items: import('./rows.mjs').LaneItems, mask: Uint8Array | null}} what @param {number} y
   */
  drawLabels(context, scene, theme, { lane, items, mask }, y) {
    const { layout, win } = scene;
    const { label, group } = KINDS[scene.lanes[lane].kind];
    const strings = scene.tiles?.strings ?? {};
    if (!label) return;
    context.font = LABEL_FONT;
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    if (!this.charWidth) this.charWidth = context.measureText('0000000000').width / 10;
    const perNs = layout.plot / (win.t1 - win.t0);
    const shortest = (2 * this.charWidth + 2 * LABEL_PAD) / perNs;
    const to = Math.min(win.t1, scene.dataEnd);
    const highlight = scene.selected && (group === 'ps' || group === 'ms') ? scene.selected.goid : 0;
    for (let i = firstEndingAfter(items.end, items.n, win.t0); i < items.n && items.start[i] < to; i++) {
      if (items.end[i] - items.start[i] < shortest || items.index[i] < 0) continue;
      const x0 = Math.max(layout.gutter, xOfTime(layout, win, items.start[i])) + LABEL_PAD;
      const x1 = Math.min(layout.width, xOfTime(layout, win, Math.min(items.end[i], to))) - LABEL_PAD;
      const text = label(items, i, strings, Math.floor((x1 - x0) / this.charWidth));
      if (!text) continue;
      const faded = (highlight && items.goid[i] !== highlight) || (mask && !mask[i]);
      // Waiting is pale in the light and dark in the dark, as the ground is.
      const pale = group === 'go' && items.state[i] === WAITING;
      context.fillStyle = faded ? theme.faint : pale ? theme.ink : theme.spanInk;
      context.fillText(text, x0, y + 0.5, x1 - x0);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {import('./theme.mjs').Theme} theme @param {number} dpr
   * @returns {CanvasPattern | string}
   */
  hatchPattern(context, theme, dpr) {
    if (!this.hatch || this.hatch.theme !== theme || this.hatch.dpr !== dpr) {
      const side = Math.round(8 * dpr);
      const tile = new OffscreenCanvas(side, side);
      const pen = context2d(tile);
      pen.strokeStyle = theme.hatch;
      pen.lineWidth = dpr;
      pen.beginPath();
      for (const shift of [-side, 0, side]) {
        pen.moveTo(shift - 1, side + 1);
        pen.lineTo(shift + side + 1, -1);
      }
      pen.stroke();
      const pattern = context.createPattern(tile, 'repeat');
      pattern?.setTransform(new DOMMatrix([1 / dpr, 0, 0, 1 / dpr, 0, 0]));
      this.hatch = { theme, dpr, pattern };
    }
    return this.hatch.pattern ?? 'transparent';
  }
}

/** Where a row's spans lie. @param {Scene} scene @param {number} lane */
export function boxOf(scene, lane) {
  const { layout } = scene;
  const height = spanHeight(layout, lane);
  return { x: layout.gutter, y: laneTop(layout, scene.scrollY, lane), width: layout.plot, height };
}

/**
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {import('./theme.mjs').Theme} theme
 * @param {number} lane @param {number} busy
 */
function drawName(context, scene, theme, lane, busy) {
  const { layout } = scene;
  const row = scene.lanes[lane];
  const box = boxOf(scene, lane);
  const y = box.y + box.height / 2;
  context.fillStyle = theme.ground;
  context.fillRect(0, box.y, layout.gutter, layout.tops[lane + 1] - layout.tops[lane]);
  context.textBaseline = 'middle';
  context.font = row.lane?.kind === 'proc' ? NAME_FONT : SHARE_FONT;
  context.fillStyle = row.kind === 'region' || row.kind === 'range' ? theme.faint : theme.ink;
  context.textAlign = 'left';
  const room = layout.gutter - (Number.isNaN(busy) || layout.gutter < 80 ? 4 : 40);
  const left = layout.gutter < 80 ? 4 + 2 * row.depth : Math.min(10 + 8 * row.depth, layout.gutter / 2);
  // Not squeezed, as fillText would: cut, the name's end first.
  const chars = Math.floor((room - left) / (context.measureText('nnnnnnnnnn').width / 10));
  const isCut = row.name.length > chars && context.measureText(row.name).width > room - left;
  context.fillText(isCut ? `${row.name.slice(0, Math.max(1, chars - 1))}…` : row.name, left, y);
  if (layout.gutter < 80 || Number.isNaN(busy)) return;
  context.font = SHARE_FONT;
  context.fillStyle = theme.faint;
  context.textAlign = 'right';
  // Most goroutines run for next to nothing of the view: a column of zeros says no more than an empty one.
  const percent = Math.min(100, Math.round(100 * busy));
  if (percent || row.kind !== 'go') context.fillText(`${percent}%`, layout.gutter - 8, y);
}

/**
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Mark} mark @param {string} color
 * @param {number} width
 */
function outline(context, scene, mark, color, width) {
  const { layout, win } = scene;
  const at = scene.lanes.findIndex((lane) => lane.index === mark.lane);
  if (at < 0) return;
  const x0 = Math.max(layout.gutter - 4, xOfTime(layout, win, mark.start));
  const end = Math.min(mark.end, Math.max(scene.dataEnd, mark.start));
  const x1 = Math.min(layout.width + 4, xOfTime(layout, win, end));
  if (x1 < layout.gutter || x0 > layout.width) return;
  context.strokeStyle = color;
  context.lineWidth = width;
  const inset = width / 2;
  const top = laneTop(layout, scene.scrollY, at) + inset;
  const height = spanHeight(layout, at) - width;
  context.save();
  context.beginPath();
  context.rect(layout.gutter, RULER_HEIGHT, layout.plot, layout.height - RULER_HEIGHT);
  context.clip();
  // A span narrower than its outline keeps a visible one.
  const grow = Math.max(0, 3 - (x1 - x0)) / 2;
  context.strokeRect(x0 - grow + inset, top, Math.max(0, x1 - x0 + 2 * grow - width), height);
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {Scene} scene @param {import('./theme.mjs').Theme} theme */
function drawScrollbar(context, scene, theme) {
  const { layout, scrollY } = scene;
  if (layout.scrollMax <= 0) return;
  const room = layout.height - RULER_HEIGHT;
  const length = Math.max(24, (room * room) / (room + layout.scrollMax));
  const top = RULER_HEIGHT + ((room - length) * scrollY) / layout.scrollMax;
  context.globalAlpha = 0.55;
  context.fillStyle = theme.faint;
  context.fillRect(layout.width - 6, top, 4, length);
  context.globalAlpha = 1;
}
