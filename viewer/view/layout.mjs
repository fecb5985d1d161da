/**
 * Geometry: where lanes and moments lie on the canvas. Three spaces: trace time (ns),
 * view (CSS pixels), device (pixels).
 */

export const RULER_HEIGHT = 26;
const LANE_MIN = 24;
const LANE_MAX = 104;
/** Space under a lane's spans, inside the lane. */
export const LANE_GAP = 4;

/**
 * @typedef {object} Layout
 * @property {number} width     CSS pixels of the canvas
 * @property {number} height
 * @property {number} dpr       device pixels per CSS pixel
 * @property {number} gutter    width of the lane names at the left
 * @property {number} plot      width of the time axis = width - gutter, at least 1
 * @property {number} laneHeight
 * @property {number} lanes     how many
 * @property {number} scrollMax largest useful scrollY; 0 = all lanes fit
 */

/**
 * @param {number} width @param {number} height @param {number} dpr @param {number} lanes
 * @returns {Layout}
 */
export function makeLayout(width, height, dpr, lanes) {
  const gutter = width < 520 ? 52 : 84;
  const room = Math.max(0, height - RULER_HEIGHT);
  const laneHeight = Math.floor(Math.min(LANE_MAX, Math.max(LANE_MIN, lanes ? room / lanes : LANE_MAX)));
  return {
    width,
    height,
    dpr,
    gutter,
    plot: Math.max(1, width - gutter),
    laneHeight,
    lanes,
    scrollMax: Math.max(0, lanes * laneHeight - room),
  };
}

/**
 * @typedef {{t0: number, t1: number}} TimeWindow  the moments at the plot's left and right edge
 */

/** @param {Layout} layout @param {TimeWindow} win @param {number} t */
export function xOfTime(layout, win, t) {
  return layout.gutter + ((t - win.t0) / (win.t1 - win.t0)) * layout.plot;
}

/** @param {Layout} layout @param {TimeWindow} win @param {number} x */
export function timeOfX(layout, win, x) {
  return win.t0 + ((x - layout.gutter) / layout.plot) * (win.t1 - win.t0);
}

/** Top of a lane in view space. @param {Layout} layout @param {number} scrollY @param {number} lane */
export function laneTop(layout, scrollY, lane) {
  return RULER_HEIGHT + lane * layout.laneHeight - scrollY;
}

/** The lane under y, or -1. @param {Layout} layout @param {number} scrollY @param {number} y */
export function laneAtY(layout, scrollY, y) {
  if (y < RULER_HEIGHT || y >= layout.height) return -1;
  const lane = Math.floor((y - RULER_HEIGHT + scrollY) / layout.laneHeight);
  return lane < layout.lanes ? lane : -1;
}

/**
 * First and one past the last lane that shows.
 * @param {Layout} layout @param {number} scrollY
 * @returns {[number, number]}
 */
export function visibleLanes(layout, scrollY) {
  const first = Math.floor(scrollY / layout.laneHeight);
  const end = Math.ceil((scrollY + layout.height - RULER_HEIGHT) / layout.laneHeight);
  return [Math.max(0, first), Math.max(0, Math.min(layout.lanes, end))];
}

/**
 * First item of a lane that ends after t (items are in time order and do not overlap).
 * @param {Float64Array} end @param {number} n @param {number} t
 */
export function firstEndingAfter(end, n, t) {
  let low = 0;
  let high = n;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (end[mid] > t) high = mid;
    else low = mid + 1;
  }
  return low;
}

/**
 * The item at moment t, or the nearest one within `slop` ns (a pointer is wider than a narrow span), or -1.
 * @param {{n: number, start: Float64Array, end: Float64Array}} items @param {number} t @param {number} slop
 */
export function itemAt(items, t, slop) {
  const at = firstEndingAfter(items.end, items.n, t);
  if (at < items.n && items.start[at] <= t) return at;
  const after = at < items.n ? items.start[at] - t : Infinity;
  const before = at > 0 ? t - items.end[at - 1] : Infinity;
  if (Math.min(after, before) > slop) return -1;
  return after <= before ? at : at - 1;
}
