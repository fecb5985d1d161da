// simulation.mjs: when the program that this worker simulates takes its next step: as fast as it can, so many decisions
// of the scheduler a second, or only those it is asked for. Messages are let through in between.
import { makeSoon, sleep } from './platform.mjs';

const SLICE_MS = 10; // at most so long without looking at messages
const TICK_MS = 8; // slowed: at least so long between two looks at how many steps are due
const TURN_MS = 100; // slowed: as often what has happened is shown

/**
 * What the worker does for it.
 * @typedef {object} Stepped
 * @property {(ms: number) => number | null} step runs for so long, 0: one decision of the scheduler; ms for which there
 *   is nothing to do then, 0: there may be, null: the program has ended
 * @property {() => boolean} stalled it must not run: nobody reads what it prints
 * @property {() => void} shown after each slice
 * @property {() => boolean} turn brings what has happened into whole generations of the trace; false: the program has
 *   ended
 * @property {(id: number) => void} stepped what was asked by that id has been done
 */

export class Simulation {
  /** @param {Stepped} worker */
  constructor(worker) { this.#worker = worker; }

  /** Requests of the program that were not answered. */
  outstanding = 0;
  /** @type {Stepped} */ #worker;
  #soon = makeSoon();
  #running = false; // since `run`
  #coming = false; // #go has been called for
  #ended = false;
  #stalled = false;
  /** @type {ReturnType<typeof setTimeout> | null} it waits, and messages come through */ #nap = null;
  /** Decisions a second; 0: those asked for, Infinity: all. */ #pace = Infinity;
  #due = 0; // slowed: decisions
  #at = 0; // when that was so, ms
  #turnedAt = 0;
  /** @type {{ id: number, left: number }[]} asked for, first come first */ #asked = [];

  run() {
    this.#running = true;
    this.#go();
  }

  /** @param {number} steps a second; 0: stands still, Infinity: as fast as it can */
  pace(steps) {
    this.#pace = steps;
    this.#due = 0;
    this.#at = performance.now();
    if (steps !== Infinity && this.#running && !this.#show()) return; // what led here
    this.#wake();
  }

  /** @param {number} id @param {number} n decisions */
  step(id, n) {
    if (n === 0) return this.#worker.stepped(id); // between two steps, as now
    this.#asked.push({ id, left: n });
    this.#wake();
  }

  /** An answer of the host's is there. */
  answered() {
    if (this.#nap !== null) this.#wake();
  }

  unstalled() {
    if (this.#stalled) this.#wake();
  }

  /** Goes on soon, whatever it waits for. */
  #wake() {
    if (!this.#running || this.#coming) return;
    if (this.#nap !== null) clearTimeout(this.#nap);
    this.#nap = null;
    this.#coming = true;
    this.#soon(() => {
      this.#coming = false;
      this.#go();
    });
  }

  /** @param {number} ms */
  #rest(ms) {
    this.#nap = setTimeout(() => {
      this.#nap = null;
      this.#go();
    }, Math.min(Math.max(ms, 0), 2 ** 31 - 1));
  }

  #go() {
    if (this.#ended) return;
    this.#stalled = this.#worker.stalled();
    if (this.#stalled) return;
    if (this.#pace === Infinity && this.#asked.length === 0) this.#slice();
    else this.#single();
  }

  #slice() {
    const wait = this.#worker.step(SLICE_MS);
    if (wait === null) return void (this.#ended = true);
    this.#worker.shown();
    if (wait > 40) this.#rest(wait - 4);
    else if (wait > 0 && this.outstanding > 0) this.#rest(wait);
    else {
      if (wait > 0) sleep(wait); // timers of browsers are too coarse for this
      this.#wake();
    }
  }

  /** The decisions that are due, then rests. */
  #single() {
    const now = performance.now(), slowed = this.#pace > 0 && this.#pace !== Infinity;
    if (slowed) this.#due = Math.min(this.#due + (now - this.#at) * this.#pace / 1000, Math.max(1, this.#pace));
    this.#at = now;
    while (this.#asked.length > 0 || this.#due >= 1) {
      const wait = this.#worker.step(0);
      if (wait === null) return void (this.#ended = true);
      if (wait > 0) { // nobody can run before: that is no decision
        this.#worker.shown();
        return this.#rest(wait);
      }
      if (this.#asked.length === 0) this.#due--;
      else if (!this.#did()) return;
      if (performance.now() - now > SLICE_MS) break;
    }
    if (!slowed || now - this.#turnedAt < TURN_MS) this.#worker.shown();
    else if (!this.#show()) return;
    if (this.#asked.length > 0 || this.#pace === Infinity) this.#wake();
    else if (slowed) this.#rest(this.#due >= 1 ? 0 : Math.max(TICK_MS, (1 - this.#due) * 1000 / this.#pace));
  }

  /** One of those that were asked for. @returns {boolean} false: the program has ended */
  #did() {
    const first = this.#asked[0];
    if (--first.left > 0) return true;
    this.#asked.shift();
    if (!this.#show()) return false;
    this.#worker.stepped(first.id);
    return true;
  }

  /** Messages come after a trap, too: what is broken is not entered again. @returns {boolean} false: it has ended */
  #show() {
    if (this.#ended) return false;
    this.#turnedAt = performance.now();
    if (!this.#worker.turn()) {
      this.#ended = true;
      return false;
    }
    this.#worker.shown();
    return true;
  }
}
