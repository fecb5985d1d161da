/**
 * Draws the timeline: ruler, one lane per P, labels, selection. Pure: everything it shows comes in as arguments.
 */
import { LANE_GAP, RULER_HEIGHT, firstEndingAfter, laneTop, visibleLanes, xOfTime } from './layout.mjs';
import { RowPainter } from './rows.mjs';
import { context2d } from './theme.mjs';
import { drawRuler } from './ruler.mjs';

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
 * @property {ReadonlyArray<{index: number, name: string}>} lanes
 * @property {Tiles | null} tiles       for the window
 * @property {Tiles | null} overview    coarse, of the whole trace: fills in where `tiles` do not reach
 * @property {number} dataEnd           the trace is known up to here; right of it nothing is drawn
 * @property {boolean} live
 * @property {Mark | null} hover
 * @property {Mark | null} selected
 */

/** @typedef {{lane: number, start: number, end: number, goid: number}} Mark */

const LABEL_FONT = '11px ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace';
const NAME_FONT = '600 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const SHARE_FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const LABEL_PAD = 5;

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
      this.drawLane(context, scene, theme, lane, lane - first);
      drawName(context, scene, theme, lane, busy[lane - first]);
    }
    if (scene.hover) outline(context, scene, scene.hover, theme.ink, 1);
    if (scene.selected) outline(context, scene, scene.selected, theme.accent, 2);
    drawScrollbar(context, scene, theme);
    context.restore();
    drawRuler(context, scene, theme);
  }

  /**
   * Paints the rows of the lanes first..end-1 into the sheet, one pixel high each.
   * @param {Scene} scene @param {import('./theme.mjs').Theme} theme @param {number} first @param {number} end
   * @returns {number[]} for each lane the share of the visible time in which a goroutine ran, NaN when nothing is known
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
      const fine = itemsOf(tiles, scene.lanes[lane].index);
      const coarse = itemsOf(overview, scene.lanes[lane].index);
      // [from, a) and [b, to) are what the fine tiles do not reach; a = b when there are none.
      const a = fine && tiles ? Math.min(Math.max(from, tiles.t0), to) : to;
      const b = fine && tiles ? Math.max(Math.min(to, tiles.t1), a) : to;
      /** @param {import('./rows.mjs').LaneItems | null} items @param {number} l @param {number} r */
      const add = (items, l, r) => {
        if (items && r > l) this.row.add(items, { ...where, from: l, to: r }, theme.palette, highlight);
      };
      add(coarse, from, a);
      add(fine, a, b);
      add(coarse, b, to);
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
    const top = laneTop(layout, scene.scrollY, lane);
    const height = layout.laneHeight - LANE_GAP;
    const left = Math.max(layout.gutter, xOfTime(layout, win, 0));
    const right = Math.min(layout.width, xOfTime(layout, win, scene.dataEnd));
    if (right > left) {
      context.fillStyle = theme.track;
      context.fillRect(left, top, right - left, height);
      context.fillStyle = this.hatchPattern(context, theme, layout.dpr);
      context.fillRect(left, top, right - left, height);
      context.imageSmoothingEnabled = false;
      context.drawImage(this.sheet, 0, row, this.sheet.width, 1, layout.gutter, top, layout.plot, height);
    }
    const items = itemsOf(scene.tiles, scene.lanes[lane].index);
    if (items && scene.tiles) this.drawLabels(context, scene, theme, items, scene.tiles.strings, top + height / 2);
  }

  /**
   * Function and goroutine on each span that is wide enough, the name shortened before the id is.
   * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {import('./theme.mjs').Theme} theme
   * @param {import('./rows.mjs').LaneItems} items @param {Record<number, string>} strings @param {number} y
   */
  drawLabels(context, scene, theme, items, strings, y) {
    const { layout, win } = scene;
    context.font = LABEL_FONT;
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    if (!this.charWidth) this.charWidth = context.measureText('0000000000').width / 10;
    const perNs = layout.plot / (win.t1 - win.t0);
    const shortest = (2 * this.charWidth + 2 * LABEL_PAD) / perNs;
    const to = Math.min(win.t1, scene.dataEnd);
    const highlight = scene.selected ? scene.selected.goid : 0;
    for (let i = firstEndingAfter(items.end, items.n, win.t0); i < items.n && items.start[i] < to; i++) {
      if (items.end[i] - items.start[i] < shortest || items.index[i] < 0) continue;
      const x0 = Math.max(layout.gutter, xOfTime(layout, win, items.start[i])) + LABEL_PAD;
      const x1 = Math.min(layout.width, xOfTime(layout, win, Math.min(items.end[i], to))) - LABEL_PAD;
      const text = labelFor(strings[items.fn[i]] ?? '', items.goid[i], Math.floor((x1 - x0) / this.charWidth));
      if (!text) continue;
      context.fillStyle = highlight && items.goid[i] !== highlight ? theme.faint : theme.spanInk;
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

/** @param {Tiles | null} tiles @param {number} lane @returns {import('./rows.mjs').LaneItems | null} */
export function itemsOf(tiles, lane) {
  if (!tiles) return null;
  return tiles.lanes.find((items) => items.lane === lane) ?? null;
}

/**
 * "main.worker G12", as much of it as `room` characters hold: the package goes first, then the end of the name.
 * @param {string} fn @param {number} goid @param {number} room
 */
export function labelFor(fn, goid, room) {
  const id = `G${goid}`;
  if (room < id.length) return '';
  const name = fn.slice(fn.lastIndexOf('/') + 1);
  const bare = name.slice(name.indexOf('.') + 1);
  if (name && name.length + 1 + id.length <= room) return `${name} ${id}`;
  if (bare && bare.length + 1 + id.length <= room) return `${bare} ${id}`;
  const left = room - id.length - 2;
  return bare && left >= 3 ? `${bare.slice(0, left)}… ${id}` : id;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {import('./theme.mjs').Theme} theme
 * @param {number} lane @param {number} busy
 */
function drawName(context, scene, theme, lane, busy) {
  const { layout } = scene;
  const y = laneTop(layout, scene.scrollY, lane) + (layout.laneHeight - LANE_GAP) / 2;
  context.fillStyle = theme.ground;
  context.fillRect(0, y - layout.laneHeight / 2, layout.gutter, layout.laneHeight);
  context.textBaseline = 'middle';
  context.font = NAME_FONT;
  context.fillStyle = theme.ink;
  context.textAlign = 'left';
  context.fillText(scene.lanes[lane].name, 10, y, layout.gutter - 12);
  if (layout.gutter < 80 || Number.isNaN(busy)) return;
  context.font = SHARE_FONT;
  context.fillStyle = theme.faint;
  context.textAlign = 'right';
  context.fillText(`${Math.min(100, Math.round(100 * busy))}%`, layout.gutter - 8, y);
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
  const x1 = Math.min(layout.width + 4, xOfTime(layout, win, Math.min(mark.end, Math.max(scene.dataEnd, mark.start))));
  if (x1 < layout.gutter || x0 > layout.width) return;
  context.strokeStyle = color;
  context.lineWidth = width;
  const inset = width / 2;
  const top = laneTop(layout, scene.scrollY, at) + inset;
  const height = layout.laneHeight - LANE_GAP - width;
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
