/**
 * Lanes by name, not by place: "proc:3", "go:17", "stw:0". What an area, a mark or a saved view says of a lane
 * stays true when lanes come, move or are hidden. Where a lane is drawn is asked here only. A place is a row's number;
 * rows are lanes and headings.
 */
import { KINDS } from '../view/kinds.mjs';
import { RULER_HEIGHT, laneAtY, laneTop } from '../view/layout.mjs';

/** @typedef {import('../trace/types.mjs').Lane} Lane */
/** @typedef {import('../view/groups.mjs').Row} Row */
/** @typedef {import('./timeline.mjs').Timeline} Timeline */

/** Rows as they show, from the top. @param {Timeline} timeline @returns {ReadonlyArray<Row>} */
export function shownRows(timeline) {
  return timeline.rows;
}

/** The keys of those that are lanes with spans. @param {ReadonlyArray<Row>} rows */
export function keysOf(rows) {
  return rows.filter((row) => row.lane && KINDS[row.kind].paint).map((row) => row.key);
}

/** @param {Timeline} timeline @param {string} key @returns {Lane | null} */
export function laneOfKey(timeline, key) {
  return timeline.session?.lanes.byKey(key) ?? null;
}

/** @param {Timeline} timeline @param {number} index @returns {Lane | null} */
export function laneOfIndex(timeline, index) {
  return timeline.session?.lanes.byIndex(index) ?? null;
}

/** The place of the row there; the first or last one for a point beside them all; -1: there is none.
 * @param {Timeline} timeline @param {number} y */
export function placeAt(timeline, y) {
  const { layout, scrollY } = timeline;
  const at = laneAtY(layout, scrollY, Math.min(Math.max(y, RULER_HEIGHT), layout.height - 1));
  return at >= 0 ? at : shownRows(timeline).length - 1;
}

/** @param {Timeline} timeline @param {string} key @returns {{top: number, height: number} | null} null: not shown */
export function boxOf(timeline, key) {
  const { layout, scrollY } = timeline;
  const rows = shownRows(timeline);
  const at = rows.length ? timeline.lanesView.rowOfKey(key) : -1;
  if (at < 0 || at >= layout.lanes) return null;
  return { top: laneTop(layout, scrollY, at), height: layout.tops[at + 1] - layout.tops[at] };
}

/** Opens what it is folded into, and scrolls until it shows. @param {Timeline} timeline @param {Lane} lane */
export function revealLane(timeline, lane) {
  shownRows(timeline);
  if (timeline.lanesView.rowOf(lane.index) < 0) timeline.lanesView.uncover(lane);
  // A region's row is below its goroutine's, which may be folded into its function.
  const owner = timeline.lanesView.rowOf(lane.index) < 0 && lane.parent ? laneOfKey(timeline, lane.parent) : null;
  if (owner) timeline.lanesView.uncover(owner);
  timeline.revealRow(timeline.lanesView.rowOf(lane.index));
}
