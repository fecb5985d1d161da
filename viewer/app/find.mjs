/**
 * The find bar: a query typed, what is wrong with it and where, how many spans fit, the next and the previous one; only
 * lanes that have any; and, while a program runs, stopping the view when one comes.
 */
import { Query } from '../trace/query/match.mjs';
import { QueryError } from '../trace/query/parse.mjs';
import { Scan } from '../trace/query/scan.mjs';
import { plural } from '../view/numbers.mjs';
import { shortTime } from '../view/time.mjs';
import { laneOfIndex } from './lanekeys.mjs';
import { el } from './parts.mjs';

/** @typedef {import('./timeline.mjs').Timeline} Timeline */
/** @typedef {import('../trace/query/scan.mjs').Match} Match */

/** Typing has come to a rest. */
const TYPED_MS = 150;
/** A trace that grows is counted again so long after the last count, or after so many times what that took. */
const AGAIN_MS = 1000;
const SHARE = 4;
const PLACEHOLDER = 'state:running dur>5ms fn:worker -reason:sleep go:17 p:2';

export class FindBar {
  /**
   * @param {Timeline} timeline
   * @param {{onQuery: () => void, onOpen: (open: boolean) => void}} events
   */
  constructor(timeline, { onQuery, onOpen }) {
    this.timeline = timeline;
    this.onQuery = onQuery;
    this.onOpen = onOpen;
    this.box = el('input', {
      type: 'text', class: 'query', 'aria-label': 'Find spans', 'aria-describedby': 'query-error', autocomplete: 'off',
      autocapitalize: 'off', spellcheck: 'false', placeholder: PLACEHOLDER, enterkeyhint: 'search',
    });
    this.found = el('span', { class: 'found', role: 'status' });
    this.error = el('div', { class: 'query-error', id: 'query-error', role: 'alert', hidden: '' });
    this.only = el('button', {
      type: 'button', 'aria-pressed': 'false', title: 'Hide lanes in which nothing fits',
    }, ['Only these lanes']);
    this.freeze = el('button', {
      type: 'button', 'aria-pressed': 'false', hidden: '', title: 'Stop following when a span comes that fits',
    }, ['Stop there']);
    const previous = el('button', { type: 'button', 'aria-label': 'Previous one', title: 'Shift+Enter' }, ['↑']);
    const next = el('button', { type: 'button', 'aria-label': 'Next one', title: 'Enter' }, ['↓']);
    const close = el('button', { type: 'button', 'aria-label': 'Close and forget the query' }, ['✕']);
    this.node = el('div', { class: 'find', role: 'search', hidden: '' }, [
      el('div', { class: 'query-part' }, [this.box, this.error]), this.found,
      el('div', { class: 'find-buttons' }, [previous, next, this.only, this.freeze, close]),
    ]);
    /** What is highlighted. @type {Query | null} */
    this.query = null;
    /** Whether something fits on a lane, of those that were looked through. @type {Map<string, boolean> | null} */
    this.lanes = null;
    /** All lanes were looked through: those, too, whose spans are counted on other lanes. */
    this.hasAllLanes = false;
    /** Ends the count. @type {AbortController | null} */
    this.work = null;
    /** Ends the way to the next one. @type {AbortController | null} */
    this.step = null;
    /** What the count told. @type {{spans: number, ns: number, done: boolean, about: boolean} | null} */
    this.sum = null;
    /** Why there is no count. */
    this.failure = '';
    /** How long the trace was then, whether all of it and its lanes were known, when it may be counted again, ms. */
    this.counted = { t1: -1, isWhole: false, again: 0, lanes: 0 };
    this.timer = 0;
    /** @type {WeakMap<object, {query: Query, mask: Uint8Array}>} */
    this.masks = new WeakMap();
    this.box.addEventListener('input', () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.put(this.box.value), TYPED_MS);
    });
    this.box.addEventListener('keydown', (event) => this.key(event));
    previous.addEventListener('click', () => void this.go(-1));
    next.addEventListener('click', () => void this.go(1));
    close.addEventListener('click', () => this.close());
    this.only.addEventListener('click', () => this.setOnly(this.only.getAttribute('aria-pressed') !== 'true'));
    this.freeze.addEventListener('click', () => {
      this.put(this.box.value);
      if (!this.query) return this.timeline.hint('Say first what to stop at, fn:worker dur>5ms for one');
      this.freeze.setAttribute('aria-pressed', String(this.freeze.getAttribute('aria-pressed') !== 'true'));
      this.onQuery();
    });
  }

  /** The box appears, ready to be typed in. */
  open() {
    this.show(true);
    this.box.focus();
    this.box.select();
  }

  /** @param {boolean} open */
  show(open) {
    if (this.node.hidden === !open) return;
    this.node.hidden = !open;
    this.onOpen(open);
  }

  close() {
    const had = this.node.contains(/** @type {ShadowRoot} */ (this.node.getRootNode()).activeElement);
    this.setOnly(false);
    this.put('');
    this.show(false);
    if (had) this.timeline.parts.lanes.focus();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === 'Escape') this.close();
    else if (event.key === 'Enter') {
      this.put(this.box.value);
      void this.go(event.shiftKey ? -1 : 1);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** This is what is asked from now on. @param {string} text */
  put(text) {
    clearTimeout(this.timer);
    if (this.box.value !== text) this.box.value = text;
    if (text.trim() === (this.query?.text.trim() ?? '') && this.error.hidden) return;
    this.stop();
    /** @type {Query | null} */
    let query = null;
    try {
      query = new Query(text);
      this.showError(null);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      this.showError(error);
    }
    this.query = query && !query.empty ? query : null;
    if (!this.query) this.freeze.setAttribute('aria-pressed', 'false'); // what is typed next is not waited for unasked
    this.sum = null;
    this.lanes = null;
    this.restart();
    this.restack();
    this.onQuery();
  }

  /** Another trace, or another query: all is counted anew. */
  restart() {
    this.stop();
    if (this.query) this.query = new Query(this.query.text); // what it was widened for is gone
    this.sum = null;
    this.failure = '';
    this.counted = { t1: -1, isWhole: false, again: 0, lanes: 0 };
    this.showFound();
    if (this.query && this.timeline.session?.hasLanes) void this.countAll(this.query);
  }

  /** Where in the text the mistake is stands right below it. @param {QueryError | null} error */
  showError(error) {
    this.error.hidden = !error;
    this.box.setAttribute('aria-invalid', String(error !== null));
    if (!error) return;
    const caret = `${' '.repeat(error.from)}${'^'.repeat(Math.min(error.to, this.box.value.length + 1) - error.from)}`;
    this.error.replaceChildren(
      el('pre', { 'aria-hidden': 'true' }, [caret]), `Column ${error.column}: ${error.message}`);
    this.error.querySelector('pre')?.scrollTo(this.box.scrollLeft, 0);
  }

  /** @param {boolean} only */
  setOnly(only) {
    this.only.setAttribute('aria-pressed', String(only));
    if (only && this.query && this.lanes) void this.lookAtLanes(this.query);
    this.restack();
    this.onQuery();
  }

  get onlyFitting() {
    return this.only.getAttribute('aria-pressed') === 'true';
  }

  /** Which lanes are to show; null: all. @returns {((lane: import('./lanekeys.mjs').Lane) => boolean) | null} */
  get shows() {
    const { lanes, query } = this;
    if (!this.onlyFitting || !lanes || !query || this.sum?.spans === 0) return null; // to hide all tells nothing
    // One that has come since may have something, unless it cannot be.
    return (lane) => lanes.get(lane.key) ?? query.mayFit(lane);
  }

  restack() {
    const { lanesView } = this.timeline;
    const only = this.shows;
    if (!only && !lanesView.only) return;
    lanesView.only = only;
    lanesView.changed();
  }

  /**
   * For the painter: which of these items keep their colour; null: all.
   * @param {import('../view/lanes.mjs').Tiles} tiles @param {import('../view/rows.mjs').LaneItems} items
   */
  mask(tiles, items) {
    const { query } = this;
    if (!query) return null;
    const known = this.masks.get(items);
    if (known?.query === query) return known.mask;
    const lane = laneOfIndex(this.timeline, items.lane);
    if (!lane) return null;
    const mask = query.mask({ items, strings: tiles.strings, lane, bucket: (tiles.t1 - tiles.t0) / tiles.px });
    this.masks.set(items, { query, mask });
    return mask;
  }

  /**
   * The trace has grown, or its lanes are all known now: of one that grows the count is brought up to date now and
   * then, of one that is whole at once. @param {import('./session.mjs').Session} session
   */
  refresh({ info, isWhole, hasLanes, growing, lanes }) {
    const { query, counted } = this, wantsAll = Boolean(query?.wantsOwnLanes) || this.onlyFitting;
    if (isWhole && !wantsAll && counted.t1 === info?.t1) counted.isWhole = true;
    this.showFound();
    if (!query || !info || !hasLanes || this.work || (growing && performance.now() < counted.again)) return;
    // Lanes that a large file was opened without may come when all else has long been counted.
    const isPart = !counted.isWhole || counted.lanes !== lanes.all.length;
    if (counted.t1 !== info.t1 || (wantsAll && isWhole && isPart)) void this.countAll(query);
    else if (this.onlyFitting && !this.hasAllLanes) void this.lookAtLanes(query);
  }

  stop() {
    this.work?.abort();
    this.step?.abort();
    this.work = this.step = null;
  }

  /** @param {Query} query @param {AbortSignal} signal @param {import('./lanekeys.mjs').Lane[]} [lanes] */
  scan(query, signal, lanes) {
    const { session } = this.timeline;
    if (!session?.info) return null;
    const scan = new Scan({
      reader: session.client, lanes: lanes ?? query.lanesOf(session.lanes.all), query, extent: session.info.t1, signal,
    });
    scan.about = session.hasForgotten(0, scan.lanes);
    return scan;
  }

  /**
   * Work of which there is one at a time; what the reader cannot tell is said.
   * @param {(signal: AbortSignal, session: import('./session.mjs').Session) => Promise<void>} work
   */
  async alone(work) {
    this.work?.abort();
    this.work = null;
    const { session } = this.timeline;
    if (!session?.info) return;
    const mine = new AbortController(), from = performance.now(), { t1 } = session.info;
    this.work = mine;
    try {
      await work(mine.signal, session);
    } catch (error) {
      if (mine.signal.aborted) return;
      this.sum = null;
      const lanes = session.lanes.all.length;
      Object.assign(this.counted, { t1, isWhole: session.isWhole, lanes }); // it is not tried again and again
      this.hasAllLanes = true;
      this.failure = `not found out: ${error instanceof Error ? error.message : error}`;
      this.showFound();
    } finally {
      if (this.work === mine) {
        this.work = null;
        const now = performance.now();
        this.counted.again = now + Math.max(AGAIN_MS, SHARE * (now - from));
        if (!session.growing) this.refresh(session); // its end may have come meanwhile
      }
    }
  }

  /** @param {Query} query @returns {Promise<void>} */
  countAll(query) {
    return this.alone((signal, session) => this.count(query, signal, session));
  }

  /**
   * @param {Query} query @param {AbortSignal} signal @param {import('./session.mjs').Session} session
   * @returns {Promise<void>}
   */
  async count(query, signal, session) {
    const scan = this.scan(query, signal);
    if (!scan) return;
    const isWhole = session.isWhole, isFirst = !this.sum?.done, known = session.lanes.all.length;
    // A count that is brought up to date is not read out each time.
    this.found.setAttribute('aria-live', isFirst ? 'polite' : 'off');
    if (isFirst) this.showFound();
    /** @type {Map<string, boolean>} */
    const lanes = new Map(query.lanesOf(session.lanes.all).map((lane) => [lane.key, false]));
    const keys = new Map(session.lanes.all.map((lane) => [lane.index, lane.key]));
    let spans = 0, ns = 0, told = performance.now();
    for await (const some of scan.all()) {
      spans += some.length;
      for (const { start, end, lane } of some) {
        ns += end - start;
        lanes.set(keys.get(lane) ?? '', true);
      }
      if (!isFirst || performance.now() - told < 100) continue;
      told = performance.now();
      this.sum = { spans, ns, done: false, about: scan.about };
      this.showFound();
    }
    if (signal.aborted) return;
    this.counted = { ...this.counted, t1: scan.extent, isWhole, lanes: known };
    if (scan.brokenOff) return;
    if (!spans && isWhole && query.widen()) return this.count(query, signal, session);
    this.sum = { spans, ns, done: true, about: scan.about };
    this.showFound();
    if (this.onlyFitting) return this.look(query, lanes, signal, session);
    this.lanes = lanes;
    this.hasAllLanes = false;
  }

  /** Which lanes have something that fits. @param {Query} query */
  lookAtLanes(query) {
    return this.alone((signal, session) => this.look(query, this.lanes ?? new Map(), signal, session));
  }

  /**
   * The count has looked at those whose spans it counts; what runs stands on the lanes of its goroutine and thread a
   * second time, and so these are looked through only when lanes are to be hidden.
   * @param {Query} query @param {Map<string, boolean>} known what the count has found @param {AbortSignal} signal
   * @param {import('./session.mjs').Session} session
   */
  async look(query, known, signal, session) {
    const rest = session.lanes.all.filter((lane) => !known.has(lane.key) && query.mayFit(lane));
    const scan = rest.length ? this.scan(query, signal, rest) : null;
    const lanes = new Map(known);
    for (const lane of rest) lanes.set(lane.key, false);
    const keys = new Map(rest.map((lane) => [lane.index, lane.key]));
    if (scan)
      for await (const some of scan.batches(0, scan.extent, 1))
        for (const { lane } of some) lanes.set(keys.get(lane) ?? '', true);
    if (signal.aborted) return;
    this.hasAllLanes = true;
    if (scan?.brokenOff) return;
    this.lanes = lanes;
    this.restack();
  }

  showFound() {
    const { sum, query, counted } = this, { session } = this.timeline;
    const text = this.told(sum, query, !counted.isWhole || counted.t1 !== session?.info?.t1);
    if (this.found.textContent !== text) this.found.textContent = text;
  }

  /** @param {FindBar['sum']} sum @param {Query | null} query @param {boolean} isOld there is more by now */
  told(sum, query, isOld) {
    if (!query || this.failure) return this.failure;
    const onPs = this.lacksLanes(query) ? ' on Ps: goroutines are not read' : '';
    if (!sum) return this.timeline.session?.hasLanes ? `counting${onPs}…` : '';
    if (!sum.spans && sum.done)
      return onPs ? `none${onPs}` : isOld ? 'none yet…' : sum.about ? 'none known' : 'none';
    const spans = `${sum.about ? 'about ' : ''}${plural(sum.spans, 'span')}`;
    return sum.done ? `${spans}, ${shortTime(sum.ns)}${onPs || (isOld ? '…' : '')}` : `${spans}${onPs}…`;
  }

  /** It asks for what lanes tell that a large file was opened without. @param {Query} query */
  lacksLanes(query) {
    return query.wantsOwnLanes && this.timeline.session?.lean === true;
  }

  /** To the next one that fits. @param {1 | -1} direction @returns {Promise<void>} */
  async go(direction) {
    const { query, timeline } = this;
    if (!query) {
      this.open();
      return;
    }
    this.step?.abort();
    const step = new AbortController();
    this.step = step;
    const { signal } = step, scan = this.scan(query, signal);
    if (!scan) return;
    const { selected, view } = timeline;
    const from = direction > 0 ? view.t0 : view.t1;
    /** @type {Match | null} */
    let match = null;
    let round = false;
    try {
      match = await scan.next(selected, from, direction);
      if (!match && !signal.aborted) {
        round = true;
        match = await scan.next(null, direction > 0 ? 0 : scan.extent, direction);
      }
      if (!match && !signal.aborted && timeline.session?.isWhole && query.widen()) return await this.go(direction);
    } catch (error) {
      if (!signal.aborted) timeline.hint(`Not found out: ${error instanceof Error ? error.message : error}`);
      return;
    }
    if (signal.aborted || scan.brokenOff) return;
    if (!match) return timeline.hint(`Nothing fits the query${this.lacksLanes(query)
      ? ' on Ps; “Read goroutines, too” leads to their lanes' : ''}`);
    const span = await timeline.selectSpan(match.lane, match.index);
    if (signal.aborted) return;
    if (span) timeline.reveal(span);
    if (round) timeline.hint(direction > 0 ? 'From the beginning again' : 'From the end again');
  }
}
