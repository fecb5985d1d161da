/**
 * Undo and redo of moving about: the places at which the view came to rest.
 */

/** @typedef {{t0: number, t1: number, scrollY: number, mode: 'free' | 'all' | 'follow'}} Place */

const MOST = 100;

export class PlaceHistory {
  constructor() {
    /** @type {Place[]} */
    this.places = [];
    this.at = -1;
  }

  clear() {
    this.places = [];
    this.at = -1;
  }

  /** The view rests here. @param {Place} place @returns {boolean} whether that is another place than before */
  rest(place) {
    const here = this.places[this.at];
    if (here && same(here, place)) return false;
    this.places = [...this.places.slice(0, this.at + 1), place].slice(-MOST);
    this.at = this.places.length - 1;
    return true;
  }

  /** @param {1 | -1} steps back; -1: forth again @returns {Place | null} */
  back(steps) {
    const to = this.at - steps;
    if (!this.places[to]) return null;
    this.at = to;
    return this.places[to];
  }
}

/** A trace that grows moves a window that shows all of it or follows; that is no step of the user's.
 * @param {Place} a @param {Place} b */
function same(a, b) {
  if (a.mode !== b.mode || a.scrollY !== b.scrollY) return false;
  if (a.mode !== 'free') return true;
  const slack = 1e-6 * (a.t1 - a.t0);
  return Math.abs(a.t0 - b.t0) <= slack && Math.abs(a.t1 - b.t1) <= slack;
}
