/**
 * One lane as one row of device pixels, each the true mix of what ran in its slice of time.
 *
 * A pixel's colour is the area-weighted mean, in linear light, of the spans that cover it and of the idle track
 * where nothing ran. The cost is spans in view + pixels, whatever the zoom; the row is then stretched to the lane's
 * height by one drawImage.
 */
import { firstEndingAfter } from './layout.mjs';
import { linearToByte, paletteOffset } from './color.mjs';

/**
 * One lane's part of an answer of the trace reader; see the client's query().
 * @typedef {object} LaneItems
 * @property {number} lane
 * @property {number} n
 * @property {Float64Array} start
 * @property {Float64Array} end
 * @property {Float64Array} goid
 * @property {Uint8Array} state     see states.mjs
 * @property {Int32Array} index     of the span in its lane; -1 = an aggregate of spans too narrow to tell apart
 * @property {Float32Array} busy    share of the item's time in which a goroutine ran
 * @property {Uint32Array} fn       string id of the start function, of a reason or a name
 * @property {Uint32Array} [mix]    of an aggregate: shares of running, syscall, runnable, waiting, a byte each
 * @property {Array<{t0: number, t1: number, gone: boolean}>} [rough] where items are placed only about
 * @property {{n: number, t: Float64Array, index: Uint32Array, count: Uint32Array, kind: Uint8Array}} [points]
 * @property {Float32Array[]} [series] of a curve
 */

/** A span this many device pixels wide or more shows a gap at its left edge, so that equal neighbours stay two. */
const GAP_FROM = 7;
/** What is left of the colour of what is not highlighted. */
export const DIMMED = 0.22;

export class RowPainter {
  constructor() {
    this.width = 0;
    this.r = new Float32Array(0);
    this.g = new Float32Array(0);
    this.b = new Float32Array(0);
    this.share = new Float32Array(0);
    /** Time in which a goroutine ran, in pixels of the last painted row. */
    this.busy = 0;
  }

  /** @param {number} width device pixels */
  resize(width) {
    if (width === this.width) return;
    this.width = width;
    this.r = new Float32Array(width);
    this.g = new Float32Array(width);
    this.b = new Float32Array(width);
    this.share = new Float32Array(width);
  }

  clear() {
    this.r.fill(0);
    this.g.fill(0);
    this.b.fill(0);
    this.share.fill(0);
    this.busy = 0;
  }

  /**
   * Adds a lane's items between the moments from..to.
   * @param {LaneItems} items
   * @param {{t0: number, nsPerPixel: number, from: number, to: number, gap: number}} where gap in device pixels
   * @param {import('./color.mjs').Palette} palette
   * @param {number} highlight goroutine that keeps its colour while others fade; 0 = none
   * @param {Uint8Array | null} [mask] items that are 0 there fade too
   * @param {(i: number) => boolean} [which] of the items; left out: all
   */
  add(items, where, palette, highlight, mask = null, which) {
    const { t0, nsPerPixel, from, to, gap } = where;
    const { start, end, goid, state, index, busy } = items;
    for (let i = firstEndingAfter(end, items.n, from); i < items.n && start[i] < to; i++) {
      if (which && !which(i)) continue;
      let x0 = (Math.max(start[i], from) - t0) / nsPerPixel;
      const x1 = Math.min(this.width, (Math.min(end[i], to) - t0) / nsPerPixel);
      if (x1 <= 0) continue;
      if (x0 < 0) x0 = 0;
      this.busy += (x1 - x0) * busy[i];
      if (index[i] >= 0 && x1 - x0 >= GAP_FROM && start[i] >= from) x0 += gap;
      const fade = (highlight && goid[i] !== highlight) || (mask && !mask[i]) ? DIMMED : 1;
      this.cover(x0, x1, busy[i], state[i] === 1 ? palette.quiet : palette.linear,
        paletteOffset(palette, goid[i]), fade);
    }
  }

  /**
   * @param {number} x0 @param {number} x1 @param {number} share
   * @param {Float32Array} colors @param {number} at @param {number} fade
   */
  cover(x0, x1, share, colors, at, fade) {
    const first = Math.floor(x0);
    const last = Math.min(this.width - 1, Math.floor(x1));
    const weight = share * fade;
    const r = colors[at] * weight;
    const g = colors[at + 1] * weight;
    const b = colors[at + 2] * weight;
    for (let x = first; x <= last; x++) {
      const part = Math.min(x1, x + 1) - Math.max(x0, x);
      if (part <= 0) continue;
      this.r[x] += r * part;
      this.g[x] += g * part;
      this.b[x] += b * part;
      this.share[x] += weight * part;
    }
  }

  /**
   * Writes the row as opaque RGBA where something ran, transparent where nothing did.
   * @param {Uint8ClampedArray} rgba @param {number} offset first byte of the row
   * @param {readonly [number, number, number]} track linear colour of the idle track
   * @param {number} floor a pixel in which anything ran is drawn as busy for this share at least,
   *   so that it can be found
   */
  write(rgba, offset, track, floor) {
    const { r, g, b, share, width } = this;
    for (let x = 0; x < width; x++, offset += 4) {
      const covered = share[x];
      if (covered <= 0) {
        rgba[offset + 3] = 0;
        continue;
      }
      const gain = covered > 1 ? 1 / covered : covered < floor ? floor / covered : 1;
      const idle = 1 - covered * gain;
      rgba[offset] = linearToByte(r[x] * gain + idle * track[0]);
      rgba[offset + 1] = linearToByte(g[x] * gain + idle * track[1]);
      rgba[offset + 2] = linearToByte(b[x] * gain + idle * track[2]);
      rgba[offset + 3] = 255;
    }
  }
}
