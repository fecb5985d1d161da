/**
 * The selected area: a stretch of time on some lanes; how the pointer and the keys make it and change it.
 */
import { RULER_HEIGHT, timeOfX, xOfTime } from '../view/layout.mjs';
import { boxOf, keysOf, laneOfIndex, placeAt, shownRows } from './lanekeys.mjs';

/** @typedef {{t0: number, t1: number, lanes: string[]}} Area   lanes by their keys, from the top */

/** The pointer takes hold of an edge that is at most so many CSS pixels away. */
const GRIP = 5;
/** Keys change the area by this share of what shows. */
const KEY_STEP = 0.02;

export class AreaTool {
  /**
   * @param {import('./timeline.mjs').Timeline} timeline
   * @param {(done: boolean) => void} onChange done: not in a drag
   */
  constructor(timeline, onChange) {
    this.timeline = timeline;
    this.onChange = onChange;
    /** @type {Area | null} */
    this.area = null;
    /** Of the drag: the moment and the lane that stay. @type {{t: number, place: number, all: boolean} | null} */
    this.anchor = null;
  }

  /** @param {Area | null} area @param {boolean} [done] */
  set(area, done = true) {
    if (!area && !this.area) return;
    this.area = area && area.t1 > area.t0 && area.lanes.length ? area : null;
    this.timeline.frames.request();
    this.onChange(done);
  }

  /** A drag begins. @param {number} x @param {number} y */
  begin(x, y) {
    const { timeline } = this;
    const edge = this.edgeAt(x, y);
    const { area } = this;
    if (area && edge) {
      // The other edge stays, and so do the lanes.
      this.anchor = { t: edge < 0 ? area.t1 : area.t0, place: -1, all: false };
      return;
    }
    const t = this.timeAt(x);
    // On the ruler an area has all lanes.
    this.anchor = { t, place: placeAt(timeline, y), all: y < RULER_HEIGHT };
  }

  /** @param {number} x @param {number} y */
  to(x, y) {
    const { timeline, anchor } = this;
    if (!anchor) return;
    const t = this.timeAt(x);
    const rows = shownRows(timeline);
    const place = placeAt(timeline, y);
    const lanes = anchor.place < 0 && !anchor.all ? this.area?.lanes ?? keysOf(rows) : keysOf(anchor.all ? rows
      : rows.slice(Math.min(anchor.place, place), Math.max(anchor.place, place) + 1));
    this.set({ t0: Math.min(anchor.t, t), t1: Math.max(anchor.t, t), lanes }, false);
  }

  /** @param {boolean} kept false: the browser took the pointer away */
  end(kept) {
    if (!this.anchor) return;
    this.anchor = null;
    if (!kept) this.set(null);
    else this.onChange(true);
  }

  /** -1, 1: the left, right edge is there; 0: none. @param {number} x @param {number} y @returns {-1 | 0 | 1} */
  edgeAt(x, y) {
    const { timeline, area } = this;
    if (!area || this.anchor) return 0;
    const boxes = area.lanes.map((key) => boxOf(timeline, key));
    if (y >= RULER_HEIGHT && !boxes.some((box) => box && y >= box.top && y < box.top + box.height)) return 0;
    const left = Math.abs(x - xOfTime(timeline.layout, timeline.view, area.t0));
    const right = Math.abs(x - xOfTime(timeline.layout, timeline.view, area.t1));
    if (Math.min(left, right) > GRIP) return 0;
    return left < right ? -1 : 1;
  }

  /** Moments before the trace or after it are none of an area. @param {number} x */
  timeAt(x) {
    const { layout, view } = this.timeline;
    const inside = Math.min(Math.max(x, layout.gutter), layout.width);
    return Math.min(Math.max(0, timeOfX(layout, view, inside)), Math.max(0, view.own));
  }

  /** The selected span, else all that shows. */
  ofView() {
    const { timeline } = this;
    const { selected, view } = timeline;
    if (!timeline.session?.hasLanes) return;
    const lane = selected ? laneOfIndex(timeline, selected.lane) : null;
    if (selected && lane) this.set({ t0: selected.start, t1: selected.end, lanes: [lane.key] });
    else {
      const lanes = keysOf(shownRows(timeline));
      this.set({ t0: Math.max(0, view.t0), t1: Math.min(view.own, view.t1), lanes });
    }
  }

  /** By keys: its end, and its last lane. @param {-1 | 0 | 1} time @param {-1 | 0 | 1} lanes */
  grow(time, lanes) {
    const { timeline, area } = this;
    if (!area) {
      this.ofView();
      return;
    }
    const step = KEY_STEP * timeline.view.width;
    const t1 = Math.min(timeline.view.own, Math.max(area.t0 + step / 4, area.t1 + time * step));
    const keys = keysOf(shownRows(timeline));
    const last = keys.indexOf(area.lanes[area.lanes.length - 1]);
    const kept = lanes < 0 && area.lanes.length > 1 ? area.lanes.slice(0, -1) : area.lanes;
    const more = lanes > 0 && last >= 0 && last + 1 < keys.length ? [keys[last + 1]] : [];
    this.set({ t0: area.t0, t1, lanes: [...kept, ...more] });
  }
}
