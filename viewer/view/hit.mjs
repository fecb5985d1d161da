/**
 * What lies under a point of the canvas, and what is first in view.
 */
import { itemAt, laneAtY, timeOfX, visibleLanes } from './layout.mjs';
import { itemsOf } from './items.mjs';

/** @typedef {import('./rows.mjs').LaneItems} LaneItems */

/** The pointer may miss a span by this many CSS pixels. */
const SLOP = 3;

/**
 * An item of the tiles, by value: the tiles may be replaced at any time.
 * @typedef {object} Hit
 * @property {number} lane
 * @property {number} index   of the span in its lane; -1: an aggregate
 * @property {number} goid
 * @property {string} fn      start function of the goroutine, "" = unknown or none
 * @property {string} kind    of the lane
 * @property {string} key     of the lane
 * @property {string} word    why it waits; a region's or task's name
 * @property {number} mix     of an aggregate: shares of running, syscall, runnable, waiting, a byte each
 * @property {{index: number, t: number, kind: number, count: number} | null} point  a log, label or sample there
 * @property {number} start
 * @property {number} end
 * @property {number} state
 * @property {number} busy
 */

/**
 * @param {import('./lanes.mjs').Scene} scene @param {number} x @param {number} y
 * @returns {Hit | null}
 */
export function hitTest(scene, x, y) {
  const { layout, win, tiles, overview } = scene;
  const at = x < layout.gutter ? -1 : laneAtY(layout, scene.scrollY, y);
  if (at < 0) return null;
  const t = timeOfX(layout, win, x);
  const inside = tiles && t >= tiles.t0 && t <= tiles.t1;
  const slop = (SLOP * (win.t1 - win.t0)) / layout.plot;
  return itemNear(inside ? tiles : overview, scene.lanes[at], t, slop);
}

/** The lane's point nearest to t, if one is near. @param {LaneItems} items @param {number} t @param {number} slop */
function pointNear({ points }, t, slop) {
  let best = -1;
  for (let i = 0; points && i < points.n; i++) {
    const off = Math.abs(points.t[i] - t);
    if (off <= slop && (best < 0 || off < Math.abs(points.t[best] - t))) best = i;
  }
  if (!points || best < 0) return null;
  return { index: points.index[best], t: points.t[best], kind: points.kind[best], count: points.count[best] };
}

/**
 * The lane's item at moment t or at most `slop` ns from it.
 * @param {import('./lanes.mjs').Tiles | null} tiles @param {import('./groups.mjs').Row} row @param {number} t
 * @param {number} slop
 * @returns {Hit | null}
 */
export function itemNear(tiles, row, t, slop) {
  const items = itemsOf(tiles, row.index);
  const i = items ? itemAt(items, t, slop) : -1;
  if (!items || !tiles || i < 0) return null;
  const word = tiles.strings[items.fn[i]] ?? '';
  const ofP = row.kind === 'proc' || row.kind === 'stw' || row.kind === 'm';
  return {
    lane: row.index,
    index: items.index[i],
    goid: items.goid[i],
    fn: ofP ? word : row.lane?.fn ?? '',
    kind: row.kind,
    key: row.key,
    word: ofP ? '' : word,
    mix: items.mix?.[i] ?? 0,
    point: pointNear(items, t, slop),
    start: items.start[i],
    end: items.end[i],
    state: items.state[i],
    busy: items.busy[i],
  };
}

/**
 * The first span in view that can be told apart, lane by lane.
 * @param {import('./lanes.mjs').Scene} scene
 * @returns {{lane: number, index: number} | null}
 */
export function firstSpan(scene) {
  const { win } = scene;
  for (const lane of scene.lanes.slice(...visibleLanes(scene.layout, scene.scrollY))) {
    const items = itemsOf(scene.tiles, lane.index);
    if (!items) continue;
    for (let i = 0; i < items.n && items.start[i] < win.t1; i++) {
      if (items.end[i] > win.t0 && items.index[i] >= 0) return { lane: lane.index, index: items.index[i] };
    }
  }
  return null;
}
