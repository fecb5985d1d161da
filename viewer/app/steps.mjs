/**
 * Single steps of a program that is held: says what the last one has brought, marks it, and brings it into view. A held
 * program makes one generation of each step, so the newest generation is the last step.
 */
import { exactTime, shortTime } from '../view/time.mjs';

/** A step is seen if it is at least so wide, CSS pixels, and takes no more than this share of the plot. */
const SEEN_PX = 12;
const MOST_SHARE = 0.6;
/** Else the window shows so many times its width, most of it before the step. */
const BEFORE = 5;
const AFTER = 1;

/** @typedef {import('./words.mjs').TraceInfo} TraceInfo */

export class Steps {
  /** @param {import('./timeline.mjs').Timeline} timeline @param {(sentence: string) => void} say */
  constructor(timeline, say) {
    this.timeline = timeline;
    this.say = say;
    /** So many were asked for since the program is held. */
    this.asked = 0;
    /** Generations there were when the last was asked for. */
    this.generations = 0;
    /** The last step, ns. @type {{t0: number, t1: number} | null} */
    this.last = null;
    /** Followed before the first step; the width it followed with. @type {{width: number} | null} */
    this.followed = null;
    /** Where the window was brought. @type {{t0: number, t1: number} | null} */
    this.shown = null;
  }

  /** One more is asked for. @param {TraceInfo | null} info */
  ask(info) {
    const { view } = this.timeline;
    if (!this.asked) this.followed = view.mode === 'follow' ? { width: view.followWidth } : null;
    this.asked++;
    this.generations = info?.generations ?? 0;
    this.say(`Step ${this.asked}…`);
  }

  /** More of the trace is known. @param {TraceInfo} info */
  grown({ generations, newestFrom = 0, t1 }) {
    if (!this.asked || generations <= this.generations) return;
    const t0 = Math.min(newestFrom, t1);
    if (this.last?.t0 === t0 && this.last.t1 === t1) return;
    this.last = { t0, t1 };
    this.say(`Step ${this.asked}: ${shortTime(t1 - t0)}, up to ${exactTime(t1)}.`);
    this.show(this.last);
  }

  /** @param {{t0: number, t1: number}} step */
  show({ t0, t1 }) {
    const { view, layout, frames } = this.timeline;
    const px = ((t1 - t0) / view.width) * layout.plot;
    frames.request();
    if (t0 >= view.t0 && t1 <= view.t1 && px >= SEEN_PX && px <= MOST_SHARE * layout.plot) return;
    const width = Math.max(t1 - t0, 50);
    this.shown = { t0: t1 - BEFORE * width, t1: t1 + AFTER * width };
    view.glideTo(this.shown.t0, this.shown.t1, performance.now());
  }

  /** The program goes on: so does following, unless the window was moved meanwhile. */
  end() {
    if (!this.asked) return;
    const { followed, shown, timeline: { view, frames } } = this;
    this.asked = 0;
    this.last = this.followed = this.shown = null;
    const isThere = view.glide !== null || (shown !== null && Math.abs(view.t1 - shown.t1) < 1e-3 * view.width);
    if (followed && view.mode === 'free' && isThere) {
      view.go('follow', performance.now());
      view.followWidth = followed.width;
    }
    this.say('');
    frames.request();
  }
}
