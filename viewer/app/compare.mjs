/**
 * Two traces on one axis: of time, one viewer shows what the other shows. The first one's drawer has a table of what
 * differs (tables/compared.mjs).
 */

/** @typedef {import('./element.mjs').GoroscopeViewer} Viewer */

export class Comparison {
  /** @param {Viewer} viewer @param {Viewer} other */
  constructor(viewer, other) {
    this.viewer = viewer;
    this.other = other;
    /** Shows what the other of the two shows; its own mode is `free`, so that it does not move by itself. */
    this.led = other;
    /** What it was last made to show. @type {{t0: number, t1: number} | null} */
    this.shown = null;
    this.lead();
  }

  /** After a frame of one of the two. */
  moved() {
    const { mode, glide, t0, t1 } = this.led.timeline.view;
    // It was sent somewhere by the user, or has another trace now: from now on it leads.
    if (mode !== 'free' || glide || t0 !== this.shown?.t0 || t1 !== this.shown.t1) this.led = this.leader;
    this.lead();
  }

  get leader() {
    return this.led === this.viewer ? this.other : this.viewer;
  }

  /** One shows what the other shows, and both axes end where the longer trace does. */
  lead() {
    const { leader, led } = this;
    const { view } = leader.timeline, { view: its } = led.timeline;
    if (view.beside !== its.own || its.beside !== view.own) {
      view.beside = its.own;
      its.beside = view.own;
      for (const { timeline } of [leader, led]) timeline.frames.request();
    }
    const { t0, t1 } = view;
    this.shown = { t0, t1 };
    if (its.t0 === t0 && its.t1 === t1 && its.mode === 'free' && !its.glide) return;
    Object.assign(its, { t0, t1, mode: 'free', glide: null });
    led.timeline.frames.request();
  }

  /** Each has an axis of its own again. */
  end() {
    const { leader, led } = this;
    const wasAll = leader.timeline.view.mode === 'all';
    for (const { timeline } of [leader, led]) timeline.view.beside = 0;
    // What both showed was all of both: now it is all of each.
    if (wasAll) led.timeline.fitAll();
    leader.timeline.frames.request();
  }

  /**
   * What one of the two is compared with, for its tables.
   * @param {Viewer} viewer @returns {ReturnType<import('./tables/registry.mjs').Desk['other']>}
   */
  beside(viewer) {
    const other = viewer === this.viewer ? this.other : this.viewer;
    return other.info ? { name: other.info.name, of: other.info, bytes: () => other.save() } : null;
  }
}
