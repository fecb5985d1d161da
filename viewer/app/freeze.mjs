/**
 * Freezing: looks at what is new in a growing trace until a rule comes true of a span.
 */

/** Between two looks, ms. */
const LOOK_MS = 150;
/** Pieces that a look cuts its time into: spans narrower than one of them come summed up and are looked at closer. */
const PIECES = 4096;
/** Looks closer at one place at most so often at a time: what is left comes with the next look. */
const MOST_CLOSER = 16;
const NARROWEST_NS = 1000;

/** @typedef {import('../trace/types.mjs').Tiles} Tiles */
/** @typedef {import('../trace/types.mjs').LaneTiles} LaneTiles */
/** @typedef {import('../trace/types.mjs').Lane} Lane */

/**
 * Whether item i fits: 0 no, 1 yes, 2: some of the spans that are summed up in it may.
 * @typedef {(view: {items: LaneTiles, strings: Record<number, string>, lane: Lane, bucket: number, rough: boolean},
 *   i: number) => 0 | 1 | 2 | boolean} Rule
 */

/** @typedef {{lane: number, index: number, start: number, end: number}} Found */

/**
 * What it looks at.
 * @typedef {object} Watched
 * @property {(t0: number, t1: number, px: number) => Promise<Tiles | null>} query of all lanes
 * @property {() => ReadonlyArray<Lane>} lanes
 * @property {() => number} end of the trace so far
 */

export class Freeze {
  /** @param {Watched} watched @param {Rule} rule @param {(found: Found) => void} onFound told once */
  constructor(watched, rule, onFound) {
    this.watched = watched;
    this.rule = rule;
    this.onFound = onFound;
    /** Looked at up to here: what was there before does not count. */
    this.seen = watched.end();
    this.upTo = this.seen;
    this.busy = false;
    this.over = false;
    this.lookedAt = -Infinity;
  }

  stop() {
    this.over = true;
  }

  /** The trace has grown. @param {number} now ms @param {boolean} [last] it will not grow any more */
  async look(now, last = false) {
    if (this.over || this.busy || (!last && now - this.lookedAt < LOOK_MS)) return;
    const from = this.seen, to = this.watched.end();
    if (to <= from) return;
    this.busy = true;
    this.lookedAt = now;
    try {
      this.upTo = to;
      const found = await this.find(from, to, MOST_CLOSER);
      if (this.over || found === undefined) return; // undefined: another question came first; the same is asked again
      this.seen = this.upTo;
      if (!found) return;
      this.over = true;
      this.onFound(found);
    } finally {
      this.busy = false;
    }
  }

  /**
   * The first that fits and ends after t0.
   * @param {number} t0 @param {number} t1 @param {number} closer
   * @returns {Promise<Found | null | undefined>}
   */
  async find(t0, t1, closer) {
    const tiles = await this.watched.query(t0, t1, PIECES);
    if (!tiles) return undefined;
    const bucket = (tiles.t1 - tiles.t0) / tiles.px;
    /** @type {Found | null} */ let first = null;
    /** @type {Array<{start: number, end: number}>} */ const maybe = [];
    for (const items of tiles.lanes) {
      const lane = this.watched.lanes().find((l) => l.index === items.lane);
      if (!lane) continue;
      const view = { items, strings: tiles.strings, lane, bucket, rough: false };
      for (let i = 0; i < items.n; i++) {
        if (items.end[i] <= t0 || (first && items.start[i] >= first.start)) continue;
        const fits = Number(this.rule(view, i)), index = items.index[i], start = items.start[i], end = items.end[i];
        if (fits === 1 && index >= 0) first = { lane: items.lane, index, start, end };
        else if (fits > 0 && index < 0) maybe.push({ start, end });
      }
    }
    maybe.sort((a, b) => a.start - b.start);
    if (maybe.length > closer && closer === MOST_CLOSER) this.upTo = Math.max(maybe[closer].start, t0 + 1);
    for (const { start, end } of maybe.slice(0, closer)) {
      if (first && start >= first.start) break;
      if (end - start <= NARROWEST_NS) continue;
      const found = await this.find(start, end, 1);
      if (found === undefined || (found && (!first || found.start < first.start))) return found;
    }
    return first;
  }
}
