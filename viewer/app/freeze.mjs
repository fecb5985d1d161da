/**
 * Watches a trace that grows for the first span that fits a query.
 */
import { Scan } from '../trace/query/scan.mjs';

/** Between two looks, ms: each is a question to the reader. */
const EVERY_MS = 200;

export class FreezeRule {
  /** @param {(match: import('../trace/query/scan.mjs').Match) => void} onMatch */
  constructor(onMatch) {
    this.onMatch = onMatch;
    /** @type {import('../trace/query/match.mjs').Query | null} */
    this.query = null;
    /** @type {import('./session.mjs').Session | null} */
    this.session = null;
    /** Looked at up to here. */
    this.seen = 0;
    this.lookedAt = -Infinity;
    /** @type {AbortController | null} */
    this.work = null;
    /** @type {number | undefined} the next look, when the last one was just now */
    this.next = undefined;
  }

  /**
   * @param {import('../trace/query/match.mjs').Query | null} query null: no more
   * @param {import('./session.mjs').Session | null} session what comes after its present end
   */
  set(query, session) {
    if (query === this.query) return;
    this.turnTo(session, session?.info?.t1 ?? 0);
    this.query = query;
  }

  /** Something else is shown: what was not looked at is looked at when its trace shows again. */
  rest() {
    this.work?.abort();
    this.work = null;
    window.clearTimeout(this.next);
    this.next = undefined;
  }

  /** @param {import('./session.mjs').Session | null} session @param {number} from */
  turnTo(session, from) {
    this.rest();
    this.session = session;
    this.seen = from;
    this.lookedAt = -Infinity;
  }

  /**
   * The trace has grown. It may not grow again for long, so what comes during a look, or just after one, is looked at
   * when that is over.
   * @param {import('./session.mjs').Session} session @param {number} now ms
   */
  async look(session, now) {
    if (!session.attached) return this.rest(); // a file, or a snapshot: of what has been
    if (session !== this.session) this.turnTo(session, 0); // the rule holds for the next program, too
    const { query, work, seen } = this;
    const extent = session.info?.t1 ?? 0;
    if (!query || extent <= seen) return;
    if (work || this.next !== undefined) return;
    const wait = this.lookedAt + EVERY_MS - now;
    if (wait > 0) {
      this.next = window.setTimeout(() => {
        this.next = undefined;
        void this.look(session, performance.now());
      }, wait);
      return;
    }
    this.lookedAt = now;
    const mine = new AbortController();
    this.work = mine;
    const scan = new Scan({
      reader: session.client, lanes: query.lanesOf(session.lanes.all), query, extent, signal: mine.signal,
    });
    let first = null;
    for await (const match of scan.matches(Math.max(0, seen), extent, 1)) {
      first = match;
      break;
    }
    if (mine.signal.aborted) return;
    if (!first) this.seen = await this.oldestOpen(session, extent, query);
    if (mine.signal.aborted) return;
    this.work = null;
    if (!first) {
      if ((session.info?.t1 ?? 0) > extent) void this.look(session, performance.now());
      return;
    }
    this.query = null;
    this.onMatch(first);
  }

  /**
   * A span that still runs may fit later: all that began with it or after is looked at again.
   * @param {import('./session.mjs').Session} session @param {number} extent
   * @param {import('../trace/query/match.mjs').Query} query
   */
  async oldestOpen(session, extent, query) {
    const lanes = query.lanesOf(session.lanes.all).map((lane) => lane.index);
    const tiles = await session.client.query({ t0: extent - 1, t1: extent, px: 1, lanes, patient: true });
    if (!tiles) return this.seen;
    let oldest = extent;
    for (const { start, end, n, index } of tiles.lanes)
      for (let i = 0; i < n; i++) if (end[i] >= extent && index[i] >= 0) oldest = Math.min(oldest, start[i]);
    return oldest;
  }
}
