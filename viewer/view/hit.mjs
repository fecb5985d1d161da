/**
 * What lies under a point of the canvas, and what is first in view.
 */
import { itemAt, laneAtY, timeOfX, visibleLanes } from './layout.mjs';
import { itemsOf } from './lanes.mjs';

/** The pointer may miss a span by this many CSS pixels. */
const SLOP = 3;

/**
 * An item of the tiles, by value: the tiles may be replaced at any time.
 * @typedef {object} Hit
 * @property {number} lane
 * @property {number} index   of the span in its lane; -1: an aggregate
 * @property {number} goid
 * @property {string} fn
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
  return itemNear(inside ? tiles : overview, scene.lanes[at].index, t, (SLOP * (win.t1 - win.t0)) / layout.plot);
}

/**
 * The lane's item at moment t or at most `slop` ns from it.
 * @param {import('./lanes.mjs').Tiles | null} tiles @param {number} lane @param {number} t @param {number} slop
 * @returns {Hit | null}
 */
export function itemNear(tiles, lane, t, slop) {
  const items = itemsOf(tiles, lane);
  const i = items ? itemAt(items, t, slop) : -1;
  if (!items || !tiles || i < 0) return null;
  return {
    lane,
    index: items.index[i],
    goid: items.goid[i],
    fn: tiles.strings[items.fn[i]] ?? '',
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
