/**
 * Which part of the trace shows, and how that moves: pan, zoom, fit, follow the live edge.
 *
 * Three modes. `free`: the user chose. `all`: the whole trace, also while it grows. `follow`: the newest part, its
 * right edge kept at the end of the data. Any pan or zoom makes it free. Time is passed in, so this runs without a
 * page.
 */
import { niceCeil } from '../view/time.mjs';

/** Zooming in ends here: a window of 50 ns; below that doubles of a long trace run out of digits. */
const NARROWEST_NS = 50;
/** Following by itself never shows more than this: more would make spans unreadably thin. */
const FOLLOW_MAX_NS = 4e9;
/** Room kept free right of the live edge, as a share of the window: shows that more is to come. */
const FOLLOW_MARGIN = 0.03;
const GLIDE_MS = 220;
/** How fast the window closes up to the live edge. */
const FOLLOW_TAU_MS = 60;
/** Zooming out ends at this many times the trace's length. */
const WIDEST = 1.25;

/** @typedef {import('../view/layout.mjs').TimeWindow} TimeWindow */

export class ViewWindow {
  constructor() {
    this.t0 = 0;
    this.t1 = 1e6;
    /** @type {'free' | 'all' | 'follow'} */
    this.mode = 'all';
    /** Length of the trace so far. */
    this.own = 0;
    /** Length of the trace that is shown on the same axis beside this one, 0 = none. */
    this.beside = 0;
    /** Width to follow with, 0 = chosen by the trace's length. */
    this.followWidth = 0;
    /** Shown in place of all of a trace in which there is little more to see. @type {TimeWindow | null} */
    this.part = null;
    this.still = false;
    /** @type {{from: TimeWindow, to: TimeWindow | null, start: number} | null} to = null: the mode's own target */
    this.glide = null;
  }

  /** The axis ends here. */
  get extent() {
    return Math.max(this.own, this.beside);
  }

  /** A new trace begins. @param {'all' | 'follow'} mode */
  reset(mode) {
    this.mode = mode;
    this.own = 0;
    this.followWidth = 0;
    this.part = null;
    this.glide = null;
    this.t0 = 0;
    this.t1 = 1e6;
  }

  get width() {
    return this.t1 - this.t0;
  }

  /** @param {boolean} still true: jump instead of gliding (the user asked for reduced motion) */
  setStill(still) {
    this.still = still;
  }

  /** Where the mode wants the window. @returns {TimeWindow} */
  home() {
    if (this.mode === 'all') {
      const part = this.beside ? null : this.part; // beside another trace all means both
      return part ?? { t0: 0, t1: Math.max(this.extent, NARROWEST_NS) };
    }
    // The live edge is this trace's own, however long the other one is.
    const extent = Math.max(this.own, NARROWEST_NS);
    const width = this.followWidth || Math.min(FOLLOW_MAX_NS, niceCeil(Math.max(extent, 1e7) * (1 + FOLLOW_MARGIN)));
    const t1 = Math.max(extent + FOLLOW_MARGIN * width, width);
    return { t0: t1 - width, t1 };
  }

  /** @param {number} t0 @param {number} t1 */
  set(t0, t1) {
    const widest = Math.max(WIDEST * this.extent, 1e3);
    const width = Math.min(widest, Math.max(NARROWEST_NS, t1 - t0));
    const middle = (t0 + t1) / 2;
    // The window's middle stays on the trace, so it can never be lost from sight.
    const clamped = Math.min(Math.max(middle, Math.min(0, this.extent)), Math.max(0, this.extent));
    this.t0 = clamped - width / 2;
    this.t1 = clamped + width / 2;
  }

  /** Zooms so that `t` stays under the pointer; factor < 1 zooms in. @param {number} factor @param {number} t */
  zoomAt(factor, t) {
    this.glide = null;
    this.mode = 'free';
    const width = Math.min(Math.max(WIDEST * this.extent, 1e3), Math.max(NARROWEST_NS, this.width * factor));
    const share = (t - this.t0) / this.width;
    this.set(t - share * width, t - share * width + width);
  }

  /** @param {number} dt ns */
  panBy(dt) {
    this.glide = null;
    this.mode = 'free';
    this.set(this.t0 + dt, this.t1 + dt);
  }

  /** Shows t0..t1 with a little room around. @param {number} t0 @param {number} t1 @param {number} now ms */
  fit(t0, t1, now) {
    this.mode = 'free';
    this.glide = { from: { t0: this.t0, t1: this.t1 }, to: padded(t0, t1), start: now };
  }

  /** The same until the mode is chosen anew; nobody has chosen this. @param {TimeWindow} part @param {number} now ms */
  fitPart({ t0, t1 }, now) {
    this.go('all', now);
    this.part = padded(t0, t1);
  }

  /** Shows exactly t0..t1. @param {number} t0 @param {number} t1 @param {number} now ms */
  glideTo(t0, t1, now) {
    this.mode = 'free';
    this.glide = { from: { t0: this.t0, t1: this.t1 }, to: { t0, t1 }, start: now };
  }

  /** @param {'all' | 'follow' | 'free'} mode @param {number} now ms */
  go(mode, now) {
    this.part = null;
    if (mode === 'free') {
      this.mode = mode;
      return;
    }
    // Coming back to the live edge keeps the zoom the user chose.
    if (mode === 'follow' && this.mode === 'free') this.followWidth = Math.min(this.width, Math.max(this.own, 1e6));
    this.mode = mode;
    this.glide = { from: { t0: this.t0, t1: this.t1 }, to: null, start: now };
  }

  /**
   * The trace has grown; @returns whether the window has to move
   * @param {number} own its length
   */
  grow(own) {
    this.own = own;
    return this.mode !== 'free';
  }

  /**
   * Moves one frame on. @param {number} now ms @param {number} dt ms since the last frame
   * @returns {boolean} true: not there yet, call again next frame
   */
  step(now, dt) {
    if (this.glide) return this.stepGlide(now);
    if (this.mode === 'free') return false;
    const home = this.home();
    const share = this.still ? 1 : 1 - Math.exp(-dt / FOLLOW_TAU_MS);
    const error = Math.max(Math.abs(home.t0 - this.t0), Math.abs(home.t1 - this.t1));
    if (share === 1 || error < (home.t1 - home.t0) * 5e-4) {
      this.t0 = home.t0;
      this.t1 = home.t1;
      return false;
    }
    this.t0 += (home.t0 - this.t0) * share;
    this.t1 += (home.t1 - this.t1) * share;
    return true;
  }

  /** @param {number} now */
  stepGlide(now) {
    const { from, to, start } = /** @type {{from: TimeWindow, to: TimeWindow | null, start: number}} */ (this.glide);
    const target = to ?? this.home();
    const part = this.still ? 1 : Math.min(1, Math.max(0, (now - start) / GLIDE_MS));
    const eased = 1 - (1 - part) ** 3;
    const between = part === 1 ? target : interpolate(from, target, eased);
    this.t0 = between.t0;
    this.t1 = between.t1;
    if (part < 1) return true;
    this.glide = null;
    if (to) this.set(to.t0, to.t1);
    return false;
  }
}

/** @param {number} t0 @param {number} t1 @returns {TimeWindow} */
function padded(t0, t1) {
  const pad = Math.max((t1 - t0) * 0.15, NARROWEST_NS / 2);
  return { t0: t0 - pad, t1: t1 + pad };
}

/**
 * Between two windows: the width goes geometrically, about the moment that both show at the same place, so that
 * a glide over six orders of magnitude looks steady.
 * @param {TimeWindow} a @param {TimeWindow} b @param {number} share
 * @returns {TimeWindow}
 */
export function interpolate(a, b, share) {
  const wa = a.t1 - a.t0;
  const wb = b.t1 - b.t0;
  if (Math.abs(wa - wb) < 1e-3 * Math.max(wa, wb)) {
    return { t0: a.t0 + (b.t0 - a.t0) * share, t1: a.t1 + (b.t1 - a.t1) * share };
  }
  const pivot = (a.t0 * wb - b.t0 * wa) / (wb - wa);
  const width = wa * (wb / wa) ** share;
  const t0 = pivot - ((pivot - a.t0) * width) / wa;
  return { t0, t1: t0 + width };
}
