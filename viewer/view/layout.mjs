/**
 * Geometry: where lanes and moments lie on the canvas. Three spaces: trace time (ns),
 * view (CSS pixels), device (pixels).
 */

export const RULER_HEIGHT = 26;
const LANE_MIN = 24;
const LANE_MAX = 104;
/** Space under a lane's spans, inside the lane. */
export const LANE_GAP = 4;
/** … and inside one that is lower than this: such lanes stand close. */
const LOW = 22;

/**
 * @typedef {object} Layout
 * @property {number} width     CSS pixels of the canvas
 * @property {number} height
 * @property {number} dpr       device pixels per CSS pixel
 * @property {number} gutter    width of the lane names at the left
 * @property {number} plot      width of the time axis = width - gutter, at least 1
 * @property {number} laneHeight of the rows that share the room, those of Ps
 * @property {number} lanes     how many rows
 * @property {Float64Array} tops of the rows from the first one's top on, and the end of the last
 * @property {number} scrollMax largest useful scrollY; 0 = all lanes fit
 */

/**
 * @param {number} width @param {number} height @param {number} dpr
 * @param {number | ReadonlyArray<{height: number | 'share'}>} rows how high each is; `share`: an equal part of what the
 *   others leave; a number: so many of these
 * @returns {Layout}
 */
export function makeLayout(width, height, dpr, rows) {
  const gutter = width < 520 ? 64 : width < 900 ? 120 : 176;
  const room = Math.max(0, height - RULER_HEIGHT);
  const list = typeof rows === 'number' ? null : rows;
  const lanes = typeof rows === 'number' ? rows : rows.length;
  const fixed = list ? list.reduce((sum, row) => sum + (row.height === 'share' ? 0 : row.height), 0) : 0;
  const sharing = list ? list.reduce((n, row) => n + (row.height === 'share' ? 1 : 0), 0) : lanes;
  const share = sharing ? (room - fixed) / sharing : LANE_MAX;
  const laneHeight = Math.floor(Math.min(LANE_MAX, Math.max(LANE_MIN, share)));
  const tops = new Float64Array(lanes + 1);
  for (let i = 0; i < lanes; i++) {
    const own = list ? list[i].height : 'share';
    tops[i + 1] = tops[i] + (own === 'share' ? laneHeight : own);
  }
  return {
    width,
    height,
    dpr,
    gutter,
    plot: Math.max(1, width - gutter),
    laneHeight,
    lanes,
    tops,
    scrollMax: Math.max(0, tops[lanes] - room),
  };
}

/** Height of a row's spans. @param {Layout} layout @param {number} row */
export function spanHeight(layout, row) {
  const height = layout.tops[row + 1] - layout.tops[row];
  return height - (height < LOW ? 1 : LANE_GAP);
}

/** The last row that begins at y or above. @param {Layout} layout @param {number} y from the first row's top */
function rowAt(layout, y) {
  let low = 0;
  let high = layout.lanes;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (layout.tops[mid] > y) high = mid;
    else low = mid + 1;
  }
  return low - 1;
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
  return RULER_HEIGHT + layout.tops[lane] - scrollY;
}

/** The lane under y, or -1. @param {Layout} layout @param {number} scrollY @param {number} y */
export function laneAtY(layout, scrollY, y) {
  if (y < RULER_HEIGHT || y >= layout.height) return -1;
  const at = y - RULER_HEIGHT + scrollY;
  return at < layout.tops[layout.lanes] ? rowAt(layout, at) : -1;
}

/**
 * First and one past the last lane that shows.
 * @param {Layout} layout @param {number} scrollY
 * @returns {[number, number]}
 */
export function visibleLanes(layout, scrollY) {
  const bottom = scrollY + layout.height - RULER_HEIGHT;
  const first = Math.max(0, rowAt(layout, scrollY));
  let end = Math.min(layout.lanes, rowAt(layout, bottom) + 1);
  if (end > first && layout.tops[end - 1] >= bottom) end--;
  return [first, Math.max(first, end)];
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
