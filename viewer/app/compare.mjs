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
    /** Who was made to follow and has not drawn since. @type {Viewer | null} */
    this.echo = null;
    /** What each showed last. @type {Map<Viewer, {t0: number, t1: number}>} */
    this.shown = new Map();
    this.moved(viewer);
  }

  /** After a frame of one of the two: the other follows. @param {Viewer} leader */
  moved(leader) {
    const { view } = leader.timeline;
    const { t0, t1 } = view;
    const follower = leader === this.viewer ? this.other : this.viewer;
    const { frames, view: its } = follower.timeline;
    // Both axes end where the longer trace does.
    view.extent = its.extent = Math.max(view.extent, its.extent);
    const before = this.shown.get(leader);
    this.shown.set(leader, { t0, t1 });
    const isEcho = this.echo === leader;
    if (isEcho) this.echo = null;
    if (isEcho || (before?.t0 === t0 && before.t1 === t1) || (its.t0 === t0 && its.t1 === t1)) return;
    // Who was sent somewhere later leads: a glide of the other one ends.
    if (its.glide) return;
    Object.assign(its, { t0, t1, mode: 'free', glide: null });
    this.echo = follower;
    frames.request();
  }

  /** What it is compared with, for the tables. @returns {ReturnType<import('./tables/registry.mjs').Desk['other']>} */
  get trace() {
    const { info } = this.other;
    return info ? { name: info.name, of: info, bytes: () => this.other.save() } : null;
  }
}
