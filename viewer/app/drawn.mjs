/**
 * What the user drew over the lanes, as the painters want it, and the list of marks below them.
 */
import { boxOf } from './lanekeys.mjs';
import { fillMarks } from './notes.mjs';

export class Drawn {
  /** @param {import('./element.mjs').GoroscopeViewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    /** The CSS colours of marks, as far as they were read. @type {Map<number, string>} */
    this.colors = new Map();
  }

  /** @returns {import('../view/annotations.mjs').Annotations} */
  annotations() {
    const { timeline, marks, live, area: { area } } = this.viewer;
    const boxes = (area?.lanes ?? []).map((key) => boxOf(timeline, key)).filter((box) => box !== null);
    return {
      area: area ? { t0: area.t0, t1: area.t1, boxes } : null,
      lane: timeline.pointed ? boxOf(timeline, timeline.pointed) : null,
      step: live.parked ? null : live.steps.last,
      marks: marks.list.map((mark) => ({ ...mark, color: this.color(mark.color) })),
    };
  }

  /** @param {number} color */
  color(color) {
    let css = this.colors.get(color);
    if (css === undefined) {
      css = getComputedStyle(this.viewer).getPropertyValue(`--goroscope-mark-${color}`).trim();
      this.colors.set(color, css);
    }
    return css;
  }

  /** @param {boolean} list marks came or went */
  changed(list) {
    const { timeline, keeper, marks, parts } = this.viewer;
    timeline.frames.request();
    keeper.changed();
    if (!list) return;
    const kept = marks.list.some((mark) => mark.kept);
    if (!parts.marks.hidden || kept) this.show(marks.list.length > 0 || !parts.marks.hidden);
  }

  /** Keeps a mark and asks for its note. @param {number} t0 @param {number} t1 */
  note(t0, t1) {
    const { marks, parts: { marks: panel } } = this.viewer;
    const mark = marks.add(t0, t1, true);
    this.show(true);
    panel.querySelectorAll('input')[marks.list.indexOf(mark)]?.focus();
  }

  /** The list of marks. @param {boolean} show */
  show(show) {
    const { timeline, keeper, marks, parts: { marks: panel, lanes } } = this.viewer;
    panel.hidden = !show;
    if (!show) return;
    fillMarks(panel, marks, {
      go: (mark) => {
        keeper.jumps();
        timeline.fit(mark.t0, Math.max(mark.t1, mark.t0 + timeline.view.width / 20));
      },
      leave: () => lanes.focus({ preventScroll: true }),
      close: () => this.show(false),
    });
  }
}
