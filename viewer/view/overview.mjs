/**
 * Draws the strip that shows the whole trace and which part of it the lanes below show.
 */
import { RowPainter } from './rows.mjs';
import { itemsOf } from './items.mjs';
import { context2d } from './theme.mjs';

/** Height of the strip in CSS pixels. */
export const OVERVIEW_HEIGHT = 36;

export class OverviewPainter {
  constructor() {
    this.row = new RowPainter();
    this.sheet = new OffscreenCanvas(1, 1);
    this.sheetContext = context2d(this.sheet);
    /** What the sheet shows; painted anew only when one of these changed. */
    /** @type {{tiles: unknown, theme: unknown, width: number, extent: number} | null} */
    this.painted = null;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {object} scene
   * @param {import('./layout.mjs').Layout} scene.layout     of the lanes: the strip lines up with them
   * @param {import('./layout.mjs').TimeWindow} scene.win    the window the lanes show
   * @param {ReadonlyArray<{index: number}>} scene.lanes
   * @param {import('./lanes.mjs').Tiles | null} scene.overview
   * @param {number} scene.extent                            length of the trace
   * @param {import('./theme.mjs').Theme} theme
   */
  draw(context, { layout, win, lanes, overview, extent }, theme) {
    const { gutter, plot, width, dpr } = layout;
    context.setTransform(dpr, 0, 0, dpr, 0, 0);
    context.fillStyle = theme.ground;
    context.fillRect(0, 0, width, OVERVIEW_HEIGHT);
    if (!lanes.length || !overview || extent <= 0) return;
    this.paint(layout, lanes, overview, extent, theme);
    context.fillStyle = theme.track;
    context.fillRect(gutter, 2, plot * Math.min(1, overview.t1 / extent), OVERVIEW_HEIGHT - 4);
    context.imageSmoothingEnabled = lanes.length * 2 > OVERVIEW_HEIGHT;
    context.drawImage(this.sheet, gutter, 2, plot, OVERVIEW_HEIGHT - 4);
    const x0 = gutter + Math.max(0, win.t0 / extent) * plot;
    const x1 = gutter + Math.min(1, win.t1 / extent) * plot;
    const wide = Math.max(4, x1 - x0);
    context.fillStyle = theme.ground;
    context.globalAlpha = 0.45;
    context.fillRect(gutter, 0, x0 - gutter, OVERVIEW_HEIGHT);
    context.fillRect(x0 + wide, 0, gutter + plot - x0 - wide, OVERVIEW_HEIGHT);
    context.globalAlpha = 1;
    context.strokeStyle = theme.accent;
    context.lineWidth = 1.5;
    context.strokeRect(x0 + 0.75, 0.75, wide - 1.5, OVERVIEW_HEIGHT - 1.5);
  }

  /**
   * @param {import('./layout.mjs').Layout} layout @param {ReadonlyArray<{index: number}>} lanes
   * @param {import('./lanes.mjs').Tiles} tiles @param {number} extent @param {import('./theme.mjs').Theme} theme
   */
  paint(layout, lanes, tiles, extent, theme) {
    const width = Math.max(1, Math.round(layout.plot * layout.dpr));
    const was = this.painted;
    if (was && was.tiles === tiles && was.theme === theme && was.width === width && was.extent === extent) return;
    this.painted = { tiles, theme, width, extent };
    this.sheet.width = width;
    this.sheet.height = lanes.length;
    const image = this.sheetContext.createImageData(width, lanes.length);
    this.row.resize(width);
    lanes.forEach((lane, i) => {
      const items = itemsOf(tiles, lane.index);
      this.row.clear();
      if (items)
        this.row.add(items, { t0: 0, nsPerPixel: extent / width, from: 0, to: extent, gap: 0 }, theme.palette, 0);
      this.row.write(image.data, i * width * 4, theme.trackLinear, theme.palette.floor);
    });
    this.sheetContext.putImageData(image, 0, 0);
  }
}
