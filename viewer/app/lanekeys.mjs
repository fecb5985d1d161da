/**
 * Lanes by name, not by place: "proc:3", "go:17", "stw:0". What an area, a mark or a saved view says of a lane
 * stays true when lanes come, move or are hidden. Where a lane is drawn is asked here only.
 */
import { RULER_HEIGHT, laneAtY, laneTop } from '../view/layout.mjs';

/** @typedef {import('../trace/types.mjs').Lane} Lane */
/** @typedef {import('./timeline.mjs').Timeline} Timeline */

/** @param {{kind: string, id: number}} lane */
export function laneKey(lane) {
  return `${lane.kind}:${lane.id}`;
}

/** Lanes as they show, from the top. @param {Timeline} timeline @returns {ReadonlyArray<Lane>} */
export function shownLanes(timeline) {
  return timeline.shownLanes();
}

/** @param {Timeline} timeline @param {string} key @returns {Lane | null} */
export function laneOfKey(timeline, key) {
  return timeline.session?.info?.lanes.find((lane) => laneKey(lane) === key) ?? null;
}

/** The lane's place among those that show; the first or last one for a point beside them all; -1: there is none.
 * @param {Timeline} timeline @param {number} y */
export function placeAt(timeline, y) {
  const { layout, scrollY } = timeline;
  const at = laneAtY(layout, scrollY, Math.min(Math.max(y, RULER_HEIGHT), layout.height - 1));
  return at >= 0 ? at : shownLanes(timeline).length - 1;
}

/** @param {Timeline} timeline @param {string} key @returns {{top: number, height: number} | null} null: not shown */
export function boxOf(timeline, key) {
  const at = shownLanes(timeline).findIndex((lane) => laneKey(lane) === key);
  if (at < 0) return null;
  return { top: laneTop(timeline.layout, timeline.scrollY, at), height: timeline.layout.laneHeight };
}

/** Scrolls so far that the lane shows. @param {Timeline} timeline @param {string} key */
export function revealLane(timeline, key) {
  const box = boxOf(timeline, key);
  if (!box) return;
  if (box.top < RULER_HEIGHT) timeline.scrollBy(box.top - RULER_HEIGHT);
  else if (box.top + box.height > timeline.layout.height)
    timeline.scrollBy(box.top + box.height - timeline.layout.height);
}
