/**
 * Single steps of a program that is held: says what the last one has brought, marks it, and brings it into view. What
 * has come since it was asked for is the step: a held program makes a generation of each, and one of what follows.
 */
import { nameOf } from '../view/groups.mjs';
import { plural } from '../view/numbers.mjs';
import { exactTime, shortTime } from '../view/time.mjs';

/** A step is seen if it is at least so wide, CSS pixels, and takes no more than this share of the plot. */
const SEEN_PX = 12;
const MOST_SHARE = 0.6;
/** Else the window shows so many times its width, most of it before the step. */
const BEFORE = 5;
const AFTER = 1;
/** More than there are spans in a step. */
const COLUMNS = 64;
/** Of more Ps the lanes tell. */
const MOST_TOLD = 3;

/** @typedef {import('./words.mjs').TraceInfo} TraceInfo */

export class Steps {
  /** @param {import('./timeline.mjs').Timeline} timeline @param {(sentence: string) => void} say */
  constructor(timeline, say) {
    this.timeline = timeline;
    this.say = say;
    /** So many were asked for since the program is held. */
    this.asked = 0;
    /** Of those the first that has not come yet, generations there were when it was asked for, where they ended. */
    this.first = 0;
    this.generations = 0;
    this.from = 0;
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
    const came = (info?.generations ?? 0) - this.generations;
    const isComing = this.first > 0 && came < this.asked - this.first + 1;
    this.asked++;
    if (!isComing) {
      this.first = this.asked;
      this.generations = info?.generations ?? 0;
      this.from = info?.t1 ?? 0;
    }
    this.say(`${this.name}…`);
  }

  /** What has been asked for at once is told of at once. */
  get name() {
    return this.first < this.asked ? `Steps ${this.first} to ${this.asked}` : `Step ${this.asked}`;
  }

  /** More of the trace is known. @param {TraceInfo} info */
  grown({ generations, t1, lanes }) {
    if (!this.asked || generations <= this.generations) return;
    const t0 = Math.min(this.from, t1);
    if (this.last?.t0 === t0 && this.last.t1 === t1) return;
    this.last = { t0, t1 };
    this.say(`${this.name}: ${shortTime(t1 - t0)}, up to ${exactTime(t1)}.`);
    this.show(this.last);
    void this.tell(this.last, lanes.filter(({ kind }) => kind === 'proc'));
  }

  /** What was decided in it: who runs where now.
   * @param {{t0: number, t1: number}} step @param {TraceInfo['lanes']} procs */
  async tell(step, procs) {
    const { timeline: { session }, asked } = this, { t0, t1 } = step;
    const lanes = procs.map(({ index }) => index);
    const tiles = await session?.client.query({ t0, t1: Math.max(t1, t0 + 1), px: COLUMNS, lanes, patient: true })
      .catch(() => null);
    if (!tiles || this.asked !== asked || this.last !== step) return;
    const isBusy = tiles.lanes.some(({ n, end }) => n > 0 && end[n - 1] >= t1);
    const changes = tiles.lanes.flatMap(({ lane, n, start, end, goid, fn }) => {
      const p = procs.find(({ index }) => index === lane), last = n - 1;
      if (!p || last < 0 || end[last] < t0) return [];
      const isOver = end[last] < t1, isNew = start[last] >= t0;
      if (!isNew && !isOver) return []; // it ran on
      const who = `G${goid[last]}${tiles.strings[fn[last]] && ` (${tiles.strings[fn[last]]})`}`;
      if (!isNew) return `${nameOf(p)} went idle after ${who}`;
      return `${nameOf(p)} took ${who}${isOver ? ', then went idle' : ''}`;
    });
    const more = changes.length > MOST_TOLD ? ` and ${plural(changes.length - MOST_TOLD, 'more P')}` : '';
    const what = changes.length ? `${changes.slice(0, MOST_TOLD).join(', ')}${more}`
      : isBusy ? 'the same run on' : 'nobody was ready to run';
    this.say(`${this.name}: ${shortTime(t1 - t0)}, up to ${exactTime(t1)}: ${what}.`);
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
    this.asked = this.first = 0;
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
