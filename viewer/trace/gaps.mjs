// gaps.mjs: where generations are missing that the program had to drop: where the pause between two that came is
// longest.

export class Gaps {
  constructor() {
    /** @type {Array<{t0: number, t1: number, count: number}>} */
    this.found = [];
    this.lost = 0;
    /** @type {Array<{count: number, from: number, until: number}>} lost before one of these generations */
    this.missing = [];
    /** @type {Map<number, {t0: number, t1: number}>} pauses before generations, by number */
    this.pauses = new Map();
  }

  /**
   * So many were lost in all, as seen just before the generations [from, until) were read: they may be missing before
   * any of these, or behind the last.
   * @param {number} lost @param {number} from @param {number} until
   */
  lose(lost, from, until) {
    if (lost > this.lost) this.missing.push({ count: lost - this.lost, from, until });
    this.lost = Math.max(lost, this.lost);
  }

  /** @param {number} n of the generation @param {number} t0 end of the one before @param {number} begins */
  joined(n, t0, begins) {
    this.pauses.set(n, { t0, t1: Math.max(t0, begins) });
    while (this.missing.length && this.missing[0].until <= n) {
      const [{ count, from, until }] = this.missing.splice(0, 1);
      let longest = { t0: 0, t1: -1 };
      for (let i = Math.max(1, from); i <= until; i++) {
        const pause = this.pauses.get(i);
        if (pause && pause.t1 - pause.t0 > longest.t1 - longest.t0) longest = pause;
      }
      this.found = [...this.found, { ...longest, count }];
    }
    const needed = this.missing[0]?.from ?? n;
    for (const i of this.pauses.keys()) if (i < needed) this.pauses.delete(i);
  }
}
