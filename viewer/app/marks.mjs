/**
 * Marks and notes: moments or stretches of time with a colour and a text. They belong to the view and are kept with it;
 * one temporary mark is replaced by the next.
 */

/** Colours to choose from; 1 is --goroscope-mark-1. */
export const MARK_COLORS = 6;
/** More would hide the trace; it also bounds what a saved view may bring. */
export const MOST_MARKS = 200;
export const LONGEST_TEXT = 500;

/** @typedef {{t0: number, t1: number, text: string, color: number, kept: boolean}} Mark   a moment: t0 = t1 */

export class Marks {
  /** @param {(list: boolean) => void} onChange list: marks came or went, not only their text or colour */
  constructor(onChange) {
    this.onChange = onChange;
    /** By time. @type {Mark[]} */
    this.list = [];
  }

  /** @param {number} t0 @param {number} t1 @param {boolean} keep @returns {Mark} */
  add(t0, t1, keep) {
    // The same is not marked twice: it is kept now, or is so already.
    const same = this.list.find((mark) => mark.t0 === t0 && mark.t1 === t1);
    if (same) {
      if (!keep || same.kept) return same;
      same.kept = true;
      this.put(this.list);
      return same;
    }
    if (!keep) this.list = this.list.filter((mark) => mark.kept);
    const used = new Set(this.list.map((mark) => mark.color));
    const free = Array.from({ length: MARK_COLORS }, (_, i) => i + 1).find((color) => !used.has(color));
    /** @type {Mark} */
    const mark = { t0, t1, text: '', color: free ?? 1 + (this.list.length % MARK_COLORS), kept: keep };
    this.put([...this.list, mark].slice(-MOST_MARKS));
    return mark;
  }

  /** @param {Mark} mark @param {Partial<Mark>} change */
  change(mark, change) {
    Object.assign(mark, change);
    if ('text' in change || 'color' in change) mark.kept = true; // what one has written one wants to keep
    this.onChange(false);
  }

  /** @param {Mark} mark */
  remove(mark) {
    this.put(this.list.filter((other) => other !== mark));
  }

  /** @param {Mark[]} list */
  put(list) {
    this.list = list.sort((a, b) => a.t0 - b.t0);
    this.onChange(true);
  }
}
