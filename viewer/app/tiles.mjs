/**
 * Keeps the tiles that the canvas draws from near the window, one question to the reader at a time.
 *
 * Asked for is a power-of-two resolution over up to three times the window, so most pans and small zooms need no
 * new answer. The last answer is drawn until the next one lands; nothing waits.
 */

/** Items in one answer, about; the skirt beside the window shrinks to keep to it when there are many lanes. */
const ITEM_BUDGET = 160_000;
/** While live the overview is asked for again this often. */
const OVERVIEW_EVERY_MS = 500;

/** @typedef {import('../view/lanes.mjs').Tiles} Tiles */
/** @typedef {{t0: number, t1: number, px: number, lanes: number[], each?: boolean}} Query */
/** @typedef {{query(q: Query): Promise<Tiles | null>}} Reader */

/**
 * @typedef {object} Need
 * @property {number} t0       the window
 * @property {number} t1
 * @property {number} px       device pixels across it
 * @property {number} extent   length of the trace so far
 * @property {number[]} lanes  that show
 * @property {number[]} all    all lanes, for the overview
 * @property {number} now      ms
 * @property {boolean} growing more data is coming
 */

export class TileSource {
  /**
   * @param {Reader} reader
   * @param {{onTiles: () => void, onError: (error: unknown) => void}} events
   */
  constructor(reader, { onTiles, onError }) {
    this.reader = reader;
    this.onTiles = onTiles;
    this.onError = onError;
    /** @type {Tiles | null} */
    this.tiles = null;
    /** @type {Tiles | null} */
    this.overview = null;
    /** The trace was this long when the question behind `tiles` (`overview`) was asked. */
    this.known = 0;
    this.overviewKnown = -1;
    this.overviewLanes = 0;
    this.overviewAt = -Infinity;
    /** Width of one bucket in `tiles`, ns. */
    this.bucket = 0;
    this.busy = false;
    /** There are details now that `tiles` lacks. */
    this.refined = false;
    /** So it was said while an answer was under way. */
    this.late = false;
    this.closed = false;
  }

  /** Details have come that an answer lacked. */
  refine() {
    this.late = this.busy; // the answer that lacks them may still be under way
    this.refined = Boolean(this.tiles?.coarse?.length);
    if (this.refined) this.onTiles();
  }

  close() {
    this.closed = true;
  }

  /** Asks for what is missing, if anything is and no question is open. @param {Need} need */
  update(need) {
    if (this.busy || this.closed || !need.all.length || need.extent <= 0) return;
    const overviewStale = this.overviewKnown !== need.extent || this.overviewLanes !== need.all.length;
    const overviewDue = overviewStale && (!need.growing || need.now - this.overviewAt >= OVERVIEW_EVERY_MS);
    const bucket = bucketFor(need);
    // A coarse picture of everything first: it stands in wherever the fine tiles do not reach yet.
    if (overviewDue && (!this.overview || this.fits(need, bucket))) this.askOverview(need);
    else if (!this.fits(need, bucket)) this.askWindow(need, bucket);
  }

  /** @param {Need} need @param {number} bucket */
  fits(need, bucket) {
    const { tiles } = this;
    if (!tiles || bucket !== this.bucket || this.refined) return false;
    const from = Math.max(0, need.t0);
    const to = Math.min(need.t1, need.extent);
    if (to <= from) return true;
    const covered = tiles.t0 <= from && Math.min(tiles.t1, this.known) >= to;
    return covered && need.lanes.every((index) => tiles.lanes.some((items) => items.lane === index));
  }

  /** @param {Need} need @param {number} bucket */
  askWindow(need, bucket) {
    const width = need.t1 - need.t0;
    const perWindow = Math.max(1, need.lanes.length * (width / bucket) * 1.5);
    // While the trace grows the answer is stale in a moment: then a narrow skirt, asked for often.
    const skirt = Math.min(need.growing ? 0.25 : 1, Math.max(0.1, (ITEM_BUDGET / perWindow - 1) / 2));
    const t0 = Math.max(0, Math.floor((need.t0 - skirt * width) / bucket) * bucket);
    const end = Math.min(need.extent, need.t1 + skirt * width);
    const t1 = Math.max(t0 + bucket, Math.ceil(end / bucket) * bucket);
    const px = Math.max(1, Math.round((t1 - t0) / bucket));
    this.ask({ t0, t1, px, lanes: need.lanes }, (tiles) => {
      this.tiles = tiles;
      this.bucket = bucket;
      this.known = need.extent;
    });
  }

  /** @param {Need} need */
  askOverview(need) {
    this.overviewAt = need.now;
    this.ask({
      t0: 0, t1: need.extent, px: Math.min(1024, Math.max(1, Math.round(need.px))), lanes: need.all,
    }, (tiles) => {
      this.overview = tiles;
      this.overviewKnown = need.extent;
      this.overviewLanes = need.all.length;
    });
  }

  /** @param {Query} query @param {(tiles: Tiles) => void} keep */
  ask(query, keep) {
    this.busy = true;
    this.refined = false;
    this.late = false;
    this.reader.query(query).then(
      (tiles) => {
        this.busy = false;
        if (this.closed) return;
        if (tiles) keep(tiles);
        if (this.late) this.refined = Boolean(this.tiles?.coarse?.length);
        this.onTiles();
      },
      (error) => {
        this.busy = false;
        if (!this.closed) this.onError(error);
      },
    );
  }

  /** The trace is drawn up to here: what the last answers know, never more. */
  get dataEnd() {
    return Math.max(this.known, this.overviewKnown, 0);
  }
}

/**
 * The power of two nearest to one device pixel, but no less than 1 ns.
 * @param {{t0: number, t1: number, px: number}} need
 */
export function bucketFor(need) {
  const nsPerPixel = (need.t1 - need.t0) / Math.max(1, need.px);
  return 2 ** Math.max(0, Math.round(Math.log2(nsPerPixel)));
}
